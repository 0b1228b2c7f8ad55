//! The rules that make tags: `type=semver,pattern={{version}}`.

use super::line::{Line, lines};
use super::pattern::Pattern;
use super::template::Template;
use crate::error::Result;
use crate::project::suggestion::nearest;

/// What is tagged where nobody says it: the action's defaults.
const DEFAULT_RULES: &str = "\
type=schedule
type=ref,event=branch
type=ref,event=tag
type=ref,event=pr";

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    pub(super) line: Line,
    pub(super) kind: Kind,
    pub(super) enable: Template,
    priority: f64,
    /// `None` leaves it to the flavor.
    pub(super) prefix: Option<Template>,
    pub(super) suffix: Option<Template>,
    /// What is written and means nothing.
    pub(super) notes: Vec<String>,
}

/// What a rule makes a tag of.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Schedule {
        pattern: Template,
    },
    Semver(Versioned),
    Pep440(Versioned),
    Match {
        pattern: Pattern,
        group: usize,
        value: Option<Template>,
    },
    Edge {
        branch: Option<String>,
    },
    Ref(RefKind),
    Raw {
        value: Template,
    },
    Hash {
        is_long: bool,
    },
}

/// How a version becomes a tag.
#[derive(Clone, Debug)]
pub(super) struct Versioned {
    pub(super) pattern: Template,
    /// Instead of git's tag.
    pub(super) value: Option<Template>,
    /// What of it is the version: its first group.
    pub(super) part: Option<Pattern>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RefKind {
    Branch,
    Tag,
    PullRequest,
}

/// Every type with its priority and the attributes that only some types have.
const TYPES: [(&str, f64, &[&str]); 8] = [
    ("schedule", 1000.0, &["pattern"]),
    ("semver", 900.0, &["pattern", "value", "match"]),
    ("pep440", 900.0, &["pattern", "value", "match"]),
    ("match", 800.0, &["pattern", "group", "value"]),
    ("edge", 700.0, &["branch"]),
    ("ref", 600.0, &["event"]),
    ("raw", 200.0, &["value"]),
    ("sha", 100.0, &["format"]),
];

/// The attributes of every type.
const COMMON: [&str; 5] = ["type", "enable", "priority", "prefix", "suffix"];

/// The rules of a list, the most important first; without any, the action's defaults.
///
/// # Errors
/// A rule that means nothing; all of them at once.
pub fn parse_rules(list: &[Line]) -> Result<Vec<Rule>> {
    let defaults;
    let list = if list.is_empty() {
        defaults = lines("tags", DEFAULT_RULES);
        &defaults
    } else {
        list
    };
    let mut rules = Vec::new();
    let mut errors = Vec::new();
    for line in list {
        match Rule::parse(line) {
            Ok(rule) => rules.push(rule),
            Err(error) => errors.push(error),
        }
    }
    crate::error::Error::all(errors)?;
    rules.sort_by(|a, b| b.priority.total_cmp(&a.priority));
    Ok(rules)
}

/// The attributes of a rule that are not taken yet.
struct Attributes<'l> {
    line: &'l Line,
    pairs: Vec<(String, String)>,
}

impl Attributes<'_> {
    fn take(&mut self, key: &str) -> Option<String> {
        let at = self.pairs.iter().position(|(name, _)| name == key)?;
        Some(self.pairs.remove(at).1)
    }

    fn template(&mut self, key: &str) -> Result<Option<Template>> {
        let Some(text) = self.take(key) else {
            return Ok(None);
        };
        let template = Template::parse(&text).map_err(|e| self.line.wrong(e))?;
        Ok(Some(template))
    }

    /// A template in place of git's tag; an empty one is none.
    fn value(&mut self) -> Result<Option<Template>> {
        Ok(self.template("value")?.filter(|value| !value.is_empty()))
    }

    fn required(&mut self, key: &str, example: &str) -> Result<String> {
        self.take(key).ok_or_else(|| {
            self.line
                .wrong(format!("`{key}` is missing"))
                .help(format!("write it: `{example}`"))
        })
    }

    fn versioned(&mut self) -> Result<Versioned> {
        let line = self.line;
        let pattern = self.required("pattern", "pattern={{version}}")?;
        let part = self.take("match").filter(|text| !text.is_empty());
        let part = part.map(|text| {
            let pattern = Pattern::new(&text, "").map_err(|e| line.wrong(e))?;
            if pattern.groups() == 0 {
                return Err(line
                    .wrong(format!("the match `{text}` has no group"))
                    .help("put parentheses around what is the version: `match=api-v(.*)`"));
            }
            Ok(pattern)
        });
        Ok(Versioned {
            pattern: Template::parse(&pattern).map_err(|e| line.wrong(e))?,
            value: self.value()?,
            part: part.transpose()?,
        })
    }
}

impl Rule {
    fn parse(line: &Line) -> Result<Self> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for field in line.fields()? {
            let key = field.key.unwrap_or_else(|| "value".to_owned());
            if pairs.iter().any(|(name, _)| *name == key) {
                return Err(line
                    .wrong(format!("`{key}` stands there twice"))
                    .help("a value with commas is put between quotes: `\"value=a,b\"`"));
            }
            pairs.push((key, field.value));
        }
        let mut attributes = Attributes { line, pairs };
        let kind = attributes.take("type").unwrap_or_else(|| "raw".to_owned());
        let Some((name, priority, own)) = TYPES.iter().find(|(name, ..)| *name == kind) else {
            let names = TYPES.map(|(name, ..)| name);
            let error = line.wrong(format!("there is no type `{kind}`"));
            return Err(match nearest(&kind, names) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!("there are: {}", names.join(", "))),
            });
        };
        let notes = strangers(line, &mut attributes, name, own)?;
        let priority = match attributes.take("priority") {
            None => *priority,
            Some(text) => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => number,
                _ => return Err(line.wrong(format!("the priority `{text}` is no number"))),
            },
        };
        let enable = match attributes.template("enable")? {
            Some(enable) => enable,
            None => Template::parse("true").map_err(|e| line.wrong(e))?,
        };
        let (mut prefix, suffix) = (
            attributes.template("prefix")?,
            attributes.template("suffix")?,
        );
        let kind = kind_of(name, &mut attributes)?;
        let usual = match kind {
            Kind::Ref(RefKind::PullRequest) => Some("pr-"),
            Kind::Hash { .. } => Some("sha-"),
            _ => None,
        };
        if let Some(usual) = usual.filter(|_| prefix.is_none()) {
            prefix = Some(Template::parse(usual).map_err(|e| line.wrong(e))?);
        }
        Ok(Self {
            line: line.clone(),
            kind,
            enable,
            priority,
            prefix,
            suffix,
            notes,
        })
    }
}

/// Takes out what other types have, which is said, and refuses what none has.
fn strangers(
    line: &Line,
    attributes: &mut Attributes<'_>,
    kind: &str,
    own: &[&str],
) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    let is_own = |name: &str| COMMON.contains(&name) || own.contains(&name);
    let all = || {
        let others = TYPES.iter().flat_map(|(_, _, own)| own.iter().copied());
        COMMON.into_iter().chain(others)
    };
    for (name, _) in &attributes.pairs {
        if is_own(name) {
            continue;
        }
        if all().all(|known| known != name) {
            let error = line.wrong(format!("there is no attribute `{name}`"));
            return Err(match nearest(name, all()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!(
                    "a rule of type {kind} has: {}, {}",
                    COMMON.join(", "),
                    own.join(", ")
                )),
            });
        }
        notes.push(format!(
            "`{}`: `{name}` means nothing to type={kind}",
            line.text
        ));
    }
    attributes.pairs.retain(|(name, _)| is_own(name));
    Ok(notes)
}

fn kind_of(name: &str, attributes: &mut Attributes<'_>) -> Result<Kind> {
    let line = attributes.line;
    Ok(match name {
        "schedule" => Kind::Schedule {
            pattern: match attributes.template("pattern")? {
                Some(pattern) => pattern,
                None => Template::parse("nightly").map_err(|e| line.wrong(e))?,
            },
        },
        "semver" => Kind::Semver(attributes.versioned()?),
        "pep440" => Kind::Pep440(attributes.versioned()?),
        "match" => {
            let text = attributes.required("pattern", r"pattern=v(\d+)")?;
            let pattern = Pattern::parse(&text).map_err(|e| line.wrong(e))?;
            let group = attributes.take("group").unwrap_or_default();
            let group = if group.is_empty() { "0" } else { &group };
            Kind::Match {
                pattern,
                group: group.parse().map_err(|_| {
                    line.wrong(format!("the group `{group}` is no number"))
                        .help("groups are counted from 1; 0 is all that matches")
                })?,
                value: attributes.value()?,
            }
        }
        "edge" => Kind::Edge {
            branch: attributes
                .take("branch")
                .filter(|branch| !branch.is_empty()),
        },
        "ref" => {
            let event = attributes.required("event", "type=ref,event=branch")?;
            Kind::Ref(match event.as_str() {
                "branch" => RefKind::Branch,
                "tag" => RefKind::Tag,
                "pr" => RefKind::PullRequest,
                _ => {
                    return Err(
                        line.wrong(format!("the event is branch, tag or pr, not `{event}`"))
                    );
                }
            })
        }
        "sha" => {
            let format = attributes.take("format");
            Kind::Hash {
                is_long: match format.as_deref() {
                    None | Some("short") => false,
                    Some("long") => true,
                    Some(other) => {
                        return Err(
                            line.wrong(format!("the format is short or long, not `{other}`"))
                        );
                    }
                },
            }
        }
        _ => Kind::Raw {
            value: match attributes.template("value")? {
                Some(value) => value,
                None => {
                    return Err(line
                        .wrong("`value` is missing")
                        .help("write it: `type=raw,value=nightly`"));
                }
            },
        },
    })
}
