use super::texts::leaks;
use crate::finding::Severity;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::{Identity, Shared};

/// A value that is secret by its form, in settings or history.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DX1302",
        name: "secret-literal",
        aliases: &["CIS-DI-0010"],
        severity: Severity::Error,
    },
    check,
};

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    for leak in leaks(image)
        .into_iter()
        .filter(|leak| !leak.found.rule.by_name)
    {
        let message = format!(
            "{} holds {} ({})",
            leak.place, leak.found.rule.description, leak.found.redacted
        );
        let found = match leak.step {
            Some(step) => findings.step(step, message),
            None => findings.setting(&["ENV", "LABEL"], message),
        };
        found
            .help("change the secret: everybody has it who can pull the image; hand it to the container when it starts, or to a `RUN` with `--mount=type=secret`")
            .property("rule", leak.found.rule.id);
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    /// Put together here so that no scanner takes this file for a leak.
    fn token() -> String {
        // Random characters that GitHub showed when it announced the format, with their checksum.
        format!("ghp_{}{}", "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ", "0mLq17")
    }

    #[test]
    fn in_variables_labels_and_commands() {
        let token = token();
        for (text, place) in [
            (format!("ENV X={token}"), "1: the variable `X` holds"),
            (format!("LABEL x={token}"), "1: the label `x` holds"),
            (
                format!("RUN git clone https://{token}@github.com/a/b"),
                "1: a command that the history keeps holds",
            ),
            (
                format!("CMD [\"run\", \"{token}\"]"),
                "1: the command of the image holds",
            ),
        ] {
            let found = found("DX1302", &format!("{text}\n"));
            assert!(found.starts_with(place), "{text}: {found}");
            assert!(!found.contains(&token));
        }
    }
}
