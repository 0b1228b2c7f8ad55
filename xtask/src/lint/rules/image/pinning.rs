//! Names of images with the digest that a registry has for them.

use crate::dockerfile::{ImageReference, ReferenceKind};
use crate::lint::diagnostics::Diagnostic;
use crate::lint::published::{PublishedImage, place};
use crate::lint::rule::Subject;
use crate::lint::rules::references::references;
use crate::lint::rules::variable_use::only_variable;
use crate::project::ImageName;
use crate::source::Span;

/// An image whose tag a registry was asked about.
pub(super) struct Asked<'s> {
    pub(super) image: &'s ImageReference,
    pub(super) name: ImageName,
    pub(super) published: &'s PublishedImage,
    /// Where it is named.
    pub(super) span: Span,
}

/// Why a reference cannot be written with a digest.
pub(super) enum Obstacle {
    /// An argument is a part of it: the digest would win over whatever a build says.
    Part,
    /// The argument that holds it is used for something else, too.
    Shared(String),
    /// It is written in a way that is not to be touched.
    Layout,
}

/// The images that registries told about, in the order of the file; each place once.
pub(super) fn asked<'s>(subject: &'s Subject<'_>) -> Vec<Asked<'s>> {
    let file = &subject.model.file;
    let mut asked: Vec<Asked<'_>> = Vec::new();
    if subject.surroundings.published.is_empty() {
        return asked;
    }
    for image in &subject.model.graph.images {
        let Some(name) = ImageName::parse(&image.reference) else {
            continue;
        };
        let published = subject.surroundings.published.of(file.source.path(), &name);
        let span = place(image, file.source.text());
        if let Some(published) = published
            && asked.iter().all(|other| other.span != span)
        {
            asked.push(Asked {
                image,
                name,
                published,
                span,
            });
        }
    }
    asked
}

/// Adds the fix to what another rule says about the base of a stage.
pub(super) fn fix(subject: &Subject<'_>, stage: usize, found: Diagnostic<'_>) {
    let asked = asked(subject);
    let base = asked.iter().find(|asked| {
        asked.image.kind == ReferenceKind::From
            && asked.image.stage == stage
            && asked.name.digest.is_none()
    });
    if let Some((asked, edit)) = base.and_then(|asked| Some((asked, asked.pinned(subject).ok()?))) {
        found.fix(asked.message(), [edit]);
    }
}

impl Asked<'_> {
    /// What a fix says.
    pub(super) fn message(&self) -> String {
        format!("pin it to `{}`", self.published.digest)
    }

    /// Writes the digest where there is none, and the tag where it is missing.
    pub(super) fn pinned(&self, subject: &Subject<'_>) -> Result<(Span, String), Obstacle> {
        let written = self.written(subject)?;
        let tag = if self.name.tag.is_some() {
            ""
        } else {
            ":latest"
        };
        let digest = &self.published.digest;
        Ok((
            Span::new(written.end, written.end),
            format!("{tag}@{digest}"),
        ))
    }

    /// Writes another digest.
    pub(super) fn moved(&self, subject: &Subject<'_>) -> Result<(Span, String), Obstacle> {
        let written = self.written(subject)?;
        let length = self.name.digest.as_ref().map_or(0, String::len);
        let old = Span::new(written.end - length, written.end);
        Ok((old, self.published.digest.clone()))
    }

    /// Where the reference stands in full, in one piece: in the instruction itself or as the default of an argument.
    fn written(&self, subject: &Subject<'_>) -> Result<Span, Obstacle> {
        let file = &subject.model.file;
        let text = file.source.text();
        let reference = self.image.reference.as_str();
        let in_one_piece = |span: Span| {
            let written = span.of(text);
            let quoted = written.trim_matches(['"', '\'']);
            let start = span.start + written.find(quoted)?;
            (quoted == reference).then(|| Span::new(start, start + quoted.len()))
        };
        if !self.image.raw.value.contains('$') {
            return in_one_piece(self.span).ok_or(Obstacle::Layout);
        }
        let name = only_variable(&self.image.raw.value).ok_or(Obstacle::Part)?;
        let mut declarations = file.global_args.iter().filter(|it| it.name.value == name);
        let (Some(declaration), None) = (declarations.next(), declarations.next()) else {
            return Err(Obstacle::Layout);
        };
        // A value from outside, or one put together of others, is not written here.
        let default = declaration.default.as_ref().ok_or(Obstacle::Layout)?;
        let span = in_one_piece(default.span).ok_or(Obstacle::Layout)?;
        if is_used_otherwise(subject, name) {
            return Err(Obstacle::Shared(name.to_owned()));
        }
        Ok(span)
    }
}

/// Whether an argument stands in something else than as a whole base image.
fn is_used_otherwise(subject: &Subject<'_>, name: &str) -> bool {
    let file = &subject.model.file;
    let reads = |text: &str| {
        let mut read = references(text, file.escape).into_iter();
        read.any(|reference| reference.name == name)
    };
    let defaults = file.global_args.iter().filter_map(|it| it.default.as_ref());
    let platforms = file.stages.iter().filter_map(|it| it.platform.as_ref());
    let bases = file.stages.iter().map(|stage| &stage.base);
    let partly = |text: &str| only_variable(text) != Some(name) && reads(text);
    let declared_again = file.stages.iter().flat_map(|stage| &stage.instructions);
    defaults.chain(platforms).any(|text| reads(&text.value))
        || bases.into_iter().any(|text| partly(&text.value))
        || declared_again.into_iter().any(|instruction| {
            matches!(&instruction.kind, crate::dockerfile::InstructionKind::Arg(declarations)
                if declarations.iter().any(|it| it.name.value == name))
        })
}
