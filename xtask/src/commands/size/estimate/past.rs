//! What Dockerfiles said when images were recorded.

use std::cell::RefCell;
use std::collections::BTreeMap;

use camino::Utf8Path;

use crate::dockerfile::parse;
use crate::environment::Environment;
use crate::git;
use crate::image::estimate::Foundation;
use crate::image::record::RecordedImage;
use crate::source::Source;

/// What Dockerfiles said at the commits of the record.
pub(super) struct Past<'a> {
    root: &'a Utf8Path,
    environment: &'a Environment,
    known: RefCell<BTreeMap<(String, String), Option<String>>>,
}

impl<'a> Past<'a> {
    pub(super) const fn new(root: &'a Utf8Path, environment: &'a Environment) -> Self {
        Self {
            root,
            environment,
            known: RefCell::new(BTreeMap::new()),
        }
    }

    /// Whether the Dockerfile named the same foundation when the image was recorded: the same `FROM`, and the same
    /// arguments before the first one. Where git does not know the commit, nobody knows.
    pub(super) fn has(&self, image: &RecordedImage, foundation: &Foundation) -> bool {
        let now = std::fs::read_to_string(self.root.join(&foundation.file));
        let key = (image.commit.clone(), foundation.file.clone());
        let mut known = self.known.borrow_mut();
        let then = known.entry(key).or_insert_with(|| {
            let runner = self.environment.runner.as_ref();
            let file = Utf8Path::new(&foundation.file);
            let source = git::text_at(runner, self.root, &image.commit, file);
            source.ok().flatten().map(|source| source.text().to_owned())
        });
        match (now, then) {
            (Ok(now), Some(then)) => {
                let (now, then) = (Named::of(&now), Named::of(then));
                now.arguments == then.arguments && then.bases.contains(&foundation.text)
            }
            _ => false,
        }
    }
}

/// What a Dockerfile names as its bases.
struct Named {
    /// The `ARG`s before the first `FROM`.
    arguments: Vec<String>,
    /// Each `FROM`.
    bases: Vec<String>,
}

impl Named {
    fn of(text: &str) -> Self {
        let file = parse(&Source::new("Dockerfile", text));
        let first = file
            .stages
            .first()
            .map_or(text.len(), |stage| stage.span.start);
        let arguments = text[..first].lines().map(str::trim);
        Self {
            arguments: arguments
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
                .map(ToOwned::to_owned)
                .collect(),
            bases: file
                .stages
                .iter()
                .map(|stage| file.logical_text(stage.span))
                .collect(),
        }
    }
}
