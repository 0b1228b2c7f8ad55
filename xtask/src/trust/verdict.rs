//! What verifying an image came to.

use serde::Serialize;

use super::signature::Signature;
use crate::timestamp::Timestamp;

/// Whether an image is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// All that the policy asks for is there and holds.
    Trusted,
    /// Something is missing or wrong.
    Refused,
}

/// Why an image is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// Nobody signed it.
    Unsigned,
    /// Somebody signed whom the policy does not name.
    OtherSigner,
    /// A signature claims to be of a key of the policy, and is not of these contents.
    Tampered,
    /// It was signed, and the signature does not say what it must.
    Annotation,
    /// Something must be attested, and is not.
    AttestationMissing,
    /// What is attested was attested by somebody whom the policy does not name.
    AttestationOfOther,
    /// What is attested is too old.
    AttestationOld,
    /// The scan did not pass.
    ScanNotPassed,
    /// It comes from elsewhere than it may.
    Registry,
    /// The tag does not mean the image that was built.
    Moved,
    /// An image from elsewhere that ours stand on is not signed as it must be.
    BaseImage,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind of thing.
    pub kind: ProblemKind,
    /// A lower-case sentence.
    pub message: String,
}

impl Problem {
    /// One that says `message`.
    pub fn new(kind: ProblemKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }
}

/// An attestation that holds and is what the policy asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attested {
    /// `sbom`, `provenance`, `scan`, or the URI of its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it says it was made.
    pub made: Option<Timestamp>,
    /// What a scan came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
}

/// What verifying one image came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The service or base, or the name as given.
    pub name: String,
    /// The image by its digest: `host/path@sha256:…`.
    pub reference: String,
    /// Of its index or manifest.
    pub digest: String,
    /// The images of an index that were verified, too: platform and digest.
    pub platforms: Vec<(String, String)>,
    /// Who signed: a key of the policy, or an identity.
    pub signers: Vec<String>,
    /// The signature that fulfils the policy.
    pub signature: Option<Signature>,
    /// What is attested.
    pub attested: Vec<Attested>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl Verdict {
    /// Whether the image is trusted.
    #[must_use]
    pub fn standing(&self) -> Standing {
        if self.problems.is_empty() {
            Standing::Trusted
        } else {
            Standing::Refused
        }
    }
}
