//! Which packages files name: between quotes, as imports, calls and configuration do.

use std::collections::BTreeSet;

use camino::Utf8Path;
use memchr::memmem;

use crate::error::{Error, Result};

/// A larger file is not looked into: its image may use anything.
const MAX_BYTES: u64 = 8 * 1024 * 1024;
/// The ends of names of files in which `import(…)` loads something.
const SCRIPTS: [&str; 8] = ["js", "cjs", "mjs", "jsx", "ts", "cts", "mts", "tsx"];
/// What loads a package by a name that may be made up as it runs.
const LOADERS: [&str; 3] = ["import(", "require(", "require.resolve("];

/// What the files of an image name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sources {
    pub(super) names: BTreeSet<String>,
    /// A file loads what nobody can tell.
    pub(super) is_unknown: bool,
}

impl Sources {
    /// Looks for the names in a file of the repository; what is no file says nothing.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn read(
        &mut self,
        root: &Utf8Path,
        path: &Utf8Path,
        names: &BTreeSet<&str>,
    ) -> Result<()> {
        let full = root.join(path);
        let failed =
            |error: std::io::Error| Error::usage(format!("failed to read {path}")).because(error);
        let metadata = full.symlink_metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Ok(());
        }
        if !metadata.is_file() || metadata.len() > MAX_BYTES {
            self.is_unknown = true;
            return Ok(());
        }
        let bytes = std::fs::read(&full).map_err(failed)?;
        self.look(
            &bytes,
            path.extension().is_some_and(|end| SCRIPTS.contains(&end)),
            names,
        );
        Ok(())
    }

    fn look(&mut self, bytes: &[u8], is_script: bool, names: &BTreeSet<&str>) {
        for name in names {
            if !self.names.contains(*name) && is_named(bytes, name) {
                self.names.insert((*name).to_owned());
            }
        }
        self.is_unknown |= is_script && loads_anything(bytes);
    }
}

/// Whether a name stands behind a quote, and ends there or goes on with a path.
fn is_named(bytes: &[u8], name: &str) -> bool {
    memmem::find_iter(bytes, name.as_bytes()).any(|at| {
        let before = at.checked_sub(1).map(|before| bytes[before]);
        let behind = bytes.get(at + name.len());
        matches!(before, Some(b'"' | b'\'' | b'`' | b':' | b'/'))
            && matches!(behind, Some(b'"' | b'\'' | b'`' | b'/' | b'@'))
    })
}

/// Whether something is loaded whose name is not written out.
fn loads_anything(bytes: &[u8]) -> bool {
    if memmem::find(bytes, b"createRequire").is_some() {
        return true;
    }
    LOADERS.iter().any(|loader| {
        memmem::find_iter(bytes, loader.as_bytes()).any(|at| {
            let behind = bytes[at + loader.len()..]
                .iter()
                .find(|byte| !byte.is_ascii_whitespace());
            !matches!(behind, Some(b'"' | b'\''))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_between_quotes() {
        for (text, expected) in [
            ("import x from 'pg';", true),
            ("import x from \"pg/lib/x\";", true),
            ("export * from `pg`", true),
            ("require('node:pg')", true),
            ("{\"pg\": \"^8\"}", true),
            ("import x from 'pg-pool';", false),
            ("// pg is fine", false),
            ("import x from './pgx'", false),
        ] {
            assert_eq!(is_named(text.as_bytes(), "pg"), expected, "{text}");
        }
    }

    #[test]
    fn what_is_made_up_as_it_runs_is_anything() {
        for (text, expected) in [
            ("await import('x')", false),
            ("await import( \"x\")", false),
            ("await import(name)", true),
            ("require(`x${y}`)", true),
            ("createRequire(url)", true),
            ("require.resolve(x)", true),
            ("const required = (x)", false),
        ] {
            assert_eq!(loads_anything(text.as_bytes()), expected, "{text}");
        }
    }
}
