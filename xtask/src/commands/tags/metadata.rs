//! From the manifest, the plan and what happened to tags, labels and annotations of every target.

use std::collections::BTreeSet;

use super::arguments::Arguments;
use super::gathering::gather;
use crate::bake::{Plan, Target, TargetKind};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::project::suggestion::nearest;
use crate::tags::{
    AnnotationLevels, Flavor, Generated, ImageNames, Line, NamedTarget, Occasion, Pairs, Parts,
    bake_file, generate, image_names, labels, lines, parse_rules,
};

/// What all targets are called and say.
pub(in crate::commands) struct Metadata {
    pub(super) occasion: Occasion,
    pub(super) targets: Vec<Named>,
    /// What is to be told besides.
    pub(in crate::commands) notes: Vec<String>,
}

/// A target with what was made for it.
pub(super) struct Named {
    pub(super) image: String,
    pub(super) kind: TargetKind,
    pub(super) generated: Generated,
    pub(super) metadata: NamedTarget,
}

impl Metadata {
    /// Makes it.
    ///
    /// # Errors
    /// A rule that means nothing or cannot be carried out, an unknown image, or nobody knows what happened.
    pub(super) fn of(
        arguments: &Arguments,
        project: &Project,
        plan: &Plan,
        environment: &Environment,
    ) -> Result<Self> {
        let lists = Lists::read(arguments, project);
        let rules = parse_rules(&lists.rules)?;
        let flavor = Flavor::parse(&lists.flavor)?;
        let levels = AnnotationLevels::of(&environment.variables)?;
        let names = names(&lists.names, project)?;
        let targets = chosen(arguments, project, plan)?;
        let default_branch = project.manifest.tags.default_branch.as_deref();
        let (occasion, repository) = gather(arguments, &project.root, default_branch, environment)?;
        let repositories: BTreeSet<&str> = targets
            .iter()
            .filter(|target| target.kind == TargetKind::Production)
            .map(|target| target.repository.as_str())
            .collect();
        let is_alone = repositories.len() == 1;
        let mut notes = BTreeSet::new();
        let mut all = Vec::new();
        for target in targets {
            if is_alone && target.kind != TargetKind::Production && !names.tell_apart() {
                continue;
            }
            let image = target.image.as_str();
            let generated = generate(&rules, &flavor, &occasion, image)?;
            notes.extend(generated.notes.iter().cloned());
            let of_labels = |custom: &[Line]| {
                let version = generated.version.as_deref();
                labels(
                    &target.labels,
                    custom,
                    &repository,
                    &occasion,
                    image,
                    version,
                )
            };
            let annotations = levels.annotations(&of_labels(&lists.annotations)?);
            let mut references = Vec::new();
            for name in names.of(&target.repository, is_alone)? {
                references.extend(
                    generated
                        .tags
                        .iter()
                        .map(|tag| format!("{name}:{}", tag.name)),
                );
            }
            let arguments = match &generated.version {
                Some(version) if target.arguments.contains_key("VERSION") => {
                    Pairs::from([("VERSION".to_owned(), version.clone())])
                }
                _ => Pairs::new(),
            };
            all.push(Named {
                image: image.to_owned(),
                kind: target.kind,
                metadata: NamedTarget {
                    target: target.name.clone(),
                    references,
                    labels: of_labels(&lists.labels)?,
                    annotations,
                    arguments,
                },
                generated,
            });
        }
        let mut notes: Vec<String> = notes.into_iter().collect();
        let nameless: BTreeSet<&str> = all
            .iter()
            .filter(|named| named.generated.tags.is_empty())
            .map(|named| named.image.as_str())
            .collect();
        if !nameless.is_empty() {
            let nameless: Vec<&str> = nameless.into_iter().collect();
            notes.push(format!(
                "no rule gives a tag to {} (event `{}`, ref `{}`)",
                nameless.join(", "),
                occasion.event,
                occasion.reference
            ));
        }
        Ok(Self {
            occasion,
            targets: all,
            notes,
        })
    }

    /// The bake file that lies over the generated one.
    pub(in crate::commands) fn bake_file(&self, parts: Parts) -> String {
        let targets: Vec<NamedTarget> = self
            .targets
            .iter()
            .map(|named| named.metadata.clone())
            .collect();
        bake_file(&targets, parts)
    }

    /// The version of all images, if it is one.
    pub(in crate::commands) fn version(&self) -> Option<&str> {
        let mut versions = self
            .targets
            .iter()
            .filter_map(|named| named.generated.version.as_deref());
        let first = versions.next()?;
        versions.all(|version| version == first).then_some(first)
    }

    /// The images that no rule gives a tag.
    pub(in crate::commands) fn nameless(&self, targets: &[&Target]) -> Vec<&str> {
        let is_meant = |named: &&Named| {
            named.generated.tags.is_empty()
                && targets
                    .iter()
                    .any(|target| target.name == named.metadata.target)
        };
        self.targets
            .iter()
            .filter(is_meant)
            .map(|named| named.image.as_str())
            .collect()
    }
}

/// What `docker-build` builds with: the manifest's rules for every target.
///
/// # Errors
/// As [`Metadata::of`].
pub(in crate::commands) fn of_build(
    project: &Project,
    plan: &Plan,
    environment: &Environment,
) -> Result<Metadata> {
    Metadata::of(&Arguments::default(), project, plan, environment)
}

/// The lists of the command line, else of the manifest.
struct Lists {
    rules: Vec<Line>,
    flavor: Vec<Line>,
    labels: Vec<Line>,
    annotations: Vec<Line>,
    names: Vec<Line>,
}

impl Lists {
    fn read(arguments: &Arguments, project: &Project) -> Self {
        let tags = &project.manifest.tags;
        let list = |name: &'static str, key: &str, given: &Option<String>, written: &[String]| {
            if let Some(text) = given {
                return lines(name, text);
            }
            let places = written.iter().enumerate().map(|(index, text)| Line {
                list: name,
                number: index + 1,
                text: text.trim().to_owned(),
                place: Some(
                    project
                        .manifest
                        .value_location(&["tags", key, &index.to_string()]),
                ),
            });
            places.collect()
        };
        Self {
            rules: list("tags", "rules", &arguments.tags, &tags.rules),
            flavor: list("flavor", "flavor", &arguments.flavor, &tags.flavor),
            labels: list("labels", "labels", &arguments.labels, &tags.labels),
            annotations: list(
                "annotations",
                "annotations",
                &arguments.annotations,
                &tags.annotations,
            ),
            names: arguments
                .names
                .as_deref()
                .map_or_else(Vec::new, |text| lines("images", text)),
        }
    }
}

/// The names on the command line, else the one that the manifest has.
fn names(list: &[Line], project: &Project) -> Result<ImageNames> {
    let names = image_names(list)?;
    if !names.is_empty() || !list.is_empty() {
        return Ok(names);
    }
    let registry = &project.manifest.registry;
    let parts = [
        registry.host.as_str(),
        registry.namespace.as_str(),
        "{name}",
    ];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    image_names(&lines("images", &parts.join("/")))
}

/// The targets of the images that are named.
fn chosen<'p>(arguments: &Arguments, project: &Project, plan: &'p Plan) -> Result<Vec<&'p Target>> {
    for image in &arguments.images {
        if project.image(image).is_none() {
            let names = || project.images.iter().map(|image| image.name.as_str());
            let error = Error::usage(format!("there is no image `{image}`"));
            return Err(match nearest(image, names()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!(
                    "there are: {}",
                    names().collect::<Vec<_>>().join(", ")
                )),
            });
        }
    }
    let is_chosen =
        |target: &&Target| arguments.images.is_empty() || arguments.images.contains(&target.image);
    Ok(plan.targets.iter().filter(is_chosen).collect())
}
