//! `configMapGenerator` and `secretGenerator`.

use camino::Utf8Path;

use super::super::object::Object;
use super::super::tree::Tree;
use super::build::{inside, list};
use super::unknown;
use crate::error::{Error, Result};
use crate::source::{Location, Source};

/// Makes what a kustomization generates.
pub(super) fn add(
    root: &Utf8Path,
    folder: &Utf8Path,
    file: &Tree,
    objects: &mut Vec<Object>,
) -> Result<()> {
    for (field, kind) in [
        ("configMapGenerator", "ConfigMap"),
        ("secretGenerator", "Secret"),
    ] {
        for entry in list(file, field)? {
            let fresh = generate(root, folder, entry, kind)?;
            let same = |there: &&mut Object| there.kind == kind && there.name == fresh.name;
            match (objects.iter_mut().find(same), entry.text_of(&["behavior"])) {
                (None, None | Some("create")) => objects.push(fresh),
                (Some(there), Some("merge")) => {
                    for (name, value) in data(&fresh) {
                        there.tree.put(&["data", name], value.clone());
                    }
                }
                (Some(there), Some("replace")) => *there = fresh,
                (Some(_), _) => {
                    return Err(Error::usage(format!("{} is there already", fresh.title()))
                        .help("say with `behavior` whether to `merge` or to `replace`")
                        .at(entry.place.clone()));
                }
                (None, Some(behavior)) => {
                    return Err(Error::usage(format!(
                        "there is no {} to `{behavior}`",
                        fresh.title()
                    ))
                    .at(entry.place.clone()));
                }
            }
        }
    }
    Ok(())
}

fn data(object: &Object) -> impl Iterator<Item = (&str, &Tree)> {
    let fields = object.tree.get("data").map_or(&[][..], Tree::fields);
    fields
        .iter()
        .map(|field| (field.name.as_str(), &field.value))
}

fn generate(root: &Utf8Path, folder: &Utf8Path, entry: &Tree, kind: &str) -> Result<Object> {
    let place = &entry.place;
    let known = [
        "behavior",
        "envs",
        "files",
        "literals",
        "name",
        "namespace",
        "options",
        "type",
    ];
    if let Some(field) = entry
        .fields()
        .iter()
        .find(|it| !known.contains(&it.name.as_str()))
    {
        return Err(unknown(
            format!(
                "what `{}` of a generator does is not known here",
                field.name
            ),
            field.place.clone(),
        ));
    }
    let mut tree = Tree::mapping_at(place);
    tree.set("apiVersion", Tree::text_at("v1", place));
    tree.set("kind", Tree::text_at(kind, place));
    let name = entry
        .get("name")
        .ok_or_else(|| Error::usage("a generator needs a `name`").at(place.clone()))?;
    tree.put(&["metadata", "name"], name.clone());
    if let Some(namespace) = entry.get("namespace") {
        tree.put(&["metadata", "namespace"], namespace.clone());
    }
    for literal in list(entry, "literals")? {
        let text = literal.text().unwrap_or_default();
        let (name, value) = pair(text, &literal.place)?;
        // One pair of quotes around the value is the writer's, not the value's.
        let value = ['"', '\'']
            .iter()
            .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
            .unwrap_or(value);
        tree.put(&["data", name], Tree::text_at(value, &literal.place));
    }
    for (field, is_variables) in [("envs", true), ("files", false)] {
        for written in list(entry, field)? {
            let text = written.text().unwrap_or_default();
            let (name, path) = match text.split_once('=') {
                Some((name, path)) if !is_variables => (name, path),
                _ => (text.rsplit('/').next().unwrap_or(text), text),
            };
            let path = inside(folder, path).ok_or_else(|| {
                Error::usage(format!("`{text}` is no path inside of the repository"))
                    .at(written.place.clone())
            })?;
            let source =
                Source::read(root, &path).map_err(|error| error.at(written.place.clone()))?;
            if is_variables {
                for line in source.text().lines().map(str::trim_start) {
                    if !line.is_empty() && !line.starts_with('#') {
                        let (name, value) = pair(line, &written.place)?;
                        tree.put(&["data", name], Tree::text_at(value, &written.place));
                    }
                }
            } else {
                tree.put(
                    &["data", name],
                    Tree::text_at(source.text(), &written.place),
                );
            }
        }
    }
    Object::of(tree)
}

fn pair<'t>(text: &'t str, place: &Location) -> Result<(&'t str, &'t str)> {
    text.split_once('=').ok_or_else(|| {
        Error::usage(format!("`{}` is no `NAME=value`", text.escape_debug())).at(place.clone())
    })
}
