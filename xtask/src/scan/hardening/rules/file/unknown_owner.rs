use std::collections::BTreeSet;

use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports files and folders whose owner has no account in the image, unless it is who the container runs as.
    ///
    /// ## Why it is bad
    /// Whoever gets that number later, by `adduser` or on a shared volume, owns them. Most often a build user or somebody's own number
    /// came along with a copy.
    ///
    /// ## Example
    /// ```text image
    /// FROM x
    /// -rw-r--r-- 0 0 etc/passwd
    /// | root:x:0:0::/root:/bin/sh
    /// COPY app /app
    /// -rwxr-xr-x 501 20 app/main
    /// USER 1000
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// FROM x
    /// -rw-r--r-- 0 0 etc/passwd
    /// | root:x:0:0::/root:/bin/sh
    /// COPY --chown=0:0 app /app
    /// -rwxr-xr-x 0 0 app/main
    /// USER 1000
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5004",
        name: "unknown-owner",
        aliases: &[],
        severity: Severity::Note,
        category: Category::Security,
        summary: "a file's owner has no account",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    if image.accounts.users.is_none() {
        return;
    }
    let known: BTreeSet<u32> = image.accounts.users().map(|user| user.uid).collect();
    let who = image.runs_as();
    let groups = image.grouped(image.files().chain(image.folders()), |seen| {
        let uid = seen.entry.uid;
        uid != 0 && !known.contains(&uid) && who.uid != Some(uid)
    });
    findings.files(
        groups.iter(),
        |group| {
            format!(
                "{} to a user without an account",
                group.verb("belongs", "belong")
            )
        },
        "set the owner where the files come from: `COPY --chown=0:0`, `tar --no-same-owner`",
    );
}
