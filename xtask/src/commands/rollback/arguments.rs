//! Options of `docker-rollback`.

use camino::Utf8PathBuf;
use clap::Args;

use crate::commands::engine::Format;
use crate::engine::select::EngineChoice;
use crate::project::manifest::RollbackTarget;

/// Options of `docker-rollback`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The services; all that the audit trail tells a deployment of if none is named
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
    /// The version: a digest, a commit or a tag; the last one that was good if none is named
    #[arg(long, value_name = "DIGEST|COMMIT|TAG")]
    pub to: Option<String>,
    /// Do it, rather than tell what would be done
    #[arg(long)]
    pub apply: bool,
    /// What images are put to work by, instead of what the manifest says
    #[arg(long, value_enum, value_name = "TARGET")]
    pub target: Option<RollbackTarget>,
    /// Write the digests to this kustomization, and start nothing
    #[arg(long, value_name = "FILE", conflicts_with = "target")]
    pub write_images: Option<Utf8PathBuf>,
    /// Take an image whose signatures do not hold, or cannot be checked
    #[arg(long, requires = "reason")]
    pub unsafe_unsigned: bool,
    /// Take an image whose last scan did not pass, or that was never scanned
    #[arg(long, requires = "reason")]
    pub unsafe_unscanned: bool,
    /// Why; it is written into the audit trail
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// The engine that services run on
    #[arg(long, value_enum, default_value_t)]
    pub engine: EngineChoice,
    /// How to print the plan and what came of it
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask docker-rollback api-gateway                    what would be put to work, and whether it may
  cargo xtask docker-rollback api-gateway --apply            do it, and wait until it is healthy
  cargo xtask docker-rollback api-gateway --to v1.4.2 --apply
  cargo xtask docker-rollback --write-images docker/deploy/images.yaml --apply
  cargo xtask docker-rollback web --apply --unsafe-unscanned --reason \"advisories are down, incident 42\"

Exit codes: 0 done or nothing against it, 1 an image is refused, 2 usage, configuration or no earlier
version, 3 cosign, the registry or compose cannot be asked, 4 the earlier image is not healthy, either.";
