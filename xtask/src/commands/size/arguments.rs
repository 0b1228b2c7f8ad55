//! The options of `docker-size`.

use camino::Utf8PathBuf;
use clap::{Args, Subcommand};

use crate::engine::select::EngineChoice;
use crate::report::Format;

/// Options of `docker-size`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Arguments {
    /// What to do with two images.
    #[command(subcommand)]
    pub action: Option<Action>,
    /// What to look at; all images of the manifest, as they were built last, if none is named
    #[arg(value_name = "IMAGE")]
    pub images: Vec<String>,
    /// How images are read and what is told.
    #[command(flatten)]
    pub reading: ReadingArguments,
    /// Tell how large images of the manifest will be at least, before they are built; no engine is asked
    #[arg(long, conflicts_with_all = ["tree", "html", "against", "record", "fix"])]
    pub estimate: bool,
    /// Draw the visible files of each image as a tree
    #[arg(long)]
    pub tree: bool,
    /// With `--tree`: how many folders deep
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub depth: usize,
    /// Write a page to look at: one file, nothing from the network
    #[arg(long, value_name = "FILE")]
    pub html: Option<Utf8PathBuf>,
    /// Compare with the record of a commit, or with a record in a file
    #[arg(long, value_name = "REF|FILE")]
    pub against: Option<String>,
    /// Write the sizes of this commit to the record
    #[arg(long)]
    pub record: bool,
    /// The record [default: docker/sizes.json]
    #[arg(long, value_name = "FILE")]
    pub record_file: Option<Utf8PathBuf>,
    /// Mend what `docker-lint` can mend of what was found
    #[arg(long)]
    pub fix: bool,
}

/// Two images.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Tell what is larger or smaller in an image than in another
    Diff(DiffArguments),
}

/// Options of `docker-size diff`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask docker-size diff registry:ghcr.io/acme/shop:1 shop
  cargo xtask docker-size diff before.tar after.tar --format markdown")]
pub struct DiffArguments {
    /// The one to compare with
    #[arg(value_name = "BEFORE")]
    pub before: String,
    /// The one to look at
    #[arg(value_name = "AFTER")]
    pub after: String,
    /// How images are read and what is told.
    #[command(flatten)]
    pub reading: ReadingArguments,
}

/// How images are read and what is told.
#[derive(Clone, Debug, Args)]
pub struct ReadingArguments {
    /// Of images for several platforms, this one
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<String>,
    /// The engine: one that is installed, the private one, or the first that answers
    #[arg(long, value_enum, default_value_t)]
    pub engine: EngineChoice,
    /// How many entries each list has
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask docker-size                              All images: measures, budgets, what is wasted
  cargo xtask docker-size api-gateway                  One: its layers by line of the Dockerfile, packages, leftovers
  cargo xtask docker-size api-gateway --tree --top 20
  cargo xtask docker-size --html target/sizes.html     A page to look at
  cargo xtask docker-size --against main               What has changed since the record of a commit
  cargo xtask docker-size --record                     Write docker/sizes.json
  cargo xtask docker-size --estimate                   How large the images will be at least, before they are built
  cargo xtask docker-size oci:build/layout image.tar registry:ghcr.io/acme/shop:1 --platform linux/arm64
  cargo xtask docker-size diff registry:ghcr.io/acme/shop:1 shop

IMAGE is an image of the manifest by name, a reference in the engine, `oci:DIR` (an OCI layout), an archive (OCI or
`docker save`), or `registry:REFERENCE`. Files need no engine.

Exit codes: 0 all within budget, 1 a budget is broken, an image could not be measured or an exception is out of date,
2 usage, configuration or an image that cannot be read, 3 no engine or no answer from a registry, 130 interrupted.";
