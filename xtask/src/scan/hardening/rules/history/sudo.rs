use super::own;
use crate::finding::Severity;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::{Identity, Shared};

/// A step ran `sudo`.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DL3004",
        name: "sudo-in-run",
        aliases: &["DKL-DI-0001"],
        severity: Severity::Warning,
    },
    check,
};

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    for step in own(image) {
        let uses = step
            .invocations
            .iter()
            .any(|it| it.is("sudo") || it.through.iter().any(|through| through == "sudo"));
        if uses {
            findings
                .step(
                    step.index,
                    "`sudo` is used in a step: a container's user could use it, too",
                )
                .help("change the user with `USER root` and back");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn a_program_and_not_a_word() {
        assert_ne!(found("DL3004", "RUN a && sudo -E make install\n"), "");
        for text in [
            "RUN apt-get install -y sudo",
            "RUN echo sudo",
            "RUN sudo x\n---\nUSER 1",
        ] {
            assert_eq!(found("DL3004", &format!("{text}\n")), "", "{text}");
        }
    }
}
