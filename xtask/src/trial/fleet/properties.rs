//! What a fleet must show, each named for what is wrong where it does not.

use crate::trial::Property;

/// All of them, by code.
pub static PROPERTIES: &[&Property] = &[
    &NEVER_HEALTHY,
    &STARTS_TOO_EARLY,
    &UNREACHABLE_PEER,
    &UNWELL_AT_REST,
    &BROKEN_SCENARIO,
    &FALLS_WITH_ITS_PEER,
    &HIDES_A_LOST_PEER,
    &DOES_NOT_RECOVER,
    &LOSES_REQUESTS_ON_RESTART,
    &SLOW_UNDER_LOAD,
    &BREAKS_UNDER_BURST,
    &DIES_WITH_ITS_DATABASE,
    &LOSES_WHAT_IT_ACKNOWLEDGED,
];

/// DT2001.
pub static NEVER_HEALTHY: Property = Property {
    code: "DT2001",
    name: "never-healthy",
    holds: "Every service becomes healthy within the budget, and none ends.",
    help: "The last lines of its log and the output of its health check say why. A service that waits for another \
           needs `depends_on` with `condition: service_healthy`, or to be patient by itself.",
};

/// DT2002.
pub static STARTS_TOO_EARLY: Property = Property {
    code: "DT2002",
    name: "starts-too-early",
    holds: "No service starts before those it depends on are healthy.",
    help: "Write `depends_on` with `condition: service_healthy`: a plain list waits for the start of a container only, \
           not for what runs in it.",
};

/// DT2101.
pub static UNREACHABLE_PEER: Property = Property {
    code: "DT2101",
    name: "unreachable-peer",
    holds: "From inside of each service, every peer that it is told of resolves by name and takes connections.",
    help: "The name in the service's environment must be the name of a service of the compose file (or an alias) in a \
           network that both are in, and the port the one that it listens at.",
};

/// DT2102.
pub static UNWELL_AT_REST: Property = Property {
    code: "DT2102",
    name: "unwell-at-rest",
    holds: "With all services up, none reports a failing check.",
    help: "The body of the health endpoint names the check. Most often the address of a peer is wrong, in the \
           environment or built in.",
};

/// DT2201.
pub static BROKEN_SCENARIO: Property = Property {
    code: "DT2201",
    name: "broken-scenario",
    holds: "What a scenario asks for comes out at its other end.",
    help: "The step that failed tells what was answered; the services' logs have the request.",
};

/// DT2301.
pub static FALLS_WITH_ITS_PEER: Property = Property {
    code: "DT2301",
    name: "falls-with-its-peer",
    holds: "While one service is away, the others stay up: healthy, or degraded.",
    help: "A peer that is away is no reason to be restarted: report its check as degraded and answer 200. Restarting \
           would not bring the peer back.",
};

/// DT2302.
pub static HIDES_A_LOST_PEER: Property = Property {
    code: "DT2302",
    name: "hides-a-lost-peer",
    holds: "A service that has a check named for a peer reports it as failing while the peer is away.",
    help: "The check must ask the peer each time, with a timeout, and not remember that it was once there.",
};

/// DT2303.
pub static DOES_NOT_RECOVER: Property = Property {
    code: "DT2303",
    name: "does-not-recover",
    holds: "Once a service that was killed is back, all are as before, within the budget and without a restart.",
    help: "Connect again after an error, with a bounded wait, and look the name up again: a container that is started \
           again may have another address.",
};

/// DT2401.
pub static LOSES_REQUESTS_ON_RESTART: Property = Property {
    code: "DT2401",
    name: "loses-requests-on-restart",
    holds: "While services are replaced one after the other under load, no request fails.",
    help: "On SIGTERM: accept until the listener is closed, answer what came in, tell `Connection: close`, and end \
           only then. A caller that keeps connections must try again on a fresh one if a kept one is closed.",
};

/// DT2402.
pub static SLOW_UNDER_LOAD: Property = Property {
    code: "DT2402",
    name: "slow-under-load",
    holds: "99 of 100 requests of the load are answered within the budget.",
    help: "Look for waits at full length: timeouts, names that are looked up in vain, connections to a peer that is \
           gone.",
};

/// DT2501.
pub static BREAKS_UNDER_BURST: Property = Property {
    code: "DT2501",
    name: "breaks-under-burst",
    holds: "More requests at once than a pool has room for are each answered, and the service is well afterwards.",
    help: "Bound the wait for a connection and answer 503 when it is over; give every connection back, after errors \
           too.",
};

/// DT2601.
pub static DIES_WITH_ITS_DATABASE: Property = Property {
    code: "DT2601",
    name: "dies-with-its-database",
    holds: "A service whose database is killed stays up, and works again by itself once it is back.",
    help: "Handle the errors of idle connections, open new ones, and prepare again what must be there.",
};

/// DT2602.
pub static LOSES_WHAT_IT_ACKNOWLEDGED: Property = Property {
    code: "DT2602",
    name: "loses-what-it-acknowledged",
    holds: "What was acknowledged before or while a database was killed is there afterwards.",
    help: "Acknowledge after the commit, never before, and keep the database's data on a volume with `fsync` on.",
};

#[cfg(test)]
mod tests {
    use super::PROPERTIES;

    #[test]
    fn codes_and_names_are_in_order_and_unique() {
        assert!(PROPERTIES.is_sorted_by(|a, b| a.code < b.code));
        let mut names: Vec<&str> = PROPERTIES.iter().map(|property| property.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PROPERTIES.len());
    }

    #[test]
    fn the_page_has_every_property() {
        let page = include_str!("../../../../docs/fleet.md");
        for property in PROPERTIES {
            let row = format!(
                "| {} | `{}` | {} |",
                property.code, property.name, property.holds
            );
            assert!(page.contains(&row), "docs/fleet.md lacks: {row}");
        }
    }
}
