//! `[retention]` as types: what of the images in the registry is kept.

use std::fmt;
use std::str::FromStr;

use regex_lite::Regex;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Error;
use crate::source::Location;
use crate::timestamp::Period;

/// How images are listed and removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RetentionApi {
    /// GitHub's packages API; manifests are read from the registry.
    Github,
    /// The registry itself, by the OCI distribution specification.
    Registry,
}

/// `[retention]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// How images are listed and removed; `None` is decided by the registry.
    pub api: Option<RetentionApi>,
    /// Tags that are never removed.
    pub protected: Vec<TagPattern>,
    /// Digests that are never removed.
    pub digests: Vec<String>,
    /// When what no tag leads to is removed; `None` is never.
    pub untagged: Option<Period>,
    /// Nothing younger is removed.
    pub grace: Period,
    /// Which tags are removed, and when; the first that names a tag decides.
    pub rules: Vec<RetentionRule>,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            api: None,
            protected: Vec::new(),
            digests: Vec::new(),
            untagged: None,
            grace: Period::from_hours(1),
            rules: Vec::new(),
        }
    }
}

/// `[[retention.rules]]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionRule {
    /// The tags it is about.
    pub tags: Vec<TagPattern>,
    /// Of those, the ones it is not about.
    #[serde(default)]
    pub exclude: Vec<TagPattern>,
    /// The services and bases it is about; empty is all.
    #[serde(default)]
    pub images: Vec<String>,
    /// How many of the newest images are kept.
    #[serde(default)]
    pub keep: Option<u32>,
    /// For how long an image is kept.
    #[serde(default)]
    pub keep_for: Option<Period>,
}

/// Which tags are meant: `main-*`, or `/v\d+\.\d+/`. It must match the whole tag.
#[derive(Clone, Debug)]
pub struct TagPattern {
    text: String,
    regex: Regex,
}

impl TagPattern {
    /// Whether a tag is meant.
    #[must_use]
    pub fn matches(&self, tag: &str) -> bool {
        self.regex.is_match(tag)
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for TagPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expression = text.strip_prefix('/').and_then(|it| it.strip_suffix('/'));
        let inside = match expression {
            Some("") => return Err("\"//\" is a pattern of nothing".to_owned()),
            Some(expression) => expression.to_owned(),
            None => {
                let allowed = |c: char| c.is_ascii_alphanumeric() || "_.-*?".contains(c);
                if text.is_empty() || !text.chars().all(allowed) {
                    return Err(format!(
                        "\"{}\" is no pattern of tags: letters, digits, `_`, `.` and `-`, with `*` for any number of them \
                         and `?` for one; or a regular expression between slashes",
                        text.escape_debug()
                    ));
                }
                text.replace('.', "\\.")
                    .replace('*', ".*")
                    .replace('?', ".")
            }
        };
        // A tag that only begins like the pattern is another tag.
        let regex = Regex::new(&format!("^(?:{inside})$")).map_err(|error| {
            format!(
                "\"{}\" is no regular expression: {error}",
                text.escape_debug()
            )
        })?;
        Ok(Self {
            text: text.to_owned(),
            regex,
        })
    }
}

impl fmt::Display for TagPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for TagPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for TagPattern {}

impl Serialize for TagPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for TagPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Retention {
    /// Mistakes that only several keys together make.
    pub(super) fn contradictions(&self, location: impl Fn(&[&str]) -> Location) -> Vec<Error> {
        let mut errors = Vec::new();
        for (index, rule) in self.rules.iter().enumerate() {
            let place = index.to_string();
            if rule.keep.is_none() && rule.keep_for.is_none() {
                errors.push(
                    Error::usage("the rule does not say what is kept")
                        .help("add `keep` (how many of the newest), `keep_for` (for how long), or both: what either keeps is kept")
                        .help("`keep = 0` keeps none")
                        .at(location(&["retention", "rules", &place])),
                );
            }
            if rule.tags.is_empty() {
                errors.push(
                    Error::usage("the rule names no tags")
                        .help("`tags = [\"*\"]` names all")
                        .at(location(&["retention", "rules", &place, "tags"])),
                );
            }
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_about_whole_tags() {
        for (pattern, tag, expected) in [
            ("main-*", "main-1a2b", true),
            ("main-*", "main", false),
            ("main-*", "old-main-1", false),
            ("v1.2", "v1.2", true),
            ("v1.2", "v1x2", false),
            ("pr-?", "pr-1", true),
            ("pr-?", "pr-12", false),
            (r"/v\d+\.\d+/", "v10.2", true),
            (r"/v\d+\.\d+/", "v10.2-rc1", false),
            ("/a|b/", "ab", false),
        ] {
            let pattern: TagPattern = pattern.parse().unwrap();
            assert_eq!(pattern.matches(tag), expected, "{pattern} {tag}");
        }
        for text in ["", "//", "/(/", "a b", "a/b", "[ab]", "ä*"] {
            text.parse::<TagPattern>().unwrap_err();
        }
    }
}
