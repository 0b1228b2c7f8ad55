//! The history of an image as instructions and the programs they ran.

use crate::image::config::ImageConfig;
use crate::mapped_text::MappedText;
use crate::shell::{Invocation, parse};
use crate::source::Span;

/// An entry of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HistoryStep {
    /// Its position in the history.
    pub(super) index: usize,
    /// In upper case: `RUN`; empty where it says nothing.
    pub(super) keyword: String,
    /// What follows the keyword; of a `RUN` the script, without build arguments and the shell.
    pub(super) text: String,
    /// The build arguments that a `RUN` saw.
    pub(super) arguments: Vec<(String, String)>,
    /// The programs a `RUN` started, at any depth.
    pub(super) invocations: Vec<Invocation>,
}

pub(super) fn steps(config: &ImageConfig) -> Vec<HistoryStep> {
    config
        .history
        .iter()
        .enumerate()
        .map(|(index, entry)| step(index, &entry.created_by))
        .collect()
}

/// The shells that builders write in front of a script.
const SHELLS: [&str; 5] = [
    "/bin/sh -c ",
    "/bin/ash -c ",
    "/bin/bash -c ",
    "/bin/bash -o pipefail -c ",
    "/bin/ash -eo pipefail -c ",
];

fn step(index: usize, created_by: &str) -> HistoryStep {
    let text = created_by.trim();
    let text = text.strip_suffix("# buildkit").unwrap_or(text).trim_end();
    let (keyword, text) = match text.strip_prefix("/bin/sh -c #(nop)") {
        Some(instruction) => parted(instruction.trim_start()),
        // The older builder writes a `RUN` without its keyword.
        None if text.starts_with("/bin/sh -c ") || text.starts_with('|') => {
            ("RUN".to_owned(), text)
        }
        None => parted(text),
    };
    let mut step = HistoryStep {
        index,
        keyword,
        text: text.to_owned(),
        arguments: Vec::new(),
        invocations: Vec::new(),
    };
    if step.keyword == "RUN" {
        let (arguments, script) = with_arguments(text);
        let script = SHELLS
            .iter()
            .find_map(|shell| script.strip_prefix(shell))
            .unwrap_or(script);
        step.arguments = arguments;
        script.clone_into(&mut step.text);
        let span = Span::new(0, script.len());
        let text = MappedText::contiguous(script.to_owned(), span);
        step.invocations = parse(&text).invocations();
    }
    step
}

fn parted(text: &str) -> (String, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let is_keyword = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_keyword {
        (word.to_ascii_uppercase(), rest.trim_start())
    } else {
        (String::new(), text)
    }
}

/// `|2 A=b C=d e /bin/sh -c script`: values may hold blanks, so a value goes on until the next name or the shell.
fn with_arguments(text: &str) -> (Vec<(String, String)>, &str) {
    let Some((count, rest)) = text.strip_prefix('|').and_then(|text| text.split_once(' ')) else {
        return (Vec::new(), text);
    };
    let Ok(count) = count.parse::<usize>() else {
        return (Vec::new(), text);
    };
    let end = SHELLS.iter().filter_map(|shell| rest.find(shell)).min();
    let (written, script) = rest.split_at(end.unwrap_or(rest.len()));
    let mut arguments: Vec<(String, String)> = Vec::new();
    for word in written.split_whitespace() {
        match word.split_once('=') {
            Some((name, value)) if arguments.len() < count && is_name(name) => {
                arguments.push((name.to_owned(), value.to_owned()));
            }
            _ => {
                if let Some((_, value)) = arguments.last_mut() {
                    value.push(' ');
                    value.push_str(word);
                }
            }
        }
    }
    (arguments, script)
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(created_by: &str) -> String {
        let step = step(0, created_by);
        let programs: Vec<_> = step
            .invocations
            .iter()
            .map(|it| it.program.as_str())
            .collect();
        format!(
            "{} {:?} {:?} {}",
            step.keyword, step.arguments, programs, step.text
        )
    }

    #[test]
    fn both_builders_are_understood() {
        for (created_by, expected) in [
            (
                "RUN /bin/sh -c a && b; c # buildkit",
                r#"RUN [] ["a", "b", "c"] a && b; c"#,
            ),
            ("/bin/sh -c a", r#"RUN [] ["a"] a"#),
            ("/bin/sh -c #(nop)  CMD [\"x\"]", r#"CMD [] [] ["x"]"#),
            (
                "RUN |2 A=b c D= /bin/sh -c x\ny # buildkit",
                r#"RUN [("A", "b c"), ("D", "")] ["x", "y"] x
y"#,
            ),
            ("|1 A=b /bin/sh -c x", r#"RUN [("A", "b")] ["x"] x"#),
            ("ADD file:1 in / ", "ADD [] [] file:1 in /"),
            ("", " [] [] "),
            ("bazel build ...", "BAZEL [] [] build ..."),
            ("RUN |x y", r#"RUN [] ["x"] |x y"#),
        ] {
            assert_eq!(shown(created_by), expected, "{created_by}");
        }
    }
}
