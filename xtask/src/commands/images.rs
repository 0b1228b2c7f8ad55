//! The images that commands look at: where they are, how they are read, and what is known about how they were made.

mod knowledge;
mod sources;

use camino::Utf8PathBuf;
pub(super) use knowledge::LastBuild;
pub(super) use sources::{Images, Names, Place, Read};
use sources::{Reader, Wanted};

use crate::cli::Common;
use crate::engine::select::EngineChoice;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::finding::Finding;
use crate::image::attribution::Knowledge;
use crate::image::layer::Detail;
use crate::project::{ImageDefinition, Project, root};
use crate::source::Source;

/// The repository one stands in, if it is one.
pub(in crate::commands) struct LookedAt {
    pub(in crate::commands) project: Option<Project>,
    /// Its root, else where the user stands.
    pub(in crate::commands) root: Utf8PathBuf,
    last: LastBuild,
}

impl LookedAt {
    /// # Errors
    /// There is no manifest, or a wrong one, and nothing else is named.
    pub(in crate::commands) fn find(
        words: &[String],
        common: &Common,
        environment: &Environment,
    ) -> Result<Self> {
        let found = root::find(&environment.current_dir, common.manifest.as_deref());
        let project = match found {
            Ok(root) => Some(Project::load(&root)?),
            // Files and references need no manifest.
            Err(_) if !words.is_empty() && common.manifest.is_none() => None,
            Err(error) => return Err(error),
        };
        let root = match &project {
            Some(project) => project.root.clone(),
            None => environment.current_dir.clone(),
        };
        Ok(Self {
            last: LastBuild::read(&root),
            project,
            root,
        })
    }

    /// What somebody mistyped looks like a reference: tells which images there are.
    fn with_names(&self, error: Error, words: &[String]) -> Error {
        let Some(project) = &self.project else {
            return error;
        };
        let is_own = |word: &String| project.images.iter().any(|image| image.name == *word);
        let looks_so = |word: &&String| {
            !word.contains(['/', ':', '.']) && error.message().contains(word.as_str())
        };
        if words.iter().filter(looks_so).all(is_own) {
            return error;
        }
        let names: Vec<&str> = project
            .images
            .iter()
            .map(|image| image.name.as_str())
            .collect();
        error.help(format!("the manifest has {}", names.join(", ")))
    }

    /// An image of the manifest.
    pub(in crate::commands) fn definition(&self, name: &str) -> Option<&ImageDefinition> {
        self.project
            .as_ref()?
            .images
            .iter()
            .find(|image| image.name == name)
    }

    /// Reads what `words` name, all images of the manifest if there are none; with what could not be read.
    ///
    /// # Errors
    /// No engine answers, or somebody asked to stop.
    pub(in crate::commands) fn read(
        &self,
        words: &[String],
        platform: Option<&str>,
        engine: EngineChoice,
        detail: Detail,
        common: &Common,
        environment: &Environment,
    ) -> Result<Images> {
        let project = self.project.as_ref();
        let names = project
            .map(|project| self.last.names(project))
            .unwrap_or_default();
        let parse = |word: &String| Wanted::parse(word, project, &names, &environment.current_dir);
        let wanted = match project {
            Some(project) if words.is_empty() => {
                let images = project.images.iter();
                images
                    .map(|image| Wanted::of_manifest(project, &image.name, &names))
                    .collect()
            }
            _ => words.iter().map(parse).collect(),
        };
        let reader = Reader {
            platform,
            engine,
            detail,
            common,
            environment,
            root: &self.root,
        };
        let mut images = reader.read(wanted)?;
        let errors = images.errors.into_iter();
        images.errors = errors.map(|error| self.with_names(error, words)).collect();
        Ok(images)
    }

    /// What is known about how one of the images that were read was made.
    pub(in crate::commands) fn knowledge(&self, one: &Read, all: &[Read]) -> Knowledge<'_> {
        knowledge::of(one, self.project.as_ref(), &self.last, all)
    }

    /// With the place in the Dockerfile, where it is known.
    pub(in crate::commands) fn located(&self, finding: Finding) -> Finding {
        let line = finding
            .details()
            .properties
            .get("line")
            .and_then(serde_json::Value::as_u64);
        let source = self.source(&finding);
        match (source, line.and_then(|line| usize::try_from(line).ok())) {
            (Some(source), Some(line)) => {
                let span = source.line_span(line);
                finding.at(source.location(span))
            }
            _ => finding,
        }
    }

    fn source(&self, finding: &Finding) -> Option<&Source> {
        let path = finding.path()?;
        let images = &self.project.as_ref()?.images;
        let image = images.iter().find(|image| image.path() == path)?;
        Some(&image.dockerfile.source)
    }
}

/// How the program ends because of images that could not be read; `None` if all could.
pub(super) fn exit_of_unread(errors: &[Error]) -> Option<Exit> {
    let mut exits = errors.iter().map(Error::exit);
    let first = exits.next()?;
    // Only if nothing else is wrong, trying again later helps.
    let is_missing = first == Exit::Missing && exits.all(|exit| exit == Exit::Missing);
    Some(if is_missing {
        Exit::Missing
    } else {
        Exit::Usage
    })
}
