//! Python's packages: folders `x.dist-info` (a wheel) and `x.egg-info` (an older way), with a list of the files.

use std::collections::HashMap;

use super::fields::{self, Line, value};
use super::ownership::Ownership;
use super::{Inventory, MAX_LIST_BYTES, MAX_METADATA_BYTES, Manager, Package};
use crate::image::filesystem::{Filesystem, NodeId};

mod record;

const DIST_INFO: &[u8] = b".dist-info";
const EGG_INFO: &[u8] = b".egg-info";
const EGG: &[u8] = b".egg";
/// What an `.egg-info` is called in a folder `x.egg`.
const IN_EGG: &[u8] = b"EGG-INFO";
/// What the classifiers of licenses start with.
const LICENSE_CLASSIFIER: &[u8] = b"License ::";

/// A path as folder, the folder's name, and name.
fn parts(path: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let Some(slash) = path.iter().rposition(|byte| *byte == b'/') else {
        return (&[], &[], path);
    };
    let folder = &path[..slash];
    let above = folder.rsplit(|byte| *byte == b'/').next();
    (folder, above.unwrap_or_default(), &path[slash + 1..])
}

pub(super) fn wanted(path: &[u8]) -> Option<u64> {
    if is_metadata(path) {
        return Some(MAX_METADATA_BYTES);
    }
    let (_, folder, name) = parts(path);
    let is_list = match name {
        b"RECORD" => folder.ends_with(DIST_INFO),
        b"installed-files.txt" => folder.ends_with(EGG_INFO),
        b"top_level.txt" => folder.ends_with(DIST_INFO) || folder.ends_with(EGG_INFO),
        _ => false,
    };
    is_list.then_some(MAX_LIST_BYTES)
}

/// Whether a file says which package there is.
pub(super) fn is_metadata(path: &[u8]) -> bool {
    let (above, folder, name) = parts(path);
    match name {
        b"METADATA" => folder.ends_with(DIST_INFO),
        b"PKG-INFO" => {
            folder.ends_with(EGG_INFO) || folder == IN_EGG && parts(above).1.ends_with(EGG)
        }
        name => name.ends_with(EGG_INFO),
    }
}

/// Of metadata, what is read of it later, as metadata.
pub(super) fn kept(text: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    for line in fields::lines(text) {
        let (name, text) = match line {
            // What follows is a manual.
            Line::End => break,
            Line::Field(name, text) => (name, text),
            Line::Continued(_) | Line::Odd => continue,
        };
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        let is_read = is("Name")
            || is("Version")
            || is("License")
            || is("License-Expression")
            || is("Classifier") && text.starts_with(LICENSE_CLASSIFIER);
        if is_read && value(text).is_some() {
            kept.extend_from_slice(name);
            kept.extend_from_slice(b": ");
            kept.extend_from_slice(text);
            kept.push(b'\n');
        }
    }
    kept
}

fn package(text: &[u8], record: &str) -> Option<Package> {
    let (mut name, mut version) = (None, None);
    let (mut expression, mut license, mut classifier) = (None, None, None);
    for line in fields::lines(text) {
        let Line::Field(field, text) = line else {
            continue;
        };
        let is = |other: &str| field.eq_ignore_ascii_case(other.as_bytes());
        let of = if is("Name") {
            &mut name
        } else if is("Version") {
            &mut version
        } else if is("License-Expression") {
            &mut expression
        } else if is("License") {
            &mut license
        } else if is("Classifier") {
            &mut classifier
        } else {
            continue;
        };
        // The first of several counts, as for everybody who reads this.
        *of = of.take().or_else(|| value(text));
    }
    let classifier = classifier
        .as_deref()
        .and_then(|text| Some(text.rsplit("::").next()?.trim().to_owned()));
    // `UNKNOWN` was written where nothing was said.
    let license = license.filter(|license| license != "UNKNOWN");
    Some(Package {
        license: expression.or(license).or(classifier),
        ..Package::new(Manager::Python, normalized(&name?), version?, record)
    })
}

/// A name in the one spelling that stands for all: lowercase, `-` for each run of `-`, `_` and `.`.
pub(super) fn normalized(name: &str) -> String {
    let mut normalized = String::with_capacity(name.len());
    for character in name.chars() {
        if !matches!(character, '-' | '_' | '.') {
            normalized.push(character.to_ascii_lowercase());
        } else if !normalized.ends_with('-') {
            normalized.push('-');
        }
    }
    normalized
}

pub(super) fn add(inventory: &mut Inventory<'_>) {
    let captured = inventory.captured;
    let mut records: Vec<(&str, &[u8])> = captured
        .iter()
        .filter(|(path, _)| is_metadata(path.as_bytes()))
        .map(|(path, text)| (&**path, *text))
        .collect();
    // A package may bring others within it, and list their files, too: those belong to the inner one, as in a
    // `node_modules`.
    records.sort_by_key(|(path, _)| std::cmp::Reverse(path.split('/').count()));
    let mut unlisted = HashMap::new();
    for (path, text) in records {
        let Some(package) = package(text, path) else {
            continue;
        };
        let Some(node) = inventory.own_record(path) else {
            continue;
        };
        let package = inventory.push(package);
        claim(inventory, package, path, node, &mut unlisted);
    }
    for (folder, package) in unlisted {
        if let Some(package) = package {
            inventory.roots.entry(folder).or_insert(package);
        }
    }
}

/// Folders of packages without a list: whose each is, or nobody's, as several say that it is theirs.
type Unlisted = HashMap<NodeId, Option<usize>>;

fn claim(
    inventory: &mut Inventory<'_>,
    package: usize,
    path: &str,
    node: NodeId,
    unlisted: &mut Unlisted,
) {
    if let Some(file) = inventory.filesystem.file_at(node) {
        inventory.ownership.claim(file, package);
    }
    let (folder, _, name) = parts(path.as_bytes());
    if name.ends_with(EGG_INFO) {
        return;
    }
    let folder = std::str::from_utf8(folder).unwrap_or_default();
    let info = inventory.filesystem.parent(node);
    let site = inventory.filesystem.parent(info);
    if name == b"PKG-INFO" && folder.as_bytes().ends_with(IN_EGG) {
        inventory.roots.entry(site).or_insert(package);
        return;
    }
    // With what tools put there later.
    inventory.roots.entry(info).or_insert(package);
    if let Some(list) = inventory.text(&format!("{folder}/RECORD")) {
        for path in record::paths(list) {
            // `pip install --target` moves programs and data to where the modules are, and leaves the list as it was.
            let moved = path.strip_prefix(b"../../");
            let file = inventory.ownership.file(site, &path);
            let file = file.or_else(|| inventory.ownership.file(site, moved?));
            if let Some(file) = file {
                inventory.ownership.claim(file, package);
            }
        }
    } else if let Some(list) = inventory.text(&format!("{folder}/installed-files.txt")) {
        for path in list.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
            if let Some(file) = inventory.ownership.file(info, path) {
                inventory.ownership.claim(file, package);
            }
        }
    } else if let Some(names) = inventory.text(&format!("{folder}/top_level.txt")) {
        for name in names.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
            // Anything else would be a path to somewhere else.
            if name.is_empty() || name.contains(&b'/') {
                continue;
            }
            let module = [name, b".py"].concat();
            if let Some(file) = inventory.ownership.file_in(site, &module) {
                inventory.ownership.claim(file, package);
            }
            if let Some(folder) = inventory.filesystem.child(site, name) {
                unlisted
                    .entry(folder)
                    .and_modify(|owner| {
                        if *owner != Some(package) {
                            *owner = None;
                        }
                    })
                    .or_insert(Some(package));
            }
        }
    }
}

/// Gives each compiled module to the owner of what it was compiled from: lists name those that a package brings, but
/// not those that were made later.
pub(super) fn claim_bytecode(filesystem: &Filesystem, ownership: &mut Ownership<'_>) {
    for (node, file, _) in filesystem.visible_with_index() {
        let folder = filesystem.parent(node);
        if filesystem.name(folder) != b"__pycache__" || ownership.owner(file).is_some() {
            continue;
        }
        let Some(module) = module(filesystem.name(node)) else {
            continue;
        };
        let source = [module, b".py"].concat();
        let owner = ownership
            .file_in(filesystem.parent(folder), &source)
            .and_then(|source| ownership.owner(source));
        if let Some(owner) = owner {
            ownership.claim(file, owner);
        }
    }
}

/// What a file was compiled from, without its ending: of `a.cpython-312.opt-1.pyc`, `a`.
fn module(name: &[u8]) -> Option<&[u8]> {
    let name = name.strip_suffix(b".pyc")?;
    let (name, last) = ending(name)?;
    if last.starts_with(b"opt-") {
        return Some(ending(name)?.0);
    }
    Some(name)
}

fn ending(name: &[u8]) -> Option<(&[u8], &[u8])> {
    let dot = name.iter().rposition(|byte| *byte == b'.')?;
    Some((&name[..dot], &name[dot + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_those_of_installed_packages() {
        for (path, expected) in [
            ("a/x-1.dist-info/METADATA", Some(MAX_METADATA_BYTES)),
            ("x.dist-info/METADATA", Some(MAX_METADATA_BYTES)),
            ("a/x-1.egg-info/PKG-INFO", Some(MAX_METADATA_BYTES)),
            ("a/x-1.egg-info", Some(MAX_METADATA_BYTES)),
            ("a/x-1.egg/EGG-INFO/PKG-INFO", Some(MAX_METADATA_BYTES)),
            ("a/x-1.dist-info/RECORD", Some(MAX_LIST_BYTES)),
            ("a/x-1.dist-info/top_level.txt", Some(MAX_LIST_BYTES)),
            ("a/x-1.egg-info/installed-files.txt", Some(MAX_LIST_BYTES)),
            ("a/x-1.egg-info/top_level.txt", Some(MAX_LIST_BYTES)),
            ("a/x-1.egg-info/RECORD", None),
            ("a/x-1.dist-info/LICENSE", None),
            ("a/x-1/METADATA", None),
            ("a/EGG-INFO/PKG-INFO", None),
            ("METADATA", None),
            ("PKG-INFO", None),
        ] {
            assert_eq!(wanted(path.as_bytes()), expected, "{path}");
        }
    }

    #[test]
    fn metadata_names_a_package() {
        let read = |text: &str| {
            let kept = kept(text.as_bytes());
            let package = package(&kept, "x")?;
            Some((package.name, package.version, package.license))
        };
        let some = |name: &str, version: &str, license: Option<&str>| {
            let license = license.map(str::to_owned);
            Some((name.to_owned(), version.to_owned(), license))
        };
        for (text, expected) in [
            (
                "Metadata-Version: 2.4\nName: Zope.Interface__x\nVersion: 1.0\nLicense-Expression: MIT\n",
                some("zope-interface-x", "1.0", Some("MIT")),
            ),
            (
                "name: a\r\nversion: 1\r\nlicense: BSD\r\n\r\nName: b\r\n",
                some("a", "1", Some("BSD")),
            ),
            (
                "Name: a\nName: b\nVersion: 1\nLicense: UNKNOWN\nClassifier: Topic :: X\nClassifier: License :: OSI Approved :: MIT License\n",
                some("a", "1", Some("MIT License")),
            ),
            ("Name: a\n\nVersion: 1\n", None),
            ("Version: 1\n", None),
            ("Name:\nVersion: 1\n", None),
            ("", None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn compiled_files_name_their_module() {
        for (name, expected) in [
            ("a.cpython-312.pyc", Some("a")),
            ("a.cpython-312.opt-2.pyc", Some("a")),
            ("a.b.pypy39.pyc", Some("a.b")),
            ("a.pyc", None),
            ("a.cpython-312.py", None),
            (".pyc", None),
        ] {
            let module = module(name.as_bytes()).map(String::from_utf8_lossy);
            assert_eq!(module.as_deref(), expected, "{name}");
        }
    }
}
