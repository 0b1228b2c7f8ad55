//! The syntax of the expressions that ignore patterns are turned into.

/// The largest count of a repetition, as in Go.
const MAX_REPEAT: usize = 1000;

/// A set of characters.
#[derive(Clone, Debug, Default)]
pub(super) struct Set {
    /// In order and apart from each other, once the set is read.
    ranges: Vec<(char, char)>,
    negated: bool,
}

impl Set {
    pub(super) fn one(character: char) -> Self {
        Self {
            ranges: vec![(character, character)],
            negated: false,
        }
    }

    pub(super) fn contains(&self, character: char) -> bool {
        let next = self.ranges.partition_point(|&(_, high)| high < character);
        let inside = self
            .ranges
            .get(next)
            .is_some_and(|&(low, _)| low <= character);
        inside != self.negated
    }

    /// Where membership changes from one character to the next: the first characters behind each change.
    pub(super) fn borders(&self) -> impl Iterator<Item = char> {
        self.ranges
            .iter()
            .flat_map(|&(low, high)| [Some(low), after(high)])
            .flatten()
    }

    /// Puts the ranges in order and joins those that touch.
    fn settle(&mut self) {
        self.ranges.sort_unstable();
        let mut settled: Vec<(char, char)> = Vec::with_capacity(self.ranges.len());
        for &(low, high) in &self.ranges {
            match settled.last_mut() {
                Some(last) if low <= last.1 || after(last.1) == Some(low) => {
                    last.1 = last.1.max(high);
                }
                _ => settled.push((low, high)),
            }
        }
        self.ranges = settled;
    }
}

/// A part of an expression.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Take(Set),
    Start,
    End,
    Boundary(bool),
    Group(Vec<Vec<Part>>),
    Repeat {
        part: Box<Part>,
        least: usize,
        most: Option<usize>,
    },
}

/// Reads an expression: alternatives of parts in order.
pub(super) fn parse(text: &str) -> Result<Vec<Vec<Part>>, String> {
    let mut parser = Parser {
        text: text.chars().collect(),
        at: 0,
        no_named_class: usize::MAX,
    };
    parser.alternatives()
}

struct Parser {
    text: Vec<char>,
    at: usize,
    /// No `:]` stands from here on.
    no_named_class: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += 1;
        Some(character)
    }

    fn take(&mut self, expected: &str) -> bool {
        let length = expected.chars().count();
        let found = self.text.get(self.at..self.at + length);
        let matches = found.is_some_and(|found| found.iter().copied().eq(expected.chars()));
        if matches {
            self.at += length;
        }
        matches
    }

    fn alternatives(&mut self) -> Result<Vec<Vec<Part>>, String> {
        let mut alternatives = vec![Vec::new()];
        // What stands before a repetition may not be one itself.
        let mut repeated = false;
        while let Some(character) = self.peek() {
            let parts = alternatives.last_mut().ok_or("it is empty")?;
            let start = self.at;
            self.at += 1;
            let mut repeats = None;
            match character {
                ')' => {
                    self.at -= 1;
                    break;
                }
                '|' => {
                    alternatives.push(Vec::new());
                    repeated = false;
                    continue;
                }
                '(' => {
                    let inner = self.alternatives()?;
                    if !self.take(")") {
                        return Err("a `)` is missing".to_owned());
                    }
                    parts.push(Part::Group(inner));
                }
                '^' => parts.push(Part::Start),
                '$' => parts.push(Part::End),
                '.' => parts.push(Part::Take(Set {
                    ranges: vec![('\n', '\n')],
                    negated: true,
                })),
                '[' => {
                    let set = self.class()?;
                    parts.push(Part::Take(set));
                }
                '*' => repeats = Some((0, None)),
                '+' => repeats = Some((1, None)),
                '?' => repeats = Some((0, Some(1))),
                '{' => {
                    self.at = start;
                    repeats = self.counts()?;
                    if repeats.is_none() {
                        self.at = start + 1;
                        parts.push(Part::Take(Set::one('{')));
                    }
                }
                '\\' => self.escape(parts)?,
                character => parts.push(Part::Take(Set::one(character))),
            }
            if let Some((least, most)) = repeats {
                if repeated {
                    return Err("it repeats a repetition".to_owned());
                }
                let part = parts.pop().ok_or("it repeats nothing")?;
                parts.push(Part::Repeat {
                    part: Box::new(part),
                    least,
                    most,
                });
            }
            repeated = repeats.is_some();
        }
        Ok(alternatives)
    }

    /// `{2}`, `{2,}`, `{2,3}`; `None` if the brace is only a brace.
    fn counts(&mut self) -> Result<Option<(usize, Option<usize>)>, String> {
        self.at += 1;
        let Some(least) = self.number() else {
            return Ok(None);
        };
        let most = if self.take(",") {
            if self.peek() == Some('}') {
                None
            } else {
                let Some(most) = self.number() else {
                    return Ok(None);
                };
                Some(most)
            }
        } else {
            Some(least)
        };
        if !self.take("}") {
            return Ok(None);
        }
        if least > MAX_REPEAT || most.is_some_and(|most| most > MAX_REPEAT || most < least) {
            return Err("its count of repetitions is wrong".to_owned());
        }
        Ok(Some((least, most)))
    }

    /// A number without a zero in front; one that is too large to be a count is larger than any.
    fn number(&mut self) -> Option<usize> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        let digits: String = self.text[start..self.at].iter().collect();
        if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
            return None;
        }
        Some(digits.parse().unwrap_or(usize::MAX))
    }

    /// What follows a backslash outside of classes.
    fn escape(&mut self, parts: &mut Vec<Part>) -> Result<(), String> {
        match self.peek() {
            Some('A') => parts.push(Part::Start),
            Some('z') => parts.push(Part::End),
            Some('b') => parts.push(Part::Boundary(true)),
            Some('B') => parts.push(Part::Boundary(false)),
            Some('Q') => {
                self.at += 1;
                while self.at < self.text.len() && !self.take("\\E") {
                    if let Some(character) = self.next() {
                        parts.push(Part::Take(Set::one(character)));
                    }
                }
                return Ok(());
            }
            Some(character) => {
                let set = match perl_class(character) {
                    Some(set) => {
                        self.at += 1;
                        set
                    }
                    None => Set::one(self.escaped_character()?),
                };
                parts.push(Part::Take(set));
                return Ok(());
            }
            None => return Err("a `\\` ends it".to_owned()),
        }
        self.at += 1;
        Ok(())
    }

    /// The character that an escape means, behind its backslash.
    fn escaped_character(&mut self) -> Result<char, String> {
        let unknown = || "it has an escape that means nothing".to_owned();
        let character = self.next().ok_or_else(unknown)?;
        match character {
            '1'..='7' if !self.peek().is_some_and(|c| ('0'..='7').contains(&c)) => Err(unknown()),
            '0'..='7' => {
                let mut value = character.to_digit(8).unwrap_or_default();
                for _ in 0..2 {
                    let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else {
                        break;
                    };
                    value = value * 8 + digit;
                    self.at += 1;
                }
                char::from_u32(value).ok_or_else(unknown)
            }
            'x' => self.hexadecimal().ok_or_else(unknown),
            'a' => Ok('\u{7}'),
            'f' => Ok('\u{c}'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\u{b}'),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Ok(c),
            _ => Err(unknown()),
        }
    }

    fn hexadecimal(&mut self) -> Option<char> {
        let mut value = 0u32;
        if self.take("{") {
            let mut digits = 0;
            while !self.take("}") {
                value = value.checked_mul(16)? + self.next()?.to_digit(16)?;
                digits += 1;
            }
            return (digits > 0).then(|| char::from_u32(value)).flatten();
        }
        for _ in 0..2 {
            value = value * 16 + self.next()?.to_digit(16)?;
        }
        char::from_u32(value)
    }

    /// A class, behind its `[`.
    fn class(&mut self) -> Result<Set, String> {
        let mut set = Set {
            ranges: Vec::new(),
            negated: self.take("^"),
        };
        let mut first = true;
        loop {
            let open = || "a `]` is missing".to_owned();
            let character = self.peek().ok_or_else(open)?;
            if character == ']' && !first {
                self.at += 1;
                set.settle();
                return Ok(set);
            }
            first = false;
            if character == '[' && self.named_class(&mut set)? {
                continue;
            }
            if character == '\\'
                && let Some(class) = self.text.get(self.at + 1).and_then(|c| perl_class(*c))
            {
                self.at += 2;
                add(&mut set, class);
                continue;
            }
            let low = self.class_character().ok_or_else(open)??;
            let mut high = low;
            if self.peek() == Some('-') && self.text.get(self.at + 1).is_some_and(|c| *c != ']') {
                self.at += 1;
                high = self.class_character().ok_or_else(open)??;
            }
            if high < low {
                return Err("a range of it ends before it starts".to_owned());
            }
            set.ranges.push((low, high));
        }
    }

    fn class_character(&mut self) -> Option<Result<char, String>> {
        match self.next()? {
            '\\' => Some(self.escaped_character()),
            character => Some(Ok(character)),
        }
    }

    /// `[:alpha:]`, `[:^alpha:]`.
    fn named_class(&mut self, set: &mut Set) -> Result<bool, String> {
        let rest = &self.text[self.at..];
        if rest.get(1) != Some(&':') || self.at >= self.no_named_class {
            return Ok(false);
        }
        let end = rest.windows(2).skip(2).position(|pair| pair == [':', ']']);
        let Some(end) = end else {
            self.no_named_class = self.at;
            return Ok(false);
        };
        let name: String = rest[2..end + 2].iter().collect();
        let (negated, plain) = match name.strip_prefix('^') {
            Some(plain) => (true, plain),
            None => (false, name.as_str()),
        };
        let ranges: &[(char, char)] = match plain {
            "alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
            "alpha" => &[('A', 'Z'), ('a', 'z')],
            "ascii" => &[('\0', '\x7f')],
            "blank" => &[('\t', '\t'), (' ', ' ')],
            "cntrl" => &[('\0', '\x1f'), ('\x7f', '\x7f')],
            "digit" => &[('0', '9')],
            "graph" => &[('!', '~')],
            "lower" => &[('a', 'z')],
            "print" => &[(' ', '~')],
            "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
            "space" => &[('\t', '\r'), (' ', ' ')],
            "upper" => &[('A', 'Z')],
            "word" => &[('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_')],
            "xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
            _ => return Err(format!("it has an unknown class `[:{name}:]`")),
        };
        self.at += end + 4;
        add(
            set,
            Set {
                ranges: ranges.to_vec(),
                negated,
            },
        );
        Ok(true)
    }
}

/// `\d`, `\s`, `\w` and their opposites.
fn perl_class(letter: char) -> Option<Set> {
    let ranges: &[(char, char)] = match letter.to_ascii_lowercase() {
        'd' => &[('0', '9')],
        's' => &[('\t', '\n'), ('\x0c', '\r'), (' ', ' ')],
        'w' => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        _ => return None,
    };
    Some(Set {
        ranges: ranges.to_vec(),
        negated: letter.is_ascii_uppercase(),
    })
}

/// Adds a set to a class.
fn add(set: &mut Set, more: Set) {
    if !more.negated {
        set.ranges.extend(more.ranges);
        return;
    }
    let mut ranges = more.ranges;
    ranges.sort_unstable();
    let mut low = Some('\0');
    for (start, end) in ranges {
        if let Some(low) = low
            && low < start
            && let Some(high) = before(start)
        {
            set.ranges.push((low, high));
        }
        low = after(end);
    }
    if let Some(low) = low {
        set.ranges.push((low, char::MAX));
    }
}

fn before(character: char) -> Option<char> {
    match character {
        '\u{e000}' => Some('\u{d7ff}'),
        _ => char::from_u32(u32::from(character).checked_sub(1)?),
    }
}

fn after(character: char) -> Option<char> {
    match character {
        '\u{d7ff}' => Some('\u{e000}'),
        _ => char::from_u32(u32::from(character) + 1),
    }
}
