//! Where images are pushed to, as compose files and workflows say it.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use crate::lint::{EntryKind, Files};
use crate::project::ImageName;
use crate::source::Source;
use crate::yaml::{self, Node};

/// Stands for a part of a name that is not known, in letters that names may have.
pub(super) const UNKNOWN: &str = "0unknown0";

/// A registry with the path below it, and the file that names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImagePlace {
    /// The registry.
    pub host: String,
    /// The path below it; may be empty.
    pub namespace: String,
    /// What the image is called there: its name, with [`UNKNOWN`] for what only a run of the workflow knows.
    pub image: String,
    /// From the root.
    pub file: Utf8PathBuf,
}

impl ImagePlace {
    /// The place of an image; `None` for a name without a registry and a path, which is a local one.
    #[must_use]
    pub fn of(name: &ImageName, file: &Utf8Path) -> Option<Self> {
        let local = ImageName::parse("x")?;
        let (namespace, image) = name.path.rsplit_once('/').unwrap_or(("", &name.path));
        let (default_namespace, _) = local.path.split_once('/')?;
        if name.domain == local.domain && namespace == default_namespace {
            return None;
        }
        Some(Self {
            host: name.domain.clone(),
            namespace: namespace.to_owned(),
            image: image.to_owned(),
            file: file.to_owned(),
        })
    }
}

/// The places that files of the repository name for what they build: `image` of services that are built, `tags` and
/// `images` of steps that build. What stands in expressions is filled in as far as it is known: `env` of the workflow,
/// `owner` for the repository's owner. Sorted.
#[must_use]
pub fn stated_places(files: &dyn Files, owner: Option<&str>) -> Vec<ImagePlace> {
    let mut places = BTreeSet::new();
    for (source, root) in yaml_files(files) {
        let path = source.path();
        let mut names = Vec::new();
        if path.starts_with(".github") {
            let env = root.get("env");
            let expression = |inside: &str| workflow_value(inside, env, owner);
            for job in root.get("jobs").map_or(&[][..], Node::entries) {
                for step in job.value.get("steps").map_or(&[][..], Node::items) {
                    for key in ["tags", "images"] {
                        let text = step.at(&["with", key]).and_then(Node::as_str);
                        let lines = text
                            .unwrap_or_default()
                            .lines()
                            .flat_map(|line| line.split(','));
                        names.extend(
                            lines.filter_map(|line| {
                                filled_in(line.trim(), "${{", "}}", &expression)
                            }),
                        );
                    }
                }
            }
        } else {
            for service in root.get("services").map_or(&[][..], Node::entries) {
                let is_built = service.value.get("build").is_some();
                let image = service.value.get("image").and_then(Node::as_str);
                let name = image.filter(|_| is_built);
                names.extend(name.and_then(|name| filled_in(name, "${", "}", &compose_value)));
            }
        }
        let parsed = names.iter().filter_map(|name| ImageName::parse(name));
        places.extend(parsed.filter_map(|name| ImagePlace::of(&name, path)));
    }
    places.into_iter().collect()
}

/// Compose files of the root and its folders, and workflows, as far as they can be read.
pub(super) fn yaml_files(files: &dyn Files) -> Vec<(Source, Node)> {
    let root = Utf8Path::new("");
    let entries = files.list(root);
    let folders = entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::Folder && entry.name != "node_modules")
        .filter(|entry| !entry.name.starts_with('.'))
        .map(|entry| Utf8PathBuf::from(&entry.name));
    let mut found = Vec::new();
    let workflows = Utf8PathBuf::from(".github/workflows");
    for folder in std::iter::once(root.to_owned())
        .chain(folders)
        .chain([workflows])
    {
        for entry in files.list(&folder).iter() {
            let extension = Utf8Path::new(&entry.name).extension();
            let is_yaml = matches!(extension, Some("yml" | "yaml"));
            let is_wanted = folder.starts_with(".github") || entry.name.contains("compose");
            if !is_yaml || !is_wanted {
                continue;
            }
            let read = files.read(&folder.join(&entry.name)).ok();
            found.extend(read.and_then(|source| {
                let root = yaml::parse(&source).ok()?;
                Some((source, root))
            }));
        }
    }
    found
}

/// Replaces what stands between `open` and `close`; `None` if that is not known where the registry or the path stands.
fn filled_in(
    text: &str,
    open: &str,
    close: &str,
    value: &dyn Fn(&str) -> Option<String>,
) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        let (inside, behind) = after.split_once(close)?;
        filled.push_str(before);
        match value(inside.trim()) {
            Some(value) => filled.push_str(&value),
            // What comes last is the image's own name, or its tag.
            None if !behind.contains('/') => {
                filled.push_str(UNKNOWN);
            }
            None => return None,
        }
        rest = behind;
    }
    filled.push_str(rest);
    Some(filled)
}

/// `VAR:-default`; a variable without a default is not known.
fn compose_value(inside: &str) -> Option<String> {
    let (_, default) = inside.split_once(":-").or_else(|| inside.split_once('-'))?;
    Some(default.to_owned())
}

fn workflow_value(inside: &str, env: Option<&Node>, owner: Option<&str>) -> Option<String> {
    if let Some(name) = inside.strip_prefix("env.") {
        let text = env?.get(name)?.as_str()?;
        return filled_in(text, "${{", "}}", &|inside| {
            workflow_value(inside, None, owner)
        });
    }
    let owner = owner?.to_lowercase();
    (inside == "github.repository_owner").then_some(owner)
}
