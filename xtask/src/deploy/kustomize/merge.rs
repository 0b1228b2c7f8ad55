//! Strategic merge patches
//! (<https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md>).

use super::super::tree::{Data, Field, Tree};
use super::unknown;
use crate::error::Result;

/// The fields that an item of a list is known by. The first must be there.
type Keys = &'static [&'static str];

/// Lists whose items are known by fields; every other list is replaced as a whole.
const KEYED: [(&str, Keys); 13] = [
    ("containers", &["name"]),
    ("initContainers", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("env", &["name"]),
    ("volumes", &["name"]),
    ("imagePullSecrets", &["name"]),
    ("volumeMounts", &["mountPath"]),
    ("volumeDevices", &["devicePath"]),
    ("hostAliases", &["ip"]),
    (
        "topologySpreadConstraints",
        &["topologyKey", "whenUnsatisfiable"],
    ),
    ("secrets", &["name"]),
    // Of a container, and of a Service.
    ("ports", &["containerPort", "protocol"]),
    ("ports", &["port", "protocol"]),
];

/// Lays `patch` over `base`. `keyed` says whether lists are merged by their keys, as Kubernetes' own kinds are.
///
/// # Errors
/// A directive of the patch is none that is known here.
pub(super) fn merge(base: &mut Tree, patch: &Tree, keyed: bool) -> Result<()> {
    let Data::Mapping(fields) = &patch.data else {
        *base = patch.clone();
        return Ok(());
    };
    if directive(patch)? == Some("replace") {
        *base = without_directive(patch);
        return Ok(());
    }
    if !matches!(base.data, Data::Mapping(_)) {
        *base = Tree::mapping_at(&patch.place);
    }
    for field in fields.iter().filter(|field| field.name != "$patch") {
        merge_field(base, field, keyed)?;
    }
    Ok(())
}

fn merge_field(base: &mut Tree, field: &Field, keyed: bool) -> Result<()> {
    let Field { name, value, place } = field;
    if name.starts_with('$') {
        return Err(unknown(
            format!("what `{name}` in a patch does is not known here"),
            place.clone(),
        ));
    }
    if value.is_null() || directive(value)? == Some("delete") {
        base.remove(name);
        return Ok(());
    }
    let keys = list_keys(name, value, keyed);
    match (base.get_mut(name), keys) {
        (Some(there), Some(keys)) if matches!(there.data, Data::Sequence(_)) => {
            merge_list(there, value, keys)
        }
        (Some(there), _) if matches!(value.data, Data::Mapping(_)) => merge(there, value, keyed),
        (_, None) if matches!(value.data, Data::Mapping(_)) => {
            let mut fresh = Tree::mapping_at(&value.place);
            merge(&mut fresh, value, keyed)?;
            base.set(name, fresh);
            Ok(())
        }
        _ => {
            base.set(name, value.clone());
            Ok(())
        }
    }
}

/// The fields that items of this list are known by.
fn list_keys(name: &str, list: &Tree, keyed: bool) -> Option<Keys> {
    if !keyed || list.items().is_empty() {
        return None;
    }
    let has = |keys: Keys| list.items().iter().all(|item| item.get(keys[0]).is_some());
    let known = KEYED.iter().filter(|(list, _)| *list == name);
    known.map(|(_, keys)| *keys).find(|keys| has(keys))
}

/// Whether an item of a patch is about an item that is there: all keys are the same, or missing in both.
fn is_about(there: &Tree, item: &Tree, keys: Keys) -> bool {
    keys.iter()
        .all(|key| there.text_of(&[key]) == item.text_of(&[key]))
}

/// kustomize passes over an item that lacks a key which the item that it seems to be about has.
fn check_keys(items: &[Tree], item: &Tree, keys: Keys) -> Result<()> {
    let seems = |there: &&Tree| there.text_of(&[keys[0]]) == item.text_of(&[keys[0]]);
    let lacks = |key: &&&str| {
        let mut seeming = items.iter().filter(seems);
        item.get(key).is_none() && seeming.any(|there| there.get(key).is_some())
    };
    match keys.iter().find(lacks) {
        Some(key) => Err(unknown(
            format!("kustomize passes over this item: it is known by its `{key}`, too"),
            super::super::object::head(&item.place),
        )),
        None => Ok(()),
    }
}

fn merge_list(base: &mut Tree, patch: &Tree, keys: Keys) -> Result<()> {
    let Data::Sequence(items) = &mut base.data else {
        return Ok(());
    };
    // As kustomize orders it: what the patch names, in its order, then the others.
    let mut merged = Vec::new();
    for item in patch.items() {
        check_keys(items, item, keys)?;
        let there = items.iter().position(|there| is_about(there, item, keys));
        match (there, directive(item)?) {
            (_, Some("delete")) => items.retain(|there| !is_about(there, item, keys)),
            (Some(at), _) => {
                let mut there = items.remove(at);
                merge(&mut there, item, true)?;
                merged.push(there);
            }
            (None, _) => merged.push(without_directive(item)),
        }
    }
    merged.append(items);
    *items = merged;
    Ok(())
}

/// `$patch: …`, which says what becomes of the whole.
pub(super) fn directive(patch: &Tree) -> Result<Option<&str>> {
    let Some(value) = patch.get("$patch") else {
        return Ok(None);
    };
    match value.text() {
        Some(known @ ("delete" | "replace" | "merge")) => Ok(Some(known)),
        _ => Err(unknown(
            "`$patch` is `delete`, `replace` or `merge`",
            value.place.clone(),
        )),
    }
}

fn without_directive(tree: &Tree) -> Tree {
    let mut tree = tree.clone();
    tree.remove("$patch");
    tree
}
