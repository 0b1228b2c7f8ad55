//! What an analysis has to say about a file or an image.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use smallvec::SmallVec;

use crate::edit::Fix;
use crate::source::{Location, compare_paths};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A matter of taste; changes no exit code.
    Style,
    /// Worth knowing; changes no exit code.
    Note,
    /// Likely wrong.
    Warning,
    /// Wrong.
    Error,
}

impl Severity {
    /// The word every format uses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Style => "style",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What to do, a sentence each: mostly one, which mostly is the same for all findings of a rule.
pub type Help = SmallVec<[Cow<'static, str>; 1]>;

/// Facts for machines, by name.
pub type Properties = BTreeMap<String, serde_json::Value>;

/// One finding. Of many files there are tens of thousands at once, so what few have stands in [`Details`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A stable code such as `B001`.
    pub code: Cow<'static, str>,
    /// The name of what was found, in kebab case: `image-over-budget`.
    pub name: Cow<'static, str>,
    /// How bad it is.
    pub severity: Severity,
    /// A lower-case sentence.
    pub message: String,
    /// The file, where it is not that of the place.
    file: Option<Box<Utf8Path>>,
    /// The place in the file.
    pub location: Option<Location>,
    /// What to do.
    pub help: Help,
    /// Other names of the same check, in other tools: `DuplicateStageName`.
    pub aliases: &'static [&'static str],
    /// How to mend it. Of many findings few have one.
    pub fix: Option<Box<Fix>>,
    /// The rest.
    details: Rest,
}

/// What few findings have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// Other places that it is about.
    pub related: Vec<Related>,
    /// Facts for machines: sizes, names, limits.
    pub properties: Properties,
    /// What it is about besides its place, where several findings of one code are about one place: the vulnerability and
    /// the package. It tells them apart when some of them are gone.
    pub subject: Option<String>,
    /// What it is recognized by after other lines have moved, where somebody asked for it.
    pub fingerprint: Option<String>,
}

/// [`Details`], where there are any. Empty ones are none.
#[derive(Clone, Debug, Default)]
struct Rest(Option<Box<Details>>);

impl Rest {
    fn get(&self) -> &Details {
        self.0.as_deref().unwrap_or(&NO_DETAILS)
    }
}

impl PartialEq for Rest {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Eq for Rest {}

static NO_DETAILS: Details = Details {
    related: Vec::new(),
    properties: BTreeMap::new(),
    subject: None,
    fingerprint: None,
};

/// A place that a finding is about besides its own: the other half of a contradiction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub location: Location,
    /// What is there, as a lower-case clause.
    pub message: String,
}

impl Finding {
    /// A finding that says `message`.
    pub fn new(
        code: impl Into<Cow<'static, str>>,
        name: impl Into<Cow<'static, str>>,
        severity: Severity,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code: code.into(),
            name: name.into(),
            severity,
            message: message.into(),
            file: None,
            location: None,
            help: Help::new(),
            aliases: &[],
            fix: None,
            details: Rest::default(),
        }
    }

    /// The file, relative to the repository's root.
    #[must_use]
    pub fn path(&self) -> Option<&Utf8Path> {
        let place = || Some(self.location.as_ref()?.source.path());
        self.file.as_deref().or_else(place)
    }

    /// What few findings have; nothing of it for most.
    #[must_use]
    pub fn details(&self) -> &Details {
        self.details.get()
    }

    /// As [`Finding::details`], to add to.
    pub fn details_mut(&mut self) -> &mut Details {
        self.details.0.get_or_insert_default()
    }

    /// Names the file.
    #[must_use]
    pub fn in_file(mut self, path: impl Into<Utf8PathBuf>) -> Self {
        self.file = Some(path.into().into_boxed_path());
        self
    }

    /// Points at a place, which names the file too.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.file = None;
        self.location = Some(location);
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Names the file in full, where it was named apart from the place: from a folder that `prefix` leads to.
    pub fn lies_below(&mut self, prefix: &Utf8Path) {
        if let Some(file) = &mut self.file {
            *file = prefix.join(&file).into_boxed_path();
        }
    }

    /// Says what it is about besides its place.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.details_mut().subject = Some(subject.into());
        self
    }

    /// Adds a fact for machines.
    #[must_use]
    pub fn property(
        mut self,
        name: impl Into<String>,
        value: impl Into<serde_json::Value>,
    ) -> Self {
        let properties = &mut self.details_mut().properties;
        properties.insert(name.into(), value.into());
        self
    }

    /// Position, then code, then message: the order of every report within a file.
    fn order(&self) -> (Option<usize>, &str, &str) {
        (
            self.location.as_ref().map(|l| l.span.start),
            &self.code,
            &self.message,
        )
    }

    /// Which of two files comes first. Paths are compared part by part, which is slow, and most neighbors are of one
    /// file.
    pub(crate) fn compare_files(&self, other: &Self) -> Ordering {
        if let (Some(a), Some(b)) = (&self.location, &other.location)
            && a.source.is_same(&b.source)
            && self.file.is_none()
            && other.file.is_none()
        {
            return Ordering::Equal;
        }
        match (self.path(), other.path()) {
            (Some(a), Some(b)) if a.as_str() == b.as_str() => Ordering::Equal,
            (Some(a), Some(b)) => compare_paths(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        }
    }
}

/// Findings in the order every report keeps, whatever order they were found in.
#[must_use]
pub fn sorted(findings: &[Finding]) -> Vec<&Finding> {
    let mut sorted: Vec<_> = findings.iter().collect();
    // Mostly they come file by file.
    if !sorted.is_sorted_by(|a, b| a.compare_files(b).is_le()) {
        sorted.sort_by(|a, b| a.compare_files(b));
    }
    for of_file in sorted.chunk_by_mut(|a, b| a.compare_files(b).is_eq()) {
        of_file.sort_by(|a, b| a.order().cmp(&b.order()));
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, Span};

    #[test]
    fn the_file_is_that_of_the_place_unless_another_is_named() {
        let source = Source::new("a/Dockerfile", "FROM a\n");
        let finding = Finding::new("A1", "a", Severity::Note, "m");
        assert_eq!(finding.path(), None);
        let mut finding = finding.at(source.location(Span::new(0, 4)));
        assert_eq!(finding.path(), Some(Utf8Path::new("a/Dockerfile")));
        finding.lies_below(Utf8Path::new("b"));
        assert_eq!(finding.path(), Some(Utf8Path::new("a/Dockerfile")));
        let mut finding = finding.in_file("c");
        finding.lies_below(Utf8Path::new("b"));
        assert_eq!(finding.path(), Some(Utf8Path::new("b/c")));
    }

    #[test]
    fn emptied_details_are_none() {
        let bare = Finding::new("A1", "a", Severity::Note, "m");
        let mut full = bare.clone().property("size", 1).about("x");
        assert_ne!(full, bare);
        full.details_mut().properties.clear();
        full.details_mut().subject = None;
        assert_eq!(full, bare);
    }

    #[test]
    fn many_fit_into_little_memory() {
        assert!(size_of::<Finding>() <= 192, "{}", size_of::<Finding>());
    }
}
