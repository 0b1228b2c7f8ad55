use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports an image whose user is not root and whose group is: `USER 1000:0`, and `USER 1000` where the image has no account of
    /// that number, for which engines take group 0.
    ///
    /// ## Why it is bad
    /// Files that root's group may write or read are open to the program. OpenShift runs every container so, on purpose: there,
    /// suppress it.
    ///
    /// ## Example
    /// ```text image
    /// USER 1000
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// USER 1000:1000
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/dockerfile/#user>
    pub(super) static RULE = Rule {
        code: "DX5001",
        name: "runs-with-root-group",
        aliases: &[],
        severity: Severity::Note,
        category: Category::Security,
        summary: "the image runs as a user whose group is root's",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let who = image.runs_as();
    let (Some(uid), Some(0)) = (who.uid, who.gid) else {
        return;
    };
    if uid == 0 {
        return;
    }
    let why = match &who.group {
        Some(group) => format!("the group `{group}` is root's"),
        None if image.accounts.users().any(|user| user.uid == uid) => {
            "its first group is root's".to_owned()
        }
        None => "it has no account, so its group is root's".to_owned(),
    };
    findings
        .setting(
            &["USER"],
            format!("the image runs as `{}`: {why}", image.settings().user),
        )
        .help(format!(
            "write `USER {uid}:{uid}`, or another group of its own"
        ));
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn an_account_has_a_group() {
        let passwd =
            "-rw-r--r-- 0 0 etc/passwd\n| app:x:1000:1000::/:/bin/sh\n| ops:x:11:0::/:/bin/sh\n";
        for (user, expected) in [
            ("1000", ""),
            ("app", ""),
            ("0", ""),
            ("", ""),
            (
                "app:root",
                "4: the image runs as `app:root`: the group `root` is root's",
            ),
            (
                "ops",
                "4: the image runs as `ops`: its first group is root's",
            ),
            (
                "7",
                "4: the image runs as `7`: it has no account, so its group is root's",
            ),
        ] {
            assert_eq!(
                found("DX5001", &format!("{passwd}USER {user}\n")),
                expected,
                "{user}"
            );
        }
    }
}
