//! What would make an image smaller, with the bytes it would save.
//!
//! What a rule of the linter finds in the Dockerfile, too, has the rule's code here: one comment keeps both quiet, and
//! the linter's fix mends both.

use super::analysis::{Analysis, LayerReport, LeftoverReport, WasteCause, WasteReport};
use super::leftovers::Category;
use crate::finding::{Finding, Severity};
use crate::size::Bytes;

/// Savings below that are not told.
pub const SMALLEST: Bytes = Bytes(100_000);

/// A code with the name it goes by.
type Code = (&'static str, &'static str);

/// Hidden bytes for which there is no rule about Dockerfiles.
const HIDDEN: Code = ("B101", "hidden-bytes");
/// Files that no container needs.
const LEFTOVER: Code = ("B102", "leftover-files");
/// The same content several times.
const DUPLICATE: Code = ("B103", "duplicate-content");

/// What would make an image smaller, for the layers that are its own: those of the base are told where the base is
/// looked at.
#[must_use]
pub fn advice(image: &Analysis) -> Vec<Finding> {
    let waste = image.waste.iter().filter_map(|group| waste(image, group));
    let leftovers = image
        .leftovers
        .iter()
        .filter_map(|leftover| self::leftover(image, leftover));
    waste.chain(leftovers).chain(duplicates(image)).collect()
}

fn waste(image: &Analysis, group: &WasteReport) -> Option<Finding> {
    let hiding = &image.layers[group.hidden_by];
    if group.bytes < SMALLEST.0 || hiding.origin.is_base == Some(true) {
        return None;
    }
    let adding = &image.layers[group.added_by];
    let (size, added) = (Bytes(group.bytes), place(adding, hiding));
    let keyword = keyword(hiding);
    let is_from_base = adding.origin.is_base == Some(true);
    let (code, what, help) = match group.cause {
        WasteCause::Removed => (
            ("DX2101", "remove-in-later-layer"),
            format!("removes {size} that {added} added: they stay in the image"),
            "remove them in the step that adds them, or copy only what is needed from a stage of its own",
        ),
        WasteCause::Replaced if matches!(keyword.as_str(), "COPY" | "ADD") => (
            ("DX2107", "copy-hidden-by-later-copy"),
            format!("replaces {size} that {added} added: both stay in the image"),
            "copy each file once",
        ),
        WasteCause::Replaced => (
            HIDDEN,
            format!("replaces {size} that {added} added: both stay in the image"),
            "write the files once, in one step",
        ),
        WasteCause::MetadataOnly if keyword == "RUN" => (
            ("DX1005", "chown-in-own-layer"),
            format!(
                "stores {size} again that {added} added, with other owners or permissions only"
            ),
            "set them where the files come from: `COPY --chown=… --chmod=…`, or in the step that writes them",
        ),
        WasteCause::MetadataOnly => (
            HIDDEN,
            format!("stores {size} again that {added} added, with the same content"),
            "copy each file once",
        ),
        WasteCause::Moved => (
            HIDDEN,
            format!("moves {size} that {added} added: both places stay in the image"),
            "put the files where they belong in the step that adds them",
        ),
    };
    let help = if is_from_base {
        "keep it out of the base image, or copy what is needed into `FROM scratch`"
    } else {
        help
    };
    let largest = group
        .largest
        .first()
        .map(|file| format!("the largest is {}", file.path));
    let mut finding = about(
        image,
        hiding,
        code,
        severity(group.bytes),
        what,
        group.bytes,
        help,
    );
    finding.help.extend(largest.map(Into::into));
    Some(finding)
}

fn leftover(image: &Analysis, leftover: &LeftoverReport) -> Option<Finding> {
    let category = Category::named(&leftover.category)?;
    if category == Category::Bytecode {
        // It costs bytes and saves time at every start: whether that is right nobody can tell from the image.
        return None;
    }
    let own = leftover
        .by_layer
        .iter()
        .filter(|share| image.layers[share.layer].origin.is_base != Some(true));
    let bytes: u64 = own.clone().map(|share| share.bytes).sum();
    let most = own.max_by_key(|share| share.bytes)?;
    if bytes < SMALLEST.0 {
        return None;
    }
    let layer = &image.layers[most.layer];
    let largest = leftover
        .largest
        .first()
        .map(|file| format!("the largest is {}", file.path));
    let what = format!(
        "brings {} that containers seldom need: {}",
        Bytes(bytes),
        category.name()
    );
    let advice = category.advice();
    let mut finding = about(image, layer, LEFTOVER, Severity::Note, what, bytes, advice);
    finding.help.extend(largest.map(Into::into));
    Some(finding)
}

fn duplicates(image: &Analysis) -> Option<Finding> {
    let first = image.duplicates.first()?;
    let own = image
        .layers
        .iter()
        .rfind(|layer| layer.origin.is_base != Some(true))?;
    if image.duplicate_bytes < SMALLEST.0
        || image.layers.iter().any(|l| l.origin.is_base == Some(true))
    {
        return None;
    }
    let what = format!(
        "leaves {} of content in the image that is there several times",
        Bytes(image.duplicate_bytes)
    );
    let largest = format!("most of it: {}", first.paths.join(", "));
    let help = "link them, or leave one of them out";
    let mut finding = about(
        image,
        own,
        DUPLICATE,
        Severity::Note,
        what,
        image.duplicate_bytes,
        help,
    );
    finding.help.push(largest.into());
    Some(finding)
}

/// Bytes that cost every pull are more than a remark.
const fn severity(bytes: u64) -> Severity {
    if bytes >= 1_000_000 {
        Severity::Warning
    } else {
        Severity::Note
    }
}

/// The layer that added something, as seen from the one that hides it.
fn place(adding: &LayerReport, hiding: &LayerReport) -> String {
    match (&adding.origin.dockerfile, adding.origin.line) {
        (Some(file), Some(line)) if hiding.origin.dockerfile.as_ref() == Some(file) => {
            format!("line {line}")
        }
        (Some(file), Some(line)) => format!("{file}:{line}"),
        _ if adding.origin.is_base == Some(true) => "the base image".to_owned(),
        _ => format!("\"{}\"", adding.origin.instruction),
    }
}

fn keyword(layer: &LayerReport) -> String {
    let word = layer
        .origin
        .instruction
        .split_whitespace()
        .next()
        .unwrap_or_default();
    word.to_ascii_uppercase()
}

fn about(
    image: &Analysis,
    layer: &LayerReport,
    (code, name): Code,
    severity: Severity,
    what: String,
    bytes: u64,
    help: &str,
) -> Finding {
    let message = match layer.origin.line {
        Some(_) => what,
        None => format!("{}: \"{}\" {what}", image.name, layer.origin.instruction),
    };
    let mut finding = Finding::new(code, name, severity, message)
        .help(help.to_owned())
        .property("image", image.name.clone())
        .property("bytes", bytes);
    if let Some(line) = layer.origin.line {
        finding = finding.property("line", line);
    }
    match &layer.origin.dockerfile {
        Some(file) => finding.in_file(file.clone()),
        None => finding,
    }
}
