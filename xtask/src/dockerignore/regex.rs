//! As much of Go's regular expressions as an ignore pattern can be turned into, matched in linear time.
//!
//! The text is never an expression that somebody wrote: it comes from [`super::pattern`], so groups are only
//! `(.*/)?`. Alternatives, repetitions `{2}`, classes and escapes leak in from patterns. Unicode classes (`\p`) are
//! refused.

use super::regex_syntax::{Part, Set, parse};

/// More instructions than this in one expression come from nothing but repetitions. They are about a million bytes.
const MAX_INSTRUCTIONS: usize = 100_000;

/// A compiled expression.
#[derive(Clone, Debug)]
pub(super) struct Regex {
    program: Box<[Instruction]>,
    sets: Box<[Set]>,
    /// It can only match from the start.
    anchored: bool,
}

/// Places are places in the program.
#[derive(Clone, Copy, Debug)]
enum Instruction {
    /// Takes one character of a set.
    Take(u32),
    /// Goes on at both places.
    Split(u32, u32),
    Jump(u32),
    Start,
    End,
    /// At a word's boundary (`true`), or not.
    Boundary(bool),
    Match,
}

impl Regex {
    pub(super) fn new(text: &str) -> Result<Self, String> {
        let alternatives = parse(text)?;
        let anchored = matches!(alternatives.as_slice(), [parts] if matches!(parts.first(), Some(Part::Start)));
        let mut compiler = Compiler::default();
        compiler.alternatives(&alternatives)?;
        compiler.program.push(Instruction::Match);
        Ok(Self {
            program: compiler.program.into(),
            sets: compiler.sets.into(),
            anchored,
        })
    }

    /// How many instructions it has.
    pub(super) fn size(&self) -> usize {
        self.program.len()
    }

    /// Whether it matches anywhere in the text.
    pub(super) fn is_match(&self, text: &str) -> bool {
        let mut threads = Threads::new(self.program.len());
        let mut next = Threads::new(self.program.len());
        let mut before = None;
        let mut characters = text.chars();
        let mut current = characters.next();
        let mut at_start = true;
        loop {
            if at_start || !self.anchored {
                let place = Place { before, current };
                if self.follow(0, place, &mut threads) {
                    return true;
                }
            }
            at_start = false;
            let Some(character) = current else {
                return false;
            };
            before = current;
            current = characters.next();
            next.clear();
            let place = Place { before, current };
            for &thread in &threads.list {
                if self.takes(thread, character) && self.follow(thread + 1, place, &mut next) {
                    return true;
                }
            }
            if next.list.is_empty() && self.anchored {
                return false;
            }
            std::mem::swap(&mut threads, &mut next);
        }
    }

    fn takes(&self, at: u32, character: char) -> bool {
        match self.program[at as usize] {
            Instruction::Take(set) => self.sets[set as usize].contains(character),
            _ => false,
        }
    }

    /// Adds all that can be reached without taking a character; `true` if that is the end of the expression.
    fn follow(&self, start: u32, place: Place, threads: &mut Threads) -> bool {
        threads.open.push(start);
        while let Some(at) = threads.open.pop() {
            if !threads.add(at) {
                continue;
            }
            match self.program[at as usize] {
                Instruction::Split(a, b) => threads.open.extend([b, a]),
                Instruction::Jump(to) => threads.open.push(to),
                Instruction::Start if place.before.is_none() => threads.open.push(at + 1),
                Instruction::End if place.current.is_none() => threads.open.push(at + 1),
                Instruction::Boundary(wanted) if place.is_boundary() == wanted => {
                    threads.open.push(at + 1);
                }
                Instruction::Take(_)
                | Instruction::Start
                | Instruction::End
                | Instruction::Boundary(_) => {}
                Instruction::Match => return true,
            }
        }
        false
    }
}

/// What of an expression has matched so far: the places it can go on from, in order.
pub(super) type States = Vec<u32>;

/// One character at a time, for what compares expressions. Only those can be run so that have the form `^…$`.
impl Regex {
    /// Before the first character; `None` where a character's neighbors would have to be known.
    pub(super) fn states(&self) -> Option<States> {
        let plain = |one: &Instruction| {
            matches!(
                one,
                Instruction::Take(_) | Instruction::Split(..) | Instruction::Jump(_)
            )
        };
        match &*self.program {
            [
                Instruction::Start,
                between @ ..,
                Instruction::End,
                Instruction::Match,
            ] if self.anchored && between.iter().all(plain) => Some(self.closure([1])),
            _ => None,
        }
    }

    /// After one more character.
    pub(super) fn step(&self, states: &States, character: char) -> States {
        let taking = states.iter().filter(|at| self.takes(**at, character));
        self.closure(taking.map(|at| at + 1))
    }

    /// Whether what was read matches.
    pub(super) fn accepts(&self, states: &States) -> bool {
        let end = |at: &u32| matches!(self.program[*at as usize], Instruction::End);
        states.last().is_some_and(end)
    }

    fn closure(&self, starts: impl IntoIterator<Item = u32>) -> States {
        let mut threads = Threads::new(self.program.len());
        let inside = Place {
            before: Some('/'),
            current: Some('/'),
        };
        for start in starts {
            self.follow(start, inside, &mut threads);
        }
        let stops = |at: &u32| {
            matches!(
                self.program[*at as usize],
                Instruction::Take(_) | Instruction::End
            )
        };
        let mut states: States = threads.list.into_iter().filter(stops).collect();
        states.sort_unstable();
        states
    }

    /// Where the characters it tells apart begin.
    pub(super) fn borders(&self) -> impl Iterator<Item = char> {
        self.sets.iter().flat_map(Set::borders)
    }
}

/// Between two characters.
#[derive(Clone, Copy)]
struct Place {
    before: Option<char>,
    current: Option<char>,
}

impl Place {
    fn is_boundary(self) -> bool {
        let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        word(self.before) != word(self.current)
    }
}

struct Threads {
    list: Vec<u32>,
    seen: Vec<bool>,
    /// What is still to be followed.
    open: Vec<u32>,
}

impl Threads {
    fn new(length: usize) -> Self {
        Self {
            list: Vec::new(),
            seen: vec![false; length],
            open: Vec::new(),
        }
    }

    fn add(&mut self, at: u32) -> bool {
        if std::mem::replace(&mut self.seen[at as usize], true) {
            return false;
        }
        self.list.push(at);
        true
    }

    fn clear(&mut self) {
        for at in self.list.drain(..) {
            self.seen[at as usize] = false;
        }
    }
}

#[derive(Default)]
struct Compiler {
    program: Vec<Instruction>,
    sets: Vec<Set>,
}

impl Compiler {
    /// The place of the next instruction.
    fn next(&self) -> Result<u32, String> {
        match u32::try_from(self.program.len()) {
            Ok(next) if self.program.len() <= MAX_INSTRUCTIONS => Ok(next),
            _ => Err("it repeats too much".to_owned()),
        }
    }

    fn alternatives(&mut self, alternatives: &[Vec<Part>]) -> Result<(), String> {
        let mut ends = Vec::new();
        for (number, parts) in alternatives.iter().enumerate() {
            let is_last = number + 1 == alternatives.len();
            let split = self.next()?;
            if !is_last {
                self.program.push(Instruction::Split(split + 1, 0));
            }
            for part in parts {
                self.part(part, None)?;
            }
            if !is_last {
                ends.push(self.next()?);
                self.program.push(Instruction::Jump(0));
                self.split(split)?;
            }
        }
        let end = self.next()?;
        for at in ends {
            self.program[at as usize] = Instruction::Jump(end);
        }
        Ok(())
    }

    /// Lets the split at a place go on behind it, or at what comes next.
    fn split(&mut self, at: u32) -> Result<(), String> {
        let next = self.next()?;
        self.program[at as usize] = Instruction::Split(at + 1, next);
        Ok(())
    }

    /// `known` is the place of a set that stands in the program already, where a part is repeated.
    fn part(&mut self, part: &Part, known: Option<u32>) -> Result<(), String> {
        self.next()?;
        match part {
            Part::Take(set) => {
                let place = match known {
                    Some(place) => place,
                    None => self.set(set)?,
                };
                self.program.push(Instruction::Take(place));
            }
            Part::Start => self.program.push(Instruction::Start),
            Part::End => self.program.push(Instruction::End),
            Part::Boundary(wanted) => self.program.push(Instruction::Boundary(*wanted)),
            Part::Group(alternatives) => self.alternatives(alternatives)?,
            Part::Repeat { part, least, most } => {
                let known = match &**part {
                    Part::Take(set) => Some(self.set(set)?),
                    _ => None,
                };
                for _ in 0..*least {
                    self.part(part, known)?;
                }
                match most {
                    None => {
                        let split = self.next()?;
                        self.program.push(Instruction::Split(split + 1, 0));
                        self.part(part, known)?;
                        self.program.push(Instruction::Jump(split));
                        self.split(split)?;
                    }
                    Some(most) => {
                        let mut splits = Vec::new();
                        for _ in *least..*most {
                            splits.push(self.next()?);
                            self.program.push(Instruction::Split(0, 0));
                            self.part(part, known)?;
                        }
                        for at in splits {
                            self.split(at)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn set(&mut self, set: &Set) -> Result<u32, String> {
        let place = u32::try_from(self.sets.len()).map_err(|_| "it is too large")?;
        self.sets.push(set.clone());
        Ok(place)
    }
}
