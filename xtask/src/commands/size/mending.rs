//! `--fix`: what the linter can mend of what was found in an image.

use std::collections::BTreeSet;

use crate::cli::Common;
use crate::commands::lint;
use crate::environment::Environment;
use crate::error::Result;
use crate::finding::Finding;
use crate::lint::find;

/// Lets the linter mend what it has a rule for, where it was measured. Whether anything was there to mend.
///
/// # Errors
/// As the linter's.
pub(super) fn mend(
    findings: &[Finding],
    common: &Common,
    environment: &Environment,
) -> Result<bool> {
    let known = |finding: &&Finding| finding.path().is_some() && !find(&finding.code).is_empty();
    let found: Vec<&Finding> = findings.iter().filter(known).collect();
    if found.is_empty() {
        common.note(
            environment,
            "nothing that was measured can be mended by a rule",
        );
        return Ok(false);
    }
    let codes: BTreeSet<String> = found
        .iter()
        .map(|finding| finding.code.to_string())
        .collect();
    let root = crate::project::root::find(&environment.current_dir, common.manifest.as_deref())?;
    let paths: BTreeSet<_> = found
        .iter()
        .filter_map(|finding| Some(root.root.join(finding.path()?)))
        .collect();
    let arguments = lint::Arguments {
        paths: paths.into_iter().collect(),
        only: codes.into_iter().collect(),
        fix: true,
        ..lint::Arguments::default()
    };
    lint::run(&arguments, common, environment)?;
    common.note(
        environment,
        "build the images again to measure what it saves",
    );
    Ok(true)
}
