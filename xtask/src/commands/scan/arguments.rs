//! The options of `docker-scan`.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use crate::engine::select::EngineChoice;
use crate::project::manifest::TrivyUse;
use crate::report::Format;
use crate::timestamp::Period;

/// Options of `docker-scan`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// What to look at; all images of the manifest, as they were built last, if none is named
    #[arg(value_name = "IMAGE")]
    pub images: Vec<String>,
    /// Of images for several platforms, this one
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<String>,
    /// The engine: one that is installed, the private one, or the first that answers
    #[arg(long, value_enum, default_value_t)]
    pub engine: EngineChoice,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// How many entries each list has
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// What images may have wrong with them.
    #[command(flatten)]
    pub policy: PolicyArguments,
    /// Where it is known from.
    #[command(flatten)]
    pub data: DataArguments,
    /// Write a page to look at: one file, nothing from the network
    #[arg(long, value_name = "FILE")]
    pub html: Option<Utf8PathBuf>,
    /// Write what is known of the vulnerabilities as OpenVEX
    #[arg(long, value_name = "FILE")]
    pub vex_out: Option<Utf8PathBuf>,
    /// Write to the record what was seen, and what is gone
    #[arg(long)]
    pub record: bool,
    /// The record [default: `scan.record` of the manifest]
    #[arg(long, value_name = "FILE")]
    pub record_file: Option<Utf8PathBuf>,
    /// Write all findings to a file, which makes them known
    #[arg(long, value_name = "FILE")]
    pub write_baseline: Option<Utf8PathBuf>,
    /// Report only findings that the file has not
    #[arg(long, value_name = "FILE", conflicts_with = "write_baseline")]
    pub baseline: Option<Utf8PathBuf>,
}

/// What images may have wrong with them; the manifest says it where these do not.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Policy")]
pub struct PolicyArguments {
    /// From which level on a vulnerability makes the run fail
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub fail_on: Option<FailOn>,
    /// Only vulnerabilities make it fail that a newer version is without
    #[arg(long)]
    pub only_fixable: bool,
    /// Only vulnerabilities make it fail that are not in the record
    #[arg(long)]
    pub only_new: bool,
    /// As `--only-new`, against the record of a commit, or a record in a file
    #[arg(long, value_name = "REF|FILE")]
    pub against: Option<String>,
    /// How old data about vulnerabilities may be, such as "7 days"
    #[arg(long, value_name = "TIME")]
    pub max_data_age: Option<Period>,
    /// Succeed although there are no data for some packages
    #[arg(long)]
    pub allow_unknown: bool,
    /// Further files that say which vulnerabilities do not concern an image: OpenVEX, CycloneDX or CSAF
    #[arg(long, value_name = "FILE")]
    pub vex: Vec<Utf8PathBuf>,
}

/// Where vulnerabilities are known from.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Data")]
pub struct DataArguments {
    /// The folder with advisories in the OSV format [default: `scan.database.path` of the manifest]
    #[arg(long, value_name = "DIR")]
    pub database: Option<Utf8PathBuf>,
    /// Whether Trivy is asked [default: `scan.trivy.use` of the manifest]
    #[arg(long, value_enum, value_name = "WHEN")]
    pub trivy: Option<WhenTrivy>,
}

/// A level, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Critical ones
    Critical,
    /// Also high ones
    High,
    /// Also medium ones
    Medium,
    /// Also low ones
    Low,
    /// Every one, also those that nobody has judged yet
    Unknown,
    /// No one: only deadlines count
    None,
}

/// When Trivy is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WhenTrivy {
    /// Where it is installed
    Auto,
    /// Always: without it the run fails
    Required,
    /// Never
    Off,
}

impl From<WhenTrivy> for TrivyUse {
    fn from(when: WhenTrivy) -> Self {
        match when {
            WhenTrivy::Auto => Self::Auto,
            WhenTrivy::Required => Self::Required,
            WhenTrivy::Off => Self::Off,
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask docker-scan                              All images: what is wrong, and who must act
  cargo xtask docker-scan api-gateway                  One
  cargo xtask docker-scan --fail-on critical --only-fixable
  cargo xtask docker-scan --against main               Only what is new since the record of a commit fails
  cargo xtask docker-scan --record                     Write docker/vulnerabilities.json: the clock starts
  cargo xtask docker-scan --html target/scan.html      A page to look at
  cargo xtask docker-scan --format sarif > scan.sarif  For code scanning
  cargo xtask docker-scan oci:build/layout image.tar registry:ghcr.io/acme/shop:1 --platform linux/arm64

IMAGE is an image of the manifest by name, a reference in the engine, `oci:DIR` (an OCI layout), an archive (OCI or
`docker save`), or `registry:REFERENCE`. Files need no engine.

Exit codes: 0 nothing is wrong, 1 a finding fails the policy, 2 usage, configuration or an image that cannot be read,
3 no engine, no answer from a registry, or no data about vulnerabilities (which is never the same as none), 4 a
scanner failed, 130 interrupted.";
