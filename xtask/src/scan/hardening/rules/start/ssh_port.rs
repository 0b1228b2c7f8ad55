use super::port;
use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports an image that exposes the port of SSH, Telnet or FTP: 22, 23, 21.
    ///
    /// ## Why it is bad
    /// A container is entered through its engine (`docker exec`, `kubectl exec`), which knows who did. A daemon for logins has keys of its
    /// own that nobody rotates.
    ///
    /// ## Example
    /// ```text image
    /// EXPOSE 22
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// EXPOSE 3000
    /// ```
    ///
    /// ## References
    /// - CIS Docker Benchmark 5.7
    pub(super) static RULE = Rule {
        code: "DX5402",
        name: "login-port-exposed",
        aliases: &[],
        severity: Severity::Warning,
        category: Category::Security,
        summary: "the port of a daemon for logins is exposed",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    for text in image.settings().exposed_ports.keys() {
        let daemon = match port(text) {
            Some(21) => "FTP",
            Some(22) => "SSH",
            Some(23) => "Telnet",
            _ => continue,
        };
        findings
            .setting(&["EXPOSE"], format!("the port {text} is that of {daemon}"))
            .help("enter containers with `docker exec` or `kubectl exec`, and leave the daemon out")
            .property("port", text.as_str());
    }
}
