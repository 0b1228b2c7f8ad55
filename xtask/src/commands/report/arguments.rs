//! The options of `docker-report`.

use camino::Utf8PathBuf;
use clap::Args;

use crate::report::Format;

/// Options of `docker-report`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Run what measures these rows, or all of them if none is named; without it nothing is run
    #[arg(long, value_name = "ROW", num_args = 0..)]
    pub measure: Option<Vec<String>>,
    /// Keep what is measured in the history, which is to be committed
    #[arg(long, requires = "measure")]
    pub record: bool,
    /// Show only these rows
    #[arg(long, value_name = "ROW", value_delimiter = ',')]
    pub row: Vec<String>,
    /// Write badges for shields.io to this folder: of all rows, of each group, of each row
    #[arg(long, value_name = "DIR")]
    pub badges: Option<Utf8PathBuf>,
    /// List the rows with the commands that measure them, and run nothing
    #[arg(long, conflicts_with_all = ["measure", "record", "badges", "format"])]
    pub list: bool,
    /// How the page is written
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl Arguments {
    /// Whether a row is measured.
    pub(super) fn measures(&self, id: &str) -> bool {
        let named = |names: &[String]| names.is_empty() || names.iter().any(|name| name == id);
        let measure = self.measure.as_ref();
        measure.is_some_and(|names| {
            // Rows that are named are measured; else those that are shown.
            if names.is_empty() {
                named(&self.row)
            } else {
                named(names)
            }
        })
    }

    /// Whether a row is shown: those that are asked for, else those that are measured, else all.
    pub(super) fn shows(&self, id: &str) -> bool {
        if self.row.is_empty() {
            self.measure.is_none() || self.measures(id)
        } else {
            self.row.iter().any(|name| name == id)
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask docker-report                            Every goal with what was measured last; runs nothing
  cargo xtask docker-report --measure                  Measure all of them now
  cargo xtask docker-report --measure image-size -v    Measure one, with the commands that show it
  cargo xtask docker-report --measure --record         Measure, and keep it in the history
  cargo xtask docker-report --format markdown          For a job summary
  cargo xtask docker-report --badges target/badges     Badges for shields.io

What commands print while they measure is kept below target/docker-report/.

Exit codes: 0 every goal is reached, 1 one is not, 2 usage or configuration, 3 something was not measured (and nothing
failed), 130 interrupted.";
