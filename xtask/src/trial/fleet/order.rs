//! In which order services started, held against what they depend on.

use super::composition::{Condition, Member};
use crate::timestamp::Timestamp;

/// When one service started and became healthy, as the engine's clock has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// The service.
    pub service: String,
    /// RFC 3339, with parts of a second.
    pub started: String,
    /// The end of the first probe that passed; none if there was none.
    pub healthy: Option<String>,
    /// When its first process ended; none while it runs.
    pub finished: Option<String>,
}

/// What was wrong with the order, one sentence each.
#[must_use]
pub fn mistakes(members: &[Member], times: &[Times]) -> Vec<String> {
    let of = |name: &str| times.iter().find(|times| times.service == name);
    let mut found = Vec::new();
    for member in members {
        let Some(own) = of(&member.name) else {
            continue;
        };
        for (name, condition) in &member.dependencies {
            let Some(other) = of(name) else { continue };
            let (what, since) = match condition {
                Condition::Started => ("started", Some(&other.started)),
                Condition::Healthy => ("healthy", other.healthy.as_ref()),
                Condition::Completed => ("done", other.finished.as_ref()),
            };
            // Without the moment that it waits for, the service must not have been started at all.
            let waited = since.is_some_and(|since| moment(&own.started) >= moment(since));
            if !waited {
                let late =
                    since.map_or_else(|| "which it never was".to_owned(), |at| format!("at {at}"));
                let (name_of_own, started) = (&member.name, &own.started);
                found.push(format!(
                    "{name_of_own} started at {started}, before {name} was {what} ({late})"
                ));
            }
        }
    }
    found
}

/// Seconds since 1970 and the parts of one: engines tell the start of a container in UTC, and probes in their own zone.
fn moment(text: &str) -> Option<(i64, String)> {
    let seconds: Timestamp = text.parse().ok()?;
    let parts = text.split_once('.').map_or("", |(_, parts)| parts);
    let digits = parts.bytes().take_while(u8::is_ascii_digit).count();
    Some((seconds.unix_seconds(), format!("{:0<9}", &parts[..digits])))
}

/// Services such that each stands behind those it depends on; the order of the names where it does not matter.
/// Services that depend on each other come last.
#[must_use]
pub fn by_dependency(members: &[Member]) -> Vec<&str> {
    let mut left: Vec<&Member> = members.iter().collect();
    left.sort_by(|a, b| a.name.cmp(&b.name));
    let mut ordered: Vec<&str> = Vec::new();
    while !left.is_empty() {
        let waits = |member: &Member| {
            let mut names = member.dependencies.iter().map(|(name, _)| name);
            names.any(|name| {
                left.iter()
                    .any(|other| other.name == *name && other.name != member.name)
            })
        };
        let ready = left.iter().position(|member| !waits(member)).unwrap_or(0);
        ordered.push(&left.remove(ready).name);
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, dependencies: &[(&str, Condition)]) -> Member {
        Member {
            name: name.to_owned(),
            dependencies: dependencies
                .iter()
                .map(|(name, condition)| ((*name).to_owned(), *condition))
                .collect(),
            ..Member::default()
        }
    }

    fn times(service: &str, started: &str, healthy: Option<&str>) -> Times {
        Times {
            service: service.to_owned(),
            started: started.to_owned(),
            healthy: healthy.map(str::to_owned),
            finished: None,
        }
    }

    #[test]
    fn who_waits_for_health_starts_after_it() {
        let members = [
            member("api", &[("db", Condition::Healthy)]),
            member("db", &[]),
        ];
        let db = times("db", "2026-01-01T00:00:00Z", Some("2026-01-01T00:00:02.5Z"));
        let good = times("api", "2026-01-01T00:00:02.500000001Z", None);
        assert_eq!(
            mistakes(&members, &[db.clone(), good]),
            Vec::<String>::new()
        );
        let early = times("api", "2026-01-01T01:00:02.49+01:00", None);
        assert_eq!(
            mistakes(&members, &[db, early.clone()]),
            [
                "api started at 2026-01-01T01:00:02.49+01:00, before db was healthy (at 2026-01-01T00:00:02.5Z)"
            ]
        );
        let never = times("db", "2026-01-01T00:00:00Z", None);
        assert_eq!(mistakes(&members, &[never, early]).len(), 1);
    }

    #[test]
    fn dependencies_come_first() {
        let members = [
            member(
                "api",
                &[("orders", Condition::Healthy), ("risk", Condition::Started)],
            ),
            member("orders", &[("risk", Condition::Healthy)]),
            member("risk", &[]),
            member("alone", &[]),
        ];
        assert_eq!(by_dependency(&members), ["alone", "risk", "orders", "api"]);
        let circle = [
            member("a", &[("b", Condition::Started)]),
            member("b", &[("a", Condition::Started)]),
        ];
        assert_eq!(by_dependency(&circle).len(), 2);
    }
}
