use crate::finding::Severity;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::{Identity, Shared};

/// `USER` is root in any spelling: `0`, `00`, `+0`, `root:1000`, a name whose uid is 0.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DL3002",
        name: "last-user-root",
        aliases: &["CIS-DI-0001"],
        severity: Severity::Warning,
    },
    check,
};

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let written = image.settings().user.trim();
    let who = image.runs_as();
    if written.is_empty() || who.uid != Some(0) {
        return;
    }
    let message = match who.user.as_str() {
        "root" | "0" => format!("the image runs as root (`{written}`)"),
        user => format!("the image runs as root: the user `{user}` has the number 0"),
    };
    findings
        .setting(&["USER"], message)
        .help("end with a `USER` without privileges, by its number");
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn root_in_every_spelling() {
        for user in [
            "root",
            "0",
            "0:0",
            "root:root",
            "00",
            "+0",
            "0:1000",
            "toor",
            "root:",
            "toor:bin",
        ] {
            let image = format!(
                "-rw-r--r-- 0 0 etc/passwd\n| root:x:0:0::/root:/bin/sh\n| toor:x:0:0::/root:/bin/sh\nUSER {user}\n"
            );
            assert_ne!(found("DL3002", &image), "", "{user}");
            assert_eq!(found("DX1004", &image), "", "{user}");
        }
        for user in ["1000", "app", "1000:0", "rooty", "10"] {
            assert_eq!(found("DL3002", &format!("USER {user}\n")), "", "{user}");
        }
        assert_eq!(
            found("DL3002", "USER 1000\nUSER 00\n"),
            "2: the image runs as root: the user `00` has the number 0"
        );
        assert_eq!(
            found("DL3002", "USER root\n---\nCMD [\"x\"]\n"),
            "-: sample: the image runs as root (`root`)"
        );
    }
}
