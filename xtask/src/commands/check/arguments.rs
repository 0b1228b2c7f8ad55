//! The options of `docker-check`.

use camino::Utf8PathBuf;
use clap::Args;

use crate::commands::lint::parse_threshold;
use crate::finding::Severity;
use crate::report::Format;

/// Options of `docker-check`.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  cargo xtask docker-check                                Everything that needs no engine
  cargo xtask docker-check --staged                       What the next commit will hold, and only what it touches
  cargo xtask docker-check --commit HEAD                  What a commit holds
  cargo xtask docker-check --fix                          Mend what can be mended safely, then check
  cargo xtask docker-check apps/api/Dockerfile            The checks that this file matters to
  cargo xtask docker-check --only bake,lint               Some of the checks
  cargo xtask docker-check --format sarif > check.sarif   For code scanning
  cargo xtask docker-check --list                         Which checks there are

A check that is made judges the whole repository, as in CI; paths say which are made. Neither an engine nor an external
program but git is asked, and that only with `--staged` or `--commit`. Exit code 1 means findings at or above `--fail-on`, 2 that the
manifest or another file is broken. docs/hooks.md tells how to run it before each commit.")]
pub struct Arguments {
    /// Files and folders: only checks that they matter to are made; without any, all
    #[arg(value_name = "PATH")]
    pub paths: Vec<Utf8PathBuf>,
    /// How findings are written
    #[arg(long, short, value_enum, default_value_t)]
    pub format: Format,
    /// Judge what is in git's index instead of the work tree; without paths, what is staged says which checks are made
    #[arg(long, conflicts_with = "fix")]
    pub staged: bool,
    /// Judge what a commit holds instead of the work tree
    #[arg(long, value_name = "COMMIT", conflicts_with_all = ["fix", "staged"])]
    pub commit: Option<String>,
    /// Mend what can be mended without changing what is built, then tell what is left
    #[arg(long)]
    pub fix: bool,
    /// Make these checks only
    #[arg(long, value_name = "CHECKS", value_delimiter = ',')]
    pub only: Vec<String>,
    /// From which severity on a finding of `lint` or `ignore` makes the run fail [default: warning]
    #[arg(long, short = 't', value_name = "SEVERITY", value_parser = parse_threshold)]
    pub fail_on: Option<Severity>,
    /// List the checks; with `--format json` as data
    #[arg(long, conflicts_with_all = ["paths", "staged", "commit", "fix", "only"])]
    pub list: bool,
}
