//! Options of `docker-ci`.

use camino::Utf8PathBuf;
use clap::Args;

use crate::commands::lint;
use crate::finding::Severity;
use crate::report::Format;

/// Options of `docker-ci`.
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Tell what is out of date, and what is wrong with the workflows (the default)
    #[arg(long, group = "mode")]
    pub check: bool,
    /// Write the workflow and the action that the manifest's [ci] asks for
    #[arg(long, group = "mode")]
    pub write: bool,
    /// Print the workflow as it would be written
    #[arg(long, group = "mode")]
    pub print: bool,
    /// How findings are written
    #[arg(long, short, value_enum, default_value_t)]
    pub format: Format,
    /// From which severity on a finding makes the run fail [default: warning]
    #[arg(long, short = 't', value_name = "SEVERITY", value_parser = lint::parse_threshold)]
    pub fail_on: Option<Severity>,
    /// Judge by these rules only: codes, names or aliases
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Leave these rules out, too
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Known findings: only others are reported
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<Utf8PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask docker-ci                            Is what is generated up to date, and are the workflows right?
  cargo xtask docker-ci --write                    Bring it up to date
  cargo xtask docker-ci --print | less             Look at the workflow without writing it
  cargo xtask docker-ci --format sarif > ci.sarif  For code scanning
  cargo xtask docker-lint --explain DW3002         What a rule means

The rules are those of docker-lint about workflows (docs/rules/, codes DW… and some DX3…): the same configuration and
comments hold. Without `[ci]` in the manifest nothing is generated, and the workflows that are there are judged.

Exit codes: 0 all is well, 1 something is out of date, or a finding at or above `--fail-on`, 2 usage, configuration or a
file that cannot be read.";

impl Arguments {
    /// What the linter is told.
    pub(super) fn to_lint(&self) -> lint::Arguments {
        lint::Arguments {
            format: self.format,
            fail_on: self.fail_on,
            only: self.only.clone(),
            ignore: self.ignore.clone(),
            baseline: self.baseline.clone(),
            ..lint::Arguments::default()
        }
    }
}
