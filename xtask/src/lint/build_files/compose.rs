//! Compose files: services and what they are built from.

use camino::{Utf8Path, Utf8PathBuf};

use super::{BuildFile, clean, join, read_all};
use crate::lint::surroundings::Files;
use crate::source::{Span, Spanned};
use crate::yaml::{Node, Value};

/// A service that is built.
#[derive(Debug)]
pub(in crate::lint) struct Build<'c> {
    pub(in crate::lint) service: &'c str,
    /// From the repository's root.
    pub(in crate::lint) dockerfile: String,
    /// From the repository's root.
    pub(in crate::lint) context: String,
    /// Where the Dockerfile is named, or the folder it is in.
    pub(in crate::lint) dockerfile_span: Span,
    pub(in crate::lint) target: Option<&'c Node>,
    pub(in crate::lint) args: Vec<Spanned<String>>,
    /// `additional_contexts` that are folders of the repository, from its root.
    pub(in crate::lint) named_contexts: Vec<(String, String)>,
}

/// The compose files of the repository: in its root and in the folders of the root.
pub(in crate::lint) fn read(files: &dyn Files) -> Vec<BuildFile> {
    let root = files.list(Utf8Path::new(""));
    let folders = root
        .iter()
        .filter(|entry| entry.kind == crate::lint::EntryKind::Folder)
        .filter(|entry| !entry.name.starts_with('.') && entry.name != "node_modules")
        .map(|entry| Utf8PathBuf::from(&entry.name));
    std::iter::once(Utf8PathBuf::new())
        .chain(folders)
        .flat_map(|folder| {
            read_all(files, &folder, |name| {
                name.starts_with("compose") || name.starts_with("docker-compose")
            })
        })
        .collect()
}

/// The services of a compose file that are built from a folder of the repository.
pub(in crate::lint) fn builds(file: &BuildFile) -> Vec<Build<'_>> {
    let services = file.root.get("services").map_or(&[][..], Node::entries);
    let base = file.source.path().parent().map_or("", Utf8Path::as_str);
    services
        .iter()
        .filter_map(|entry| {
            let service = entry.key.as_str()?;
            let build = entry.value.get("build").filter(|build| !build.is_null())?;
            let (context, dockerfile) = match &build.value {
                Value::Scalar(_) => (build, None),
                _ => (
                    build.get("context").unwrap_or(build),
                    build.get("dockerfile"),
                ),
            };
            if build.get("dockerfile_inline").is_some() {
                return None;
            }
            let folder = context.as_str().unwrap_or(".");
            let name = match dockerfile {
                Some(node) => node.as_str()?,
                None => "Dockerfile",
            };
            if is_elsewhere(folder) || is_elsewhere(name) {
                return None;
            }
            let path = join(&join(base, folder), name);
            if leaves(&path) {
                return None;
            }
            Some(Build {
                service,
                dockerfile: clean(&path),
                context: clean(&join(base, folder)),
                dockerfile_span: dockerfile.unwrap_or(context).content_span(),
                target: build.get("target"),
                args: args(build),
                named_contexts: named_contexts(build, base),
            })
        })
        .collect()
}

/// `additional_contexts` as a list (`NAME=path`) or a mapping; only folders of the repository.
fn named_contexts(build: &Node, base: &str) -> Vec<(String, String)> {
    let Some(contexts) = build.get("additional_contexts") else {
        return Vec::new();
    };
    let listed = contexts.items().iter().filter_map(|item| {
        let (name, path) = item.as_str()?.split_once('=')?;
        Some((name, path))
    });
    let mapped = contexts
        .entries()
        .iter()
        .filter_map(|entry| Some((entry.key.as_str()?, entry.value.as_str()?)));
    let is_service = |path: &str| path.starts_with("service:");
    listed
        .chain(mapped)
        .filter(|(_, path)| !is_elsewhere(path) && !is_service(path))
        .map(|(name, path)| (name, join(base, path)))
        .filter(|(_, path)| !leaves(path))
        .map(|(name, path)| (name.to_owned(), clean(&path)))
        .collect()
}

/// A variable, an address, a place outside of the repository.
pub(super) fn is_elsewhere(text: &str) -> bool {
    text.contains("://")
        || text.contains('$')
        || text.starts_with(['/', '~'])
        || text.starts_with("git@")
}

pub(super) fn leaves(path: &str) -> bool {
    let mut depth = 0_i32;
    path.split('/').any(|part| {
        match part {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        depth < 0
    })
}

/// `args` as a list (`NAME=value`) or a mapping.
fn args(build: &Node) -> Vec<Spanned<String>> {
    let Some(args) = build.get("args") else {
        return Vec::new();
    };
    let listed = args.items().iter().filter_map(|item| {
        let text = item.as_str()?;
        let name = text.split('=').next().unwrap_or(text);
        let start = item.content_span().start;
        Some(Spanned::new(
            name.to_owned(),
            Span::new(start, start + name.len()),
        ))
    });
    let mapped = args.entries().iter().filter_map(|entry| {
        Some(Spanned::new(
            entry.key.as_str()?.to_owned(),
            entry.key.content_span(),
        ))
    });
    listed.chain(mapped).collect()
}
