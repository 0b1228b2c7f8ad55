//! Which images are trusted: what signatures and attestations say, held against the policy of the manifest.
//!
//! All of it is pure: `cosign` asks the registry and checks the mathematics.

mod attestation;
mod findings;
mod policy;
mod predicate;
mod signature;
mod verdict;

pub use attestation::{Attestation, read_attestations};
pub use findings::findings;
pub(crate) use policy::judge;
pub use policy::{Judged, Policy, Signer};
pub use predicate::{Planned, Predicate, provenance, sbom, scan};
pub use signature::{Signature, public_key_hint, read_signatures, signed_hints};
pub use verdict::{Attested, Problem, ProblemKind, Standing, Verdict};

/// The predicate types that say what a signature of the new format says: nothing but "this image".
pub(crate) const SIGNATURE_TYPES: [&str; 2] = [
    "cosign container image signature",
    "https://sigstore.dev/cosign/sign/v1",
];
