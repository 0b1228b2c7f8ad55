use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::flow::{DECLARING, declaration};
use crate::lint::rules::shellcheck::scripts::each_program;
use crate::shell::{WordPart, WordPartKind};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `export x=$(…)`, and `local`, `readonly`, `declare` likewise.
    ///
    /// ## Why it is bad
    /// The status is that of `export`, which succeeds: the build goes on with an empty value if the command fails.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN export v="$(cat /version)" && make
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN v="$(cat /version)" && export v && make
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2155>
    pub(super) static RULE = Rule {
        code: "SC2155",
        name: "declaration-hides-status",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "the status of a command is hidden by `export`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_program(subject, |name, simple, _| {
        if !DECLARING.contains(&name) {
            return;
        }
        for word in &simple.words[1..] {
            if let Some((variable, _)) = declaration(word)
                && has_substitution(&word.parts)
            {
                let start = word.span.start;
                diagnostics
                    .report(
                        Span::new(start, start + variable.len()),
                        format!("`{name}` hides whether the command for `{variable}` failed"),
                    )
                    .help(format!("assign it first, then `{name}` it"));
            }
        }
    });
}

fn has_substitution(parts: &[WordPart]) -> bool {
    parts.iter().any(|part| match &part.kind {
        WordPartKind::CommandSubstitution { .. } => true,
        WordPartKind::DoubleQuoted(parts) => has_substitution(parts),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("export x=$(a) y=\"b`c`\"", "2:12 2:19"),
            ("x=$(a); export x=$y ${z:-$(b)}; env x=$(a)", ""),
            ("readonly PATH=$PATH:$(foo)", "2:14"),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
