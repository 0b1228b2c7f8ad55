//! `docker-push`: puts together what was pushed by digest for each platform, and sets the tags of all images.

mod arguments;
mod output;
mod plan;

pub use arguments::Arguments;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use self::output::PushedImage;
use self::plan::{Assembly, Part, Wanted, platforms};
use super::audit::{Event, Recorder};
use super::engine::private_engine;
use super::json::json as text_of;
use super::trust;
use crate::atomic_file;
use crate::audit::{Action, Image};
use crate::cli::Common;
use crate::engine::Means;
use crate::engine::registry::{Client, LIMIT};
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::git;
use crate::project::{Project, root};

/// Carries it out.
///
/// # Errors
/// What stopped it. It can be run again: what is there already is not changed by that.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let root = root::find(&environment.current_dir, common.manifest.as_deref())?;
    let project = Project::load(&root)?;
    let note = |line: &str| common.note(environment, line);
    let means = Means {
        runner: environment.runner.as_ref(),
        interrupt: &environment.interrupt,
        note: &note,
    };
    let parts = parts(arguments, &project, environment)?;
    let wanted = wanted(arguments, environment)?;
    let mut assemblies = plan::plan(&parts, &wanted)?;
    if assemblies.is_empty() {
        return Err(Error::usage("there is no image to push")
            .because("the metadata tells of no image of this project that has a name"));
    }
    let private = private_engine(&project.root, environment);
    let client = Client::find(means, arguments.engine, &private)?;
    let pusher = Pusher {
        project: &project,
        means,
        client,
    };
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for assembly in &mut assemblies {
        means.interrupt.check()?;
        pusher.describe(assembly);
        match pusher.look_at(assembly, arguments.allow_missing_platforms) {
            Ok(platforms) => found.push(platforms),
            Err(error) => errors.push(error),
        }
    }
    Error::all(errors)?;
    let mut images: Vec<PushedImage> = assemblies
        .iter()
        .zip(found)
        .map(|(assembly, platforms)| PushedImage::new(assembly, platforms))
        .collect();
    if !arguments.dry_run {
        let recorder = Recorder::open(&project, environment)?;
        // What cannot be recorded is not pushed.
        recorder.check()?;
        let set = pusher.set_tags(&assemblies, &mut images);
        // What was set is recorded, also if the rest failed.
        recorder.append(events(&images))?;
        set?;
        if let Some(file) = &arguments.metadata_file {
            let file = environment.current_dir.join(file);
            atomic_file::write(&file, &metadata(&parts, &images)?)?;
        }
    }
    output::report(&images, arguments, common, environment)?;
    Ok(Exit::Clean)
}

fn parts(arguments: &Arguments, project: &Project, environment: &Environment) -> Result<Vec<Part>> {
    let mut files: Vec<_> = arguments
        .metadata
        .iter()
        .map(|file| (file.clone(), environment.current_dir.join(file)))
        .collect();
    if files.is_empty() {
        let file = trust::metadata_file(project);
        files.push((file.clone(), file));
    }
    let mut errors = Vec::new();
    let mut parts = Vec::new();
    for (file, full) in files {
        match trust::built(project, &full) {
            Ok(built) => parts.push(Part { file, built }),
            Err(error) => errors.push(error),
        }
    }
    Error::all(errors)?;
    Ok(parts)
}

fn wanted(arguments: &Arguments, environment: &Environment) -> Result<Wanted> {
    let annotations = arguments.annotations.iter();
    let annotations = annotations.map(|one| (one.key.clone(), one.value.clone()));
    let wanted = Wanted::new(arguments.tags.clone(), annotations.collect())?;
    let Some(file) = &arguments.tags_file else {
        return Ok(wanted);
    };
    let text = std::fs::read(environment.current_dir.join(file))
        .map_err(|error| Error::usage(format!("failed to read {file}")).because(error))?;
    wanted.with_file(file.as_str(), &text)
}

struct Pusher<'a> {
    project: &'a Project,
    means: Means<'a>,
    client: Client,
}

impl Pusher<'_> {
    /// Adds what every index says of itself. What is a single digest stays what it is.
    fn describe(&self, assembly: &mut Assembly) {
        if assembly.digests.len() < 2 {
            return;
        }
        let oci = |name: &str| format!("org.opencontainers.image.{name}");
        let mut own = BTreeMap::from([(oci("title"), self.project.repository(&assembly.name))]);
        if let Some(head) = git::head(self.means.runner, &self.project.root) {
            own.insert(oci("revision"), head.revision);
            own.insert(oci("created"), head.date);
        }
        for (key, value) in own {
            assembly.annotations.entry(key).or_insert(value);
        }
    }

    /// The platforms of an image, as the registry has them.
    ///
    /// # Errors
    /// Something is not there, is there twice, or a platform of a release is missing; or a single image is to be
    /// annotated, which would make it another one.
    fn look_at(&self, assembly: &Assembly, may_miss: bool) -> Result<Vec<String>> {
        let Assembly {
            name, repository, ..
        } = assembly;
        if assembly.digests.len() == 1 && !assembly.annotations.is_empty() {
            return Err(Error::usage(format!("`{name}` cannot be annotated any more"))
                .because("it is one digest, which annotations would change: signatures are of the digest")
                .help("annotate it when its platforms are put together"));
        }
        let mut seen = BTreeSet::new();
        for digest in &assembly.digests {
            for platform in self.platforms(repository, digest)? {
                if !seen.insert(platform.clone()) {
                    return Err(
                        Error::usage(format!("`{name}` is there twice for {platform}"))
                            .help("name the metadata of each platform once"),
                    );
                }
            }
        }
        let release = &self.project.manifest.platforms.release;
        let missing: Vec<&str> = release
            .iter()
            .map(String::as_str)
            .filter(|platform| !seen.contains(*platform))
            .collect();
        if !missing.is_empty() && !may_miss {
            return Err(Error::usage(format!("`{name}` is not there for {}", missing.join(", ")))
                .because(format!("it is there for {}, and `platforms.release` asks for more", Vec::from_iter(seen).join(", ")))
                .help("name the metadata of the other platforms, too, or allow it with `--allow-missing-platforms`"));
        }
        Ok(seen.into_iter().collect())
    }

    fn platforms(&self, repository: &str, digest: &str) -> Result<Vec<String>> {
        let host = repository.split('/').next().unwrap_or_default();
        let name = format!("{repository}@{digest}");
        let runner = self.means.runner;
        let document = self.client.document(runner, host, &name, LIMIT)?;
        let parsed = |bytes: &[u8]| -> Result<Value> {
            serde_json::from_slice(bytes).map_err(|error| {
                Error::missing(format!("what {host} has as {name} cannot be understood"))
                    .because(error)
            })
        };
        let document = parsed(&document.bytes)?;
        if document["manifests"].is_array() {
            return Ok(platforms(&document));
        }
        // The manifest of one image names no platform, its configuration does.
        let image = parsed(&self.client.configuration(runner, host, &name, LIMIT)?)?;
        let member = json!({"manifests": [{"platform": image}]});
        Ok(platforms(&member))
    }

    /// Sets the first tag of every image, then the second, and reads each back.
    fn set_tags(&self, assemblies: &[Assembly], images: &mut [PushedImage]) -> Result<()> {
        let most = assemblies.iter().map(|one| one.tags.len()).max();
        for round in 0..most.unwrap_or_default() {
            for (assembly, image) in assemblies.iter().zip(&mut *images) {
                let Some(tag) = assembly.tags.get(round) else {
                    continue;
                };
                self.means.interrupt.check()?;
                let result = self.set_tag(assembly, tag, image);
                result.map_err(|error| {
                    error.help("run the command again: what is set already stays as it is")
                })?;
            }
        }
        Ok(())
    }

    fn set_tag(&self, assembly: &Assembly, tag: &str, image: &mut PushedImage) -> Result<()> {
        let Assembly {
            repository,
            digests,
            annotations,
            ..
        } = assembly;
        let (runner, name) = (self.means.runner, format!("{repository}:{tag}"));
        let host = repository.split('/').next().unwrap_or_default();
        (self.means.note)(&format!("tagging {name}"));
        match &image.digest {
            None => self
                .client
                .tag(runner, repository, digests, tag, annotations, LIMIT)?,
            Some(digest) => {
                let whole = [digest.clone()];
                let none = BTreeMap::new();
                self.client
                    .tag(runner, repository, &whole, tag, &none, LIMIT)?;
            }
        }
        let there = self.client.document(runner, host, &name, LIMIT)?.digest;
        let expected = match (&image.digest, digests.as_slice()) {
            (Some(digest), _) | (None, [digest]) => Some(digest),
            (None, _) => None,
        };
        if let Some(expected) = expected.filter(|expected| **expected != there) {
            return Err(
                Error::failed(format!("{name} is {there}, and not {expected}")).because(
                    "somebody else set the tag at the same time, or the registry changed the image",
                ),
            );
        }
        image.digest = Some(there);
        image.set.push(name);
        Ok(())
    }
}

/// One event for each tag that was set.
fn events(images: &[PushedImage]) -> Vec<Event> {
    let event = |image: &PushedImage, reference: &String| Event {
        action: Action::Push,
        image: Some(Image {
            name: Some(image.name.clone()),
            reference: Some(reference.clone()),
            digest: image.digest.clone(),
            platform: None,
        }),
        verdicts: Vec::new(),
        details: BTreeMap::from([("platforms".to_owned(), image.platforms.join(","))]),
    };
    let each = images.iter();
    each.flat_map(|image| image.set.iter().map(move |name| event(image, name)))
        .collect()
}

/// As buildx writes it, with what the first file tells of how it was built.
fn metadata(parts: &[Part], images: &[PushedImage]) -> Result<String> {
    let mut document = serde_json::Map::new();
    for image in images {
        let first = parts.first().and_then(|part| part.built.get(&image.name));
        let mut entry = first.map_or_else(|| json!({}), |built| built.metadata.clone());
        entry["image.name"] = Value::from(image.set.join(","));
        entry["containerimage.digest"] = Value::from(image.digest.clone());
        if let Some(entry) = entry.as_object_mut() {
            // That of one platform.
            entry.remove("containerimage.descriptor");
        }
        document.insert(image.name.clone(), entry);
    }
    text_of(&document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metadata_tells_of_the_index() {
        let image = PushedImage {
            name: "api".to_owned(),
            repository: "r.io/x/api".to_owned(),
            digest: Some("sha256:1".to_owned()),
            platforms: vec!["linux/amd64".to_owned()],
            tags: vec!["v1".to_owned()],
            set: vec!["r.io/x/api:v1".to_owned(), "r.io/x/api:main".to_owned()],
        };
        let text = metadata(&[], std::slice::from_ref(&image)).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["api"]["containerimage.digest"], "sha256:1");
        assert_eq!(value["api"]["image.name"], "r.io/x/api:v1,r.io/x/api:main");
        assert_eq!(events(&[image]).len(), 2);
    }
}
