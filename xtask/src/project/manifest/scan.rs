//! `[scan]` as types. What levels mean is for the scan to say.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::error::Error;
use crate::source::Location;
use crate::timestamp::Period;

/// `[scan]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scan {
    /// From which level on a vulnerability fails: a level's name, or `none`.
    pub fail_on: String,
    /// Only those with a fix fail.
    pub only_fixable: bool,
    /// Only those fail that are not recorded.
    pub only_new: bool,
    /// How old data may be.
    pub max_data_age: Period,
    /// Packages without data are no failure.
    pub allow_unknown: bool,
    /// Where it is recorded when each was first seen, from the root.
    pub record: Utf8PathBuf,
    /// Deadlines by level.
    pub remediation: Remediation,
    /// Advisories.
    pub database: AdvisoryFiles,
    /// Trivy.
    pub trivy: Trivy,
    /// Files of VEX, as patterns.
    pub vex: Vec<String>,
    /// Files of Trivy that say what to leave out.
    pub trivyignore: Vec<Utf8PathBuf>,
    /// What is accepted for a time.
    pub ignores: Vec<Ignore>,
}

impl Default for Scan {
    fn default() -> Self {
        Self {
            fail_on: "high".to_owned(),
            only_fixable: false,
            only_new: false,
            max_data_age: Period::from_hours(7 * 24),
            allow_unknown: false,
            record: "docker/vulnerabilities.json".into(),
            remediation: Remediation::default(),
            database: AdvisoryFiles::default(),
            trivy: Trivy::default(),
            vex: Vec::new(),
            trivyignore: vec![".trivyignore".into(), ".trivyignore.yaml".into()],
            ignores: Vec::new(),
        }
    }
}

/// `[scan.remediation]`: how long after it was first seen a vulnerability must be gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the fields are the levels")]
pub struct Remediation {
    pub critical: Option<Period>,
    pub high: Option<Period>,
    pub medium: Option<Period>,
    pub low: Option<Period>,
    pub unknown: Option<Period>,
}

impl Default for Remediation {
    fn default() -> Self {
        Self {
            critical: Some(Period::from_hours(24)),
            high: None,
            medium: None,
            low: None,
            unknown: None,
        }
    }
}

/// `[scan.database]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdvisoryFiles {
    /// The folder, from the root.
    pub path: Utf8PathBuf,
    /// The address of the folder that they are fetched from.
    pub url: Option<String>,
}

impl Default for AdvisoryFiles {
    fn default() -> Self {
        Self {
            path: "target/docker-scan/advisories".into(),
            url: None,
        }
    }
}

/// When Trivy is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TrivyUse {
    /// Where it is installed.
    #[default]
    Auto,
    /// Always: without it the run fails.
    Required,
    /// Never.
    Off,
}

/// `[scan.trivy]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Trivy {
    /// When it is asked.
    #[serde(rename = "use")]
    pub usage: TrivyUse,
    /// The version it must be of.
    pub version: Option<String>,
    /// The SHA-256 of the program, in hexadecimal digits.
    pub sha256: Option<String>,
    /// It may ask nobody.
    pub offline: bool,
    /// Where it fetches its data.
    pub database: Option<String>,
}

/// `[[scan.ignores]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Ignore {
    /// The vulnerability, by any of its names.
    pub id: String,
    /// The package; any if it is not said.
    #[serde(default)]
    pub package: Option<String>,
    /// The images; all if there are none.
    #[serde(default)]
    pub images: Vec<String>,
    /// Where the package lies, as patterns.
    #[serde(default)]
    pub paths: Vec<String>,
    /// The package by its package URL.
    #[serde(default)]
    pub purls: Vec<String>,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day it holds.
    pub expires: Date,
}

impl Scan {
    /// Mistakes that the table of keys does not see; `at` tells where the value of a key stands.
    pub(super) fn contradictions(&self, at: impl Fn(&[&str]) -> Location) -> Vec<Error> {
        let mut errors = Vec::new();
        let sha256 = self.trivy.sha256.as_deref();
        if let Some(digest) = sha256
            && (digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()))
        {
            errors.push(
                Error::usage(format!("\"{digest}\" is no SHA-256"))
                    .help("write its 64 hexadecimal digits: `sha256sum $(command -v trivy)`")
                    .at(at(&["scan", "trivy", "sha256"])),
            );
        }
        let url = self.database.url.as_deref();
        if let Some(url) = url
            && !url.starts_with("https://")
            && !url.starts_with("http://")
        {
            errors.push(
                Error::usage("the address is neither `https://` nor `http://`")
                    .help("write, for example, \"https://advisories.example.com\"")
                    .at(at(&["scan", "database", "url"])),
            );
        }
        errors.extend(self.ignores_without_meaning(at));
        errors
    }

    /// Entries that would hold for more than anybody can answer for, or for nothing.
    fn ignores_without_meaning(&self, at: impl Fn(&[&str]) -> Location) -> Vec<Error> {
        let mut errors = Vec::new();
        let mut seen: BTreeMap<_, usize> = BTreeMap::new();
        for (index, ignore) in self.ignores.iter().enumerate() {
            let position = index.to_string();
            let place = |key: &str| at(&["scan", "ignores", &position, key]);
            if ignore.id.contains(['*', '?', ' ']) {
                errors.push(
                    Error::usage(format!(
                        "\"{}\" would ignore more than one vulnerability",
                        ignore.id
                    ))
                    .help("name one, such as \"CVE-2027-12345\"")
                    .at(place("id")),
                );
            }
            let levels = ["critical", "high", "medium", "low", "unknown"];
            if levels
                .iter()
                .any(|level| ignore.id.eq_ignore_ascii_case(level))
            {
                errors.push(
                    Error::usage(format!(
                        "\"{}\" is a level, and would ignore more than one vulnerability",
                        ignore.id
                    ))
                    .help("name one, such as \"CVE-2027-12345\"; what a level means is for `scan.fail_on` to say")
                    .at(place("id")),
                );
            }
            if ignore
                .package
                .as_ref()
                .is_some_and(|name| name.contains('*'))
            {
                errors.push(
                    Error::usage("a package has no `*` in its name")
                        .help("name the package, or leave `package` out")
                        .at(place("package")),
                );
            }
            for (number, purl) in ignore.purls.iter().enumerate() {
                if !purl.starts_with("pkg:") {
                    errors.push(
                        Error::usage(format!("\"{purl}\" is no package URL"))
                            .help("write, for example, \"pkg:npm/braces@3.0.2\"")
                            .at(at(&[
                                "scan",
                                "ignores",
                                &position,
                                "purls",
                                &number.to_string(),
                            ])),
                    );
                }
            }
            let same = (
                ignore.id.to_ascii_uppercase(),
                &ignore.package,
                &ignore.images,
                &ignore.paths,
                &ignore.purls,
            );
            if let Some(first) = seen.insert(same, index) {
                let first = at(&["scan", "ignores", &first.to_string(), "id"]);
                let line = first.source.line_column(first.span.start).line;
                errors.push(
                    Error::usage(format!("{} is ignored twice", ignore.id))
                        .help(format!(
                            "the first time in line {line}; remove one of the two"
                        ))
                        .at(place("id")),
                );
            }
        }
        errors
    }
}
