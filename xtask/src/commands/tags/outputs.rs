//! What is handed over to later steps of a workflow, and to shells.

use camino::Utf8Path;

use super::answer::Answer;
use super::metadata::Metadata;
use crate::atomic_file;
use crate::commands::github::{append, assignment};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::tags::Parts;

/// The bake files that are written, by output; what each holds, and its name.
const BAKE_FILES: [(&str, Parts, &str); 4] = [
    ("bake-file", parts(true, true, false), "bake.json"),
    (
        "bake-file-tags",
        parts(true, false, false),
        "bake-tags.json",
    ),
    (
        "bake-file-labels",
        parts(false, true, false),
        "bake-labels.json",
    ),
    (
        "bake-file-annotations",
        parts(false, false, true),
        "bake-annotations.json",
    ),
];

const fn parts(tags: bool, labels: bool, annotations: bool) -> Parts {
    Parts {
        tags,
        labels,
        annotations,
    }
}

/// Writes the bake files below `target/docker-tags`, then the outputs and variables as GitHub reads them.
///
/// # Errors
/// This is no workflow, or a file cannot be written.
pub(super) fn hand_over(
    answer: &Answer<'_>,
    metadata: &Metadata,
    root: &Utf8Path,
    environment: &Environment,
) -> Result<()> {
    let Some(file) = environment.variable("GITHUB_OUTPUT") else {
        return Err(
            Error::usage("there is no workflow to hand anything over to")
                .because("`GITHUB_OUTPUT` is not set")
                .help("leave out `--github`; `--format env` writes variables for a shell"),
        );
    };
    let mut outputs = outputs(answer)?;
    for (output, parts, name) in BAKE_FILES {
        let file = root.join("target/docker-tags").join(name);
        atomic_file::write(&file, metadata.bake_file(parts))?;
        outputs.push((output, file.into_string()));
    }
    let text: String = outputs
        .iter()
        .map(|(name, value)| assignment(name, value))
        .collect();
    append(Utf8Path::new(file), &text)?;
    let wanted = environment.variable("DOCKER_METADATA_SET_OUTPUT_ENV");
    let is_wanted =
        !wanted.is_some_and(|value| ["false", "0", "f"].contains(&value.to_lowercase().as_str()));
    if let Some(file) = environment.variable("GITHUB_ENV").filter(|_| is_wanted) {
        let text: String = outputs
            .iter()
            .map(|(name, value)| assignment(&variable(name), value))
            .collect();
        append(Utf8Path::new(file), &text)?;
    }
    Ok(())
}

/// The same as variables of a POSIX shell.
pub(super) fn shell(answer: &Answer<'_>) -> Result<String> {
    let outputs = outputs(answer)?;
    let lines = outputs.iter().map(|(name, value)| {
        let quoted = value.replace('\'', r"'\''");
        format!("{}='{quoted}'\n", variable(name))
    });
    Ok(lines.collect())
}

/// `tag-names` is `DOCKER_METADATA_OUTPUT_TAG_NAMES`.
fn variable(output: &str) -> String {
    format!(
        "DOCKER_METADATA_OUTPUT_{}",
        output.replace('-', "_").to_uppercase()
    )
}

/// The outputs of the action, of all images that run: their tags, and the labels and annotations that all of them have.
fn outputs(answer: &Answer<'_>) -> Result<Vec<(&'static str, String)>> {
    let mut names: Vec<&str> = Vec::new();
    for tag in answer.production().flat_map(|target| &target.tags) {
        if !names.contains(&tag.name) {
            names.push(tag.name);
        }
    }
    let references: Vec<&str> = answer
        .production()
        .flat_map(|target| target.references)
        .map(String::as_str)
        .collect();
    let labels = shared(answer.production().map(|target| {
        let labels = target.labels.iter();
        labels
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    }));
    let annotations = shared(
        answer
            .production()
            .map(|target| target.annotations.to_vec()),
    );
    let targets: Vec<&str> = answer
        .production()
        .filter(|target| !target.tags.is_empty())
        .map(|target| target.target)
        .collect();
    let failed = |error: serde_json::Error| {
        Error::failed("failed to write the answer as JSON").because(error)
    };
    Ok(vec![
        ("version", answer.version.unwrap_or_default().to_owned()),
        ("tags", references.join("\n")),
        ("tag-names", names.join("\n")),
        ("labels", labels.join("\n")),
        ("annotations", annotations.join("\n")),
        ("json", serde_json::to_string(answer).map_err(failed)?),
        ("targets", serde_json::to_string(&targets).map_err(failed)?),
    ])
}

/// What all lists hold, in the order of the first.
fn shared(mut lists: impl Iterator<Item = Vec<String>>) -> Vec<String> {
    let mut shared = lists.next().unwrap_or_default();
    for list in lists {
        shared.retain(|line| list.contains(line));
    }
    shared
}
