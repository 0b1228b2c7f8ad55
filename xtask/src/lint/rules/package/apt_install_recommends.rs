use std::cell::LazyCell;

use super::options;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::{Call, Manager};
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::mending;
use crate::text_search::Part;

declare! {
    /// ## What it does
    /// Reports an `apt-get install` without `--no-install-recommends` (or `-o APT::Install-Recommends=false`). A
    /// configuration file that
    /// an earlier command writes counts as well.
    ///
    /// ## Why it is bad
    /// Recommended packages are rarely needed in a container. They make the image larger and its attack surface wider.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN apt-get update && apt-get install -y curl
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN apt-get update && apt-get install -y --no-install-recommends curl
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: something in the image may need a package that came along as a recommendation (`ca-certificates` often
    /// does).
    pub(super) static RULE = Rule {
        code: "DL3015",
        name: "apt-install-recommends",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Size,
        summary: "`apt-get install` brings recommended packages along",
        fix: Fixability::Sometimes(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let text = subject.model.file.source.text();
    let configured = LazyCell::new(|| configured(text));
    for (step, call) in options::calls(subject.model, &[Manager::Apt]) {
        let is_apt = call.invocation.is_any(&["apt-get", "apt"]);
        if !is_apt || !call.is("install") || is_off(&call) {
            continue;
        }
        if configured.is_some_and(|end| end <= call.invocation.span.start) {
            continue;
        }
        let found = diagnostics
            .report(
                options::head(&call),
                format!(
                    "`{}` installs recommended packages too",
                    options::spoken(&call)
                ),
            )
            .help("add `--no-install-recommends`");
        if let Some(verb) = call.last_verb()
            && mending::is_open(step, call.invocation)
        {
            found.unsafe_fix(
                "add `--no-install-recommends`",
                mending::behind(verb, "--no-install-recommends"),
            );
        }
    }
}

fn is_off(call: &Call<'_>) -> bool {
    call.has_option(&["--no-install-recommends"])
        || call.invocation.arguments.iter().any(|argument| {
            // To compare in small letters is slow.
            if !argument.text.contains('=') {
                return false;
            }
            let text = argument.text.to_ascii_lowercase();
            text.split_once("apt::install-recommends=")
                .is_some_and(|(_, value)| {
                    matches!(
                        value.trim_matches(['"', '\'']),
                        "false" | "0" | "no" | "off"
                    )
                })
        })
}

/// Behind the first `APT::Install-Recommends "false";` as a configuration file has it: not as an option, which counts
/// for one command.
fn configured(text: &str) -> Option<usize> {
    const KEY: &str = "Install-Recommends";
    static SETTING: Part = Part::new(KEY);
    SETTING
        .places_in(text)
        .map(|at| at + KEY.len())
        .find(|end| !text[*end..].starts_with('='))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn recommendations_that_are_off() {
        for run in [
            "apt-get install -y --no-install-recommends a",
            "apt-get --no-install-recommends install a",
            "apt-get -o APT::Install-Recommends=false install a",
            "apt-get install -oAPT::Install-Recommends=0 a",
            "echo 'APT::Install-Recommends \"0\";' > /etc/apt/apt.conf.d/x && apt-get install a",
            "apt-get build-dep a",
            "aptitude install -R a",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn an_option_counts_for_its_own_command_only() {
        let text = "FROM debian:12\nRUN apt-get -o APT::Install-Recommends=false install -y a && apt-get install -y b\n";
        assert_eq!(
            found(&RULE, text),
            "2:62 `apt-get install` installs recommended packages too"
        );
        assert_eq!(
            fixed(&RULE, "FROM debian:12\nRUN apt-get install \\\n    -y a\n"),
            "FROM debian:12\nRUN apt-get install --no-install-recommends \\\n    -y a\n"
        );
    }
}
