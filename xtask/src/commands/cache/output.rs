//! The answer for people.

use std::fmt::Write as _;

use super::answer::{Answer, counted, percent};
use super::findings::shortened;
use super::foretelling::Foretold;
use crate::caching::Rate;
use crate::cli::Common;
use crate::finding::Severity;
use crate::report::table::{Alignment, Table};

/// How many of the worst commits are named.
const WORST: usize = 5;

impl Answer<'_> {
    /// For a terminal. With `--verbose` each step that runs again is told, otherwise those that the edit itself is why.
    pub(super) fn terminal(&self, common: &Common) -> String {
        self.text(Table::plain, common.verbose, str::to_owned)
    }

    /// For a job's summary or a comment.
    pub(super) fn markdown(&self) -> String {
        self.text(Table::markdown, false, |text| format!("### {text}"))
    }

    fn text(&self, write: fn(&Table) -> String, all: bool, title: fn(&str) -> String) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}\n", title("What each edit costs"));
        text.push_str(&write(&self.edits()));
        let why = self.why(all);
        if !why.is_empty() {
            let _ = writeln!(text, "\n{}\n", title("What runs again, and why"));
            text.push_str(&write(&why));
        }
        let _ = writeln!(text, "\n{}\n", title("By image"));
        text.push_str(&write(&self.images()));
        let _ = writeln!(text, "\n{}\n", title("The history"));
        self.history(&mut text, write);
        self.verdict(&mut text);
        text
    }

    fn edits(&self) -> Table {
        let is_measured = self.runs.is_some();
        let mut columns = vec![
            ("edit", Alignment::Left),
            ("cached", Alignment::Right),
            ("of", Alignment::Right),
            ("share", Alignment::Right),
            ("images", Alignment::Right),
            ("commits", Alignment::Right),
        ];
        if is_measured {
            columns.extend([
                ("measured", Alignment::Right),
                ("time", Alignment::Right),
                ("differs", Alignment::Right),
            ]);
        }
        let mut table = Table::new(&columns);
        for (index, one) in self.foretold.iter().enumerate() {
            let rate = &one.forecast.rate;
            let mut row = vec![
                one.edit.name(),
                cached(rate),
                rate.steps.to_string(),
                percent(rate.percent()),
                one.forecast.rebuilt().to_string(),
                self.commits_like(one)
                    .map_or_else(String::new, |count| count.to_string()),
            ];
            if is_measured {
                match self.run_of(index) {
                    Some(run) => row.extend([
                        run.comparison.rate.least().to_string(),
                        format!("{:.1} s", run.took.as_secs_f64()),
                        match run.comparison.differences.len() {
                            0 => "no".to_owned(),
                            count => count.to_string(),
                        },
                    ]),
                    None => row.extend(["not built".to_owned(), String::new(), String::new()]),
                }
            }
            table.row(row);
        }
        table
    }

    fn why(&self, all: bool) -> Table {
        let mut table = Table::new(&[
            ("edit", Alignment::Left),
            ("step", Alignment::Left),
            ("why", Alignment::Left),
            ("what to do", Alignment::Left),
        ]);
        for one in self.foretold {
            let mut name = Some(one.edit.name());
            let mut behind = 0;
            for rerun in &one.forecast.reruns {
                let advice = one.advice.iter().find(|advice| advice.step == rerun.step);
                if !all && !rerun.is_cause() && advice.is_none() {
                    behind += 1;
                    continue;
                }
                let told = advice.map_or_else(String::new, |advice| match advice.after {
                    Some(after) => format!(
                        "{} ({} -> {})",
                        advice.told(),
                        percent(advice.before),
                        percent(after)
                    ),
                    None => advice.told(),
                });
                table.row([
                    name.take().unwrap_or_default(),
                    format!("{}:{} {}", rerun.file, rerun.line, shortened(&rerun.text)),
                    rerun.reason.clone(),
                    told,
                ]);
            }
            if behind > 0 {
                table.row([
                    name.take().unwrap_or_default(),
                    format!("and {} behind", counted(behind, "step")),
                    "made of what these make".to_owned(),
                    String::new(),
                ]);
            }
        }
        table
    }

    /// The least and the usual share of each image, over all edits.
    fn images(&self) -> Table {
        let mut table = Table::new(&[
            ("image", Alignment::Left),
            ("steps", Alignment::Right),
            ("edits that run any again", Alignment::Right),
            ("worst edit", Alignment::Left),
            ("cached then", Alignment::Right),
        ]);
        for (index, target) in self.gathered.targets.iter().enumerate() {
            let rate = |one: &Foretold| one.forecast.images[index].rate;
            let reached = self
                .foretold
                .iter()
                .filter(|one| rate(one).least() < rate(one).steps);
            let worst = self
                .foretold
                .iter()
                .min_by(|a, b| rate(a).percent().total_cmp(&rate(b).percent()));
            let Some(worst) = worst else {
                continue;
            };
            table.row([
                target.name.clone(),
                rate(worst).steps.to_string(),
                format!("{} of {}", reached.count(), self.foretold.len()),
                worst.edit.name(),
                percent(rate(worst).percent()),
            ]);
        }
        table
    }

    fn history(&self, text: &mut String, write: fn(&Table) -> String) {
        let Some(history) = self.history else {
            let why = match &self.gathered.without_git {
                Some(why) => format!("not known: {why}"),
                None => "not asked for".to_owned(),
            };
            let _ = writeln!(text, "{why}");
            return;
        };
        let all = history.all();
        let (Some(median), Some(tenth)) = (all.median(), all.percentile(10)) else {
            let _ = writeln!(
                text,
                "not known: there is no commit that has another before it"
            );
            return;
        };
        let goal = f64::from(self.goal);
        let _ = writeln!(
            text,
            "{} (merges left out): median {}, a tenth keeps {} or less, {} of {} keep {} % or more",
            counted(all.count(), "commit"),
            percent(median),
            percent(tenth),
            all.at_least(goal),
            all.count(),
            self.goal,
        );
        let building = history.building();
        if let (Some(median), Some(tenth)) = (building.median(), building.percentile(10)) {
            let _ = writeln!(
                text,
                "{} of them run any step again: median {}, a tenth keeps {} or less, {} keep {} % or more",
                building.count(),
                percent(median),
                percent(tenth),
                building.at_least(goal),
                self.goal,
            );
        }
        if let Some(measured) = self.measured_history() {
            let median = measured.shares.median().unwrap_or(100.0);
            let _ = writeln!(
                text,
                "measured: median {}; {} of the commits run the same steps again as an edit that was built, \
                 the others count as foretold",
                percent(median),
                measured.covered,
            );
        }
        let unknown = history
            .commits
            .iter()
            .filter(|cost| cost.is_unknown)
            .count();
        if unknown > 0 {
            let _ = writeln!(
                text,
                "{} changed the manifest so that nobody can tell what of it the builds see: all their steps count as run",
                counted(unknown, "commit"),
            );
        }
        if history.is_shallow {
            let _ = writeln!(
                text,
                "this clone is shallow, so older commits are not counted: `git fetch --unshallow` brings them"
            );
        }
        let worst = history.worst(WORST);
        if worst.is_empty() {
            return;
        }
        let mut table = Table::new(&[
            ("worst commits", Alignment::Left),
            ("cached", Alignment::Right),
            ("first of all", Alignment::Left),
            ("subject", Alignment::Left),
        ]);
        for cost in worst {
            table.row([
                cost.commit.hash.chars().take(8).collect(),
                percent(cost.percent),
                cost.first_cause.clone().unwrap_or_default(),
                shortened(&cost.commit.subject),
            ]);
        }
        let _ = writeln!(text);
        text.push_str(&write(&table));
    }

    fn verdict(&self, text: &mut String) {
        let wrong = self
            .findings
            .iter()
            .filter(|one| one.severity == Severity::Error);
        let wrong: Vec<_> = wrong.collect();
        let _ = writeln!(text);
        if let Some(differing) = self.differing() {
            let built = self.runs.unwrap_or_default().iter().flatten().count();
            let _ = writeln!(
                text,
                "{} built: {} otherwise than foretold",
                counted(built, "edit"),
                match differing {
                    0 => "no step did".to_owned(),
                    count => format!("{} did", counted(count, "step")),
                },
            );
        }
        for finding in wrong {
            let place = finding
                .location
                .as_ref()
                .map_or_else(String::new, |at| format!("{at}: "));
            let _ = writeln!(text, "{}: {place}{}", finding.code, finding.message);
        }
        let avoidable = self.foretold.iter().flat_map(|one| &one.advice);
        let avoidable = avoidable.filter(|advice| advice.is_avoidable()).count();
        let _ = match avoidable {
            0 => writeln!(
                text,
                "nothing that runs again could be avoided by what is known here"
            ),
            count => writeln!(
                text,
                "{} could be avoided, see above",
                counted(count, "miss").replace("misss", "misses")
            ),
        };
    }
}

/// `35`, or `35-36` where a step is not sure.
fn cached(rate: &Rate) -> String {
    if rate.perhaps == 0 {
        rate.least().to_string()
    } else {
        format!("{}-{}", rate.least(), rate.most())
    }
}
