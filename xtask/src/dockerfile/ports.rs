//! `EXPOSE`d ports, as Docker's `nat.ParsePortSpecs` reads them.

use std::fmt;

/// A port with its protocol.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port {
    /// The number.
    pub number: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.protocol)
    }
}

/// Reads `[[address:]host:]port[-port][/protocol]`. Host ports mean nothing in an image.
///
/// # Errors
/// A sentence about what is wrong with it.
pub fn exposed(text: &str) -> Result<Vec<Port>, String> {
    let (ports, protocol) = match text.split_once('/') {
        Some((ports, protocol)) => (ports, protocol.to_ascii_lowercase()),
        None => (text, "tcp".to_owned()),
    };
    if !["tcp", "udp", "sctp"].contains(&protocol.as_str()) {
        return Err(format!("`{protocol}` is no protocol: tcp, udp or sctp"));
    }
    let container = ports.rsplit(':').next().unwrap_or_default();
    let number = |text: &str| text.parse::<u16>().ok().filter(|_| !text.starts_with('+'));
    let range = match container.split_once('-') {
        Some((first, last)) => number(first).zip(number(last)),
        None => number(container).map(|port| (port, port)),
    };
    let (first, last) = range
        .filter(|(first, last)| first <= last)
        .ok_or_else(|| format!("`{container}` is no port: 0 to 65535, or a range of them"))?;
    let port = |number| Port {
        number,
        protocol: protocol.clone(),
    };
    Ok((first..=last).map(port).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_what_is_none() {
        let show = |text: &str| match exposed(text) {
            Ok(ports) => ports
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" "),
            Err(error) => error,
        };
        for (text, expected) in [
            ("80", "80/tcp"),
            ("53/UDP", "53/udp"),
            ("8000-8002", "8000/tcp 8001/tcp 8002/tcp"),
            ("127.0.0.1:80:8080/sctp", "8080/sctp"),
            ("80/x", "`x` is no protocol: tcp, udp or sctp"),
            ("9-8", "`9-8` is no port: 0 to 65535, or a range of them"),
            ("http", "`http` is no port: 0 to 65535, or a range of them"),
        ] {
            assert_eq!(show(text), expected);
        }
    }
}
