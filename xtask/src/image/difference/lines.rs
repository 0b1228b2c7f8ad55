//! Which layer was which before.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use super::LineChange;
use crate::image::composition::{ComposedLine, Composition, LineSize};
use crate::size::Change;

/// The layers whose size changed. Layers are the same if they have the same content; else if the same instruction of
/// the same Dockerfile made them; else if the same kind of instruction of it did, in order.
pub(super) fn changes(before: &Composition, after: &Composition) -> Vec<LineChange> {
    let mut before: Vec<Option<&ComposedLine>> = before.lines.iter().map(Some).collect();
    let mut after: Vec<Option<&ComposedLine>> = after.lines.iter().map(Some).collect();
    let mut pairs: Vec<(&LineSize, &LineSize)> = Vec::new();
    pair(&mut before, &mut after, &mut pairs, |one| {
        one.diff_id.as_deref()
    });
    pair(&mut before, &mut after, &mut pairs, |one| {
        Some((&one.line.file, &one.line.instruction))
    });
    pair(&mut before, &mut after, &mut pairs, |one| {
        let keyword = one.line.instruction.split_whitespace().next();
        Some((&one.line.file, keyword))
    });
    let both = pairs
        .into_iter()
        .map(|(before, after)| (Some(before), Some(after)));
    let gone = before
        .into_iter()
        .flatten()
        .map(|one| (Some(&one.line), None));
    let new = after
        .into_iter()
        .flatten()
        .map(|one| (None, Some(&one.line)));
    let bytes = |line: Option<&LineSize>| line.map_or(0, |line| line.unpacked_bytes);
    let mut changes: Vec<LineChange> = both
        .chain(gone)
        .chain(new)
        .filter(|(before, after)| bytes(*before) != bytes(*after))
        .map(|(before, after)| LineChange {
            before: before.cloned(),
            after: after.cloned(),
            change_bytes: Change::between(bytes(before), bytes(after)),
        })
        .collect();
    changes.sort_by_cached_key(|change| {
        // The same in both directions.
        let mut sides = [change.before.clone(), change.after.clone()];
        sides.sort();
        (Reverse(change.change_bytes.magnitude()), sides)
    });
    changes
}

/// Takes out those with equal keys, the first with the first, and so on.
fn pair<'a, K: Ord>(
    before: &mut [Option<&'a ComposedLine>],
    after: &mut [Option<&'a ComposedLine>],
    pairs: &mut Vec<(&'a LineSize, &'a LineSize)>,
    key: impl Fn(&'a ComposedLine) -> Option<K>,
) {
    let mut open: BTreeMap<K, VecDeque<usize>> = BTreeMap::new();
    for (index, one) in after.iter().enumerate() {
        if let Some(key) = one.and_then(&key) {
            open.entry(key).or_default().push_back(index);
        }
    }
    for one in before {
        let Some(line) = *one else { continue };
        let found = key(line).and_then(|key| open.get_mut(&key)?.pop_front());
        if let Some(other) = found.and_then(|index| after[index].take()) {
            pairs.push((&line.line, &other.line));
            *one = None;
        }
    }
}
