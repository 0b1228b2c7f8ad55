use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_node, is};
use crate::shell::{CommandKind, Node, Word, WordPart, WordPartKind};

declare! {
    /// ## What it does
    /// Reports `[ $? -eq 0 ]` and its like.
    ///
    /// ## Why it is bad
    /// A line that slips in between changes what `$?` is.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN make; if [ $? -ne 0 ]; then exit 3; fi
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN if ! make; then exit 3; fi
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2181>
    pub(super) static RULE = Rule {
        code: "SC2181",
        name: "status-looked-at-later",
        aliases: &[],
        severity: Severity::Style,
        enabled: true,
        category: Category::Style,
        summary: "`$?` is looked at instead of the command",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_node(subject, |_, node| {
        let Node::Command(command, _) = node else {
            return;
        };
        let words = match &command.kind {
            CommandKind::Test(words) => words.as_slice(),
            CommandKind::Simple(simple) if simple.name().as_deref() == Some("[") => {
                &simple.words[1..]
            }
            _ => return,
        };
        for triple in words.windows(3) {
            let operator = triple[1].literal().unwrap_or_default();
            if !matches!(
                operator.as_str(),
                "-eq" | "-ne" | "-gt" | "-lt" | "-ge" | "-le" | "==" | "=" | "!="
            ) {
                continue;
            }
            let status = match (is_status(&triple[0]), is_status(&triple[2])) {
                (true, false) if is(&triple[2], "0") => &triple[0],
                (false, true) if is(&triple[0], "0") => &triple[2],
                _ => continue,
            };
            diagnostics
                .report(
                    status.span,
                    "`$?` is looked at instead of the command itself",
                )
                .help("write `if command; then`");
        }
    });
}

fn is_status(word: &Word) -> bool {
    fn only(parts: &[WordPart]) -> bool {
        let [part] = parts else { return false };
        match &part.kind {
            WordPartKind::Parameter { name, .. } => name == "?",
            WordPartKind::DoubleQuoted(parts) => only(parts),
            _ => false,
        }
    }
    only(&word.parts)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("a; [ $? -eq 0 ]", "2:10"),
            ("a; [ 0 -ne \"$?\" ]", "2:16"),
            ("a; [ $? -eq 1 ]; test $? = 0; exit $?", ""),
            ("[[ $? == 0 ]]", "2:8"),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
