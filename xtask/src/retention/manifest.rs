//! What a manifest refers to.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::digest::Digest;
use crate::timestamp::Timestamp;

/// The kinds of manifests that can be read; anything else is refused, since nobody can tell what it needs.
pub const MEDIA_TYPES: [&str; 5] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.artifact.manifest.v1+json",
];

/// The most bytes a manifest may have: what the OCI distribution specification ("Pushing Manifests") asks of registries.
const MOST_BYTES: usize = 4 << 20;

/// What a manifest is for, as far as it says so itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A list of manifests.
    Index,
    /// An image of one platform.
    Image,
    /// What `BuildKit` attests about an image of the same index.
    Attestation,
    /// A signature or an attestation by cosign.
    Signature,
    /// A build cache.
    Cache,
    /// Anything else.
    Artifact,
}

impl Kind {
    /// The word every format uses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Image => "image",
            Self::Attestation => "attestation",
            Self::Signature => "signature",
            Self::Cache => "cache",
            Self::Artifact => "artifact",
        }
    }
}

/// Content that no manifest describes further.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Blob {
    /// Its name.
    pub digest: Digest,
    /// In bytes, as the manifest says.
    pub size: u64,
}

/// An entry of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// Its name.
    pub digest: Digest,
    /// In bytes, as the index says.
    pub size: u64,
    /// Whether it is a manifest for sure. A build cache without `image-manifest` lists its layers here.
    pub is_manifest: bool,
    /// `linux/amd64`, where it is said.
    pub platform: Option<String>,
}

/// A manifest, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// What it is for.
    pub kind: Kind,
    /// As it says itself, or as its shape tells.
    pub media_type: String,
    /// The entries of an index.
    pub children: Vec<Child>,
    /// Layers and configuration.
    pub blobs: Vec<Blob>,
    /// The configuration of an image: it tells when the image was made.
    pub config: Option<Digest>,
    /// What it is about: a signature names the image here.
    pub subject: Option<Digest>,
    /// When it was made, where an annotation says so.
    pub created: Option<Timestamp>,
    /// Of the manifest itself, in bytes.
    pub size: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    schema_version: Option<u32>,
    media_type: Option<String>,
    artifact_type: Option<String>,
    manifests: Option<Vec<Descriptor>>,
    layers: Option<Vec<Descriptor>>,
    blobs: Option<Vec<Descriptor>>,
    config: Option<Descriptor>,
    subject: Option<Descriptor>,
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: Option<String>,
    digest: Digest,
    #[serde(default)]
    size: u64,
    platform: Option<Platform>,
}

#[derive(Deserialize)]
struct Platform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    variant: Option<String>,
}

impl Manifest {
    /// Reads the bytes of a manifest.
    ///
    /// # Errors
    /// Why it is not known what the manifest refers to, as a clause.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > MOST_BYTES {
            return Err(format!("it has more than {MOST_BYTES} bytes"));
        }
        let raw: Raw = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let artifact = raw.media_type.as_deref() == Some(MEDIA_TYPES[4]);
        if raw.schema_version != Some(2) && !artifact {
            return Err(match raw.schema_version {
                Some(version) => format!("it is a manifest of version {version}, not 2"),
                None => "it is no manifest: it has no `schemaVersion`".to_owned(),
            });
        }
        let is_index = raw.manifests.is_some();
        // GHSA-77vh-xpmg-72qh: what is an index to one program and an image to another.
        if is_index && (raw.layers.is_some() || raw.config.is_some()) {
            return Err("it is an index and an image at once".to_owned());
        }
        let media_type = match raw.media_type {
            Some(told) => {
                let known = MEDIA_TYPES.iter().position(|known| *known == told);
                let known = known.ok_or_else(|| format!("its kind is not known: {told}"))?;
                if (known < 2) != is_index {
                    return Err(format!("it says that it is {told}, and is not"));
                }
                told
            }
            None if is_index => MEDIA_TYPES[0].to_owned(),
            None if raw.layers.is_some() => MEDIA_TYPES[2].to_owned(),
            None => return Err("it lists neither manifests nor layers".to_owned()),
        };
        let created = created(raw.annotations.as_ref());
        let children: Vec<Child> = raw
            .manifests
            .iter()
            .flatten()
            .map(Descriptor::child)
            .collect();
        let kind = match &raw.config {
            _ if is_index && is_cache_index(raw.manifests.as_deref()) => Kind::Cache,
            _ if is_index => Kind::Index,
            config => kind(
                config.as_ref().and_then(|it| it.media_type.as_deref()),
                raw.artifact_type.as_deref(),
                raw.layers.as_deref().unwrap_or_default(),
            ),
        };
        let config = raw.config.as_ref().map(|config| config.digest.clone());
        let blob = |it: Descriptor| Blob {
            digest: it.digest,
            size: it.size,
        };
        let layers = raw.layers.into_iter().flatten();
        let blobs = layers
            .chain(raw.blobs.into_iter().flatten())
            .chain(raw.config);
        Ok(Self {
            kind,
            media_type,
            children,
            blobs: blobs.map(blob).collect(),
            config,
            subject: raw.subject.map(|subject| subject.digest),
            created,
            size: bytes.len() as u64,
        })
    }
}

impl Descriptor {
    fn child(&self) -> Child {
        let is_manifest = match &self.media_type {
            Some(told) => MEDIA_TYPES.contains(&told.as_str()),
            // The specification requires it; without it, it may be one.
            None => true,
        };
        Child {
            digest: self.digest.clone(),
            size: self.size,
            is_manifest,
            platform: self.platform.as_ref().map(|platform| {
                let mut name = format!("{}/{}", platform.os, platform.architecture);
                if let Some(variant) = platform.variant.as_deref().filter(|it| !it.is_empty()) {
                    name = format!("{name}/{variant}");
                }
                name
            }),
        }
    }
}

const CACHE_CONFIG: &str = "application/vnd.buildkit.cacheconfig.v0";

fn is_cache_index(manifests: Option<&[Descriptor]>) -> bool {
    let mut entries = manifests.unwrap_or_default().iter();
    entries.any(|entry| entry.media_type.as_deref() == Some(CACHE_CONFIG))
}

fn kind(config: Option<&str>, artifact: Option<&str>, layers: &[Descriptor]) -> Kind {
    let is_signature = |kind: &str| {
        kind.starts_with("application/vnd.dev.sigstore.bundle")
            || kind.starts_with("application/vnd.dev.cosign.")
            || kind.starts_with("application/vnd.dsse.envelope.v1+json")
    };
    let layer_kinds = || {
        layers
            .iter()
            .filter_map(|layer| layer.media_type.as_deref())
    };
    if config == Some(CACHE_CONFIG) {
        return Kind::Cache;
    }
    if artifact.is_some_and(is_signature) || layer_kinds().any(is_signature) {
        return Kind::Signature;
    }
    // https://docs.docker.com/build/metadata/attestations/attestation-storage/
    if layer_kinds().any(|kind| kind.starts_with("application/vnd.in-toto+json")) {
        return Kind::Attestation;
    }
    match config {
        Some(
            "application/vnd.oci.image.config.v1+json"
            | "application/vnd.docker.container.image.v1+json",
        ) if artifact.is_none() => Kind::Image,
        _ => Kind::Artifact,
    }
}

/// The pre-defined annotation of the OCI image specification. A moment of 1970 comes from a build that clears all
/// times: it tells nothing.
fn created(annotations: Option<&BTreeMap<String, String>>) -> Option<Timestamp> {
    let text = annotations?.get("org.opencontainers.image.created")?;
    text.parse().ok().filter(|moment| is_meant(*moment))
}

fn is_meant(moment: Timestamp) -> bool {
    const DAY: i64 = 86_400;
    moment.unix_seconds() > DAY
}

impl Manifest {
    /// When the image of a configuration was made, as it tells; `None` if it does not, or tells the year 1970.
    #[must_use]
    pub fn created_by_config(config: &[u8]) -> Option<Timestamp> {
        #[derive(Deserialize)]
        struct Config {
            created: Option<String>,
        }
        let config: Config = serde_json::from_slice(config).ok()?;
        config
            .created?
            .parse()
            .ok()
            .filter(|moment| is_meant(*moment))
    }
}
