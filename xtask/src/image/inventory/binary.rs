//! Well-known programs without a package, such as `node` in the official image.

use super::fields::value;
use super::{Inventory, Manager, Package};

pub(super) fn add(inventory: &mut Inventory<'_>) {
    for (path, executable) in inventory.executables() {
        if executable.programs.is_empty() {
            continue;
        }
        let Some(node) = inventory.own_record(&path) else {
            continue;
        };
        for program in &executable.programs {
            let (name, version) = (&program.name, value(program.version.as_bytes()));
            let Some(version) = version else {
                continue;
            };
            let package = Package::new(Manager::Binary, name.clone(), version, &path);
            let package = inventory.push(package);
            // What is in a program has no file of its own.
            let is_itself = !(name == "openssl" && executable.programs.len() > 1);
            if let Some(file) = inventory.filesystem.file_at(node).filter(|_| is_itself) {
                inventory.ownership.claim(file, package);
            }
        }
    }
}
