use crate::finding::Severity;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::{Identity, Shared};

/// `USER` names a user or group that the image does not have: no container starts.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DX1001",
        name: "user-not-created",
        aliases: &[],
        severity: Severity::Error,
    },
    check,
};

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let who = image.runs_as();
    if who.uid.is_none() && !who.user.contains('$') {
        findings
            .setting(
                &["USER"],
                format!("the image has no user `{}`: no container starts", who.user),
            )
            .help("create it before `USER`, or write its number");
    }
    if let (Some(group), None) = (&who.group, who.gid) {
        findings
            .setting(
                &["USER"],
                format!("the image has no group `{group}`: no container starts"),
            )
            .help("create it before `USER`, or write its number");
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn names_need_an_account_and_numbers_do_not() {
        let passwd = "-rw-r--r-- 0 0 etc/passwd\n| app:x:1000:1000::/:/bin/sh\n-rw-r--r-- 0 0 etc/group\n| web:x:5:\n";
        for (user, expected) in [
            ("app", ""),
            ("app:web", ""),
            ("4711:4711", ""),
            (
                "ghost",
                "5: the image has no user `ghost`: no container starts",
            ),
            (
                "app:ghost",
                "5: the image has no group `ghost`: no container starts",
            ),
        ] {
            assert_eq!(
                found("DX1001", &format!("{passwd}USER {user}\n")),
                expected,
                "{user}"
            );
        }
    }
}
