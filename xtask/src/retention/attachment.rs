//! Tags that are no names of images: they hang something on a digest.

use super::digest::Digest;

/// What a tag hangs on a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AttachmentKind {
    /// `sha256-<hex>`: the list of referrers, where a registry has no API for it (OCI distribution specification 1.1,
    /// "Referrers Tag Schema").
    Referrers,
    /// `sha256-<hex>.sig`: cosign's signatures before its version 3.
    Signature,
    /// `sha256-<hex>.att`: cosign's attestations before its version 3.
    Attestation,
    /// `sha256-<hex>.sbom`: what `cosign attach sbom` wrote.
    Sbom,
}

/// A tag that hangs something on a digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attachment {
    /// What it hangs there.
    pub kind: AttachmentKind,
    /// What it is about.
    pub subject: Digest,
}

impl Attachment {
    /// `None` if a tag is an ordinary one.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        let (algorithm, rest) = tag.split_once('-')?;
        let (hex, kind) = match rest.split_once('.') {
            None => (rest, AttachmentKind::Referrers),
            Some((hex, "sig")) => (hex, AttachmentKind::Signature),
            Some((hex, "att")) => (hex, AttachmentKind::Attestation),
            Some((hex, "sbom")) => (hex, AttachmentKind::Sbom),
            Some(_) => return None,
        };
        // A tag has at most 128 characters: of a longer checksum the specification keeps those.
        let subject = format!("{algorithm}:{hex}").parse().ok()?;
        Some(Self { kind, subject })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_checksums_hang_something_on_a_digest() {
        let hex = "ab".repeat(32);
        for (ending, kind) in [
            ("", AttachmentKind::Referrers),
            (".sig", AttachmentKind::Signature),
            (".att", AttachmentKind::Attestation),
            (".sbom", AttachmentKind::Sbom),
        ] {
            let found = Attachment::of(&format!("sha256-{hex}{ending}")).unwrap();
            assert_eq!(found.kind, kind);
            assert_eq!(found.subject.as_str(), format!("sha256:{hex}"));
        }
        for tag in [
            "latest",
            "sha256-",
            "sha256-ab",
            "main-1.sig",
            &format!("sha256-{hex}.zip"),
        ] {
            assert_eq!(Attachment::of(tag), None, "{tag}");
        }
    }
}
