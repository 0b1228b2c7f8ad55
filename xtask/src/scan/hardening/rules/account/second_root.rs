use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports accounts other than `root` whose number is 0.
    ///
    /// ## Why it is bad
    /// They are root under another name: for checks of names, and for people, they look like nobody.
    ///
    /// ## Example
    /// ```text image
    /// RUN adduser
    /// -rw-r--r-- 0 0 etc/passwd
    /// | root:x:0:0::/root:/bin/sh
    /// | app:x:0:0::/app:/bin/sh
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// RUN adduser
    /// -rw-r--r-- 0 0 etc/passwd
    /// | root:x:0:0::/root:/bin/sh
    /// | app:x:1000:1000::/app:/bin/sh
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5106",
        name: "second-root",
        aliases: &["DKL-LI-0002"],
        severity: Severity::Warning,
        category: Category::Security,
        summary: "an account other than `root` has the number 0",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let accounts = &image.accounts;
    for user in accounts.users() {
        if user.uid == 0 && user.name != "root" {
            findings
                .layer(
                    accounts.passwd_layer().unwrap_or(usize::MAX),
                    format!("`{}` is root: its number is 0", user.name),
                )
                .help("give it a number of its own, or remove it");
        }
    }
}
