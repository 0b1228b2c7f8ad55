//! The targets: every image, and every stage of an image that another one is built from.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{Argument, PlanOptions, Platforms, Target, TargetKind};
use crate::error::{Error, Result};
use crate::project::manifest::is_name;
use crate::project::reading::{Arguments, On, root_image};
use crate::project::volatile::COMMIT_ARGUMENTS;
use crate::project::{ImageDefinition, ImageName, Project};

/// A stage of an image, by the image's place in the project.
type Spot = (usize, usize);

pub(super) fn plan(project: &Project, options: &PlanOptions) -> Result<Vec<Target>> {
    let mut planner = Planner {
        project,
        arguments: project.arguments(&options.arguments),
        targets: BTreeMap::new(),
        errors: Vec::new(),
    };
    planner.unknown_arguments(options);
    for (index, image) in project.images.iter().enumerate() {
        planner.add((index, image.production));
        if let Some(stage) = image.development
            && image.role == crate::project::Role::Service
        {
            planner.add((index, stage));
        }
    }
    planner.spread_platforms();
    planner.names_collide();
    planner.circles();
    Error::all(planner.errors)?;
    Ok(ordered(project, planner.targets))
}

/// Bases with their linked stages, then services: production, development, linked.
fn ordered(project: &Project, targets: BTreeMap<Spot, Planned>) -> Vec<Target> {
    let mut targets: Vec<(Spot, Target)> = targets
        .into_iter()
        .map(|(spot, planned)| (spot, planned.target))
        .collect();
    targets.sort_by_key(|((image, stage), target)| {
        let role = project.images.get(*image).map(|i| i.role);
        (role, *image, target.kind, *stage)
    });
    targets.into_iter().map(|(_, target)| target).collect()
}

struct Planned {
    target: Target,
    /// What it is linked to, and for which platform.
    links: Vec<(Spot, On)>,
}

struct Planner<'a> {
    project: &'a Project,
    arguments: Arguments,
    targets: BTreeMap<Spot, Planned>,
    errors: Vec<Error>,
}

impl Planner<'_> {
    fn unknown_arguments(&mut self, options: &PlanOptions) {
        if options.arguments.is_empty() {
            return;
        }
        let known: BTreeSet<String> = self
            .project
            .images
            .iter()
            .flat_map(|image| {
                (0..image.dockerfile.stages.len())
                    .flat_map(|stage| image.reach(stage, &self.arguments).arguments)
            })
            .collect();
        for name in options
            .arguments
            .keys()
            .filter(|name| !known.contains(*name))
        {
            let error = Error::usage(format!(
                "no Dockerfile declares the build argument `{name}`"
            ));
            let near = crate::project::suggestion::nearest(name, known.iter().map(String::as_str));
            self.errors.push(match near {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error,
            });
        }
    }

    /// Plans a stage and, through its links, every stage it is built from.
    fn add(&mut self, spot: Spot) {
        let mut open = vec![spot];
        while let Some(spot) = open.pop() {
            if self.targets.contains_key(&spot) {
                continue;
            }
            let Some(image) = self.project.images.get(spot.0) else {
                continue;
            };
            let planned = self.planned(image, spot);
            open.extend(planned.links.iter().map(|(spot, _)| *spot));
            self.targets.insert(spot, planned);
        }
    }

    fn planned(&mut self, image: &ImageDefinition, (index, stage): Spot) -> Planned {
        let reach = image.reach(stage, &self.arguments);
        let mut contexts = BTreeMap::new();
        let mut external_images = BTreeSet::new();
        let mut links = Vec::new();
        // BuildKit replaces a stage of the same name, so that every target has to have all of them.
        let folders = &self.project.manifest.build.contexts;
        for reference in &reach.references {
            if folders.contains_key(&reference.name) {
                continue;
            }
            let key = match ImageName::parse(&reference.name) {
                Some(name) => name.context_key(),
                // It depends on the platform; nothing can be linked or replaced by a fixed name.
                None => continue,
            };
            let Some((linked, linked_stage)) = self.project.own_place(&reference.name) else {
                external_images.insert(key);
                continue;
            };
            if reference.on == On::Fixed {
                self.errors.push(
                    Error::usage(format!(
                        "`{}` is built here and cannot be asked for by a fixed platform",
                        reference.name
                    ))
                    .help("use `--platform=$BUILDPLATFORM`, or no platform for that of the image")
                    .at(image.location(reference.span)),
                );
            }
            let shadowed = image
                .dockerfile
                .stages
                .iter()
                .any(|stage| stage.is_named(&key));
            if shadowed {
                self.errors.push(
                    Error::usage(format!(
                        "the stage `{key}` has the name of an image that is built here"
                    ))
                    .because("BuildKit would replace the stage by the image")
                    .help("rename the stage")
                    .at(image.location(reference.span)),
                );
            }
            contexts.insert(key, self.target_name((linked, linked_stage)));
            links.push(((linked, linked_stage), reference.on));
        }
        let name = self.target_name((index, stage));
        if !is_name(&name) {
            let span = image.dockerfile.stages.get(stage).map(|s| s.span);
            self.errors.push(
                Error::usage(format!("\"{name}\" cannot be the name of a bake target"))
                    .help("bake's names are made of letters, digits, `_` and `-`: rename the stage")
                    .at(image.location(span.unwrap_or_default())),
            );
        }
        let kind = self.kind((index, stage));
        let target = Target {
            name,
            image: image.name.clone(),
            role: image.role,
            kind,
            stage: written_stage(image, stage),
            dockerfile: image.path().to_string(),
            context: self.project.manifest.build.context.to_string(),
            repository: self.repository(image, stage),
            contexts,
            folders: folders
                .iter()
                .map(|(name, folder)| (name.clone(), folder.to_string()))
                .collect(),
            platforms: Platforms {
                target: kind != TargetKind::Linked,
                build: false,
            },
            arguments: self.target_arguments(&reach.arguments),
            secrets: reach
                .secrets
                .iter()
                .map(|secret| secret.value.clone())
                .collect(),
            labels: self.labels(image, stage),
            variable_labels: self.variable_labels(),
            external_images,
        };
        Planned { target, links }
    }

    fn kind(&self, (index, stage): Spot) -> TargetKind {
        match self.project.images.get(index) {
            Some(image) if image.production == stage => TargetKind::Production,
            Some(image)
                if image.development == Some(stage)
                    && image.role == crate::project::Role::Service =>
            {
                TargetKind::Development
            }
            _ => TargetKind::Linked,
        }
    }

    fn target_name(&self, (index, stage): Spot) -> String {
        let Some(image) = self.project.images.get(index) else {
            return String::new();
        };
        match self.kind((index, stage)) {
            TargetKind::Production => image.name.clone(),
            // Whatever the stage is called, so that one name fits all services.
            TargetKind::Development => format!("{}-development", image.name),
            TargetKind::Linked => format!("{}-{}", image.name, image.stage_name(stage)),
        }
    }

    fn repository(&self, image: &ImageDefinition, stage: usize) -> String {
        let repository = self.project.repository(&image.name);
        if stage == image.production {
            repository
        } else {
            format!("{repository}-{}", image.stage_name(stage))
        }
    }

    fn target_arguments(&self, declared: &BTreeSet<String>) -> BTreeMap<String, Argument> {
        let prefix = self.project.variable_prefix();
        let mut arguments = BTreeMap::new();
        for name in declared {
            if self.arguments.contains_key(name) {
                arguments.insert(
                    name.clone(),
                    Argument::Variable(format!("{prefix}_ARG_{name}")),
                );
            } else if COMMIT_ARGUMENTS.contains(&name.as_str()) {
                arguments.insert(name.clone(), Argument::Unless(format!("{prefix}_{name}")));
            }
        }
        arguments
    }

    fn labels(&self, image: &ImageDefinition, stage: usize) -> BTreeMap<String, String> {
        let mut labels = BTreeMap::new();
        labels.insert(oci("title"), self.project.repository(&image.name));
        for (name, template) in &self.project.manifest.labels {
            let full = if name.contains('.') {
                name.clone()
            } else {
                oci(name)
            };
            labels.insert(full, template.replace("{name}", &image.name));
        }
        if let Some(chosen) = self.project.manifest.overrides.services.get(&image.name) {
            for (name, text) in [
                ("title", &chosen.title),
                ("description", &chosen.description),
            ] {
                if let Some(text) = text {
                    labels.insert(oci(name), text.clone());
                }
            }
        }
        let root = root_image(&image.dockerfile, stage, &self.arguments);
        if let Some(name) = root.and_then(|root| ImageName::parse(&root.name)) {
            labels.insert(oci("base.name"), name.to_string());
        }
        labels
    }

    fn variable_labels(&self) -> BTreeMap<String, String> {
        let prefix = self.project.variable_prefix();
        [
            ("revision", "VCS_REF"),
            ("created", "BUILD_DATE"),
            ("version", "VERSION"),
        ]
        .into_iter()
        .map(|(label, variable)| (oci(label), format!("{prefix}_{variable}")))
        .filter(|(label, _)| !self.project.manifest.labels.contains_key(label))
        .collect()
    }

    /// What is linked is built for at least the platforms of every consumer: with fewer, BuildKit would take the
    /// wrong architecture without a word.
    fn spread_platforms(&mut self) {
        loop {
            let mut wanted: Vec<(Spot, Platforms)> = Vec::new();
            for planned in self.targets.values() {
                let consumer = planned.target.platforms;
                for (spot, on) in &planned.links {
                    let needs = match on {
                        On::Build => Platforms {
                            target: false,
                            build: true,
                        },
                        On::Target | On::Fixed => consumer,
                    };
                    wanted.push((*spot, needs));
                }
            }
            let mut changed = false;
            for (spot, needs) in wanted {
                if let Some(planned) = self.targets.get_mut(&spot) {
                    let has = &mut planned.target.platforms;
                    let both = Platforms {
                        target: has.target || needs.target,
                        build: has.build || needs.build,
                    };
                    changed |= *has != both;
                    *has = both;
                }
            }
            if !changed {
                return;
            }
        }
    }

    fn names_collide(&mut self) {
        let mut seen: BTreeMap<&str, &Target> = BTreeMap::new();
        let mut errors = Vec::new();
        for base in self.project.bases() {
            for stage in 0..base.dockerfile.stages.len() {
                let name = self.repository(base, stage);
                let image = (stage != base.production)
                    .then(|| {
                        self.project
                            .images
                            .iter()
                            .find(|i| self.project.repository(&i.name) == name)
                    })
                    .flatten();
                if let Some(image) = image {
                    let span = base.dockerfile.stages[stage].span;
                    errors.push(
                        Error::usage(format!(
                            "the stage `{}` and the image `{}` would both be called {name}",
                            base.stage_name(stage),
                            image.name
                        ))
                        .help(format!(
                            "rename the stage, or the folder of {}",
                            image.path()
                        ))
                        .at(base.location(span)),
                    );
                }
            }
        }
        for planned in self.targets.values() {
            let target = &planned.target;
            if let Some(first) = seen.insert(&target.name, target) {
                errors.push(
                    Error::usage(format!("two targets are called `{}`", target.name))
                        .because(format!(
                            "one is the stage `{}` of {}, the other the stage `{}` of {}",
                            first.stage, first.dockerfile, target.stage, target.dockerfile
                        ))
                        .help("rename one of the services or stages"),
                );
            }
        }
        self.errors.extend(errors);
    }

    /// Bake says only "infinite loop from b to a".
    fn circles(&mut self) {
        let mut open: BTreeSet<Spot> = self.targets.keys().copied().collect();
        loop {
            let done: Vec<Spot> = open
                .iter()
                .filter(|spot| {
                    self.targets.get(*spot).is_none_or(|planned| {
                        planned.links.iter().all(|(link, _)| !open.contains(link))
                    })
                })
                .copied()
                .collect();
            if done.is_empty() {
                break;
            }
            for spot in done {
                open.remove(&spot);
            }
        }
        let names: Vec<String> = open
            .iter()
            .map(|spot| format!("`{}`", self.target_name(*spot)))
            .collect();
        if !names.is_empty() {
            self.errors.push(
                Error::usage("images are built from each other in a circle")
                    .because(names.join(", "))
                    .help("one of them must start from an image from outside"),
            );
        }
    }
}

fn oci(name: &str) -> String {
    format!("org.opencontainers.image.{name}")
}

fn written_stage(image: &ImageDefinition, stage: usize) -> String {
    let name = image
        .dockerfile
        .stages
        .get(stage)
        .and_then(|stage| stage.name.as_ref());
    name.map(|name| name.value.clone()).unwrap_or_default()
}
