//! Lists and macros for Falco's rules (<https://falco.org/docs/rules/>): which images are ours, what they start, where
//! they listen, where they connect to.

use super::lines::Lines;
use crate::deploy::facts::{End, Facts, Service};

/// Names are looked up there.
const NAMES: u16 = 53;

pub(super) fn write(facts: &Facts, lines: &mut Lines) {
    let prefix = facts.project.replace('-', "_");
    list(
        &format!("{prefix}_images"),
        "The images of the project.",
        lines,
    );
    for service in &facts.services {
        lines.at(2, format!("- {}", service.image));
    }
    list(
        &format!("{prefix}_ports"),
        "The ports that they listen on.",
        lines,
    );
    let mut ports: Vec<u16> = facts.services.iter().filter_map(|it| it.port).collect();
    ports.sort_unstable();
    ports.dedup();
    for port in ports {
        lines.at(2, format!("- {port}"));
    }
    macro_of(
        &format!("{prefix}_container"),
        "A container of the project.",
        lines,
    );
    lines.at(
        2,
        format!("(container.image.repository in ({prefix}_images))"),
    );
    macro_of(
        &format!("{prefix}_program"),
        "A program that the container of its image starts: `ENTRYPOINT`, `CMD`, and what the manifest adds.",
        lines,
    );
    choice(facts, lines, |service| {
        Some(format!("proc.name in ({})", service.programs.join(", ")))
            .filter(|_| !service.programs.is_empty())
    });
    macro_of(
        &format!("{prefix}_connection"),
        "A connection that is meant to be: to another service, or elsewhere as the manifest says; and asking for names.",
        lines,
    );
    choice(facts, lines, |service| {
        let own = End::Name(service.name.clone());
        let mut ports: Vec<u16> = facts
            .edges
            .iter()
            .filter(|edge| edge.from == own)
            .map(|edge| edge.port)
            .chain([NAMES])
            .collect();
        ports.sort_unstable();
        ports.dedup();
        let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
        Some(format!("fd.sport in ({})", ports.join(", ")))
    });
}

fn list(name: &str, comment: &str, lines: &mut Lines) {
    lines.at(0, format!("# {comment}"));
    lines.at(0, format!("- list: {name}"));
    lines.at(1, "items:");
}

fn macro_of(name: &str, comment: &str, lines: &mut Lines) {
    lines.at(0, format!("# {comment}"));
    lines.at(0, format!("- macro: {name}"));
    lines.at(1, "condition: >-");
}

/// One condition for each service, any of which may hold.
fn choice(facts: &Facts, lines: &mut Lines, condition: impl Fn(&Service) -> Option<String>) {
    let known: Vec<String> = facts
        .services
        .iter()
        .filter_map(|service| {
            let condition = condition(service)?;
            Some(format!(
                "(container.image.repository = {} and {condition})",
                service.image
            ))
        })
        .collect();
    if known.is_empty() {
        lines.at(2, "(evt.num = 0)");
        return;
    }
    for (index, condition) in known.iter().enumerate() {
        let open = if index == 0 { "(" } else { "or " };
        let close = if index + 1 == known.len() { ")" } else { "" };
        lines.at(2, format!("{open}{condition}{close}"));
    }
}
