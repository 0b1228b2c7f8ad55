//! Options of `docker-verify`.

use camino::Utf8PathBuf;
use clap::Args;

use crate::commands::sign::Annotation;
use crate::engine::select::EngineChoice;
use crate::project::Project;
use crate::report::Format;

/// Options of `docker-verify`.
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Services, or images by name; everything the last build pushed if none is named
    #[arg(value_name = "IMAGE")]
    pub images: Vec<String>,
    /// The images of the project with this tag, whichever they are, instead of those of the last build
    #[arg(long, value_name = "TAG", conflicts_with = "metadata")]
    pub tag: Option<String>,
    /// The metadata of the build, instead of what the last `docker-build` left
    #[arg(long, value_name = "FILE")]
    pub metadata: Option<Utf8PathBuf>,
    /// The public key that must have signed: a file, or the URI of a key service; instead of the manifest's signers
    #[arg(long = "key", value_name = "KEY")]
    pub keys: Vec<String>,
    /// What the signature must say, too; the value * is anything
    #[arg(long = "annotation", value_name = "KEY=VALUE")]
    pub annotations: Vec<Annotation>,
    /// What must be attested, too: sbom, provenance, scan, or the URI of a type
    #[arg(long = "attested", value_name = "TYPE")]
    pub attested: Vec<String>,
    /// Whose network the registry is reached in: the machine's, the private engine's, or that of the first that can ask
    #[arg(long, value_enum, default_value_t)]
    pub engine: EngineChoice,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask docker-verify                              what the last build pushed
  cargo xtask docker-verify --tag v1.2.3                 what a tag means now
  cargo xtask docker-verify api-gateway --attested sbom
  cargo xtask docker-verify ghcr.io/acme/api@sha256:… --key docker/cosign.pub
  cargo xtask docker-verify --format json | jq '.images[] | select(.standing != \"trusted\")'

Exit codes: 0 trusted, 1 not trusted, 2 usage or configuration, 3 cosign or the registry cannot be
asked (that is never as good as trusted), 4 it failed.";

impl Arguments {
    /// Whether images of the project are among those that are meant.
    pub(super) fn tells_of_project(&self, project: &Project) -> bool {
        self.images.is_empty()
            || self
                .images
                .iter()
                .any(|image| project.image(image).is_some())
    }
}
