//! From rules to the tags of one image.

use super::expressions::{Scope, plain, unknown};
use super::flavor::{Affix, Flavor, Latest};
use super::occasion::Occasion;
use super::pattern::{Found, Pattern};
use super::rules::{Kind, RefKind, Rule, Versioned};
use super::sanitizing::sanitized;
use super::template::{Expression, Template};
use crate::error::{Error, Result};
use crate::version::{SemverParts, python_release, semver_parts};

/// The tags of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Generated {
    /// The first one, which is also the image's version.
    pub version: Option<String>,
    /// Each once: the version, then as the rules come, then `latest`.
    pub tags: Vec<Tag>,
    /// What a rule could not do, or did in another way than it says; sentences.
    pub notes: Vec<String>,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// `1.2.3`.
    pub name: String,
    /// The rules that made it, as they are written; `flavor` where it is there because of the others.
    pub because: Vec<String>,
}

/// What a rule gives.
struct Given {
    text: String,
    /// Whether the rule is one of released versions.
    is_release: bool,
}

/// The tags that rules give an image.
///
/// # Errors
/// A rule that cannot be carried out.
pub fn generate(
    rules: &[Rule],
    flavor: &Flavor,
    occasion: &Occasion,
    image: &str,
) -> Result<Generated> {
    let mut making = Making {
        flavor,
        scope: Scope { occasion, image },
        generated: Generated::default(),
        latest: None,
    };
    for rule in rules {
        making.carry_out(rule)?;
    }
    making.latest()?;
    Ok(making.generated)
}

struct Making<'a> {
    flavor: &'a Flavor,
    scope: Scope<'a>,
    generated: Generated,
    /// As the first rule that gave a tag has it.
    latest: Option<bool>,
}

impl Making<'_> {
    fn carry_out(&mut self, rule: &Rule) -> Result<()> {
        self.generated.notes.extend(rule.notes.iter().cloned());
        let enabled = self.render(rule, &rule.enable)?;
        match enabled.as_str() {
            "true" => {}
            "false" => return Ok(()),
            other => {
                return Err(rule
                    .line
                    .wrong(format!("enable is true or false, not `{other}`"))
                    .help("expressions of GitHub (`${{ … }}`) are known to GitHub only; here `{{is_default_branch}}` is"));
            }
        }
        let Some(given) = self.given(rule)? else {
            return Ok(());
        };
        let prefix = rule.prefix.as_ref().unwrap_or(&self.flavor.prefix.template);
        let suffix = rule.suffix.as_ref().unwrap_or(&self.flavor.suffix.template);
        let text = [
            self.render(rule, prefix)?,
            given.text,
            self.render(rule, suffix)?,
        ]
        .concat();
        if text.is_empty() {
            self.note(rule, "gives no tag: its text is empty here");
            return Ok(());
        }
        let Some(made) = sanitized(&text) else {
            return Err(rule
                .line
                .wrong(format!("`{text}` leaves nothing for a tag"))
                .help("a tag is made of letters, digits, `_`, `.` and `-`, and begins with none of the last two"));
        };
        if let Some(note) = made.note {
            self.note(rule, &format!("gives `{}`: {note}", made.tag));
        }
        self.add(made.tag, &rule.line.text);
        self.latest.get_or_insert(given.is_release);
        Ok(())
    }

    fn add(&mut self, name: String, because: &str) {
        let generated = &mut self.generated;
        generated.version.get_or_insert_with(|| name.clone());
        let because = because.to_owned();
        match generated.tags.iter_mut().find(|tag| tag.name == name) {
            Some(tag) if tag.because.contains(&because) => {}
            Some(tag) => tag.because.push(because),
            None => generated.tags.push(Tag {
                name,
                because: vec![because],
            }),
        }
    }

    fn latest(&mut self) -> Result<()> {
        let is_wanted = match self.flavor.latest {
            Latest::Auto => self.latest.unwrap_or_default(),
            Latest::Always => self.latest.is_some(),
            Latest::Never => false,
        };
        if !is_wanted {
            return Ok(());
        }
        let affix = |affix: &Affix| {
            if affix.on_latest {
                self.scope.render(&affix.template)
            } else {
                Ok(String::new())
            }
        };
        let wrong = |message: String| Error::usage(format!("the flavor: {message}"));
        let text = [
            affix(&self.flavor.prefix).map_err(wrong)?,
            "latest".to_owned(),
            affix(&self.flavor.suffix).map_err(wrong)?,
        ]
        .concat();
        if let Some(made) = sanitized(&text) {
            self.add(made.tag, "flavor");
        }
        Ok(())
    }

    fn note(&mut self, rule: &Rule, what: &str) {
        self.generated
            .notes
            .push(format!("`{}` {what}", rule.line.text));
    }

    fn render(&self, rule: &Rule, template: &Template) -> Result<String> {
        self.scope
            .render(template)
            .map_err(|message| rule.line.wrong(message))
    }

    fn given(&mut self, rule: &Rule) -> Result<Option<Given>> {
        let occasion = self.scope.occasion;
        let named = |text: Option<&str>, is_release: bool| {
            text.map(|text| Given {
                text: text.to_owned(),
                is_release,
            })
        };
        Ok(match &rule.kind {
            Kind::Schedule { pattern } => {
                if !occasion.event.contains("schedule") {
                    return Ok(None);
                }
                let text = pattern.render(&mut |expression| self.dates_only(expression));
                named(Some(&text.map_err(|e| rule.line.wrong(e))?), false)
            }
            Kind::Semver(versioned) => self.semver(rule, versioned)?,
            Kind::Pep440(versioned) => self.pep440(rule, versioned)?,
            Kind::Match {
                pattern,
                group,
                value,
            } => self.matched(rule, pattern, *group, value.as_ref())?,
            Kind::Edge { branch } => {
                let Some(current) = occasion.branch() else {
                    return Ok(None);
                };
                let edge = match branch {
                    Some(branch) => branch,
                    None => self
                        .scope
                        .default_branch()
                        .map_err(|e| rule.line.wrong(e))?,
                };
                named((edge == current).then_some("edge"), false)
            }
            Kind::Ref(RefKind::Branch) => named(occasion.branch(), false),
            Kind::Ref(RefKind::Tag) => named(occasion.tag(), true),
            Kind::Ref(RefKind::PullRequest) => named(occasion.pull_request(), false),
            Kind::Raw { value } => {
                let text = self.render(rule, value)?;
                if text.is_empty() {
                    self.note(rule, "gives no tag: its value is empty here");
                    return Ok(None);
                }
                named(Some(&text), false)
            }
            Kind::Hash { is_long } => {
                let hash = self.scope.hash(*is_long);
                named(Some(hash.as_str()).filter(|hash| !hash.is_empty()), false)
            }
        })
    }

    fn dates_only(&self, expression: &Expression) -> Result<String, String> {
        match expression.name.as_str() {
            "date" | "commit_date" => self.scope.value(expression),
            other => Err(unknown(other, &["date", "commit_date"])),
        }
    }

    /// The value of a rule, or git's tag; `None` where there is neither.
    fn subject(&self, rule: &Rule, value: Option<&Template>) -> Result<Option<String>> {
        match value {
            Some(value) => self.render(rule, value).map(Some),
            None => Ok(self.scope.occasion.tag().map(str::to_owned)),
        }
    }

    /// The text that says the version.
    fn version_text(&mut self, rule: &Rule, versioned: &Versioned) -> Result<Option<String>> {
        let Some(mut text) = self.subject(rule, versioned.value.as_ref())? else {
            return Ok(None);
        };
        if let Some(part) = &versioned.part {
            let part = self.pattern(rule, part)?;
            let Found::Text(found) = part.find(&text, 1) else {
                self.note(
                    rule,
                    &format!("gives no tag: `{}` does not match `{text}`", part.text),
                );
                return Ok(None);
            };
            text = found.to_owned();
        }
        Ok(Some(text.replace('/', "-")))
    }

    fn pattern(&self, rule: &Rule, pattern: &Pattern) -> Result<Pattern> {
        pattern
            .of_image(self.scope.image)
            .map_err(|e| rule.line.wrong(e))
    }

    fn semver(&mut self, rule: &Rule, versioned: &Versioned) -> Result<Option<Given>> {
        let Some(text) = self.version_text(rule, versioned)? else {
            return Ok(None);
        };
        let Some(parts) = semver_parts(&text) else {
            self.note(
                rule,
                &format!("gives no tag: `{text}` is no semantic version (https://semver.org)"),
            );
            return Ok(None);
        };
        let is_release = parts.prerelease.is_empty();
        let pattern = &versioned.pattern;
        let shown = pattern.render(&mut |expression| semver_field(expression, &text, &parts));
        let shown = shown.map_err(|e| rule.line.wrong(e))?;
        Ok(Some(Given {
            // What comes before a release must not move the tags of releases.
            text: if is_release || pattern.is_only("raw") {
                shown
            } else {
                parts.version()
            },
            is_release,
        }))
    }

    fn pep440(&mut self, rule: &Rule, versioned: &Versioned) -> Result<Option<Given>> {
        let Some(text) = self.version_text(rule, versioned)? else {
            return Ok(None);
        };
        let Some(release) = python_release(&text) else {
            self.note(
                rule,
                &format!("gives no tag: `{text}` is no version of Python (PEP 440)"),
            );
            return Ok(None);
        };
        let pattern = &versioned.pattern;
        let number = |at: usize| {
            release
                .release
                .get(at)
                .cloned()
                .unwrap_or_else(|| "0".to_owned())
        };
        let shown = pattern.render(&mut |expression| {
            plain(expression)?;
            Ok(match expression.name.as_str() {
                "raw" => text.clone(),
                "version" => release.version.clone(),
                "major" => number(0),
                "minor" => number(1),
                "patch" => number(2),
                other => {
                    return Err(unknown(
                        other,
                        &["raw", "version", "major", "minor", "patch"],
                    ));
                }
            })
        });
        let shown = shown.map_err(|e| rule.line.wrong(e))?;
        Ok(Some(Given {
            text: if !release.is_special || pattern.is_only("raw") {
                shown
            } else {
                release.version.clone()
            },
            is_release: !release.is_special,
        }))
    }

    fn matched(
        &mut self,
        rule: &Rule,
        pattern: &Pattern,
        group: usize,
        value: Option<&Template>,
    ) -> Result<Option<Given>> {
        let Some(text) = self.subject(rule, value)? else {
            return Ok(None);
        };
        let pattern = self.pattern(rule, pattern)?;
        match pattern.find(&text, group) {
            Found::Text(found) => Ok(Some(Given {
                text: found.to_owned(),
                is_release: true,
            })),
            Found::NoGroup => {
                self.note(
                    rule,
                    &format!("gives no tag: group {group} is not in `{text}`"),
                );
                Ok(None)
            }
            Found::Nothing => {
                self.note(rule, &format!("gives no tag: it does not match `{text}`"));
                Ok(None)
            }
        }
    }
}

/// The parts of a version by the names that npm's `semver` has for them.
fn semver_field(
    expression: &Expression,
    text: &str,
    parts: &SemverParts<'_>,
) -> Result<String, String> {
    plain(expression)?;
    let [major, minor, patch] = parts.numbers;
    let name = expression.name.as_str();
    Ok(match name {
        "raw" => text.to_owned(),
        "version" => parts.version(),
        "major" => major.to_owned(),
        "minor" => minor.to_owned(),
        "patch" => patch.to_owned(),
        "prerelease" => parts.prerelease.join(","),
        "build" => parts.build.join(","),
        _ => {
            let identifier = |list: &str| name.strip_prefix(list)?.strip_prefix('.');
            let (identifiers, place) = match (identifier("prerelease"), identifier("build")) {
                (Some(place), _) => (&parts.prerelease, place),
                (_, Some(place)) => (&parts.build, place),
                _ => {
                    let known = [
                        "raw",
                        "version",
                        "major",
                        "minor",
                        "patch",
                        "prerelease",
                        "build",
                    ];
                    return Err(unknown(name, &known));
                }
            };
            let place = place.trim_start_matches('[').trim_end_matches(']');
            let place: usize = place
                .parse()
                .map_err(|_| format!("`{place}` in `{{{{{name}}}}}` is no number"))?;
            identifiers
                .get(place)
                .copied()
                .unwrap_or_default()
                .to_owned()
        }
    })
}
