//! One call of `docker buildx bake`: the command line, its events, and the metadata it leaves.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

use super::Engine;
use super::events::{BuildEvent, Stream};
use crate::error::{Error, Result};
use crate::process::{Channel, Command, Runner};

/// The commit and the repository that something is built of, for attestations and the builder's history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Nobody asks for it: to find it out, buildx starts git seven times for each target.
    #[default]
    Untold,
    /// It is told.
    Told,
}

/// What bake is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bake {
    /// The repository's root, where it runs.
    pub directory: Utf8PathBuf,
    /// The bake files, later ones over earlier ones.
    pub files: Vec<Utf8PathBuf>,
    /// Targets and groups.
    pub targets: Vec<String>,
    /// The targets and all they are linked to, whose steps show up in the events.
    pub linked_targets: Vec<String>,
    /// The bake file's variables.
    pub variables: BTreeMap<String, String>,
    /// `--set`.
    pub set: Vec<String>,
    /// Files outside the root that the build may read; bake would ask, and not always.
    pub readable: Vec<Utf8PathBuf>,
    /// Folders outside the root that the build may write.
    pub writable: Vec<Utf8PathBuf>,
    /// Another builder than the engine's own.
    pub builder: Option<String>,
    /// Load the result into the engine.
    pub load: bool,
    /// Push the result.
    pub push: bool,
    /// Use no cached step.
    pub no_cache: bool,
    /// Whether the build's record is to tell its origin.
    pub origin: Origin,
    /// Where bake writes its metadata.
    pub metadata: Utf8PathBuf,
}

impl Bake {
    /// The command line, as it would be typed. Secrets are in none of it: bake gets paths and names of variables.
    #[must_use]
    pub fn command_line(&self) -> Command {
        self.command(Command::new("docker").arg("buildx"))
    }

    fn command(&self, buildx: Command) -> Command {
        let mut command = buildx
            .dir(&self.directory)
            .args(["bake", "--progress=rawjson"])
            // Which line of which Dockerfile made which layer, in the metadata file only: nothing is attached to
            // the image.
            .env("BUILDX_METADATA_PROVENANCE", "max");
        if self.origin == Origin::Untold {
            command = command.env("BUILDX_GIT_INFO", "false");
        }
        for file in &self.files {
            command = command.arg("--file").arg(file);
        }
        for file in &self.readable {
            command = command.arg(format!("--allow=fs.read={file}"));
        }
        for folder in &self.writable {
            command = command.arg(format!("--allow=fs.write={folder}"));
        }
        command = command.arg("--metadata-file").arg(&self.metadata);
        if let Some(builder) = &self.builder {
            command = command.arg("--builder").arg(builder);
        }
        for (wanted, flag) in [
            (self.load, "--load"),
            (self.push, "--push"),
            (self.no_cache, "--no-cache"),
        ] {
            if wanted {
                command = command.arg(flag);
            }
        }
        for set in &self.set {
            command = command.arg("--set").arg(set);
        }
        for (name, value) in &self.variables {
            command = command.env(name, value);
        }
        command.args(&self.targets)
    }

    /// Runs it and hands over what happens. Whether it worked; why not is in the events.
    ///
    /// # Errors
    /// If it cannot be started, or was interrupted.
    pub fn run(
        &self,
        runner: &dyn Runner,
        engine: &Engine,
        on_event: &mut dyn FnMut(BuildEvent),
    ) -> Result<bool> {
        let mut stream = Stream::new(self.linked_targets.clone());
        let command = self.command(engine.buildx());
        let output = runner.lines(&command, &mut |channel, line| {
            if channel == Channel::Stderr {
                stream.feed(line).into_iter().for_each(&mut *on_event);
            }
        })?;
        stream.finish().into_iter().for_each(on_event);
        Ok(output.success())
    }
}

/// What bake says of one target in its metadata file. The base of a linked build has only a reference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TargetMetadata {
    /// The names the image was given, separated by commas.
    #[serde(rename = "image.name")]
    pub names: String,
    /// Of the manifest or index.
    #[serde(rename = "containerimage.digest")]
    pub digest: Option<String>,
}

impl TargetMetadata {
    /// The first name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.names
            .split(',')
            .map(str::trim)
            .find(|name| !name.is_empty())
    }
}

/// Reads a metadata file, by target. Entries that are not targets (warnings) are left out.
///
/// # Errors
/// If it is missing or not what bake writes.
pub fn read_metadata(file: &Utf8Path) -> Result<BTreeMap<String, TargetMetadata>> {
    let failed = |cause: &dyn std::fmt::Display| {
        Error::failed(format!("failed to read what bake wrote to {file}")).because(cause)
    };
    let bytes = std::fs::read(file).map_err(|e| failed(&e))?;
    let entries: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(&bytes).map_err(|e| failed(&e))?;
    entries
        .into_iter()
        .filter(|(_, value)| value.is_object())
        .map(|(target, value)| {
            Ok((
                target,
                serde_json::from_value(value).map_err(|e| failed(&e))?,
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_files_and_permissions_and_hides_variables() {
        let bake = Bake {
            directory: "/r".into(),
            files: vec!["a.hcl".into(), "b.hcl".into()],
            targets: vec!["base".into(), "api".into()],
            variables: [("X_TAG".to_owned(), "dev".to_owned())].into(),
            set: vec!["*.output=type=cacheonly".into()],
            readable: vec!["/etc/ca.pem".into()],
            builder: Some("remote".into()),
            push: true,
            metadata: "m.json".into(),
            ..Bake::default()
        };
        let command = bake.command_line();
        insta::assert_snapshot!(command.display(), @"docker buildx bake --progress=rawjson --file a.hcl --file b.hcl --allow=fs.read=/etc/ca.pem --metadata-file m.json --builder remote --push --set *.output=type=cacheonly base api");
        let provenance = ("BUILDX_METADATA_PROVENANCE".to_owned(), "max".into());
        let tag = ("X_TAG".to_owned(), "dev".into());
        let silent = ("BUILDX_GIT_INFO".to_owned(), "false".into());
        assert_eq!(
            command.variables(),
            [provenance.clone(), silent, tag.clone()]
        );
        let telling = Bake {
            origin: Origin::Told,
            ..bake
        };
        assert_eq!(telling.command_line().variables(), [provenance, tag]);
    }

    #[test]
    fn metadata_is_read_by_target() {
        let dir = tempfile::tempdir().unwrap();
        let file = Utf8Path::from_path(dir.path()).unwrap().join("m.json");
        std::fs::write(
            &file,
            r#"{"api": {"image.name": "r/a:1,r/a:2", "containerimage.digest": "sha256:1"},
                "base": {"buildx.build.ref": "default/default/x"}, "buildx.build.warnings": []}"#,
        )
        .unwrap();
        let metadata = read_metadata(&file).unwrap();
        assert_eq!(metadata["api"].name(), Some("r/a:1"));
        assert_eq!(metadata["base"], TargetMetadata::default());
        assert_eq!(metadata.len(), 2);
        std::fs::write(&file, "").unwrap();
        assert!(
            read_metadata(&file)
                .unwrap_err()
                .to_string()
                .contains("m.json")
        );
    }
}
