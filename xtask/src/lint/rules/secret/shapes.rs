//! Texts that look like keys.

use std::collections::BTreeSet;
use std::ops::Range;

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
    ("eyJ", 60, "a JSON web token"),
];

/// Everything that looks like a key, with what it is.
pub(super) fn keys(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut found = Vec::new();
    let mut passwords = Vec::new();
    let mut before = None;
    // Every text of a file comes by here, and hardly any is a key: it is looked at once, not once for each start.
    for (at, &byte) in text.as_bytes().iter().enumerate() {
        let starts_word = !before.is_some_and(is_part);
        before = Some(byte);
        match byte {
            b'A' | b'd' | b'e' | b'g' | b'h' | b'n' | b'p' | b's' | b'x' if starts_word => {
                found.extend(key(&text[at..]).map(|(length, what)| (at..at + length, what)));
            }
            b'-' => found.extend(private_key(text, at)),
            b':' => passwords.extend(password_in_url(text, at)),
            _ => {}
        }
    }
    found.append(&mut passwords);
    found.sort_by_key(|(range, _)| range.start);
    found
}

const fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// How long the key is that a text starts with, and what it is.
fn key(text: &str) -> Option<(usize, &'static str)> {
    let (start, least, what) = STARTS.iter().find(|(start, ..)| text.starts_with(start))?;
    let body = &text.as_bytes()[start.len()..];
    let is_jwt = *start == "eyJ";
    let end = body
        .iter()
        .position(|&byte| !(is_part(byte) || is_jwt && byte == b'.'));
    let body = &body[..end.unwrap_or(body.len())];
    // Placeholders repeat one letter, or are words.
    let varies = body.iter().collect::<BTreeSet<_>>().len() >= 8;
    let has_parts = !is_jwt || body.split(|byte| *byte == b'.').count() == 3;
    (body.len() >= *least && varies && has_parts).then_some((start.len() + body.len(), what))
}

/// The head of a private key that starts at a dash.
fn private_key(text: &str, at: usize) -> Option<(Range<usize>, &'static str)> {
    const MARKER: &str = "-----BEGIN ";
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
                "-----BEGIN CERTIFICATE----- npm_config_cache=/tmp sk_live_",
                "",
            ),
        ] {
            assert_eq!(what(text), expected, "{text}");
        }
    }
}
