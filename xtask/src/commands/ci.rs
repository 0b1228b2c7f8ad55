//! `docker-ci`: the workflow that the manifest asks for, and what is wrong with workflows.

mod arguments;
mod generated;

pub use arguments::Arguments;

use camino::{Utf8Path, Utf8PathBuf};

use self::generated::Generated;
use super::lint::{self, Found, Judgment};
use super::timings::Timings;
use crate::cli::Common;
use crate::dockerfile::parse;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::finding::Finding;
use crate::lint::{DiskFiles, Outcome, Run, Surroundings, fingerprint};
use crate::parallel;
use crate::project::{Project, Root};
use crate::report;
use crate::source::Source;

/// Where GitHub looks for workflows.
const WORKFLOWS: &str = ".github/workflows";

/// Carries it out.
///
/// # Errors
/// What stopped it. What is out of date is no error: the exit code says so.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let timings = Timings::start(common, environment);
    let told = arguments.to_lint();
    let Found {
        settings,
        paths,
        mut errors,
    } = lint::dockerfiles(&told, common, environment, None)?;
    let mut files = Vec::new();
    for path in &paths {
        match Source::read(&settings.root, path) {
            Ok(source) => files.push(parse(&source)),
            Err(error) => errors.push(error),
        }
    }
    let around = Box::new(DiskFiles::new(&settings.root));
    let surroundings = Surroundings::gather(Some(around), files, settings.project.as_ref());
    timings.lap("read the Dockerfiles and the workflows");
    let generated = match &settings.project {
        Some(project) => Generated::make(project, &surroundings, common, environment)?,
        None => Generated::read(&surroundings, common, environment)?,
    };
    timings.lap("made what is generated");
    if arguments.write || arguments.print {
        let generated = generated.ok_or_else(|| {
            Error::usage("the manifest asks for no workflow")
                .because("it has no table `[ci]`")
                .help("add `[ci]`, which may be empty; docs/manifest.md lists its keys")
        })?;
        return if arguments.print {
            environment.print(generated.workflow())?;
            Ok(Exit::Clean)
        } else {
            generated.write(common, environment)
        };
    }
    let Outcome {
        mut findings,
        suppressed,
    } = Run {
        surroundings: &surroundings,
        inputs: Vec::new(),
        configuration: &settings.configuration,
        repository: true,
        external: None,
        threads: parallel::threads(),
    }
    .carry_out();
    findings.retain(|finding| finding.path().is_some_and(is_workflow));
    if let Some(generated) = &generated
        && arguments.only.is_empty()
    {
        findings.extend(generated.differences()?);
    }
    let mut judgment = Judgment {
        files: findings
            .iter()
            .filter_map(|it| Some(it.path()?.to_string()))
            .collect(),
        findings,
        suppressed,
        errors,
        ..Judgment::default()
    };
    timings.lap("judged the workflows");
    if lint::has_baseline(&told, &settings) {
        let is_judged = |path: &str| is_workflow(Utf8Path::new(path));
        fingerprint::assign(&mut judgment.findings, &is_judged);
    }
    lint::tell_errors(&judgment.errors, common, environment)?;
    let known = lint::compare(&told, &settings, &mut judgment, environment)?;
    let color = common.color.stdout(environment);
    environment
        .print_pieces(|out| report::write(&judgment.findings, arguments.format, color, out))?;
    common.note(environment, &summary(&judgment, known.count));
    Ok(lint::exit(&judgment, settings.configuration.fail_on))
}

/// The generated files that are not what the manifest and the Dockerfiles say; none where it asks for none.
///
/// # Errors
/// As [`run`].
pub(super) fn differences(
    project: &Project,
    found: &Root,
    surroundings: &Surroundings,
) -> Result<Vec<Finding>> {
    Generated::of(project, found, surroundings)?.map_or(Ok(Vec::new()), |it| it.differences())
}

/// Writes the generated files that are not up to date; their paths.
///
/// # Errors
/// As [`run`].
pub(super) fn renew(
    project: &Project,
    found: &Root,
    surroundings: &Surroundings,
) -> Result<Vec<Utf8PathBuf>> {
    Generated::of(project, found, surroundings)?.map_or(Ok(Vec::new()), |it| it.renew())
}

fn is_workflow(path: &Utf8Path) -> bool {
    path.parent() == Some(Utf8Path::new(WORKFLOWS))
}

/// `3 findings, 1 suppressed`, `no findings`.
fn summary(judgment: &Judgment, known: usize) -> String {
    let found = match judgment.findings.len() {
        0 => "no findings".to_owned(),
        count => lint::number(count, "finding"),
    };
    found + &lint::remarks(judgment, known)
}
