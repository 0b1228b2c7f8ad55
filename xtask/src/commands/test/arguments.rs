//! The options of `docker-test`.

use clap::Args;

use crate::engine::select::EngineChoice;
use crate::report::Format;
use crate::trial::Suite;

/// Options of `docker-test`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The images to try; all of the manifest if none is named
    #[arg(value_name = "IMAGE")]
    pub images: Vec<String>,
    /// Only these parts of the trial
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SUITE")]
    pub suite: Vec<Suite>,
    /// The engine: one that is installed, the private one, or the first that answers
    #[arg(long, value_enum, default_value_t)]
    pub engine: EngineChoice,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl Arguments {
    /// The parts that are asked for, in order; all but the release if none is.
    #[must_use]
    pub fn suites(&self) -> Vec<Suite> {
        let mut suites = if self.suite.is_empty() {
            vec![Suite::Image, Suite::Structure, Suite::Fleet]
        } else {
            self.suite.clone()
        };
        suites.sort_unstable();
        suites.dedup();
        suites
    }
}
