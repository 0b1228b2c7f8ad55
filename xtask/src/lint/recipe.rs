//! What the steps of a Dockerfile take, as plain data for build contexts and caches.

mod definition;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashMap;

use crate::context::{Base, From, Recipe, Source, Stage, StageReference, Step, StepKind, Take};
use crate::dockerfile::{FileTransfer, InstructionKind, Mount, Run};
use crate::lint::build_files::clean;
use crate::lint::model::{self, Known, Model, Moment, Parent, StageModel};
use crate::lint::surroundings::Surroundings;
use crate::project::ImageName;
use crate::source::{Location, Span, Spanned};

impl Surroundings {
    /// What the steps of a Dockerfile take; `None` if it is none of this repository.
    #[must_use]
    pub fn recipe(&self, dockerfile: &Utf8Path) -> Option<Recipe> {
        let model = self.dockerfiles.get(dockerfile)?;
        // Of several stages of one name the last is meant.
        let stage_names = model.file.stages.iter().filter_map(|stage| {
            let name = stage.name.as_ref()?;
            Some((name.value.to_lowercase(), stage.index))
        });
        let names: HashMap<String, usize> = stage_names.collect();
        let stages = model.stages().map(|stage| self.stage_recipe(stage, &names));
        Some(Recipe {
            dockerfile: dockerfile.to_owned(),
            stages: stages.collect(),
        })
    }

    /// The recipes of all Dockerfiles, by path.
    #[must_use]
    pub fn recipes(&self) -> BTreeMap<Utf8PathBuf, Recipe> {
        self.dockerfiles
            .keys()
            .filter_map(|path| Some((path.clone(), self.recipe(path)?)))
            .collect()
    }

    fn stage_recipe(&self, stage: StageModel<'_>, names: &HashMap<String, usize>) -> Stage {
        let file = &stage.model.file;
        let written = stage.stage();
        let base = match stage.parent() {
            Parent::Scratch => Base::Image("scratch".to_owned()),
            Parent::Stage(index) => Base::Stage(reference(stage.model, *index)),
            Parent::Own { model, stage } => Base::Stage(reference(model, *stage)),
            Parent::Image(image) if image.reference.is_empty() => {
                Base::Image(written.base.value.clone())
            }
            Parent::Image(image) => Base::Image(image.reference.clone()),
        };
        let triggers: Vec<model::Step<'_>> = stage.triggered().collect();
        let mut steps = Vec::new();
        for (at, trigger) in triggers.iter().enumerate() {
            let execution = Execution {
                moment: stage.start(),
                step: *trigger,
                later_triggers: &triggers[at..],
                names,
            };
            steps.push(self.step_recipe(execution));
        }
        for step in stage.steps().filter(|step| !step.is_onbuild()) {
            steps.push(self.step_recipe(Execution {
                moment: step.before(),
                step,
                later_triggers: &[],
                names,
            }));
        }
        let name = written.name.as_ref();
        Stage {
            name: name.map_or_else(|| stage.index.to_string(), |name| name.value.clone()),
            location: file.source.location(written.span),
            text: file.logical_text(written.span),
            base,
            platform: written.platform.as_ref().map(|platform| {
                let expanded = stage.model.expand_global(&platform.value);
                expanded.yes().unwrap_or_else(|| platform.value.clone())
            }),
            steps,
        }
    }

    fn step_recipe(&self, at: Execution<'_, '_>) -> Step {
        let file = &at.step.stage.model.file;
        let instruction = at.step.instruction();
        let kind = match &instruction.kind {
            InstructionKind::Copy(transfer) => self.transfer(at, transfer, false),
            InstructionKind::Add(transfer) => self.transfer(at, transfer, true),
            InstructionKind::Run(run) => StepKind::Run {
                mounts: run
                    .mounts
                    .iter()
                    .filter_map(|mount| self.mount(at, mount))
                    .collect(),
                removed: if at.step.is_onbuild() {
                    Vec::new()
                } else {
                    removed(at.step, run)
                },
            },
            InstructionKind::Workdir(path) => StepKind::Workdir(at.resolve(&path.value).yes()),
            _ => StepKind::Other,
        };
        Step {
            location: file.source.location(at.step.written().span),
            text: file.logical_text(at.step.written().span),
            definition: at.definition(&kind),
            kind,
        }
    }

    fn transfer(&self, at: Execution<'_, '_>, copy: &FileTransfer, is_add: bool) -> StepKind {
        let from = match copy.flag("from").filter(|from| !from.value.is_empty()) {
            None => From::Context,
            Some(from) => match from.value.parse::<usize>() {
                Ok(index) if index < at.model().file.stages.len() => {
                    From::Stage(reference(at.model(), index))
                }
                _ => self.named(at, &from.value),
            },
        };
        let parents = is_set(copy, "parents");
        let path = |text: &str| match text.split_once("/./").filter(|_| parents) {
            Some((before, after)) => format!("{}/./{}", clean(before), clean(after)),
            None => clean(text),
        };
        let sources = at.sources(copy, is_add);
        let source = |found: Spanned<String>| Source {
            path: path(&found.value),
            location: at.location(found.span),
        };
        let mut take = Take {
            from,
            sources: sources.known.into_iter().map(source).collect(),
            unknown: sources.unknown,
            excludes: Vec::new(),
            parents,
        };
        for flag in copy.flags.iter().filter(|f| f.name.value == "exclude") {
            let Some(value) = &flag.value else { continue };
            match at.expand(&value.value) {
                Known::Yes(pattern) => take.excludes.push(pattern),
                // Without it more is taken, not less.
                Known::Unknown => {}
            }
        }
        let written = &copy.destination.value;
        let spelling = at.expand(written).yes();
        let spelling = spelling.as_deref().unwrap_or(written);
        StepKind::Copy {
            take,
            destination: at.resolve(written).yes(),
            into_folder: copy.sources.len() > 1
                || matches!(spelling, "" | ".")
                || spelling.ends_with('/')
                || spelling.ends_with("/."),
        }
    }

    /// What a mount shows of somewhere; nothing for those that show nothing that was there before.
    fn mount(&self, at: Execution<'_, '_>, mount: &Mount) -> Option<Take> {
        // Of fields that mean the same, the last one counts.
        let field = |names: &[&str]| {
            let found = mount
                .fields
                .iter()
                .rfind(|(key, _)| names.contains(&key.as_str()));
            found.and_then(|(_, value)| value.as_deref())
        };
        let kind = field(&["type"]).map_or(Known::Yes("bind".to_owned()), |kind| at.expand(kind));
        let from = match field(&["from"]).filter(|from| !from.is_empty()) {
            Some(from) => self.named(at, from),
            None => From::Context,
        };
        let is_bind = match kind {
            Known::Yes(kind) if kind.eq_ignore_ascii_case("bind") => true,
            Known::Yes(kind) if kind.eq_ignore_ascii_case("cache") => from != From::Context,
            Known::Yes(_) => false,
            Known::Unknown => true,
        };
        if !is_bind {
            return None;
        }
        let source = at.expand(field(&["source", "src"]).unwrap_or_default());
        let unknown = source.is_unknown();
        let source = source.yes().map(|path| Source {
            path: clean(&path),
            location: at.location(mount.span),
        });
        Some(Take {
            from,
            sources: source.into_iter().collect(),
            unknown,
            excludes: Vec::new(),
            parents: false,
        })
    }

    /// What a name behind `from` means: a named context, which goes before a stage of that name, a stage, an image that another Dockerfile makes, an image from outside.
    fn named(&self, at: Execution<'_, '_>, name: &str) -> From {
        let own = self.named_contexts.get(at.model().file.source.path());
        let named = |own: &BTreeMap<String, Utf8PathBuf>| {
            own.get(name)
                .or_else(|| own.get(&name.to_lowercase()))
                .cloned()
        };
        if let Some(root) = own.and_then(named) {
            return From::NamedContext(root);
        }
        if let Some(stage) = at.names.get(&name.to_lowercase()) {
            return From::Stage(reference(at.model(), *stage));
        }
        let own = ImageName::parse(name)
            .filter(|name| name.digest.is_none())
            .and_then(|name| {
                let key = ImageName { tag: None, ..name }.context_key();
                self.own_images.get(&key)
            });
        match own {
            Some((dockerfile, stage)) => From::Stage(StageReference {
                dockerfile: dockerfile.clone(),
                stage: *stage,
            }),
            None => From::Image(name.to_owned()),
        }
    }
}

fn reference(model: &Model, stage: usize) -> StageReference {
    StageReference {
        dockerfile: model.file.source.path().to_owned(),
        stage,
    }
}

/// A step that is about to be carried out, in its own stage or, behind `ONBUILD`, in one that starts from it.
#[derive(Clone, Copy)]
struct Execution<'m, 't> {
    /// The moment in the stage that carries it out. Triggers of its base all count there, the later ones, too.
    moment: Moment<'m>,
    step: model::Step<'m>,
    /// It and the triggers after it, if it is one.
    later_triggers: &'t [model::Step<'m>],
    /// The stages of the file it is carried out in, by name in lower case.
    names: &'t HashMap<String, usize>,
}

impl<'m> Execution<'m, '_> {
    /// Once it is carried out.
    fn after(self) -> Moment<'m> {
        Moment {
            step: self.moment.step + usize::from(self.later_triggers.is_empty()),
            ..self.moment
        }
    }

    fn model(self) -> &'m Model {
        self.moment.stage.model
    }

    fn location(self, span: Span) -> Location {
        self.step.stage.model.file.source.location(span)
    }

    /// Whether a later trigger may set what counts at this one.
    fn is_overtaken(self, by: impl Fn(&InstructionKind) -> bool) -> bool {
        self.later_triggers.iter().any(|step| by(step.kind()))
    }

    fn expand(self, text: &str) -> Known<String> {
        let sets = |kind: &InstructionKind| {
            matches!(kind, InstructionKind::Arg(_) | InstructionKind::Env(_))
        };
        if text.contains('$') && (self.is_overtaken(sets) || !has_values(self.moment, text)) {
            return Known::Unknown;
        }
        self.moment.expand(text)
    }

    fn resolve(self, path: &str) -> Known<String> {
        let enters = |kind: &InstructionKind| matches!(kind, InstructionKind::Workdir(_));
        let Known::Yes(path) = self.expand(path) else {
            return Known::Unknown;
        };
        if !path.starts_with('/') && self.is_overtaken(enters) {
            return Known::Unknown;
        }
        self.moment.resolve(&path)
    }

    fn sources(self, transfer: &FileTransfer, is_add: bool) -> Sources {
        let overtaken = |source: &Spanned<String>| self.expand(&source.value).is_unknown();
        if self.later_triggers.is_empty() || !transfer.sources.iter().any(overtaken) {
            return expanded_sources(self.moment, transfer, is_add);
        }
        Sources {
            known: Vec::new(),
            unknown: true,
        }
    }
}

/// What a `COPY` or `ADD` names.
pub(super) struct Sources {
    /// Expanded.
    pub(super) known: Vec<Spanned<String>>,
    /// There are others, which cannot be expanded.
    pub(super) unknown: bool,
}

/// The sources of a `COPY` or `ADD` that is carried out at a moment, but here-documents and what comes from afar.
pub(super) fn expanded_sources(
    moment: Moment<'_>,
    transfer: &FileTransfer,
    is_add: bool,
) -> Sources {
    let mut sources = Sources {
        known: Vec::new(),
        unknown: false,
    };
    for source in &transfer.sources {
        let text = &source.value;
        if is_heredoc(transfer, text) || is_add && is_remote(text) {
            continue;
        }
        let expanded = if !text.contains(['$', '"', '\'', '\\']) {
            Known::Yes(text.clone())
        } else if has_values(moment, text) {
            moment.expand(text)
        } else {
            Known::Unknown
        };
        match expanded {
            Known::Yes(text) => sources.known.push(Spanned::new(text, source.span)),
            Known::Unknown => sources.unknown = true,
        }
    }
    sources
}

/// Whether every variable of a text has a value here. An `ARG` without a default gets its value from outside.
fn has_values(moment: Moment<'_>, text: &str) -> bool {
    text.split('$').skip(1).all(|rest| {
        let name = rest.strip_prefix('{').unwrap_or(rest);
        let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let variable = moment.variable(&name[..end.unwrap_or(name.len())]);
        variable.is_some_and(
            |variable| matches!(&variable.value, Known::Yes(Some(value)) if !value.is_empty()),
        )
    })
}

fn is_heredoc(transfer: &FileTransfer, source: &str) -> bool {
    source.starts_with("<<") && !transfer.heredocs.is_empty()
}

/// A source of `ADD` that is downloaded or cloned.
fn is_remote(source: &str) -> bool {
    source.contains("://") || source.starts_with("git@") || source.contains(".git#")
}

/// Whether a flag is there and not `=false`.
fn is_set(transfer: &FileTransfer, name: &str) -> bool {
    let flag = transfer.flags.iter().rfind(|f| f.name.value == name);
    flag.is_some_and(|flag| {
        let value = flag.value.as_ref().map(|value| value.value.as_str());
        !matches!(value, Some("false" | "False" | "FALSE" | "f" | "F" | "0"))
    })
}

/// What a `RUN` removes for certain: nothing that it starts afterwards could bring it back.
fn removed(step: model::Step<'_>, run: &Run) -> Vec<String> {
    let effects = step.effects();
    // Programs that nobody knows may have run before: only what comes after them is certain.
    let removers = step.invocations().iter().rev();
    let tail = removers
        .take_while(|invocation| ["rm", "rmdir", "unlink"].contains(&invocation.program.as_str()))
        .map(|invocation| invocation.span.start)
        .min();
    let is_script = run
        .heredocs
        .iter()
        .any(|h| h.content.value.starts_with("#!"));
    let is_certain = |span: Span| {
        !effects.unknown || !is_script && tail.is_some_and(|start| span.start >= start)
    };
    let mut paths: Vec<String> = effects
        .removed
        .iter()
        .filter(|removed| is_certain(removed.span))
        .map(|removed| removed.path.clone())
        .filter(|path| {
            let below = |created: &str| {
                let rest = created.strip_prefix(path.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let above = |tree: &str| {
                let rest = path.strip_prefix(tree);
                rest.is_some_and(|rest| rest.starts_with('/'))
            };
            !effects
                .created
                .iter()
                .any(|created| below(&created.path) || created.is_tree && above(&created.path))
        })
        .collect();
    paths.sort();
    paths.dedup();
    paths
}
