//! Which line of which Dockerfile made a layer.
//!
//! Best from what the builder recorded: `BUILDX_METADATA_PROVENANCE=max` leaves in the metadata file, for every step,
//! the layers it ended with and the lines it stands at. The step whose layers are the first to end with a layer made
//! it. Else from the image's history, which has the instructions in their order: held against the Dockerfile from the
//! last one backwards, it gives places as long as both say the same.

use serde::{Deserialize, Serialize};

use super::accounting::{Layer, SavedImage};
use super::config::HistoryEntry;

mod provenance;

pub use provenance::Provenance;

/// How it is known what made a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The builder recorded it when it built the image: exact.
    Provenance,
    /// The image's history, held against the text of the Dockerfile.
    Dockerfile,
    /// The image's history: what it says, without a place.
    History,
    /// Nothing.
    #[default]
    Unknown,
}

/// What made a layer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Origin {
    /// How it is known.
    pub evidence: Evidence,
    /// The instruction, on one line.
    pub instruction: String,
    /// The Dockerfile, from the root of the repository.
    pub dockerfile: Option<String>,
    /// The first line of the instruction there, from 1.
    pub line: Option<usize>,
    /// The last line of the instruction there.
    pub end_line: Option<usize>,
    /// Whether the base image has the layer, too; `null` if that is not known.
    pub is_base: Option<bool>,
}

/// An instruction of a Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// In upper case.
    pub keyword: String,
    /// The first line, from 1.
    pub line: usize,
    /// The last line.
    pub end_line: usize,
}

/// A Dockerfile of the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe<'a> {
    /// From the root of the repository.
    pub path: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// What is known about how an image was made.
#[derive(Clone, Debug, Default)]
pub struct Knowledge<'a> {
    /// What the builder recorded.
    pub provenance: Option<Provenance>,
    /// The Dockerfiles of the repository.
    pub recipes: Vec<Recipe<'a>>,
    /// The image's own Dockerfile.
    pub own: Option<Recipe<'a>>,
    /// The instructions of its last stage and of those it stands on in the same file, `FROM` left out.
    pub written: Vec<Written>,
    /// The layers of the image it stands on, by diff ID.
    pub base: Option<Vec<String>>,
}

/// What made each layer of an image, lowest first.
#[must_use]
pub fn origins(image: &SavedImage, knowledge: &Knowledge<'_>) -> Vec<Origin> {
    let history = by_layer(&image.config.history, image.layers.len());
    let places = aligned(&image.config.history, &knowledge.written);
    image
        .layers
        .iter()
        .enumerate()
        .map(|(index, layer)| {
            let entry = history.get(index).copied().flatten();
            let mut origin = recorded(layer, knowledge)
                .or_else(|| placed(entry, &places, knowledge))
                .or_else(|| told(entry, &image.config.history))
                .unwrap_or_default();
            if let Some(base) = &knowledge.base {
                let is_base = base.get(index).is_some_and(|id| *id == layer.diff_id);
                origin.is_base = Some(is_base);
            }
            if origin.instruction.is_empty()
                && let Some(entry) = entry
            {
                origin.instruction = readable(&image.config.history[entry].created_by);
            }
            origin
        })
        .collect()
}

/// What made each entry of an image's history, those without a layer included; `layers` is what [`origins`] says.
#[must_use]
pub fn steps(image: &SavedImage, layers: &[Origin], knowledge: &Knowledge<'_>) -> Vec<Origin> {
    let history = &image.config.history;
    let places = aligned(history, &knowledge.written);
    let first_placed = places.iter().position(Option::is_some);
    let mut steps: Vec<Origin> = (0..history.len())
        .map(|entry| {
            placed(Some(entry), &places, knowledge)
                .or_else(|| told(Some(entry), history))
                .unwrap_or_default()
        })
        .collect();
    for (layer, entry) in by_layer(history, layers.len()).into_iter().enumerate() {
        if let Some(entry) = entry {
            steps[entry] = layers[layer].clone();
        }
    }
    // What stands before a layer of the base is the base's; what stands before the first line of the own Dockerfile, too.
    let last_base = steps.iter().rposition(|step| step.is_base == Some(true));
    for (entry, step) in steps.iter_mut().enumerate() {
        if step.is_base.is_none()
            && (last_base.is_some_and(|last| entry < last)
                || first_placed.is_some_and(|first| entry < first))
        {
            step.is_base = Some(true);
        }
    }
    steps
}

/// What the builder recorded about a layer.
fn recorded(layer: &Layer, knowledge: &Knowledge<'_>) -> Option<Origin> {
    let provenance = knowledge.provenance.as_ref()?;
    let place = provenance
        .place(&layer.digest)
        .or_else(|| provenance.place(&layer.diff_id))?;
    let Some((text, line, end_line)) = place else {
        // The step has no place: it fetched an image.
        return Some(Origin {
            evidence: Evidence::Provenance,
            is_base: Some(true),
            ..Origin::default()
        });
    };
    // BuildKit knows a Dockerfile's last component only, which is the same for all of them.
    let mut recipes = knowledge.own.iter().chain(&knowledge.recipes);
    let recipe = recipes.find(|recipe| recipe.text == text);
    Some(Origin {
        evidence: Evidence::Provenance,
        instruction: one_line(text, line, end_line),
        dockerfile: recipe.map(|recipe| recipe.path.to_owned()),
        line: Some(line),
        end_line: Some(end_line),
        is_base: knowledge.own.map(|own| own.text != text),
    })
}

/// The place in the Dockerfile of a history entry.
fn placed(
    entry: Option<usize>,
    places: &[Option<&Written>],
    knowledge: &Knowledge<'_>,
) -> Option<Origin> {
    let own = knowledge.own?;
    let written = (*places.get(entry?)?)?;
    Some(Origin {
        evidence: Evidence::Dockerfile,
        instruction: one_line(own.text, written.line, written.end_line),
        dockerfile: Some(own.path.to_owned()),
        line: Some(written.line),
        end_line: Some(written.end_line),
        is_base: Some(false),
    })
}

fn told(entry: Option<usize>, history: &[HistoryEntry]) -> Option<Origin> {
    let entry = history.get(entry?)?;
    (!entry.created_by.is_empty()).then(|| Origin {
        evidence: Evidence::History,
        instruction: readable(&entry.created_by),
        ..Origin::default()
    })
}

/// The history entry of each layer; none if the numbers do not fit.
fn by_layer(history: &[HistoryEntry], layers: usize) -> Vec<Option<usize>> {
    let with_layer: Vec<Option<usize>> = history
        .iter()
        .enumerate()
        .filter(|(_, entry)| !entry.empty_layer)
        .map(|(index, _)| Some(index))
        .collect();
    if with_layer.len() == layers {
        with_layer
    } else {
        vec![None; layers]
    }
}

/// The instruction of each history entry, as far as both agree from the end.
fn aligned<'w>(history: &[HistoryEntry], written: &'w [Written]) -> Vec<Option<&'w Written>> {
    let mut places = vec![None; history.len()];
    let entries = history.iter().enumerate().rev();
    for ((index, entry), written) in entries.zip(written.iter().rev()) {
        if keyword(&entry.created_by) != written.keyword {
            break;
        }
        places[index] = Some(written);
    }
    places
}

/// The keyword of what a builder wrote into the history.
fn keyword(created_by: &str) -> String {
    let text = readable(created_by);
    let word = text.split_whitespace().next().unwrap_or_default();
    word.to_ascii_uppercase()
}

/// As an instruction, without what builders add: `# buildkit`, `|1 A=b`, and the shell of the older builder.
fn readable(created_by: &str) -> String {
    let text = created_by.trim().trim_end_matches("# buildkit").trim_end();
    let text = match text.strip_prefix("/bin/sh -c ") {
        Some(text) => match text.strip_prefix("#(nop)") {
            Some(instruction) => instruction.trim_start().to_owned(),
            None => format!("RUN {text}"),
        },
        None => text.to_owned(),
    };
    match text.strip_prefix("RUN ") {
        Some(command) => {
            let command = without_arguments(command);
            format!(
                "RUN {}",
                command.strip_prefix("/bin/sh -c ").unwrap_or(command)
            )
        }
        None => text,
    }
    .split_whitespace()
    .collect::<Vec<_>>()
    .join(" ")
}

/// `|2 A=b C=d command` names the build arguments that the command sees. Their values may hold blanks, so they end
/// where the shell begins.
fn without_arguments(command: &str) -> &str {
    if !command.starts_with('|') {
        return command;
    }
    command
        .find("/bin/sh -c ")
        .map_or(command, |at| &command[at..])
}

/// Lines of a Dockerfile as one, without comments and continuation marks: what [`Origin::instruction`] says.
#[must_use]
pub fn one_line(text: &str, line: usize, end_line: usize) -> String {
    let count = end_line.saturating_sub(line) + 1;
    let lines = text.lines().skip(line.saturating_sub(1)).take(count);
    let lines = lines.filter(|line| !line.trim_start().starts_with('#'));
    let joined: Vec<&str> = lines
        .flat_map(|line| line.trim_end().trim_end_matches('\\').split_whitespace())
        .collect();
    joined.join(" ")
}

#[cfg(test)]
mod tests;
