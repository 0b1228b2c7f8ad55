use super::port;
use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports an image that exposes a port below 1024 and does not run as root.
    ///
    /// ## Why it is bad
    /// On Kubernetes, and with engines before 20.10, only root may listen there: the program fails at the start, or somebody gives it
    /// `NET_BIND_SERVICE`.
    ///
    /// ## Example
    /// ```text image
    /// EXPOSE 80
    /// USER 1000:1000
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// EXPOSE 8080
    /// USER 1000:1000
    /// ```
    ///
    /// ## References
    /// - CIS Docker Benchmark 5.8
    pub(super) static RULE = Rule {
        code: "DX5403",
        name: "privileged-port",
        aliases: &[],
        severity: Severity::Note,
        category: Category::Correctness,
        summary: "a port below 1024 is exposed by an image that does not run as root",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    if image.runs_as().uid.is_none_or(|uid| uid == 0) {
        return;
    }
    for text in image.settings().exposed_ports.keys() {
        if port(text).is_some_and(|port| port > 0 && port < 1024 && !matches!(port, 21..=23)) {
            findings
                .setting(
                    &["EXPOSE"],
                    format!("the port {text} is below 1024, and the image does not run as root"),
                )
                .help("listen on a port above 1023, and let the engine publish it as the other")
                .property("port", text.as_str());
        }
    }
}
