use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_node, texts};
use crate::shell::{Node, SimpleCommand};

declare! {
    /// ## What it does
    /// Reports `find … | xargs …` that splits the names at blanks.
    ///
    /// ## Why it is bad
    /// A name with a blank or a quote becomes several names; with `rm` behind it, of other files.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN find /srv -name '*.pyc' | xargs rm
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN find /srv -name '*.pyc' -exec rm {} +
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2038>
    pub(super) static RULE = Rule {
        code: "SC2038",
        name: "find-without-null",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`find | xargs` without `-print0` and `-0`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_node(subject, |_, node| {
        let Node::Pipeline(pipeline, _) = node else {
            return;
        };
        for pair in pipeline.commands.windows(2) {
            let (Some(find), Some(xargs)) = (pair[0].simple(), pair[1].simple()) else {
                continue;
            };
            if find.name().as_deref() != Some("find") || xargs.name().as_deref() != Some("xargs") {
                continue;
            }
            let has = |command: &SimpleCommand, option: &dyn Fn(&str) -> bool| {
                texts(command).any(|(_, text)| text.is_some_and(|text| option(&text)))
            };
            let null = |text: &str| {
                text == "--null"
                    || (text.starts_with('-') && !text.starts_with("--") && text.contains('0'))
            };
            if !has(find, &|text| {
                matches!(text, "-print0" | "-printf" | "-fprint0")
            }) && !has(xargs, &null)
            {
                diagnostics
                    .report(
                        pair[0].span,
                        "names with blanks are torn apart between `find` and `xargs`",
                    )
                    .help("use `-print0 | xargs -0`, or `-exec … {} +`");
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("find . -name x | xargs rm", "2:5"),
            ("find . -print0 | xargs -0 rm", ""),
            ("find . | grep x | xargs rm", ""),
            ("a; find x | xargs -n1 y", "2:8"),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
