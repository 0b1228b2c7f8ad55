//! From what was pushed for each platform to what is tagged.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;
use serde::Deserialize;
use serde_json::Value;

use crate::commands::trust::Built;
use crate::error::{Error, Result};
use crate::project::ImageName;

/// What one metadata file tells.
pub(super) struct Part {
    /// The file.
    pub(super) file: Utf8PathBuf,
    /// By service or base.
    pub(super) built: BTreeMap<String, Built>,
}

/// One image, and all that it is put together of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Assembly {
    /// The service or base.
    pub(super) name: String,
    /// `host/path`.
    pub(super) repository: String,
    /// The digests, in the order of the files.
    pub(super) digests: Vec<String>,
    /// In the order they are set.
    pub(super) tags: Vec<String>,
    /// Of the index.
    pub(super) annotations: BTreeMap<String, String>,
}

/// What a bake file says of targets, as far as it counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct BakeFile {
    target: BTreeMap<String, Target>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Target {
    tags: Vec<String>,
    annotations: Vec<String>,
}

/// Tags and annotations from outside: `--tag`, `--annotation`, `--tags-file`.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) tags: Vec<String>,
    pub(super) annotations: BTreeMap<String, String>,
    bake: BakeFile,
}

impl Wanted {
    pub(super) fn new(tags: Vec<String>, annotations: BTreeMap<String, String>) -> Result<Self> {
        let wrong = tags.iter().filter(|tag| !is_tag(tag)).map(|tag| {
            Error::usage(format!("`{tag}` is no tag")).because(
                "a tag has up to 128 letters, digits, `_`, `.` and `-`, and begins with none of the last two",
            )
        });
        Error::all(wrong.collect::<Vec<_>>())?;
        Ok(Self {
            tags,
            annotations,
            bake: BakeFile::default(),
        })
    }

    /// With what a bake file says.
    pub(super) fn with_file(mut self, file: &str, text: &[u8]) -> Result<Self> {
        self.bake = serde_json::from_slice(text).map_err(|error| {
            Error::usage(format!("{file} is not a bake file in JSON")).because(error)
        })?;
        if self.bake.target.is_empty() {
            return Err(Error::usage(format!("{file} has no target"))
                .help("make it with `cargo xtask docker-tags --format bake`"));
        }
        Ok(self)
    }

    fn tags_of(&self, name: &str, repository: &str) -> Result<Vec<String>> {
        let mut tags = self.tags.clone();
        let target = self.bake.target.get(name);
        for reference in target.map_or(&[][..], |target| &target.tags) {
            let image = ImageName::parse(reference).filter(|image| image.digest.is_none());
            let tag = image.as_ref().and_then(|image| image.tag.clone());
            let (Some(image), Some(tag)) = (image, tag) else {
                return Err(Error::usage(format!(
                    "the tags of `{name}` hold `{reference}`, which is no name with a tag"
                )));
            };
            let written = format!("{}/{}", image.domain, image.path);
            if written != repository {
                return Err(Error::usage(format!("`{reference}` is no tag of `{name}`"))
                    .because(format!("`{name}` was pushed as {repository}"))
                    .help("an index is where the images are that it consists of"));
            }
            tags.push(tag);
        }
        let mut seen = BTreeSet::new();
        tags.retain(|tag| seen.insert(tag.clone()));
        if tags.is_empty() {
            return Err(Error::usage(format!("`{name}` gets no tag"))
                .help("name one with `--tag`, or a file with `--tags-file`"));
        }
        Ok(tags)
    }

    /// `index:key=value` and `manifest,index:key=value`; others are of parts that are pushed already.
    fn annotations_of(&self, name: &str) -> BTreeMap<String, String> {
        let target = self.bake.target.get(name);
        let written = target.map_or(&[][..], |target| &target.annotations);
        let of_index = written.iter().filter_map(|line| {
            let (levels, rest) = line.split_once(':')?;
            let (key, value) = rest.split_once('=')?;
            levels
                .split(',')
                .any(|level| level == "index")
                .then(|| (key.to_owned(), value.to_owned()))
        });
        let mut all: BTreeMap<_, _> = of_index.collect();
        all.extend(self.annotations.clone());
        all
    }
}

/// What is to be tagged: every image of every file.
///
/// # Errors
/// A file lacks an image that another one has, or has it under another name; or an image gets no tag.
pub(super) fn plan(parts: &[Part], wanted: &Wanted) -> Result<Vec<Assembly>> {
    let names: BTreeSet<&String> = parts.iter().flat_map(|part| part.built.keys()).collect();
    let mut errors = Vec::new();
    let mut assemblies = Vec::new();
    for name in names {
        match assembly(name, parts, wanted) {
            Ok(assembly) => assemblies.push(assembly),
            Err(error) => errors.push(error),
        }
    }
    Error::all(errors)?;
    Ok(assemblies)
}

fn assembly(name: &str, parts: &[Part], wanted: &Wanted) -> Result<Assembly> {
    let mut repository: Option<String> = None;
    let mut digests = Vec::new();
    for part in parts {
        let Some(built) = part.built.get(name) else {
            return Err(
                Error::usage(format!("{} does not tell of `{name}`", part.file))
                    .because("another file does: its platform would be missing")
                    .help("build every image for every platform"),
            );
        };
        let pinned = built.pinned.clone()?;
        let (path, digest) = pinned.split_once('@').unwrap_or((&pinned, ""));
        if let Some(other) = repository.as_ref().filter(|other| *other != path) {
            return Err(
                Error::usage(format!("`{name}` was pushed as {other} and as {path}"))
                    .help("push all platforms to one registry"),
            );
        }
        repository = Some(path.to_owned());
        if !digests.iter().any(|known| known == digest) {
            digests.push(digest.to_owned());
        }
    }
    let repository = repository.unwrap_or_default();
    Ok(Assembly {
        tags: wanted.tags_of(name, &repository)?,
        annotations: wanted.annotations_of(name),
        name: name.to_owned(),
        repository,
        digests,
    })
}

/// The platforms in an index, as `os/architecture[/variant]`; attestations have none. Empty for a manifest of one image.
pub(super) fn platforms(document: &Value) -> Vec<String> {
    let members = document["manifests"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    members
        .iter()
        .filter_map(|member| {
            let platform = &member["platform"];
            let os = platform["os"].as_str().filter(|os| *os != "unknown")?;
            let architecture = platform["architecture"].as_str()?;
            Some(match platform["variant"].as_str() {
                Some(variant) => format!("{os}/{architecture}/{variant}"),
                None => format!("{os}/{architecture}"),
            })
        })
        .collect()
}

fn is_tag(text: &str) -> bool {
    let name = ImageName::parse(&format!("name:{text}"));
    name.is_some_and(|name| name.tag.as_deref() == Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn part(file: &str, images: &[(&str, &str, &str)]) -> Part {
        let built = images.iter().map(|(name, repository, digest)| {
            let built = Built {
                name: (*name).to_owned(),
                tagged: (*repository).to_owned(),
                pinned: Ok(format!("{repository}@{digest}")),
                digest: Some((*digest).to_owned()),
                dockerfile: String::new(),
                stage: String::new(),
                ended: None,
                metadata: Value::Null,
            };
            ((*name).to_owned(), built)
        });
        Part {
            file: file.into(),
            built: built.collect(),
        }
    }

    fn wanted(tags: &[&str]) -> Wanted {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        Wanted::new(tags, BTreeMap::new()).unwrap()
    }

    #[test]
    fn the_parts_of_each_image_come_together() {
        let parts = [
            part("amd64.json", &[("api", "r.io/x/api", A)]),
            part("arm64.json", &[("api", "r.io/x/api", B)]),
        ];
        let bake = br#"{"target":{"api":{"tags":["r.io/x/api:v1","r.io/x/api:main"],
            "annotations":["index:a=1","manifest:b=2","manifest,index:c=x:y=z"]}}}"#;
        let wanted = wanted(&["main"]).with_file("t.json", bake).unwrap();
        let plan = plan(&parts, &wanted).unwrap();
        assert_eq!(plan.len(), 1);
        assert_eq!(plan[0].digests, [A, B]);
        assert_eq!(plan[0].tags, ["main", "v1"]);
        let annotations: Vec<_> = plan[0].annotations.iter().collect();
        assert_eq!(
            format!("{annotations:?}"),
            r#"[("a", "1"), ("c", "x:y=z")]"#
        );
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let told = |parts: &[Part], wanted: &Wanted| plan(parts, wanted).unwrap_err().to_string();
        let api = part(
            "amd64.json",
            &[("api", "r.io/x/api", A), ("web", "r.io/x/web", A)],
        );
        let other = part("arm64.json", &[("api", "r.io/y/api", B)]);
        let text = told(&[api, other], &wanted(&["v1"]));
        assert!(
            text.contains("was pushed as r.io/x/api and as r.io/y/api"),
            "{text}"
        );
        assert!(text.contains("arm64.json does not tell of `web`"), "{text}");
        let api = [part("amd64.json", &[("api", "r.io/x/api", A)])];
        assert!(told(&api, &wanted(&[])).contains("gets no tag"));
        let with_file = |text: &[u8]| wanted(&[]).with_file("t.json", text);
        let foreign = with_file(br#"{"target":{"api":{"tags":["r.io/z/api:v1"]}}}"#).unwrap();
        assert!(told(&api, &foreign).contains("is no tag of `api`"));
        let bare = with_file(br#"{"target":{"api":{"tags":["-x"]}}}"#).unwrap();
        assert!(told(&api, &bare).contains("no name with a tag"));
        assert!(with_file(b"{}").is_err() && with_file(b"x").is_err());
        for tag in ["", "-a", ".a", "a/b", "a b", &"a".repeat(129)] {
            assert!(
                Wanted::new(vec![tag.to_owned()], BTreeMap::new()).is_err(),
                "{tag}"
            );
        }
    }

    #[test]
    fn attestations_are_no_platform() {
        let index = serde_json::json!({"manifests": [
            {"platform": {"os": "linux", "architecture": "arm", "variant": "v7"}},
            {"platform": {"os": "linux", "architecture": "amd64"}},
            {"platform": {"os": "unknown", "architecture": "unknown"}},
        ]});
        assert_eq!(platforms(&index), ["linux/arm/v7", "linux/amd64"]);
        assert_eq!(platforms(&serde_json::json!({"layers": []})), [""; 0]);
    }
}
