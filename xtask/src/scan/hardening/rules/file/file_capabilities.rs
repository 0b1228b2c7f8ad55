use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports programs that have capabilities of their own, whoever starts them: the extended attribute `security.capability`.
    ///
    /// ## Why it is bad
    /// As with setuid, rights come with the file, and nobody sees them in `ls -l`. A program that has more than the container's bounding
    /// set does not even start.
    ///
    /// ## Example
    /// ```text image
    /// RUN setcap cap_net_raw+ep /usr/bin/ping
    /// -rwxr-xr-x 0 0 usr/bin/ping +capabilities
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// RUN true
    /// -rwxr-xr-x 0 0 usr/bin/ping
    /// ```
    ///
    /// ## References
    /// - <https://man7.org/linux/man-pages/man7/capabilities.7.html>
    pub(super) static RULE = Rule {
        code: "DX5003",
        name: "file-capabilities",
        aliases: &[],
        severity: Severity::Note,
        category: Category::Security,
        summary: "a program has capabilities, whoever starts it",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let groups = image.grouped(image.files(), |seen| seen.entry.has_capabilities);
    findings.files(
        groups.iter(),
        |group| format!("{} file capabilities", group.verb("has", "have")),
        "listen on a port above 1023, or give the container the capability: `--cap-add`",
    );
}
