//! The options of `docker-lint`.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use crate::engine::select::EngineChoice;
use crate::error::{Error, Result};
use crate::finding::Severity;
use crate::lint::configuration::{HadolintSettings, label_requirement, threshold};
use crate::report::Format;

/// Options of `docker-lint`.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  cargo xtask docker-lint                                Every Dockerfile of the repository
  cargo xtask docker-lint apps/api/Dockerfile            One of them
  cargo xtask docker-lint - < Dockerfile                 Standard input
  cargo xtask docker-lint --format sarif > lint.sarif    For code scanning
  cargo xtask docker-lint --explain DL3006               What a rule means
  cargo xtask docker-lint --diff                         What --fix would change
  cargo xtask docker-lint --fix                          Mend what can be mended safely
  cargo xtask docker-lint --fix --pin                    Write the digests of images, too; asks registries
  cargo xtask docker-lint --format-files --check         Whether the files are laid out
  cargo xtask docker-lint --write-baseline known.json    From now on only new findings count

Exit code 1 means findings at or above `--fail-on`; 2 means that the configuration or a file could not be read, or that
a registry has no such image; 3 that `--pin` found no client, or a registry that does not answer (all else is judged
and mended nevertheless). Settings are read from `[lint]` in the manifest and from hadolint's own
configuration; docs/lint.md explains them.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Arguments {
    /// Dockerfiles and folders; `-` is standard input; without any, every Dockerfile of the repository
    #[arg(value_name = "PATH")]
    pub paths: Vec<Utf8PathBuf>,
    /// How findings are written
    #[arg(long, short, value_enum, default_value_t)]
    pub format: Format,
    /// From which severity on a finding makes the run fail [default: warning]
    #[arg(
        long,
        short = 't',
        value_name = "SEVERITY",
        visible_alias = "failure-threshold",
        value_parser = parse_threshold
    )]
    pub fail_on: Option<Severity>,
    /// Judge by these rules only: codes, names or aliases
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Leave these rules out, too
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Show the page of a rule; `all` lists them
    #[arg(long, value_name = "RULE", conflicts_with_all = ["paths", "list_rules"])]
    pub explain: Option<String>,
    /// List the rules; with `--format json` as data
    #[arg(long, conflicts_with = "paths")]
    pub list_rules: bool,
    /// Known findings: only others are reported
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<Utf8PathBuf>,
    /// Write all findings to a file, and be content with them
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub write_baseline: Option<Utf8PathBuf>,
    /// Mend what can be mended without changing what is built
    #[arg(long)]
    pub fix: bool,
    /// With `--fix` or `--diff`: mend also where the result has to be looked at
    #[arg(long = "unsafe")]
    pub unsafe_fixes: bool,
    /// Ask registries for the digest of each image; with `--fix`, write `name:tag@sha256:…`
    #[arg(long, conflicts_with = "format_files")]
    pub pin: bool,
    /// With `--pin`: whose `docker` asks, the machine's, the private engine's, or the first that has buildx
    #[arg(long, value_enum, default_value_t, requires = "pin")]
    pub engine: EngineChoice,
    /// Show what `--fix` or `--format-files` would change, and change nothing
    #[arg(long)]
    pub diff: bool,
    /// Lay out the files: casing, indentation, blank lines
    #[arg(long, conflicts_with_all = ["fix", "baseline", "write_baseline"])]
    pub format_files: bool,
    /// With `--format-files`: only tell which files would change
    #[arg(long, requires = "format_files")]
    pub check: bool,
    /// Serve an editor over standard input and output (Language Server Protocol)
    #[arg(long, conflicts_with_all = ["paths", "fix", "diff", "pin", "format_files", "baseline", "write_baseline"])]
    pub lsp: bool,
    /// What standard input is called; a path of the repository gives it its surroundings
    #[arg(long, value_name = "PATH")]
    pub stdin_path: Option<Utf8PathBuf>,
    /// Whether `shellcheck` is asked about what `RUN` runs, besides our own rules
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub shellcheck: ShellCheck,
    /// Read neither the manifest nor hadolint's configuration
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
    /// hadolint's own flags.
    #[command(flatten)]
    pub hadolint: HadolintArguments,
}

/// Whether the external `shellcheck` is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ShellCheck {
    /// Never.
    Off,
    /// Where it is installed.
    #[default]
    Auto,
    /// Always; without it the run fails.
    Required,
}

/// The flags that hadolint has, too.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "As hadolint has them")]
pub struct HadolintArguments {
    /// hadolint's configuration; without it, `.hadolint.yaml` where hadolint looks for it
    #[arg(long, short, value_name = "FILE")]
    pub config: Option<Utf8PathBuf>,
    /// Report these rules as errors
    #[arg(long, value_name = "RULE")]
    pub error: Vec<String>,
    /// Report these rules as warnings
    #[arg(long, value_name = "RULE")]
    pub warning: Vec<String>,
    /// Report these rules as notes
    #[arg(long, value_name = "RULE", visible_alias = "note")]
    pub info: Vec<String>,
    /// Report these rules as matters of style
    #[arg(long, value_name = "RULE")]
    pub style: Vec<String>,
    /// A registry images may come from
    #[arg(long, value_name = "REGISTRY")]
    pub trusted_registry: Vec<String>,
    /// A label every image must have, and what it holds
    #[arg(long, value_name = "NAME:KIND", value_parser = parse_label)]
    pub require_label: Vec<(String, crate::lint::LabelKind)>,
    /// Report labels that are not required
    #[arg(long)]
    pub strict_labels: bool,
    /// Let `# hadolint ignore=` have no effect
    #[arg(long)]
    pub disable_ignore_pragma: bool,
    /// Exit with 0 whatever is found
    #[arg(long)]
    pub no_fail: bool,
}

type Label = (String, crate::lint::LabelKind);

impl HadolintArguments {
    /// What the flags say.
    pub(super) fn settings(&self) -> HadolintSettings {
        let lists = [
            (&self.error, Severity::Error),
            (&self.warning, Severity::Warning),
            (&self.info, Severity::Note),
            (&self.style, Severity::Style),
        ];
        let on = |flag: bool| flag.then_some(true);
        HadolintSettings {
            no_fail: on(self.no_fail),
            severities: lists
                .iter()
                .flat_map(|(codes, severity)| codes.iter().map(|code| (code.clone(), *severity)))
                .collect(),
            trusted_registries: self.trusted_registry.clone(),
            label_schema: self.require_label.iter().cloned().collect(),
            strict_labels: on(self.strict_labels),
            disable_ignore_pragma: on(self.disable_ignore_pragma),
            ..HadolintSettings::default()
        }
    }
}

pub(in crate::commands) fn parse_threshold(word: &str) -> Result<Severity> {
    threshold(word)
        .or((word == "note").then_some(Severity::Note))
        .ok_or_else(|| Error::usage("expected error, warning, note or style"))
}

fn parse_label(text: &str) -> Result<Label> {
    label_requirement(text)
}
