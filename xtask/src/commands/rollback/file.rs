//! A file of digests as what services are put to work by: something else applies it.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::exchange::{Health, Target};
use crate::atomic_file;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::release::with_digests;
use crate::source::Source;

/// A kustomization.
pub(super) struct ImagesFile<'a> {
    pub(super) project: &'a Project,
    /// Absolute.
    pub(super) path: Utf8PathBuf,
}

impl Target for ImagesFile<'_> {
    fn name(&self) -> &'static str {
        "file"
    }

    /// Who cannot write it leaves it as it was.
    fn disturbs(&self) -> bool {
        false
    }

    fn running(&self, _: &str) -> Result<Option<String>> {
        Ok(None)
    }

    fn put(&self, service: &str, reference: &str) -> Result<Health> {
        let (_, digest) = reference
            .split_once('@')
            .ok_or_else(|| Error::failed(format!("{reference} has no digest to be written")))?;
        let name = self.project.image_name(service);
        let digests = BTreeMap::from([(name, digest.to_owned())]);
        let root = &self.project.root;
        let path = self.path.strip_prefix(root).unwrap_or(&self.path);
        let there = self.path.symlink_metadata().is_ok();
        let source = there.then(|| Source::read(root, path)).transpose()?;
        let text = with_digests(source.as_ref(), &digests)?;
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| {
                Error::usage(format!("failed to create {folder}")).because(error)
            })?;
        }
        atomic_file::write(&self.path, text)?;
        Ok(Health::Untold(format!(
            "it is written to {path}; whether it is healthy shows where that is applied"
        )))
    }
}
