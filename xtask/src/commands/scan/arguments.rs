//! The options of `docker-scan`.

use clap::Args;

use crate::engine::select::EngineChoice;
use crate::report::Format;

/// Options of `docker-scan`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// What to look at; all images of the manifest, as they were built last, if none is named
    #[arg(value_name = "IMAGE")]
    pub images: Vec<String>,
    /// Of images for several platforms, this one
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<String>,
    /// The engine: one that is installed, the private one, or the first that answers
    #[arg(long, value_enum, default_value_t)]
    pub engine: EngineChoice,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask docker-scan                              All images: what is wrong, and who must act
  cargo xtask docker-scan api-gateway                  One
  cargo xtask docker-scan oci:build/layout image.tar registry:ghcr.io/acme/shop:1 --platform linux/arm64

IMAGE is an image of the manifest by name, a reference in the engine, `oci:DIR` (an OCI layout), an archive (OCI or
`docker save`), or `registry:REFERENCE`. Files need no engine.

Exit codes: 0 nothing is wrong, 1 a finding fails the policy, 2 usage, configuration or an image that cannot be read,
3 no engine, no answer from a registry, or no data about vulnerabilities (which is never the same as none), 4 a
scanner failed, 130 interrupted.";
