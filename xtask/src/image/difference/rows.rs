//! The tables that the terminal and Markdown both show.

use super::{Comparison, Difference, VersionSize};
use crate::image::composition::LineSize;
use crate::report::table::Alignment::{Left, Right};
use crate::report::table::Table;
use crate::size::{Bytes, Change};

/// A table with what it is about, and how many rows it would have in full.
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) table: Table,
    pub(super) note: Option<String>,
}

/// How texts from images are shown: in a terminal, or as code in Markdown.
pub(super) type Quote = fn(&str, usize) -> String;

/// The most characters of a text in a cell.
const WIDEST: usize = 72;

/// The tables of an image, without empty ones; each with at most `most` rows, and one that sums up the others.
pub(super) fn sections(difference: &Difference, most: usize, quote: Quote) -> Vec<Section> {
    [
        measures(difference),
        lines(difference, most, quote),
        packages(difference, most, quote),
        folders(difference, most, quote),
        leftovers(difference, most, quote),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// One row for each image, those that changed most first; images that did not change are only counted.
pub(super) fn overview(comparisons: &[&Comparison], most: usize, quote: Quote) -> Table {
    let mut table = Table::new(&[
        ("IMAGE", Left),
        ("UNPACKED", Right),
        ("CHANGE", Right),
        ("", Right),
        ("COMPRESSED", Right),
        ("CHANGE", Right),
        ("", Left),
    ]);
    let several = comparisons
        .windows(2)
        .any(|pair| pair[0].platform() != pair[1].platform());
    for comparison in comparisons.iter().take(most) {
        let name = if several {
            format!("{} ({})", comparison.name(), comparison.platform())
        } else {
            comparison.name().to_owned()
        };
        let (unpacked, compressed) = (comparison.unpacked(), comparison.compressed());
        let comparable = match comparison {
            Comparison::Both(both) => both
                .measures
                .get(1)
                .is_none_or(|one| one.change_bytes.is_some()),
            _ => true,
        };
        table.row([
            quote(&name, WIDEST),
            Bytes(unpacked.1).to_string(),
            Change::between(unpacked.0, unpacked.1).to_string(),
            percent(unpacked),
            Bytes(compressed.1).to_string(),
            if comparable {
                Change::between(compressed.0, compressed.1).to_string()
            } else {
                "?".to_owned()
            },
            match comparison {
                Comparison::Both(_) => String::new(),
                Comparison::Added(_) => "new".to_owned(),
                Comparison::Removed(_) => "gone".to_owned(),
            },
        ]);
    }
    let rest = comparisons.get(most..).unwrap_or_default();
    if !rest.is_empty() {
        let sum = |of: fn(&Comparison) -> (u64, u64)| {
            let changes = rest.iter().map(|one| of(one));
            let change = changes.map(|(before, after)| Change::between(before, after).0);
            change.fold(0, i64::saturating_add)
        };
        let unpacked = Change(sum(Comparison::unpacked)).to_string();
        table.row([format!("… {} more", rest.len()), String::new(), unpacked]);
    }
    table
}

/// `+1.5 %`; nothing where there was nothing before.
pub(super) fn percent((before, after): (u64, u64)) -> String {
    if before == 0 || before == after {
        return String::new();
    }
    let share = (after as f64 - before as f64) / before as f64 * 100.0;
    let sign = if share < 0.0 { '−' } else { '+' };
    format!("{sign}{:.1} %", share.abs())
}

/// The row for what the others are together.
fn rest<T>(table: &mut Table, columns: usize, left_out: &[T], change: impl Fn(&T) -> Change) {
    if left_out.is_empty() {
        return;
    }
    let changes = left_out.iter().map(|one| change(one).0);
    let sum = Change(changes.fold(0, i64::saturating_add));
    let mut row = vec![String::new(); columns];
    row[0] = format!("… {} more", left_out.len());
    row[columns - 1] = sum.to_string();
    table.row(row);
}

fn measures(difference: &Difference) -> Option<Section> {
    let mut table = Table::new(&[
        ("MEASURE", Left),
        ("BEFORE", Right),
        ("AFTER", Right),
        ("CHANGE", Right),
    ]);
    let mut any = false;
    for one in &difference.measures {
        if one.before_bytes.is_none() && one.after_bytes.is_none() {
            continue;
        }
        any |= one.before_bytes != one.after_bytes;
        table.row([
            one.measure.to_owned(),
            size(one.before_bytes, "?"),
            size(one.after_bytes, "?"),
            one.change_bytes
                .map_or_else(|| "?".to_owned(), |change| change.to_string()),
        ]);
    }
    any.then_some(Section {
        title: "Measures",
        table,
        note: None,
    })
}

fn lines(difference: &Difference, most: usize, quote: Quote) -> Option<Section> {
    let (shown, left_out) = split(&difference.lines, most)?;
    let mut table = Table::new(&[
        ("LINE", Left),
        ("INSTRUCTION", Left),
        ("BEFORE", Right),
        ("AFTER", Right),
        ("CHANGE", Right),
    ]);
    for one in shown {
        let line = one.after.as_ref().or(one.before.as_ref());
        let place = line.and_then(LineSize::place);
        table.row([
            place.map_or_else(String::new, |place| quote(&place, WIDEST)),
            line.map_or_else(String::new, |line| quote(&line.instruction, WIDEST)),
            size(one.before.as_ref().map(|line| line.unpacked_bytes), "-"),
            size(one.after.as_ref().map(|line| line.unpacked_bytes), "-"),
            one.change_bytes.to_string(),
        ]);
    }
    rest(&mut table, 5, left_out, |one| one.change_bytes);
    Some(Section {
        title: "Lines",
        table,
        note: None,
    })
}

fn packages(difference: &Difference, most: usize, quote: Quote) -> Option<Section> {
    let (shown, left_out) = split(&difference.packages, most)?;
    let mut table = Table::new(&[
        ("PACKAGE", Left),
        ("", Left),
        ("VERSION", Left),
        ("BEFORE", Right),
        ("AFTER", Right),
        ("CHANGE", Right),
    ]);
    for one in shown {
        let version = |side: &VersionSize| quote(&side.version, 40);
        table.row([
            quote(&one.name, WIDEST),
            one.manager.clone(),
            match (&one.before, &one.after) {
                (Some(before), Some(after)) if before.version == after.version => version(after),
                (Some(before), Some(after)) => format!("{} → {}", version(before), version(after)),
                (None, Some(after)) => format!("{} new", version(after)),
                (Some(before), None) => format!("{} gone", version(before)),
                (None, None) => String::new(),
            },
            size(one.before.as_ref().map(|side| side.bytes), "-"),
            size(one.after.as_ref().map(|side| side.bytes), "-"),
            one.change_bytes.to_string(),
        ]);
    }
    rest(&mut table, 6, left_out, |one| one.change_bytes);
    Some(Section {
        title: "Packages",
        table,
        note: None,
    })
}

fn folders(difference: &Difference, most: usize, quote: Quote) -> Option<Section> {
    let (shown, _) = split(&difference.folders, most)?;
    let mut table = Table::new(&[
        ("FOLDER", Left),
        ("BEFORE", Right),
        ("AFTER", Right),
        ("CHANGE", Right),
    ]);
    for one in shown {
        table.row([
            quote(&one.path, WIDEST),
            size(one.before_bytes, "-"),
            size(one.after_bytes, "-"),
            one.change_bytes.to_string(),
        ]);
    }
    // No sum: a folder may be within another.
    let left_out = difference.folders.len() - shown.len();
    if left_out > 0 {
        table.row([format!("… {left_out} more")]);
    }
    let one_sided = shown
        .iter()
        .any(|one| one.before_bytes.is_none() || one.after_bytes.is_none());
    let note = format!(
        "Folders below {} are not told apart: “-” may be up to so much.",
        Bytes(difference.smallest_folder_bytes)
    );
    Some(Section {
        title: "Folders",
        table,
        note: one_sided.then_some(note),
    })
}

fn leftovers(difference: &Difference, most: usize, quote: Quote) -> Option<Section> {
    let (shown, left_out) = split(&difference.leftovers, most)?;
    let mut table = Table::new(&[
        ("NOT NEEDED", Left),
        ("BEFORE", Right),
        ("AFTER", Right),
        ("CHANGE", Right),
    ]);
    for one in shown {
        table.row([
            quote(&one.category, WIDEST),
            Bytes(one.before_bytes).to_string(),
            Bytes(one.after_bytes).to_string(),
            one.change_bytes.to_string(),
        ]);
    }
    rest(&mut table, 4, left_out, |one| one.change_bytes);
    Some(Section {
        title: "What no container needs",
        table,
        note: None,
    })
}

/// What is shown and what is not; `None` if there is nothing.
fn split<T>(changes: &[T], most: usize) -> Option<(&[T], &[T])> {
    (!changes.is_empty()).then(|| changes.split_at(most.min(changes.len())))
}

fn size(bytes: Option<u64>, unknown: &str) -> String {
    bytes.map_or_else(|| unknown.to_owned(), |bytes| Bytes(bytes).to_string())
}

/// A text of an image on one line: no control characters, at most `most` characters, of a longer one the beginning.
pub(super) fn one_line(text: &str, most: usize) -> String {
    // What turns text around or hides it is a control character to whoever reads it.
    let is_odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let mut characters = text.chars().map(|c| match c {
        '\t' | '\n' | '\r' => ' ',
        c if is_odd(c) => '\u{fffd}',
        c => c,
    });
    let mut line: String = characters.by_ref().take(most).collect();
    if characters.next().is_some() {
        line.pop();
        line.push('…');
    }
    line
}
