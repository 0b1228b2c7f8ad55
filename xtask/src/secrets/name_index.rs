//! Patterns of paths by what the file's name must be, so that a path is compared with few of them.

use foldhash::HashMap;
use smallvec::SmallVec;

use crate::secrets::names::Sensitive;
use crate::text_search::last_part;

/// A pattern: the last parts of a path, where `*` stands for anything but `/`. One that ends with `/` is a folder, and
/// stands for what is below it.
struct Row {
    pattern: &'static str,
    /// What the file's name must be; empty for a folder.
    name: &'static str,
    sensitive: Sensitive,
}

impl Row {
    fn matches(&self, path: &str, name: &str) -> bool {
        if self.name.is_empty() {
            let bytes = path.as_bytes();
            return starts_of_parts(path)
                .any(|at| bytes[at..].starts_with(self.pattern.as_bytes()));
        }
        // The name decides mostly: asked first.
        let mut parts = path.rsplit('/');
        matches_part(self.name, name)
            && (self.name.len() == self.pattern.len()
                || self
                    .pattern
                    .rsplit('/')
                    .all(|pattern| parts.next().is_some_and(|part| matches_part(pattern, part))))
    }
}

fn matches_part(pattern: &str, part: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == part;
    };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(mut between) = part
        .strip_prefix(start)
        .and_then(|part| part.strip_suffix(end))
    else {
        return false;
    };
    // Each piece as early as it can be, so that the next has the most room.
    middle.split('*').all(|piece| {
        let found = between.find(piece);
        between = found.map_or("", |at| &between[at + piece.len()..]);
        found.is_some()
    })
}

/// The patterns. The first that matches counts, whole names before endings before others.
#[derive(Default)]
pub(super) struct Index {
    by_name: HashMap<&'static str, Vec<Row>>,
    by_ending: HashMap<&'static str, Vec<Row>>,
    /// Those with other wildcards, and folders.
    others: Vec<Row>,
    /// Which of the others ask for a name or a folder that starts with a byte.
    by_start: HashMap<u8, Vec<usize>>,
    /// Which of them ask for a name that starts with anything and ends with a byte.
    by_end: HashMap<u8, Vec<usize>>,
    /// Which of them ask for something in the middle of a name.
    by_middle: Vec<usize>,
}

impl Index {
    /// Adds a pattern, and what a file is that matches it.
    pub(super) fn add(&mut self, pattern: &'static str, sensitive: Sensitive) {
        let name = last_part(pattern);
        let row = Row {
            pattern,
            name,
            sensitive,
        };
        match name.strip_prefix("*.") {
            Some(ending) if !ending.contains('*') => {
                self.by_ending.entry(ending).or_default().push(row);
            }
            _ if name.is_empty() || name.contains('*') => self.add_other(row),
            _ => self.by_name.entry(name).or_default().push(row),
        }
    }

    /// What a file is, by its path in small letters and the last part of that.
    pub(super) fn find(&self, path: &str, name: &str) -> Option<Sensitive> {
        self.plain(name)
            .chain(self.others(path, name))
            .find(|row| row.matches(path, name))
            .map(|row| row.sensitive)
    }

    /// Those that ask for a name, or for what it ends with: `a.b.c` has the endings `b.c` and `c`.
    fn plain(&self, name: &str) -> impl Iterator<Item = &Row> {
        let by_whole = self.by_name.get(name);
        let dots = name.match_indices('.');
        let by_ending = dots.filter_map(|(at, _)| self.by_ending.get(&name[at + 1..]));
        by_whole.into_iter().chain(by_ending).flatten()
    }

    fn add_other(&mut self, row: Row) {
        let place = self.others.len();
        let of_what = if row.name.is_empty() {
            row.pattern
        } else {
            row.name
        };
        let bytes = of_what.as_bytes();
        match (bytes.first(), bytes.last()) {
            (Some(b'*'), Some(b'*')) | (None, _) | (_, None) => self.by_middle.push(place),
            (Some(b'*'), Some(end)) => self.by_end.entry(*end).or_default().push(place),
            (Some(start), _) => self.by_start.entry(*start).or_default().push(place),
        }
        self.others.push(row);
    }

    /// Those of the others that a path may match, in order.
    fn others(&self, path: &str, name: &str) -> impl Iterator<Item = &Row> {
        let bytes = path.as_bytes();
        let starts = starts_of_parts(path).filter_map(|at| self.by_start.get(bytes.get(at)?));
        let end = name.bytes().next_back();
        let ends = end.and_then(|byte| self.by_end.get(&byte));
        let found = starts.chain(ends).chain([&self.by_middle]).flatten();
        let mut places: SmallVec<[usize; 16]> = found.copied().collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(|place| &self.others[place])
    }
}

/// Where the parts of a path begin.
fn starts_of_parts(path: &str) -> impl Iterator<Item = usize> + '_ {
    let slashes = memchr::memchr_iter(b'/', path.as_bytes());
    std::iter::once(0).chain(slashes.map(|at| at + 1))
}

#[cfg(test)]
impl Index {
    /// How many patterns it has.
    pub(super) fn len(&self) -> usize {
        let rows = self.by_name.values().chain(self.by_ending.values());
        rows.chain([&self.others]).map(Vec::len).sum()
    }

    /// As [`Index::find`], by a look at each pattern.
    pub(super) fn find_one_by_one(&self, path: &str, name: &str) -> Option<Sensitive> {
        let mut rows = self.plain(name).chain(&self.others);
        let found = rows.find(|row| row.matches(path, name))?;
        Some(found.sensitive)
    }
}
