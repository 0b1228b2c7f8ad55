//! Programs by their names.

use crate::image::layer::{Change, Entry};
use crate::scan::hardening::Purpose;
use crate::scan::hardening::files::Groups;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::start::path_folders;
use crate::scan::hardening::writers::ANY_EXECUTES;

/// Reports the programs of these names that a production image has in the folders of its `PATH`, or in those where
/// systems keep programs. Links count: `nc` is often busybox.
pub(super) fn report(
    image: &Image<'_>,
    findings: &mut Findings<'_>,
    is_meant: impl Fn(&str) -> bool,
    what: &str,
    help: &'static str,
) {
    if image.subject.purpose == Purpose::Development {
        return;
    }
    let groups = groups(image, is_meant);
    findings.files(groups.iter(), |_| what.to_owned(), help);
}

/// Folders of programs, besides those of `PATH`.
const FOLDERS: [&str; 6] = [
    "/bin",
    "/sbin",
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
    "/usr/local/sbin",
];

/// The programs of these names.
pub(super) fn groups(image: &Image<'_>, is_meant: impl Fn(&str) -> bool) -> Groups {
    let filesystem = image.subject.filesystem;
    let mut folders: Vec<_> = path_folders(image.settings())
        .chain(FOLDERS)
        .filter_map(|folder| filesystem.resolve(folder.as_bytes()))
        .collect();
    folders.sort_unstable();
    folders.dedup();
    let mut groups = Groups::default();
    // A link has no entry of its own among the visible files: what it leads to says which layer it is of.
    for (index, layer) in filesystem.layers().iter().enumerate() {
        for entry in layer.entries() {
            let Ok(name) = std::str::from_utf8(layer.name(entry)) else {
                continue;
            };
            if !is_meant(name) || !is_program(entry) {
                continue;
            }
            let Some(folder) = filesystem.resolve(layer.folder(entry)) else {
                continue;
            };
            if folders.binary_search(&folder).is_err() {
                continue;
            }
            let node = filesystem.child(folder, name.as_bytes());
            let Some(node) = node.filter(|node| filesystem.is_there(*node)) else {
                continue;
            };
            let is_this_layers = match filesystem.file_at(node) {
                Some(file) => {
                    filesystem.files()[file].layer == index || entry.change == Change::HardLink
                }
                None => filesystem.link_at(node) == Some(layer.link(entry)),
            };
            if is_this_layers {
                groups.add_once(index, &image.path(node), entry.size);
            }
        }
    }
    groups
}

fn is_program(entry: &Entry) -> bool {
    match entry.change {
        Change::File => entry.mode & ANY_EXECUTES != 0,
        Change::HardLink | Change::Symlink => true,
        _ => false,
    }
}
