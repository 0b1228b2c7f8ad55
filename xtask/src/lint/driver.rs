//! One pass over the files of a run: rules, syntax errors, suppressions, in an order that does not depend on chance.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashSet;

use crate::dockerfile::Dockerfile;
use crate::finding::{Finding, Severity};
use crate::lint::configuration::{Configuration, FileLevels, Level, is_buildkits};
use crate::lint::diagnostics::Diagnostics;
use crate::lint::model::{Model, Step};
use crate::lint::outcome::{Judged, Outcome, in_order};
use crate::lint::registry;
use crate::lint::rule::{Check, Rule, Subject};
use crate::lint::suppression::{Elsewhere, Suppressions};
use crate::lint::surroundings::Surroundings;
use crate::parallel;
use crate::source::{Source, Span};

/// What is to be judged, and by what.
#[derive(Debug)]
pub struct Run<'a> {
    /// What is known.
    pub surroundings: &'a Surroundings,
    /// The Dockerfiles that are judged, by path.
    pub inputs: Vec<Input>,
    /// What holds.
    pub configuration: &'a Configuration,
    /// Whether files besides the Dockerfiles are judged: workflows, compose files.
    pub repository: bool,
    /// What an external tool found, by Dockerfile; `None` if none was asked.
    pub external: Option<&'a BTreeMap<Utf8PathBuf, Vec<Finding>>>,
    /// How many files are judged at once.
    pub threads: NonZeroUsize,
}

/// A Dockerfile that is judged.
#[derive(Debug)]
pub enum Input {
    /// Its meaning is known, because others need it.
    Model(Arc<Model>),
    /// Nobody else needs its meaning: it is read when the file is judged, and gone afterwards.
    File(Box<Dockerfile>),
}

/// What is found in one Dockerfile that is joined with no other one.
pub(super) fn judge(
    file: Dockerfile,
    surroundings: &Surroundings,
    configuration: &Configuration,
) -> Outcome {
    Pass::new(surroundings, configuration, None).judge(&surroundings.model_of(file))
}

/// One pass over the files.
struct Pass<'a> {
    surroundings: &'a Surroundings,
    configuration: &'a Configuration,
    external: Option<&'a BTreeMap<Utf8PathBuf, Vec<Finding>>>,
}

impl Run<'_> {
    /// Judges everything.
    #[must_use]
    pub fn carry_out(self) -> Outcome {
        self.carry_out_after(Judged::default())
    }

    /// Judges everything that was not judged yet; what was found is of all.
    #[must_use]
    pub fn carry_out_after(mut self, before: Judged) -> Outcome {
        let inputs = std::mem::take(&mut self.inputs);
        let Judged {
            paths: mut judged,
            mut outcome,
        } = before;
        let more = inputs.iter();
        judged.extend(more.map(|input| input.source().path().to_string()));
        let Self {
            surroundings,
            configuration,
            repository,
            external,
            threads,
            ..
        } = self;
        let repository = if repository {
            let pass = Pass::new(surroundings, configuration, external);
            let found = parallel::map(threads, inputs, |input| {
                let kept = input.shared();
                let model = pass.read(input);
                let levels = pass.levels(&model, &pass.suppressions(&model));
                let found = pass.found(&model, &levels);
                (kept.unwrap_or_else(|| Arc::new(model.unread())), found)
            });
            let all = surroundings.with(found.iter().map(|(model, _)| Arc::clone(model)));
            let pass = Pass::new(&all, configuration, external);
            let repository = pass.repository_findings(threads);
            let parts = parallel::map(threads, found, |(model, mut found)| {
                let there = repository.get(model.file.source.path());
                found.extend(there.into_iter().flatten().cloned());
                let suppressions = pass.suppressions(&model);
                let levels = pass.levels(&model, &suppressions);
                pass.settled(&model, found, suppressions, &levels)
            });
            outcome.add(parts, 0);
            repository
        } else {
            let pass = Pass::new(surroundings, configuration, external);
            let judge = |input| pass.judge(&pass.read(input));
            parallel::map_in_batches(threads, inputs, judge, |parts, left| {
                outcome.add(parts, left);
            });
            BTreeMap::new()
        };
        for (path, findings) in repository {
            if !judged.contains(path.as_str()) {
                outcome.findings.extend(findings);
            }
        }
        self.suppress_elsewhere(&judged, &mut outcome);
        in_order(&mut outcome.findings);
        outcome
    }

    /// Keeps back what comments in other files than Dockerfiles suppress, and says what is wrong with those of ignore
    /// files, where all rules about them were carried out.
    fn suppress_elsewhere(&self, judged: &HashSet<String>, outcome: &mut Outcome) {
        let mut elsewhere: BTreeMap<Utf8PathBuf, Elsewhere> = BTreeMap::new();
        let ignore_files = self
            .surroundings
            .build_contexts
            .iter()
            .filter(|_| self.repository)
            .flat_map(|contexts| &contexts.views)
            .filter_map(|view| view.ignore.as_ref());
        for file in ignore_files {
            elsewhere
                .entry(file.path())
                .or_insert_with(|| Elsewhere::read(&file.source));
        }
        let remarked: Vec<Utf8PathBuf> = elsewhere.keys().cloned().collect();
        let before = outcome.findings.len();
        let mut last: Option<Source> = None;
        outcome.findings.retain(|finding| {
            let (Some(path), Some(location)) = (finding.path(), &finding.location) else {
                return true;
            };
            // Most stand in the same Dockerfile as the one before.
            let source = &location.source;
            let is_known = path.as_str() == source.path().as_str()
                && last.as_ref().is_some_and(|last| last.is_same(source));
            if is_known {
                return true;
            }
            if judged.contains(path.as_str()) {
                last = Some(source.clone());
                return true;
            }
            elsewhere
                .entry(path.to_owned())
                .or_insert_with(|| Elsewhere::read(source))
                .keeps(finding)
        });
        outcome.suppressed += before - outcome.findings.len();
        for path in remarked {
            let Some(file) = elsewhere.get_mut(&path) else {
                continue;
            };
            let levels = self.configuration.for_file(&path);
            let level = |code: &str| levels.level(code);
            let runs = |code: &str| levels.runs(code);
            for remark in file.report(&level, &runs) {
                if file.keeps(&remark) {
                    outcome.findings.push(remark);
                } else {
                    outcome.suppressed += 1;
                }
            }
        }
    }
}

impl Input {
    /// The text of the file.
    #[must_use]
    pub fn source(&self) -> &Source {
        match self {
            Self::Model(model) => &model.file.source,
            Self::File(file) => &file.source,
        }
    }

    /// As [`Input::model`], to keep.
    fn shared(&self) -> Option<Arc<Model>> {
        match self {
            Self::Model(model) => Some(Arc::clone(model)),
            Self::File(_) => None,
        }
    }

    /// Its meaning, if it is known already.
    #[must_use]
    pub fn model(&self) -> Option<&Model> {
        match self {
            Self::Model(model) => Some(model),
            Self::File(_) => None,
        }
    }
}

impl<'a> Pass<'a> {
    const fn new(
        surroundings: &'a Surroundings,
        configuration: &'a Configuration,
        external: Option<&'a BTreeMap<Utf8PathBuf, Vec<Finding>>>,
    ) -> Self {
        Self {
            surroundings,
            configuration,
            external,
        }
    }

    /// What the rules say that look at the whole repository, by file.
    fn repository_findings(&self, threads: NonZeroUsize) -> BTreeMap<Utf8PathBuf, Vec<Finding>> {
        let mut by_file: BTreeMap<Utf8PathBuf, Vec<Finding>> = BTreeMap::new();
        // A rule that means "the Dockerfile" by mistake would point at a file without a name and without text.
        let nowhere = Source::new("", "");
        let rules: Vec<_> = registry::all()
            .iter()
            .filter(|rule| self.configuration.may_run(rule.code))
            .filter_map(|rule| match rule.check {
                Check::Repository(check) => Some((rule, check)),
                _ => None,
            })
            .collect();
        let found = parallel::map(threads, rules, |(rule, check)| {
            let mut diagnostics = Diagnostics::new(&nowhere, rule);
            let options = &self.configuration.options;
            check(self.surroundings, options, &mut diagnostics);
            (rule, diagnostics.into_findings())
        });
        for (rule, findings) in found {
            for mut finding in findings {
                let path = finding.path().map(ToOwned::to_owned).unwrap_or_default();
                if let Level::On(severity) = self.configuration.for_file(&path).level(rule.code) {
                    finding.severity = severity;
                    by_file.entry(path).or_default().push(finding);
                }
            }
        }
        by_file
    }

    /// The meaning of a Dockerfile. What is read of shell text is in it alone, and goes when the file is done.
    fn read(&self, input: Input) -> Model {
        match input {
            Input::Model(model) => model.unread(),
            Input::File(file) => self.surroundings.model_of(*file),
        }
    }

    /// What is reported of a Dockerfile about which nobody else says anything.
    fn judge(&self, model: &Model) -> Outcome {
        let suppressions = self.suppressions(model);
        let levels = self.levels(model, &suppressions);
        let found = self.found(model, &levels);
        self.settled(model, found, suppressions, &levels)
    }

    /// What the rules find in a Dockerfile.
    fn found(&self, model: &Model, levels: &FileLevels<'_>) -> Vec<Finding> {
        let mut found = self.rules(model, levels);
        found.extend(syntax_errors(model, levels, &found));
        found
    }

    fn suppressions<'m>(&self, model: &'m Model) -> Suppressions<'m> {
        Suppressions::read(&model.file, self.configuration.hadolint_pragmas)
    }

    /// What holds in a Dockerfile, the checks included that it turns on by itself.
    fn levels(&self, model: &Model, suppressions: &Suppressions<'_>) -> FileLevels<'_> {
        let mut levels = self.configuration.for_file(model.file.source.path());
        for rule in suppressions.experimental() {
            if levels.level(rule.code) == Level::Off {
                levels.set(rule.code, Level::On(rule.severity));
            }
        }
        levels
    }

    /// What is reported of a Dockerfile: of what rules found in it, and of what others say about it.
    fn settled(
        &self,
        model: &Model,
        mut found: Vec<Finding>,
        mut suppressions: Suppressions<'_>,
        levels: &FileLevels<'_>,
    ) -> Outcome {
        let source = &model.file.source;
        found.extend(self.external(source.path(), levels));
        let before = found.len();
        found.retain_mut(|finding| settle(finding, levels, &suppressions, model));
        let off = before - found.len();
        found.retain(|finding| suppressions.keeps(finding));
        let mut suppressed = before - off - found.len();

        let runs = |code: &str| match registry::find(code).first() {
            Some(rule) => levels.runs(rule.code),
            None => self.external.is_some() && levels.level(code) != Level::Off,
        };
        let mut diagnostics = Diagnostics::new(source, registry::all()[0]);
        suppressions.report(&|code| levels.level(code), &runs, &mut diagnostics);
        for remark in diagnostics.into_findings() {
            if suppressions.keeps(&remark) {
                found.push(remark);
            } else {
                suppressed += 1;
            }
        }
        in_order(&mut found);
        found.shrink_to_fit();
        Outcome {
            findings: found,
            suppressed,
        }
    }

    fn rules(&self, model: &Model, levels: &FileLevels<'_>) -> Vec<Finding> {
        let subject = Subject::new(model, self.surroundings, &self.configuration.options);
        let mut diagnostics = Diagnostics::new(&model.file.source, registry::all()[0]);
        for &(position, rule, check) in registry::of_dockerfiles() {
            if levels.rule_runs(position) {
                diagnostics.enter(rule, severity(rule, levels.of_rule(position)));
                check(&subject, &mut diagnostics);
            }
        }
        let mut findings = diagnostics.into_findings();
        if findings.iter().any(|finding| finding.fix.is_some()) {
            leave_broken_scripts(model, &mut findings);
        }
        findings
    }

    /// What an external tool found in a file, as bad as the configuration says.
    fn external(&self, path: &Utf8Path, levels: &FileLevels<'_>) -> Vec<Finding> {
        let found = self.external.and_then(|by_file| by_file.get(path));
        let mut findings = found.cloned().unwrap_or_default();
        findings.retain_mut(|finding| match levels.said(&finding.code) {
            Some(Level::Off) => false,
            Some(Level::On(severity)) => {
                finding.severity = severity;
                true
            }
            None => true,
        });
        findings
    }
}

/// Where the shell would stop reading, nobody knows where a command ends: nothing is mended there.
fn leave_broken_scripts(model: &Model, findings: &mut [Finding]) {
    let is_broken = |step: &Step<'_>| {
        step.scripts()
            .iter()
            .any(|script| !script.errors.is_empty())
    };
    let broken: Vec<Span> = model
        .steps()
        .filter(is_broken)
        .map(|step| step.written().span)
        .collect();
    for finding in findings {
        let touches = |span: &Span, edit: &Span| {
            edit.start <= span.end && (span.start <= edit.start || span.start < edit.end)
        };
        let is_touched = finding.fix.as_ref().is_some_and(|fix| {
            let mut edits = fix.edits.iter();
            edits.any(|edit| broken.iter().any(|span| touches(span, &edit.span)))
        });
        if is_touched {
            finding.fix = None;
        }
    }
}

/// What the parser and the stage graph could not understand, where no rule says it better.
fn syntax_errors(model: &Model, levels: &FileLevels<'_>, found: &[Finding]) -> Vec<Finding> {
    if model.file.errors.is_empty() && model.graph.errors.is_empty() {
        return Vec::new();
    }
    let Some(rule) = registry::find("DL1000").first() else {
        return Vec::new();
    };
    if !levels.runs(rule.code) {
        return Vec::new();
    }
    let source = &model.file.source;
    let mut places = HashSet::default();
    let mut starts_of_errors = HashSet::default();
    for finding in found {
        let Some(location) = &finding.location else {
            continue;
        };
        places.insert(location.span);
        if finding.severity == Severity::Error {
            starts_of_errors.insert(location.span.start);
        }
    }
    let mut diagnostics = Diagnostics::new(source, rule);
    diagnostics.enter(rule, severity(rule, levels.level(rule.code)));
    let errors = model.file.errors.iter().chain(&model.graph.errors);
    for error in errors {
        if !places.contains(&error.span) && !starts_of_errors.contains(&error.span.start) {
            diagnostics.report(error.span, error.message.as_str());
        }
    }
    diagnostics.into_findings()
}

/// The severity of a rule where it is on in the whole file; its own where only a stage turns it on.
const fn severity(rule: &Rule, level: Level) -> Severity {
    match level {
        Level::On(severity) => severity,
        Level::Off => rule.about.severity,
    }
}

/// Gives a finding the severity it has in its stage; whether it is on there at all.
fn settle(
    finding: &mut Finding,
    levels: &FileLevels<'_>,
    suppressions: &Suppressions<'_>,
    model: &Model,
) -> bool {
    let own = finding
        .location
        .as_ref()
        .filter(|location| location.source.is_of(&model.file.source));
    if let Some(location) = own
        && levels.by_stage()
    {
        let level = match suppressions.stage_at(location.span.start) {
            Some(index) => {
                let name = model.file.stages[index].name.as_ref();
                levels.in_stage(&finding.code, name.map(|name| name.value.as_str()), index)
            }
            None => levels.level(&finding.code),
        };
        match level {
            Level::Off => return false,
            Level::On(severity) => finding.severity = severity,
        }
    }
    if suppressions.raises() {
        let rules = registry::find(&finding.code);
        if rules.iter().any(|rule| is_buildkits(rule)) {
            finding.severity = Severity::Error;
        }
    }
    true
}

#[cfg(test)]
mod tests;
