//! Options of `docker-push`.

use camino::Utf8PathBuf;
use clap::Args;

use crate::commands::engine::Format;
use crate::commands::sign::Annotation;
use crate::engine::select::EngineChoice;

/// Options of `docker-push`.
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The metadata of builds, one file for each platform, as `docker-build --metadata-file` wrote it; what the last
    /// build left if none is named
    #[arg(value_name = "FILE")]
    pub metadata: Vec<Utf8PathBuf>,
    /// A tag that every image gets
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// A bake file in JSON whose targets have tags, and annotations of indexes: as `docker-tags` and
    /// docker/metadata-action write it
    #[arg(long, value_name = "FILE")]
    pub tags_file: Option<Utf8PathBuf>,
    /// What is written on every index, beside title, revision and time
    #[arg(long = "annotation", value_name = "KEY=VALUE")]
    pub annotations: Vec<Annotation>,
    /// Let images be without a platform of the manifest's `platforms.release`
    #[arg(long)]
    pub allow_missing_platforms: bool,
    /// Ask the registry what is there, tell what would be done, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Write which image is which digest now, for `docker-sign` and `docker-verify`
    #[arg(long, value_name = "FILE")]
    pub metadata_file: Option<Utf8PathBuf>,
    /// Whose network the registry is reached in: the machine's, the private engine's, or that of the first that can ask
    #[arg(long, value_enum, default_value_t)]
    pub engine: EngineChoice,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask docker-push amd64.json arm64.json --tag sha-0a1b2c3 --metadata-file target/pushed.json
  cargo xtask docker-sign --metadata target/pushed.json --keyless
  cargo xtask docker-push target/pushed.json --tags-file target/tags.json   move the tags when all is signed
  cargo xtask docker-push target/pushed.json --tag latest --dry-run

Of several files, what was pushed by digest for each platform becomes one index for each image. Of one, the digest
stays what it is and only gets tags. Nothing is tagged before everything that is asked for is known to be in the
registry; then every image gets its first tag, and only then the next: a fleet is not left half old, half new.

Exit codes: 0 every tag is set and was read back, 2 usage, configuration, an image that one file has and another has not,
or that the registry has not, 3 the registry cannot be asked, 4 it failed, 130 interrupted.";
