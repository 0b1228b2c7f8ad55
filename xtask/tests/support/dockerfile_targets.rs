//! The stages of a Dockerfile as `docker buildx build --call=targets` tells them, and as we do.

use xtask::dockerfile::{Dockerfile, Stage};
use xtask::process::Output;
use xtask::source::Spanned;

/// What both sides say of a file's stages: name, base, platform, line of the `FROM`.
pub(crate) type Targets = Vec<(String, String, String, u64)>;

/// `None` if we find an error.
pub(crate) fn our_targets(file: &Dockerfile) -> Option<Targets> {
    if !file.errors.is_empty() {
        return None;
    }
    let text = |value: Option<&Spanned<String>>| {
        value.map(|value| value.value.clone()).unwrap_or_default()
    };
    let target = |stage: &Stage| {
        (
            text(stage.name.as_ref()).to_lowercase(),
            stage.base.value.clone(),
            text(stage.platform.as_ref()),
            file.source.line_column(stage.span.start).line as u64,
        )
    };
    Some(file.stages.iter().map(target).collect())
}

/// `None` if the engine refuses the file. A file without stages is refused only when it is built.
pub(crate) fn engine_targets(output: &Output) -> Option<Targets> {
    if !output.success() {
        return None;
    }
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let targets = answer["targets"].as_array()?;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let target = |target: &serde_json::Value| {
        let first_range = &target["location"]["ranges"][0];
        (
            text(&target["name"]),
            text(&target["base"]),
            text(&target["platform"]),
            first_range["start"]["line"].as_u64().unwrap_or_default(),
        )
    };
    Some(targets.iter().map(target).collect())
}
