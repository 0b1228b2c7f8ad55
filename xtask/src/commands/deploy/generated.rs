//! What is generated, against what is there.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::atomic_file;
use crate::deploy::generate::{self, Generated};
use crate::deploy::{Facts, rules};
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::project::Project;
use crate::project::manifest::DeployEnvironment;
use crate::source::{self, Source, Span};

/// The files that should be there.
pub(super) fn files(
    project: &Project,
    facts: &Facts,
    chosen: &[DeployEnvironment],
    builds: Option<&BTreeMap<String, String>>,
) -> Vec<Generated> {
    let deploy = &project.manifest.deploy;
    let mut files = Vec::new();
    if let Some(base) = &deploy.base {
        files.extend(generate::base(facts, base));
        for one in chosen.iter().filter(|one| one.digests) {
            if let Some(builds) = builds {
                files.push(generate::images(&one.path, builds));
                continue;
            }
            // What somebody wrote there stays: it is judged with the environment.
            let none = generate::no_images(&one.path);
            if !project.root.join(&none.path).is_file() {
                files.push(none);
            }
        }
    }
    if let Some(path) = &deploy.falco {
        files.push(generate::falco(facts, path));
    }
    files
}

/// Writes what is not up to date, and removes what is no longer generated; their paths.
///
/// # Errors
/// A file cannot be written, or one that nobody generated lies among them.
pub(super) fn write(project: &Project, files: &[Generated]) -> Result<Vec<Utf8PathBuf>> {
    let mut written = Vec::new();
    for file in files {
        let full = project.root.join(&file.path);
        if present(&full, &file.path)?.as_deref() != Some(file.text.as_bytes()) {
            atomic_file::write(&full, &file.text)?;
            written.push(file.path.clone());
        }
    }
    for stranger in strangers(project, files)? {
        let full = project.root.join(&stranger);
        let text = present(&full, &stranger)?.unwrap_or_default();
        if !generate::is_generated(&String::from_utf8_lossy(&text)) {
            return Err(Error::usage(format!("{stranger} was written by hand"))
                .help("the folder `deploy.base` is generated as a whole: move it into the folder of an environment"));
        }
        match std::fs::remove_file(&full) {
            Ok(()) => written.push(stranger),
            // Another run was quicker.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Error::failed(format!("failed to remove {stranger}")).because(error));
            }
        }
    }
    Ok(written)
}

/// One finding for each file that is not up to date.
///
/// # Errors
/// What is there cannot be read.
pub(super) fn findings(project: &Project, files: &[Generated]) -> Result<Vec<Finding>> {
    let about = rules::outdated();
    let finding = |message: String| {
        Finding::new(about.code, about.name, about.severity, message)
            .help("run `cargo xtask docker-deploy --write`")
    };
    let mut findings = Vec::new();
    for file in files {
        let path = &file.path;
        match present(&project.root.join(path), path)? {
            None => findings.push(finding(format!("{path} is missing")).in_file(path.clone())),
            Some(there) if there == file.text.as_bytes() => {}
            Some(there) => {
                let there = String::from_utf8_lossy(&there).into_owned();
                let source = Source::new(path.clone(), there);
                let line = first_difference(source.text(), &file.text);
                let wanted = file.text.lines().nth(line).map(str::trim);
                let message = match wanted {
                    Some(wanted) => format!("{path} is not up to date: `{wanted}` should be here"),
                    None => format!("{path} is not up to date: it should end here"),
                };
                findings.push(finding(message).at(source.location(source.line_span(line + 1))));
            }
        }
    }
    for stranger in strangers(project, files)? {
        let source = Source::new(stranger.clone(), "");
        let message = format!("{stranger} is not generated any more");
        findings.push(finding(message).at(source.location(Span::default())));
    }
    Ok(findings)
}

/// The first line that differs, from 0.
fn first_difference(a: &str, b: &str) -> usize {
    a.lines().zip(b.lines()).take_while(|(a, b)| a == b).count()
}

/// Files in the generated folder that should not be there.
fn strangers(project: &Project, files: &[Generated]) -> Result<Vec<Utf8PathBuf>> {
    let Some(base) = &project.manifest.deploy.base else {
        return Ok(Vec::new());
    };
    let full = project.root.join(base);
    let Ok(entries) = full.read_dir_utf8() else {
        return Ok(Vec::new());
    };
    let mut strangers = Vec::new();
    for entry in entries {
        let entry =
            entry.map_err(|error| Error::usage(format!("failed to read {base}")).because(error))?;
        let path = base.join(entry.file_name());
        // Another run may be writing there at this moment.
        let is_unfinished = atomic_file::is_unfinished(entry.file_name());
        if !is_unfinished && entry.path().is_file() && files.iter().all(|file| file.path != path) {
            strangers.push(path);
        }
    }
    strangers.sort();
    Ok(strangers)
}

fn present(full: &Utf8Path, path: &Utf8Path) -> Result<Option<Vec<u8>>> {
    if full.symlink_metadata().is_err() {
        return Ok(None);
    }
    source::read_bytes_up_to(full, path, source::MAX_GENERATED_BYTES).map(Some)
}
