//! Whether manifest and Dockerfiles fit together: nothing names what is not there, nothing asks for what nobody gives.

use std::collections::BTreeSet;

use super::discovery::quoted;
use super::image_name::ImageName;
use super::model::{ImageDefinition, Project};
use super::reading::{self, Arguments};
use super::suggestion::nearest;
use crate::dockerfile::Dockerfile;
use crate::error::Error;
use crate::source::{Location, Span};

pub(super) fn check(project: &Project) -> Vec<Error> {
    let mut errors = strangers(project);
    errors.extend(needs(project));
    errors
}

/// Keys of the manifest that name images or arguments there are none of.
fn strangers(project: &Project) -> Vec<Error> {
    let manifest = &project.manifest;
    let images: Vec<&str> = project
        .images
        .iter()
        .map(|image| image.name.as_str())
        .collect();
    let services: Vec<&str> = project
        .services()
        .map(|image| image.name.as_str())
        .collect();
    let mut errors = Vec::new();
    let mut check = |what: &str, name: &str, known: &[&str], location: Location| {
        if known.contains(&name) {
            return;
        }
        let error = Error::usage(format!("there is no {what} `{name}`")).at(location);
        errors.push(match nearest(name, known.iter().copied()) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!("there are {}", quoted(known))),
        });
    };
    for name in manifest.overrides.services.keys() {
        check(
            "service",
            name,
            &services,
            manifest.key_location(&["overrides", "services", name]),
        );
    }
    for name in manifest.deploy.services.keys() {
        check(
            "service",
            name,
            &services,
            manifest.key_location(&["deploy", "services", name]),
        );
    }
    for name in manifest.budget.images.keys() {
        check(
            "image",
            name,
            &images,
            manifest.key_location(&["budget", "images", name]),
        );
    }
    for (index, exception) in manifest.budget.exceptions.iter().enumerate() {
        let path = ["budget", "exceptions", &index.to_string(), "image"];
        check(
            "image",
            &exception.image,
            &images,
            manifest.value_location(&path),
        );
    }
    let declared: BTreeSet<&str> = project
        .images
        .iter()
        .flat_map(|image| declared_arguments(&image.dockerfile))
        .collect();
    for name in manifest.build.args.keys() {
        if !declared.contains(name.as_str()) {
            let declared: Vec<&str> = declared.iter().copied().collect();
            let mut error = Error::usage(format!(
                "no Dockerfile declares the build argument `{name}`"
            ))
            .at(manifest.key_location(&["build", "args", name]));
            error = match nearest(name, declared.iter().copied()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!(
                    "remove it, or declare it with `ARG {name}` where it is used"
                )),
            };
            errors.push(error);
        }
    }
    errors
}

fn declared_arguments(file: &Dockerfile) -> impl Iterator<Item = &str> {
    let staged = file
        .stages
        .iter()
        .flat_map(|stage| &stage.instructions)
        .filter_map(|i| match &i.kind {
            crate::dockerfile::InstructionKind::Arg(declared) => Some(declared),
            _ => None,
        });
    std::iter::once(&file.global_args)
        .chain(staged)
        .flatten()
        .map(|arg| arg.name.value.as_str())
}

/// What Dockerfiles ask for that nothing gives: secrets, bases, stages of bases.
fn needs(project: &Project) -> Vec<Error> {
    let mut errors = Vec::new();
    let arguments = project.arguments(&Arguments::new());
    for image in &project.images {
        errors.extend(reading::problems(&image.dockerfile, &arguments));
        let mut seen = BTreeSet::new();
        let (references, secrets) = reading::needs(&image.dockerfile, &arguments);
        for secret in secrets {
            if !project.manifest.secrets.contains_key(&secret.value)
                && seen.insert((Some(secret.span), secret.value.clone()))
            {
                errors.push(undeclared_secret(
                    project,
                    image,
                    &secret.value,
                    secret.span,
                ));
            }
        }
        for reference in references {
            if let Some(error) = misspelled_stage(project, &reference.name)
                && seen.insert((Some(reference.span), reference.name.clone()))
            {
                errors.push(error.at(image.location(reference.span)));
            }
        }
    }
    errors
}

fn undeclared_secret(project: &Project, image: &ImageDefinition, id: &str, span: Span) -> Error {
    let known = project.manifest.secrets.keys().map(String::as_str);
    let error = Error::usage(format!(
        "the manifest does not say where the secret `{id}` comes from"
    ))
    .at(image.location(span));
    match nearest(id, known) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!(
            "add to {}: [secrets.{id}] with `file_env` or `env`",
            project.manifest.path()
        )),
    }
}

/// `…/jts-base-biulder` would silently be looked for in the registry.
fn misspelled_stage(project: &Project, name: &str) -> Option<Error> {
    let reference = ImageName::parse(name).filter(|name| name.digest.is_none())?;
    if project.own_image(name).is_some() {
        return None;
    }
    let base = project.bases().find_map(|base| {
        let own = ImageName::parse(&project.image_name(&base.name))?;
        let stage = reference.path.strip_prefix(&own.path)?.strip_prefix('-')?;
        (own.domain == reference.domain).then_some((base, stage.to_owned()))
    });
    let (base, stage) = base?;
    let names: Vec<&str> = base
        .dockerfile
        .stages
        .iter()
        .filter_map(|s| Some(s.name.as_ref()?.value.as_str()))
        .collect();
    Some(
        Error::usage(format!("the base `{}` has no stage `{stage}`", base.name))
            .because(format!("{}'s stages are {}", base.path(), quoted(&names)))
            .help("for an image of that name from elsewhere, give its digest"),
    )
}
