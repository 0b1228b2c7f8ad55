//! `docker-lint`: Dockerfiles, and what lies around them, judged by rules.

mod apart;
mod arguments;
mod fix;
mod inputs;
mod judgment;
mod lsp;
mod pin;
mod rules;
mod settings;
mod shellcheck;

use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};

pub(super) use arguments::parse_threshold;
pub use arguments::{Arguments, HadolintArguments};
pub(super) use fix::{difference, write};
use inputs::Inputs;
use judgment::Judge;
pub(super) use judgment::Judgment;
use pin::Pins;
pub(super) use settings::Settings;

use super::timings::Timings;
use crate::atomic_file;
use crate::cli::Common;
use crate::edit::Safety;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::finding::Finding;
use crate::lint::baseline::Baseline;
use crate::project::Project;
use crate::report::{self, terminal};
use crate::source::Source;

/// Carries it out.
///
/// # Errors
/// What stopped it. A file that cannot be read does not: it is told, and the others are judged.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    if let Some(word) = &arguments.explain {
        return rules::explain(word, arguments.format, environment);
    }
    if arguments.list_rules {
        return rules::list(arguments.format, environment);
    }
    if arguments.lsp {
        return lsp::serve(arguments, common, environment);
    }
    let timings = Timings::start(common, environment);
    let settings = Settings::read(arguments, common, environment)?;
    timings.lap("read the configuration");
    let inputs = inputs::find(
        arguments,
        &environment.current_dir,
        &settings.root,
        &settings.configuration.exclude,
        &settings.dockerfiles(),
    );
    timings.lap("looked for Dockerfiles");
    if arguments.format_files {
        return format_files(inputs, &settings, arguments, common, environment);
    }
    let pins = arguments
        .pin
        .then(|| Pins::new(arguments.engine, &settings, common, environment));
    let judge = Judge {
        settings: &settings,
        shellcheck: arguments.shellcheck,
        fingerprints: arguments.write_baseline.is_some() || has_baseline(arguments, &settings),
        environment,
        timings: &timings,
        pins: pins.as_ref(),
    };
    if arguments.fix || arguments.diff {
        return fix(inputs, &judge, arguments, common);
    }
    let mut judgment = judge.inputs(inputs)?;
    tell_errors(&judgment.errors, common, environment)?;
    let wanted = settings.configuration.fail_on;
    if let Some(path) = &arguments.write_baseline {
        write_baseline(path, &judgment.findings, common, environment)?;
        return Ok(exit(&judgment, None));
    }
    let known = compare(arguments, &settings, &mut judgment, environment)?;
    // The process ends after this: nobody needs the memory back piece by piece.
    let judgment = std::mem::ManuallyDrop::new(judgment);
    let color = common.color.stdout(environment);
    environment
        .print_pieces(|out| report::write(&judgment.findings, arguments.format, color, out))?;
    timings.lap("wrote the report");
    for line in &known.stale {
        common.note(environment, line);
    }
    common.note(environment, &summary(&judgment, known.count));
    Ok(exit(&judgment, wanted))
}

/// The Dockerfiles of the repository that one stands in, and what holds there.
pub(super) struct Found {
    pub(super) settings: Settings,
    /// From the root, sorted.
    pub(super) paths: Vec<Utf8PathBuf>,
    /// Folders that could not be looked into.
    pub(super) errors: Vec<Error>,
}

/// Finds the Dockerfiles of the repository as a run without paths does, and all that the manifest names. `project` is
/// what somebody has read of it already.
///
/// # Errors
/// The configuration is wrong, or there is no Dockerfile.
pub(super) fn dockerfiles(
    arguments: &Arguments,
    common: &Common,
    environment: &Environment,
    project: Option<&Project>,
) -> Result<Found> {
    let settings = Settings::read_known(arguments, common, environment, project)?;
    let mut inputs = inputs::find(
        &Arguments::default(),
        &settings.root,
        &settings.root,
        &settings.configuration.exclude,
        &settings.dockerfiles(),
    );
    let own = inputs
        .groups
        .iter()
        .position(|group| group.root == settings.root);
    let Some(own) = own else {
        Error::all(inputs.errors)?;
        return Err(Error::usage(format!(
            "there is no Dockerfile in {}",
            settings.root
        )));
    };
    Ok(Found {
        settings,
        paths: inputs
            .groups
            .swap_remove(own)
            .files
            .into_iter()
            .map(|(path, _)| path)
            .collect(),
        errors: inputs.errors,
    })
}

pub(super) fn tell_errors(
    errors: &[Error],
    common: &Common,
    environment: &Environment,
) -> Result<()> {
    for error in errors {
        environment.note(&terminal::error(error, common.color.stderr(environment)))?;
    }
    Ok(())
}

/// `--fix` and `--diff`.
fn fix(inputs: Inputs, judge: &Judge<'_>, arguments: &Arguments, common: &Common) -> Result<Exit> {
    let (settings, environment) = (judge.settings, judge.environment);
    let least = if arguments.unsafe_fixes {
        Safety::Unsafe
    } else {
        Safety::Safe
    };
    let stdin = fix::stdin(&inputs.groups, settings);
    let mut known = Taken::default();
    let mut fixed = fix::carry_out(inputs.groups, least, judge, &mut |judgment| {
        known = compare(arguments, settings, judgment, environment)?;
        Ok(())
    })?;
    fixed.judgment.errors.extend(inputs.errors);
    tell_errors(&fixed.judgment.errors, common, environment)?;
    let mended = number(fixed.count, "finding");
    if arguments.diff {
        for change in &fixed.changes {
            environment.print(&fix::difference(change))?;
        }
        common.note(environment, &format!("{mended} would be mended"));
        return Ok(
            worst(&fixed.judgment.errors).unwrap_or(if fixed.changes.is_empty() {
                Exit::Clean
            } else {
                Exit::Findings
            }),
        );
    }
    fix::write(&fixed.changes, stdin.as_ref(), &settings.root, environment)?;
    let text = report::render(
        &fixed.judgment.findings,
        arguments.format,
        common.color.stdout(environment),
    );
    if stdin.is_some() {
        environment.note(&text)?;
    } else {
        environment.print(&text)?;
    }
    let files = number(fixed.changes.len(), "file");
    common.note(environment, &format!("{mended} mended in {files}"));
    common.note(environment, &summary(&fixed.judgment, known.count));
    Ok(exit(&fixed.judgment, settings.configuration.fail_on))
}

/// Mends what can be mended safely in all Dockerfiles of the repository, without asking `shellcheck`; the files that
/// changed, from the root.
///
/// # Errors
/// The configuration is wrong, or a file cannot be written.
pub(super) fn mend(common: &Common, environment: &Environment) -> Result<Vec<Utf8PathBuf>> {
    let arguments = Arguments::default();
    let settings = Settings::read(&arguments, common, environment)?;
    let inputs = inputs::find(
        &arguments,
        &settings.root,
        &settings.root,
        &settings.configuration.exclude,
        &settings.dockerfiles(),
    );
    let judge = Judge {
        settings: &settings,
        shellcheck: arguments::ShellCheck::Off,
        fingerprints: has_baseline(&arguments, &settings),
        environment,
        timings: &Timings::start(common, environment),
        pins: None,
    };
    let fixed = fix::carry_out(inputs.groups, Safety::Safe, &judge, &mut |judgment| {
        compare(&arguments, &settings, judgment, environment).map(drop)
    })?;
    fix::write(&fixed.changes, None, &settings.root, environment)?;
    Ok(fixed
        .changes
        .into_iter()
        .map(|change| change.path)
        .collect())
}

/// `--format-files`.
fn format_files(
    inputs: Inputs,
    settings: &Settings,
    arguments: &Arguments,
    common: &Common,
    environment: &Environment,
) -> Result<Exit> {
    let stdin = fix::stdin(&inputs.groups, settings);
    let (changes, files, mut errors) = fix::lay_out(inputs.groups, settings);
    errors.extend(inputs.errors);
    tell_errors(&errors, common, environment)?;
    let (count, files) = (changes.len(), number(files, "file"));
    if arguments.diff {
        for change in &changes {
            environment.print(&fix::difference(change))?;
        }
    } else if arguments.check {
        for change in &changes {
            environment.print(&format!("{}\n", change.path))?;
        }
    } else {
        fix::write(&changes, stdin.as_ref(), &settings.root, environment)?;
    }
    let only_told = arguments.diff || arguments.check;
    let verb = if only_told {
        "would be laid out"
    } else {
        "laid out"
    };
    common.note(environment, &format!("{count} of {files} {verb}"));
    Ok(if !errors.is_empty() {
        Exit::Usage
    } else if only_told && count > 0 {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// What a baseline took away.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) count: usize,
    /// What is to be said about entries that are of no use any more.
    pub(super) stale: Vec<String>,
}

/// `--write-baseline`.
pub(super) fn write_baseline(
    path: &Utf8Path,
    findings: &[Finding],
    common: &Common,
    environment: &Environment,
) -> Result<()> {
    let text = Baseline::of(findings).json();
    atomic_file::write(&environment.current_dir.join(path), &text)?;
    let count = number(findings.len(), "known finding");
    common.note(environment, &format!("{path} is written: {count}"));
    Ok(())
}

/// Whether findings are compared with known ones.
pub(super) fn has_baseline(arguments: &Arguments, settings: &Settings) -> bool {
    arguments.baseline.is_some() || settings.configuration.baseline.is_some()
}

/// Takes away what a baseline knows, the one of the command line or of the configuration.
pub(super) fn compare(
    arguments: &Arguments,
    settings: &Settings,
    judgment: &mut Judgment,
    environment: &Environment,
) -> Result<Taken> {
    let source = match (&arguments.baseline, &settings.configuration.baseline) {
        (Some(path), _) => Source::read(&environment.current_dir, path)?,
        (None, Some(path)) => Source::read(&settings.root, path)?,
        (None, None) => return Ok(Taken::default()),
    };
    let baseline = Baseline::parse(&source)?;
    let findings = std::mem::take(&mut judgment.findings);
    let judged = |path: &str| judgment.whole || judgment.files.contains(path);
    let comparison = baseline.compare(findings, &judged);
    judgment.findings = comparison.new;
    let stale = comparison
        .stale
        .iter()
        .map(|gone| {
            format!(
                "{}: {} {}: is not found any more; write the baseline again",
                source.path(),
                gone.path,
                gone.code
            )
        })
        .collect();
    Ok(Taken {
        count: comparison.known,
        stale,
    })
}

pub(super) fn exit(judgment: &Judgment, fail_on: Option<crate::finding::Severity>) -> Exit {
    if let Some(exit) = worst(&judgment.errors) {
        return exit;
    }
    let fails = |finding: &Finding| fail_on.is_some_and(|least| finding.severity >= least);
    if judgment.findings.iter().any(fails) {
        Exit::Findings
    } else {
        Exit::Clean
    }
}

/// Of several errors that did not end the run, the one that weighs most.
fn worst(errors: &[Error]) -> Option<Exit> {
    errors.iter().map(Error::exit).max()
}

/// `12 findings in 3 of 7 files, 5 with a fix, 2 suppressed`.
fn summary(judgment: &Judgment, known: usize) -> String {
    let files = number(judgment.files.len(), "file");
    let count = judgment.findings.len();
    let text = if count == 0 {
        format!("no findings in {files}")
    } else {
        let mut with: Vec<&Utf8Path> = judgment
            .findings
            .iter()
            .filter_map(|finding| finding.path())
            .collect();
        // Most neighbors are of one file. The order is of no account here, and that of paths is slow.
        with.dedup_by_key(|path| path.as_str());
        with.sort_unstable_by_key(|path| path.as_str());
        with.dedup_by_key(|path| path.as_str());
        let findings = number(count, "finding");
        let others = with
            .iter()
            .any(|path| !judgment.files.contains(path.as_str()));
        if others {
            // Workflows and the like are no files that were looked for.
            format!("{findings} in {}", number(with.len(), "file"))
        } else {
            format!("{findings} in {} of {files}", with.len())
        }
    };
    text + &remarks(judgment, known)
}

/// What is said behind the number of findings: `, 5 with a fix, 2 suppressed`.
pub(super) fn remarks(judgment: &Judgment, known: usize) -> String {
    let mut text = String::new();
    let mendable = judgment
        .findings
        .iter()
        .filter(|finding| finding.fix.is_some())
        .count();
    for (count, what) in [
        (mendable, "with a fix"),
        (judgment.suppressed, "suppressed"),
        (known, "known"),
    ] {
        if count > 0 {
            // Writing to a string cannot fail.
            let _ = write!(text, ", {count} {what}");
        }
    }
    text
}

/// `1 file`, `2 files`.
pub(super) fn number(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
