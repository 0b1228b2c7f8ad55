//! Giving what is in a registry a tag: an index of several images, or one as it is.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Client, refused};
use crate::error::Result;
use crate::process::Runner;

impl Client {
    /// Gives `repository` (`host/path`) a tag for what it has under the digests: the members of all of them become one
    /// index; of a single digest nothing changes, so that the tag has the same digest. Annotations are of the index.
    ///
    /// # Errors
    /// The registry has not what is named or refuses (exit 2), or does not answer in time (exit 3).
    pub fn tag(
        &self,
        runner: &dyn Runner,
        repository: &str,
        digests: &[String],
        tag: &str,
        annotations: &BTreeMap<String, String>,
        limit: Duration,
    ) -> Result<()> {
        let host = repository.split('/').next().unwrap_or_default();
        let name = format!("{repository}:{tag}");
        let annotations = annotations
            .iter()
            .map(|(key, value)| format!("--annotation=index:{key}={value}"));
        let sources = digests
            .iter()
            .map(|digest| format!("{repository}@{digest}"));
        let command = self
            .docker
            .clone()
            .args(["buildx", "imagetools", "create", "--progress=plain"])
            .args(annotations)
            .args(["--tag", &name])
            .args(sources)
            .within(limit);
        let output = runner.run(&command)?;
        if output.success() {
            Ok(())
        } else {
            Err(refused(host, &name, &output))
        }
    }
}
