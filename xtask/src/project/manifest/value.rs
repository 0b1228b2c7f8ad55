//! What single values of the manifest may look like.

use toml::de::DeValue;

use super::ceiling::Ceiling;
use super::kind::{Key, Kind, Presence};
use super::retention::TagPattern;
use crate::project::suggestion::nearest;
use crate::size::Bytes;
use crate::timestamp::Period;

/// What is wrong with a value.
pub(super) enum Mistake {
    /// Its type; this is what it must be.
    Type(&'static str),
    /// What it says; a sentence about it.
    Value(String),
}

/// Checks a value that holds no others.
pub(super) fn check(kind: Kind, value: &DeValue<'_>) -> Result<(), Mistake> {
    let whole = || {
        let number = value.as_integer()?;
        i64::from_str_radix(number.as_str(), number.radix()).ok()
    };
    let ok = |good: bool, message: &str| {
        if good {
            Ok(())
        } else {
            Err(Mistake::Value(message.to_owned()))
        }
    };
    match kind {
        Kind::Version => match value {
            DeValue::Integer(_) => ok(
                whole() == Some(1),
                "this version of the tool reads version 1 only",
            ),
            _ => Err(Mistake::Type("the number 1")),
        },
        Kind::Port => match value {
            DeValue::Integer(_) => ok(
                whole().is_some_and(|port| (1..=65535).contains(&port)),
                "a port is between 1 and 65535",
            ),
            _ => Err(Mistake::Type("a port number")),
        },
        Kind::CountFromZero => match value {
            DeValue::Integer(_) => ok(
                whole().is_some_and(|number| u32::try_from(number).is_ok()),
                "expected a whole number from 0",
            ),
            _ => Err(Mistake::Type("a whole number")),
        },
        Kind::ExitCode => match value {
            DeValue::Integer(_) => ok(
                whole().is_some_and(|code| (0..=255).contains(&code)),
                "an exit code is between 0 and 255",
            ),
            _ => Err(Mistake::Type("an exit code")),
        },
        Kind::Count => match value {
            DeValue::Integer(_) => ok(
                whole().is_some_and(|count| (1..=1_000_000_000).contains(&count)),
                "expected a number from 1 to 1000000000",
            ),
            _ => Err(Mistake::Type("a whole number")),
        },
        Kind::Percent => match value {
            DeValue::Integer(_) => ok(
                whole().is_some_and(|count| (1..=100).contains(&count)),
                "expected a number from 1 to 100",
            ),
            _ => Err(Mistake::Type("a whole number")),
        },
        Kind::Json => json(value),
        Kind::Switch => match value {
            DeValue::Boolean(_) => Ok(()),
            _ => Err(Mistake::Type("`true` or `false`")),
        },
        Kind::Date => match value.as_datetime() {
            Some(date) => ok(
                date.date.is_some() && date.time.is_none(),
                "expected a date without a time, such as 2027-06-30",
            ),
            None => Err(Mistake::Type("a date without quotes, such as 2027-06-30")),
        },
        Kind::Scalar => match value {
            DeValue::String(_) | DeValue::Boolean(_) => Ok(()),
            DeValue::Integer(_) => ok(whole().is_some(), "the number is too large"),
            _ => Err(Mistake::Type("a text, a whole number or a switch")),
        },
        _ => match value.as_str() {
            Some(written) => text(kind, written).map_err(Mistake::Value),
            None => Err(Mistake::Type(type_of(kind))),
        },
    }
}

/// TOML has values that JSON has not.
fn json(value: &DeValue<'_>) -> Result<(), Mistake> {
    match value {
        DeValue::Datetime(_) => Err(Mistake::Value(
            "JSON has no dates; write it in quotes".to_owned(),
        )),
        DeValue::Float(number) if !number.as_str().contains(|c: char| c.is_ascii_digit()) => Err(
            Mistake::Value("JSON has neither infinity nor `nan`".to_owned()),
        ),
        DeValue::Array(items) => items.iter().try_for_each(|item| json(item.get_ref())),
        DeValue::Table(table) => table.iter().try_for_each(|(_, item)| json(item.get_ref())),
        _ => Ok(()),
    }
}

fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::List(_) => "a list",
        Kind::Table(_) | Kind::Map(..) | Kind::Opaque => "a table",
        Kind::Tables(_) => "a list of tables (`[[…]]`)",
        Kind::OneOrMore(_) => "a table, or a list of tables (`[[…]]`)",
        Kind::Size => "a size in quotes, such as \"150 MB\"",
        Kind::SizeOrShare => "a size or a percentage in quotes, such as \"10 MB\" or \"5 %\"",
        Kind::Period => "a time span in quotes, such as \"24 hours\"",
        Kind::Pointer => "a JSON pointer in quotes, such as \"/order/id\"",
        _ => "a text",
    }
}

/// Checks a text; the message is a sentence that starts with what was written.
pub(super) fn text(kind: Kind, text: &str) -> Result<(), String> {
    if let Kind::Choice(choices) = kind {
        return if choices.contains(&text) {
            Ok(())
        } else {
            let choices: Vec<String> = choices.iter().map(|c| format!("\"{c}\"")).collect();
            Err(format!("\"{text}\" is none of {}", choices.join(", ")))
        };
    }
    if let Kind::Pointer = kind {
        return if text.is_empty() || text.starts_with('/') {
            Ok(())
        } else {
            Err(format!(
                "\"{text}\" is no JSON pointer: it starts with `/`, such as \"/order/id\""
            ))
        };
    }
    if text.trim().is_empty() {
        return Err("\"\" says nothing; leave the key out instead".to_owned());
    }
    if text.chars().any(char::is_control) {
        return Err(format!("{text:?} has a control character in it"));
    }
    let expect = |good: bool, what: &str| {
        if good {
            Ok(())
        } else {
            Err(format!("\"{text}\" {what}"))
        }
    };
    match kind {
        Kind::Name => expect(
            is_name(text),
            "is not a name: letters, digits, `_` and `-`, with a letter or digit first",
        ),
        Kind::Prefix => expect(
            is_name(text)
                && text.starts_with(|c: char| c.is_ascii_lowercase())
                && !text.contains(|c: char| c.is_ascii_uppercase()),
            "cannot begin image names: lower-case letters, digits, `_` and `-`, with a letter first",
        ),
        Kind::Variable => expect(
            text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && !text.starts_with(|c: char| c.is_ascii_digit()),
            "is not a variable: letters, digits and `_`, without a digit first",
        ),
        Kind::Host => expect(
            text.chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c)),
            "is not a registry: expected a host, with a port if it has one, such as \"ghcr.io\" or \"localhost:5000\"",
        ),
        Kind::ImagePath => expect(
            is_image_path(text),
            "is not part of an image name: lower-case letters and digits, with `.`, `_`, `-` and `/` between them",
        ),
        Kind::ImageTemplate => expect(
            text.contains("{name}") && is_image_path(&text.replace("{name}", "x")),
            "is not the pattern of an image name: lower case, with `{name}` where the image's own name goes",
        ),
        Kind::Template => expect(
            !text.replace("{name}", "").contains(['{', '}']),
            "has braces that are not `{name}`, the only thing that is filled in",
        ),
        Kind::Label => label(text),
        Kind::Path | Kind::Glob => path(text),
        Kind::UrlPath => expect(
            text.starts_with('/') && !text.contains([' ', '"', '\\', '#']),
            "is not the path of a URL, such as \"/health\"",
        ),
        Kind::Size => text.parse::<Bytes>().map(|_| ()),
        Kind::SizeOrShare => text.parse::<Ceiling>().map(|_| ()),
        Kind::Period => text.parse::<Period>().map(|_| ()),
        Kind::TagPattern => text.parse::<TagPattern>().map(|_| ()),
        Kind::Digest => expect(
            is_digest(text),
            "is no digest: `sha256:` and 64 digits of a checksum in lower case",
        ),
        Kind::Platform => expect(
            is_platform(text),
            "is not a platform: expected os/architecture, such as \"linux/amd64\" or \"linux/arm/v7\"",
        ),
        _ => Ok(()),
    }
}

/// The short names of labels of the Open Container Initiative that are left to the user.
pub(crate) const LABELS: [&str; 8] = [
    "title",
    "description",
    "source",
    "url",
    "documentation",
    "vendor",
    "authors",
    "licenses",
];

fn label(text: &str) -> Result<(), String> {
    if LABELS.contains(&text) || text.contains('.') {
        return Ok(());
    }
    Err(match nearest(text, LABELS) {
        Some(near) => format!("`{text}` is no label; did you mean `{near}`?"),
        None => format!(
            "`{text}` is no label: write its full name, or one of {}",
            LABELS.join(", ")
        ),
    })
}

/// A target name as bake allows it, that no option can be mistaken for.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

fn is_image_path(text: &str) -> bool {
    text.split('/').all(|part| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        part.starts_with(plain)
            && part.ends_with(plain)
            && part.chars().all(|c| plain(c) || "._-".contains(c))
    })
}

fn is_digest(text: &str) -> bool {
    let hex = text.strip_prefix("sha256:").unwrap_or_default();
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    hex.len() == 64 && hex.bytes().all(digit)
}

fn is_platform(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    (2..=3).contains(&parts.len())
        && parts.iter().all(|part| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        })
}

fn path(text: &str) -> Result<(), String> {
    let reason = if text.starts_with('/') {
        "starts at the root of the machine; paths are relative to the repository's root"
    } else if text.contains('\\') {
        "has a backslash; folders are separated by `/`"
    } else if text.split('/').any(|part| part == "..") {
        "leads out of the repository"
    } else if text != "." && text.split('/').any(|part| part.is_empty() || part == ".") {
        "has an empty or `.` part; write it without"
    } else {
        return Ok(());
    };
    Err(format!("\"{text}\" {reason}"))
}

/// A line that shows how a key is written.
pub(super) fn example(key: &Key) -> String {
    let value = match (key.presence, key.kind) {
        (Presence::Default(value), _) => value,
        (_, Kind::Version) => "1",
        (_, Kind::Name) => "\"api\"",
        (_, Kind::Prefix) => "\"jts\"",
        (_, Kind::Path) => "\"docker/base/Dockerfile\"",
        (_, Kind::Size | Kind::SizeOrShare) => "\"150 MB\"",
        (_, Kind::Period) => "\"24 hours\"",
        (_, Kind::Date) => "2027-06-30",
        (_, Kind::CountFromZero) => "10",
        (_, Kind::List(Kind::TagPattern)) => "[\"pr-*\"]",
        (_, Kind::Choice(choices)) => {
            return format!("`{} = \"{}\"`", key.name, choices.first().unwrap_or(&""));
        }
        (_, Kind::List(Kind::Platform)) => "[\"linux/amd64\"]",
        (_, Kind::Table(_)) => return format!("`[{}]`", key.name),
        _ => "\"…\"",
    };
    format!("`{} = {value}`", key.name)
}
