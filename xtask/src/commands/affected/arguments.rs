//! Options of `docker-affected`.

use std::str::FromStr;

use clap::{Args, ValueEnum};

/// Which stage of every image counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// The images that run in production.
    #[default]
    Production,
    /// The images for development.
    Development,
}

/// How the answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table.
    #[default]
    Terminal,
    /// All that is known; see `schema_version`.
    Json,
    /// The table for a pull request.
    Markdown,
    /// `{"include": […]}` for `strategy.matrix`: image, target, dockerfile, platforms, runner.
    GithubMatrix,
}

/// Options of `docker-affected`.
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = "\
Examples:
  cargo xtask docker-affected                        Since the branch left the default branch
  cargo xtask docker-affected --base v1.2.0          Since a tag, with what is not committed
  cargo xtask docker-affected --base main --head HEAD   Of commits alone
  cargo xtask docker-affected --format json | jq '.images[] | {name, reason}'
  cargo xtask docker-affected --github --per-platform   Outputs for a workflow: matrix, images, any
  cargo xtask docker-build --affected                Build what is affected, and nothing else

An image is affected if a build after the change may make other layers, or another configuration, than one before. What
is not committed and what git does not know yet count, unless `--head` is given: a build takes them, too. In a
workflow the base is that of the event: of a pull request its base branch, of a push the commit before. docs/affected.md
explains what counts.")]
pub struct Arguments {
    /// The images; all of them if none is named
    #[arg(value_name = "IMAGE")]
    pub images: Vec<String>,
    /// The commit before the change, or a branch that this one left [default: the event's, else origin's default branch]
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
    /// The commit after the change, instead of the work tree
    #[arg(long, value_name = "REF")]
    pub head: Option<String>,
    /// Which stage of every image
    #[arg(long, value_enum, default_value_t)]
    pub stage: Stage,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Tell also the steps that run again for images that stay as they are
    #[arg(long)]
    pub all: bool,
    /// Hand over to later jobs of a workflow: the outputs matrix, images and any
    #[arg(long)]
    pub github: bool,
    /// In the matrix, an entry for each platform of a release instead of one for all
    #[arg(long)]
    pub per_platform: bool,
    /// In the matrix, where a platform is built; others are built on ubuntu-latest, arm64 on ubuntu-24.04-arm
    #[arg(long = "runner", value_name = "PLATFORM=LABEL")]
    pub runners: Vec<RunnerOf>,
}

/// `PLATFORM=LABEL` of `--runner`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunnerOf {
    /// `linux/arm64`.
    pub platform: String,
    /// `ubuntu-24.04-arm`.
    pub label: String,
}

impl FromStr for RunnerOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((platform, label)) if platform.contains('/') && !label.is_empty() => Ok(Self {
                platform: platform.to_owned(),
                label: label.to_owned(),
            }),
            _ => Err("expected PLATFORM=LABEL, such as linux/arm64=ubuntu-24.04-arm".to_owned()),
        }
    }
}
