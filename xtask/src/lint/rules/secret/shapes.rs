//! Texts that look like keys.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::text_search::{Part, letters_digits_and};

/// How keys of known services start: the start, how many characters follow at least, and whose they are.
const STARTS: [(&str, usize, &str); 17] = [
    ("AKIA", 16, "an access key of AWS"),
    ("ASIA", 16, "an access key of AWS"),
    ("AIza", 35, "an API key of Google"),
    ("ghp_", 36, "a token of GitHub"),
    ("gho_", 36, "a token of GitHub"),
    ("ghs_", 36, "a token of GitHub"),
    ("ghu_", 36, "a token of GitHub"),
    ("github_pat_", 40, "a token of GitHub"),
    ("glpat-", 20, "a token of GitLab"),
    ("npm_", 36, "a token of npm"),
    ("pypi-", 60, "a token of PyPI"),
    ("sk_live_", 20, "a key of Stripe"),
    ("xoxb-", 20, "a token of Slack"),
    ("xoxp-", 20, "a token of Slack"),
    ("dckr_pat_", 20, "a token of Docker Hub"),
    ("hf_", 34, "a token of Hugging Face"),
    (TOKEN, 60, "a JSON web token"),
];

/// No key is shorter, its start included.
const SHORTEST: usize = 20;

/// Everything that looks like a key, with what it is.
pub(super) fn keys(text: &str) -> Vec<(Range<usize>, &'static str)> {
    // Every text of a file comes by here, and hardly any is a key.
    let bytes = text.as_bytes();
    let mut found: Vec<(Range<usize>, &str)> = Vec::new();
    let mut look = |at: usize| {
        found.extend(key(&text[at..]).map(|(length, what)| (at..at + length, what)));
    };
    TOKENS
        .places_in(text)
        .filter(|at| !bytes[..*at].last().copied().is_some_and(is_part))
        .for_each(&mut look);
    long_words(bytes)
        .filter(|at| !bytes[*at..].starts_with(TOKEN.as_bytes()))
        .for_each(&mut look);
    found.extend(HEADS.places_in(text).filter_map(|at| private_key(text, at)));
    found.extend(
        URLS.places_in(text)
            .filter_map(|at| password_in_url(text, at)),
    );
    found.sort_by_key(|(range, _)| range.start);
    found
}

/// What a JSON web token starts with: it is of several words, the first of which may be short.
const TOKEN: &str = "eyJ";
static TOKENS: Part = Part::new(TOKEN);

/// Where the words begin that are long enough for a key. Most bytes are passed over: where a short word ends, no long one
/// has begun before.
fn long_words(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let window = bytes.get(at..at + SHORTEST)?;
            if let Some(end) = window.iter().rposition(|byte| !is_part(*byte)) {
                at += end + 1;
                continue;
            }
            let start = at;
            let length = bytes[start..].iter().position(|byte| !is_part(*byte));
            at = length.map_or(bytes.len(), |length| start + length);
            return Some(start);
        }
    })
}

/// Whether a byte can stand in a key.
const IN_KEYS: [bool; 256] = letters_digits_and(b"_-");

const fn is_part(byte: u8) -> bool {
    IN_KEYS[byte as usize]
}

/// How long the key is that a text starts with, and what it is.
fn key(text: &str) -> Option<(usize, &'static str)> {
    let (start, least, what) = STARTS.iter().find(|(start, ..)| text.starts_with(start))?;
    let body = &text.as_bytes()[start.len()..];
    let is_jwt = *start == TOKEN;
    let end = body
        .iter()
        .position(|&byte| !(is_part(byte) || is_jwt && byte == b'.'));
    let body = &body[..end.unwrap_or(body.len())];
    // Placeholders repeat one letter, or are words.
    let varies = body.iter().collect::<BTreeSet<_>>().len() >= 8;
    let has_parts = !is_jwt || body.split(|byte| *byte == b'.').count() == 3;
    (body.len() >= *least && varies && has_parts).then_some((start.len() + body.len(), what))
}

/// What the head of a private key starts with.
const MARKER: &str = "-----BEGIN ";
static HEADS: Part = Part::new(MARKER);

/// What stands before a login in a URL.
static URLS: Part = Part::new("://");

/// The head of a private key, whose marker is given.
fn private_key(text: &str, at: usize) -> Option<(Range<usize>, &'static str)> {
    let rest = text[at..].strip_prefix(MARKER)?;
    let line = rest.split("-----").next().unwrap_or_default();
    let end = at + MARKER.len() + line.len() + 5;
    line.ends_with("PRIVATE KEY")
        .then_some((at..end, "a private key"))
}

/// `scheme://user:password@host`, where the password is written out; the colon behind the scheme is given.
fn password_in_url(text: &str, at: usize) -> Option<(Range<usize>, &'static str)> {
    let rest = text[at..].strip_prefix("://")?;
    let end = rest.find(|c: char| {
        c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '\\' | '?' | '#' | '`')
    })?;
    let (login, _) = rest[..end].rsplit_once('@')?;
    let (_, password) = login.split_once(':')?;
    let is_written = !password.is_empty() && !password.contains(['$', '{', '<', '*', '%']);
    let is_example = matches!(
        password,
        "password" | "pass" | "pw" | "xxx" | "secret" | "x-oauth-basic" | "postgres"
    );
    let end = at + "://".len() + login.len();
    (is_written && !is_example).then_some((end - password.len()..end, "a password in a URL"))
}

#[cfg(test)]
mod tests {
    use super::keys;

    #[test]
    fn keys_and_what_only_looks_like_them() {
        let what = |text| {
            keys(text)
                .iter()
                .map(|(_, what)| *what)
                .collect::<Vec<_>>()
                .join(", ")
        };
        for (text, expected) in [
            ("K=AKIAIOSFODNN7EXAMPLE", "an access key of AWS"),
            ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
            (
                "git clone https://me:hunter2@example.com/x",
                "a password in a URL",
            ),
            (
                "curl https://$U:$P@example.com/x http://a/b:c@d ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "",
            ),
            (
                "ghp_0123456789abcdefghijABCDEFGHIJ012345",
                "a token of GitHub",
            ),
            (
                "x a/ghp_0123456789abcdefghijABCDEFGHIJ012345\nhf_0123456789abcdefghijABCDEFGHIJ0123 é",
                "a token of GitHub, a token of Hugging Face",
            ),
            ("x_ghp_0123456789abcdefghijABCDEFGHIJ012345", ""),
            ("glpat-0123456789abcdefghi", ""),
            (
                "T=eyJhbGciOi.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9",
                "a JSON web token",
            ),
            (
                "-----BEGIN CERTIFICATE----- npm_config_cache=/tmp sk_live_",
                "",
            ),
        ] {
            assert_eq!(what(text), expected, "{text}");
        }
    }
}
