//! From files to findings.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashSet;

use super::apart::{self, Sorted};
use super::arguments::ShellCheck;
use super::inputs::{self, Group, Inputs};
use super::pin::Pins;
use super::settings::Settings;
use super::shellcheck::Program as ShellCheckProgram;
use crate::commands::timings::Timings;
use crate::dockerfile::parse;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::lint::{Around, DiskFiles, Files, Input, Outcome, Run, Surroundings, fingerprint};
use crate::parallel;
use crate::source::{Source, compare_paths};

/// What was found in all files.
#[derive(Default)]
pub(in crate::commands) struct Judgment {
    /// By file, then by place.
    pub(in crate::commands) findings: Vec<Finding>,
    /// Files that could not be judged.
    pub(in crate::commands) errors: Vec<Error>,
    /// Files that were, as reports name them. As texts, since to hash a path goes through all its parts.
    pub(in crate::commands) files: HashSet<String>,
    /// How many findings comments kept back.
    pub(in crate::commands) suppressed: usize,
    /// A repository was judged as a whole.
    pub(in crate::commands) whole: bool,
}

/// What is needed to judge.
pub(super) struct Judge<'a> {
    pub(super) settings: &'a Settings,
    pub(super) shellcheck: ShellCheck,
    /// Findings are compared with known ones.
    pub(super) fingerprints: bool,
    pub(super) environment: &'a Environment,
    pub(super) timings: &'a Timings<'a>,
    /// Registries are asked for digests.
    pub(super) pins: Option<&'a Pins<'a>>,
}

impl Judge<'_> {
    /// Judges everything that was named.
    ///
    /// # Errors
    /// `shellcheck` is required and missing, or does not answer as it should.
    pub(super) fn inputs(&self, inputs: Inputs) -> Result<Judgment> {
        let mut judgment = self.groups(inputs.groups)?;
        let mut errors = inputs.errors;
        // What was named, and found in a folder that was named, too, is told of once.
        let told: HashSet<String> = errors.iter().map(ToString::to_string).collect();
        let others = std::mem::take(&mut judgment.errors).into_iter();
        errors.extend(others.filter(|error| !told.contains(&error.to_string())));
        judgment.errors = errors;
        Ok(judgment)
    }

    /// As [`Judge::inputs`], of files alone.
    pub(super) fn groups(&self, groups: Vec<Group>) -> Result<Judgment> {
        let mut judgment = Judgment::default();
        for group in groups {
            let outside = group.root != self.settings.root && !group.alone;
            let prefix = outside.then(|| group.root.clone());
            judgment.whole |= group.whole;
            self.group(group, prefix.as_deref(), &mut judgment)?;
        }
        Ok(judgment)
    }

    fn group(
        &self,
        group: Group,
        prefix: Option<&Utf8Path>,
        judgment: &mut Judgment,
    ) -> Result<()> {
        let Self {
            settings, timings, ..
        } = self;
        let threads = parallel::threads();
        let own = prefix.is_none() && !group.alone;
        let project = settings.project.as_ref().filter(|_| own);
        let repository = own && group.whole;
        let files = (!group.alone).then(|| Box::new(DiskFiles::new(&group.root)) as Box<dyn Files>);
        let around = Around::read(files);
        let shellcheck = ShellCheckProgram::find(self.shellcheck, settings, self.environment)?;
        // Who asks shellcheck needs the shell text of all of them, and who asks registries all images.
        let can_wait = shellcheck.is_none() && self.pins.is_none();
        let sorted = if can_wait && project.is_none() && !repository {
            apart::sort(&group.root, group.files, &around, &settings.configuration)
        } else {
            read(&group.root, group.files)
        };
        let Sorted {
            judged,
            joined: mut files,
            errors,
        } = sorted;
        judgment.errors.extend(errors);
        let named = files.iter().map(|file| file.source.path().to_string());
        let mut wanted: HashSet<String> = judged.paths.iter().cloned().chain(named).collect();
        // The others of the project are known to those that start from them.
        let others = project.into_iter().flat_map(|project| &project.images);
        for image in others {
            if !wanted.contains(image.path().as_str()) {
                files.push(image.dockerfile.clone());
            }
        }
        timings.lap("read the Dockerfiles");
        let waits = |path: &Utf8Path| can_wait && wanted.contains(path.as_str());
        let (mut surroundings, rest) = Surroundings::gather_joined(&around, files, project, &waits);
        timings.lap("worked out what they mean");
        if let Some(pins) = self.pins {
            let answers = pins.ask(&surroundings, project, &wanted, prefix)?;
            surroundings.published = answers.published;
            judgment.errors.extend(answers.errors);
            timings.lap("asked registries");
        }
        let files = rest.into_values().map(|file| Input::File(Box::new(file)));
        let known = surroundings.dockerfiles.iter();
        let known = known.filter(|(path, _)| wanted.contains(path.as_str()));
        let mut inputs: Vec<Input> = files
            .chain(known.map(|(_, model)| Input::Model(Arc::clone(model))))
            .collect();
        inputs.sort_by(|a, b| compare_paths(a.source().path(), b.source().path()));
        let external = match shellcheck {
            Some(program) => {
                let models = inputs.iter().filter_map(Input::model);
                let answers = program.ask(models, self.environment)?;
                timings.lap("asked shellcheck");
                Some(answers)
            }
            None => None,
        };
        let Outcome {
            mut findings,
            suppressed,
        } = Run {
            surroundings: &surroundings,
            inputs,
            configuration: &settings.configuration,
            repository,
            external: external.as_ref(),
            threads,
        }
        .carry_out_after(judged);
        timings.lap("judged them");
        if self.fingerprints {
            fingerprint::assign(&mut findings, &|path| wanted.contains(path));
        }
        if let Some(prefix) = prefix {
            findings = Renamed::below(prefix).findings(findings);
            wanted = wanted
                .iter()
                .map(|path| prefix.join(path).into_string())
                .collect();
        }
        if judgment.findings.is_empty() {
            // Of many files they are a large part of the memory: there are never two of them.
            judgment.findings = findings;
        } else {
            judgment.findings.extend(findings);
        }
        judgment.suppressed += suppressed;
        judgment.files.extend(wanted);
        Ok(())
    }
}

/// Reads files that are judged together.
fn read(root: &Utf8Path, files: Vec<(Utf8PathBuf, Option<Source>)>) -> Sorted {
    let read = parallel::map(parallel::threads(), files, |file| {
        Ok(parse(&inputs::source(root, file)?))
    });
    let mut sorted = Sorted::default();
    for result in read {
        match result {
            Ok(file) => sorted.joined.push(file),
            Err(error) => sorted.errors.push(error),
        }
    }
    sorted
}

/// Findings of another repository name their files in full.
struct Renamed<'p> {
    prefix: &'p Utf8Path,
    sources: BTreeMap<Utf8PathBuf, Source>,
}

impl<'p> Renamed<'p> {
    const fn below(prefix: &'p Utf8Path) -> Self {
        Self {
            prefix,
            sources: BTreeMap::new(),
        }
    }

    fn findings(mut self, mut findings: Vec<Finding>) -> Vec<Finding> {
        for finding in &mut findings {
            finding.lies_below(self.prefix);
            if let Some(location) = &mut finding.location {
                location.source = self.source(&location.source);
            }
            if !finding.details().related.is_empty() {
                for related in &mut finding.details_mut().related {
                    related.location.source = self.source(&related.location.source);
                }
            }
            for edit in finding.fix.iter_mut().flat_map(|fix| &mut fix.edits) {
                edit.source = self.source(&edit.source);
            }
        }
        findings
    }

    fn source(&mut self, source: &Source) -> Source {
        self.sources
            .entry(source.path().to_owned())
            .or_insert_with(|| Source::new(self.prefix.join(source.path()), source.text()))
            .clone()
    }
}
