//! Which patterns could match a path: a few out of many, found by parts of the path that a pattern fixes.

use std::collections::{HashMap, HashSet};

use super::pattern::{Matcher, Pattern};

/// Patterns by what every match of theirs has in common, each list in the order of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// By the last part of the path.
    names: Places,
    /// By what starts at the last dot of the path.
    extensions: Places,
    /// By the first part of the path.
    tops: Places,
    /// The others are asked about every path.
    others: Vec<u32>,
}

type Places = HashMap<Box<str>, Vec<u32>>;

impl Index {
    pub(super) fn new(patterns: &[Pattern]) -> Self {
        let mut index = Self::default();
        // A second one like the first changes nothing where no pattern of the other kind stands between them.
        let mut run = HashSet::new();
        let mut exception = None;
        for (place, pattern) in patterns.iter().enumerate() {
            if exception.replace(pattern.is_exception()) != Some(pattern.is_exception()) {
                run.clear();
            }
            if run.insert(pattern.text())
                && let Ok(place) = u32::try_from(place)
            {
                index.list(pattern).push(place);
            }
        }
        index
    }

    /// Where a pattern belongs: where the fewest paths look.
    fn list(&mut self, pattern: &Pattern) -> &mut Vec<u32> {
        let (head, tail) = (pattern.head(), pattern.tail());
        let of_root = matches!(pattern.matcher(), Matcher::Exact);
        // `**/x` has no slash in its tail, and ends with that name all the same.
        let whole_name = of_root || pattern.text().strip_prefix("**/") == Some(tail);
        let name = match tail.rsplit_once('/') {
            Some((_, name)) => Some(name),
            None => Some(tail).filter(|_| whole_name),
        };
        if let Some(name) = name {
            return self.names.entry(name.into()).or_default();
        }
        if let Some(dot) = tail.rfind('.') {
            return self.extensions.entry(tail[dot..].into()).or_default();
        }
        if let Some((top, _)) = head.split_once('/') {
            return self.tops.entry(top.into()).or_default();
        }
        &mut self.others
    }

    /// The places of the patterns that could match a path, from `start` on, in order.
    pub(super) fn candidates(&self, path: &str, start: u32) -> Candidates<'_> {
        let slash = path.rfind('/');
        let name = slash.map_or(path, |at| &path[at + 1..]);
        let top = path.find('/').map_or(path, |at| &path[..at]);
        let dot = name.rfind('.');
        let lists = [
            look_up(&self.names, Some(name)),
            look_up(&self.extensions, dot.map(|at| &name[at..])),
            look_up(&self.tops, Some(top)),
            &self.others,
        ];
        Candidates(lists.map(|list| match list.first() {
            Some(first) if *first >= start => list,
            Some(_) => &list[list.partition_point(|place| *place < start)..],
            None => list,
        }))
    }
}

fn look_up<'i>(places: &'i Places, part: Option<&str>) -> &'i [u32] {
    match part {
        Some(part) if !places.is_empty() => places.get(part).map_or(&[], Vec::as_slice),
        _ => &[],
    }
}

/// Places in order, out of lists that are in order.
pub(super) struct Candidates<'i>([&'i [u32]; 4]);

impl Iterator for Candidates<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let lists = self.0.iter_mut().filter(|list| !list.is_empty());
        let list = lists.min_by_key(|list| list[0])?;
        let (first, rest) = list.split_first()?;
        *list = rest;
        Some(*first)
    }
}
