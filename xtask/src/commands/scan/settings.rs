//! What holds for a scan: the manifest, and what the command line says instead.

use camino::{Utf8Path, Utf8PathBuf};

use super::arguments::{Arguments, FailOn};
use crate::cli::Common;
use crate::commands::images::LookedAt;
use crate::commands::lint;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::lint::configuration::Configuration;
use crate::project::glob;
use crate::project::manifest::Scan;
use crate::scan::exemption::Exemption;
use crate::scan::hardening::dockle::Ignores;
use crate::scan::policy::Policy;
use crate::scan::vulnerability::Level;
use crate::scan::{trivyignore, vex};
use crate::source::Source;

/// What holds for a scan.
#[derive(Debug)]
pub(super) struct Settings {
    /// `[scan]`, or what holds without it.
    pub(super) scan: Scan,
    pub(super) policy: Policy,
    /// Levels of codes, as for the linter.
    pub(super) configuration: Configuration,
    /// Everything that is said about vulnerabilities.
    pub(super) exemptions: Vec<Exemption>,
    /// What dockle is told to leave out.
    pub(super) dockle: Ignores,
}

/// Where dockle looks for what it leaves out.
const DOCKLEIGNORE: &str = ".dockleignore";
/// As few lines as such a file has, this is far more.
const MAX_DOCKLEIGNORE_BYTES: u64 = 1 << 20;

impl Settings {
    /// # Errors
    /// Anything that is written and means nothing: all of it at once.
    pub(super) fn read(
        arguments: &Arguments,
        place: &LookedAt,
        common: &Common,
        environment: &Environment,
    ) -> Result<Self> {
        let manifest = place.project.as_ref().map(|project| &project.manifest);
        let scan = manifest
            .map(|manifest| manifest.scan.clone())
            .unwrap_or_default();
        let mut policy = Policy::of(&scan);
        let said = &arguments.policy;
        if let Some(level) = said.fail_on {
            policy.fail_on = match level {
                FailOn::Critical => Some(Level::Critical),
                FailOn::High => Some(Level::High),
                FailOn::Medium => Some(Level::Medium),
                FailOn::Low => Some(Level::Low),
                FailOn::Unknown => Some(Level::Unknown),
                FailOn::None => None,
            };
        }
        policy.only_fixable |= said.only_fixable;
        policy.only_new |= said.only_new || said.against.is_some();
        policy.allow_unknown |= said.allow_unknown;
        policy.max_data_age = said.max_data_age.unwrap_or(policy.max_data_age);
        let configuration = if place.project.is_some() {
            let settings = lint::Settings::read(&lint::Arguments::default(), common, environment)?;
            settings.configuration
        } else {
            Configuration::default()
        };
        let mut exemptions = manifest.map(Exemption::of_manifest).unwrap_or_default();
        let mut errors = Vec::new();
        let mut add = |read: Result<Vec<Exemption>>| match read {
            Ok(found) => exemptions.extend(found),
            Err(error) => errors.push(error),
        };
        for path in &scan.trivyignore {
            if place.root.join(path).symlink_metadata().is_ok() {
                add(Source::read(&place.root, path).and_then(|source| trivyignore::parse(&source)));
            }
        }
        for path in vex_files(&scan, &place.root)? {
            add(read_vex(&place.root, &path));
        }
        for path in &said.vex {
            add(read_vex(&environment.current_dir, path));
        }
        let dockle = dockle(&place.root, environment).unwrap_or_else(|error| {
            errors.push(error);
            Ignores::default()
        });
        Error::all(errors)?;
        Ok(Self {
            scan,
            policy,
            configuration,
            exemptions,
            dockle,
        })
    }
}

/// `.dockleignore` and `DOCKLE_IGNORES`.
fn dockle(root: &Utf8Path, environment: &Environment) -> Result<Ignores> {
    let mut ignores = Ignores::default();
    if root.join(DOCKLEIGNORE).symlink_metadata().is_ok() {
        let source = Source::read_up_to(root, Utf8Path::new(DOCKLEIGNORE), MAX_DOCKLEIGNORE_BYTES)?;
        let (read, unknown) = Ignores::read(source.text());
        Error::all(unknown.into_iter().map(|line| {
            Error::usage(format!(
                "\"{}\" is no code of a check",
                line.text.escape_debug()
            ))
            .at(source.location(source.line_span(line.line)))
            .help("dockle's codes look like CIS-DI-0001, DKL-DI-0001 or DKL-LI-0001")
        }))?;
        ignores = read;
    }
    if let Some(codes) = environment.variable("DOCKLE_IGNORES") {
        ignores.add_codes(codes);
    }
    Ok(ignores)
}

fn read_vex(root: &Utf8Path, path: &Utf8Path) -> Result<Vec<Exemption>> {
    vex::parse(&Source::read_up_to(root, path, vex::MAX_BYTES)?)
}

/// The files that the manifest's patterns mean. A name without wildcards must be there.
fn vex_files(scan: &Scan, root: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let mut files = Vec::new();
    for pattern in &scan.vex {
        if pattern.contains(['*', '?']) {
            let found = glob::find(root, pattern)?;
            files.extend(found.into_iter().map(|one| one.path));
        } else {
            files.push(pattern.into());
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}
