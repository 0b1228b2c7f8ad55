//! What this machine contributes to a build: the secrets' places and the commit.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use crate::bake::{Plan, Target};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::project::Project;

/// Where the secrets of a build are; never what they are.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    /// By id: the path of a file, or the name of a variable.
    pub(super) places: BTreeMap<String, String>,
    /// The files among them, which bake needs leave to read.
    pub(super) files: Vec<Utf8PathBuf>,
}

/// Finds the secrets that the selected targets may mount.
///
/// # Errors
/// A secret that is not optional and not there, or a variable that names a file which is not there.
pub(super) fn secrets(
    project: &Project,
    plan: &Plan,
    targets: &[&Target],
    environment: &Environment,
) -> Result<Secrets> {
    let mut secrets = Secrets::default();
    let mut errors = Vec::new();
    let needed = plan.closure(targets.iter().map(|target| target.name.as_str()));
    for (id, secret) in &project.manifest.secrets {
        if !needed.iter().any(|target| target.secrets.contains(id)) {
            continue;
        }
        let named_file = secret
            .file_env
            .iter()
            .find_map(|name| environment.variable(name).map(|path| (name, path)));
        if let Some((name, path)) = named_file {
            let path = environment.current_dir.join(path);
            match std::fs::File::open(&path).and_then(|file| file.metadata()) {
                Ok(metadata) if metadata.is_file() => {
                    secrets.places.insert(id.clone(), path.to_string());
                    secrets.files.push(path);
                }
                Ok(_) => errors.push(
                    Error::usage(format!("failed to read the secret `{id}`"))
                        .because(format!("{path}, which {name} names, is not a file")),
                ),
                Err(error) => errors.push(
                    Error::usage(format!("failed to read the secret `{id}`"))
                        .because(format!("{path}, which {name} names: {error}"))
                        .help(format!("correct {name}, or unset it")),
                ),
            }
        } else if let Some(name) = secret
            .env
            .as_ref()
            .filter(|name| environment.variable(name).is_some())
        {
            secrets.places.insert(id.clone(), name.clone());
        } else if !secret.optional {
            let names: Vec<&String> = secret.file_env.iter().chain(&secret.env).collect();
            let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            errors.push(
                Error::usage(format!("the secret `{id}` is needed and not set"))
                    .help(format!("set {}", names.join(" or ")))
                    .at(project.manifest.key_location(&["secrets", id])),
            );
        }
    }
    Error::all(errors)?;
    Ok(secrets)
}
