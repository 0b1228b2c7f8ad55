//! Where the secrets of a build are on this machine. Their content is never read.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::manifest::Manifest;
use crate::error::{Error, Result};

/// The secrets that were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundSecrets {
    /// By id: the path of the file, or the name of the variable that holds the secret.
    pub places: BTreeMap<String, String>,
    /// The files among them; bake must be allowed to read each (`--allow=fs.read=FILE`), or refuses at random.
    pub files: Vec<Utf8PathBuf>,
}

/// Finds the secrets with these ids.
///
/// `variable` tells an environment variable that is set and not empty. A path that is relative starts at
/// `current_dir`. An optional secret whose variables are not set is left out.
///
/// # Errors
/// A secret that is not optional is nowhere, or a variable names a file that is not there; all at once.
pub fn find<'a>(
    manifest: &Manifest,
    ids: impl IntoIterator<Item = &'a str>,
    current_dir: &Utf8Path,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<FoundSecrets> {
    let mut found = FoundSecrets::default();
    let mut errors = Vec::new();
    for id in ids {
        let Some(secret) = manifest.secrets.get(id) else {
            continue;
        };
        let names: Vec<&str> = secret
            .file_env
            .iter()
            .chain(&secret.env)
            .map(String::as_str)
            .collect();
        let set = names.iter().find_map(|name| Some((*name, variable(name)?)));
        let missing = || {
            Error::missing(format!("the secret `{id}` is nowhere to be found"))
                .help(format!("set {}", names.join(" or ")))
                .at(manifest.key_location(&["secrets", id]))
        };
        match set {
            None if secret.optional => {}
            None => errors.push(missing()),
            Some((name, _)) if secret.env.is_some() => {
                found.places.insert(id.to_owned(), name.to_owned());
            }
            Some((name, path)) => {
                let file = current_dir.join(path);
                if file.is_file() {
                    found.places.insert(id.to_owned(), file.to_string());
                    found.files.push(file);
                } else {
                    errors.push(
                        Error::usage(format!("{name} names {file}, which is no file"))
                            .because(format!("the secret `{id}` would come from there"))
                            .help(format!("correct {name}, or unset it")),
                    );
                }
            }
        }
    }
    Error::all(errors)?;
    found.files.sort();
    found.files.dedup();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    const MANIFEST: &str = "schema_version = 1\nproject.name = 'p'\n[secrets.ca]\nfile_env = ['A', 'B']\noptional = true\n\
                            [secrets.token]\nenv = 'TOKEN'\n";

    fn search(variables: &[(&str, &str)], dir: &Utf8Path) -> Result<FoundSecrets> {
        let manifest = Manifest::parse(&Source::new("docker.toml", MANIFEST)).unwrap();
        let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
        find(&manifest, ["ca", "token"], dir, &|name| {
            variables.get(name).map(|&value| value.to_owned())
        })
    }

    #[test]
    fn the_first_variable_that_is_set_counts() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        std::fs::write(dir.join("b.pem"), "").unwrap();
        let found = search(&[("B", "b.pem"), ("TOKEN", "x")], dir).unwrap();
        assert_eq!(found.places["ca"], dir.join("b.pem").as_str());
        assert_eq!(found.places["token"], "TOKEN", "the name, not the secret");
        assert_eq!(found.files, [dir.join("b.pem")]);
        let found = search(&[("TOKEN", "x")], dir).unwrap();
        assert!(!found.places.contains_key("ca") && found.files.is_empty());
    }

    #[test]
    fn what_is_missing_is_all_reported() {
        let error = search(&[("A", "gone")], Utf8Path::new("/tmp")).unwrap_err();
        assert!(error.to_string().contains("A names /tmp/gone"), "{error}");
        assert!(
            error.others()[0].to_string().contains("set TOKEN"),
            "{error}"
        );
    }
}
