//! Values that are secret by the name they are given to: `DB_PASSWORD=…`, `apiKey: "…"`.

use super::detectors::Detector;
use super::token::Class;
use super::window::{Candidate, Window, is_word, run, run_back};
use super::{Certainty, Format, Rule};
use crate::secrets::base64;
use crate::secrets::placeholder::{entropy, is_for_show, is_placeholder, looks_random};
use crate::secrets::variables::{Secrecy, is_harmless, secrecy};

const fn rule(id: &'static str, description: &'static str, certainty: Certainty) -> Rule {
    Rule {
        id,
        description,
        certainty,
        by_name: true,
    }
}

static IN_SETTINGS: Rule = rule(
    "secret-in-settings",
    "a value whose name says that it is secret",
    Certainty::Likely,
);
static IN_TEXT: Rule = rule(
    "secret-in-text",
    "a value that looks random, under the name of a secret",
    Certainty::Possible,
);
static PASSWORD: Rule = rule("password-in-text", "a password", Certainty::Possible);
static NETRC: Rule = rule(
    "netrc-password",
    "a password in `.netrc`",
    Certainty::Certain,
);
static AWS: Rule = rule(
    "aws-secret-access-key",
    "a secret access key of AWS",
    Certainty::Certain,
);
static TWILIO: Rule = rule(
    "twilio-auth-token",
    "an auth token of Twilio",
    Certainty::Certain,
);
static DISCORD: Rule = rule(
    "discord-bot-token",
    "a token of a Discord bot",
    Certainty::Certain,
);

pub(super) const DETECTORS: &[Detector] = &[Detector {
    anchors: &[
        ("auth", true),
        ("credential", true),
        ("key", true),
        ("pass", true),
        ("_pat", true),
        ("pwd", true),
        ("pword", true),
        ("secret", true),
        ("token", true),
    ],
    rules: &[
        &IN_SETTINGS,
        &IN_TEXT,
        &PASSWORD,
        &NETRC,
        &AWS,
        &TWILIO,
        &DISCORD,
    ],
    judge,
}];

/// No name is longer.
const LONGEST_NAME: usize = 80;

/// In source code, what is shorter is no password either.
const SHORTEST_VALUE_IN_TEXT: usize = 8;

/// No value is longer: what is longer is data.
const LONGEST_VALUE: usize = 512;

fn judge(window: &Window<'_>) -> Option<Candidate> {
    let is_part = |byte| is_word(byte) || matches!(byte, b'-' | b'.');
    let behind = run(window.rest(), is_part);
    let end = window.at + behind;
    // Most names are no target of an assignment: asked first, as it is asked often.
    if !window
        .from(end)
        .first()
        .is_some_and(|next| b" \t\r\n\"'`]=:>?|".contains(next))
    {
        return None;
    }
    let before = run_back(&window.bytes[..window.at], is_part);
    if before + behind > LONGEST_NAME {
        return None;
    }
    let start = window.at - before;
    let name = std::str::from_utf8(&window.bytes[start..end]).ok()?;
    let name = name.trim_start_matches('-').trim_end_matches('.');
    if window.format == Format::Netrc {
        return netrc(window, name, end);
    }
    let value = Value::read(window, start, end)?;
    let bytes = window.bytes.get(value.start..value.end)?;
    let is_alone = value.is_quoted || value.is_whole_line;
    if window.format == Format::Text && (!is_alone || bytes.len() < SHORTEST_VALUE_IN_TEXT) {
        return None;
    }
    let secrecy = secrecy(name)?;
    let rule = judge_value(window, name, secrecy, &value, bytes)?;
    Some(Candidate::new(rule, value.start..value.end))
}

fn netrc(window: &Window<'_>, name: &str, end: usize) -> Option<Candidate> {
    if name != "password" {
        return None;
    }
    let rest = window.from(end);
    let space = run(rest, |byte| byte.is_ascii_whitespace());
    let length = run(&rest[space..], |byte| !byte.is_ascii_whitespace());
    let value = &rest[space..space + length];
    let start = end + space;
    (space > 0 && !is_placeholder(value)).then(|| Candidate::new(&NETRC, start..start + length))
}

/// Where a value stands.
struct Value {
    start: usize,
    end: usize,
    is_quoted: bool,
    /// Nothing but white space, `export` and the like is before the name.
    is_whole_line: bool,
}

impl Value {
    /// The value that is given to the name at `start..end`.
    fn read(window: &Window<'_>, start: usize, end: usize) -> Option<Self> {
        let bytes = window.bytes;
        let skip = |at: usize, set: &[u8]| at + run(window.from(at), |byte| set.contains(&byte));
        let line = &bytes[window.line_start(start)..start];
        let first = line.trim_ascii();
        if window.format != Format::Text && matches!(first, [b'#' | b';', ..]) {
            return None;
        }
        let opening = window.before(start);
        // `"name":`, `env["NAME"] =`.
        let after_name = skip(end, b"\"'`]");
        let is_quoted_name = after_name > end;
        let mut at = skip(after_name, b" \t");
        let is_tag = opening == Some(b'<') && bytes.get(end) == Some(&b'>');
        at = if is_tag {
            end + 1
        } else {
            operator(window, at, is_quoted_name && is_argument(first))?
        };
        at = skip(at, b" \t");
        let is_start_of_line = matches!(
            first,
            b"" | b"export" | b"ENV" | b"ARG" | b"set" | b"-" | b"\"" | b"'"
        );
        let is_whole_line = is_start_of_line || is_tag || window.from(start).starts_with(b"--");
        let quoted = |at: usize| {
            let quote = *bytes.get(at).filter(|byte| b"\"'`".contains(byte))?;
            let text = window.from(at + 1);
            let length = run(text, |byte| byte != quote && byte != b'\n');
            (text.get(length) == Some(&quote)).then_some((at + 1, at + 1 + length))
        };
        if let Some((start, end)) = quoted(at).or_else(|| quoted(annotated(window, at)?)) {
            return Some(Self {
                start,
                end,
                is_quoted: true,
                is_whole_line,
            });
        }
        let length = if is_tag {
            run(window.from(at), |byte| byte != b'<' && byte != b'\n')
        } else {
            unquoted(window.from(at))
        };
        Some(Self {
            start: at,
            end: at + length,
            is_quoted: false,
            is_whole_line,
        })
    }
}

/// Whether a call opens before the name.
fn is_argument(before: &[u8]) -> bool {
    let quotes = run_back(before, |byte| b" \"'`".contains(&byte));
    before[..before.len() - quotes].ends_with(b"(")
}

/// The place behind `=`, `:`, `:=`, `=>`, `?=`, `||=`; and behind the comma of `define('NAME', …)`.
fn operator(window: &Window<'_>, at: usize, is_argument: bool) -> Option<usize> {
    let rest = window.from(at);
    let length = match rest {
        [b'=', b'=' | b'~', ..] | [b':', b':', ..] => return None,
        [b'=', b'>', ..] | [b':' | b'?', b'=', ..] => 2,
        [b'|', b'|', b'=', ..] => 3,
        [b'=' | b':', ..] => 1,
        [b',', ..] if is_argument => 1,
        _ => return None,
    };
    Some(at + length)
}

/// The place behind the type and the `=` of `name: type = "…"`.
fn annotated(window: &Window<'_>, at: usize) -> Option<usize> {
    let rest = window.from(at);
    let kind = run(&rest[..rest.len().min(40)], |byte| {
        is_word(byte) || b"&'<>[]? ".contains(&byte)
    });
    let after = rest[kind..].strip_prefix(b"=")?;
    let space = run(after, |byte| byte == b' ');
    Some(at + kind + 1 + space)
}

/// How long a value without quotes is: to the end of its line, but for a comment and white space at its end.
fn unquoted(text: &[u8]) -> usize {
    let line = &text[..run(text, |byte| byte != b'\n' && byte != b'\r')];
    let comment = line
        .windows(2)
        .position(|pair| pair[0].is_ascii_whitespace() && pair[1] == b'#');
    let line = &line[..comment.unwrap_or(line.len())];
    line.trim_ascii_end().len()
}

fn judge_value(
    window: &Window<'_>,
    name: &str,
    secrecy: Secrecy,
    value: &Value,
    bytes: &[u8],
) -> Option<&'static Rule> {
    let text = std::str::from_utf8(bytes).ok()?;
    if text.len() > LONGEST_VALUE
        || is_harmless(text)
        || is_elsewhere(text)
        || is_placeholder(bytes)
    {
        return None;
    }
    if let Some(rule) = of_service(name, bytes) {
        return Some(rule);
    }
    match window.format {
        Format::Variables | Format::Settings => {
            let is_clear = secrecy == Secrecy::Clear;
            let has_digit = text.contains(|c: char| c.is_ascii_digit());
            let is_number = text.len() < 6 && text.bytes().all(|byte| byte.is_ascii_digit());
            let is_value = match (window.format, is_clear) {
                (Format::Variables, true) => true,
                (_, true) => {
                    !text.bytes().all(|byte| byte.is_ascii_alphabetic()) || text.len() >= 16
                }
                (_, false) => has_digit && text.len() >= 8,
            };
            let is_text = !value.is_quoted && text.contains(char::is_whitespace);
            (is_value && !is_number && !is_text).then_some(&IN_SETTINGS)
        }
        Format::Text | Format::Netrc => {
            let may_be = secrecy == Secrecy::Clear && !is_for_show(bytes);
            let is_code =
                !value.is_quoted && text.contains(|c: char| "(){}[]<>,;\"'`\\ ".contains(c));
            if !may_be || is_code {
                None
            } else if looks_random(bytes) && !is_public_form(text) {
                Some(&IN_TEXT)
            } else {
                (value.is_quoted && is_password(name, bytes)).then_some(&PASSWORD)
            }
        }
    }
}

/// Values of a form that is that of one service, under names that say so.
fn of_service(name: &str, value: &[u8]) -> Option<&'static Rule> {
    let lower = name.to_ascii_lowercase();
    let has = |word: &str| lower.contains(word);
    let is_of = |class: Class, length: usize| {
        value.len() == length && value.iter().all(|&byte| class.has(byte))
    };
    if has("secret")
        && (has("aws") || has("accesskey") || has("access_key"))
        && is_of(Class::Base64, 40)
    {
        return (entropy(value) > 4.0).then_some(&AWS);
    }
    if has("twilio") && is_of(Class::Hex, 32) && entropy(value) > 3.0 {
        return Some(&TWILIO);
    }
    is_discord_bot(value).then_some(&DISCORD)
}

/// The bot's number in base64, a time, and a signature.
fn is_discord_bot(value: &[u8]) -> bool {
    let parts: Vec<&[u8]> = value.split(|&byte| byte == b'.').collect();
    let [number, time, signature] = parts[..] else {
        return false;
    };
    let is_number = base64::decode(number)
        .is_some_and(|number| number.len() >= 17 && number.iter().all(u8::is_ascii_digit));
    is_number && time.len() == 6 && (27..=38).contains(&signature.len())
}

/// A reference to where the secret is: a URL, a file, an expression.
fn is_elsewhere(value: &str) -> bool {
    let ending = value.rsplit_once('.').map_or("", |(_, ending)| ending);
    value.contains("://")
        || value.starts_with("./")
        || value.starts_with("~/")
        || matches!(
            ending,
            "pem" | "key" | "json" | "yml" | "yaml" | "txt" | "crt"
        )
}

/// Identifiers and digests are random, too, but not secret: UUIDs, `sha256:…`.
fn is_public_form(value: &str) -> bool {
    let is_uuid = value.len() == 36
        && value.bytes().enumerate().all(|(at, byte)| {
            if matches!(at, 8 | 13 | 18 | 23) {
                byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        });
    is_uuid
        || ["sha1", "sha256", "sha384", "sha512", "md5", "data:", "urn:"]
            .iter()
            .any(|start| value.starts_with(start))
}

/// A password that a person made up: not long, and letters, digits, signs in one.
fn is_password(name: &str, value: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let has = |is_such: fn(&u8) -> bool| usize::from(value.iter().any(is_such));
    let kinds = has(u8::is_ascii_lowercase)
        + has(u8::is_ascii_uppercase)
        + has(u8::is_ascii_digit)
        + has(u8::is_ascii_punctuation);
    (name.contains("pass") || name.contains("pwd"))
        && (8..=64).contains(&value.len())
        && value.iter().all(u8::is_ascii_graphic)
        && kinds >= 3
        && has(u8::is_ascii_digit) == 1
}
