//! What images are made of, read from the Dockerfiles of the manifest and the files that their builds are given.

use camino::Utf8Path;

use crate::context::{
    self, Base, BuildContexts, DiskFolders, Flow, From, Image, Recipe, Stage, StageReference,
    StepKind, flow_across,
};
use crate::image::attribution::one_line;
use crate::image::estimate::{Brings, Foundation, NamedPackage, Plan, Step};
use crate::lint::{DiskFiles, Manager, RequirementKind, StageModel, Surroundings, call, installed};
use crate::parallel;
use crate::project::{ImageDefinition, Project};
use crate::shell::{Connector, Invocation};
use crate::source::Location;

/// The Dockerfiles of the manifest, and what their builds are given.
pub(super) struct Repository<'p> {
    project: &'p Project,
    surroundings: Surroundings,
    pub(super) contexts: BuildContexts,
}

impl<'p> Repository<'p> {
    pub(super) fn gather(project: &'p Project) -> Self {
        let files = project.images.iter().map(|image| image.dockerfile.clone());
        let around = DiskFiles::new(&project.root);
        let surroundings = Surroundings::gather(
            Some(Box::new(around)),
            files.collect::<Vec<_>>(),
            Some(project),
        );
        let paths = surroundings.dockerfiles.keys();
        let places = paths
            .map(|path| (path.clone(), surroundings.context(path).to_owned()))
            .collect();
        let contexts = BuildContexts::gather(
            &DiskFolders::new(&project.root),
            &places,
            surroundings.recipes(),
            parallel::threads(),
        );
        Self {
            project,
            surroundings,
            contexts,
        }
    }

    /// What an image is made of.
    pub(super) fn plan(&self, image: &ImageDefinition) -> Plan {
        let mut plan = Plan {
            name: image.name.clone(),
            file: image.path().to_string(),
            foundation: None,
            steps: Vec::new(),
        };
        let Some(recipe) = self.contexts.recipes.get(image.path()) else {
            return plan;
        };
        let target = Image {
            name: &image.name,
            recipe,
            target: image.production,
        };
        let given = |dockerfile: &Utf8Path, from: &From| self.contexts.given(dockerfile, from);
        let flow = flow_across(&self.contexts.tree, &given, &self.contexts.recipes, &target);
        let chain = self.chain(image);
        if let Some((reference, stage)) = chain.first()
            && let Base::Image(name) = &stage.base
            && name != "scratch"
        {
            plan.foundation = Some(Foundation {
                file: reference.dockerfile.to_string(),
                line: lines(&stage.location).0,
                text: stage.text.clone(),
            });
        }
        let mut below = Vec::new();
        for (reference, stage) in &chain {
            for (index, step) in stage.steps.iter().enumerate() {
                let Some(brings) = self.brings(&flow, reference, index, step) else {
                    continue;
                };
                let (line, end_line) = lines(&step.location);
                plan.steps.push(Step {
                    file: step.location.source.path().to_string(),
                    line,
                    end_line,
                    instruction: one_line(step.location.source.text(), line, end_line),
                    brings,
                    stands_on: below.clone(),
                });
            }
            let own = self.project.images.iter().filter(|image| {
                image.path() == reference.dockerfile && image.production == reference.stage
            });
            below.extend(own.map(|image| image.name.clone()));
        }
        plan
    }

    /// The stages that an image is made of, lowest first.
    fn chain(&self, image: &ImageDefinition) -> Vec<(StageReference, &Stage)> {
        let mut chain: Vec<(StageReference, &Stage)> = Vec::new();
        let mut next = Some(StageReference {
            dockerfile: image.path().to_owned(),
            stage: image.production,
        });
        while let Some(reference) = next.take() {
            let recipe: Option<&Recipe> = self.contexts.recipes.get(&reference.dockerfile);
            let Some(stage) = recipe.and_then(|recipe| recipe.stages.get(reference.stage)) else {
                break;
            };
            if chain.iter().any(|(other, _)| *other == reference) {
                break;
            }
            if let Base::Stage(base) = &stage.base {
                next = Some(base.clone());
            }
            chain.push((reference, stage));
        }
        chain.reverse();
        chain
    }

    /// What a step brings; `None` if it makes no layer.
    fn brings(
        &self,
        flow: &Flow,
        stage: &StageReference,
        index: usize,
        step: &context::Step,
    ) -> Option<Brings> {
        let tree = &self.contexts.tree;
        Some(match &step.kind {
            StepKind::Other => return None,
            StepKind::Workdir(_) => Brings::Folder,
            StepKind::Run { .. } => Brings::Made {
                packages: self.packages(stage, &step.location),
            },
            StepKind::Copy { take, .. } => match &take.from {
                From::Stage(_) | From::Image(_) => Brings::Made {
                    packages: Vec::new(),
                },
                From::Context | From::NamedContext(_) => {
                    let is_unpacked =
                        is_add(&step.text) && flow.adds_file(tree, (stage, index), is_archive_name);
                    let added = flow.added(tree, stage, index);
                    let is_given = self.contexts.given(&stage.dockerfile, &take.from).is_some();
                    // What is not in the context: here-documents and downloads.
                    let is_elsewhere =
                        step.text.contains("<<") || is_add(&step.text) && may_download(&step.text);
                    let added = added.unwrap_or_default();
                    Brings::Files {
                        bytes: if is_unpacked { 0 } else { added.bytes },
                        is_all: is_given
                            && !(is_unpacked
                                || is_elsewhere
                                || added.may_be_more
                                || take.unknown
                                || !tree.problems().is_empty()),
                    }
                }
            },
        })
    }

    /// The packages that a `RUN` installs for certain, and leaves there.
    fn packages(&self, stage: &StageReference, location: &Location) -> Vec<NamedPackage> {
        // What `ONBUILD` adds stands in another file, or in another stage.
        if *location.source.path() != stage.dockerfile {
            return Vec::new();
        }
        let model = self.surroundings.dockerfiles.get(&stage.dockerfile);
        let stages = model.into_iter().flat_map(|model| model.stages());
        let step = stages
            .flat_map(StageModel::steps)
            .find(|step| step.written().span == location.span);
        let Some(step) = step.filter(|step| !step.is_onbuild()) else {
            return Vec::new();
        };
        let invocations = step.invocations();
        if invocations.iter().any(removes_packages) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for invocation in invocations.iter().filter(|it| is_carried_out(it)) {
            let Some(installation) = installed(invocation) else {
                continue;
            };
            let elsewhere = [
                "-p",
                "--root",
                "-d",
                "--download-only",
                "-s",
                "--simulate",
                "--fetch",
            ];
            let manager = match installation.call.manager {
                Manager::Apk => "apk",
                Manager::Apt => "dpkg",
                _ => continue,
            };
            if installation.call.has_option(&elsewhere) {
                continue;
            }
            let named = installation.packages.iter();
            found.extend(
                named
                    .filter(|package| package.kind == RequirementKind::Package)
                    .map(|package| NamedPackage {
                        manager,
                        name: package.name.value.clone().into_owned(),
                    }),
            );
        }
        found
    }
}

/// The first and the last line of a place.
fn lines(location: &Location) -> (usize, usize) {
    let line = |offset: usize| location.source.line_column(offset).line;
    let span = location.span;
    (line(span.start), line(span.end.saturating_sub(1)))
}

fn is_carried_out(invocation: &Invocation) -> bool {
    invocation.depth == 0
        && !invocation.nested
        && matches!(invocation.connector, Connector::Sequence | Connector::And)
}

fn removes_packages(invocation: &Invocation) -> bool {
    let verbs = ["del", "remove", "purge", "autoremove"];
    call(invocation).is_some_and(|call| verbs.iter().any(|verb| call.is(verb)))
}

fn is_add(text: &str) -> bool {
    let mut words = text.split_whitespace();
    words.any(|word| word.eq_ignore_ascii_case("ADD"))
        && !text.to_ascii_uppercase().trim_start().starts_with("COPY")
}

/// Whether a source of an `ADD` is not from the build context, or may be none of it: an address, or a variable.
fn may_download(text: &str) -> bool {
    let mut words = text.split_whitespace();
    words.any(|word| {
        word.contains('$')
            || !word.starts_with("--") && (word.contains("://") || word.contains('@'))
    })
}

/// `ADD` unpacks such files.
fn is_archive_name(name: &str) -> bool {
    let endings = [
        "tar", "tgz", "tbz", "tbz2", "txz", "tzst", "gz", "bz2", "xz", "zst",
    ];
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| endings.iter().any(|one| ending.eq_ignore_ascii_case(one)))
}
