//! Which packages came, went and changed.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{PackageChange, VersionSize};
use crate::image::composition::Composition;
use crate::size::Change;

/// Bytes by version, before and after.
type Versions = BTreeMap<String, (Option<u64>, Option<u64>)>;

/// The packages whose size or version changed. An image may have several versions of one: those that both sides have
/// are compared with themselves, the others in order.
pub(super) fn changes(before: &Composition, after: &Composition) -> Vec<PackageChange> {
    let mut by_name: BTreeMap<(&str, &str), Versions> = BTreeMap::new();
    for one in &before.packages {
        let versions = by_name.entry((&one.manager, &one.name)).or_default();
        let (bytes, _) = versions.entry(one.version.clone()).or_default();
        *bytes = Some(bytes.unwrap_or_default() + one.bytes);
    }
    for one in &after.packages {
        let versions = by_name.entry((&one.manager, &one.name)).or_default();
        let (_, bytes) = versions.entry(one.version.clone()).or_default();
        *bytes = Some(bytes.unwrap_or_default() + one.bytes);
    }
    let mut changes = Vec::new();
    for ((manager, name), versions) in by_name {
        for (before, after) in paired(versions) {
            let bytes = |side: &Option<VersionSize>| side.as_ref().map_or(0, |side| side.bytes);
            changes.push(PackageChange {
                manager: manager.to_owned(),
                name: name.to_owned(),
                change_bytes: Change::between(bytes(&before), bytes(&after)),
                before,
                after,
            });
        }
    }
    // A stable sort: equal changes stay in the order of names and versions.
    changes.sort_by_key(|change| Reverse(change.change_bytes.magnitude()));
    changes
}

/// Versions as pairs of before and after, without those that did not change.
fn paired(versions: Versions) -> Vec<(Option<VersionSize>, Option<VersionSize>)> {
    let (mut gone, mut new, mut pairs) = (Vec::new(), Vec::new(), Vec::new());
    for (version, sides) in versions {
        let of = |bytes| VersionSize {
            version: version.clone(),
            bytes,
        };
        match sides {
            (Some(before), Some(after)) if before == after => {}
            (Some(before), Some(after)) => pairs.push((Some(of(before)), Some(of(after)))),
            (before, after) => {
                gone.extend(before.map(of));
                new.extend(after.map(of));
            }
        }
    }
    let length = gone.len().max(new.len());
    let (mut gone, mut new) = (gone.into_iter(), new.into_iter());
    pairs.extend((0..length).map(|_| (gone.next(), new.next())));
    pairs
}
