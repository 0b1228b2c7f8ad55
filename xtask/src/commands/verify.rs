//! `docker-verify`: holds images to the policy of the manifest.

mod arguments;
mod bases;
mod output;

pub use arguments::Arguments;

use std::collections::BTreeMap;

use self::output::Verified;
use super::audit::{Event, Recorder};
use super::trust::{self, Session};
use crate::audit::{Action, Check, Image, Outcome};
use crate::cli::Common;
use crate::cosign::Subject;
use crate::engine::Means;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::project::manifest::{BaseImages, RequiredAttestation};
use crate::project::{ImageName, Project, root};
use crate::report::{self, Format};
use crate::trust::{Policy, Signer, Standing, Verdict, findings};

/// Carries it out.
///
/// # Errors
/// What could not be verified; the others are. An image that is not trusted is no error: the exit code says so.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let root = root::find(&environment.current_dir, common.manifest.as_deref())?;
    let project = Project::load(&root)?;
    let note = |line: &str| common.note(environment, line);
    let means = Means {
        runner: environment.runner.as_ref(),
        interrupt: &environment.interrupt,
        note: &note,
    };
    let policy = policy(arguments, &project, environment);
    let subjects = subjects(arguments, &project, environment)?;
    let session = Session::open(&project, environment, means, arguments.engine)?;
    let recorder = Recorder::open(&project, environment)?;
    let verifier = session.verifier();
    let mut looked = Vec::new();
    let mut errors = Vec::new();
    let mut events = Vec::new();
    for subject in subjects {
        means.interrupt.check()?;
        let (name, reference) = match &subject {
            Ok(subject) => (subject.name.clone(), subject.reference.clone()),
            Err(_) => (String::new(), String::new()),
        };
        match subject.and_then(|subject| verifier.verify(&subject, &policy)) {
            Ok(verdict) => {
                events.push(event(&verdict));
                looked.push(Verified::told(verdict));
            }
            Err(error) if error.exit() == Exit::Interrupted => return Err(error),
            Err(error) => {
                if !reference.is_empty() {
                    events.push(unknown(&name, &reference, &error));
                    looked.push(Verified::unknown(name, reference, &error));
                }
                errors.push(error);
            }
        }
    }
    let setting = project.manifest.trust.base_images;
    if setting != BaseImages::Ignore && arguments.tells_of_project(&project) {
        let bases = bases::verify(&session, &policy, arguments)?;
        for base in bases {
            match (base, setting) {
                (Ok(verdict), BaseImages::Require) => looked.push(Verified::told(verdict)),
                (Ok(verdict), _) => looked.push(Verified::base(verdict)),
                (Err((reference, error)), BaseImages::Require) => {
                    looked.push(Verified::unknown(reference.clone(), reference, &error));
                    errors.push(error);
                }
                (Err((reference, error)), _) => {
                    note(&format!(
                        "whether {reference} is signed is not known: {error}"
                    ));
                }
            }
        }
    }
    recorder.note(events, common)?;
    print(&looked, &project, arguments, common, environment)?;
    Error::all(errors)?;
    let refused = looked.iter().any(Verified::is_refused);
    Ok(if refused { Exit::Findings } else { Exit::Clean })
}

/// The manifest's, with what the command line adds.
fn policy(arguments: &Arguments, project: &Project, environment: &Environment) -> Policy {
    let mut policy = Policy::of(&project.manifest.trust);
    if !arguments.keys.is_empty() {
        let key = |key: &String| {
            Signer::Key(if key.contains("://") {
                key.clone()
            } else {
                environment.current_dir.join(key).into_string()
            })
        };
        policy.signers = arguments.keys.iter().map(key).collect();
    }
    for one in &arguments.annotations {
        policy
            .annotations
            .insert(one.key.clone(), one.value.clone());
    }
    for kind in &arguments.attested {
        let kind = kind.clone().into();
        if !policy
            .attestations
            .iter()
            .any(|required| required.kind == kind)
        {
            policy.attestations.push(RequiredAttestation {
                kind,
                max_age: None,
                verdict: None,
            });
        }
    }
    policy
}

/// What is to be verified; one that is not known does not keep the others from it.
fn subjects(
    arguments: &Arguments,
    project: &Project,
    environment: &Environment,
) -> Result<Vec<Result<Subject>>> {
    let file = match &arguments.metadata {
        Some(file) => environment.current_dir.join(file),
        None => trust::metadata_file(project),
    };
    let mut named: Vec<(bool, &str)> = Vec::new();
    for image in &arguments.images {
        named.push((trust::of_project(project, image)?, image));
    }
    let tagged = |image: &str, tag: &str| Subject {
        name: image.to_owned(),
        reference: format!("{}:{tag}", project.image_name(image)),
        built: None,
    };
    if let Some(tag) = arguments.tag.as_ref().filter(|_| named.is_empty()) {
        let all = project
            .images
            .iter()
            .map(|image| Ok(tagged(&image.name, tag)));
        return Ok(all.collect());
    }
    let needs_build = arguments.tag.is_none()
        && (named.is_empty() || named.iter().any(|(of_project, _)| *of_project));
    let built = if needs_build {
        trust::built(project, &file)?
    } else {
        BTreeMap::new()
    };
    let of_built = |built: &trust::Built| -> Result<Subject> {
        built.pinned.clone()?;
        Ok(Subject {
            name: built.name.clone(),
            reference: built.tagged.clone(),
            built: built.digest.clone(),
        })
    };
    if named.is_empty() {
        if built.is_empty() {
            return Err(
                Error::usage(format!("{file} tells of no image of this project")).help(
                    "build and push first: `cargo xtask docker-build --push`, or name images",
                ),
            );
        }
        return Ok(built.values().map(of_built).collect());
    }
    let subject = |(of_project, image): (bool, &str)| {
        if of_project {
            if let Some(tag) = &arguments.tag {
                return Ok(tagged(image, tag));
            }
            let built = built.get(image).ok_or_else(|| {
                Error::usage(format!("{file} does not tell of `{image}`")).help(
                    "build it: `cargo xtask docker-build --push`, or say which one with `--tag`",
                )
            })?;
            return of_built(built);
        }
        let name = ImageName::parse(image)
            .ok_or_else(|| Error::usage(format!("`{image}` is no name of an image")))?;
        Ok(Subject {
            name: trust::image_name(project, &name),
            reference: image.to_owned(),
            built: None,
        })
    };
    Ok(named.into_iter().map(subject).collect())
}

fn print(
    looked: &[Verified],
    project: &Project,
    arguments: &Arguments,
    common: &Common,
    environment: &Environment,
) -> Result<()> {
    let color = common.color.stdout(environment);
    let findings: Vec<_> = looked
        .iter()
        .filter_map(|one| one.verdict())
        .flat_map(|verdict| {
            let image = project.image(&verdict.name);
            findings(verdict, image.map(|image| image.path().as_str()))
        })
        .collect();
    match arguments.format {
        Format::Terminal => {
            environment.print(&output::table(looked))?;
            environment.print(&report::render(&findings, Format::Terminal, color))
        }
        Format::Json => environment.print(&output::json(looked)?),
        Format::Markdown => {
            environment.print(&output::markdown(looked))?;
            environment.print(&report::render(&findings, Format::Markdown, color))
        }
        format => environment.print(&report::render(&findings, format, color)),
    }
}

fn event(verdict: &Verdict) -> Event {
    let detail: Vec<&str> = verdict
        .problems
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    Event {
        action: Action::Verify,
        image: Some(Image {
            name: Some(verdict.name.clone()),
            reference: Some(verdict.reference.clone()),
            digest: Some(verdict.digest.clone()),
            platform: None,
        }),
        verdicts: vec![Check {
            check: "trust".to_owned(),
            outcome: match verdict.standing() {
                Standing::Trusted => Outcome::Pass,
                Standing::Refused => Outcome::Fail,
            },
            detail: (!detail.is_empty()).then(|| detail.join("; ")),
        }],
        details: BTreeMap::from([("signers".to_owned(), verdict.signers.join(", "))]),
    }
}

fn unknown(name: &str, reference: &str, error: &Error) -> Event {
    Event {
        action: Action::Verify,
        image: Some(Image {
            name: Some(name.to_owned()),
            reference: Some(reference.to_owned()),
            ..Image::default()
        }),
        verdicts: vec![Check {
            check: "trust".to_owned(),
            outcome: Outcome::Unknown,
            detail: Some(error.message().to_owned()),
        }],
        details: BTreeMap::new(),
    }
}
