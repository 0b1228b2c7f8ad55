//! Where texts of a Dockerfile mention names, read or not.

use std::ops::Range;

use foldhash::HashMap;

use crate::dockerfile::InstructionKind;
use crate::lint::{Model, StageModel};
use crate::source::Span;
use crate::text_search::letters_digits_and;

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

/// Where a name stands as a whole word.
fn occurrences<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = usize> + 't {
    memchr::memmem::find_iter(text.as_bytes(), name)
        .filter(move |at| stands_apart(text, *at, name.len()))
}

/// The last of [`occurrences`].
fn last_occurrence(text: &str, name: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut end = bytes.len();
    while let Some(at) = memchr::memmem::rfind(&bytes[..end], name.as_bytes()) {
        if stands_apart(text, at, name.len()) {
            return Some(at);
        }
        end = at + name.len().saturating_sub(1);
    }
    None
}

/// Whether neither what stands before nor what stands behind a part of a text goes on in it as in a name.
fn stands_apart(text: &str, at: usize, length: usize) -> bool {
    let bytes = text.as_bytes();
    let is_name = |byte: &u8| IN_NAMES[usize::from(*byte)];
    !bytes[..at].last().is_some_and(is_name) && !bytes.get(at + length).is_some_and(is_name)
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
const IN_NAMES: [bool; 256] = letters_digits_and(b"_");

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

    /// So few that to look for each of them is faster than to look at each word of a text.
    fn are_few(&self) -> bool {
        self.sorted.len() <= 8
    }

    /// Those that [`words`] can tell.
    fn words(&self) -> impl Iterator<Item = &'n str> {
        self.sorted.iter().copied().filter(|name| is_word(name))
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
        if names.are_few() {
            return Self::of_few(stage, names);
        }
        let mut by_word: HashMap<&str, Vec<usize>> = HashMap::default();
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

    fn of_few(stage: StageModel<'m>, names: &Names<'_>) -> Self {
        let instructions = stage.stage().instructions.as_slice();
        let mut by_word: HashMap<&str, Vec<usize>> = HashMap::default();
        if let [first, ..] = instructions
            && let [.., last] = instructions
        {
            let start = first.span.start;
            let text = Span::new(start, last.span.end).of(stage.model.file.source.text());
            for name in names.words() {
                let mut steps: Vec<usize> = Vec::new();
                let mut word = None;
                for at in occurrences(text, name) {
                    let step = instructions.partition_point(|it| it.span.end <= start + at);
                    // Comments stand between instructions.
                    let is_inside = instructions[step].span.start <= start + at;
                    if is_inside && steps.last() != Some(&step) {
                        steps.push(step);
                        word = Some(&text[at..at + name.len()]);
                    }
                }
                by_word.extend(word.map(|word| (word, steps)));
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
        let by_word = if names.are_few() {
            let last = |name: &str| {
                let at = last_occurrence(text, name)?;
                Some((&text[at..at + name.len()], at))
            };
            names.words().filter_map(last).collect()
        } else {
            let words = words(text).filter(|(_, word)| names.contains(word));
            words.map(|(at, word)| (word, at)).collect()
        };
        Self { text, by_word }
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
    fn few_names_and_many_are_found_in_the_same_places() {
        let text = "ARG a\nFROM x\nARG b=1 bb\nRUN echo $b c é_b\\\n # b\n bbb\n# bb b\nRUN a=$bb; a-b \\\n  b_ bb\n# a\n";
        let file = parse(&Source::new("Dockerfile", text));
        let model = Model::new(file, BTreeMap::new(), &|_| None);
        let few = Names::declared(&model);
        let mut many = Names::declared(&model);
        many.sorted
            .extend(["y0", "y1", "y2", "y3", "y4", "y5", "y6"]);
        assert!(few.are_few() && !many.are_few());
        let stage = model.final_stage().unwrap();
        let (few_steps, many_steps) = (Mentions::of(stage, &few), Mentions::of(stage, &many));
        assert_eq!(few_steps.by_word, many_steps.by_word);
        let (few, many) = (LastMentions::of(text, &few), LastMentions::of(text, &many));
        assert_eq!(few.by_word, many.by_word);
        assert_eq!(few.by_word.len(), 3);
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
