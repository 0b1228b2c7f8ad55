//! What `COPY --from` and `RUN --mount=from` mean.

use foldhash::HashMap;

use crate::lint::Model;
use crate::source::Span;

/// One `from`, with what it means.
pub(in crate::lint::rules) struct From<'m> {
    /// As written.
    pub(in crate::lint::rules) name: &'m str,
    /// Where it stands.
    pub(in crate::lint::rules) place: Span,
    /// The stage that uses it.
    pub(in crate::lint::rules) stage: usize,
    /// It stands behind `ONBUILD`: the stages are those of another file.
    pub(in crate::lint::rules) is_onbuild: bool,
    /// It is of a mount.
    pub(in crate::lint::rules) is_mount: bool,
    /// What it means.
    pub(in crate::lint::rules) origin: Origin,
}

/// Where files come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lint::rules) enum Origin {
    /// The stage with this index, wherever it stands.
    Stage(usize),
    /// A number of a stage that does not exist.
    NoSuchNumber,
    /// A name with a variable, which is not replaced.
    Variable,
    /// An image, or a build context of that name.
    Image,
}

/// Every `from` of the file, in order.
pub(in crate::lint::rules) fn origins(model: &Model) -> Vec<From<'_>> {
    let text = model.file.source.text();
    let mut found = Vec::new();
    for step in model.steps() {
        let mut push = |name, place, is_mount| {
            found.push(From {
                name,
                place,
                stage: step.stage.index,
                is_onbuild: step.is_onbuild(),
                is_mount,
                origin: Origin::Image,
            });
        };
        if let Some(from) = step.copy().and_then(|copy| copy.flag("from")) {
            push(from.value.as_str(), from.span, false);
        }
        for mount in step.run().map_or(&[][..], |run| &run.mounts) {
            if let Some(name) = mount.field("from") {
                push(name, place_in_mount(mount.span, name, text), true);
            }
        }
    }
    found.retain(|from| !from.name.is_empty());
    if !found.is_empty() {
        // The last stage of the file counts where several share a name.
        let names = model
            .file
            .stages
            .iter()
            .filter_map(|stage| Some((stage.name.as_ref()?, stage.index)));
        let by_name = names
            .map(|(name, index)| (name.value.to_lowercase(), index))
            .collect();
        for from in &mut found {
            from.origin = origin(from, model.file.stages.len(), &by_name);
        }
    }
    found
}

fn origin(from: &From<'_>, stages: usize, by_name: &HashMap<String, usize>) -> Origin {
    if !from.is_mount
        && let Ok(number) = from.name.parse::<i64>()
    {
        return match usize::try_from(number) {
            Ok(index) if index < stages => Origin::Stage(index),
            _ => Origin::NoSuchNumber,
        };
    }
    match by_name.get(&from.name.to_lowercase()) {
        Some(index) => Origin::Stage(*index),
        None if from.name.contains('$') => Origin::Variable,
        None => Origin::Image,
    }
}

/// A mount's fields have no places of their own.
fn place_in_mount(mount: Span, name: &str, text: &str) -> Span {
    let key = "from=";
    let written = mount.of(text);
    let found = written.match_indices(key).find(|(at, _)| {
        let begins = written[..*at].ends_with([',', '=', '"']);
        begins && written[at + key.len()..].starts_with(name)
    });
    match found {
        Some((at, _)) => {
            let start = mount.start + at + key.len();
            Span::new(start, start + name.len())
        }
        None => mount,
    }
}
