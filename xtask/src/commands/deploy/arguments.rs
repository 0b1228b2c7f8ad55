//! Options of `docker-deploy`.

use camino::Utf8PathBuf;
use clap::Args;

use crate::report::Format;

/// Options of `docker-deploy`.
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Environments of the manifest; all of them if none is named
    #[arg(value_name = "ENVIRONMENT")]
    pub environments: Vec<String>,
    /// Exit with 1 if a manifest is not what is known of the images (the default)
    #[arg(long, group = "mode")]
    pub check: bool,
    /// Write what is generated, then check
    #[arg(long, group = "mode")]
    pub write: bool,
    /// What was pushed: the metadata of a build (`docker-build --push --metadata-file`), or a record of `docker-audit`
    #[arg(long, value_name = "FILE")]
    pub images: Option<Utf8PathBuf>,
    /// Judge these objects instead of the environment's kustomization: what `kubectl kustomize` or another tool made
    #[arg(long, value_name = "FILE", conflicts_with = "write")]
    pub rendered: Option<Utf8PathBuf>,
    /// A service that is left out on purpose
    #[arg(long, value_name = "SERVICE")]
    pub without: Vec<String>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask docker-deploy                              is everything what was built and tested?
  cargo xtask docker-deploy --write                      bring what is generated up to date
  cargo xtask docker-deploy production --write --images target/docker-build/metadata.json
                                                         let production run what was pushed, by digest
  cargo xtask docker-deploy production --images target/docker-build/metadata.json
                                                         does production run what was pushed?
  helm template shop | tee all.yaml; cargo xtask docker-deploy production --rendered all.yaml
                                                         the same for manifests of another tool
  cargo xtask docker-lint --explain DK2001               what a finding means

Exit codes: 0 clean, 1 findings or an outdated file, 2 usage or configuration, 3 a kustomization has what is not followed
here (that is never as good as clean), 4 it failed.";
