//! Where the record of a project lies.

use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest as _, Sha256};

use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::git;
use crate::project::Project;
use crate::trail::Trail;

/// What the folder is called.
const FOLDER: &str = "docker-audit";

/// Names another file for one machine or pipeline, whatever the manifest says; relative to where the user stands.
pub(super) const VARIABLE: &str = "DOCKER_AUDIT_FILE";

/// As [`VARIABLE`] says, or `[audit] file`; else in git's own folder, which a clean-up of the work tree leaves alone, no commit takes
/// along and all work trees share; outside of git in the user's folder for state (XDG Base Directory Specification).
///
/// # Errors
/// There is no such place.
pub(in crate::commands) fn trail(project: &Project, environment: &Environment) -> Result<Trail> {
    if let Some(file) = environment.variable(VARIABLE) {
        return Ok(Trail::new(environment.current_dir.join(file)));
    }
    let manifest = &project.manifest;
    if let Some(file) = &manifest.audit.file {
        return Ok(Trail::new(project.root.join(file)));
    }
    let name = &manifest.project.name;
    if let Some(folder) = git::common_folder(environment.runner.as_ref(), &project.root) {
        return Ok(Trail::new(
            folder.join(FOLDER).join(format!("{name}.jsonl")),
        ));
    }
    let state = state_folder(environment).ok_or_else(|| {
        Error::missing("there is no place for the audit trail")
            .because("this is no git repository, and neither XDG_STATE_HOME nor HOME is set")
            .help("name a file in `[audit]` of the manifest")
    })?;
    let file = format!("{name}-{}.jsonl", short_hash(&project.root));
    Ok(Trail::new(state.join(FOLDER).join(file)))
}

fn state_folder(environment: &Environment) -> Option<Utf8PathBuf> {
    // The specification says that a relative path counts as none.
    let own = environment
        .variable("XDG_STATE_HOME")
        .map(Utf8PathBuf::from);
    own.filter(|path| path.is_absolute())
        .or_else(|| Some(Utf8PathBuf::from(environment.variable("HOME")?).join(".local/state")))
}

/// Two projects of one name have two records.
fn short_hash(root: &Utf8Path) -> String {
    let digest = Sha256::digest(root.as_str());
    digest[..6].iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
