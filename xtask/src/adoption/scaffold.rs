//! Where a new service stands in a repository, after the example of one that is there.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::Renaming;
use super::image_places::yaml_files;
use super::naming::Naming;
use super::proposal::Proposal;
use crate::lint::{Change, Files};
use crate::source::{line_end, line_start};
use crate::yaml::Node;

/// The Dockerfile of a new service beside one that is there, and the folder that is the old one's own; `None` for the
/// folder where the file's name tells them apart (`Dockerfile.api`), or if nothing names it.
#[must_use]
pub fn new_dockerfile(like: &Utf8Path, name: &str) -> Option<(Utf8PathBuf, Option<Utf8PathBuf>)> {
    let naming = Naming::of(like)?;
    let file = like.file_name()?;
    if naming.by_file {
        return Some((like.with_file_name(file.replace(&naming.name, name)), None));
    }
    let folder = like.parent()?;
    Some((
        folder.with_file_name(name).join(file),
        Some(folder.to_owned()),
    ))
}

/// The compose files that know a service, each with an entry for the new one behind it: its text with names and port
/// replaced, and other ports of the machine that are taken moved to free ones. Comments and places stay.
#[must_use]
pub fn compose_changes(
    files: &dyn Files,
    like: &str,
    name: &str,
    renaming: &Renaming,
) -> Vec<Proposal> {
    let mut proposals = Vec::new();
    for (source, root) in yaml_files(files) {
        let Some(services) = root.get("services") else {
            continue;
        };
        let Some(entry) = services.entry(like) else {
            continue;
        };
        if services.get(name).is_some() {
            continue;
        }
        let text = source.text();
        let start = line_start(text, entry.key.span.start);
        let stop = line_end(text, text[..entry.value.span.end].trim_end().len());
        // On one line with others there is no place of its own.
        if !text[start..entry.key.span.start].trim().is_empty() {
            continue;
        }
        let taken = machine_ports(services);
        let block = renaming.text(&text[start..stop]);
        let block = with_free_ports(&block, &entry.value, &taken);
        let is_spaced = text[..start]
            .trim_end_matches([' ', '\t'])
            .ends_with("\n\n");
        let gap = if is_spaced { "\n" } else { "" };
        let after = format!(
            "{}{gap}{}{}",
            with_line_break(&text[..stop]),
            with_line_break(&block),
            &text[stop..].strip_prefix('\n').unwrap_or(&text[stop..])
        );
        proposals.push(Proposal {
            change: Change {
                path: source.path().to_owned(),
                before: source,
                after,
            },
            why: format!("an entry for {name}, as {like} has one"),
        });
    }
    proposals
}

fn with_line_break(text: &str) -> String {
    format!("{}\n", text.strip_suffix('\n').unwrap_or(text))
}

/// The ports of the machine that the services are given, from `ports` in its short form.
fn machine_ports(services: &Node) -> BTreeSet<u16> {
    let entries = services.entries().iter();
    entries.flat_map(|entry| ports_of(&entry.value)).collect()
}

fn ports_of(service: &Node) -> Vec<u16> {
    let ports = service.get("ports").map_or(&[][..], Node::items);
    ports
        .iter()
        .filter_map(|port| {
            let text = port.as_str()?.split('/').next()?;
            let (machine, _) = text.rsplit_once(':')?;
            machine.rsplit(':').next()?.parse().ok()
        })
        .collect()
}

/// The machine's ports of the old entry that are still in the new one get the next free number.
fn with_free_ports(block: &str, old: &Node, taken: &BTreeSet<u16>) -> String {
    let mut taken = taken.clone();
    let mut block = block.to_owned();
    for port in ports_of(old) {
        let written = format!("{port}:");
        let is_own = |at: usize| !block[..at].ends_with(|c: char| c.is_ascii_digit());
        let Some((at, _)) = block.match_indices(&written).find(|(at, _)| is_own(*at)) else {
            continue;
        };
        let free = (port..u16::MAX).find(|port| !taken.contains(port));
        if let Some(free) = free {
            taken.insert(free);
            block.replace_range(at..at + written.len(), &format!("{free}:"));
        }
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::MemoryFiles;

    #[test]
    fn the_new_one_stands_beside_the_old_one() {
        for (like, expected, folder) in [
            (
                "apps/api/Dockerfile",
                "apps/price/Dockerfile",
                Some("apps/api"),
            ),
            ("docker/Dockerfile.api", "docker/Dockerfile.price", None),
            ("api.Dockerfile", "price.Dockerfile", None),
        ] {
            let (path, of) = new_dockerfile(Utf8Path::new(like), "price").unwrap();
            assert_eq!(path, expected);
            assert_eq!(of.as_deref().map(Utf8Path::as_str), folder);
        }
        assert_eq!(new_dockerfile(Utf8Path::new("Dockerfile"), "price"), None);
    }

    #[test]
    fn an_entry_is_added_and_all_else_stays() {
        let compose = "\
# Ours.
services:
  api: # first
    image: shop-api
    ports: ['127.0.0.1:3001:3001', '9230:9229']

  # the other one
  web:
    image: shop-web
    ports: ['3002:3002', '9231:9229']
volumes: {}
";
        let files = MemoryFiles([("docker/compose.yaml".into(), compose.to_owned())].into());
        let renaming = Renaming::new("api", "price", []).with_port(3001, 3003);
        let changes = compose_changes(&files, "api", "price", &renaming);
        let after = &changes[0].change.after;
        let entry = "  price: # first\n    image: shop-price\n    ports: ['127.0.0.1:3003:3003', '9232:9229']\n";
        assert!(after.contains(entry), "{after}");
        assert!(compose.lines().all(|line| after.contains(line)), "{after}");
        let files = MemoryFiles([("docker/compose.yaml".into(), after.clone())].into());
        assert_eq!(compose_changes(&files, "api", "price", &renaming), []);
    }
}
