//! Which folders grew and shrank.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::FolderChange;
use crate::image::composition::{Composition, depth};
use crate::size::Change;

/// The folders and large files whose size changed, down to where both sides know them, and the size below which one
/// side does not tell them apart.
pub(super) fn changes(before: &Composition, after: &Composition) -> (Vec<FolderChange>, u64) {
    let deepest = before
        .folder_depth
        .unwrap_or(usize::MAX)
        .min(after.folder_depth.unwrap_or(usize::MAX));
    let mut sides: BTreeMap<&str, (Option<u64>, Option<u64>)> = BTreeMap::new();
    let is_known = |path: &str| depth(path) <= deepest;
    for folder in before.folders.iter().filter(|one| is_known(&one.path)) {
        sides.entry(&folder.path).or_default().0 = Some(folder.bytes);
    }
    for folder in after.folders.iter().filter(|one| is_known(&one.path)) {
        sides.entry(&folder.path).or_default().1 = Some(folder.bytes);
    }
    let by_path: BTreeMap<&str, Change> = sides
        .iter()
        .map(|(path, (before, after))| {
            let change = Change::between(before.unwrap_or_default(), after.unwrap_or_default());
            (*path, change)
        })
        .filter(|(_, change)| change.0 != 0)
        .collect();
    let mut inside: BTreeMap<&str, i128> = BTreeMap::new();
    for (path, change) in &by_path {
        if let Some((parent, _)) = path.rsplit_once('/') {
            *inside.entry(parent).or_default() += i128::from(change.0);
        }
    }
    let is_told_below = |path: &str, change: Change| {
        let told = inside.get(path).copied();
        let whole = i128::from(change.0);
        told.is_some_and(|told| (whole - told).abs() * 10 <= whole.abs())
    };
    let mut changes: Vec<FolderChange> = by_path
        .iter()
        .filter(|(path, change)| !is_told_below(path, **change))
        .map(|(path, change)| FolderChange {
            path: (*path).to_owned(),
            before_bytes: sides[path].0,
            after_bytes: sides[path].1,
            change_bytes: *change,
        })
        .collect();
    // A stable sort: equal changes stay in the order of paths.
    changes.sort_by_key(|change| Reverse(change.change_bytes.magnitude()));
    // What a side lists is no smaller than what it leaves out.
    let smallest = |image: &Composition| {
        let bytes = image.folders.iter().map(|folder| folder.bytes);
        bytes.min().unwrap_or_default()
    };
    (changes, smallest(before).max(smallest(after)))
}
