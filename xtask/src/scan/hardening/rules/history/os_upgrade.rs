use super::own;
use crate::finding::Severity;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::{Identity, Shared};

/// All packages of the base were upgraded.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DX2006",
        name: "os-upgrade-in-build",
        aliases: &["DKL-DI-0003"],
        severity: Severity::Note,
    },
    check,
};

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    for step in own(image) {
        for it in &step.invocations {
            let is_upgrade = match it.program.as_str() {
                "apt" | "apt-get" | "aptitude" => {
                    matches!(
                        it.subcommand(),
                        Some("upgrade" | "dist-upgrade" | "full-upgrade" | "safe-upgrade")
                    )
                }
                // With names behind it, these only are upgraded.
                "apk" => it.subcommand() == Some("upgrade") && it.words().count() == 1,
                "dnf" | "yum" | "microdnf" => {
                    matches!(it.subcommand(), Some("update" | "upgrade" | "distro-sync"))
                        && it.words().count() == 1
                }
                "zypper" => {
                    matches!(
                        it.subcommand(),
                        Some("update" | "up" | "dist-upgrade" | "dup")
                    ) && it.words().count() == 1
                }
                _ => false,
            };
            if is_upgrade {
                let subcommand = it.subcommand().unwrap_or_default();
                findings
                    .step(step.index, format!("`{} {subcommand}` makes another image of the same Dockerfile every day", it.program))
                    .help("move the base image forward instead");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn in_any_place_of_a_script() {
        for (script, is_found) in [
            ("apt-get update && apt-get -y dist-upgrade", true),
            ("set -e; apt-get update; apt-get upgrade -y", true),
            ("apt update\napt full-upgrade", true),
            ("apk upgrade --no-cache", true),
            ("yum update -y", true),
            ("apt-get install -y --only-upgrade openssl", false),
            ("apk upgrade --no-cache openssl", false),
            ("echo apt-get upgrade", false),
        ] {
            assert_eq!(
                !found("DX2006", &format!("RUN {}\n", script.replace('\n', "\\n"))).is_empty(),
                is_found,
                "{script}"
            );
        }
        assert_eq!(found("DX2006", "RUN apt-get upgrade\n---\nUSER 1\n"), "");
    }
}
