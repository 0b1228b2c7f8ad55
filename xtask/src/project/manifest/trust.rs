//! `[trust]` and `[audit]` as types.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::source::Location;
use crate::timestamp::Period;

/// When images must be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Occasion {
    /// When they are pushed.
    Push,
    /// When they are put to work.
    Deploy,
}

/// Whether a transparency log counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transparency {
    /// Nothing is written there, and nothing looked for.
    None,
    /// Sigstore's log, or that of `signing_config` and `trusted_root`.
    Rekor,
}

/// What is asked of images from elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BaseImages {
    /// Nothing.
    #[default]
    Ignore,
    /// Their signatures are looked for, and what is found is told.
    Report,
    /// They must be signed.
    Require,
}

/// `[trust]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Trust {
    /// When images must be trusted.
    pub require: Vec<Occasion>,
    /// Public keys: files from the root, or URIs.
    pub keys: Vec<String>,
    /// Signers without a key.
    pub identities: Vec<Identity>,
    /// The private key.
    pub signing_key: Option<String>,
    /// Whether a transparency log counts; `None` is decided by whether there is a key.
    pub transparency: Option<Transparency>,
    /// Of a private Sigstore, from the root.
    pub signing_config: Option<Utf8PathBuf>,
    /// Of a private Sigstore, from the root.
    pub trusted_root: Option<Utf8PathBuf>,
    /// Where images may come from; empty is anywhere.
    pub registries: Vec<String>,
    /// What a signature must say; `{name}` is the image's name, `*` anything.
    pub annotations: BTreeMap<String, String>,
    /// Whether the images of an index must be signed, too.
    pub platforms: bool,
    /// What must be attested.
    pub attestations: Vec<RequiredAttestation>,
    /// What is asked of images from elsewhere.
    pub base_images: BaseImages,
}

impl Default for Trust {
    fn default() -> Self {
        Self {
            require: Vec::new(),
            keys: Vec::new(),
            identities: Vec::new(),
            signing_key: None,
            transparency: None,
            signing_config: None,
            trusted_root: None,
            registries: Vec::new(),
            annotations: BTreeMap::new(),
            platforms: true,
            attestations: Vec::new(),
            base_images: BaseImages::Ignore,
        }
    }
}

/// `[[trust.identities]]`: one of each pair is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Identity {
    /// Who vouched.
    pub issuer: Option<String>,
    /// The same as a regular expression.
    pub issuer_pattern: Option<String>,
    /// Who signed.
    pub identity: Option<String>,
    /// The same as a regular expression.
    pub identity_pattern: Option<String>,
}

/// What an attestation is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(from = "String", into = "String")]
pub enum AttestationKind {
    /// What is in the image.
    Sbom,
    /// How it was built.
    Provenance,
    /// Which vulnerabilities it had.
    Scan,
    /// Another predicate type, by its URI.
    Other(String),
}

impl From<String> for AttestationKind {
    fn from(text: String) -> Self {
        match text.as_str() {
            "sbom" => Self::Sbom,
            "provenance" => Self::Provenance,
            "scan" => Self::Scan,
            _ => Self::Other(text),
        }
    }
}

impl From<AttestationKind> for String {
    fn from(kind: AttestationKind) -> Self {
        kind.name().to_owned()
    }
}

impl AttestationKind {
    /// As it is written.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Sbom => "sbom",
            Self::Provenance => "provenance",
            Self::Scan => "scan",
            Self::Other(uri) => uri,
        }
    }
}

/// `[[trust.attestations]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RequiredAttestation {
    /// What it is about.
    #[serde(rename = "type")]
    pub kind: AttestationKind,
    /// How old it may be.
    #[serde(default)]
    pub max_age: Option<Period>,
    /// `pass`, if the scan must have passed.
    #[serde(default)]
    pub verdict: Option<String>,
}

/// `[audit]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// From the root.
    pub file: Option<Utf8PathBuf>,
    /// Whether everything fails that cannot be recorded.
    pub required: bool,
}

impl Trust {
    /// Whether somebody is named whose signature counts.
    #[must_use]
    pub fn names_signers(&self) -> bool {
        !self.keys.is_empty() || !self.identities.is_empty()
    }

    /// Mistakes that only several keys together make.
    pub(super) fn contradictions(&self, location: impl Fn(&[&str]) -> Location) -> Vec<Error> {
        let mut errors = Vec::new();
        if !self.require.is_empty() && !self.names_signers() {
            errors.push(
                Error::usage("`trust.require` asks for signatures, and nobody is named whose signature counts")
                    .help("name public keys in `trust.keys`, or signers in `[[trust.identities]]`")
                    .at(location(&["trust", "require"])),
            );
        }
        for (index, identity) in self.identities.iter().enumerate() {
            let place = index.to_string();
            let pairs = [
                ("issuer", &identity.issuer, &identity.issuer_pattern),
                ("identity", &identity.identity, &identity.identity_pattern),
            ];
            for (name, exact, pattern) in pairs {
                if exact.is_some() == pattern.is_some() {
                    errors.push(
                        Error::usage(format!(
                            "a signer needs one of `{name}` and `{name}_pattern`"
                        ))
                        .at(location(&["trust", "identities", &place])),
                    );
                }
            }
        }
        for (index, required) in self.attestations.iter().enumerate() {
            let place = index.to_string();
            match &required.kind {
                AttestationKind::Other(uri) if !uri.contains("://") => errors.push(
                    Error::usage(format!("`{uri}` is no type of an attestation"))
                        .help("write `sbom`, `provenance`, `scan`, or the URI of a predicate type")
                        .at(location(&["trust", "attestations", &place, "type"])),
                ),
                kind if required.verdict.is_some() && *kind != AttestationKind::Scan => errors
                    .push(
                        Error::usage(format!(
                            "only a `scan` has a verdict, not `{}`",
                            kind.name()
                        ))
                        .at(location(&[
                            "trust",
                            "attestations",
                            &place,
                            "verdict",
                        ])),
                    ),
                _ => {}
            }
        }
        for (name, value) in &self.annotations {
            if let Err(why) = annotation(name, value) {
                errors.push(Error::usage(why).at(location(&["trust", "annotations", name])));
            }
        }
        if self.transparency == Some(Transparency::None) && !self.identities.is_empty() {
            errors.push(
                Error::usage("signers without a key are known by the transparency log only, which `transparency` turns off")
                    .at(location(&["trust", "transparency"])),
            );
        }
        errors
    }
}

/// Whether a signature can carry an annotation.
///
/// # Errors
/// Why it cannot.
pub(crate) fn annotation(name: &str, value: &str) -> Result<(), String> {
    if name.is_empty() || name.contains(['=', ',', '"']) || name.chars().any(char::is_control) {
        return Err(format!(
            "the annotation `{}` cannot be written: its name has `=`, `,`, a quote or a control character",
            name.escape_debug()
        ));
    }
    if value.contains('=') || value.chars().any(char::is_control) {
        return Err(format!(
            "the annotation `{name}` cannot be written: its value has `=` or a control character"
        ));
    }
    Ok(())
}
