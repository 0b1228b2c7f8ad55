//! Options of `docker-clean`.

use camino::Utf8PathBuf;
use clap::Args;

use crate::engine::select::EngineChoice;
use crate::report::Format;
use crate::timestamp::Period;

/// Options of `docker-clean`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Services or bases whose images are meant, or whole names of others, such as registry.example.com/team/tool; all of
    /// the project if none is named
    #[arg(long = "package", value_name = "IMAGE", conflicts_with_all = ["resume", "restore"])]
    pub packages: Vec<String>,
    /// Remove what the plan says; without it nothing is removed
    #[arg(long)]
    pub apply: bool,
    /// Finish an earlier run that ended before it was done
    #[arg(long, conflicts_with = "apply")]
    pub resume: bool,
    /// Put back what a run removed: its restore list
    #[arg(long, value_name = "FILE", conflicts_with_all = ["apply", "resume"])]
    pub restore: Option<Utf8PathBuf>,
    /// The longest wait that a server may ask for
    #[arg(long, value_name = "TIME", default_value = "15 minutes")]
    pub max_wait: Period,
    /// How long one answer of a server may take
    #[arg(long, value_name = "TIME", default_value = "30 seconds")]
    pub timeout: Period,
    /// Whose network the registry is reached in: the private engine's if that is named, else the machine's
    #[arg(long, value_enum, default_value_t)]
    pub engine: EngineChoice,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask docker-clean                               what would be removed, and why; nothing is
  cargo xtask docker-clean --apply                       remove it
  cargo xtask docker-clean --package api-gateway -v      with every part of every image
  cargo xtask docker-clean --resume                      finish a run that was stopped
  cargo xtask docker-clean --restore target/docker-clean/restore-….json
  cargo xtask docker-clean --format json | jq '.packages[].versions[] | select(.fate == \"remove\")'

`[retention]` of the manifest says what is kept; docs/retention.md tells more. GitHub's packages API
is asked with GH_TOKEN or GITHUB_TOKEN, a registry with the logins of docker.

Exit codes: 0 done, or nothing to do; 1 an image that is kept is broken, the rules keep nothing of a
package, or a removal was refused; 2 usage or configuration; 3 something could not be read, and of
its package nothing was removed.";
