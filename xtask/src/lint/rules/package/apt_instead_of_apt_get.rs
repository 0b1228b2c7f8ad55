use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::unix_commands_of;
use crate::lint::rules::mending::is_open;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `apt`: `apt-get` and `apt-cache` are the programs for scripts.
    ///
    /// ## Why it is bad
    /// `apt` is made for a terminal. Its output and options may change between versions, and it warns of that itself.
    /// `apt-get`
    /// and `apt-cache` are stable.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN apt update && apt install -y curl=7.88.1-10+deb12u12
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN apt-get update && apt-get install -y curl=7.88.1-10+deb12u12
    /// ```
    ///
    /// ## Fix safety
    /// Safe: `apt-get` and `apt-cache` do the same under the same verbs (`full-upgrade` is `dist-upgrade` there). `apt
    /// list` has no equal and is left.
    pub(super) static RULE = Rule {
        code: "DL3027",
        name: "apt-instead-of-apt-get",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Style,
        summary: "`apt` is meant for people, not for scripts",
        fix: Fixability::Sometimes(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, invocation) in unix_commands_of(subject.model, &["apt"]) {
        let verb = packages::call(invocation).and_then(|call| call.last_verb());
        let replacement = verb.map_or(("apt-get", None), |verb| stable(&verb.text));
        let found = diagnostics
            .report(
                invocation.program_span,
                "`apt` has no stable interface for scripts",
            )
            .help(match replacement.0 {
                "apt-cache" => "use `apt-cache`",
                "dpkg-query" => "use `dpkg-query -l`",
                _ => "use `apt-get`",
            });
        let text = subject.model.file.source.text();
        // `/usr/bin/apt` keeps its folder.
        let is_written_out = invocation.program_span.of(text).ends_with("apt");
        if replacement.0 == "dpkg-query" || !is_open(step, invocation) || !is_written_out {
            continue;
        }
        let Some(verb) = verb else { continue };
        let end = invocation.program_span.end;
        let mut edits = vec![(Span::new(end - "apt".len(), end), replacement.0.to_owned())];
        if let Some(new) = replacement.1 {
            edits.push((verb.span, new.to_owned()));
        }
        found.fix(format!("use `{}`", replacement.0), edits);
    }
}

/// The program that does the same in scripts, and its name for the verb where it has another one.
fn stable(verb: &str) -> (&'static str, Option<&'static str>) {
    match verb {
        "full-upgrade" => ("apt-get", Some("dist-upgrade")),
        "search" | "show" | "policy" | "depends" | "rdepends" | "showsrc" => ("apt-cache", None),
        "list" | "edit-sources" | "help" => ("dpkg-query", None),
        _ => ("apt-get", None),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn other_programs_and_mere_words() {
        for run in [
            "apt-get update",
            "echo apt install",
            "rm -rf /var/lib/apt",
            "aptitude install a",
            "apt-mark hold a",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn verbs_keep_their_meaning() {
        for (run, expected) in [
            (
                "apt update && sudo apt -y install a",
                "apt-get update && sudo apt-get -y install a",
            ),
            ("apt full-upgrade -y", "apt-get dist-upgrade -y"),
            ("apt show a", "apt-cache show a"),
            ("/usr/bin/apt update", "/usr/bin/apt-get update"),
            ("apt list", "apt list"),
        ] {
            assert_eq!(
                fixed(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                format!("FROM debian:12\nRUN {expected}\n")
            );
        }
    }
}
