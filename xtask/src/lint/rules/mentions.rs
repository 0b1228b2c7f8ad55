//! Where texts of a Dockerfile mention names, read or not.

use std::collections::HashMap;
use std::ops::Range;

use crate::dockerfile::InstructionKind;
use crate::lint::{Model, StageModel};

/// Whether a text holds a name as a whole word that is no reference: an assignment, `read NAME`, `for NAME`.
pub(super) fn mentions_bare(text: &str, name: &str) -> bool {
    occurrences(text, name).any(|at| {
        let before = &text[..at];
        !before.ends_with('$') && !before.ends_with("${") && !before.ends_with("${#")
    })
}

/// Whether a text holds a name as a whole word, as a reference or bare.
pub(super) fn mentions(text: &str, name: &str) -> bool {
    occurrences(text, name).next().is_some()
}

fn occurrences<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = usize> + 't {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(name)
        .filter(move |(at, _)| {
            !text[..*at].ends_with(is_name) && !text[at + name.len()..].starts_with(is_name)
        })
        .map(|(at, _)| at)
}

/// The words of a text that can be names of variables, each with where it begins.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_name = |byte: &u8| IN_NAMES[usize::from(*byte)];
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes[at..].iter().position(is_name)?;
        let length = bytes[start..].iter().position(|byte| !is_name(byte));
        at = length.map_or(bytes.len(), |length| start + length);
        Some((start, &text[start..at]))
    })
}

/// Whether a byte can stand in a name.
const IN_NAMES: [bool; 256] = {
    let mut can = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        can[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_';
        byte += 1;
    }
    can
};

/// Whether a name is one word, which is what [`words`] tells.
fn is_word(name: &str) -> bool {
    words(name).next() == Some((0, name))
}

/// Names that are looked for in long texts.
pub(super) struct Names<'n> {
    sorted: Vec<&'n str>,
    /// Whether one of them starts with a byte: most words of a text are told apart by that.
    starts: [bool; 256],
}

impl<'n> Names<'n> {
    /// Those of all arguments and variables that the instructions of a file declare.
    pub(super) fn declared(model: &'n Model) -> Self {
        let global = model
            .file
            .global_args
            .iter()
            .map(|it| it.name.value.as_str());
        let mut sorted: Vec<&str> = global.collect();
        for step in model.steps() {
            if let InstructionKind::Arg(arguments) = step.kind() {
                sorted.extend(arguments.iter().map(|it| it.name.value.as_str()));
            }
        }
        sorted.sort_unstable();
        sorted.dedup();
        let mut starts = [false; 256];
        for byte in sorted.iter().filter_map(|name| name.bytes().next()) {
            starts[usize::from(byte)] = true;
        }
        Self { sorted, starts }
    }

    fn contains(&self, word: &str) -> bool {
        let start = word.bytes().next();
        start.is_some_and(|byte| self.starts[usize::from(byte)])
            && self.sorted.binary_search(&word).is_ok()
    }
}

/// Which steps of a stage mention a name, for rules that ask about many names.
pub(super) struct Mentions<'m> {
    stage: StageModel<'m>,
    by_word: HashMap<&'m str, Vec<usize>>,
}

impl<'m> Mentions<'m> {
    /// Of these names; all others are as if nobody mentioned them.
    pub(super) fn of(stage: StageModel<'m>, names: &Names<'_>) -> Self {
        let text = stage.model.file.source.text();
        let mut by_word: HashMap<&str, Vec<usize>> = HashMap::new();
        for step in stage.steps() {
            let words = words(step.written().span.of(text));
            for (_, word) in words.filter(|(_, word)| names.contains(word)) {
                let steps = by_word.entry(word).or_default();
                if steps.last() != Some(&step.index) {
                    steps.push(step.index);
                }
            }
        }
        Self { stage, by_word }
    }

    /// As [`mentions`], of any of these steps.
    pub(super) fn any(&self, steps: Range<usize>, name: &str) -> bool {
        if !is_word(name) {
            let text = self.stage.model.file.source.text();
            let instructions = &self.stage.stage().instructions[steps];
            return instructions
                .iter()
                .any(|it| mentions(it.span.of(text), name));
        }
        self.by_word.get(name).is_some_and(|found| {
            let first = found.partition_point(|step| *step < steps.start);
            found.get(first).is_some_and(|step| *step < steps.end)
        })
    }
}

/// Where each word of a text stands last, for rules that ask about many names.
pub(super) struct LastMentions<'t> {
    text: &'t str,
    by_word: HashMap<&'t str, usize>,
}

impl<'t> LastMentions<'t> {
    /// Of these names; all others are as if nobody mentioned them.
    pub(super) fn of(text: &'t str, names: &Names<'_>) -> Self {
        let words = words(text).filter(|(_, word)| names.contains(word));
        Self {
            text,
            by_word: words.map(|(at, word)| (word, at)).collect(),
        }
    }

    /// As [`mentions`], of the text from `at` on, where no word is cut in two.
    pub(super) fn any_from(&self, at: usize, name: &str) -> bool {
        if !is_word(name) {
            return mentions(&self.text[at..], name);
        }
        self.by_word.get(name).is_some_and(|last| *last >= at)
    }
}

#[cfg(test)]
mod tests {
    use super::{LastMentions, Mentions, Names, mentions, mentions_bare};
    use crate::dockerfile::parse;
    use crate::lint::Model;
    use crate::source::Source;
    use std::collections::BTreeMap;

    #[test]
    fn whole_words_count() {
        assert!(mentions_bare("A=1 && echo $A", "A"));
        assert!(!mentions_bare("echo $A ${A} BA=1 A_=2", "A"));
        assert!(mentions("echo ${A}", "A"));
        assert!(!mentions("echo $AB", "A"));
    }

    #[test]
    fn many_names_are_looked_for_at_once() {
        let text = "ARG a\nFROM x\nARG b=1 b2\nRUN echo $b c\nRUN a=$bb; a-b\n";
        let file = parse(&Source::new("Dockerfile", text));
        let model = Model::new(file, BTreeMap::new(), &|_| None);
        let names = Names::declared(&model);
        let stage = model.final_stage().unwrap();
        let found = Mentions::of(stage, &names);
        for (steps, name, expected) in [
            (0..3, "b", true),
            (1..2, "b", true),
            (1..2, "a", false),
            (2..3, "a", true),
            (1..3, "b2", false),
            // Nobody declares it.
            (1..3, "c", false),
        ] {
            assert_eq!(found.any(steps.clone(), name), expected, "{name} {steps:?}");
        }
        let last = LastMentions::of(text, &names);
        let end = text.rfind("a-b").unwrap();
        assert!(last.any_from(end, "a") && !last.any_from(end + 1, "a"));
    }
}
