//! The plan, and what came of it, as text.

use serde::Serialize;

use super::exchange::{Exchange, Health};
use super::requirements::Held;
use crate::audit::Check;
use crate::commands::build::short_digest;
use crate::commands::json::json;
use crate::error::Result as Done;
use crate::release::Choice;
use crate::report::table::{Alignment, Table};
use crate::timestamp::Timestamp;

/// The version of the JSON shape; raised when a field changes its meaning or goes away.
const SCHEMA_VERSION: u32 = 1;

/// What is to be done with one service.
pub(super) struct Planned {
    pub(super) service: String,
    /// The image by its digest.
    pub(super) reference: String,
    pub(super) choice: Choice,
    pub(super) held: Held,
    /// What runs, as the trail tells it.
    pub(super) before: Option<String>,
    /// What came of it, where it was done.
    pub(super) result: Option<Result>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Result {
    /// `healthy`, `unhealthy` or `unknown`.
    health: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// What was put back.
    #[serde(skip_serializing_if = "Option::is_none")]
    returned: Option<Returned>,
    took_ms: u64,
    within_budget: bool,
}

#[derive(Clone, Debug, Serialize)]
struct Returned {
    image: String,
    health: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

fn words(health: Health) -> (&'static str, Option<String>) {
    match health {
        Health::Healthy => ("healthy", None),
        Health::Unhealthy(why) => ("unhealthy", Some(why)),
        Health::Untold(why) => ("unknown", Some(why)),
    }
}

impl Result {
    pub(super) fn of(exchange: Exchange) -> Self {
        let (health, detail) = words(exchange.health);
        let returned = exchange.returned.map(|(image, health)| {
            let (health, detail) = words(health);
            Returned {
                image,
                health,
                detail,
            }
        });
        Self {
            health,
            detail,
            returned,
            took_ms: u64::try_from(exchange.took.as_millis()).unwrap_or(u64::MAX),
            within_budget: exchange.took <= super::BUDGET,
        }
    }

    pub(super) fn is_failure(&self) -> bool {
        self.health == "unhealthy"
    }
}

/// All of it.
pub(super) struct Report<'a> {
    pub(super) planned: &'a [Planned],
    pub(super) target: &'static str,
    pub(super) is_applied: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    target: &'a str,
    applied: bool,
    services: Vec<ServiceDocument<'a>>,
}

#[derive(Serialize)]
struct ServiceDocument<'a> {
    service: &'a str,
    from: Option<&'a str>,
    to: &'a str,
    image: &'a str,
    commit: Option<&'a str>,
    since: Option<Timestamp>,
    checks: &'a [Check],
    refusals: &'a [String],
    overridden: &'a [String],
    result: Option<&'a Result>,
}

impl Report<'_> {
    /// For people.
    pub(super) fn text(&self) -> String {
        let mut table = Table::new(&[
            ("SERVICE", Alignment::Left),
            ("FROM", Alignment::Left),
            ("TO", Alignment::Left),
            ("SINCE", Alignment::Left),
            ("COMMIT", Alignment::Left),
            ("CHECKS", Alignment::Left),
        ]);
        for one in self.planned {
            let choice = &one.choice;
            let checks: Vec<String> = one
                .held
                .checks
                .iter()
                .map(|check| format!("{} {}", check.check, check.outcome.word()))
                .collect();
            let since = choice.since.map(|since| since.to_string());
            table.row([
                one.service.clone(),
                choice
                    .current
                    .as_deref()
                    .map_or("?".to_owned(), short_digest),
                short_digest(&choice.digest),
                since.unwrap_or_else(|| "?".to_owned()),
                choice
                    .commit
                    .as_deref()
                    .map_or("?".to_owned(), |commit| commit.chars().take(10).collect()),
                checks.join(", "),
            ]);
        }
        let mut text = table.plain();
        for one in self.planned {
            for refusal in &one.held.refusals {
                text.push_str(&format!("{} is refused: {refusal}\n", one.service));
            }
            if let Some(result) = &one.result {
                text.push_str(&told(&one.service, result));
            }
        }
        if !self.is_applied && self.planned.iter().all(|one| one.held.refusals.is_empty()) {
            text.push_str("nothing was done yet: `--apply` does it\n");
        }
        text
    }

    /// For programs.
    ///
    /// # Errors
    /// It cannot be written, which does not happen.
    pub(super) fn json(&self) -> Done<String> {
        let services = self.planned.iter().map(|one| ServiceDocument {
            service: &one.service,
            from: one.choice.current.as_deref(),
            to: &one.choice.digest,
            image: &one.reference,
            commit: one.choice.commit.as_deref(),
            since: one.choice.since,
            checks: &one.held.checks,
            refusals: &one.held.refusals,
            overridden: &one.held.overridden,
            result: one.result.as_ref(),
        });
        let document = Document {
            schema_version: SCHEMA_VERSION,
            target: self.target,
            applied: self.is_applied,
            services: services.collect(),
        };
        json(&document)
    }
}

fn told(service: &str, result: &Result) -> String {
    let seconds = f64::from(u32::try_from(result.took_ms).unwrap_or(u32::MAX)) / 1000.0;
    let detail = |detail: &Option<String>| {
        detail
            .as_ref()
            .map(|detail| format!(": {detail}"))
            .unwrap_or_default()
    };
    let mut text = match result.health {
        "healthy" => format!("{service} is healthy after {seconds:.1} s\n"),
        "unknown" => format!("{service}{}\n", detail(&result.detail)),
        _ => format!("{service} is not healthy{}\n", detail(&result.detail)),
    };
    if let Some(returned) = &result.returned {
        text.push_str(&format!(
            "{service} runs {} again, and is {}{} ({seconds:.1} s in all)\n",
            returned.image,
            returned.health,
            detail(&returned.detail)
        ));
    }
    if !result.within_budget {
        text.push_str(&format!("{service} took longer than 2 minutes\n"));
    }
    text
}
