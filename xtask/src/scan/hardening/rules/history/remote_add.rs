use super::{added, is_repository, is_url, own};
use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports an `ADD` of the own Dockerfile that fetches a file without `--checksum`. Repositories of git are not reported: they are named
    /// by a commit.
    ///
    /// ## Why it is bad
    /// Whoever answers for that address decides what is in the image.
    ///
    /// ## Example
    /// ```text image
    /// ADD https://example.com/tool /usr/bin/tool
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/tool /usr/bin/tool
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/dockerfile/#add---checksum>
    pub(super) static RULE = Rule {
        code: "DX5501",
        name: "remote-file-added",
        aliases: &["CIS-DI-0009"],
        severity: Severity::Warning,
        category: Category::Security,
        summary: "`ADD` fetches a file that nothing checks",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    for step in own(image) {
        // The builder leaves its options out of the history: then nobody knows, and the Dockerfile's line does.
        let instruction = image
            .subject
            .steps
            .get(step.index)
            .map(|origin| origin.instruction.as_str());
        let has_checksum = |text: &str| text.contains("--checksum");
        if has_checksum(&step.text) || instruction.is_some_and(has_checksum) {
            continue;
        }
        for source in added(step) {
            if is_url(source) && !is_repository(source) {
                let host = source.split('/').nth(2).unwrap_or(source);
                let host = host.rsplit('@').next().unwrap_or(host);
                findings
                    .step(
                        step.index,
                        format!("`ADD` fetches a file from {host}, and nothing checks what comes"),
                    )
                    .help("add `--checksum=sha256:…`");
            }
        }
    }
}
