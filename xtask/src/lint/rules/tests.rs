//! What holds for every rule at once: its examples, its fixes, its page; and what tests of single rules use.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::context::{Limits, MemoryFolders};
use crate::dockerfile::parse;
use crate::edit::{Fix, apply};
use crate::finding::{Finding, sorted};
use crate::lint::configuration::Level;
use crate::lint::rule::{Check, Fixability, Rule, Subject};
use crate::lint::surroundings::{MemoryFiles, Surroundings};
use crate::lint::{
    Configuration, Diagnostics, Input, Model, Options, Published, PublishedImage, Run, all,
};
use crate::project::ImageName;
use crate::source::Source;

/// A small repository for one rule: `Dockerfile` is what is looked at.
#[derive(Clone, Debug, Default)]
pub(in crate::lint) struct Repository {
    files: BTreeMap<Utf8PathBuf, String>,
    options: Options,
    looks_for_secrets: bool,
    published: Published,
}

impl Repository {
    /// One Dockerfile and nothing else.
    pub(in crate::lint) fn new(dockerfile: &str) -> Self {
        Self::default().file("Dockerfile", dockerfile)
    }

    /// With one more file.
    pub(in crate::lint) fn file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.into(), text.to_owned());
        self
    }

    /// With settings, in TOML.
    pub(in crate::lint) fn options(mut self, text: &str) -> Self {
        self.options = toml::from_str(text).unwrap();
        self
    }

    /// Whose files are looked into.
    pub(in crate::lint) fn looked_into(mut self) -> Self {
        self.looks_for_secrets = true;
        self
    }

    /// With what registries say: lines of an image, the digest of its tag, and digests that its index holds.
    pub(in crate::lint) fn published(mut self, lines: &str) -> Self {
        for line in lines.lines() {
            let mut words = line.split(' ').map(str::to_owned);
            let name = words.next().and_then(|name| ImageName::parse(&name));
            let image = PublishedImage {
                digest: words.next().unwrap(),
                members: words.collect(),
            };
            let dockerfile = Utf8Path::new("Dockerfile");
            self.published.insert(dockerfile, &name.unwrap(), image);
        }
        self
    }

    /// What a rule finds, in order.
    pub(in crate::lint) fn findings(&self, rule: &'static Rule) -> Vec<Finding> {
        let dockerfiles = self
            .files
            .iter()
            // Its ignore file lies beside a Dockerfile.
            .filter(|(path, _)| {
                let name = path.file_name().unwrap_or_default();
                name.starts_with("Dockerfile") && !name.ends_with(".dockerignore")
            })
            .map(|(path, text)| parse(&Source::new(path.as_path(), text.as_str())))
            .collect();
        let files = Box::new(MemoryFiles(self.files.clone()));
        let folders = self
            .files
            .iter()
            .fold(MemoryFolders::default(), |folders, (path, text)| {
                folders.with_text(path.as_str(), text)
            });
        let mut surroundings = Surroundings::gather(Some(files), dockerfiles, None)
            .with_build_contexts(&folders, NonZeroUsize::MIN);
        surroundings.published = self.published.clone();
        if self.looks_for_secrets {
            surroundings.look_for_secrets(&folders, Limits::default(), NonZeroUsize::MIN);
        }
        let model = Arc::clone(&surroundings.dockerfiles[Utf8Path::new("Dockerfile")]);
        let source = model.file.source.clone();
        let mut diagnostics = Diagnostics::new(&source, rule);
        match rule.check {
            Check::Dockerfile(check) => check(
                &Subject::new(&model, &surroundings, &self.options),
                &mut diagnostics,
            ),
            Check::Repository(check) => check(&surroundings, &self.options, &mut diagnostics),
            Check::Built => return self.built(rule, &surroundings, model),
            Check::Image | Check::Deployment => panic!("{} looks at no Dockerfile", rule.code),
        }
        let findings = diagnostics.into_findings();
        sorted(&findings).into_iter().cloned().collect()
    }

    /// What the linter itself says under a rule, in a run of all rules.
    fn built(&self, rule: &Rule, surroundings: &Surroundings, model: Arc<Model>) -> Vec<Finding> {
        let mut configuration = Configuration {
            options: self.options.clone(),
            ..Configuration::default()
        };
        let level = Level::On(rule.severity);
        configuration.set(rule.code, level).unwrap();
        let run = Run {
            surroundings,
            inputs: vec![Input::Model(model)],
            configuration: &configuration,
            repository: false,
            external: None,
            threads: NonZeroUsize::MIN,
        };
        let mut findings = run.carry_out().findings;
        findings.retain(|finding| finding.code == rule.code);
        findings
    }

    /// `line:column message` of each finding, one a line; other files than the Dockerfile are named.
    pub(in crate::lint) fn found(&self, rule: &'static Rule) -> String {
        let mut text = String::new();
        for finding in self.findings(rule) {
            let location = finding.location.unwrap();
            let at = location.source.line_column(location.span.start);
            if !text.is_empty() {
                text.push('\n');
            }
            if location.source.path() != "Dockerfile" {
                let _ = write!(text, "{}:", location.source.path());
            }
            let _ = write!(text, "{}:{} {}", at.line, at.column, finding.message);
        }
        text
    }

    /// The Dockerfile after all fixes of a rule, applied until nothing changes.
    pub(in crate::lint) fn fixed(&self, rule: &'static Rule) -> String {
        let mut repository = self.clone();
        for _ in 0..10 {
            let findings = repository.findings(rule);
            let fixes: Vec<&Fix> = findings.iter().filter_map(|it| it.fix.as_deref()).collect();
            let path = Utf8PathBuf::from("Dockerfile");
            let Some((_, text)) = apply(&fixes).files.remove(&path) else {
                return repository.files[&path].clone();
            };
            repository.files.insert(path, text);
        }
        panic!("{}: its fixes never come to an end", rule.code);
    }
}

/// What a rule finds in a Dockerfile that stands alone.
pub(in crate::lint) fn found(rule: &'static Rule, dockerfile: &str) -> String {
    Repository::new(dockerfile).found(rule)
}

/// A Dockerfile that stands alone, mended.
pub(in crate::lint) fn fixed(rule: &'static Rule, dockerfile: &str) -> String {
    Repository::new(dockerfile).fixed(rule)
}

/// The files of a section's code blocks. A block's first line is `dockerfile`, or `yaml path=compose.yaml`; a `toml`
/// block without a path holds the options, `text registry` what registries say.
fn example(rule: &Rule, heading: &str) -> Option<Repository> {
    let mut repository = Repository::default();
    let mut in_section = false;
    let mut block: Option<(String, String)> = None;
    for line in rule.documentation {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if let Some(title) = line.strip_prefix("## ") {
            in_section = title == heading;
        }
        match (&mut block, line.strip_prefix("```")) {
            (None, Some(info)) if in_section => block = Some((info.to_owned(), String::new())),
            (Some((info, text)), Some("")) => {
                repository = match info.split_once(" path=") {
                    Some((_, path)) => repository.file(path, text),
                    None if info == "toml" => repository.options(text),
                    None if info == "text registry" => repository.published(text),
                    None => repository.file("Dockerfile", text),
                };
                block = None;
            }
            (Some((_, text)), _) => {
                text.push_str(line);
                text.push('\n');
            }
            _ => {}
        }
    }
    (!repository.files.is_empty()).then(|| {
        if repository
            .files
            .contains_key(&Utf8PathBuf::from("Dockerfile"))
        {
            repository
        } else {
            repository.file("Dockerfile", "FROM scratch\n")
        }
    })
}

/// The rules that the linter carries out.
fn of_dockerfiles() -> impl Iterator<Item = &'static Rule> {
    let rules = all().iter().copied();
    rules.filter(|rule| !matches!(rule.check, Check::Image | Check::Deployment))
}

#[test]
fn the_bad_example_fires_and_the_good_one_does_not() {
    for rule in of_dockerfiles() {
        let bad = example(rule, "Example").unwrap_or_else(|| panic!("{}: no example", rule.code));
        assert_ne!(
            bad.found(rule),
            "",
            "{}: the bad example is fine",
            rule.code
        );
        let good =
            example(rule, "Use instead").unwrap_or_else(|| panic!("{}: no better way", rule.code));
        assert_eq!(
            good.found(rule),
            "",
            "{}: the good example is reported",
            rule.code
        );
    }
}

#[test]
fn fixes_converge_to_a_file_that_parses_and_is_not_reported() {
    for rule in of_dockerfiles() {
        let Some(bad) = example(rule, "Example") else {
            continue;
        };
        let findings = bad.findings(rule);
        let with_fix = findings.iter().filter(|f| f.fix.is_some()).count();
        match rule.fix {
            Fixability::None => {
                assert_eq!(with_fix, 0, "{}: has a fix and says it has none", rule.code);
            }
            Fixability::Always(safety) | Fixability::Sometimes(safety) => {
                if matches!(rule.fix, Fixability::Always(_)) {
                    assert_eq!(
                        with_fix,
                        findings.len(),
                        "{}: not all have a fix",
                        rule.code
                    );
                }
                assert!(with_fix > 0, "{}: its example shows no fix", rule.code);
                for fix in findings.iter().filter_map(|finding| finding.fix.as_ref()) {
                    assert!(
                        fix.safety <= safety,
                        "{}: less safe than it says",
                        rule.code
                    );
                    assert!(!fix.edits.is_empty(), "{}: a fix without edits", rule.code);
                }
            }
        }
        if with_fix == 0 {
            continue;
        }
        let text = bad.fixed(rule);
        let errors = parse(&Source::new("Dockerfile", text.as_str())).errors;
        assert_eq!(
            errors,
            [],
            "{}: the fixed example does not parse:\n{text}",
            rule.code
        );
    }
}

#[test]
fn codes_and_names_are_unique_and_well_formed() {
    let mut seen = BTreeSet::new();
    for rule in all() {
        assert!(seen.insert(rule.code), "{} is there twice", rule.code);
        assert!(seen.insert(rule.name), "{} is there twice", rule.name);
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(rule.name.chars().all(kebab), "{}", rule.name);
        assert!(
            !rule.summary.ends_with('.'),
            "{}: {}",
            rule.code,
            rule.summary
        );
    }
}

#[test]
fn every_page_has_its_sections() {
    for rule in of_dockerfiles() {
        let headings: Vec<&str> = rule
            .documentation
            .iter()
            .filter_map(|line| line.strip_prefix(" ## "))
            .collect();
        let mut expected = vec!["What it does", "Why it is bad", "Example", "Use instead"];
        if rule.fix != Fixability::None {
            expected.push("Fix safety");
        }
        for heading in &expected {
            assert!(
                headings.contains(heading),
                "{}: no section `{heading}`",
                rule.code
            );
        }
        let known = [
            "What it does",
            "Why it is bad",
            "Example",
            "Use instead",
            "Fix safety",
            "Options",
            "References",
        ];
        for heading in headings {
            assert!(
                known.contains(&heading),
                "{}: unknown section `{heading}`",
                rule.code
            );
        }
    }
}
