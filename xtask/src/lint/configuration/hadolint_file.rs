//! `.hadolint.yaml`.

use std::collections::BTreeMap;

use super::hadolint::{HadolintSettings, is_code, label_kind, threshold};
use crate::error::{Error, Result};
use crate::finding::Severity;
use crate::lint::options::LabelKind;
use crate::project::suggestion::nearest;
use crate::source::{Source, Span};
use crate::yaml::{self, Entry, Node, Value};

/// Every key that hadolint knows.
const KEYS: [&str; 11] = [
    "failure-threshold",
    "format",
    "formats",
    "ignored",
    "override",
    "trustedRegistries",
    "label-schema",
    "strict-labels",
    "disable-ignore-pragma",
    "no-color",
    "no-fail",
];

/// hadolint's four lists.
const LISTS: [(&str, Severity); 4] = [
    ("error", Severity::Error),
    ("warning", Severity::Warning),
    ("info", Severity::Note),
    ("style", Severity::Style),
];

impl HadolintSettings {
    /// Reads hadolint's file.
    ///
    /// # Errors
    /// It is no YAML, or a key or value means nothing; every mistake at once, with its place. hadolint itself would
    /// go on with its defaults.
    pub fn parse(source: &Source) -> Result<Self> {
        let root = yaml::parse(source).map_err(|error| {
            Error::usage("the configuration is not YAML")
                .because(error.message)
                .at(source.location(error.span))
        })?;
        let mut reader = Reader {
            source,
            errors: Vec::new(),
        };
        let settings = reader.settings(&root);
        Error::all(reader.errors)?;
        Ok(settings)
    }

    /// Adds what a later source says: it wins, and lists add up.
    #[must_use]
    pub fn and(mut self, later: Self) -> Self {
        self.failure_threshold = later.failure_threshold.or(self.failure_threshold);
        self.no_fail = later.no_fail.or(self.no_fail);
        self.ignored.extend(later.ignored);
        self.severities.extend(later.severities);
        self.trusted_registries.extend(later.trusted_registries);
        self.label_schema.extend(later.label_schema);
        self.strict_labels = later.strict_labels.or(self.strict_labels);
        self.disable_ignore_pragma = later.disable_ignore_pragma.or(self.disable_ignore_pragma);
        self
    }
}

struct Reader<'s> {
    source: &'s Source,
    errors: Vec<Error>,
}

impl Reader<'_> {
    fn settings(&mut self, root: &Node) -> HadolintSettings {
        let mut settings = HadolintSettings::default();
        if root.is_null() {
            return settings;
        }
        for entry in self.mapping(root, "the configuration") {
            let key = entry.key.as_str().unwrap_or_default();
            let value = &entry.value;
            match key {
                "failure-threshold" => {
                    settings.failure_threshold = self.threshold(value);
                }
                "ignored" => settings.ignored = self.codes(value, key),
                "override" => settings.severities = self.severities(value),
                "trustedRegistries" => settings.trusted_registries = self.texts(value, key),
                "label-schema" => settings.label_schema = self.labels(value),
                "strict-labels" => settings.strict_labels = self.switch(value, key),
                "disable-ignore-pragma" => {
                    settings.disable_ignore_pragma = self.switch(value, key);
                }
                "no-fail" => settings.no_fail = self.switch(value, key),
                "no-color" => {
                    self.switch(value, key);
                }
                // How findings are written is said on the command line.
                "format" | "formats" => {}
                other => self.unknown(other, entry.key.span, &KEYS),
            }
        }
        settings
    }

    fn severities(&mut self, node: &Node) -> Vec<(String, Severity)> {
        let mut severities = Vec::new();
        for entry in self.mapping(node, "`override`") {
            let key = entry.key.as_str().unwrap_or_default();
            match LISTS.iter().find(|(name, _)| *name == key) {
                Some((_, severity)) => {
                    let codes = self.codes(&entry.value, key);
                    severities.extend(codes.into_iter().map(|code| (code, *severity)));
                }
                None => self.unknown(key, entry.key.span, &LISTS.map(|(name, _)| name)),
            }
        }
        severities
    }

    fn labels(&mut self, node: &Node) -> BTreeMap<String, LabelKind> {
        let mut labels = BTreeMap::new();
        for entry in self.mapping(node, "`label-schema`") {
            let label = entry.key.as_str().unwrap_or_default();
            match entry.value.as_str().and_then(label_kind) {
                Some(kind) => {
                    labels.insert(label.to_owned(), kind);
                }
                None => self.error(
                    entry.value.span,
                    format!("`{label}` has no kind of label"),
                    "expected text, rfc3339, semver, url, hash, spdx or email",
                ),
            }
        }
        labels
    }

    fn codes(&mut self, node: &Node, key: &str) -> Vec<String> {
        let mut codes = Vec::new();
        for item in self.list(node, key) {
            let Some(code) = self.text(item, key) else {
                continue;
            };
            match is_code(&code) {
                Ok(()) => codes.push(code),
                Err(error) => self.errors.push(error.at(self.source.location(item.span))),
            }
        }
        codes
    }

    fn texts(&mut self, node: &Node, key: &str) -> Vec<String> {
        let items = self.list(node, key);
        items
            .iter()
            .filter_map(|item| self.text(item, key))
            .collect()
    }

    fn text(&mut self, node: &Node, key: &str) -> Option<String> {
        let text = node.text().filter(|text| !text.is_empty());
        if text.is_none() {
            let message = format!("`{key}` holds something that is no text");
            self.error(node.span, message, "write one text an item");
        }
        text.map(str::to_owned)
    }

    fn threshold(&mut self, node: &Node) -> Option<Severity> {
        let found = node.as_str().and_then(threshold);
        if found.is_none() {
            self.error(
                node.span,
                "`failure-threshold` is no severity".to_owned(),
                "expected error, warning, info, style, ignore or none",
            );
        }
        found
    }

    fn switch(&mut self, node: &Node, key: &str) -> Option<bool> {
        let found = node.as_bool();
        if found.is_none() {
            let message = format!("`{key}` is no switch");
            self.error(node.span, message, "expected true or false");
        }
        found
    }

    fn list<'n>(&mut self, node: &'n Node, key: &str) -> &'n [Node] {
        match &node.value {
            Value::Sequence(items) => items,
            _ if node.is_null() => &[],
            _ => {
                let message = format!("`{key}` is no list");
                self.error(node.span, message, "write each item on a line behind `- `");
                &[]
            }
        }
    }

    fn mapping<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Entry] {
        match &node.value {
            Value::Mapping(entries) => entries,
            _ if node.is_null() => &[],
            _ => {
                let message = format!("{what} is no mapping");
                self.error(node.span, message, "write `key: value` on each line");
                &[]
            }
        }
    }

    fn unknown(&mut self, key: &str, span: Span, known: &[&'static str]) {
        let help = match nearest(key, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the keys here are {}", known.join(", ")),
        };
        self.error(span, format!("unknown key `{key}`"), help);
    }

    fn error(&mut self, span: Span, message: String, help: impl Into<String>) {
        let error = Error::usage(message)
            .help(help)
            .at(self.source.location(span));
        self.errors.push(error);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<HadolintSettings> {
        HadolintSettings::parse(&Source::new(".hadolint.yaml", text))
    }

    #[test]
    fn every_key_is_read() {
        let settings = parse(
            "failure-threshold: info\n\
             format: tty\n\
             ignored: [DL3000, SC1010]\n\
             override:\n  error:\n    - DL3000\n  style: [SC2086]\n\
             trustedRegistries:\n  - docker.io\n  - \"*.example.com\"\n\
             label-schema:\n  author: text\n  version: semver\n  any: \"\"\n\
             strict-labels: true\n\
             disable-ignore-pragma: false\n\
             no-color: true\n\
             no-fail: false\n",
        )
        .unwrap();
        assert_eq!(
            settings,
            HadolintSettings {
                failure_threshold: Some(Severity::Note),
                no_fail: Some(false),
                ignored: vec!["DL3000".to_owned(), "SC1010".to_owned()],
                severities: vec![
                    ("DL3000".to_owned(), Severity::Error),
                    ("SC2086".to_owned(), Severity::Style)
                ],
                trusted_registries: vec!["docker.io".to_owned(), "*.example.com".to_owned()],
                label_schema: BTreeMap::from([
                    ("author".to_owned(), LabelKind::Text),
                    ("any".to_owned(), LabelKind::Text),
                    ("version".to_owned(), LabelKind::Semver)
                ]),
                strict_labels: Some(true),
                disable_ignore_pragma: Some(false),
            }
        );
        assert_eq!(parse("").unwrap(), HadolintSettings::default());
        assert_eq!(parse("ignored:\n").unwrap(), HadolintSettings::default());
    }

    #[test]
    fn nothing_is_passed_over() {
        for (text, expected) in [
            ("ignored: [", "the configuration is not YAML"),
            (
                "ingored: []\n",
                ".hadolint.yaml:1:1: unknown key `ingored` (help: did you mean `ignored`?)",
            ),
            (
                "ignored: [DL300]\n",
                ".hadolint.yaml:1:11: there is no rule `DL300`",
            ),
            (
                "ignored: DL3000\n",
                ".hadolint.yaml:1:10: `ignored` is no list",
            ),
            (
                "- a\n",
                ".hadolint.yaml:1:1: the configuration is no mapping",
            ),
            (
                "strict-labels: maybe\n",
                ".hadolint.yaml:1:16: `strict-labels` is no switch",
            ),
            (
                "failure-threshold: bad\n",
                ".hadolint.yaml:1:20: `failure-threshold` is no severity",
            ),
            (
                "override:\n  fatal: []\n",
                ".hadolint.yaml:2:3: unknown key `fatal`",
            ),
            (
                "label-schema:\n  a: number\n",
                ".hadolint.yaml:2:6: `a` has no kind of label",
            ),
            (
                "trustedRegistries:\n  - a: b\n",
                ".hadolint.yaml:2:5: `trustedRegistries` holds",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let two = parse("a: 1\nb: 2\n").unwrap_err();
        assert_eq!(two.others().len(), 1);
    }

    #[test]
    fn later_sources_win_and_lists_add_up() {
        let first = parse("ignored: [DL3000]\nno-fail: true\n").unwrap();
        let both = first.and(parse("ignored: [SC2086]\nno-fail: false\n").unwrap());
        assert_eq!(both.ignored, ["DL3000", "SC2086"]);
        assert_eq!(both.no_fail, Some(false));
    }
}
