//! Options of `docker-cache`.

use clap::Args;

use crate::engine::select::EngineChoice;
use crate::report::Format;

/// How many commits are looked at unless somebody says so.
const COMMITS: usize = 200;

/// Options of `docker-cache`.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The images; all of them if none is named
    #[arg(value_name = "IMAGE")]
    pub images: Vec<String>,
    /// Only edits of this class (source, shared, lockfile, …), or one by its whole name; may be given several times
    #[arg(long = "edit", value_name = "CLASS")]
    pub edits: Vec<String>,
    /// How many of the last commits count; 0 leaves the history alone
    #[arg(long, value_name = "N", default_value_t = COMMITS)]
    pub commits: usize,
    /// Only commits since then, such as 2026-01-01 or "3 months ago"
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// Make each edit in a copy of the repository, build it, and compare what ran with what was foretold
    #[arg(long)]
    pub run: bool,
    /// With `--run`: the engine: one that is installed, the private one, or the first that answers
    #[arg(long, value_enum, default_value_t, requires = "run")]
    pub engine: EngineChoice,
    /// With `--run`: build on a stand-in for the node:<version>-alpine base; needs no container registry
    #[arg(long, requires = "run")]
    pub offline: bool,
    /// How many percent of the steps are to be cached for the median commit [default: cache.goal of the manifest]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub goal: Option<u32>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl Default for Arguments {
    fn default() -> Self {
        Self {
            images: Vec::new(),
            edits: Vec::new(),
            commits: COMMITS,
            since: None,
            run: false,
            engine: EngineChoice::default(),
            offline: false,
            goal: None,
            format: Format::default(),
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask docker-cache                          what each edit costs, and what the last 200 commits did
  cargo xtask docker-cache api-gateway              the same of one image
  cargo xtask docker-cache --edit source --edit shared   of some edits
  cargo xtask docker-cache --commits 1000 --since '1 year ago'
  cargo xtask docker-cache --run --offline          build each edit, and compare
  cargo xtask docker-cache --run --edit lockfile    the same of one class
  cargo xtask docker-cache --format json | jq '.history.median_percent'
  cargo xtask docker-cache --format github          findings as annotations

Exit codes: 0 the median commit keeps as much as the goal says, and nothing ran otherwise than foretold; 1 it does not, or
something did; 2 usage or configuration; 3 no engine, 4 a build failed, 130 interrupted. docs/cache.md explains how steps
are counted.";
