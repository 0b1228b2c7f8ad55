//! The numbers of earlier runs on this machine, and how today's compare.
//!
//! They depend on the machine, so they are kept below `target/` and not in the repository.

use std::collections::BTreeMap;
use std::time::Duration;

use camino::Utf8Path;
use serde::{Deserialize, Serialize};

use super::output::number;
use crate::atomic_file;
use crate::engine::lock::Lock;
use crate::error::{Error, Result};
use crate::timestamp::Timestamp;
use crate::trial::{Report, Subject, memory};

/// Most runs that are kept of one subject.
const KEPT: usize = 50;
/// Runs that today's is compared with.
const COMPARED: usize = 10;
/// Fewer runs say nothing.
const FEWEST: usize = 3;
/// From this share on, a difference is told.
const TOLD: f64 = 0.25;

/// How long to wait for another run that writes its numbers down: that takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// One subject of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Entry {
    /// Seconds since 1970.
    time: i64,
    suite: String,
    subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    numbers: BTreeMap<String, f64>,
}

/// Adds a run to the history, and tells what differs from the runs before it.
///
/// # Errors
/// The file cannot be read or written. Lines of it that mean nothing are dropped: it can be made again.
pub(super) fn keep(report: &Report, folder: &Utf8Path, now: Timestamp) -> Result<Vec<String>> {
    let file = folder.join("history.jsonl");
    // Not `.lock`: those are of trials, which remove what is left of them.
    let _lock = Lock::take(&folder.join("history.lock-file"), PATIENCE, &|| ())?;
    let text = match std::fs::read_to_string(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        text => text.map_err(|e| Error::usage(format!("failed to read {file}")).because(e))?,
    };
    let mut entries: Vec<Entry> = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let measured = report
        .subjects
        .iter()
        .filter(|subject| !subject.measurements.is_empty());
    let mut trends = Vec::new();
    for subject in measured {
        trends.extend(compare(subject, &entries));
        entries.push(Entry {
            time: now.unix_seconds(),
            suite: subject.suite.word().to_owned(),
            subject: subject.name.clone(),
            digest: subject.digest.clone(),
            numbers: subject
                .measurements
                .iter()
                .map(|one| (one.name.to_owned(), one.value))
                .collect(),
        });
    }
    let mut kept: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut lines: Vec<String> = Vec::new();
    for entry in entries.iter().rev() {
        let count = kept.entry((&entry.suite, &entry.subject)).or_default();
        *count += 1;
        if *count <= KEPT {
            lines.extend(serde_json::to_string(entry).ok());
        }
    }
    lines.reverse();
    atomic_file::write(&file, lines.join("\n") + "\n")?;
    Ok(trends)
}

/// What is clearly more or less than the middle of the last runs, in sentences.
fn compare(subject: &Subject, entries: &[Entry]) -> Vec<String> {
    let is_same =
        |entry: &&Entry| entry.subject == subject.name && entry.suite == subject.suite.word();
    let before: Vec<&Entry> = entries
        .iter()
        .rev()
        .filter(is_same)
        .take(COMPARED)
        .collect();
    let mut sentences = Vec::new();
    for one in &subject.measurements {
        let mut numbers: Vec<f64> = before
            .iter()
            .filter_map(|entry| entry.numbers.get(one.name).copied())
            .collect();
        let runs = numbers.len();
        let Some(middle) = memory::median(&mut numbers).filter(|_| runs >= FEWEST) else {
            continue;
        };
        if middle > 0.0 && ((one.value - middle) / middle).abs() >= TOLD {
            let word = if one.value > middle { "up" } else { "down" };
            sentences.push(format!(
                "{}: {} is {word} to {} from {} (the middle of the last {runs} runs)",
                subject.name,
                one.name,
                number(one.value, one.unit),
                number(middle, one.unit),
            ));
        }
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::{Measurement, Suite, Unit};

    #[test]
    fn what_clearly_differs_from_the_last_runs_is_told() {
        let guard = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(guard.path()).unwrap();
        let run = |milliseconds: f64, time: i64| {
            let mut subject = Subject::new("api", Suite::Image);
            subject.measurements = vec![Measurement {
                name: "time-to-healthy",
                value: milliseconds,
                unit: Unit::Milliseconds,
                budget: None,
            }];
            let now = Timestamp::from_unix_seconds(time);
            keep(&Report::new(vec![subject]), folder, now).unwrap()
        };
        for (time, milliseconds) in (0..).zip([900.0, 1000.0, 1100.0, 1200.0]) {
            assert_eq!(run(milliseconds, time), Vec::<String>::new());
        }
        std::fs::write(
            folder.join("history.jsonl"),
            std::fs::read_to_string(folder.join("history.jsonl")).unwrap() + "no JSON\n",
        )
        .unwrap();
        assert_eq!(
            run(2500.0, 9),
            ["api: time-to-healthy is up to 2.50 s from 1.00 s (the middle of the last 4 runs)"]
        );
        for time in 10..80 {
            run(1000.0, time);
        }
        let text = std::fs::read_to_string(folder.join("history.jsonl")).unwrap();
        assert_eq!(text.lines().count(), KEPT);
    }
}
