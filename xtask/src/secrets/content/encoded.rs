//! Secrets wrapped in base64, told by what is inside.

use super::detectors::Detector;
use super::token::Class;
use super::window::{BEHIND, Candidate, Window, run, run_back};
use super::{Certainty, Rule};
use crate::secrets::base64;
use crate::secrets::placeholder::{contains, is_placeholder};

static JWT: Rule = Rule {
    id: "json-web-token",
    description: "a JSON web token",
    certainty: Certainty::Likely,
    by_name: false,
};

static ENCODED_KEY: Rule = Rule {
    id: "encoded-private-key",
    description: "a private key in base64, as in `client-key-data` of a kubeconfig",
    certainty: Certainty::Certain,
    by_name: false,
};

static REGISTRY_LOGIN: Rule = Rule {
    id: "docker-registry-login",
    description: "a login of a container registry",
    certainty: Certainty::Certain,
    by_name: false,
};

static NX_CLOUD: Rule = Rule {
    id: "nx-cloud-token",
    description: "an access token of Nx Cloud",
    certainty: Certainty::Certain,
    by_name: false,
};

static NX_CLOUD_READ: Rule = Rule {
    id: "nx-cloud-read-token",
    description: "an access token of Nx Cloud that only reads",
    certainty: Certainty::Likely,
    by_name: false,
};

pub(super) const DETECTORS: &[Detector] = &[
    Detector {
        anchors: &[("eyJ", false)],
        rules: &[&JWT],
        judge: json_web_token,
    },
    Detector {
        // `-----BEGIN `
        anchors: &[("LS0tLS1CRUdJTi", false)],
        rules: &[&ENCODED_KEY],
        judge: encoded_key,
    },
    Detector {
        anchors: &[("\"auth\"", false)],
        rules: &[&REGISTRY_LOGIN],
        judge: registry_login,
    },
    Detector {
        // `|read` behind an identifier of 36 characters.
        anchors: &[("fHJlYWQ", false)],
        rules: &[&NX_CLOUD, &NX_CLOUD_READ],
        judge: nx_cloud,
    },
];

/// RFC 7519: header, claims and signature, each in base64url.
fn json_web_token(window: &Window<'_>) -> Option<Candidate> {
    if !window.is_start(window.at) {
        return None;
    }
    let rest = window.rest();
    let segment = |text: &[u8]| run(text, |byte| Class::Base64Url.has(byte));
    let header = segment(rest);
    let after_header = rest[header..].strip_prefix(b".")?;
    if header < 16 || !after_header.starts_with(b"eyJ") {
        return None;
    }
    let claims = segment(after_header);
    // A token that is longer than the window is known by its claims.
    let signature = after_header[claims..].strip_prefix(b".").map_or(0, segment);
    let end = header + 1 + claims + usize::from(claims < after_header.len()) + signature;
    let is_longer = end == rest.len() && rest.len() >= BEHIND;
    if signature < 20 && !is_longer {
        return None;
    }
    let decoded_header = base64::decode(&rest[..header])?;
    let decoded_claims = base64::decode_start(&after_header[..claims])?;
    let is_token = decoded_header.starts_with(b"{\"") && contains(&decoded_header, b"\"alg\"");
    // The token that jwt.io shows, and keys of Supabase for browsers.
    let is_public = contains(&decoded_claims, b"\"1234567890\"")
        || contains(&decoded_claims, b"John Doe")
        || contains(&decoded_claims, b"\"role\":\"anon\"");
    (is_token && !is_public).then(|| Candidate {
        rule: &JWT,
        range: window.at..window.at + end,
        public: 3,
    })
}

fn encoded_key(window: &Window<'_>) -> Option<Candidate> {
    let rest = window.rest();
    let length = run(rest, |byte| Class::Base64.has(byte) || byte == b'=');
    let text = &rest[..length];
    let start = base64::decode_start(text.get(..80)?)?;
    let label = start.strip_prefix(b"-----BEGIN ")?;
    let label = &label[..run(label, |byte| byte != b'-')];
    (label.ends_with(b"PRIVATE KEY") && length >= 120)
        .then(|| Candidate::new(&ENCODED_KEY, window.at..window.at + length))
}

/// `"auth": "dXNlcjpwYXNzd29yZA=="`: a user and a password.
fn registry_login(window: &Window<'_>) -> Option<Candidate> {
    let rest = window.rest();
    let mut at = b"\"auth\"".len();
    at += spaces(&rest[at..]);
    rest[at..].strip_prefix(b":")?;
    at += 1;
    at += spaces(&rest[at..]);
    rest[at..].strip_prefix(b"\"")?;
    at += 1;
    let length = run(&rest[at..], |byte| Class::Base64.has(byte) || byte == b'=');
    if rest[at + length..].first() != Some(&b'"') {
        return None;
    }
    let login = base64::decode(&rest[at..at + length])?;
    is_login(&login).then(|| {
        let start = window.at + at;
        Candidate::new(&REGISTRY_LOGIN, start..start + length)
    })
}

/// Whether it is `user:password`, in print, and the password no placeholder.
pub(super) fn is_login(login: &[u8]) -> bool {
    let is_text = std::str::from_utf8(login).is_ok_and(|text| !text.contains(char::is_control));
    let Some(colon) = login.iter().position(|&byte| byte == b':') else {
        return false;
    };
    is_text && colon > 0 && !is_placeholder(&login[colon + 1..])
}

fn spaces(text: &[u8]) -> usize {
    run(text, |byte| byte.is_ascii_whitespace())
}

fn nx_cloud(window: &Window<'_>) -> Option<Candidate> {
    let is_digit = |byte| Class::Base64.has(byte);
    let start = window.at - run_back(&window.bytes[..window.at], is_digit);
    // `|read-write` takes 16 digits.
    let access = &window.rest()[..window.rest().len().min(20)];
    let end = window.at + run(access, |byte| is_digit(byte) || byte == b'=');
    let decoded = base64::decode(window.bytes.get(start..end)?)?;
    let (identifier, access) = decoded.split_at_checked(36)?;
    let is_identifier = identifier
        .iter()
        .all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    let rule = match access {
        b"|read-write" => &NX_CLOUD,
        b"|read" | b"|read-only" => &NX_CLOUD_READ,
        _ => return None,
    };
    is_identifier.then(|| Candidate::new(rule, start..end))
}
