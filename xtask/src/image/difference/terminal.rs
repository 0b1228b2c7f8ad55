//! The difference of images for a terminal.

use std::fmt::Write as _;

use super::rows::{one_line, overview, sections};
use super::{Comparison, markdown};

/// An overview, then the tables of each image that changed, with at most `most` rows each.
#[must_use]
pub fn terminal(comparisons: &[Comparison], against: &str, most: usize) -> String {
    let changed = markdown::changed(comparisons);
    let mut text = format!("{}\n", markdown::summary(comparisons, against, one_line));
    if changed.is_empty() {
        return text;
    }
    text.push('\n');
    text.push_str(&overview(&changed, usize::MAX, one_line).plain());
    for comparison in changed {
        let Comparison::Both(difference) = comparison else {
            continue;
        };
        let (name, platform) = (&difference.name, &difference.platform);
        let _ = write!(text, "\n{} ({platform})\n", one_line(name, 72));
        for section in sections(difference, most, one_line) {
            let _ = write!(text, "\n{}", section.table.plain());
            if let Some(note) = section.note {
                let _ = writeln!(text, "{note}");
            }
        }
        for remark in &difference.remarks {
            let _ = write!(text, "\nnote: {remark}\n");
        }
    }
    text
}
