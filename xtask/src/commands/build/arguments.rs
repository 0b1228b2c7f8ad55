//! Options of `docker-build`.

use std::str::FromStr;

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use crate::bake::CacheUse;
use crate::engine::select::EngineChoice;
use crate::report::Format;

/// Which stage of every service is built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum StageChoice {
    /// The images that run in production; they are held to their budgets.
    #[default]
    Production,
    /// The images for development: hot reload and inspector; they have no budget.
    Development,
}

/// What is done with the shared cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CacheChoice {
    /// Nothing.
    None,
    /// It is used.
    Read,
    /// It is used and filled.
    Write,
}

impl From<CacheChoice> for CacheUse {
    fn from(choice: CacheChoice) -> Self {
        match choice {
            CacheChoice::None => Self::None,
            CacheChoice::Read => Self::Read,
            CacheChoice::Write => Self::Write,
        }
    }
}

/// Options of `docker-build`.
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub struct Arguments {
    /// The services to build; all of them, and the base, if none is named
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
    /// Of these, only the images that a change affects, as `docker-affected` tells: since REF, or since the commit that it
    /// would choose. If there is none, nothing is built
    #[arg(long, value_name = "REF", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub affected: Option<String>,
    /// Which stage of every service
    #[arg(long, value_enum, default_value_t)]
    pub stage: StageChoice,
    /// The platforms to build for, such as linux/amd64; the builder's own if not given
    #[arg(long, value_name = "PLATFORM", value_delimiter = ',')]
    pub platform: Vec<String>,
    /// Build as for a release: the manifest's release platforms, attestations, and cache export
    #[arg(long)]
    pub release: bool,
    /// Push the images once all of them are within their budgets
    #[arg(long)]
    pub push: bool,
    /// Push what is built by its digest, without a tag, once all of it is within budget; `docker-push` puts platforms
    /// together. Needs `--builder`
    #[arg(long, conflicts_with = "push", requires = "builder")]
    pub push_by_digest: bool,
    /// Load the images into the engine, where the builder does not do so by itself
    #[arg(long)]
    pub load: bool,
    /// A builder of the manifest's [builders], or any name `docker buildx ls` shows
    #[arg(long, value_name = "NAME")]
    pub builder: Option<String>,
    /// The engine: one that is installed, the private one, or the first that answers
    #[arg(long, value_enum, default_value_t)]
    pub engine: EngineChoice,
    /// Build on a stand-in for the node:<version>-alpine base, made from distribution packages; needs no container registry
    #[arg(long)]
    pub offline: bool,
    /// Set a build argument that a Dockerfile declares
    #[arg(long = "build-arg", value_name = "KEY=VALUE")]
    pub build_args: Vec<KeyValue>,
    /// Override a target of the bake file, as `docker buildx bake --set` does
    #[arg(long = "set", value_name = "TARGET.KEY=VALUE")]
    pub set: Vec<String>,
    /// The tag of the images
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
    /// Give the images the tags and labels that `docker-tags` tells: by [tags] of the manifest, for what happened in git
    /// or on GitHub
    #[arg(long, conflicts_with_all = ["tag", "offline"])]
    pub tags_from_git: bool,
    /// Use no cached step
    #[arg(long)]
    pub no_cache: bool,
    /// Import build cache, as `docker buildx bake --set '*.cache-from='` takes it
    #[arg(long, value_name = "CACHE")]
    pub cache_from: Vec<String>,
    /// Export build cache; a local folder becomes one folder per target
    #[arg(long, value_name = "CACHE")]
    pub cache_to: Vec<String>,
    /// What is done with the manifest's shared cache [default: write with `--release`, otherwise none]
    #[arg(long, value_enum, value_name = "USE")]
    pub cache: Option<CacheChoice>,
    /// Print what would be run, and run nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Write buildx's metadata of the build (digests, references, provenance) to a file
    #[arg(long, value_name = "FILE")]
    pub metadata_file: Option<Utf8PathBuf>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Write the result in a further format; FILE `-` is standard output
    #[arg(long, value_name = "FORMAT=FILE")]
    pub report: Vec<ReportTarget>,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask docker-build                       all images, with the engine that answers
  cargo xtask docker-build --offline             the same where no container registry can be reached
  cargo xtask docker-build api-gateway           one service (and the base it stands on)
  cargo xtask docker-build --affected            what differs from the default branch of origin
  cargo xtask docker-build --stage development   images with hot reload and inspector
  cargo xtask docker-build --format json | jq '.images[] | select(.within_budget == false)'
  cargo xtask docker-build --release --push --metadata-file target/metadata.json
  cargo xtask docker-build --release --platform linux/arm64 --builder ci --push-by-digest --metadata-file arm64.json
  cargo xtask docker-build --tags-from-git       called after the branch, tag or pull request
  cargo xtask docker-build --dry-run             the command, its variables and the targets

Exit codes: 0 all within budget, 1 an image over its budget, or an exception that has ended or that
no image needs, 2 usage or configuration, 3 no engine, 4 the build failed, 130 interrupted.";

/// `KEY=VALUE` of `--build-arg`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyValue {
    /// Before the first `=`.
    pub key: String,
    /// After it.
    pub value: String,
}

impl FromStr for KeyValue {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((key, value)) if !key.is_empty() => Ok(Self {
                key: key.to_owned(),
                value: value.to_owned(),
            }),
            _ => Err("expected KEY=VALUE".to_owned()),
        }
    }
}

/// `FORMAT=FILE` of `--report`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportTarget {
    /// How to write it.
    pub format: Format,
    /// Where; `-` is standard output.
    pub file: Utf8PathBuf,
}

impl FromStr for ReportTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = text
            .split_once('=')
            .filter(|(_, file)| !file.is_empty())
            .ok_or("expected FORMAT=FILE, such as markdown=summary.md")?;
        Ok(Self {
            format: Format::from_str(format, false)?,
            file: file.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_values_split_at_the_first_equals_sign() {
        let pair: KeyValue = "A=b=c".parse().unwrap();
        assert_eq!((pair.key.as_str(), pair.value.as_str()), ("A", "b=c"));
        assert!("A".parse::<KeyValue>().is_err());
        assert!("=b".parse::<KeyValue>().is_err());
    }

    #[test]
    fn report_targets_name_format_and_file() {
        let target: ReportTarget = "markdown=a=b.md".parse().unwrap();
        assert_eq!(
            (target.format, target.file.as_str()),
            (Format::Markdown, "a=b.md")
        );
        for text in ["markdown", "markdown=", "nope=x"] {
            assert!(text.parse::<ReportTarget>().is_err(), "{text}");
        }
    }
}
