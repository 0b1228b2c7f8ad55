//! `scheme://user:password@host`.

use super::detectors::Detector;
use super::window::{Candidate, Window, run, run_back};
use super::{Certainty, Rule};
use crate::secrets::placeholder::{is_for_show, is_placeholder};

static PASSWORD: Rule = Rule {
    id: "password-in-url",
    description: "a password in a URL",
    certainty: Certainty::Likely,
    by_name: false,
};

pub(super) const DETECTORS: &[Detector] = &[Detector {
    anchors: &[("://", false)],
    rules: &[&PASSWORD],
    judge,
}];

/// A login is seldom longer.
const MOST: usize = 512;

fn judge(window: &Window<'_>) -> Option<Candidate> {
    let scheme = run_back(&window.bytes[..window.at], |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
    });
    let start = window.at + b"://".len();
    let rest = window.from(start);
    let rest = &rest[..rest.len().min(MOST)];
    // RFC 3986, 3.2: the authority ends there.
    let authority = &rest[..run(rest, |byte| {
        byte.is_ascii_graphic() && !b"/?#\"'`<>\\|,;()[]{}^".contains(&byte) || byte >= 0x80
    })];
    let at = authority.iter().rposition(|&byte| byte == b'@')?;
    let (login, host) = (&authority[..at], &authority[at + 1..]);
    let colon = login.iter().position(|&byte| byte == b':')?;
    let (user, password) = (&login[..colon], &login[colon + 1..]);
    // `cvs://:pserver:…` has a method there.
    let scheme = &window.bytes[window.at - scheme..window.at];
    let is_secret = !matches!(scheme, b"" | b"cvs")
        && host.first().is_some_and(u8::is_ascii_alphanumeric)
        && user != password
        && !password.contains(&b'$')
        && !user.contains(&b'$')
        && !is_for_readers(host)
        && !has_directive(password)
        && !is_placeholder(password)
        && !is_for_show(password)
        && !matches!(password, b"pwd" | b"pass123" | b"1234");
    is_secret.then(|| {
        let start = start + colon + 1;
        Candidate::new(&PASSWORD, start..start + password.len())
    })
}

/// Hosts that RFC 2606 keeps for documentation, and what people write there.
fn is_for_readers(host: &[u8]) -> bool {
    let host = host.to_ascii_lowercase();
    let name = &host[..run(&host, |byte| byte != b':')];
    name == b"host"
        || name == b"hostname"
        || name.ends_with(b".example")
        || name.ends_with(b".invalid")
        || name.ends_with(b".test")
        || [&b"example.com"[..], b"example.org", b"example.net"]
            .iter()
            .any(|example| name.ends_with(example))
}

/// A `%` that escapes nothing is a place to fill in: `%s`.
fn has_directive(password: &[u8]) -> bool {
    password.iter().enumerate().any(|(at, &byte)| {
        byte == b'%'
            && !password
                .get(at + 1..at + 3)
                .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}
