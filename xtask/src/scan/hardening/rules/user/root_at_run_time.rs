use crate::finding::Severity;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::{Identity, Shared};

/// There is no `USER` at all.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DX1004",
        name: "root-at-run-time",
        aliases: &["CIS-DI-0001"],
        severity: Severity::Warning,
    },
    check,
};

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let user = image.settings().user.trim();
    // `:1000` is root with another group.
    if user.is_empty() || user.starts_with(':') {
        findings
            .setting(&["USER"], "no `USER` is set: the container runs as root")
            .help("create a user, or take one of the base image, and name it with `USER`, by its number");
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn no_user_is_root() {
        assert_eq!(
            found("DX1004", "CMD [\"x\"]\n"),
            "-: sample: no `USER` is set: the container runs as root"
        );
        assert_ne!(found("DX1004", "USER :1000\n"), "");
        assert_eq!(found("DX1004", "USER 1000\n"), "");
    }
}
