//! `docker-audit`: the record of what was built, scanned, signed, pushed and deployed.

mod arguments;
mod output;
mod place;
mod recorder;

pub use arguments::Arguments;
pub(super) use place::trail;
pub(super) use recorder::{Event, Recorder, now, source};

use camino::Utf8PathBuf;

use self::arguments::{Action as Verb, Entries, ExportFormat, ListFormat, Recorded, Verification};
use super::json::json;
use crate::atomic_file;
use crate::audit::{self, Anchor, Entry, Filter, Summary};
use crate::cli::Common;
use crate::date::Date;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::finding::Severity;
use crate::project::{Project, root};
use crate::report::{self, Format};
use crate::timestamp::{Period, Timestamp};
use crate::trail::Trail;

/// Carries it out.
///
/// # Errors
/// What stopped it. A trail that was tampered with is no error: the exit code says so.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    match &arguments.action {
        Verb::List {
            entries,
            limit,
            format,
        } => {
            let trail = find(arguments, common, environment)?;
            let newest = trail.newest(&filter(entries, environment)?, *limit)?;
            environment.print(&match format {
                ListFormat::Table => output::table(&newest).plain(),
                ListFormat::Json => json(&output::Listing::new(&newest))?,
                ListFormat::Markdown => output::table(&newest).markdown(),
                ListFormat::Csv => {
                    output::csv_head() + &newest.iter().map(output::csv).collect::<String>()
                }
            })?;
            Ok(Exit::Clean)
        }
        Verb::Export {
            entries,
            format,
            output,
        } => {
            let trail = find(arguments, common, environment)?;
            export(
                &trail,
                &filter(entries, environment)?,
                *format,
                output.as_ref(),
                environment,
            )?;
            Ok(Exit::Clean)
        }
        Verb::Verify(verification) => verify(arguments, verification, common, environment),
        Verb::Head { format } => {
            let trail = find(arguments, common, environment)?;
            let summary = trail.verify(Vec::new())?;
            let head = summary.head.ok_or_else(|| {
                Error::usage(format!(
                    "the audit trail {} has no entry to end with",
                    trail.file()
                ))
                .help("`cargo xtask docker-audit verify` tells more")
            })?;
            environment.print(&match format {
                super::engine::Format::Terminal => format!("{}:{}\n", head.sequence, head.hash),
                super::engine::Format::Json => json(&head)?,
            })?;
            Ok(Exit::Clean)
        }
        Verb::Record(what) => record(arguments, what, common, environment),
    }
}

/// The trail that is meant: `--file`, or the project's.
fn find(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Trail> {
    if let Some(file) = &arguments.file {
        return Ok(Trail::new(environment.current_dir.join(file)));
    }
    let root = root::find(&environment.current_dir, common.manifest.as_deref())?;
    let project = Project::load(&root)?;
    place::trail(&project, environment)
}

fn filter(entries: &Entries, environment: &Environment) -> Result<Filter> {
    let moment = |text: &Option<String>| -> Result<Option<Timestamp>> {
        let Some(text) = text else { return Ok(None) };
        if let Ok(age) = text.parse::<Period>() {
            let seconds = i64::try_from(age.seconds()).unwrap_or(i64::MAX);
            let now = recorder::now(environment).unix_seconds();
            return Ok(Some(Timestamp::from_unix_seconds(
                now.saturating_sub(seconds),
            )));
        }
        if let Ok(day) = text.parse::<Date>() {
            return Ok(Some(Timestamp::from_unix_seconds(day.unix_days() * 86_400)));
        }
        text.parse().map(Some).map_err(|_| {
            Error::usage(format!("`{text}` is no moment")).help(
                "write a day (2026-12-01), a moment (2026-12-01T04:05:06Z) or an age (\"7 days\")",
            )
        })
    };
    Ok(Filter {
        images: entries.images.clone(),
        actions: entries.actions.clone(),
        since: moment(&entries.since)?,
        until: moment(&entries.until)?,
    })
}

fn export(
    trail: &Trail,
    filter: &Filter,
    format: ExportFormat,
    output: Option<&Utf8PathBuf>,
    environment: &Environment,
) -> Result<()> {
    let write = |out: &mut dyn std::io::Write| -> std::io::Result<()> {
        let mut first = true;
        // Of which kind it is decides what comes of it: a reader that leaves is no failure.
        let mut refused = None;
        let mut each = |entry: &Entry| -> Result<()> {
            let text = output::exported(entry, format, std::mem::take(&mut first));
            out.write_all(text.as_bytes()).map_err(|error| {
                refused = Some(error);
                Error::failed("failed to write the export")
            })
        };
        let written = trail.each(filter, &mut each);
        if let Some(error) = refused {
            return Err(error);
        }
        written.map_err(std::io::Error::other)?;
        out.write_all(output::exported_end(format, first).as_bytes())
    };
    // Before anything is written: a trail that is not there leaves no file behind.
    trail.newest(&Filter::default(), 0)?;
    match output {
        Some(file) => {
            let file = environment.current_dir.join(file);
            atomic_file::write_pieces(&file, &mut |out| write(out))
        }
        None => environment.print_pieces(|out| write(out)),
    }
}

fn verify(
    arguments: &Arguments,
    verification: &Verification,
    common: &Common,
    environment: &Environment,
) -> Result<Exit> {
    let trail = find(arguments, common, environment)?;
    let anchors: Vec<Anchor> = verification
        .heads
        .iter()
        .map(|head| Anchor {
            sequence: head.sequence,
            hash: head.hash.clone(),
            origin: "`--head`".to_owned(),
        })
        .collect();
    let summary = trail.verify(anchors)?;
    let findings = audit::findings(trail.file(), &summary);
    let color = common.color.stdout(environment);
    let bad = findings
        .iter()
        .any(|finding| finding.severity >= Severity::Warning);
    match verification.format {
        Format::Terminal => {
            environment.print(&report::render(&findings, Format::Terminal, color))?;
            environment.print(&verdict(&trail, &summary, verification.heads.len()))?;
        }
        Format::Json => environment.print(&json(&output::Verified::new(
            &trail, &summary, &findings, !bad,
        ))?)?,
        format => environment.print(&report::render(&findings, format, color))?,
    }
    Ok(if bad { Exit::Findings } else { Exit::Clean })
}

fn verdict(trail: &Trail, summary: &Summary, pinned: usize) -> String {
    let entries = match summary.entries {
        1 => "1 entry".to_owned(),
        entries => format!("{entries} entries"),
    };
    let Some(head) = &summary.head else {
        return format!("{}: {entries}\n", trail.file());
    };
    let whole = summary
        .problems
        .iter()
        .all(|problem| problem.kind == audit::ProblemKind::Recovered);
    let judgment = match (whole, pinned) {
        (false, _) => "not whole",
        (true, 0) => "whole, as far as a file can tell about itself",
        (true, _) => "whole, and ends where it must",
    };
    format!(
        "{}: {entries}, {judgment}\nhead {}:{}\n",
        trail.file(),
        head.sequence,
        head.hash
    )
}

fn record(
    arguments: &Arguments,
    what: &Recorded,
    common: &Common,
    environment: &Environment,
) -> Result<Exit> {
    let recorder = if let Some(file) = &arguments.file {
        Recorder::into_file(&environment.current_dir.join(file), environment)
    } else {
        let root = root::find(&environment.current_dir, common.manifest.as_deref())?;
        Recorder::open(&Project::load(&root)?, environment)?
    };
    let appended = recorder.append(vec![what.event()])?;
    for damage in &appended.recovered {
        common.note(environment, &format!("warning: {damage}"));
    }
    environment.print(&format!(
        "{}:{}\n",
        appended.head.sequence, appended.head.hash
    ))?;
    Ok(Exit::Clean)
}
