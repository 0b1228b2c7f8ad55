//! Options of `docker-sign`.

use std::str::FromStr;

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use crate::commands::engine::Format;
use crate::engine::select::EngineChoice;

/// Options of `docker-sign`.
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Services, or images by their digest; everything the last build pushed if none is named
    #[arg(value_name = "IMAGE")]
    pub images: Vec<String>,
    /// The metadata of the build, instead of what the last `docker-build` left
    #[arg(long, value_name = "FILE")]
    pub metadata: Option<Utf8PathBuf>,
    /// The private key: a file, `env://VARIABLE`, or the URI of a key service; instead of the manifest's
    #[arg(long, value_name = "KEY", conflicts_with = "keyless")]
    pub key: Option<String>,
    /// Sign without a key, by a certificate for the identity that the pipeline or the browser proves
    #[arg(long)]
    pub keyless: bool,
    /// Where the identity comes from: github-actions, google, spiffe, filesystem, buildkite-agent
    #[arg(long, value_name = "PROVIDER", requires = "keyless")]
    pub oidc_provider: Option<String>,
    /// A file with an identity token, for signing without a key
    #[arg(long, value_name = "FILE", requires = "keyless")]
    pub identity_token_file: Option<Utf8PathBuf>,
    /// Whether the signature goes to a transparency log; instead of what the manifest says
    #[arg(long, value_enum, value_name = "LOG")]
    pub transparency: Option<Log>,
    /// Sign this with the image, too
    #[arg(long = "annotation", value_name = "KEY=VALUE")]
    pub annotations: Vec<Annotation>,
    /// Attest what is in the image: a `CycloneDX` or SPDX document in JSON; {name} stands for the image's name
    #[arg(long, value_name = "FILE")]
    pub sbom: Option<Utf8PathBuf>,
    /// Attest how the image was built, from the metadata of the build
    #[arg(long)]
    pub provenance: bool,
    /// Attest a scan: a report of `docker-scan` or of Trivy in JSON; {name} stands for the image's name
    #[arg(long, value_name = "FILE")]
    pub scan: Option<Utf8PathBuf>,
    /// Attest something else: the URI of its type, and a file in JSON
    #[arg(long, value_name = "TYPE=FILE")]
    pub attest: Vec<Attest>,
    /// Whose network the registry is reached in: the machine's, the private engine's, or that of the first that can ask
    #[arg(long, value_enum, default_value_t)]
    pub engine: EngineChoice,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Make a key pair, PREFIX.key and PREFIX.pub, and do nothing else
    #[arg(long, value_name = "PREFIX", conflicts_with_all = ["images", "fetch_cosign"])]
    pub generate_key: Option<Utf8PathBuf>,
    /// Fetch cosign below target/, from the apt mirror of this machine, and do nothing else
    #[arg(long, conflicts_with = "images")]
    pub fetch_cosign: bool,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask docker-build --push && cargo xtask docker-sign --key env://COSIGN_PRIVATE_KEY
  cargo xtask docker-sign api-gateway --provenance --sbom 'target/sbom/{name}.cdx.json'
  cargo xtask docker-sign ghcr.io/acme/api@sha256:… --key awskms:///alias/signing
  cargo xtask docker-sign --keyless --oidc-provider github-actions
  COSIGN_PASSWORD=… cargo xtask docker-sign --generate-key docker/cosign

The password of a key is in COSIGN_PASSWORD and nowhere else.
Exit codes: 0 signed and verified, 2 usage or configuration, 3 cosign or the registry is missing, 4 it failed.";

/// Where signatures are written down for everybody to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Log {
    /// Nowhere.
    None,
    /// Sigstore's log, or the one of `signing_config`.
    Rekor,
}

/// `KEY=VALUE` of `--annotation`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// Before the first `=`.
    pub key: String,
    /// After it.
    pub value: String,
}

impl FromStr for Annotation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
        crate::project::manifest::check_annotation(key, value)?;
        Ok(Self {
            key: key.to_owned(),
            value: value.to_owned(),
        })
    }
}

/// `TYPE=FILE` of `--attest`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attest {
    /// The URI of its type.
    pub kind: String,
    /// What it says.
    pub file: Utf8PathBuf,
}

impl FromStr for Attest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A URI may have an `=` of its own, a file rarely.
        let (kind, file) = text
            .rsplit_once('=')
            .filter(|(kind, file)| kind.contains("://") && !file.is_empty())
            .ok_or(
                "expected TYPE=FILE, where the type is a URI such as https://example.com/review/v1",
            )?;
        Ok(Self {
            kind: kind.to_owned(),
            file: file.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_and_types_are_read() {
        let one: Annotation = "a=b, c".parse().unwrap();
        assert_eq!((one.key.as_str(), one.value.as_str()), ("a", "b, c"));
        for text in ["a", "=b", "a=b=c", "a=b\nc", "a,b=c"] {
            assert!(text.parse::<Annotation>().is_err(), "{text}");
        }
        let one: Attest = "https://x/?a=b=f.json".parse().unwrap();
        assert_eq!(
            (one.kind.as_str(), one.file.as_str()),
            ("https://x/?a=b", "f.json")
        );
        assert!("review=f.json".parse::<Attest>().is_err());
    }
}
