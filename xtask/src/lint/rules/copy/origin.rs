//! What `COPY --from` and `RUN --mount=from` mean.

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
pub(in crate::lint::rules) fn origins(model: &Model) -> impl Iterator<Item = From<'_>> {
    let text = model.file.source.text();
    model.steps().flat_map(move |step| {
        let of_copy = step.copy().and_then(|copy| copy.flag("from"));
        let of_copy = of_copy.map(|from| (from.value.as_str(), from.span, false));
        let mounts = step.run().map_or(&[][..], |run| &run.mounts);
        let of_mounts = mounts.iter().filter_map(move |mount| {
            let name = mount.field("from")?;
            Some((name, place_in_mount(mount.span, name, text), true))
        });
        of_copy
            .into_iter()
            .chain(of_mounts)
            .filter(|(name, _, _)| !name.is_empty())
            .map(move |(name, place, is_mount)| From {
                name,
                place,
                stage: step.stage.index,
                is_mount,
                origin: origin(model, name, is_mount),
            })
    })
}

fn origin(model: &Model, name: &str, is_mount: bool) -> Origin {
    let stages = &model.file.stages;
    if !is_mount && let Ok(number) = name.parse::<i64>() {
        return match usize::try_from(number) {
            Ok(index) if index < stages.len() => Origin::Stage(index),
            _ => Origin::NoSuchNumber,
        };
    }
    // The last stage of the file counts where several share a name.
    match stages.iter().rev().find(|stage| stage.is_named(name)) {
        Some(stage) => Origin::Stage(stage.index),
        None if name.contains('$') => Origin::Variable,
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
