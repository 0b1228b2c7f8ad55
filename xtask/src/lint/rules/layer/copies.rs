//! What a `COPY` brings, and where it puts it.

use crate::dockerfile::{FileTransfer, Stage};
use crate::lint::{Known, Step};

/// The stage a `COPY --from` takes from.
pub(super) fn from_stage<'m>(step: Step<'m>, copy: &FileTransfer) -> Option<&'m Stage> {
    let from = copy.flag("from")?;
    let stage = step.stage.model.file.stage(&from.value)?;
    (stage.index < step.stage.index).then_some(stage)
}

/// The path in the image, absolute and without a slash at its end; with the source's name where it goes into a folder.
pub(super) fn target(step: Step<'_>, copy: &FileTransfer, source: &str) -> Option<String> {
    let Known::Yes(written) = step.before().expand(&copy.destination.value) else {
        return None;
    };
    let Known::Yes(path) = step.before().resolve(&copy.destination.value) else {
        return None;
    };
    let is_folder = written.ends_with('/') || written.ends_with('.') || copy.sources.len() > 1;
    let name = source
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    if is_folder && !name.is_empty() && name != "." && !name.contains(['*', '?', '[']) {
        return Some(format!("{}/{name}", path.trim_end_matches('/')));
    }
    Some(path)
}

/// Whether a path is another one, or lies below it.
pub(super) fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder.trim_end_matches('/'))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
