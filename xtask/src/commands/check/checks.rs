//! The table of checks: each a function from facts to findings. Adding one is one line.

use camino::{Utf8Path, Utf8PathBuf};

use super::facts::{Facts, Part};
use crate::atomic_file;
use crate::bake::{Plan, PlanOptions};
use crate::cli::Common;
use crate::commands::bake::{self, State};
use crate::commands::{ci, deploy, ignore, lint};
use crate::environment::Environment;
use crate::error::Result;
use crate::finding::{Finding, Severity};
use crate::project::{Project, root};
use crate::source::{Source, Span};

/// Mends, and tells which files changed, from the root.
type Mend = fn(&Common, &Environment) -> Result<Vec<Utf8PathBuf>>;

/// Something that is held without an engine.
pub(super) struct Check {
    /// What `--only` and reports call it.
    pub(super) id: &'static str,
    /// One line for `--list`.
    pub(super) about: &'static str,
    /// Whether a change of the file at a path, from the root, matters to it.
    pub(super) touched: fn(&Facts, &Utf8Path) -> bool,
    /// What is wrong.
    pub(super) findings: fn(&Facts) -> Result<Vec<Finding>>,
    /// Mends what can be mended safely.
    pub(super) mend: Option<Mend>,
    /// The severities of its findings are configured, and so is from which one on they count.
    pub(super) has_levels: bool,
    /// It looks into the files that enter builds.
    pub(super) reads_contents: bool,
}

/// In the order in which they are made and mended: what a later one reads, an earlier one may have mended.
pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "manifest",
        about: "the manifest is well-formed, and fits the Dockerfiles",
        touched: Facts::is_plan_input,
        findings: |facts| facts.project().map(|_| Vec::new()),
        mend: None,
        has_levels: false,
        reads_contents: false,
    },
    Check {
        id: "lint",
        about: "the Dockerfiles, workflows and compose files, by the rules of docker-lint",
        touched: |facts, path| facts.is_build_file(path) || facts.enters_a_build(path),
        findings: |facts| facts.judged(Part::Dockerfiles),
        mend: Some(lint::mend),
        has_levels: true,
        reads_contents: false,
    },
    Check {
        id: "ignore",
        about: "nothing enters a build that should not, by the rules of docker-ignore",
        touched: |facts, path| facts.is_build_file(path) || facts.enters_a_build(path),
        findings: |facts| facts.judged(Part::BuildContexts),
        mend: Some(ignore::mend_all),
        has_levels: true,
        reads_contents: true,
    },
    Check {
        id: "bake",
        about: "the generated bake file and schema are what the manifest and the Dockerfiles say",
        touched: |facts, path| facts.is_plan_input(path) || facts.is_generated(path),
        findings: stale_files,
        mend: Some(write_generated),
        has_levels: false,
        reads_contents: false,
    },
    Check {
        id: "ci",
        about: "the generated workflow is what the manifest and the Dockerfiles say",
        touched: |facts, path| facts.is_build_file(path) || path.starts_with(".github"),
        findings: |facts| match (&facts.manifest, facts.project()?) {
            (Some(root), Some(project)) => {
                ci::differences(project, root, &facts.looked.surroundings)
            }
            _ => Ok(Vec::new()),
        },
        mend: None,
        has_levels: false,
        reads_contents: false,
    },
    Check {
        id: "deploy",
        about: "the Kubernetes manifests fit what is built, by the rules of docker-deploy",
        touched: |facts, path| facts.is_build_file(path) || facts.is_deployed(path),
        findings: |facts| facts.project()?.map_or(Ok(Vec::new()), deploy::drift),
        mend: None,
        has_levels: true,
        reads_contents: false,
    },
];

/// The generated files that are not up to date.
fn stale_files(facts: &Facts) -> Result<Vec<Finding>> {
    let (Some(root), Some(project)) = (&facts.manifest, facts.project()?) else {
        return Ok(Vec::new());
    };
    let plan = Plan::new(project, &PlanOptions::default())?;
    let mut findings = Vec::new();
    for (path, wanted) in bake::generated(root, &plan) {
        let finding = match bake::state(&root.root.join(&path), &path, &wanted)? {
            State::UpToDate => continue,
            State::Missing => Finding::new(
                "C001",
                "generated-file-missing",
                Severity::Error,
                format!("{path} is missing"),
            )
            .in_file(path),
            State::Different(present) => {
                let message = format!("{path} is not what the manifest and the Dockerfiles say");
                let source = Source::new(path, present);
                let place = first_difference(source.text(), &wanted);
                Finding::new("C002", "generated-file-stale", Severity::Error, message)
                    .at(source.location(place))
            }
        };
        findings.push(finding.help(
            "`cargo xtask docker-bake` shows the difference; with `--write` it brings the file up to date",
        ));
    }
    Ok(findings)
}

/// The first line of `present` that is another one in `wanted`.
fn first_difference(present: &str, wanted: &str) -> Span {
    let mut start = 0;
    let mut wanted = wanted.split_inclusive('\n');
    for line in present.split_inclusive('\n') {
        if wanted.next() != Some(line) {
            return Span::new(start, start + line.trim_end_matches(['\n', '\r']).len());
        }
        start += line.len();
    }
    Span::new(start, start)
}

fn write_generated(common: &Common, environment: &Environment) -> Result<Vec<Utf8PathBuf>> {
    let Some(root) = found_manifest(common, environment)? else {
        return Ok(Vec::new());
    };
    let project = Project::load(&root)?;
    let plan = Plan::new(&project, &PlanOptions::default())?;
    let mut written = Vec::new();
    for (path, wanted) in bake::generated(&root, &plan) {
        let full = root.root.join(&path);
        if !matches!(bake::state(&full, &path, &wanted)?, State::UpToDate) {
            atomic_file::write(&full, &wanted)?;
            written.push(path);
        }
    }
    Ok(written)
}

/// The manifest, where there is one: the checks serve repositories without one, too.
///
/// # Errors
/// The one that was named is missing.
pub(super) fn found_manifest(
    common: &Common,
    environment: &Environment,
) -> Result<Option<root::Root>> {
    match root::find(&environment.current_dir, common.manifest.as_deref()) {
        Ok(root) => Ok(Some(root)),
        Err(error) if common.manifest.is_some() => Err(error),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_pointed_at() {
        for (present, wanted, expected) in [
            ("a\nb\nc\n", "a\nx\nc\n", "b"),
            ("a\n", "a\nb\n", ""),
            ("a\nb\n", "a\n", "b"),
            ("a\r\n", "a\n", "a"),
            ("", "a\n", ""),
        ] {
            let span = first_difference(present, wanted);
            assert_eq!(span.of(present), expected, "{present:?} {wanted:?}");
        }
    }

    #[test]
    fn no_two_checks_have_one_name() {
        for (index, check) in CHECKS.iter().enumerate() {
            let before = &CHECKS[..index];
            assert!(before.iter().all(|other| other.id != check.id));
        }
    }
}
