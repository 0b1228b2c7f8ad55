//! The difference of images for a comment on a pull request and a job summary.

use std::cmp::Reverse;
use std::fmt::Write as _;

use super::Comparison;
use super::rows::{Quote, one_line, overview, percent, sections};
use crate::size::{Bytes, Change};

/// What GitHub takes in one comment, in characters; counted in bytes here, which are never fewer.
pub const COMMENT_BYTES: usize = 65_536;

/// How many rows the tables have at most: fewer if they do not fit.
const ROWS: [usize; 3] = [20, 8, 3];
/// How many images the overview has at most.
const IMAGES: usize = 50;

/// One line that sums up, an overview, and what is behind it, folded up, the largest changes first. Never longer than
/// `most` bytes: what does not fit is left out, and that is said. `against` is what it is compared with, such as the
/// name of a branch.
#[must_use]
pub fn markdown(comparisons: &[Comparison], against: &str, most: usize) -> String {
    let changed = changed(comparisons);
    let mut head = format!("{}\n", summary(comparisons, against, code));
    if !changed.is_empty() {
        let _ = write!(head, "\n{}", overview(&changed, IMAGES, code).markdown());
    }
    if head.len() > most {
        return cut(&summary(comparisons, against, code), most);
    }
    for rows in ROWS {
        let details: String = changed.iter().map(|one| details(one, rows)).collect();
        if head.len() + details.len() <= most {
            return head + &details;
        }
    }
    let fewest = ROWS[ROWS.len() - 1];
    let note = |images: usize| {
        let (plural, are) = if images == 1 {
            ("", "is")
        } else {
            ("s", "are")
        };
        format!(
            "\nThe details of {images} image{plural} {are} left out: there is no room for them.\n"
        )
    };
    let reserved = note(changed.len()).len() + 8;
    let mut left_out = 0;
    for one in &changed {
        let details = details(one, fewest);
        if head.len() + details.len() + reserved <= most {
            head.push_str(&details);
        } else {
            left_out += 1;
        }
    }
    let note = note(left_out);
    if left_out > 0 && head.len() + note.len() <= most {
        head.push_str(&note);
    }
    head
}

/// The images that changed, most bytes first.
pub(super) fn changed(comparisons: &[Comparison]) -> Vec<&Comparison> {
    let mut changed: Vec<&Comparison> = comparisons.iter().filter(|one| !one.is_empty()).collect();
    changed.sort_by_key(|one| Reverse(change(one).magnitude()));
    changed
}

/// One sentence about all of them.
pub(super) fn summary(comparisons: &[Comparison], against: &str, quote: Quote) -> String {
    let against = quote(against, 72);
    let changed = changed(comparisons);
    let count = |images: usize| match images {
        1 => "1 image".to_owned(),
        images => format!("{images} images"),
    };
    let all = count(comparisons.len());
    let Some(largest) = changed.first() else {
        return format!("No size changed against {against} ({all} compared).");
    };
    let sum = changed.iter().map(|one| change(one).0);
    let sum = Change(sum.fold(0, i64::saturating_add));
    let (before, after) = largest.unpacked();
    let name = quote(largest.name(), 72);
    let what = match largest {
        Comparison::Added(_) => format!("{name} is new with {}", Bytes(after)),
        Comparison::Removed(_) => format!("{name} is gone with {}", Bytes(before)),
        Comparison::Both(_) => {
            let share = percent((before, after));
            let share = if share.is_empty() {
                share
            } else {
                format!(" ({share})")
            };
            format!("{name} {}{share} to {}", change(largest), Bytes(after))
        }
    };
    let mut text = format!(
        "{sum} unpacked against {against}: {} of {all} changed; ",
        changed.len()
    );
    if changed.len() > 1 {
        text.push_str("most: ");
    }
    text + &what + "."
}

fn change(comparison: &Comparison) -> Change {
    let (before, after) = comparison.unpacked();
    Change::between(before, after)
}

fn details(comparison: &Comparison, rows: usize) -> String {
    let Comparison::Both(difference) = comparison else {
        return String::new();
    };
    let mut text = format!(
        "\n<details>\n<summary>{} ({}): {}</summary>\n",
        html(&difference.name),
        html(&difference.platform),
        change(comparison)
    );
    for section in sections(difference, rows, code) {
        let _ = write!(
            text,
            "\n**{}**\n\n{}",
            section.title,
            section.table.markdown()
        );
        if let Some(note) = section.note {
            let _ = write!(text, "\n{note}\n");
        }
    }
    for remark in &difference.remarks {
        let _ = write!(text, "\nNote: {remark}.\n");
    }
    text.push_str("\n</details>\n");
    text
}

/// As code, which neither mentions anybody nor becomes markup.
fn code(text: &str, most: usize) -> String {
    let text = one_line(text, most);
    if text.trim().is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max();
    let fence = "`".repeat(longest.unwrap_or_default() + 1);
    // A space is taken away on both sides, so that the text may begin and end with a backtick.
    let space = if text.contains('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// As text within HTML.
fn html(text: &str) -> String {
    let mut safe = String::new();
    for c in one_line(text, 72).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // Within a summary, Markdown goes on.
            '@' | '`' | '*' | '_' | '[' | '#' | '\\' | '~' => {
                let _ = write!(safe, "&#{};", u32::from(c));
            }
            c => safe.push(c),
        }
    }
    safe
}

/// The beginning, as far as it fits.
fn cut(text: &str, most: usize) -> String {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}
