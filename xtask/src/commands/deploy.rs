//! `docker-deploy`: Kubernetes manifests, written from what is known of the images and held to it.

mod arguments;
mod builds;
mod generated;
mod output;
mod sources;

pub use arguments::Arguments;

use std::collections::HashMap;

use camino::Utf8PathBuf;

use super::timings::Timings;
use crate::cli::Common;
use crate::deploy::{Subject, check};
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::finding::{Finding, Severity};
use crate::lint::configuration::{Configuration, Level};
use crate::parallel;
use crate::project::manifest::DeployEnvironment;
use crate::project::{Project, root};

use output::{Judged, Report};

/// Carries it out.
///
/// # Errors
/// What stopped it. Findings are no error: the exit code says that there are some.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let timings = Timings::start(common, environment);
    let root = root::find(&environment.current_dir, common.manifest.as_deref())?;
    let project = Project::load(&root)?;
    let facts = sources::facts(&project)?;
    timings.lap("read the manifest, the Dockerfiles and the compose file");
    let chosen = chosen(arguments, &project)?;
    let builds = match &arguments.images {
        Some(file) => Some(builds::read(
            &project,
            &facts,
            file,
            arguments,
            environment,
        )?),
        None => None,
    };
    let files = generated::files(&project, &facts, &chosen, builds.as_ref());
    let mut written = Vec::new();
    if arguments.write {
        if let Some(builds) = &builds
            && !builds::are_trusted(&project, builds, common, environment)?
        {
            return Ok(Exit::Findings);
        }
        written = generated::write(&project, &files)?;
        timings.lap("wrote the generated files");
    }
    let mut found = generated::findings(&project, &files)?;
    let judge = |one: &DeployEnvironment| {
        environment.interrupt.check()?;
        let (objects, place) = match &arguments.rendered {
            Some(file) => sources::rendered(file, environment)?,
            None => sources::objects(&project, one)?,
        };
        let findings = check(&Subject {
            facts: &facts,
            objects: &objects,
            environment: &one.name,
            place: &place,
            digests: one.digests,
            built: builds.as_ref(),
            without: &arguments.without,
        });
        let judged = Judged {
            name: one.name.clone(),
            path: one.path.to_string(),
            objects: objects.len(),
        };
        Ok((findings, judged))
    };
    let mut judged = Vec::new();
    for one in parallel::map(parallel::threads(), chosen.iter().collect(), judge) {
        let (findings, environment) = one?;
        found.extend(findings);
        judged.push(environment);
    }
    timings.lap("judged the environments");
    let findings = settled(found, &project)?;
    let report = Report {
        findings: &findings,
        judged: &judged,
        written: &written,
        generated: files.len(),
    };
    output::print(&report, arguments, common, environment)?;
    let configuration = configuration(&project)?;
    let fails = |finding: &Finding| {
        configuration
            .fail_on
            .is_some_and(|least| finding.severity >= least)
    };
    Ok(if findings.iter().any(fails) {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// What is wrong with the generated files and the environments, without any build; nothing where nothing is deployed.
/// Notes are about which build is meant, which nobody can tell here.
///
/// # Errors
/// Something cannot be read.
pub(super) fn drift(project: &Project) -> Result<Vec<Finding>> {
    let deploy = &project.manifest.deploy;
    if deploy.environments.is_empty() && deploy.base.is_none() && deploy.falco.is_none() {
        return Ok(Vec::new());
    }
    let facts = sources::facts(project)?;
    let files = generated::files(project, &facts, &deploy.environments, None);
    let mut found = generated::findings(project, &files)?;
    let environments = deploy.environments.iter().collect();
    let judged = parallel::map(
        parallel::threads(),
        environments,
        |one: &DeployEnvironment| {
            let (objects, place) = sources::objects(project, one)?;
            Ok(check(&Subject {
                facts: &facts,
                objects: &objects,
                environment: &one.name,
                place: &place,
                digests: one.digests,
                built: None,
                without: &[],
            }))
        },
    );
    for one in judged {
        found.extend(one?);
    }
    let mut findings = settled(found, project)?;
    findings.retain(|finding| finding.severity > Severity::Note);
    Ok(findings)
}

/// Writes the generated files that are not up to date; their paths.
///
/// # Errors
/// As [`drift`], and that a file cannot be written.
pub(super) fn renew(project: &Project) -> Result<Vec<Utf8PathBuf>> {
    let deploy = &project.manifest.deploy;
    if deploy.base.is_none() && deploy.falco.is_none() {
        return Ok(Vec::new());
    }
    let facts = sources::facts(project)?;
    let files = generated::files(project, &facts, &deploy.environments, None);
    generated::write(project, &files)
}

/// The environments that are meant.
fn chosen(arguments: &Arguments, project: &Project) -> Result<Vec<DeployEnvironment>> {
    let deploy = &project.manifest.deploy;
    if deploy.environments.is_empty() && deploy.base.is_none() && deploy.falco.is_none() {
        return Err(Error::usage(format!(
            "{} says nothing of how images are put to work",
            project.manifest.path()
        ))
        .help("name the kustomizations to judge in `[[deploy.environments]]`, and the folder to generate in `deploy.base`"));
    }
    let names: Vec<&str> = deploy
        .environments
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    let mut chosen = Vec::new();
    for name in &arguments.environments {
        let one = deploy.environments.iter().find(|it| it.name == *name);
        chosen.push(one.cloned().ok_or_else(|| {
            let error = Error::usage(format!("there is no environment `{name}`"));
            match crate::project::suggestion::nearest(name, names.iter().copied()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!("there are {}", names.join(", "))),
            }
        })?);
    }
    for name in &arguments.without {
        if project.services().all(|service| service.name != *name) {
            return Err(Error::usage(format!("there is no service `{name}`")));
        }
    }
    if arguments.rendered.is_some() && chosen.len() != 1 {
        return Err(Error::usage("which environment is it that was rendered?")
            .help("name one: `docker-deploy production --rendered FILE`"));
    }
    Ok(if chosen.is_empty() {
        deploy.environments.clone()
    } else {
        chosen
    })
}

fn configuration(project: &Project) -> Result<Configuration> {
    let mut configuration = Configuration::default();
    let services = project
        .images
        .iter()
        .map(|image| (image.name.clone(), image.path().to_owned()))
        .collect();
    configuration.apply_manifest(&project.manifest, &services)?;
    Ok(configuration)
}

/// By the levels of `[lint]`, and what several environments have in common once.
fn settled(found: Vec<Finding>, project: &Project) -> Result<Vec<Finding>> {
    let configuration = configuration(project)?;
    let defaults = Configuration::default();
    let mut findings: Vec<Finding> = Vec::new();
    // By what a finding says, those that say it.
    let mut said: HashMap<(String, String), Vec<usize>> = HashMap::new();
    for mut finding in found {
        let path = finding.path().map(ToOwned::to_owned).unwrap_or_default();
        let level = configuration.for_file(&path).level(&finding.code);
        let is_said = level != defaults.levels.of(&finding.code);
        match level {
            Level::Off => continue,
            Level::On(severity) if is_said => finding.severity = severity,
            Level::On(_) => {}
        }
        let environment = finding.details_mut().properties.remove("environment");
        let what = (finding.code.to_string(), finding.message.clone());
        let alike = said.entry(what).or_default();
        let same = |at: &&usize| findings[**at].location == finding.location;
        if let Some(other) = alike.iter().find(same) {
            let other = &mut findings[*other];
            if let Some(serde_json::Value::Array(names)) =
                other.details_mut().properties.get_mut("environments")
                && let Some(name) = environment
                && !names.contains(&name)
            {
                names.push(name);
            }
            continue;
        }
        alike.push(findings.len());
        findings.push(match environment {
            Some(name) => finding.property("environments", vec![name]),
            None => finding,
        });
    }
    Ok(findings)
}
