//! How a service ends that is started with a wrong configuration.

use std::time::{Duration, Instant};

use super::service::{Service, clip};
use crate::error::Result;
use crate::project::manifest::ConfigurationCase;
use crate::trial::image::{ACCEPTS_BAD_CONFIGURATION, UNCLEAR_CONFIGURATION_ERROR};
use crate::trial::{Subject, Verdict, logs};

const POLL: Duration = Duration::from_millis(100);

/// Tries every case of the manifest that is for this service, and the one that fits all.
pub(super) fn judge(service: &Service<'_>, subject: &mut Subject) -> Result<()> {
    let cases = cases(service);
    if cases.is_empty() {
        let why = "the manifest has no wrong configuration for it, and its image sets no PORT";
        subject.verdicts.extend([
            Verdict::skipped(&ACCEPTS_BAD_CONFIGURATION, why),
            Verdict::skipped(&UNCLEAR_CONFIGURATION_ERROR, why),
        ]);
        return Ok(());
    }
    let begin = Instant::now();
    let (mut accepted, mut unclear, mut evidence) = (Vec::new(), Vec::new(), Vec::new());
    let mut ended = 0;
    for case in &cases {
        let tried = attempt(service, case)?;
        ended += usize::from(tried.has_ended);
        accepted.extend(tried.accepted);
        unclear.extend(tried.unclear);
        evidence.extend(tried.evidence);
    }
    let verdict = |property, wrong: Vec<String>, right: String| {
        if wrong.is_empty() {
            Verdict::passed(property, right)
        } else {
            Verdict::failed(property, wrong.join("; "))
        }
    };
    let count = cases.len();
    let refused = format!("{count} wrong configurations, each refused");
    let named = format!("{ended} wrong configurations, each named in one line");
    let clarity = if ended == 0 {
        Verdict::skipped(&UNCLEAR_CONFIGURATION_ERROR, "it accepts every one of them")
    } else {
        verdict(&UNCLEAR_CONFIGURATION_ERROR, unclear, named)
    };
    subject.verdicts.extend([
        verdict(&ACCEPTS_BAD_CONFIGURATION, accepted, refused).took(begin.elapsed()),
        clarity.proven_by(evidence),
    ]);
    Ok(())
}

fn cases(service: &Service<'_>) -> Vec<ConfigurationCase> {
    let is_for = |case: &&ConfigurationCase| {
        case.images.is_empty() || case.images.contains(&service.image.name)
    };
    let written = &service.trial.project.manifest.test.configuration;
    let mut cases: Vec<ConfigurationCase> = written.iter().filter(is_for).cloned().collect();
    let sets_port = service
        .config
        .env
        .iter()
        .any(|variable| variable.starts_with("PORT="));
    if sets_port && !cases.iter().any(|case| case.env.contains_key("PORT")) {
        cases.push(ConfigurationCase {
            env: [("PORT".to_owned(), "not-a-number".to_owned())].into(),
            ..ConfigurationCase::default()
        });
    }
    cases
}

/// What one case showed.
#[derive(Default)]
struct Tried {
    has_ended: bool,
    accepted: Option<String>,
    unclear: Option<String>,
    evidence: Vec<String>,
}

fn attempt(service: &Service<'_>, case: &ConfigurationCase) -> Result<Tried> {
    let variables: Vec<(&str, &str)> = case
        .env
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut words: Vec<String> = case
        .env
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    words.extend(case.without.iter().map(|name| format!("no {name}")));
    let what = words.join(", ");
    // One that has not ended when it should be healthy has accepted its configuration.
    let limit = service.limits.healthy;
    let container = service.start_with(&variables, &case.without)?;
    let begin = Instant::now();
    let state = loop {
        let state = container.state()?;
        if !state.running || begin.elapsed() > limit {
            break state;
        }
        service.session.means().interrupt.check()?;
        std::thread::sleep(POLL);
    };
    let mut tried = Tried::default();
    if state.running {
        tried.accepted = Some(format!(
            "with {what} it still runs after {} s",
            limit.as_secs()
        ));
        return Ok(tried);
    }
    tried.has_ended = true;
    tried.accepted = match case.exit_code {
        Some(expected) if state.exit_code != i64::from(expected) => Some(format!(
            "with {what} it ends with exit code {} instead of {expected}",
            state.exit_code
        )),
        None if state.exit_code == 0 => Some(format!(
            "with {what} it ends with exit code 0, as if all were well"
        )),
        _ => None,
    };
    let output = container.logs()?;
    let (stdout, stderr) = (output.text(), output.error_text());
    let lines: Vec<&str> = stdout
        .lines()
        .chain(stderr.lines())
        .filter(|line| !line.is_empty())
        .collect();
    let names: Vec<&str> = if case.names.is_empty() {
        case.env
            .keys()
            .chain(&case.without)
            .map(String::as_str)
            .collect()
    } else {
        case.names.iter().map(String::as_str).collect()
    };
    tried.unclear = match lines.as_slice() {
        [line] => {
            let unnamed: Vec<&str> = names
                .into_iter()
                .filter(|name| !logs::names(line, name))
                .collect();
            (!unnamed.is_empty()).then(|| {
                format!(
                    "with {what} its line is no log entry that names {}",
                    unnamed.join(", ")
                )
            })
        }
        [] => Some(format!("with {what} it says nothing")),
        lines => Some(format!(
            "with {what} it says {} lines instead of one",
            lines.len()
        )),
    };
    if tried.unclear.is_some() {
        tried.evidence = lines.iter().take(3).map(|line| clip(line)).collect();
    }
    Ok(tried)
}
