//! What `docker-size` prints for people.

use std::fmt::Write as _;

use crate::commands::build::short_digest;
use crate::image::analysis::{Analysis, WasteCause};
use crate::project::budget::{Judgment, Verdict};
use crate::project::manifest::Measure;
use crate::report::table::{Alignment, Table};
use crate::size::Bytes;

const INSTRUCTION_WIDTH: usize = 60;

/// One line per image; the platform is told where there are several.
pub(super) fn overview(images: &[(&Analysis, &[Judgment])]) -> Table {
    use Alignment::{Left, Right};
    let mut table = Table::new(&[
        ("IMAGE", Left),
        ("UNPACKED", Right),
        ("BUDGET", Right),
        ("HEADROOM", Right),
        ("COMPRESSED", Right),
        ("HIDDEN", Right),
        ("OWN", Right),
        ("FILES", Right),
        ("LAYERS", Right),
        ("", Left),
    ]);
    let first = images.first().map(|(image, _)| &image.platform);
    let several = images
        .iter()
        .any(|(image, _)| Some(&image.platform) != first);
    for (image, judgments) in images {
        let sizes = &image.sizes;
        let unpacked = judgments
            .iter()
            .find(|one| one.measure == Measure::Unpacked);
        table.row([
            if several {
                format!("{} ({})", image.name, image.platform)
            } else {
                image.name.clone()
            },
            bytes(sizes.unpacked_bytes),
            unpacked
                .and_then(|one| one.hard_bytes)
                .map(bytes)
                .unwrap_or_default(),
            unpacked
                .and_then(|one| one.headroom_bytes)
                .map(signed)
                .unwrap_or_default(),
            compressed(sizes.compressed_bytes, sizes.compressed_is_estimate),
            known(sizes.hidden_bytes),
            known(sizes.own_bytes),
            sizes.files.to_string(),
            image.layers.len().to_string(),
            mark(judgments),
        ]);
    }
    table
}

/// What is to be said about the budgets of an image in one word or two.
fn mark(judgments: &[Judgment]) -> String {
    let has = |verdict: Verdict| judgments.iter().any(|one| one.verdict == verdict);
    let said = if has(Verdict::Over) {
        "over budget"
    } else if has(Verdict::Unknown)
        && judgments
            .iter()
            .any(|one| one.is_limited && one.verdict == Verdict::Unknown)
    {
        "not measured"
    } else if has(Verdict::AboveSoft) {
        "near its budget"
    } else if judgments.iter().any(|one| one.exception.is_some()) {
        "exception"
    } else {
        ""
    };
    said.to_owned()
}

fn budgets(judgments: &[Judgment]) -> Table {
    use Alignment::{Left, Right};
    let mut table = Table::new(&[
        ("MEASURE", Left),
        ("BYTES", Right),
        ("LIMIT", Right),
        ("SOFT LIMIT", Right),
        ("HEADROOM", Right),
        ("", Left),
        ("", Left),
    ]);
    for judgment in judgments
        .iter()
        .filter(|one| one.verdict != Verdict::Unlimited)
    {
        let exception = judgment.exception.as_ref();
        table.row([
            judgment.measure.to_string(),
            judgment.bytes.map_or_else(|| "unknown".to_owned(), signed),
            judgment.hard_bytes.map(bytes).unwrap_or_default(),
            judgment.soft_bytes.map(bytes).unwrap_or_default(),
            judgment.headroom_bytes.map(signed).unwrap_or_default(),
            mark(std::slice::from_ref(judgment)),
            exception
                .map(|one| format!("until {}: {}", one.expires, one.reason))
                .unwrap_or_default(),
        ]);
    }
    table
}

/// Everything about one image.
pub(super) fn details(image: &Analysis, judgments: &[Judgment], top: usize) -> String {
    let mut text = format!(
        "{}  {}  {}  {}\n",
        image.name,
        image.platform,
        short_digest(&image.digest),
        image.source
    );
    let mut section = |title: &str, table: &Table, rows: usize| {
        if rows > 0 {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n{title}\n{}", indented(&table.plain()));
        }
    };
    section("measures", &measures(image), 1);
    let limited = judgments
        .iter()
        .filter(|one| one.verdict != Verdict::Unlimited)
        .count();
    section("budgets", &budgets(judgments), limited);
    section("layers, lowest first", &layers(image), image.layers.len());
    section("hidden by later layers", &waste(image), image.waste.len());
    section("packages", &packages(image, top), image.packages.len());
    section(
        "what no container needs",
        &leftovers(image),
        image.leftovers.len(),
    );
    section(
        "the same content at several paths",
        &duplicates(image, top),
        image.duplicates.len(),
    );
    section(
        "largest files",
        &largest(image, top),
        image.largest_files.len(),
    );
    for remark in &image.remarks {
        let _ = write!(text, "\nnote: {remark}");
    }
    if !image.remarks.is_empty() {
        text.push('\n');
    }
    text
}

fn measures(image: &Analysis) -> Table {
    let mut table = Table::new(&[
        ("MEASURE", Alignment::Left),
        ("BYTES", Alignment::Right),
        ("", Alignment::Left),
    ]);
    let sizes = &image.sizes;
    let mut row = |name: &str, size: String, meaning: &str| {
        table.row([name.to_owned(), size, meaning.to_owned()]);
    };
    row(
        "unpacked",
        bytes(sizes.unpacked_bytes),
        "regular files, summed over all layers",
    );
    row(
        "compressed",
        compressed(sizes.compressed_bytes, sizes.compressed_is_estimate),
        if sizes.compressed_is_estimate {
            "estimated with gzip at level 6, as the layers are not stored compressed"
        } else {
            "the layers as they are stored: what a registry stores and a pull transfers"
        },
    );
    row(
        "tar",
        bytes(sizes.tar_bytes),
        "the layers as plain tars, with headers and padding",
    );
    row(
        "visible",
        known(sizes.visible_bytes),
        "of unpacked: what a container sees",
    );
    row(
        "hidden",
        known(sizes.hidden_bytes),
        "of unpacked: what later layers remove or replace",
    );
    row(
        "base",
        known(sizes.base_bytes),
        "of unpacked: layers of the base image",
    );
    row(
        "own",
        known(sizes.own_bytes),
        "of unpacked: layers of its own",
    );
    table
}

fn layers(image: &Analysis) -> Table {
    use Alignment::{Left, Right};
    let mut table = Table::new(&[
        ("#", Right),
        ("UNPACKED", Right),
        ("COMPRESSED", Right),
        ("FILES", Right),
        ("HIDDEN", Right),
        ("HIDES", Right),
        ("MADE BY", Left),
        ("INSTRUCTION", Left),
    ]);
    for (index, layer) in image.layers.iter().enumerate() {
        table.row([
            index.to_string(),
            bytes(layer.unpacked_bytes),
            compressed(layer.compressed_bytes, image.sizes.compressed_is_estimate),
            layer.files.to_string(),
            nothing_if_zero(layer.hidden_bytes),
            nothing_if_zero(layer.hides_bytes),
            place(image, index),
            clipped(&layer.origin.instruction),
        ]);
    }
    table
}

/// The line that made a layer, where it is known.
pub(super) fn place(image: &Analysis, index: usize) -> String {
    let Some(layer) = image.layers.get(index) else {
        return String::new();
    };
    let origin = &layer.origin;
    match (&origin.dockerfile, origin.line) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        (None, Some(line)) => format!("line {line} of another Dockerfile"),
        _ if origin.is_base == Some(true) => format!("base image, layer {index}"),
        _ => format!("layer {index}"),
    }
}

fn waste(image: &Analysis) -> Table {
    use Alignment::{Left, Right};
    let mut table = Table::new(&[
        ("BYTES", Right),
        ("FILES", Right),
        ("ADDED BY", Left),
        ("", Left),
        ("BY", Left),
        ("LARGEST", Left),
    ]);
    for group in &image.waste {
        table.row([
            bytes(group.bytes),
            group.files.to_string(),
            place(image, group.added_by),
            cause(group.cause).to_owned(),
            place(image, group.hidden_by),
            group
                .largest
                .first()
                .map(|file| file.path.clone())
                .unwrap_or_default(),
        ]);
    }
    table
}

/// In a sentence: "… is removed by …".
pub(super) const fn cause(cause: WasteCause) -> &'static str {
    match cause {
        WasteCause::Removed => "removed",
        WasteCause::Replaced => "replaced",
        WasteCause::MetadataOnly => "copied for new metadata",
        WasteCause::Moved => "moved",
    }
}

fn packages(image: &Analysis, top: usize) -> Table {
    use Alignment::{Left, Right};
    let mut table = Table::new(&[
        ("BYTES", Right),
        ("FILES", Right),
        ("PACKAGE", Left),
        ("VERSION", Left),
        ("MANAGER", Left),
    ]);
    for package in image.packages.iter().take(top) {
        table.row([
            bytes(package.bytes),
            package.files.to_string(),
            package.name.clone(),
            package.version.clone(),
            package.manager.clone(),
        ]);
    }
    table
}

fn leftovers(image: &Analysis) -> Table {
    use Alignment::{Left, Right};
    let mut table = Table::new(&[
        ("BYTES", Right),
        ("FILES", Right),
        ("WHAT", Left),
        ("LARGEST", Left),
    ]);
    for leftover in &image.leftovers {
        table.row([
            bytes(leftover.bytes),
            leftover.files.to_string(),
            leftover.category.clone(),
            leftover
                .largest
                .first()
                .map(|file| file.path.clone())
                .unwrap_or_default(),
        ]);
    }
    table
}

fn duplicates(image: &Analysis, top: usize) -> Table {
    use Alignment::{Left, Right};
    let mut table = Table::new(&[
        ("WASTED", Right),
        ("COPIES", Right),
        ("EACH", Right),
        ("PATHS", Left),
    ]);
    for duplicate in image.duplicates.iter().take(top) {
        let shown: Vec<&str> = duplicate.paths.iter().take(2).map(String::as_str).collect();
        let more = duplicate.copies - shown.len();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        table.row([
            bytes(duplicate.wasted_bytes),
            duplicate.copies.to_string(),
            bytes(duplicate.each_bytes),
            format!("{}{more}", shown.join(", ")),
        ]);
    }
    table
}

fn largest(image: &Analysis, top: usize) -> Table {
    let mut table = Table::new(&[
        ("BYTES", Alignment::Right),
        ("PATH", Alignment::Left),
        ("MADE BY", Alignment::Left),
    ]);
    for file in image.largest_files.iter().take(top) {
        table.row([
            bytes(file.bytes),
            file.path.clone(),
            place(image, file.layer),
        ]);
    }
    table
}

pub(super) fn bytes(bytes: u64) -> String {
    Bytes(bytes).to_string()
}

/// With a sign only where it is below zero.
fn signed(size: i64) -> String {
    let sign = if size < 0 { "-" } else { "" };
    format!("{sign}{}", Bytes(size.unsigned_abs()))
}

fn known(size: Option<u64>) -> String {
    size.map_or_else(|| "unknown".to_owned(), bytes)
}

fn nothing_if_zero(size: u64) -> String {
    if size == 0 {
        String::new()
    } else {
        bytes(size)
    }
}

fn compressed(size: u64, is_estimate: bool) -> String {
    let mark = if is_estimate { "~" } else { "" };
    format!("{mark}{}", bytes(size))
}

fn clipped(text: &str) -> String {
    if text.chars().count() <= INSTRUCTION_WIDTH {
        return text.to_owned();
    }
    let start: String = text.chars().take(INSTRUCTION_WIDTH - 1).collect();
    format!("{start}…")
}

pub(super) fn indented(text: &str) -> String {
    let mut indented = String::new();
    for line in text.lines() {
        indented.push_str("  ");
        indented.push_str(line);
        indented.push('\n');
    }
    indented
}
