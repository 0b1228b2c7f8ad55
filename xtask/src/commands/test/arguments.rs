//! The options of `docker-test`.

use camino::Utf8PathBuf;
use std::num::NonZeroUsize;

use clap::Args;

use crate::engine::select::EngineChoice;
use crate::report::Format;
use crate::trial::Suite;

/// Options of `docker-test`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The images to try; all of the manifest if none is named
    #[arg(value_name = "IMAGE")]
    pub images: Vec<String>,
    /// Only these parts of the trial
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SUITE")]
    pub suite: Vec<Suite>,
    /// A file of container-structure-test, instead of those of the manifest; nothing else is tried then
    #[arg(long, value_name = "FILE")]
    pub structure: Vec<Utf8PathBuf>,
    /// The image that `--structure` is about, whatever it is called; else the one whose folder the file lies in
    #[arg(long, value_name = "REFERENCE", requires = "structure")]
    pub image: Option<String>,
    /// The engine: one that is installed, the private one, or the first that answers
    #[arg(long, value_enum, default_value_t)]
    pub engine: EngineChoice,
    /// How many images are tried at the same time [default: one for each processor, at most 3]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// List all properties, and start nothing
    #[arg(long, conflicts_with_all = ["images", "suite", "explain"])]
    pub list: bool,
    /// Tell what a property means and what to do where it fails, and start nothing
    #[arg(long, value_name = "PROPERTY", conflicts_with_all = ["images", "suite"])]
    pub explain: Option<String>,
}

impl Arguments {
    /// The parts that are asked for, in order; all but the release if none is.
    #[must_use]
    pub fn suites(&self) -> Vec<Suite> {
        let mut suites = if !self.structure.is_empty() && self.suite.is_empty() {
            vec![Suite::Structure]
        } else if self.suite.is_empty() {
            vec![Suite::Image, Suite::Structure, Suite::Fleet]
        } else {
            self.suite.clone()
        };
        suites.sort_unstable();
        suites.dedup();
        suites
    }
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask docker-test                              All images, as they were built last
  cargo xtask docker-test api-gateway --suite image -v One, by itself: every verdict, with its time
  cargo xtask docker-test --format junit               For a test reporter
  cargo xtask docker-test --list                       What is tried
  cargo xtask docker-test --explain DT1301             What a property means, and what to do where it fails

Everything that is started is labeled and removed, also after Ctrl-C; what a killed run leaves, the next one removes.

Exit codes: 0 all properties hold, 2 usage or configuration, 3 something could not be told (an image that is not built,
no engine, processes on another machine), 4 a started image lacks a property, 130 interrupted.";
