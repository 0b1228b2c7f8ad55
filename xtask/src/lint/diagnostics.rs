//! Where rules leave what they found.

use std::borrow::Cow;

use crate::edit::{Edit, Fix, Safety};
use crate::finding::{Finding, Related, Severity};
use crate::lint::rule::Rule;
use crate::source::{Source, Span};

/// Collects the findings of one rule after the other.
#[derive(Debug)]
pub struct Diagnostics<'a> {
    source: &'a Source,
    rule: &'static Rule,
    severity: Severity,
    findings: Vec<Finding>,
}

/// A finding that can still be added to.
#[derive(Debug)]
pub struct Diagnostic<'d> {
    finding: &'d mut Finding,
    source: Source,
}

impl<'a> Diagnostics<'a> {
    /// Nothing found yet. `source` is the file that [`Diagnostics::report`] means.
    #[must_use]
    pub const fn new(source: &'a Source, rule: &'static Rule) -> Self {
        Self {
            source,
            rule,
            severity: rule.about.severity,
            findings: Vec::new(),
        }
    }

    /// From now on findings are of this rule.
    pub const fn enter(&mut self, rule: &'static Rule, severity: Severity) {
        self.rule = rule;
        self.severity = severity;
    }

    /// Reports a place in the Dockerfile. `message` is a lower-case sentence without a full stop that names what is
    /// there ("`apk add curl` leaves its index in the image"), not what the rule is about.
    pub fn report(&mut self, span: Span, message: impl Into<String>) -> Diagnostic<'_> {
        self.report_in(&self.source.clone(), span, message)
    }

    /// Reports a place in another file of the repository.
    pub fn report_in(
        &mut self,
        source: &Source,
        span: Span,
        message: impl Into<String>,
    ) -> Diagnostic<'_> {
        let mut finding = Finding::new(self.rule.code, self.rule.name, self.severity, message)
            .at(source.location(span));
        finding.aliases = self.rule.aliases;
        let at = self.findings.len();
        self.findings.push(finding);
        Diagnostic {
            finding: &mut self.findings[at],
            source: source.clone(),
        }
    }

    /// What was found.
    #[must_use]
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}

#[expect(
    clippy::return_self_not_must_use,
    reason = "the finding is already reported; what is returned only adds to it"
)]
impl Diagnostic<'_> {
    /// Says what to do, as an imperative.
    pub fn help(self, help: impl Into<Cow<'static, str>>) -> Self {
        self.finding.help.push(help.into());
        self
    }

    /// Points at another place that the finding is about. `message` is a lower-case clause that says what is there.
    pub fn related(self, source: &Source, span: Span, message: impl Into<String>) -> Self {
        self.finding.details_mut().related.push(Related {
            location: source.location(span),
            message: message.into(),
        });
        self
    }

    /// Adds a fact for machines.
    pub fn property(self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        let properties = &mut self.finding.details_mut().properties;
        properties.insert(name.to_owned(), value.into());
        self
    }

    /// A fix that keeps the build's meaning: replacements in the same file. `message` is an imperative.
    pub fn fix(
        self,
        message: impl Into<Cow<'static, str>>,
        edits: impl IntoIterator<Item = (Span, String)>,
    ) -> Self {
        let source = self.source.clone();
        self.with_fix(&source, message, Safety::Safe, edits)
    }

    /// A fix that someone has to look at.
    pub fn unsafe_fix(
        self,
        message: impl Into<Cow<'static, str>>,
        edits: impl IntoIterator<Item = (Span, String)>,
    ) -> Self {
        let source = self.source.clone();
        self.with_fix(&source, message, Safety::Unsafe, edits)
    }

    /// As [`Diagnostic::unsafe_fix`], of another file than the one that is reported.
    pub fn unsafe_fix_in(
        self,
        source: &Source,
        message: impl Into<Cow<'static, str>>,
        edits: impl IntoIterator<Item = (Span, String)>,
    ) -> Self {
        self.with_fix(source, message, Safety::Unsafe, edits)
    }

    fn with_fix(
        self,
        source: &Source,
        message: impl Into<Cow<'static, str>>,
        safety: Safety,
        edits: impl IntoIterator<Item = (Span, String)>,
    ) -> Self {
        let edits = edits
            .into_iter()
            .map(|(span, replacement)| Edit {
                source: source.clone(),
                span,
                replacement,
            })
            .collect();
        self.finding.fix = Some(Box::new(Fix {
            message: message.into(),
            safety,
            edits,
        }));
        self
    }
}
