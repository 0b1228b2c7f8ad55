//! Dockerfiles that no manifest names, judged one by one as they are read.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashMap;

use crate::dockerfile::Dockerfile;
use crate::lint::configuration::Configuration;
use crate::lint::driver;
use crate::lint::gather::{ByPlace, bases, context_of};
use crate::lint::outcome::Outcome;
use crate::lint::surroundings::{Around, Surroundings};

/// Judges Dockerfiles that have nothing to do with each other: of many files only what was found is held, not what they
/// say. That two of them may be joined, names and places tell before either is understood.
pub struct Apart<'a> {
    around: &'a Around,
    configuration: &'a Configuration,
    /// Where someone states a build context.
    contexts: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
    named_contexts: HashMap<Utf8PathBuf, BTreeMap<String, Utf8PathBuf>>,
    by_place: ByPlace<'a>,
    /// Nobody sets any.
    arguments: Arc<BTreeMap<String, String>>,
}

/// What became of a Dockerfile.
#[derive(Debug)]
pub enum Apartness<'a> {
    /// It starts from no other one, and was judged.
    Judged(Outcome),
    /// It may start from one of these, and is as it was.
    Joined(Box<Dockerfile>, Vec<&'a Utf8Path>),
}

impl<'a> Apart<'a> {
    /// `paths` are those of all Dockerfiles, from the root of `around`.
    pub fn new(
        around: &'a Around,
        paths: impl IntoIterator<Item = &'a Utf8Path>,
        configuration: &'a Configuration,
    ) -> Self {
        Self {
            around,
            configuration,
            contexts: around.build_files.contexts(),
            named_contexts: around.build_files.named_contexts(),
            by_place: ByPlace::new(paths),
            arguments: Arc::default(),
        }
    }

    /// Judges a Dockerfile, unless it may start from another one. One that others start from is judged here, too, and
    /// has to be judged again with those: only they know.
    #[must_use]
    pub fn judge(&self, file: Dockerfile) -> Apartness<'a> {
        let path = file.source.path();
        let bases = bases(&file, &self.arguments);
        let mut others: Vec<&Utf8Path> = bases
            .iter()
            .flat_map(|base| self.by_place.of_base(base))
            .filter(|other| *other != path)
            .collect();
        if !others.is_empty() {
            others.sort_unstable();
            others.dedup();
            return Apartness::Joined(Box::new(file), others);
        }
        let files = self.around.files.as_deref();
        let context = context_of(&file, self.contexts.get(path), files);
        let named = self.named_contexts.get(path);
        let surroundings = Surroundings {
            files: self.around.files.clone(),
            contexts: HashMap::from_iter([(path.to_owned(), context)]),
            named_contexts: named
                .map(|named| (path.to_owned(), named.clone()))
                .into_iter()
                .collect(),
            build_files: Arc::clone(&self.around.build_files),
            ignore_files: Arc::clone(&self.around.ignore_files),
            arguments: Arc::clone(&self.arguments),
            ..Surroundings::unknown()
        };
        Apartness::Judged(driver::judge(file, &surroundings, self.configuration))
    }
}
