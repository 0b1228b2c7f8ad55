//! `docs/manifest.md`, made from the table of keys.

use std::fmt::Write as _;

use super::keys::MANIFEST;
use super::kind::{Key, Kind, Presence};

/// The reference page as Markdown.
#[must_use]
pub fn page() -> String {
    let mut text = String::from(
        "# The manifest: `docker/docker.toml`\n\
         \n\
         <!-- Generated from xtask/src/project/manifest/keys.rs; `UPDATE=1 cargo test -p xtask --test generated` writes it. -->\n\
         \n\
         The manifest holds only what cannot be read from the Dockerfiles. An unknown key, a wrong type or a value that \
         means nothing is an error with its place; nothing ever falls back to a default because it was written wrongly. \
         `docker/docker.schema.json` is the same for editors.\n\
         \n\
         The shortest manifest:\n\
         \n\
         ```toml\n\
         schema_version = 1\n\
         \n\
         [project]\n\
         name = \"shop\"\n\
         ```\n",
    );
    keys(&mut text, "", MANIFEST);
    text
}

/// First the keys that hold a value, as one table; then each table below as a section of its own.
fn keys(text: &mut String, path: &str, keys: &[Key]) {
    let (sections, values): (Vec<&Key>, Vec<&Key>) =
        keys.iter().partition(|key| is_section(key.kind));
    if !values.is_empty() {
        text.push_str("\n| Key | Value | Unset | |\n|---|---|---|---|\n");
    }
    for key in values {
        let unset = match key.presence {
            Presence::Required => "must be set".to_owned(),
            Presence::Optional => String::new(),
            Presence::Default(value) => format!("`{value}`"),
        };
        let _ = writeln!(
            text,
            "| `{}` | {} | {unset} | {} |",
            key.name,
            kind(key.kind).replace('|', "\\|"),
            key.doc.replace('|', "\\|")
        );
    }
    for key in sections {
        section(text, path, key);
    }
}

fn is_section(kind: Kind) -> bool {
    match kind {
        Kind::Table(_) | Kind::Tables(_) | Kind::OneOrMore(_) => true,
        Kind::Map(_, _, value) => matches!(value, Kind::Table(_) | Kind::Opaque),
        _ => false,
    }
}

fn section(text: &mut String, path: &str, key: &Key) {
    let dot = if path.is_empty() { "" } else { "." };
    let name = format!("{path}{dot}{}", key.name);
    let (heading, below, keys_below): (String, String, &[Key]) = match key.kind {
        Kind::Tables(keys) => (format!("[[{name}]]"), name, keys),
        Kind::Map(what, _, Kind::Table(keys)) => {
            let name = format!("{name}.{what}");
            (format!("[{name}]"), name, keys)
        }
        Kind::Map(what, ..) => (format!("[{name}.{what}]"), name, &[]),
        Kind::Table(keys) | Kind::OneOrMore(keys) => (format!("[{name}]"), name, keys),
        _ => return,
    };
    let _ = write!(text, "\n## `{heading}`\n\n{}\n", key.doc);
    keys(text, &below, keys_below);
}

fn kind(kind: Kind) -> String {
    match kind {
        Kind::Version => "1".to_owned(),
        Kind::Choice(choices) => choices
            .iter()
            .map(|choice| format!("`\"{choice}\"`"))
            .collect::<Vec<_>>()
            .join(", "),
        Kind::List(item) => format!("list: {}", self::kind(*item)),
        Kind::Map(what, _, value) => format!(
            "table: {} = {}",
            what.replace('<', "&lt;"),
            self::kind(*value)
        ),
        Kind::Text => "text".to_owned(),
        Kind::Name | Kind::Prefix => "name".to_owned(),
        Kind::Host => "host".to_owned(),
        Kind::ImagePath => "image path".to_owned(),
        Kind::ImageTemplate | Kind::Template => "text with `{name}`".to_owned(),
        Kind::Label => "label".to_owned(),
        Kind::Variable => "variable".to_owned(),
        Kind::Path => "path from the root".to_owned(),
        Kind::Glob => "pattern from the root".to_owned(),
        Kind::UrlPath => "URL path".to_owned(),
        Kind::Size => "size".to_owned(),
        Kind::SizeOrShare => "size or percentage".to_owned(),
        Kind::Port => "port".to_owned(),
        Kind::Count => "number".to_owned(),
        Kind::Percent => "percentage from 1 to 100".to_owned(),
        Kind::ExitCode => "exit code".to_owned(),
        Kind::Pointer => "JSON pointer".to_owned(),
        Kind::Json => "any value of JSON".to_owned(),
        Kind::Platform => "platform".to_owned(),
        Kind::Date => "date".to_owned(),
        Kind::Period => "time span".to_owned(),
        Kind::CountFromZero => "number from 0".to_owned(),
        Kind::Digest => "digest".to_owned(),
        Kind::TagPattern => "pattern of tags".to_owned(),
        Kind::Switch => "`true`, `false`".to_owned(),
        Kind::Scalar => "text, number or switch".to_owned(),
        Kind::Table(_) | Kind::Tables(_) | Kind::OneOrMore(_) | Kind::Opaque => "table".to_owned(),
    }
}
