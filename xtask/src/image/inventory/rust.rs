//! Crates of Rust: what `cargo auditable` left in each program.

use super::fields::value;
use super::{Inventory, Manager, Package};

/// Only needed while the program was built.
const BUILD: &str = "build";

pub(super) fn add(inventory: &mut Inventory<'_>) {
    for (path, executable) in inventory.executables() {
        let Some(crates) = &executable.rust else {
            continue;
        };
        let Some(node) = inventory.own_record(&path) else {
            continue;
        };
        let mut root = None;
        for one in crates {
            if one.kind.as_deref() == Some(BUILD) {
                continue;
            }
            let (name, version) = (value(one.name.as_bytes()), value(one.version.as_bytes()));
            let (Some(name), Some(version)) = (name, version) else {
                continue;
            };
            let package = inventory.push(Package::new(Manager::Rust, name, version, &path));
            if one.root {
                root = Some(package);
            }
        }
        if let (Some(root), Some(file)) = (root, inventory.filesystem.file_at(node)) {
            inventory.ownership.claim(file, root);
        }
    }
}
