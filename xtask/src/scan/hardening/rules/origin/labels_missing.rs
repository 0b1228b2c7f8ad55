use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports an image without the labels that say what it was built from: `org.opencontainers.image.source` and
    /// `org.opencontainers.image.revision`, and, where it names its base, `org.opencontainers.image.base.digest`.
    ///
    /// ## Why it is bad
    /// Somebody finds the image in a registry or a cluster, with a flaw in it: which repository, which commit, which base? A name of the
    /// base without its digest names another image tomorrow.
    ///
    /// ## Example
    /// ```text image
    /// LABEL org.opencontainers.image.source=https://example.com/repository
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// LABEL org.opencontainers.image.source=https://example.com/repository
    /// LABEL org.opencontainers.image.revision=2fd4e1c67a2d28fced849ee1bb76e7391b93eb12
    /// ```
    ///
    /// ## References
    /// - <https://github.com/opencontainers/image-spec/blob/main/annotations.md>
    pub(super) static RULE = Rule {
        code: "DX5601",
        name: "origin-labels-missing",
        aliases: &["CIS-DI-0002"],
        severity: Severity::Note,
        category: Category::Reproducibility,
        summary: "no label says what the image was built from",
    } by check;
}

const PREFIX: &str = "org.opencontainers.image.";
/// What builds without a commit write.
const UNKNOWN: [&str; 3] = ["", "unknown", "none"];

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let labels = &image.settings().labels;
    let is_told = |name: &str| {
        let value = labels.get(&format!("{PREFIX}{name}"));
        value.is_some_and(|value| !UNKNOWN.contains(&value.as_str()))
    };
    let mut missing: Vec<&str> = Vec::new();
    for name in ["source", "revision"] {
        if !is_told(name) {
            missing.push(name);
        }
    }
    if is_told("base.name") && !is_told("base.digest") {
        missing.push("base.digest");
    }
    if missing.is_empty() {
        return;
    }
    let named: Vec<String> = missing
        .iter()
        .map(|name| format!("`{PREFIX}{name}`"))
        .collect();
    let noun = if named.len() == 1 { "label" } else { "labels" };
    findings
        .setting(
            &["LABEL"],
            format!("the image lacks the {noun} {}", named.join(", ")),
        )
        .help(
            "label it when it is built: `--label`, `--annotation`, or `LABEL` with build arguments",
        )
        .property("labels", missing);
}
