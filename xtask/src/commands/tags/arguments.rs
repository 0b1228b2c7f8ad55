//! Options of `docker-tags`.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

/// Where the event, the ref and the commit are read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Context {
    /// GitHub's event in a workflow, git elsewhere.
    #[default]
    Auto,
    /// GitHub's event.
    Workflow,
    /// Git: ref and commit; the event stays that of the workflow, if there is one.
    Git,
}

/// How the answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table.
    #[default]
    Terminal,
    /// The same table for a pull request.
    Markdown,
    /// All that is known; see `schema_version`.
    Json,
    /// A bake file for `docker buildx bake -f … -f THIS`.
    Bake,
    /// Variables for a shell: `DOCKER_METADATA_OUTPUT_TAGS` and so on.
    Env,
}

/// A part of a bake file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Tags.
    Tags,
    /// Labels.
    Labels,
    /// Annotations.
    Annotations,
}

/// Options of `docker-tags`.
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = "\
Examples:
  cargo xtask docker-tags                            What images would be called now, and by which rule
  cargo xtask docker-tags --ref refs/tags/v1.2.3     What the tag v1.2.3 would bring
  cargo xtask docker-tags --tags 'type=sha' api      Other rules than the manifest's, for one image
  cargo xtask docker-tags --format bake > tags.json && docker buildx bake -f docker/docker-bake.hcl -f tags.json
  cargo xtask docker-tags --github                   For the steps of a workflow behind this one
  cargo xtask docker-build --tags-from-git           Build with these tags and labels

Lists are those of docker/metadata-action: lines, comments with `#`, fields separated by commas. They take the place of
[tags] in the manifest. Heeded variables: DOCKER_METADATA_PR_HEAD_SHA, _SHORT_SHA_LENGTH, _ANNOTATIONS_LEVELS and
_SET_OUTPUT_ENV. docs/tags.md explains the rules, and where they differ from the action.")]
pub struct Arguments {
    /// The images; all of them if none is named
    #[arg(value_name = "IMAGE")]
    pub images: Vec<String>,
    /// What makes a tag, instead of the manifest's `tags.rules`
    #[arg(long, value_name = "LINES", allow_hyphen_values = true)]
    pub tags: Option<String>,
    /// What holds for all tags, instead of `tags.flavor`
    #[arg(long, value_name = "LINES")]
    pub flavor: Option<String>,
    /// What images are called without tags, instead of [registry]; {name} stands for the name of each
    #[arg(long = "images", value_name = "LINES")]
    pub names: Option<String>,
    /// Labels, besides those that images have, instead of `tags.labels`
    #[arg(long, value_name = "LINES")]
    pub labels: Option<String>,
    /// Annotations, besides what the labels say, instead of `tags.annotations`
    #[arg(long, value_name = "LINES")]
    pub annotations: Option<String>,
    /// Where event, ref and commit are read from
    #[arg(long, value_enum, default_value_t)]
    pub context: Context,
    /// As if this were the ref: refs/heads/…, refs/tags/…, refs/pull/N/merge
    #[arg(long = "ref", value_name = "REF")]
    pub reference: Option<String>,
    /// As if this were the event, such as `push` or `pull_request`
    #[arg(long, value_name = "EVENT")]
    pub event: Option<String>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// What of it a bake file holds
    #[arg(long, value_enum, value_name = "PARTS", value_delimiter = ',', default_values = ["tags", "labels"])]
    pub parts: Vec<Part>,
    /// Write the bake file to FILE, too
    #[arg(long, value_name = "FILE")]
    pub write: Option<Utf8PathBuf>,
    /// Hand over to later steps of a workflow: outputs (version, tags, tag-names, labels, annotations, json, targets,
    /// bake-file…) and variables (`DOCKER_METADATA_OUTPUT_…`)
    #[arg(long)]
    pub github: bool,
}
