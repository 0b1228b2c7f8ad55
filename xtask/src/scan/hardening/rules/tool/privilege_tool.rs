use super::programs;
use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::Purpose;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports `sudo`, `doas` and `pkexec` in a production image. Programs that only step down (`gosu`, `su-exec`, `setpriv`) are not
    /// reported.
    ///
    /// ## Why it is bad
    /// They make root of the container's user, by their rules or by their flaws (CVE-2021-3156, CVE-2021-4034, CVE-2025-32463). A service
    /// never needs them.
    ///
    /// ## Example
    /// ```text image
    /// RUN apt-get install -y sudo
    /// -rwxr-xr-x 0 0 usr/bin/sudo
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// RUN apt-get install -y gosu
    /// -rwxr-xr-x 0 0 usr/sbin/gosu
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5305",
        name: "privilege-tool-in-image",
        aliases: &["CIS-DI-0003"],
        severity: Severity::Warning,
        category: Category::Security,
        summary: "a production image has programs that give more rights",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    if image.subject.purpose == Purpose::Production {
        programs::report(
            image,
            findings,
            |name| matches!(name, "sudo" | "sudoedit" | "doas" | "pkexec"),
            "can make root of the container's user",
            "do what needs root while building, before `USER`; step down with `setpriv` or `su-exec`",
        );
    }
}
