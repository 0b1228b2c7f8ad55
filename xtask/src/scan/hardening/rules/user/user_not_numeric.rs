use crate::finding::Severity;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::{Image, number};
use crate::scan::hardening::{Identity, Shared};

/// Kubernetes' `runAsNonRoot` cannot check a name.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DL3066",
        name: "user-not-numeric",
        aliases: &[],
        severity: Severity::Note,
    },
    check,
};

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let who = image.runs_as();
    let Some(uid) = who.uid.filter(|uid| *uid != 0) else {
        return;
    };
    if number(&who.user).is_none() {
        let user = &who.user;
        findings
            .setting(
                &["USER"],
                format!("the image runs as `{user}`, which Kubernetes' `runAsNonRoot` refuses: it only knows numbers"),
            )
            .help(format!("write `USER {uid}`"));
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn a_name_with_its_number() {
        let passwd = "-rw-r--r-- 0 0 etc/passwd\n| app:x:1000:1000::/:/bin/sh\n";
        assert_ne!(found("DL3066", &format!("{passwd}USER app\n")), "");
        assert_eq!(found("DL3066", &format!("{passwd}USER 1000\n")), "");
        assert_eq!(found("DL3066", &format!("{passwd}USER root\n")), "");
    }
}
