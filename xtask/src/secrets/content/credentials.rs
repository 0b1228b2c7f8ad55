//! Secrets of one service whose place is known by a text inside of them or next to them.

use super::detectors::Detector;
use super::encoded::is_login;
use super::token::Class;
use super::window::{Candidate, Window, is_word, run, run_back};
use super::{Certainty, Rule};
use crate::secrets::base64;
use crate::secrets::placeholder::{is_placeholder, is_placeholder_token, looks_random};

const fn certain(id: &'static str, description: &'static str) -> Rule {
    Rule {
        id,
        description,
        certainty: Certainty::Certain,
        by_name: false,
    }
}

static NPM_LOGIN: Rule = certain("npm-registry-login", "a login of an npm registry");
static OPENAI: Rule = certain("openai-key", "an API key of OpenAI");
static TELEGRAM: Rule = certain("telegram-bot-token", "a token of a Telegram bot");
static SERVICE_ACCOUNT: Rule = certain(
    "google-service-account",
    "a key of a service account of Google",
);
static AUTHORIZATION: Rule = Rule {
    id: "authorization-header",
    description: "a login in an HTTP header",
    certainty: Certainty::Likely,
    by_name: false,
};
static CONNECTION: Rule = Rule {
    id: "password-in-connection-string",
    description: "a password in a connection string",
    certainty: Certainty::Likely,
    by_name: false,
};
static JSON_WEB_KEY: Rule = certain("private-json-web-key", "a private JSON web key");

pub(super) const DETECTORS: &[Detector] = &[
    Detector {
        anchors: &[
            ("_authToken", false),
            ("_auth", false),
            ("_password", false),
            ("npmAuthToken", false),
            ("npmAuthIdent", false),
        ],
        rules: &[&NPM_LOGIN],
        judge: npm_login,
    },
    Detector {
        // `OpenAI` in base64.
        anchors: &[("T3BlbkFJ", false)],
        rules: &[&OPENAI],
        judge: openai,
    },
    Detector {
        anchors: &[(":AA", false)],
        rules: &[&TELEGRAM],
        judge: telegram,
    },
    Detector {
        anchors: &[("\"private_key_id\"", false)],
        rules: &[&SERVICE_ACCOUNT],
        judge: service_account,
    },
    Detector {
        anchors: &[("\"kty\"", false)],
        rules: &[&JSON_WEB_KEY],
        judge: json_web_key,
    },
    Detector {
        anchors: &[(";Password=", true), (";Pwd=", true)],
        rules: &[&CONNECTION],
        judge: connection,
    },
    Detector {
        anchors: &[("Authorization: B", true)],
        rules: &[&AUTHORIZATION],
        judge: authorization,
    },
];

/// `//registry/:_authToken=…` in `.npmrc`, `npmAuthToken: …` in `.yarnrc.yml`. `_auth` is a login in base64,
/// `_password` a password in base64.
fn npm_login(window: &Window<'_>) -> Option<Candidate> {
    let rest = window.rest();
    let name = run(rest, is_word);
    let is_of_yarn = rest.starts_with(b"npm");
    let line = &window.bytes[window.line_start(window.at)..window.at];
    let is_of_registry = line.ends_with(b":");
    if !is_of_registry && !line.trim_ascii().is_empty()
        || matches!(line.trim_ascii(), [b'#' | b';', ..])
    {
        return None;
    }
    let mut at = name + run(&rest[name..], |byte| matches!(byte, b' ' | b'\t' | b'"'));
    let operator = if is_of_yarn { b':' } else { b'=' };
    if rest.get(at) != Some(&operator) {
        return None;
    }
    at += 1;
    at += run(&rest[at..], |byte| {
        matches!(byte, b' ' | b'\t' | b'"' | b'\'')
    });
    let length = run(&rest[at..], |byte| {
        byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'(' | b')' | b',')
    });
    let value = &rest[at..at + length];
    let is_secret = match &rest[..name] {
        b"_auth" => base64::decode(value).is_some_and(|login| is_login(&login)),
        b"npmAuthIdent" => {
            is_login(value) || base64::decode(value).is_some_and(|login| is_login(&login))
        }
        b"_password" => {
            is_of_registry && base64::decode(value).is_some_and(|value| !is_placeholder(&value))
        }
        b"_authToken" | b"npmAuthToken" => length >= 3,
        _ => false,
    };
    (is_secret && !is_placeholder(value)).then(|| {
        let start = window.at + at;
        Candidate::new(&NPM_LOGIN, start..start + length)
    })
}

/// `sk-…T3BlbkFJ…`, `sk-proj-…T3BlbkFJ…`.
fn openai(window: &Window<'_>) -> Option<Candidate> {
    let is_part = |byte| Class::Base64Url.has(byte);
    let before = run_back(&window.bytes[..window.at], is_part);
    let behind = run(window.rest(), is_part);
    let run_start = window.at - before;
    let run = &window.bytes[run_start..window.at + behind];
    // What is before the start belongs to something else: `key-sk-…`.
    let start = run_start + run.windows(3).position(|part| part == b"sk-")?;
    let token = &window.bytes[start..window.at + behind];
    let is_key = window.is_start(start)
        && (40..=220).contains(&token.len())
        && window.at - start >= 20
        && behind >= 8 + 20
        && !is_placeholder_token(token);
    is_key.then(|| Candidate {
        rule: &OPENAI,
        range: start..start + token.len(),
        public: 3,
    })
}

/// The bot's number, a colon, and 35 characters of which the first two are `AA`.
fn telegram(window: &Window<'_>) -> Option<Candidate> {
    let number = run_back(&window.bytes[..window.at], |byte| byte.is_ascii_digit());
    let start = window.at - number;
    let rest = window.from(window.at + 1);
    let length = run(rest, |byte| Class::Base64Url.has(byte));
    // In a URL, `bot` is before the number.
    let is_start = window.is_start(start) || window.bytes[..start].ends_with(b"/bot");
    let is_token = (8..=10).contains(&number)
        && length == 35
        && is_start
        && !is_placeholder_token(&rest[..length]);
    is_token.then(|| Candidate::new(&TELEGRAM, start..window.at + 1 + length))
}

/// The number of the key stands next to the key itself, which is part of what is found.
fn service_account(window: &Window<'_>) -> Option<Candidate> {
    let rest = window.rest();
    let mut at = b"\"private_key_id\"".len();
    at += run(&rest[at..], |byte| {
        byte.is_ascii_whitespace() || byte == b':'
    });
    rest[at..].strip_prefix(b"\"")?;
    at += 1;
    let length = run(&rest[at..], |byte| byte.is_ascii_hexdigit());
    let number = &rest[at..at + length];
    let is_key =
        length == 40 && rest[at + length..].starts_with(b"\"") && !is_placeholder_token(number);
    if !is_key {
        return None;
    }
    let behind = &rest[at + length..];
    let near = &behind[..behind.len().min(200)];
    let key = position(near, b"-----BEGIN ")?;
    let end = position(&behind[key..], b"-----END ").map_or(behind.len(), |end| key + end);
    let start = window.at + at;
    Some(Candidate::new(
        &SERVICE_ACCOUNT,
        start..start + length + end,
    ))
}

fn position(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

/// RFC 7517: an object with `kty` that has the private part `d`.
fn json_web_key(window: &Window<'_>) -> Option<Candidate> {
    let open = window.bytes[..window.at]
        .iter()
        .rposition(|&byte| byte == b'{')?;
    let object = &window.bytes[open..];
    let object = &object[..run(object, |byte| byte != b'}')];
    let mut at = position(object, b"\"d\"")? + 3;
    at += run(&object[at..], |byte| {
        byte.is_ascii_whitespace() || byte == b':'
    });
    object[at..].strip_prefix(b"\"")?;
    at += 1;
    let length = run(&object[at..], |byte| Class::Base64Url.has(byte));
    let is_key = length >= 40
        && object.get(at + length) == Some(&b'"')
        && !is_placeholder_token(&object[at..at + length]);
    is_key.then(|| Candidate::new(&JSON_WEB_KEY, open + at..open + at + length))
}

/// RFC 7617 (`Basic`, a login in base64) and RFC 6750 (`Bearer`).
fn authorization(window: &Window<'_>) -> Option<Candidate> {
    let rest = window.rest();
    let scheme = rest.get(b"Authorization: ".len()..)?;
    let length = run(scheme, |byte| byte.is_ascii_alphabetic());
    let value = scheme[length..].strip_prefix(b" ")?;
    let end = run(value, |byte| {
        Class::Base64Url.has(byte) || matches!(byte, b'.' | b'~' | b'+' | b'/' | b'=')
    });
    let value = &value[..end];
    let is_secret = match scheme[..length].to_ascii_lowercase().as_slice() {
        b"basic" => base64::decode(value).is_some_and(|login| is_login(&login)),
        b"bearer" => looks_random(value) && !is_placeholder(value),
        _ => false,
    };
    is_secret.then(|| {
        let start = window.at + b"Authorization: ".len() + length + 1;
        Candidate::new(&AUTHORIZATION, start..start + end)
    })
}

/// `Server=…;User=…;Password=…;`
fn connection(window: &Window<'_>) -> Option<Candidate> {
    let rest = window.rest();
    let start = run(rest, |byte| byte != b'=') + 1;
    let value = &rest[start..];
    let value = &value[..run(value, |byte| {
        byte.is_ascii_graphic() && !b";\"'`<>\\".contains(&byte)
    })];
    let start = window.at + start;
    (value.len() >= 3 && !is_placeholder(value))
        .then(|| Candidate::new(&CONNECTION, start..start + value.len()))
}
