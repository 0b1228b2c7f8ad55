//! Alpine's database: a line for each property, `P:name`, and the files as folders (`F:`) with names (`R:`).

use std::collections::HashSet;

use super::fields::value;
use super::{Inventory, MAX_DATABASE_BYTES, Manager, Package, SourcePackage};
use crate::image::filesystem::NodeId;

/// Where it lies; the second one since apk 3 merges `/usr`.
const DATABASES: [&str; 2] = ["lib/apk/db/installed", "usr/lib/apk/db/installed"];

pub(super) fn wanted(path: &[u8]) -> Option<u64> {
    DATABASES
        .iter()
        .any(|database| database.as_bytes() == path)
        .then_some(MAX_DATABASE_BYTES)
}

/// What lines have told so far of a package.
#[derive(Default)]
struct Told {
    name: Option<String>,
    version: Option<String>,
    architecture: Option<String>,
    origin: Option<String>,
    license: Option<String>,
}

impl Told {
    fn tell(&mut self, key: u8, text: &[u8]) {
        let of = match key {
            b'P' => &mut self.name,
            b'V' => &mut self.version,
            b'A' => &mut self.architecture,
            b'o' => &mut self.origin,
            b'L' => &mut self.license,
            _ => return,
        };
        *of = value(text);
    }

    fn package(self, record: &str) -> Option<Package> {
        let (name, version) = (self.name?, self.version?);
        let source = SourcePackage {
            name: self.origin.unwrap_or_else(|| name.clone()),
            // A package has its source's version, always.
            version: version.clone(),
        };
        Some(Package {
            architecture: self.architecture,
            source: Some(source),
            license: self.license,
            ..Package::new(Manager::Apk, name, version, record)
        })
    }
}

pub(super) fn add(inventory: &mut Inventory<'_>) {
    let mut known = HashSet::new();
    for database in DATABASES {
        let Some(text) = inventory.text(database) else {
            continue;
        };
        for paragraph in paragraphs(text) {
            let mut told = Told::default();
            for (key, text) in properties(paragraph) {
                told.tell(key, text);
            }
            let Some(package) = told.package(database) else {
                continue;
            };
            // Both places may hold the same database.
            if known.insert((package.name.clone(), package.version.clone())) {
                let package = inventory.push(package);
                claim(inventory, package, paragraph);
            }
        }
    }
}

fn claim(inventory: &mut Inventory<'_>, package: usize, paragraph: &[u8]) {
    let mut folders: [Option<NodeId>; 2] = [None; 2];
    for (key, text) in properties(paragraph) {
        match key {
            b'F' => folders = inventory.ownership.system_folders(text),
            b'R' => {
                let mut folders = folders.into_iter().flatten();
                let file = folders.find_map(|folder| inventory.ownership.file_in(folder, text));
                if let Some(file) = file {
                    inventory.ownership.claim(file, package);
                }
            }
            _ => {}
        }
    }
}

/// The lines of each package.
fn paragraphs(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.windows(2).position(|pair| pair == b"\n\n");
        let (paragraph, after) = match end {
            Some(end) => (&rest[..end], &rest[end + 2..]),
            None => (rest, &[][..]),
        };
        rest = after;
        Some(paragraph)
    })
}

fn properties(paragraph: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    paragraph
        .split(|byte| *byte == b'\n')
        .filter_map(|line| match line {
            [key, b':', text @ ..] => Some((*key, text)),
            _ => None,
        })
}
