//! Images on their way to the registry and back.

use std::time::Duration;

use super::super::Trial;
use crate::engine::images::{Inspected, inspect};
use crate::engine::local_registry::{Api, LocalRegistry, stored};
use crate::error::{Error, Result};
use crate::process::Command;
use crate::trial::Verdict;
use crate::trial::release::{PULL, PUSH, blobs, same_image};

/// How long pushing or pulling one image may take.
const LIMIT: Duration = Duration::from_mins(10);

/// An image in the registry.
#[derive(Clone, Debug)]
pub(super) struct Published {
    /// Its name there without the registry: `drill/api`.
    pub(super) path: String,
    /// With its tag.
    pub(super) tagged: String,
    /// With its digest.
    pub(super) pinned: String,
    /// Of its manifest or index, as the engine told it.
    pub(super) digest: String,
}

/// Brings one image to the registry and back.
pub(super) struct Publisher<'t> {
    pub(super) trial: &'t Trial<'t>,
    pub(super) registry: &'t LocalRegistry,
    pub(super) image: &'t str,
}

impl Publisher<'_> {
    fn docker(&self, arguments: &[&str]) -> Command {
        self.trial.engine.command().args(arguments).within(LIMIT)
    }

    fn ok(&self, arguments: &[&str]) -> Result<String> {
        let command = self.docker(arguments);
        let output = self.trial.means.runner.run(&command)?.checked(&command)?;
        Ok(output.text())
    }

    /// Pushes an image under a name of the drill. `Err` is what is wrong with how it went.
    pub(super) fn push(&self, reference: &str, tag: &str) -> Result<Result<Published, Verdict>> {
        let path = format!("drill/{}", self.image.to_lowercase());
        let name = format!("{}/{path}", self.registry.host());
        let tagged = format!("{name}:{tag}");
        self.ok(&["tag", reference, &tagged])?;
        let named = Name {
            publisher: self,
            tagged: &tagged,
        };
        let output = self
            .trial
            .means
            .runner
            .run(&self.docker(&["push", &tagged]))?;
        self.trial.means.interrupt.check()?;
        if !output.success() {
            let why = output.error_text();
            let last = why.lines().last().unwrap_or_default().to_owned();
            return Ok(Err(Verdict::failed(
                &PUSH,
                format!("it cannot be pushed: {last}"),
            )));
        }
        let Some(digest) = told_digest(&output.text()) else {
            return Ok(Err(Verdict::unknown(
                &PUSH,
                "`docker push` tells no digest",
            )));
        };
        drop(named);
        Ok(Ok(Published {
            pinned: format!("{name}@{digest}"),
            path,
            tagged,
            digest,
        }))
    }

    /// The same image with another label, and therefore another digest: a next version. The broken one has a health check
    /// that cannot pass.
    ///
    /// # Errors
    /// It cannot be built or pushed.
    pub(super) fn variant(&self, of: &Published, tag: &str) -> Result<Published> {
        let broken = if tag == "broken" {
            "HEALTHCHECK --interval=1s --timeout=1s --start-period=0s --retries=1 CMD [\"/of-a-broken-release\"]\n"
        } else {
            ""
        };
        let dockerfile = format!(
            "FROM {}\nLABEL dev.xtask-docker.drill={tag}\n{broken}",
            self.trial_reference()
        );
        let built = format!(
            "{}-built",
            of.tagged.replace(":current", &format!(":{tag}"))
        );
        let build = self
            .docker(&[
                "buildx",
                "build",
                "--load",
                "--quiet",
                "--provenance=false",
                "--tag",
                &built,
                "-",
            ])
            .input(dockerfile.into_bytes());
        self.trial.means.runner.run(&build)?.checked(&build)?;
        let _named = Name {
            publisher: self,
            tagged: &built,
        };
        match self.push(&built, tag)? {
            Ok(published) => Ok(published),
            Err(verdict) => Err(Error::failed(format!(
                "the {tag} version of {} cannot be had",
                self.image
            ))
            .because(verdict.detail)),
        }
    }

    fn trial_reference(&self) -> String {
        let image = self.trial.project.image(self.image);
        image.map_or_else(
            || self.image.to_owned(),
            |image| self.trial.reference(image),
        )
    }

    /// Reads everything back: through the registry's API byte by byte, and through the engine by digest.
    pub(super) fn read_back(
        &self,
        published: &Published,
        built: &Inspected,
    ) -> Result<Vec<Verdict>> {
        let api = Api::new(&self.trial.reach, self.registry.host());
        let path = &published.path;
        let tag = published.tagged.rsplit(':').next().unwrap_or_default();
        let by_tag = api.manifest(path, tag)?;
        let digest = &published.digest;
        let pushed = if by_tag.status == 200 && by_tag.digest == *digest {
            Verdict::passed(&PUSH, format!("the registry gives {digest}"))
        } else if by_tag.status == 200 {
            Verdict::failed(
                &PUSH,
                format!(
                    "{digest} was pushed, and the registry gives {}",
                    by_tag.digest
                ),
            )
        } else {
            Verdict::failed(
                &PUSH,
                format!("the registry answers with {}", by_tag.status),
            )
        };
        Ok(vec![
            pushed,
            blobs(&stored(&api, path, digest)?),
            self.pulled(published, built)?,
        ])
    }

    fn pulled(&self, published: &Published, built: &Inspected) -> Result<Verdict> {
        let pinned = &published.pinned;
        let output = self
            .trial
            .means
            .runner
            .run(&self.docker(&["pull", "--quiet", pinned]))?;
        self.trial.means.interrupt.check()?;
        if !output.success() {
            let why = output.error_text();
            let last = why.lines().last().unwrap_or_default().to_owned();
            return Ok(Verdict::failed(
                &PULL,
                format!("it cannot be pulled by its digest: {last}"),
            ));
        }
        let _named = Name {
            publisher: self,
            tagged: pinned,
        };
        let pulled = inspect(self.trial.means.runner, self.trial.engine, &[pinned])?;
        let Some(pulled) = pulled.first() else {
            return Ok(Verdict::unknown(
                &PULL,
                "the engine tells nothing of what it pulled",
            ));
        };
        let same = same_image(
            (&built.diff_ids, &built.config),
            (&pulled.diff_ids, &pulled.config),
        );
        Ok(match same {
            Ok(()) => Verdict::passed(
                &PULL,
                format!(
                    "{} layers and the configuration are those that were built",
                    pulled.diff_ids.len()
                ),
            ),
            Err(why) => Verdict::failed(&PULL, why),
        })
    }
}

/// A name in the engine; gone with the value, while the image stays under its others.
struct Name<'p> {
    publisher: &'p Publisher<'p>,
    tagged: &'p str,
}

impl Drop for Name<'_> {
    fn drop(&mut self) {
        // Best effort: a name that stays does no harm but to the eye.
        let _ = self
            .publisher
            .ok(&["image", "rm", "--no-prune", self.tagged]);
    }
}

/// `current: digest: sha256:… size: 1234`.
fn told_digest(printed: &str) -> Option<String> {
    let line = printed
        .lines()
        .rfind(|line| line.contains("digest: sha256:"))?;
    let (_, behind) = line.split_once("digest: ")?;
    behind.split_whitespace().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_a_push_is_read() {
        let printed = "The push refers to repository [127.0.0.1:1/drill/api]\nabc: Pushed\n\
                       current: digest: sha256:0123 size: 856";
        assert_eq!(told_digest(printed), Some("sha256:0123".to_owned()));
        assert_eq!(told_digest("nothing"), None);
    }
}
