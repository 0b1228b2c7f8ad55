//! Texts that look like keys.

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
    for (start, length, what) in STARTS {
        for (at, _) in text.match_indices(start) {
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            if text[..at].ends_with(is_part) {
                continue;
            }
            let body = &text[at + start.len()..];
            let end = body
                .find(|c: char| !(is_part(c) || start == "eyJ" && c == '.'))
                .unwrap_or(body.len());
            let body = &body[..end];
            // Placeholders repeat one letter, or are words.
            let varies = body
                .bytes()
                .collect::<std::collections::BTreeSet<_>>()
                .len()
                >= 8;
            let is_jwt = start != "eyJ" || body.matches('.').count() == 2;
            if body.len() >= length && varies && is_jwt {
                found.push((at..at + start.len() + body.len(), what));
            }
        }
    }
    for (at, marker) in text.match_indices("-----BEGIN ") {
        let line = text[at + marker.len()..]
            .split("-----")
            .next()
            .unwrap_or_default();
        if line.ends_with("PRIVATE KEY") {
            found.push((at..at + marker.len() + line.len() + 5, "a private key"));
        }
    }
    found.extend(passwords_in_urls(text));
    found.sort_by_key(|(range, _)| range.start);
    found
}

/// `scheme://user:password@host`, where the password is written out.
fn passwords_in_urls(text: &str) -> impl Iterator<Item = (Range<usize>, &'static str)> + '_ {
    text.match_indices("://").filter_map(|(at, marker)| {
        let start = at + marker.len();
        let rest = &text[start..];
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
        (is_written && !is_example).then(|| {
            let end = start + login.len();
            (end - password.len()..end, "a password in a URL")
        })
    })
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
