//! The options of `docker-ignore`.

use camino::Utf8PathBuf;
use clap::Args;

use crate::commands::lint::parse_threshold;
use crate::finding::Severity;
use crate::report::Format;

/// Options of `docker-ignore`.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  cargo xtask docker-ignore                            What enters each image's build, and what should not
  cargo xtask docker-ignore --list                     Every file and folder that BuildKit would send
  cargo xtask docker-ignore --list --context . -f api.Dockerfile --format json
  cargo xtask docker-ignore --explain apps/api/.env    Which pattern decides, and who would take it
  cargo xtask docker-ignore --why-big                  What weighs most, and whose it is
  cargo xtask docker-ignore --affected main...         Which images and steps a change rebuilds
  cargo xtask docker-ignore --diff                     What --fix would change in the ignore files
  cargo xtask docker-ignore --write-minimal            An ignore file that lets in only what is copied

Without `--context` and `--file`, every Dockerfile of the repository is looked at, in the context that the manifest, a
workflow or a compose file states. Rules are those of `docker-lint` (docs/rules/), and so are their settings. Exit code
1 means findings at or above `--fail-on`, or with `--check` an ignore file that `--fix` would change. docs/ignore.md
explains what is told, docs/dockerignore.md the patterns.")]
pub struct Arguments {
    /// Dockerfiles, or images of the manifest by name; without any, all of them
    #[arg(value_name = "DOCKERFILE|IMAGE")]
    pub subjects: Vec<String>,
    /// The build context; no manifest is read
    #[arg(long, value_name = "DIR", conflicts_with = "subjects")]
    pub context: Option<Utf8PathBuf>,
    /// The Dockerfile [default: `Dockerfile` in the context]
    #[arg(
        long,
        short = 'f',
        value_name = "DOCKERFILE",
        conflicts_with = "subjects"
    )]
    pub file: Option<Utf8PathBuf>,
    /// The stage that is built, by name or number [default: what the manifest says, else the last]
    #[arg(long, value_name = "STAGE")]
    pub target: Option<String>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// What to do.
    #[command(flatten)]
    pub modes: Modes,
    /// With `--list`, `--tree`, `--why-big`: all that the ignore file lets through, whether a step takes it or not; with
    /// `--affected`: also the steps that run again for images that stay as they are
    #[arg(long)]
    pub all: bool,
    /// With `--tree`: how many folders deep
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub depth: usize,
    /// With `--why-big`: how many
    #[arg(long, value_name = "N", default_value_t = 15)]
    pub top: usize,
    /// Tell also what has changed in the contexts since this commit
    #[arg(long, value_name = "REF")]
    pub since: Option<String>,
    /// With `--fix`: mend also where the result has to be looked at
    #[arg(long = "unsafe")]
    pub unsafe_fixes: bool,
    /// Change nothing: with `--fix` or `--write-minimal`, exit with 1 if a file would change
    #[arg(long)]
    pub check: bool,
    /// From which severity on a finding makes the run fail [default: warning]
    #[arg(long, short = 't', value_name = "SEVERITY", value_parser = parse_threshold)]
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
    /// Write all findings to a file, and be content with them
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub write_baseline: Option<Utf8PathBuf>,
}

/// What is asked for; without any, what enters each image and what is wrong with that.
#[derive(Debug, Default, Args)]
#[group(multiple = false)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Modes {
    /// List every file and folder that `BuildKit` would send
    #[arg(long)]
    pub list: bool,
    /// Draw them as a tree, with their weight
    #[arg(long)]
    pub tree: bool,
    /// Tell what weighs most, and who takes it
    #[arg(long)]
    pub why_big: bool,
    /// Tell which pattern decides on a path, for each Dockerfile
    #[arg(long, value_name = "PATH")]
    pub explain: Option<Utf8PathBuf>,
    /// Tell which images and steps are built again: for files, a git range (`a..b`, `main...`) or a commit
    #[arg(long, value_name = "FILES|RANGE", num_args = 1..)]
    pub affected: Vec<String>,
    /// Add and correct patterns; what a step copies stays
    #[arg(long)]
    pub fix: bool,
    /// Show what `--fix` would change, and change nothing
    #[arg(long)]
    pub diff: bool,
    /// Write ignore files that leave out all but what is copied; those that are there are replaced
    #[arg(long)]
    pub write_minimal: bool,
}

impl Modes {
    /// Nothing else is asked for.
    #[must_use]
    pub fn is_judging(&self) -> bool {
        let Self {
            list,
            tree,
            why_big,
            explain,
            affected,
            fix,
            diff,
            write_minimal,
        } = self;
        let any = *list || *tree || *why_big || *fix || *diff || *write_minimal;
        !any && explain.is_none() && affected.is_empty()
    }
}
