//! Whether the lines of a trail are the ones that were written, in the order in which they were.

use super::entry::{Action, FIRST_PREVIOUS, Head, Line};

/// What somebody knows of the trail from elsewhere: an entry that must be in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Its place, where that is known.
    pub sequence: Option<u64>,
    /// Its hash.
    pub hash: String,
    /// Where that is known from, for messages: `the head file`.
    pub origin: String,
}

impl Anchor {
    /// What a head file says.
    #[must_use]
    pub fn of(head: &Head, origin: impl Into<String>) -> Self {
        Self {
            sequence: Some(head.sequence),
            hash: head.hash.clone(),
            origin: origin.into(),
        }
    }
}

/// What is wrong with a trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// A line is no entry.
    Malformed,
    /// An entry's contents are not those its hash was made of.
    Changed,
    /// Entries are missing, were put in, or stand in another order.
    Broken,
    /// The end was cut off.
    Truncated,
    /// An entry that is known from elsewhere is not in it.
    AnchorMissing,
    /// The last line has no end: a writer was killed, or the file was cut.
    Torn,
    /// Somebody who appended found the trail damaged, and wrote that down.
    Recovered,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind of thing.
    pub kind: ProblemKind,
    /// The line it shows at, from 1; none if it shows at the end.
    pub line: Option<u64>,
    /// A lower-case sentence.
    pub message: String,
}

/// What a whole trail came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many entries it has.
    pub entries: u64,
    /// Its end; none if it is empty.
    pub head: Option<Head>,
    /// What is wrong, in the order of the file; none means that it is whole.
    pub problems: Vec<Problem>,
    /// How many further problems there are that are not listed.
    pub more_problems: u64,
}

/// After so many the rest is counted: a file of garbage shall not fill the memory.
const MOST_PROBLEMS: usize = 100;

/// Takes a trail line by line; keeps no more of it than its end.
#[derive(Debug)]
pub struct Chain {
    line: u64,
    summary: Summary,
    /// Of the entry that must come next; unknown behind a line that is none.
    next: Option<u64>,
    anchors: Vec<(Anchor, bool)>,
}

impl Chain {
    /// A trail that must hold what `anchors` say.
    #[must_use]
    pub fn new(anchors: Vec<Anchor>) -> Self {
        Self {
            line: 0,
            summary: Summary::default(),
            next: Some(0),
            anchors: anchors.into_iter().map(|anchor| (anchor, false)).collect(),
        }
    }

    /// Takes the next line, without its line break.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.line += 1;
        let line = match Line::read(bytes) {
            Ok(line) => line,
            Err(why) => {
                self.malformed(&why);
                return;
            }
        };
        self.summary.entries += 1;
        if line.hash != line.actual {
            let sequence = line.sequence;
            self.tell(
                ProblemKind::Changed,
                format!("entry {sequence} was changed: its hash is not that of its contents"),
            );
        } else if !line.is_canonical {
            let sequence = line.sequence;
            self.tell(
                ProblemKind::Changed,
                format!("entry {sequence} was rewritten: it says the same in another spelling"),
            );
        }
        self.check_place(&line);
        if line.action == Some(Action::Recovery) {
            let sequence = line.sequence;
            self.tell(
                ProblemKind::Recovered,
                format!("entry {sequence} tells of damage that was found when it was written"),
            );
        }
        for (anchor, found) in &mut self.anchors {
            let same_place = anchor.sequence.is_none_or(|place| place == line.sequence);
            *found |= same_place && anchor.hash == line.hash && line.hash == line.actual;
        }
        self.next = line.sequence.checked_add(1);
        self.summary.head = Some(Head {
            sequence: line.sequence,
            hash: line.hash,
        });
    }

    /// Takes a line that is too long to be read.
    pub fn feed_too_long(&mut self) {
        self.line += 1;
        self.malformed("it is too long");
    }

    /// Takes what stands behind the last line break.
    pub fn feed_torn(&mut self, bytes: u64) {
        self.line += 1;
        self.tell(
            ProblemKind::Torn,
            format!("the last line has no end: {bytes} bytes of an entry that was not written out"),
        );
    }

    /// The verdict.
    #[must_use]
    pub fn finish(mut self) -> Summary {
        let last = self.summary.head.as_ref().map(|head| head.sequence);
        let missing: Vec<Anchor> = std::mem::take(&mut self.anchors)
            .into_iter()
            .filter(|(_, found)| !found)
            .map(|(anchor, _)| anchor)
            .collect();
        self.line = 0;
        for anchor in missing {
            let Anchor { origin, .. } = &anchor;
            match (anchor.sequence, last) {
                (Some(known), None) => self.tell(
                    ProblemKind::Truncated,
                    format!("the trail is empty, and {origin} knows an entry {known}"),
                ),
                (Some(known), Some(last)) if known > last => self.tell(
                    ProblemKind::Truncated,
                    format!(
                        "the trail ends with entry {last}, and {origin} knows an entry {known}"
                    ),
                ),
                (Some(known), _) => self.tell(
                    ProblemKind::AnchorMissing,
                    format!("entry {known} is not the one that {origin} knows"),
                ),
                (None, _) => self.tell(
                    ProblemKind::AnchorMissing,
                    format!("no entry has the hash that {origin} tells"),
                ),
            }
        }
        self.summary
    }

    fn malformed(&mut self, why: &str) {
        self.tell(
            ProblemKind::Malformed,
            format!("this line is no entry: {why}"),
        );
        self.next = None;
        self.summary.head = None;
    }

    fn check_place(&mut self, line: &Line) {
        let sequence = line.sequence;
        match self.next {
            Some(next) if sequence > next => {
                let missing = match sequence - next {
                    1 => format!("entry {next} is missing"),
                    _ => format!("entries {next} to {} are missing", sequence - 1),
                };
                self.tell(
                    ProblemKind::Broken,
                    format!("{missing} before entry {sequence}"),
                );
            }
            Some(next) if sequence < next => self.tell(
                ProblemKind::Broken,
                format!("entry {sequence} stands where entry {next} must be"),
            ),
            _ => {
                let before = match &self.summary.head {
                    Some(head) => Some(head.hash.as_str()),
                    None if self.next == Some(0) => Some(FIRST_PREVIOUS),
                    // Behind a line that is no entry nothing can be said.
                    None => None,
                };
                if before.is_some_and(|before| before != line.previous) {
                    self.tell(
                        ProblemKind::Broken,
                        format!("entry {sequence} was written behind another entry than the one before it"),
                    );
                }
            }
        }
    }

    fn tell(&mut self, kind: ProblemKind, message: String) {
        if self.summary.problems.len() >= MOST_PROBLEMS {
            self.summary.more_problems += 1;
            return;
        }
        self.summary.problems.push(Problem {
            kind,
            line: (self.line > 0).then_some(self.line),
            message,
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::entry::tests::draft;
    use super::*;

    fn trail(entries: u64) -> (Vec<String>, Head) {
        let mut lines = Vec::new();
        let mut head: Option<Head> = None;
        for number in 0..entries {
            let (line, next) = draft(number).seal(head.as_ref()).unwrap();
            lines.push(line.trim_end().to_owned());
            head = Some(next);
        }
        (lines, head.unwrap())
    }

    fn verify(lines: &[String], anchors: &[Anchor]) -> Summary {
        let mut chain = Chain::new(anchors.to_vec());
        for line in lines {
            chain.feed(line.as_bytes());
        }
        chain.finish()
    }

    fn told(lines: &[String], anchors: &[Anchor]) -> Vec<String> {
        let problems = verify(lines, anchors).problems;
        let show = |problem: Problem| {
            let line = problem
                .line
                .map_or("end".to_owned(), |line| line.to_string());
            format!("{line}: {}", problem.message)
        };
        problems.into_iter().map(show).collect()
    }

    #[test]
    fn what_was_written_is_whole() {
        let (lines, head) = trail(5);
        let summary = verify(&lines, &[Anchor::of(&head, "x")]);
        assert_eq!((summary.entries, &summary.head), (5, &Some(head)));
        assert!(summary.problems.is_empty(), "{:?}", summary.problems);
        assert!(verify(&[], &[]).problems.is_empty());
    }

    #[test]
    fn each_way_of_tampering_is_told_apart() {
        let (lines, head) = trail(5);
        let anchor = [Anchor::of(&head, "the head file")];
        let mut text = String::new();
        let mut tell = |what: &str, lines: &[String], anchors: &[Anchor]| {
            let told = told(lines, anchors).join("\n  ");
            text.extend([what, "\n  ", &told, "\n"]);
        };
        let mut changed = lines.clone();
        changed[2] = changed[2].replace("ada@machine", "eve@machine");
        tell("changed", &changed, &anchor);
        // Its hash made to fit: then the next entry does not.
        let entry: super::super::Entry = serde_json::from_str(&changed[2]).unwrap();
        let before = Head {
            sequence: 1,
            hash: entry.previous.clone(),
        };
        let mut forged = draft(2);
        forged.actor.host = Some("eve@machine".to_owned());
        changed[2] = forged.seal(Some(&before)).unwrap().0.trim_end().to_owned();
        tell("changed, and its hash made to fit", &changed, &anchor);
        let mut removed = lines.clone();
        removed.remove(1);
        tell("removed", &removed, &anchor);
        let mut swapped = lines.clone();
        swapped.swap(1, 2);
        tell("swapped", &swapped, &anchor);
        let mut doubled = lines.clone();
        doubled.insert(2, lines[1].clone());
        tell("written twice", &doubled, &anchor);
        tell("the end cut off", &lines[..3], &anchor);
        tell("the beginning cut off", &lines[2..], &anchor);
        tell("all removed", &[], &anchor);
        let mut garbage = lines.clone();
        garbage[3] = "garbage".to_owned();
        tell("garbage", &garbage, &anchor);
        let (other, _) = trail(6);
        let elsewhere = [Anchor {
            sequence: None,
            hash: head.hash.replace('a', "b"),
            origin: "--head".to_owned(),
        }];
        tell("another trail", &other, &elsewhere);
        insta::assert_snapshot!(text, @r"
        changed
          3: entry 2 was changed: its hash is not that of its contents
        changed, and its hash made to fit
          4: entry 3 was written behind another entry than the one before it
        removed
          2: entry 1 is missing before entry 2
        swapped
          2: entry 1 is missing before entry 2
          3: entry 1 stands where entry 3 must be
          4: entry 2 is missing before entry 3
        written twice
          3: entry 1 stands where entry 2 must be
        the end cut off
          end: the trail ends with entry 2, and the head file knows an entry 4
        the beginning cut off
          1: entries 0 to 1 are missing before entry 2
        all removed
          end: the trail is empty, and the head file knows an entry 4
        garbage
          4: this line is no entry: it is no JSON object (expected value at line 1 column 1)
        another trail
          end: no entry has the hash that --head tells
        ");
    }

    #[test]
    fn a_file_of_garbage_is_counted_and_not_kept() {
        let lines = vec!["x".to_owned(); 1000];
        let summary = verify(&lines, &[]);
        assert_eq!(summary.problems.len(), MOST_PROBLEMS);
        assert_eq!(summary.more_problems, 900);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        /// Whatever byte becomes another one, it shows.
        #[test]
        fn no_byte_can_be_changed(at in 0usize..10_000, to in any::<u8>()) {
            let (lines, head) = trail(3);
            let mut bytes = lines.join("\n").into_bytes();
            let at = at % bytes.len();
            prop_assume!(bytes[at] != to);
            bytes[at] = to;
            let mut chain = Chain::new(vec![Anchor::of(&head, "x")]);
            for line in bytes.split(|byte| *byte == b'\n') {
                chain.feed(line);
            }
            prop_assert!(!chain.finish().problems.is_empty());
        }

        /// Whatever lines are taken out, put in twice or put elsewhere, it shows.
        #[test]
        fn no_line_can_be_moved(order in prop::collection::vec(0usize..5, 0..8)) {
            let (lines, head) = trail(5);
            prop_assume!(order != [0, 1, 2, 3, 4]);
            let moved: Vec<String> = order.iter().map(|at| lines[*at].clone()).collect();
            let summary = verify(&moved, &[Anchor::of(&head, "x")]);
            prop_assert!(!summary.problems.is_empty());
        }

        #[test]
        fn no_line_makes_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut chain = Chain::new(Vec::new());
            chain.feed(&bytes);
            let _ = chain.finish();
        }
    }
}
