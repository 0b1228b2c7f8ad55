//! As much of Go's regular expressions as an ignore pattern can be turned into, matched in linear time.
//!
//! The text is never an expression that somebody wrote: it comes from [`super::pattern`], so groups are only
//! `(.*/)?`. Alternatives, repetitions `{2}`, classes and escapes leak in from patterns. Unicode classes (`\p`) are
//! refused.

use super::regex_syntax::{Part, Set, parse};

/// More instructions than this come from nothing but repetitions of repetitions.
const MAX_INSTRUCTIONS: usize = 100_000;

/// A compiled expression.
#[derive(Clone, Debug)]
pub(super) struct Regex {
    program: Vec<Instruction>,
    /// It can only match from the start.
    anchored: bool,
}

#[derive(Clone, Debug)]
enum Instruction {
    /// Takes one character.
    Take(Set),
    /// Goes on at both places.
    Split(usize, usize),
    Jump(usize),
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
        let mut program = Vec::new();
        emit_alternatives(&alternatives, &mut program)?;
        program.push(Instruction::Match);
        Ok(Self { program, anchored })
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
                if let Instruction::Take(set) = &self.program[thread]
                    && set.contains(character)
                    && self.follow(thread + 1, place, &mut next)
                {
                    return true;
                }
            }
            if next.list.is_empty() && self.anchored {
                return false;
            }
            std::mem::swap(&mut threads, &mut next);
        }
    }

    /// Adds all that can be reached without taking a character; `true` if that is the end of the expression.
    fn follow(&self, start: usize, place: Place, threads: &mut Threads) -> bool {
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            if !threads.add(at) {
                continue;
            }
            match &self.program[at] {
                Instruction::Split(a, b) => open.extend([*b, *a]),
                Instruction::Jump(to) => open.push(*to),
                Instruction::Start if place.before.is_none() => open.push(at + 1),
                Instruction::End if place.current.is_none() => open.push(at + 1),
                Instruction::Boundary(wanted) if place.is_boundary() == *wanted => {
                    open.push(at + 1);
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
    list: Vec<usize>,
    seen: Vec<bool>,
}

impl Threads {
    fn new(length: usize) -> Self {
        Self {
            list: Vec::new(),
            seen: vec![false; length],
        }
    }

    fn add(&mut self, at: usize) -> bool {
        if std::mem::replace(&mut self.seen[at], true) {
            return false;
        }
        self.list.push(at);
        true
    }

    fn clear(&mut self) {
        for at in self.list.drain(..) {
            self.seen[at] = false;
        }
    }
}

fn emit_alternatives(
    alternatives: &[Vec<Part>],
    program: &mut Vec<Instruction>,
) -> Result<(), String> {
    let mut ends = Vec::new();
    for (number, parts) in alternatives.iter().enumerate() {
        let is_last = number + 1 == alternatives.len();
        let split = program.len();
        if !is_last {
            program.push(Instruction::Split(split + 1, 0));
        }
        for part in parts {
            emit(part, program)?;
        }
        if !is_last {
            ends.push(program.len());
            program.push(Instruction::Jump(0));
            program[split] = Instruction::Split(split + 1, program.len());
        }
    }
    let end = program.len();
    for at in ends {
        program[at] = Instruction::Jump(end);
    }
    Ok(())
}

fn emit(part: &Part, program: &mut Vec<Instruction>) -> Result<(), String> {
    if program.len() > MAX_INSTRUCTIONS {
        return Err("it repeats too much".to_owned());
    }
    match part {
        Part::Take(set) => program.push(Instruction::Take(set.clone())),
        Part::Start => program.push(Instruction::Start),
        Part::End => program.push(Instruction::End),
        Part::Boundary(wanted) => program.push(Instruction::Boundary(*wanted)),
        Part::Group(alternatives) => emit_alternatives(alternatives, program)?,
        Part::Repeat { part, least, most } => {
            for _ in 0..*least {
                emit(part, program)?;
            }
            match most {
                None => {
                    let split = program.len();
                    program.push(Instruction::Split(split + 1, 0));
                    emit(part, program)?;
                    program.push(Instruction::Jump(split));
                    program[split] = Instruction::Split(split + 1, program.len());
                }
                Some(most) => {
                    let mut splits = Vec::new();
                    for _ in *least..*most {
                        splits.push(program.len());
                        program.push(Instruction::Split(0, 0));
                        emit(part, program)?;
                    }
                    for split in splits {
                        program[split] = Instruction::Split(split + 1, program.len());
                    }
                }
            }
        }
    }
    Ok(())
}
