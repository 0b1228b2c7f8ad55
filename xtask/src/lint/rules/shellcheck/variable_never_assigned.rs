use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::names::{assigned_names, guarded_names};
use crate::lint::rules::shellcheck::scripts::each_script;
use crate::shell::{Node, WordPartKind};
use std::collections::BTreeSet;

declare! {
    /// ## What it does
    /// Reports variables with lower-case letters that neither the script nor `ARG` or `ENV` sets. Unlike ShellCheck
    /// alone, every name of an `ARG` or `ENV` counts.
    ///
    /// ## Why it is bad
    /// It is empty: mostly a misspelling, or a variable of another `RUN`, which is gone.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN version=1.2
    /// RUN echo "$version" > /version
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN version=1.2 && echo "$version" > /version
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2154>
    pub(super) static RULE = Rule {
        code: "SC2154",
        name: "variable-never-assigned",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a variable is used that nothing sets",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_script(subject, |step, _, script| {
        let mut assigned: Option<BTreeSet<&str>> = None;
        let mut reported: BTreeSet<&str> = BTreeSet::new();
        script.visit(&mut |node| {
            let Node::Part(part, _) = node else { return };
            let WordPartKind::Parameter {
                name, operation, ..
            } = &part.kind
            else {
                return;
            };
            let operation = operation.as_deref().unwrap_or_default();
            let has_fallback =
                operation.starts_with([':', '-', '=', '?', '+']) && !is_substring(operation);
            if has_fallback || !name.bytes().any(|b| b.is_ascii_lowercase()) {
                return;
            }
            let assigned = assigned.get_or_insert_with(|| {
                let mut names = assigned_names(script);
                names.append(&mut guarded_names(script));
                names
            });
            if assigned.contains(name.as_str())
                || step.before().variable(name).is_some()
                || !reported.insert(name)
            {
                return;
            }
            diagnostics
                .report(part.span, format!("nothing sets `{name}`"))
                .help("set it, or write `${name:-}` if it may be empty");
        });
    });
}

fn is_substring(operation: &str) -> bool {
    operation.starts_with(':') && !operation[1..].starts_with(['-', '=', '?', '+'])
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("echo $foo $foo", "2:10"),
            (
                "echo $FOO; read a b; echo $a $b; for i in x; do echo $i; done",
                "",
            ),
            ("foo=1 a; echo \"$foo\"", "2:20"),
            ("[ -n \"$foo\" ] && echo \"$foo\"", ""),
            (": ${foo:=a}; echo $foo ${bar:-}", ""),
            ("echo \"$foo\"; export foo; echo $http_proxy", ""),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
