use crate::dockerfile::image_name;
use crate::finding::Severity;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::{Identity, Shared};

/// The base image that the labels name has the tag `latest` and no digest.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DL3007",
        name: "image-tag-latest",
        aliases: &["DKL-DI-0006"],
        severity: Severity::Warning,
    },
    check,
};

/// Where the image specification has the name of the base.
const BASE_NAME: &str = "org.opencontainers.image.base.name";
const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let labels = &image.settings().labels;
    if let Some(base) = labels.get(BASE_NAME).filter(|base| !base.is_empty()) {
        let full = image_name(base);
        if full.ends_with(":latest") && !full.contains('@') && !labels.contains_key(BASE_DIGEST) {
            findings
                .setting(
                    &["LABEL", "FROM"],
                    format!(
                        "the base image `{base}` has the tag `latest`, and its digest is not told"
                    ),
                )
                .help("name a version and a digest in `FROM`, and label the image with it");
        }
    }
    let Some(reference) = image.subject.reference else {
        return;
    };
    if image_name(reference).ends_with(":latest") {
        findings
            .setting(&[], format!("`{reference}` is whatever was pushed last"))
            .severity(Severity::Note)
            .help("deploy a version or a digest");
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::{found, found_as};

    #[test]
    fn of_the_base_and_of_the_image() {
        for (labels, is_found) in [
            ("LABEL org.opencontainers.image.base.name=node:latest", true),
            (
                "LABEL org.opencontainers.image.base.name=docker.io/library/node",
                true,
            ),
            (
                "LABEL org.opencontainers.image.base.name=node:20.18.0",
                false,
            ),
            (
                "LABEL org.opencontainers.image.base.name=node:latest\nLABEL org.opencontainers.image.base.digest=sha256:0",
                false,
            ),
        ] {
            assert_eq!(
                !found("DL3007", &format!("{labels}\n")).is_empty(),
                is_found,
                "{labels}"
            );
        }
        for (reference, is_found) in [
            ("localhost:5000/a/b", true),
            ("a:latest", true),
            ("a:1", false),
            ("a@sha256:0", false),
        ] {
            assert_eq!(
                !found_as(Some(reference), "DL3007", "USER 1\n").is_empty(),
                is_found,
                "{reference}"
            );
        }
    }
}
