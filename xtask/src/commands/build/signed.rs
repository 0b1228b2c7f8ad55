//! Signing what is pushed, where the manifest says that it must be.

use camino::Utf8Path;

use super::Build;
use crate::commands::engine::private_engine;
use crate::commands::sign::{self, Signing, ToSign};
use crate::commands::trust::{self, Session};
use crate::engine::registry::Client;
use crate::error::{Error, Result};
use crate::project::manifest::Occasion;

/// All that signing needs, before anything is built; `None` where nothing must be signed.
///
/// # Errors
/// cosign, the key or its password is missing.
pub(super) fn prepare<'a>(build: &Build<'a>) -> Result<Option<Signing<'a>>> {
    let trust = &build.project.manifest.trust;
    if !build.arguments.push || !trust.require.contains(&Occasion::Push) {
        return Ok(None);
    }
    let private = private_engine(&build.project.root, build.environment);
    let client = Client::of(&build.engine, &private)?;
    let session = Session::beside(build.project, build.environment, build.means, client)?;
    let arguments = sign::Arguments {
        keyless: trust.signing_key.is_none(),
        ..sign::Arguments::default()
    };
    let signing = Signing::prepare(session, &arguments, build.common);
    let signing = signing.map_err(|error| {
        error.help("`trust.require` of the manifest says that what is pushed must be signed")
    })?;
    Ok(Some(signing))
}

/// Signs everything that was pushed, with how it was built.
///
/// # Errors
/// What could not be signed; the others are.
pub(super) fn sign(build: &Build<'_>, signing: &Signing<'_>, metadata: &Utf8Path) -> Result<()> {
    let builder = sign::builder(build.environment);
    let mut errors = Vec::new();
    for built in trust::built(build.project, metadata)?.into_values() {
        let one = built.pinned.clone().map(|reference| ToSign {
            name: built.name.clone(),
            reference,
            build: built.metadata["buildx.build.ref"]
                .as_str()
                .map(str::to_owned),
            predicates: vec![built.provenance(&builder, signing.source())],
        });
        errors.extend(one.and_then(|one| signing.sign(&one)).err());
    }
    Error::all(errors)
}
