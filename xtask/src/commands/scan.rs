//! `docker-scan`: what is wrong with an image that is built, and who must act.

mod answer;
mod arguments;
mod data;
mod document;
mod known;
mod looked;
mod materials;
mod opinion;
mod output;
mod page;
mod recording;
mod settings;
mod statements;
mod update;
mod weaknesses;

pub use arguments::Arguments;

use camino::Utf8Path;

use answer::Answer;
use data::Lookup;
use known::Known;
use looked::Looked;
use settings::Settings;

use super::images::{LookedAt, exit_of_unread};
use super::lint::tell_errors;
use super::timings::Timings;
use crate::atomic_file;
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Exit, Result};
use crate::finding::Finding;
use crate::lint::baseline::{Baseline, Comparison};
use crate::lint::fingerprint;
use crate::scan::actors::{Workshop, changes};
use crate::scan::case::{Judge, findings};
use crate::scan::exemption::{self, Use};
use crate::scan::scanned::Scanned;
use crate::source::Source;
use crate::timestamp::Timestamp;

/// Carries it out.
///
/// # Errors
/// What stopped it. An image that cannot be read does not: it is told, and the others are looked at.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let timings = Timings::start(common, environment);
    let place = LookedAt::find(&arguments.images, common, environment)?;
    let settings = Settings::read(arguments, &place, common, environment)?;
    let known = Known::read(arguments, &settings, &place, environment)?;
    timings.lap("read the manifest and the record");
    let now = super::audit::now(environment);
    let mut unfetched = Vec::new();
    let lookup = Lookup {
        arguments,
        settings: &settings,
        place: &place,
        today: now.date(),
        timings: &timings,
        common,
        environment,
    };
    let looked = Looked::gather(&place, arguments, common, environment);
    timings.lap("read the images and listed their packages");
    if arguments.data.update_db {
        unfetched = update::carry_out(&lookup, looked.as_ref().ok())?;
        timings.lap("fetched advisories");
    }
    let mut looked = looked?;
    if let Some(kind) = arguments.sbom {
        tell_errors(&looked.errors, common, environment)?;
        return materials::write(kind, &looked, arguments, now, common, environment);
    }
    let data = lookup.look_up(&mut looked)?;
    weaknesses::look(&mut looked.images, &place, now.date());
    timings.lap("looked for weaknesses");
    tell_errors(&looked.errors, common, environment)?;
    tell_errors(&data.errors, common, environment)?;
    let judge = Judge {
        policy: &settings.policy,
        exemptions: &settings.exemptions,
        record: known.now.as_ref(),
        against: known.against.as_ref(),
        workshop: Workshop {
            project: place.project.as_ref(),
            sources: &looked.sources,
        },
        now,
    };
    let cases = judge.cases(&looked.images, &looked.subjects);
    let changes = changes(cases.iter().map(|case| (case.vulnerability, &case.actor)));
    let mut found = findings(&cases, &settings.exemptions, &changes);
    found.extend(statements(&settings, &looked, &place, now));
    found.extend(data.findings(&looked.images, place.project.as_ref()));
    found.extend(
        looked
            .images
            .iter()
            .flat_map(|image| image.hardening.clone()),
    );
    let (mut found, mut kept_back) = weaknesses::settled(found, &settings, &place);
    fingerprint::assign(&mut found, &|path| is_dockerfile(&place, path));
    timings.lap("judged them");
    if let Some(path) = &arguments.write_baseline {
        super::lint::write_baseline(path, &found, common, environment)?;
        return Ok(exit_of_unread(&looked.errors).unwrap_or(Exit::Clean));
    }
    if let Some(path) = &arguments.baseline {
        let comparison = new_ones(found, path, arguments, common, environment)?;
        kept_back += comparison.known;
        found = comparison.new;
    }
    let answer = Answer {
        arguments,
        images: &looked.images,
        cases: &cases,
        changes: &changes,
        exemptions: &settings.exemptions,
        data: &data,
        known: &known,
        configuration: &settings.configuration,
        findings: &found,
        kept_back,
        now,
    };
    tell(&answer, &place, common, environment)?;
    if let Some(project) = &place.project {
        recording::record(&answer, project, common, environment)?;
    }
    timings.lap("wrote the answer");
    Ok(exit(&answer, &looked, &settings, &unfetched))
}

/// Prints the answer and writes the files that were asked for.
fn tell(
    answer: &Answer<'_>,
    place: &LookedAt,
    common: &Common,
    environment: &Environment,
) -> Result<()> {
    let arguments = answer.arguments;
    let text = answer.text(common.color.stdout(environment))?;
    if !(common.quiet && answer.is_for_people() && answer.is_quiet()) {
        environment.print(&text)?;
    }
    let name = place.project.as_ref();
    let name = name.map_or("docker-scan", |project| &project.manifest.project.name);
    let files = [
        (
            &arguments.html,
            page::page as fn(&Answer<'_>, &str) -> String,
        ),
        (&arguments.vex_out, statements::openvex),
    ];
    for (file, text) in files {
        if let Some(file) = file {
            atomic_file::write(&environment.current_dir.join(file), text(answer, name))?;
            common.note(environment, &format!("wrote {file}"));
        }
    }
    if arguments.record {
        let file = known::write(answer, place, environment)?;
        let line = format!("recorded the vulnerabilities in {file}");
        common.note(environment, &line);
    }
    Ok(())
}

/// The findings that a baseline has not.
fn new_ones(
    found: Vec<Finding>,
    path: &Utf8Path,
    arguments: &Arguments,
    common: &Common,
    environment: &Environment,
) -> Result<Comparison> {
    let baseline = Baseline::parse(&Source::read(&environment.current_dir, path)?)?;
    let comparison = baseline.compare(found, &|_| arguments.images.is_empty());
    for gone in &comparison.stale {
        let line = format!(
            "{path}: {} {}: is not found any more; write the baseline again",
            gone.path, gone.code
        );
        common.note(environment, &line);
    }
    Ok(comparison)
}

/// An image that cannot be read weighs most; then what is wrong, then what is not known.
fn exit(
    answer: &Answer<'_>,
    looked: &Looked,
    settings: &Settings,
    unfetched: &[crate::error::Error],
) -> Exit {
    if let Some(exit) = exit_of_unread(&looked.errors) {
        exit
    } else if let Some(error) = answer.data.errors.first() {
        error.exit()
    } else if answer.findings.iter().any(|finding| answer.fails(finding)) {
        Exit::Findings
    } else if !settings.policy.allow_unknown && looked.images.iter().any(Scanned::is_unknown) {
        Exit::Missing
    } else if let Some(error) = unfetched.first() {
        error.exit()
    } else {
        Exit::Clean
    }
}

/// What is wrong with what is said about vulnerabilities.
fn statements(
    settings: &Settings,
    looked: &Looked,
    place: &LookedAt,
    now: Timestamp,
) -> Vec<Finding> {
    let exemptions = &settings.exemptions;
    let images = looked.subjects.iter().zip(&looked.images);
    let found = images.flat_map(|(subject, image)| {
        let all = image.vulnerabilities.iter();
        all.map(move |one| (subject, one))
    });
    let uses = Use::of(exemptions, found);
    let is_known = |name: &str| {
        let mut images = looked.images.iter();
        images.any(|image| image.own.as_deref() == Some(name) && !image.is_unknown())
    };
    let is_complete = |exemption: &exemption::Exemption| {
        if exemption.images.is_empty() {
            let all = place.project.iter().flat_map(|project| &project.images);
            looked.errors.is_empty()
                && all.clone().count() > 0
                && all.clone().all(|image| is_known(&image.name))
        } else {
            // An image that the manifest has not will never be looked at.
            exemption
                .images
                .iter()
                .all(|name| is_known(name) || place.definition(name).is_none())
        }
    };
    exemption::findings(exemptions, &uses, &is_complete, now.date())
}

fn is_dockerfile(place: &LookedAt, path: &str) -> bool {
    let images = place.project.iter().flat_map(|project| &project.images);
    images.into_iter().any(|image| image.path() == path)
}
