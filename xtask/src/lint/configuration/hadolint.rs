//! hadolint's own settings: its file, its environment variables, its flags.
//!
//! Later sources win; lists add up: variables, then the file, then flags.

use std::collections::BTreeMap;

use super::{Configuration, Level, is_shellcheck_code, meaning};
use crate::error::{Error, Result};
use crate::finding::Severity;
use crate::lint::options::LabelKind;

/// What one of hadolint's sources says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HadolintSettings {
    /// From which severity on the run fails.
    pub failure_threshold: Option<Severity>,
    /// Never fails.
    pub no_fail: Option<bool>,
    /// Codes that are off.
    pub ignored: Vec<String>,
    /// Codes with another severity, in the order of hadolint's four lists.
    pub severities: Vec<(String, Severity)>,
    /// Registries images may come from.
    pub trusted_registries: Vec<String>,
    /// Labels and what they hold.
    pub label_schema: BTreeMap<String, LabelKind>,
    /// Other labels are reported.
    pub strict_labels: Option<bool>,
    /// Pragmas do not count.
    pub disable_ignore_pragma: Option<bool>,
}

impl HadolintSettings {
    /// Changes what holds.
    ///
    /// # Errors
    /// A code means nothing.
    pub fn apply(&self, configuration: &mut Configuration) -> Result<()> {
        for (code, severity) in &self.severities {
            set(configuration, code, Level::On(*severity))?;
        }
        for code in &self.ignored {
            set(configuration, code, Level::Off)?;
        }
        let options = &mut configuration.options;
        options
            .trusted_registries
            .extend(self.trusted_registries.iter().cloned());
        options.label_schema.extend(self.label_schema.clone());
        if let Some(strict) = self.strict_labels {
            options.strict_labels = strict;
        }
        if let Some(disabled) = self.disable_ignore_pragma {
            configuration.hadolint_pragmas = !disabled;
        }
        if let Some(threshold) = self.failure_threshold {
            configuration.fail_on = Some(threshold);
        }
        if self.no_fail == Some(true) {
            configuration.fail_on = None;
        }
        Ok(())
    }
}

/// Codes that hadolint once had: a configuration may still name them.
const RETIRED: [&str; 4] = ["DL3005", "DL3017", "DL3031", "DL3039"];

fn set(configuration: &mut Configuration, code: &str, level: Level) -> Result<()> {
    match configuration.set(code, level) {
        Err(_) if RETIRED.contains(&code) => Ok(()),
        other => other,
    }
}

/// Whether hadolint has, or had, a rule of this code.
pub(super) fn is_code(code: &str) -> Result<()> {
    if RETIRED.contains(&code) || is_shellcheck_code(code) {
        return Ok(());
    }
    meaning(code).map(|_| ())
}

/// One of hadolint's words for a severity; `ignore` and `none` as a threshold mean that everything counts.
#[must_use]
pub fn threshold(word: &str) -> Option<Severity> {
    match word {
        "error" => Some(Severity::Error),
        "warning" => Some(Severity::Warning),
        "info" => Some(Severity::Note),
        "style" | "ignore" | "none" => Some(Severity::Style),
        _ => None,
    }
}

/// hadolint's word for what a label holds.
#[must_use]
pub(super) fn label_kind(word: &str) -> Option<LabelKind> {
    Some(match word {
        "" | "text" => LabelKind::Text,
        "rfc3339" => LabelKind::Rfc3339,
        "semver" => LabelKind::Semver,
        "url" => LabelKind::Url,
        "hash" => LabelKind::Hash,
        "spdx" => LabelKind::Spdx,
        "email" => LabelKind::Email,
        _ => return None,
    })
}

/// What hadolint's environment variables say; `get` gives those that are set and not empty.
///
/// # Errors
/// A value means nothing.
pub fn variables<'v>(get: &dyn Fn(&str) -> Option<&'v str>) -> Result<HadolintSettings> {
    let list = |name: &str| -> Result<Vec<String>> {
        let words = get(name).unwrap_or_default().split(',').map(str::trim);
        Ok(words
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect())
    };
    let codes = |name: &str| -> Result<Vec<String>> {
        let codes = list(name)?;
        for code in &codes {
            is_code(code).map_err(|error| from(name, &error))?;
        }
        Ok(codes)
    };
    let switch = |name: &str| get(name).map(is_truthy);
    let mut severities = Vec::new();
    for (name, severity) in [
        ("HADOLINT_OVERRIDE_ERROR", Severity::Error),
        ("HADOLINT_OVERRIDE_WARNING", Severity::Warning),
        ("HADOLINT_OVERRIDE_INFO", Severity::Note),
        ("HADOLINT_OVERRIDE_STYLE", Severity::Style),
    ] {
        severities.extend(codes(name)?.into_iter().map(|code| (code, severity)));
    }
    let name = "HADOLINT_FAILURE_THRESHOLD";
    let failure_threshold = match get(name) {
        None => None,
        Some(word) => Some(threshold(word).ok_or_else(|| {
            Error::usage(format!("the variable {name} is `{word}`"))
                .help("expected error, warning, info, style, ignore or none")
        })?),
    };
    let name = "HADOLINT_REQUIRE_LABELS";
    let mut label_schema = BTreeMap::new();
    for entry in list(name)? {
        let (label, kind) = label_requirement(&entry).map_err(|error| from(name, &error))?;
        label_schema.insert(label, kind);
    }
    Ok(HadolintSettings {
        failure_threshold,
        no_fail: switch("HADOLINT_NOFAIL"),
        ignored: codes("HADOLINT_IGNORE")?,
        severities,
        trusted_registries: list("HADOLINT_TRUSTED_REGISTRIES")?,
        label_schema,
        strict_labels: switch("HADOLINT_STRICT_LABELS"),
        disable_ignore_pragma: switch("HADOLINT_DISABLE_IGNORE_PRAGMA"),
    })
}

/// `name:kind`.
///
/// # Errors
/// It is something else.
pub fn label_requirement(text: &str) -> Result<(String, LabelKind)> {
    text.rsplit_once(':')
        .and_then(|(label, kind)| Some((label.trim().to_owned(), label_kind(kind.trim())?)))
        .filter(|(label, _)| !label.is_empty())
        .ok_or_else(|| {
            Error::usage(format!("`{text}` is no label with its kind")).help(
                "expected NAME:KIND, where the kind is text, rfc3339, semver, url, hash, spdx or email",
            )
        })
}

fn from(name: &str, error: &Error) -> Error {
    let helps = error.helps().to_vec();
    let named = Error::usage(format!("the variable {name}: {}", error.message()));
    helps.into_iter().fold(named, Error::help)
}

fn is_truthy(word: &str) -> bool {
    ["1", "y", "on", "true", "yes"]
        .iter()
        .any(|truthy| word.eq_ignore_ascii_case(truthy))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &[(&'static str, &'static str)]) -> Result<HadolintSettings> {
        variables(&|name| {
            set.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| *value)
        })
    }

    #[test]
    fn every_variable_is_read() {
        let settings = of(&[
            ("HADOLINT_NOFAIL", "TRUE"),
            ("HADOLINT_FAILURE_THRESHOLD", "info"),
            ("HADOLINT_OVERRIDE_INFO", "DL3000"),
            ("HADOLINT_IGNORE", "SC2086, SC2046"),
            ("HADOLINT_TRUSTED_REGISTRIES", "docker.io,*.example.com"),
            ("HADOLINT_REQUIRE_LABELS", "maintainer:text,version:semver"),
            ("HADOLINT_STRICT_LABELS", "0"),
            ("HADOLINT_DISABLE_IGNORE_PRAGMA", "y"),
        ])
        .unwrap();
        let mut configuration = Configuration::default();
        settings.apply(&mut configuration).unwrap();
        assert_eq!(configuration.fail_on, None);
        assert_eq!(configuration.levels.of("DL3000"), Level::On(Severity::Note));
        assert_eq!(configuration.levels.of("SC2046"), Level::Off);
        assert_eq!(
            configuration.options.trusted_registries,
            ["docker.io", "*.example.com"]
        );
        assert_eq!(
            configuration.options.label_schema["version"],
            LabelKind::Semver
        );
        assert!(!configuration.options.strict_labels && !configuration.hadolint_pragmas);
    }

    #[test]
    fn what_is_ignored_stays_ignored_whatever_its_severity() {
        let settings = HadolintSettings {
            ignored: vec!["DL3000".to_owned(), "DL3017".to_owned()],
            severities: vec![("DL3000".to_owned(), Severity::Error)],
            ..HadolintSettings::default()
        };
        let mut configuration = Configuration::default();
        settings.apply(&mut configuration).unwrap();
        assert_eq!(configuration.levels.of("DL3000"), Level::Off);
    }

    #[test]
    fn values_that_mean_nothing_are_named() {
        for (name, value, expected) in [
            ("HADOLINT_FAILURE_THRESHOLD", "bad", "is `bad`"),
            ("HADOLINT_IGNORE", "DL3000,DLX", "there is no rule `DLX`"),
            ("HADOLINT_REQUIRE_LABELS", "a:b", "`a:b` is no label"),
        ] {
            let error = of(&[(name, value)]).unwrap_err();
            assert!(error.message().contains(expected), "{error}");
            assert!(error.message().contains(name), "{error}");
        }
    }
}
