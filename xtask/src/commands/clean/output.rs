//! What a run came to, as text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use super::applying::Applied;
use super::arguments::Arguments;
use super::document;
use super::restoring::Restored;
use super::session::Session;
use super::verification::Verified;
use crate::cli::Common;
use crate::commands::audit::now;
use crate::error::Result;
use crate::report::table::{Alignment, Table};
use crate::report::{self, Color, Format};
use crate::retention::{Digest, Package, Plan, Problem, Reason, Storage, blobs_of, findings};
use crate::size::Bytes;
use crate::timestamp::Timestamp;

/// What became of a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Fate {
    /// It stays.
    Keep,
    /// It would be removed.
    Remove,
    /// It is gone.
    Removed,
    /// It was to be removed, and something changed.
    Spared,
}

/// One manifest.
pub(super) struct Row {
    pub(super) digest: Digest,
    pub(super) tags: Vec<String>,
    pub(super) kind: &'static str,
    pub(super) moment: Option<Timestamp>,
    pub(super) fate: Fate,
    pub(super) reason: Reason,
}

/// One package.
pub(super) struct Cleaned {
    pub(super) name: String,
    pub(super) is_there: bool,
    pub(super) rows: Vec<Row>,
    pub(super) storage: Storage,
    pub(super) problems: Vec<Problem>,
    /// Manifests and blobs that were looked for afterwards.
    pub(super) verified: Option<(usize, usize)>,
}

impl Cleaned {
    /// As the plan says.
    pub(super) fn planned(is_there: bool, package: &Package, plan: &Plan) -> Self {
        let row = |(digest, reason): (&Digest, &Reason)| {
            let version = package.versions.get(digest)?;
            Some(Row {
                digest: digest.clone(),
                tags: version.tags.iter().cloned().collect(),
                kind: version.manifest.kind.word(),
                moment: version.moment(),
                fate: if reason.keeps() {
                    Fate::Keep
                } else {
                    Fate::Remove
                },
                reason: reason.clone(),
            })
        };
        let mut rows: Vec<Row> = plan.decisions.iter().filter_map(row).collect();
        // The newest first, as people look for them.
        rows.sort_by(|a, b| (b.moment, &a.tags, &a.digest).cmp(&(a.moment, &b.tags, &b.digest)));
        Self {
            name: package.name.clone(),
            is_there,
            rows,
            storage: plan.storage,
            problems: plan.problems.clone(),
            verified: None,
        }
    }

    /// What became of the plan.
    pub(super) fn carried_out(&mut self, package: &Package, applied: Applied, verified: Verified) {
        let removed: BTreeSet<&Digest> = applied.removed.iter().collect();
        for row in &mut self.rows {
            if removed.contains(&row.digest) {
                row.fate = Fate::Removed;
            } else if let Some(why) = applied.spared.get(&row.digest) {
                row.fate = Fate::Spared;
                row.reason = why.clone();
            }
        }
        self.problems.extend(applied.problems);
        self.problems.extend(verified.problems);
        self.verified = Some((verified.manifests, verified.blobs));
        let (all, left) = self.blobs(package);
        self.storage = Storage::of(&all, &left);
    }

    /// What was stored, and what is left of it. What was spared is left.
    fn blobs<'p>(
        &self,
        package: &'p Package,
    ) -> (BTreeMap<&'p Digest, u64>, BTreeMap<&'p Digest, u64>) {
        let goes = |row: &&Row| matches!(row.fate, Fate::Remove | Fate::Removed);
        let goes: BTreeSet<&Digest> = self
            .rows
            .iter()
            .filter(goes)
            .map(|row| &row.digest)
            .collect();
        let versions = package.versions.iter();
        let left = versions.filter(|(digest, _)| !goes.contains(digest));
        (blobs_of(&package.versions), blobs_of(left))
    }

    /// Whether nothing is left of the plan.
    pub(super) fn is_done(&self) -> bool {
        self.rows.iter().all(|row| row.fate != Fate::Remove)
    }

    pub(super) fn removed(&self) -> usize {
        self.rows
            .iter()
            .filter(|row| row.fate == Fate::Removed)
            .count()
    }

    pub(super) fn removed_tags(&self) -> Vec<&str> {
        let removed = self.rows.iter().filter(|row| row.fate == Fate::Removed);
        removed
            .flat_map(|row| &row.tags)
            .map(String::as_str)
            .collect()
    }

    pub(super) fn saved(&self) -> Bytes {
        Bytes(self.storage.before.0.saturating_sub(self.storage.after.0))
    }

    fn kept(&self) -> usize {
        let goes = |row: &&Row| matches!(row.fate, Fate::Remove | Fate::Removed);
        self.rows.len() - self.rows.iter().filter(goes).count()
    }
}

/// A whole run.
pub(super) struct Run {
    pub(super) packages: Vec<Cleaned>,
    /// All packages together: registries keep a blob once.
    pub(super) storage: Storage,
    /// Whether it was more than a plan.
    pub(super) is_applied: bool,
    pub(super) restore_list: Option<String>,
    pub(super) is_unfinished: bool,
}

impl Run {
    /// Of nothing so far.
    pub(super) fn new(is_applied: bool) -> Self {
        Self {
            packages: Vec::new(),
            storage: Storage::default(),
            is_applied,
            restore_list: None,
            is_unfinished: false,
        }
    }

    /// Counts the bytes of all packages together.
    pub(super) fn sum_up<'a>(&mut self, packages: impl Iterator<Item = &'a Package>) {
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        for (package, cleaned) in packages.zip(&mut self.packages) {
            let (all, left) = cleaned.blobs(package);
            cleaned.storage = Storage::of(&all, &left);
            before.extend(all);
            after.extend(left);
        }
        self.storage = Storage::of(&before, &after);
    }
}

/// Prints a run.
pub(super) fn print(
    run: &Run,
    session: &Session<'_>,
    arguments: &Arguments,
    common: &Common,
) -> Result<()> {
    let environment = session.environment;
    let view = View {
        format: arguments.format,
        color: common.color.stdout(environment),
        now: now(environment),
        with_parts: common.verbose,
    };
    environment.print(&text(run, view)?)
}

/// How a run is shown.
#[derive(Clone, Copy)]
pub(super) struct View {
    pub(super) format: Format,
    pub(super) color: Color,
    /// Ages are counted to this moment.
    pub(super) now: Timestamp,
    /// Whether what belongs to images is shown, too.
    pub(super) with_parts: bool,
}

pub(super) fn text(run: &Run, view: View) -> Result<String> {
    let problems = run.packages.iter().flat_map(|package| &package.problems);
    let findings = findings(&problems.cloned().collect::<Vec<Problem>>());
    let color = view.color;
    Ok(match view.format {
        Format::Terminal => {
            let mut text = String::new();
            for package in &run.packages {
                let _ = writeln!(text, "{}", headline(package));
                let table = table(package, view);
                if !table.is_empty() {
                    let _ = writeln!(text, "{}", table.plain());
                }
            }
            text + &report::render(&findings, Format::Terminal, color) + &summary(run)
        }
        Format::Markdown => {
            let mut text = "### Retention\n\n".to_owned();
            for package in &run.packages {
                let table = table(package, view).markdown();
                let _ = writeln!(text, "**{}**\n\n{table}", headline(package));
            }
            if !findings.is_empty() {
                text += &report::render(&findings, Format::Markdown, color);
                text.push('\n');
            }
            text + &summary(run)
        }
        Format::Json => document::json(run)?,
        Format::Github => {
            let title = if run.is_applied {
                "removed"
            } else {
                "to be removed"
            };
            let mut text = report::render(&findings, Format::Github, color);
            for package in &run.packages {
                let _ = writeln!(
                    text,
                    "::notice title=docker-clean {title}::{}",
                    headline(package)
                );
            }
            text
        }
        other => report::render(&findings, other, color),
    })
}

fn headline(package: &Cleaned) -> String {
    if !package.is_there {
        return format!("{}: not there", package.name);
    }
    let Storage { before, after } = package.storage;
    format!(
        "{}: {} of {} manifests kept, {after} of {before}",
        package.name,
        package.kept(),
        package.rows.len(),
    )
}

fn table(package: &Cleaned, view: View) -> Table {
    let mut table = Table::new(&[
        ("TAGS", Alignment::Left),
        ("DIGEST", Alignment::Left),
        ("KIND", Alignment::Left),
        ("AGE", Alignment::Right),
        ("FATE", Alignment::Left),
        ("WHY", Alignment::Left),
    ]);
    for row in &package.rows {
        let is_part = matches!(row.reason.word(), "listed" | "attached" | "subject");
        if is_part && !view.with_parts && row.fate != Fate::Spared {
            continue;
        }
        let age = row
            .moment
            .map_or_else(String::new, |moment| view.now.since(moment).words());
        let fate = match row.fate {
            Fate::Keep => "keep",
            Fate::Remove => "remove",
            Fate::Removed => "removed",
            Fate::Spared => "spared",
        };
        table.row([
            shown(&row.tags),
            row.digest.short().to_owned(),
            row.kind.to_owned(),
            age,
            fate.to_owned(),
            row.reason.to_string(),
        ]);
    }
    table
}

/// The first tags; a whole checksum in a tag tells nobody more than its beginning.
fn shown(tags: &[String]) -> String {
    const MOST: usize = 3;
    let mut shown: Vec<String> = tags
        .iter()
        .take(MOST)
        .map(|tag| match tag.strip_prefix("sha256-") {
            Some(hex) if hex.len() >= 64 && hex.is_ascii() => {
                format!("sha256-{}…{}", &hex[..12], &hex[64..])
            }
            _ => tag.clone(),
        })
        .collect();
    if tags.len() > MOST {
        shown.push(format!("+{}", tags.len() - MOST));
    }
    shown.join(", ")
}

fn summary(run: &Run) -> String {
    let gone: usize = run
        .packages
        .iter()
        .map(|package| package.rows.len() - package.kept())
        .sum();
    let Storage { before, after } = run.storage;
    let saved = run.storage.saved_percent();
    let mut text = match (gone, run.is_applied) {
        (0, _) if run.packages.iter().all(|package| package.rows.is_empty()) => {
            "No image was read.\n".to_owned()
        }
        (0, _) => format!("Nothing to remove: {before} are stored.\n"),
        (_, true) => format!(
            "Removed {gone} manifests: {after} of {before} are still needed, {saved:.1} % are given back.\n"
        ),
        (_, false) => format!(
            "Would remove {gone} manifests: {after} of {before} would still be needed, {saved:.1} % given back. \
             `--apply` removes them.\n"
        ),
    };
    let verified: Vec<(usize, usize)> = run
        .packages
        .iter()
        .filter_map(|package| package.verified)
        .collect();
    if !verified.is_empty() {
        let manifests: usize = verified.iter().map(|(manifests, _)| manifests).sum();
        let blobs: usize = verified.iter().map(|(_, blobs)| blobs).sum();
        let _ = writeln!(text, "Read again: manifests {manifests}, blobs {blobs}.");
    }
    if let Some(list) = &run.restore_list {
        let _ = writeln!(text, "`--restore {list}` puts it back.");
    }
    if run.is_unfinished {
        text.push_str("Not everything could be removed: `--resume` tries the rest again.\n");
    }
    text
}

/// Prints what was put back.
pub(super) fn print_restored(
    all: &[Restored],
    session: &Session<'_>,
    arguments: &Arguments,
    common: &Common,
) -> Result<()> {
    if arguments.format == Format::Json {
        return session.environment.print(&document::restored(all)?);
    }
    let mut table = Table::new(&[
        ("PACKAGE", Alignment::Left),
        ("PUT BACK", Alignment::Right),
        ("WERE THERE", Alignment::Right),
        ("TAGS", Alignment::Left),
    ]);
    for one in all {
        table.row([
            one.name.clone(),
            one.manifests.to_string(),
            one.were_there.to_string(),
            shown(&one.tags),
        ]);
        for why in &one.failed {
            common.note(session.environment, &format!("not put back: {why}"));
        }
    }
    session.environment.print(&match arguments.format {
        Format::Markdown => table.markdown(),
        _ => table.plain(),
    })
}
