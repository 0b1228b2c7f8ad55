//! The proposal, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Arguments, Plan};
use crate::adoption::Proposal;
use crate::commands::engine::Format;
use crate::commands::json::json;
use crate::commands::lint::{self, number};
use crate::error::Result;
use crate::report::SCHEMA_VERSION;

#[derive(Serialize)]
struct Document<'p> {
    schema_version: u32,
    written: bool,
    proposals: Vec<Entry<'p>>,
    notes: &'p [String],
}

#[derive(Serialize)]
struct Entry<'p> {
    path: &'p str,
    why: &'p str,
    is_new: bool,
    is_generated: bool,
    diff: String,
}

pub(super) fn render(plan: &Plan, arguments: &Arguments) -> Result<String> {
    if arguments.format == Format::Json {
        return json(&Document {
            schema_version: SCHEMA_VERSION,
            written: arguments.write && !plan.is_empty(),
            proposals: plan
                .all()
                .map(|proposal| Entry {
                    path: proposal.change.path.as_str(),
                    why: &proposal.why,
                    is_new: is_new(proposal),
                    is_generated: plan.generated.contains(proposal),
                    diff: lint::difference(&proposal.change),
                })
                .collect(),
            notes: &plan.notes,
        });
    }
    let mut text = String::new();
    for proposal in &plan.proposals {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "# {}: {}\n{}",
            proposal.change.path,
            proposal.why,
            lint::difference(&proposal.change)
        );
    }
    for proposal in &plan.generated {
        let lines = number(proposal.change.after.lines().count(), "line");
        let _ = writeln!(
            text,
            "# {}: {} ({lines})",
            proposal.change.path, proposal.why
        );
    }
    Ok(text)
}

fn is_new(proposal: &Proposal) -> bool {
    proposal.change.before.text().is_empty()
}

pub(super) fn summary(plan: &Plan, written: bool) -> String {
    if plan.is_empty() {
        return "nothing to do".to_owned();
    }
    let made = plan.all().filter(|proposal| is_new(proposal)).count();
    let changed = plan.all().count() - made;
    let others = match changed {
        0 => String::new(),
        _ => format!(", {} changed", number(changed, "file")),
    };
    let made = number(made, "file");
    if written {
        format!("{made} made{others}; `cargo xtask docker-check` tells what is left to do")
    } else {
        format!("{made} would be made{others}; `--write` does it")
    }
}
