//! Which peers a service is told of: by its environment, and by what it depends on.

use super::composition::{Condition, Member};

/// Somebody that a service is to talk to, by a name of the fleet's network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Peer {
    /// The name.
    pub host: String,
    /// The port; none where it is not said.
    pub port: Option<u16>,
    /// Where it is said: a variable, or `depends_on`.
    pub told_by: String,
}

/// Ports that the scheme of a URL stands for.
const PORTS: [(&str, u16); 11] = [
    ("amqp", 5672),
    ("http", 80),
    ("https", 443),
    ("mongodb", 27017),
    ("mysql", 3306),
    ("nats", 4222),
    ("postgres", 5432),
    ("postgresql", 5432),
    ("redis", 6379),
    ("ws", 80),
    ("wss", 443),
];

/// The peers of a service. `port_of` tells the port of another service of the fleet. Names with a dot are of the
/// world outside, addresses and `localhost` no names: they are left out.
#[must_use]
pub fn of(member: &Member, port_of: impl Fn(&str) -> Option<u16>) -> Vec<Peer> {
    let mut peers: Vec<Peer> = Vec::new();
    for (variable, value) in &member.environment {
        for part in value.split([',', ' ']) {
            if let Some((host, port)) = authority(part) {
                peers.push(Peer {
                    host,
                    port,
                    told_by: variable.clone(),
                });
            }
        }
    }
    for (name, condition) in &member.dependencies {
        let is_told = peers.iter().any(|peer| peer.host == *name);
        // What is done before the service starts is no peer.
        if *condition != Condition::Completed && !is_told {
            peers.push(Peer {
                host: name.clone(),
                port: port_of(name),
                told_by: "depends_on".to_owned(),
            });
        }
    }
    peers.sort();
    peers.dedup_by(|a, b| (&a.host, a.port) == (&b.host, b.port));
    peers
}

/// Host and port of a URL whose host is one plain word. Users and passwords are left out.
fn authority(text: &str) -> Option<(String, Option<u16>)> {
    let (scheme, rest) = text.split_once("://")?;
    // What stands before the scheme may be a name for the URL: `ops=http://…`.
    let scheme = scheme.rsplit('=').next()?.to_ascii_lowercase();
    let authority = rest.split(['/', '?', '#']).next()?;
    let address = authority.rsplit('@').next()?;
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok()?)),
        None => (address, None),
    };
    let is_word = host.starts_with(|c: char| c.is_ascii_alphabetic())
        && host
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        && !host.eq_ignore_ascii_case("localhost");
    let usual = PORTS.iter().find(|(name, _)| *name == scheme);
    is_word.then(|| (host.to_owned(), port.or(usual.map(|(_, port)| *port))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_with_plain_names_are_peers() {
        for (text, expected) in [
            ("http://risk:3004/x?y=http://z", Some(("risk", Some(3004)))),
            ("postgres://jts:p@ss@db/jts", Some(("db", Some(5432)))),
            ("ops=http://hook:8080", Some(("hook", Some(8080)))),
            ("https://api", Some(("api", Some(443)))),
            ("odd://api", Some(("api", None))),
            ("http://api.example.com", None),
            ("http://127.0.0.1:80", None),
            ("http://[::1]:80", None),
            ("http://localhost:80", None),
            ("http://api:many", None),
            ("api:80", None),
            ("://", None),
        ] {
            let found = authority(text);
            let found = found.as_ref().map(|(host, port)| (host.as_str(), *port));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_the_environment_says_wins_over_depends_on() {
        let member = Member {
            name: "api".to_owned(),
            environment: [("RISK_URL".to_owned(), "http://risk:1".to_owned())].into(),
            dependencies: vec![
                ("risk".to_owned(), Condition::Healthy),
                ("db".to_owned(), Condition::Started),
                ("migration".to_owned(), Condition::Completed),
            ],
            ..Member::default()
        };
        let peers = of(&member, |name| (name == "db").then_some(5432));
        let told: Vec<_> = peers
            .iter()
            .map(|p| (p.host.as_str(), p.port, p.told_by.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("db", Some(5432), "depends_on"),
                ("risk", Some(1), "RISK_URL")
            ]
        );
    }
}
