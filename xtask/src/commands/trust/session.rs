//! cosign and a client of registries, both in the same network.

use camino::Utf8PathBuf;

use crate::commands::audit::now;
use crate::commands::engine::private_engine;
use crate::cosign::{Cosign, Verifier};
use crate::engine::Means;
use crate::engine::registry::Client;
use crate::engine::select::EngineChoice;
use crate::environment::Environment;
use crate::error::Result;
use crate::project::Project;

/// What signing and verifying need.
pub(in crate::commands) struct Session<'a> {
    pub(in crate::commands) project: &'a Project,
    pub(in crate::commands) environment: &'a Environment,
    pub(in crate::commands) means: Means<'a>,
    pub(in crate::commands) client: Client,
    pub(in crate::commands) cosign: Cosign,
    /// Where files for cosign are written.
    pub(in crate::commands) work: Utf8PathBuf,
}

impl<'a> Session<'a> {
    /// With the client that `choice` finds.
    ///
    /// # Errors
    /// cosign or a client is missing.
    pub(in crate::commands) fn open(
        project: &'a Project,
        environment: &'a Environment,
        means: Means<'a>,
        choice: EngineChoice,
    ) -> Result<Self> {
        // cosign first: it is the one that is more often missing, and starting an engine takes a while.
        let cosign = Cosign::find(means.runner, &folder(project))?;
        let private = private_engine(&project.root, environment);
        let client = Client::find(means, choice, &private)?;
        Ok(Self::with(project, environment, means, client, cosign))
    }

    /// With a client that is there already.
    ///
    /// # Errors
    /// cosign is missing.
    pub(in crate::commands) fn beside(
        project: &'a Project,
        environment: &'a Environment,
        means: Means<'a>,
        client: Client,
    ) -> Result<Self> {
        let cosign = Cosign::find(means.runner, &folder(project))?;
        Ok(Self::with(project, environment, means, client, cosign))
    }

    fn with(
        project: &'a Project,
        environment: &'a Environment,
        means: Means<'a>,
        client: Client,
        cosign: Cosign,
    ) -> Self {
        Self {
            project,
            environment,
            means,
            cosign: cosign.in_network_of(client.network().cloned()),
            client,
            work: folder(project).join("work"),
        }
    }

    /// Holds images to a policy.
    pub(in crate::commands) fn verifier(&self) -> Verifier<'_> {
        Verifier {
            means: self.means,
            cosign: &self.cosign,
            client: &self.client,
            root: &self.project.root,
            trusted_root: self.project.manifest.trust.trusted_root.as_deref(),
            now: now(self.environment),
        }
    }
}

/// Where cosign is fetched to.
pub(in crate::commands) fn folder(project: &Project) -> Utf8PathBuf {
    project.root.join("target/docker-cosign")
}
