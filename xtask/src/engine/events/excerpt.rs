//! The part of a Dockerfile that buildx prints when a step fails.

/// Lines of a Dockerfile, those that failed marked.
///
/// ```text
/// Dockerfile:8
/// --------------------
///    7 |         echo second
///    8 | >>> RUN exit 3
///    9 |     RUN echo never
/// --------------------
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The file name without its folders: BuildKit does not know them.
    pub file: String,
    /// First and last marked line, from 1.
    pub lines: (u32, u32),
    /// Every line shown: number, text, whether it is marked.
    pub shown: Vec<(u32, String, Mark)>,
}

/// Whether a line is one that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It failed.
    Failed,
    /// It stands beside.
    Around,
}

impl Excerpt {
    /// Whether the excerpt was taken from this text: tells which of several files named `Dockerfile` it is.
    #[must_use]
    pub fn is_part_of(&self, text: &str) -> bool {
        let lines: Vec<&str> = text.lines().collect();
        !self.shown.is_empty()
            && self.shown.iter().all(|(number, shown, _)| {
                let line = number.checked_sub(1).and_then(|at| lines.get(at as usize));
                line.unwrap_or(&"").trim_end() == shown.trim_end()
            })
    }
}

impl std::fmt::Display for Excerpt {
    /// As buildx prints it, without the frame.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, text, mark) in &self.shown {
            let mark = if *mark == Mark::Failed { ">>>" } else { "   " };
            writeln!(f, "{}", format!("{number:>4} | {mark} {text}").trim_end())?;
        }
        Ok(())
    }
}

/// Recognizes an excerpt line by line. Lines that turn out not to be one are given back.
#[derive(Debug, Default)]
pub(super) struct ExcerptReader {
    held: Vec<String>,
    excerpt: Excerpt,
    open: bool,
}

pub(super) enum Read {
    /// More is needed.
    Held,
    /// An excerpt is complete.
    Done(Excerpt),
    /// These lines are none.
    Plain(Vec<String>),
}

/// An excerpt is at most this long; more lines than that are no excerpt.
const MAX_LINES: usize = 400;

impl ExcerptReader {
    pub(super) fn feed(&mut self, line: &str) -> Read {
        match self.held.len() {
            0 => match heading(line) {
                Some(file) => {
                    self.excerpt = Excerpt {
                        file: file.to_owned(),
                        ..Excerpt::default()
                    };
                    self.hold(line)
                }
                None => Read::Plain(vec![line.to_owned()]),
            },
            1 if is_rule(line) => {
                self.open = true;
                self.hold(line)
            }
            2.. if self.open && is_rule(line) => self.close(line),
            2..MAX_LINES if self.open => match source_line(line) {
                Some(shown) => {
                    self.excerpt.shown.push(shown);
                    self.hold(line)
                }
                None => self.give_back(Some(line)),
            },
            _ => self.give_back(Some(line)),
        }
    }

    /// What is held when the stream ends or a JSON line comes in between.
    pub(super) fn end(&mut self) -> Vec<String> {
        self.open = false;
        self.excerpt = Excerpt::default();
        std::mem::take(&mut self.held)
    }

    fn hold(&mut self, line: &str) -> Read {
        self.held.push(line.to_owned());
        Read::Held
    }

    fn give_back(&mut self, line: Option<&str>) -> Read {
        let mut lines = self.end();
        lines.extend(line.map(str::to_owned));
        Read::Plain(lines)
    }

    fn close(&mut self, line: &str) -> Read {
        let marked =
            |(number, _, mark): &(u32, String, Mark)| (*mark == Mark::Failed).then_some(*number);
        let first = self.excerpt.shown.iter().find_map(marked);
        let last = self.excerpt.shown.iter().rev().find_map(marked);
        let (Some(first), Some(last)) = (first, last) else {
            return self.give_back(Some(line));
        };
        let mut excerpt = std::mem::take(&mut self.excerpt);
        excerpt.lines = (first, last);
        self.end();
        Read::Done(excerpt)
    }
}

/// `file:line` and nothing else.
fn heading(line: &str) -> Option<&str> {
    let (file, number) = line.rsplit_once(':')?;
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    (is_number && !file.is_empty() && !file.contains(": ")).then_some(file)
}

fn is_rule(line: &str) -> bool {
    line.len() >= 10 && line.bytes().all(|b| b == b'-')
}

/// `  12 | >>> text` or `  12 |     text`.
fn source_line(line: &str) -> Option<(u32, String, Mark)> {
    let (number, rest) = line.split_once('|')?;
    let number = number.trim().parse().ok()?;
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    let (mark, text) = match rest.strip_prefix(">>>") {
        Some(text) => (Mark::Failed, text.strip_prefix(' ').unwrap_or(text)),
        None => (Mark::Around, rest.get(4..).unwrap_or("")),
    };
    Some((number, text.to_owned(), mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "Dockerfile:8\n--------------------\n   7 |         echo second\n   8 | >>> RUN a | b && \\\n   9 | >>>     exit 3\n  10 |     \n--------------------";

    fn read(text: &str) -> Vec<Result<Excerpt, String>> {
        let mut reader = ExcerptReader::default();
        let mut out = Vec::new();
        for line in text.lines() {
            match reader.feed(line) {
                Read::Held => {}
                Read::Done(excerpt) => out.push(Ok(excerpt)),
                Read::Plain(lines) => out.extend(lines.into_iter().map(Err)),
            }
        }
        out.extend(reader.end().into_iter().map(Err));
        out
    }

    #[test]
    fn an_excerpt_knows_its_lines() {
        let read = read(PRINTED);
        let [Ok(excerpt)] = &read[..] else {
            panic!("{read:?}")
        };
        assert_eq!(
            (excerpt.file.as_str(), excerpt.lines),
            ("Dockerfile", (8, 9))
        );
        assert_eq!(
            excerpt.shown[0],
            (7, "    echo second".into(), Mark::Around)
        );
        assert_eq!(
            excerpt.shown[1],
            (8, "RUN a | b && \\".into(), Mark::Failed)
        );
        insta::assert_snapshot!(excerpt, @r"
           7 |         echo second
           8 | >>> RUN a | b && \
           9 | >>>     exit 3
          10 |
        ");
    }

    #[test]
    fn an_excerpt_finds_its_file() {
        let read = read(PRINTED);
        let [Ok(excerpt)] = &read[..] else {
            panic!("{read:?}")
        };
        let mut text = "\n".repeat(6) + "    echo second\nRUN a | b && \\\n    exit 3\n";
        assert!(excerpt.is_part_of(&text));
        text.insert(0, '\n');
        assert!(!excerpt.is_part_of(&text));
        assert!(!Excerpt::default().is_part_of(&text));
    }

    #[test]
    fn what_only_looks_like_one_is_given_back() {
        for text in [
            "Dockerfile:8\nERROR: x",
            "Dockerfile:8\n----------\nnot a line\n----------",
            "Dockerfile:8\n----------\n 1 |     none marked\n----------",
            "Dockerfile:8\n----------\n 1 | >>> cut off",
            "ERROR: target a: 12",
        ] {
            let back: Vec<String> = read(text).into_iter().map(Result::unwrap_err).collect();
            assert_eq!(back.join("\n"), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_line_is_lost(lines in proptest::collection::vec("(Dockerfile:3|-{12}|  3 \\| >>> x|[a-z:]{0,9}|  4 \\|\u{e9})", 0..12)) {
            let text = lines.join("\n");
            let mut count = 0;
            for part in read(&text) {
                count += part.map_or(1, |excerpt| excerpt.shown.len() + 3);
            }
            proptest::prop_assert_eq!(count, text.lines().count());
        }
    }
}
