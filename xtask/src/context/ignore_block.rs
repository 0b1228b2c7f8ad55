//! The part of an ignore file that a tool keeps: patterns in a marked block, sorted, apart from the author's.

use crate::source::Span;

/// The block's first line.
pub const START: &str =
    "# >>> docker-ignore: added patterns, sorted; edit above or below, not here";

/// Its last line.
pub const END: &str = "# <<< docker-ignore";

/// What puts patterns into a text's block: the place, and what stands there afterwards. `None` if they are all there.
///
/// Nothing outside of the block changes but for a line break that the last line lacks. A block stands at the end, where
/// it is begun: what it leaves out no earlier exception takes back in.
#[must_use]
pub fn edit(text: &str, patterns: &[&str]) -> Option<(Span, String)> {
    let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let block = find(text);
    let inside = block.map_or("", |span| span.of(text));
    let mut lines: Vec<&str> = inside.lines().map(str::trim_end).collect();
    lines.retain(|line| !line.trim().is_empty());
    let before = lines.len();
    for pattern in patterns {
        if !lines.contains(pattern) {
            lines.push(pattern);
        }
    }
    if lines.len() == before {
        return None;
    }
    // Comments that somebody wrote into it stay, at its head.
    lines.sort_by_key(|line| {
        (
            !line.starts_with('#'),
            if line.starts_with('#') { "" } else { *line },
        )
    });
    let body: String = lines.iter().flat_map(|line| [*line, line_break]).collect();
    let Some(span) = block else {
        let gap = match text {
            "" => String::new(),
            text if text.ends_with('\n') => line_break.to_owned(),
            _ => line_break.repeat(2),
        };
        let at = Span::new(text.len(), text.len());
        let block = format!("{gap}{START}{line_break}{body}{END}{line_break}");
        return Some((at, block));
    };
    Some((span, body))
}

/// A text with patterns in its block.
#[must_use]
pub fn with_patterns(text: &str, patterns: &[&str]) -> String {
    let mut text = text.to_owned();
    if let Some((span, replacement)) = edit(&text, patterns) {
        text.replace_range(span.start..span.end, &replacement);
    }
    text
}

/// The lines of the last block that is whole, without its marks.
fn find(text: &str) -> Option<Span> {
    let mut start = None;
    let mut found = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        match line.trim_end() {
            START => start = line.ends_with('\n').then_some(end),
            END => {
                if let Some(start) = start.take() {
                    found = Some(Span::new(start, at));
                }
            }
            _ => {}
        }
        at = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;
    use proptest::prelude::*;

    use super::*;
    use crate::dockerignore::Patterns;
    use crate::source::Source;

    #[test]
    fn a_block_is_begun_at_the_end_and_kept_sorted() {
        let first = with_patterns("# mine\ndist", &["**/b", "**/a"]);
        assert_eq!(
            first,
            format!("# mine\ndist\n\n{START}\n**/a\n**/b\n{END}\n")
        );
        let edited = format!("{first}\n!dist/x\n");
        assert_eq!(
            with_patterns(&edited, &["**/a", "**/aa"]),
            format!("# mine\ndist\n\n{START}\n**/a\n**/aa\n**/b\n{END}\n\n!dist/x\n")
        );
        assert_eq!(edit(&edited, &["**/b"]), None);
    }

    #[test]
    fn what_is_odd_in_a_file_stays_as_it_is() {
        assert_eq!(with_patterns("", &["a"]), format!("{START}\na\n{END}\n"));
        assert_eq!(
            with_patterns("x\r\n", &["a"]),
            format!("x\r\n\r\n{START}\r\na\r\n{END}\r\n")
        );
        // A block without an end is none.
        let open = format!("{START}\nx\n");
        assert_eq!(
            with_patterns(&open, &["a"]),
            format!("{open}\n{START}\na\n{END}\n")
        );
        let commented = format!("{START}\nb\n# why\n{END}\n");
        assert_eq!(
            with_patterns(&commented, &["a"]),
            format!("{START}\n# why\na\nb\n{END}\n")
        );
    }

    proptest! {
        #[test]
        fn twice_is_once_and_the_authors_lines_stay(
            lines in prop::collection::vec(
                prop::sample::select(vec!["a", "!a/b", "# c", "", "**/x", START, END, "  d ", "e\r"]),
                0..8,
            ),
            ends in any::<bool>(),
            patterns in prop::collection::vec(
                prop::sample::select(vec!["**/x", "**/y", "**/.env", "z"]),
                0..4,
            ),
            path in "[abdxyz]{1}(/[abxyz]{1}){0,2}",
        ) {
            let mut text = lines.join("\n");
            if ends && !text.is_empty() {
                text.push('\n');
            }
            let once = with_patterns(&text, &patterns);
            prop_assert_eq!(with_patterns(&once, &patterns), once.clone());
            let own = |text: &str| -> Vec<String> {
                let mut lines: Vec<String> = text
                    .lines()
                    .map(|line| line.trim_end().to_owned())
                    .filter(|line| !line.is_empty() && line != START && line != END)
                    .filter(|line| !patterns.contains(&line.as_str()))
                    .collect();
                lines.sort();
                lines
            };
            prop_assert_eq!(own(&once), own(&text));
            // Only more is left out.
            let ignored = |text: &str| {
                let parsed = Patterns::parse(&Source::new("x", text)).0;
                parsed.decide(Utf8Path::new(&path)).ignored
            };
            let block_is_last = find(&text).is_none();
            if block_is_last && ignored(&text) {
                prop_assert!(ignored(&once));
            }
        }
    }
}
