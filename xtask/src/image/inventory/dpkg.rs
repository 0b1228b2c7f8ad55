//! Debian's database: a paragraph of fields for each package, and a list of its files.
//!
//! Distroless images have a file for each package instead, `status.d/<name>`, and the checksums of its files.

use std::collections::{HashMap, HashSet};

use super::fields::{self, Line, value};
use super::{Inventory, MAX_DATABASE_BYTES, MAX_LIST_BYTES, Manager, Package, SourcePackage};
use crate::image::filesystem::Filesystem;

const STATUS: &str = "var/lib/dpkg/status";
const STATUS_FOLDER: &str = "var/lib/dpkg/status.d/";
const DIVERSIONS: &str = "var/lib/dpkg/diversions";
const INFO_FOLDER: &str = "var/lib/dpkg/info/";
const LIST: &str = ".list";
const CHECKSUMS: &str = ".md5sums";

/// States of a package whose files are there, whatever is left to be done for it or whatever somebody wants of it.
const PRESENT: [&[u8]; 5] = [
    b"installed",
    b"unpacked",
    b"half-configured",
    b"triggers-awaited",
    b"triggers-pending",
];

pub(super) fn wanted(path: &[u8]) -> Option<u64> {
    if !path.starts_with(b"var/lib/dpkg/") {
        return None;
    }
    if path == STATUS.as_bytes() {
        return Some(MAX_DATABASE_BYTES);
    }
    let is_list = path.starts_with(INFO_FOLDER.as_bytes()) && path.ends_with(LIST.as_bytes());
    let is_wanted =
        is_list || path.starts_with(STATUS_FOLDER.as_bytes()) || path == DIVERSIONS.as_bytes();
    is_wanted.then_some(MAX_LIST_BYTES)
}

/// What fields have told so far of a package.
#[derive(Default)]
struct Told<'a> {
    name: Option<String>,
    version: Option<String>,
    architecture: Option<String>,
    source: Option<&'a [u8]>,
    /// Whether its files are there, if it says so.
    is_present: Option<bool>,
    /// Files that are configuration. They are in its list, but not in its checksums.
    configuration: Vec<&'a [u8]>,
}

impl<'a> Told<'a> {
    /// Takes a field; whether it is the one whose further lines are files.
    fn tell(&mut self, name: &[u8], text: &'a [u8]) -> bool {
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        if is("Package") {
            self.name = value(text);
        } else if is("Version") {
            self.version = value(text);
        } else if is("Architecture") {
            self.architecture = value(text);
        } else if is("Source") {
            self.source = Some(text);
        } else if is("Status") {
            let state = text.rsplit(|byte| *byte == b' ').next();
            self.is_present = state.map(|state| PRESENT.contains(&state));
        }
        is("Conffiles")
    }

    fn package(&self, record: &str) -> Option<Package> {
        let (name, version) = (self.name.clone()?, self.version.clone()?);
        let source = self
            .source
            .and_then(|text| source(text, &version))
            .unwrap_or_else(|| SourcePackage {
                name: name.clone(),
                version: version.clone(),
            });
        Some(Package {
            architecture: self.architecture.clone(),
            source: Some(source),
            ..Package::new(Manager::Dpkg, name, version, record)
        })
    }
}

/// `name`, or `name (version)` where the source has another version.
fn source(text: &[u8], version: &str) -> Option<SourcePackage> {
    let mut parts = text.splitn(2, |byte| *byte == b'(');
    let name = value(parts.next()?)?;
    let version = match parts.next() {
        Some(rest) => value(rest.strip_suffix(b")").unwrap_or(rest))?,
        None => version.to_owned(),
    };
    Some(SourcePackage { name, version })
}

fn told(text: &[u8]) -> impl Iterator<Item = Told<'_>> {
    let mut lines = fields::lines(text);
    let mut next = Told::default();
    let mut in_configuration = false;
    std::iter::from_fn(move || {
        loop {
            match lines.next()? {
                Line::Field(name, text) => in_configuration = next.tell(name, text),
                Line::Continued(text) if in_configuration => {
                    next.configuration
                        .extend(text.split(|byte| *byte == b' ').next());
                }
                Line::Continued(_) | Line::Odd => {}
                Line::End => {
                    in_configuration = false;
                    return Some(std::mem::take(&mut next));
                }
            }
        }
    })
}

pub(super) fn add(inventory: &mut Inventory<'_>) {
    let diversions = inventory
        .text(DIVERSIONS)
        .map(diversions)
        .unwrap_or_default();
    let mut known = HashSet::new();
    let is_database = |path: &str| {
        path == STATUS || path.starts_with(STATUS_FOLDER) && !path.ends_with(CHECKSUMS)
    };
    let captured = inventory.captured;
    for (path, text) in captured.iter().filter(|(path, _)| is_database(path)) {
        for told in told(text) {
            // Only the one database has packages that are not there.
            if !told.is_present.unwrap_or(path != STATUS) {
                continue;
            }
            let Some(package) = told.package(path) else {
                continue;
            };
            let identity = (
                package.name.clone(),
                package.version.clone(),
                package.architecture.clone(),
            );
            if !known.insert(identity) {
                continue;
            }
            let owner = inventory.push(package);
            claim(inventory, owner, path, &told, &diversions);
        }
    }
}

fn claim(
    inventory: &mut Inventory<'_>,
    owner: usize,
    record: &str,
    told: &Told<'_>,
    diversions: &Diversions<'_>,
) {
    let package = &inventory.packages[owner];
    let name = package.name.clone();
    let architecture = package.architecture.as_deref().unwrap_or("all");
    let lists = [
        format!("{INFO_FOLDER}{name}:{architecture}{LIST}"),
        format!("{INFO_FOLDER}{name}{LIST}"),
    ];
    let list = lists.iter().find_map(|list| inventory.text(list));
    let listed = list.unwrap_or_default().split(|byte| *byte == b'\n');
    let sums = (record != STATUS)
        .then(|| inventory.text(&format!("{record}{CHECKSUMS}")))
        .flatten()
        .unwrap_or_default();
    let summed = sums
        .split(|byte| *byte == b'\n')
        .filter_map(|line| line.splitn(2, |byte| *byte == b' ').nth(1))
        .map(<[u8]>::trim_ascii);
    for path in listed
        .chain(summed)
        .chain(told.configuration.iter().copied())
    {
        let path = path.strip_suffix(b"\r").unwrap_or(path);
        if path.is_empty() {
            continue;
        }
        let path = match diversions.get(path) {
            Some((to, by)) if *by != name.as_bytes() => *to,
            _ => path,
        };
        if let Some(file) = inventory.ownership.system_file(path) {
            inventory.ownership.claim(file, owner);
        }
    }
    // The record of a package of its own is nobody else's.
    if record != STATUS {
        for path in [record.to_owned(), format!("{record}{CHECKSUMS}")] {
            if let Some(file) = inventory.ownership.file(Filesystem::ROOT, path.as_bytes()) {
                inventory.ownership.claim(file, owner);
            }
        }
    }
}

/// Where a path leads for all packages but one.
type Diversions<'a> = HashMap<&'a [u8], (&'a [u8], &'a [u8])>;

/// Three lines each: the path, where it leads, and the package that has the path for itself.
fn diversions(text: &[u8]) -> Diversions<'_> {
    let mut lines = text.split(|byte| *byte == b'\n');
    std::iter::from_fn(move || Some((lines.next()?, (lines.next()?, lines.next()?)))).collect()
}
