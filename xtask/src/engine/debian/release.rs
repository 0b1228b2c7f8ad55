//! Which distribution the machine runs, and the apt source it takes its own release from.

use camino::{Utf8Path, Utf8PathBuf};

use super::sources::{Source, parse_deb822, parse_list};
use crate::error::{Error, Result};

/// The distribution, as `/etc/os-release` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// `debian`, `ubuntu`, ….
    pub id: String,
    /// `bookworm`, `noble`, ….
    pub codename: String,
}

/// What Debian calls its releases besides their codenames; a machine may follow one of these.
const ALIASES: [&str; 5] = ["stable", "oldstable", "testing", "unstable", "sid"];

impl Release {
    /// Of this machine.
    ///
    /// # Errors
    /// If it is not Debian or one of its children.
    pub fn of_machine() -> Result<Self> {
        Self::below(Utf8Path::new("/"))
    }

    /// Of the system that lies below `root`.
    pub(super) fn below(root: &Utf8Path) -> Result<Self> {
        let file = root.join("etc/os-release");
        let text = std::fs::read_to_string(&file)
            .map_err(|e| not_debian(&format!("{file} cannot be read")).because(e))?;
        let field = |name: &str| {
            text.lines()
                .filter_map(|line| line.split_once('='))
                .find(|(field, _)| *field == name)
                .map(|(_, value)| value.trim().trim_matches(['"', '\'']).to_owned())
                .filter(|value| !value.is_empty())
        };
        let codename = field("VERSION_CODENAME")
            .ok_or_else(|| not_debian(&format!("{file} names no VERSION_CODENAME")))?;
        Ok(Self {
            id: field("ID").unwrap_or_default(),
            codename,
        })
    }

    /// The apt source this release comes from, in the system below `root`.
    pub(super) fn source(&self, root: &Utf8Path) -> Result<Source> {
        let sources = read_sources(root)?;
        let aliases = ALIASES.iter().copied().filter(|_| self.id == "debian");
        std::iter::once(self.codename.as_str())
            .chain(aliases)
            .find_map(|suite| sources.iter().find(|source| source.offers(suite)))
            .cloned()
            .ok_or_else(|| {
                Error::missing(format!(
                    "no apt source of this machine offers `{}`, component `main`",
                    self.codename
                ))
                .help("add it to /etc/apt/sources.list.d, or install Docker and use `--engine system`")
            })
    }
}

/// The error for a machine that has no apt.
pub(super) fn not_debian(why: &str) -> Error {
    Error::missing(
        "a private engine is made from Debian packages, and this machine is not Debian-like",
    )
    .because(why)
    .help("install Docker Engine with buildx, start it, and use `--engine system`")
}

fn read_sources(root: &Utf8Path) -> Result<Vec<Source>> {
    let apt = root.join("etc/apt");
    let mut files: Vec<Utf8PathBuf> = apt
        .join("sources.list.d")
        .read_dir_utf8()
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.into_path()))
        .collect();
    files.sort();
    files.insert(0, apt.join("sources.list"));
    let mut sources = Vec::new();
    for file in files {
        let parse = match file.extension() {
            Some("list") => parse_list,
            Some("sources") => parse_deb822,
            _ => continue,
        };
        match std::fs::read_to_string(&file) {
            Ok(text) => sources.extend(parse(&text)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(Error::missing(format!("failed to read {file}")).because(e)),
        }
    }
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(files: &[(&str, &str)]) -> (tempfile::TempDir, Utf8PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(directory.path().to_owned()).unwrap();
        for (name, text) in files {
            let file = root.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        (directory, root)
    }

    const BOOKWORM: &str = "NAME=\"Debian GNU/Linux\"\nVERSION_CODENAME=bookworm\nID=debian\n";

    #[test]
    fn the_source_of_the_own_release_is_found_among_others() {
        let (_guard, root) = machine(&[
            ("etc/os-release", BOOKWORM),
            (
                "etc/apt/sources.list",
                "deb http://s.example/debian-security bookworm-security main\n",
            ),
            (
                "etc/apt/sources.list.d/b.sources",
                "Types: deb\nURIs: http://m.example/debian\nSuites: bookworm-updates bookworm\nComponents: main\n",
            ),
            (
                "etc/apt/sources.list.d/c.list.disabled",
                "deb http://off.example bookworm main\n",
            ),
        ]);
        let release = Release::below(&root).unwrap();
        assert_eq!(release.codename, "bookworm");
        assert_eq!(
            release.source(&root).unwrap().uris,
            ["http://m.example/debian"]
        );
    }

    #[test]
    fn a_machine_that_follows_an_alias_is_understood() {
        let (_guard, root) = machine(&[
            ("etc/os-release", BOOKWORM),
            (
                "etc/apt/sources.list",
                "deb http://m.example/debian stable main\n",
            ),
        ]);
        let release = Release::below(&root).unwrap();
        assert_eq!(release.source(&root).unwrap().suites, ["stable"]);
    }

    #[test]
    fn machines_without_a_fitting_source_are_told_what_to_do() {
        let (_guard, root) = machine(&[("etc/os-release", BOOKWORM)]);
        let error = Release::below(&root).unwrap().source(&root).unwrap_err();
        insta::assert_snapshot!(error, @"no apt source of this machine offers `bookworm`, component `main` (help: add it to /etc/apt/sources.list.d, or install Docker and use `--engine system`)");
        let (_guard, root) = machine(&[("etc/os-release", "ID=arch\n")]);
        let error = Release::below(&root).unwrap_err();
        assert_eq!(error.exit(), crate::error::Exit::Missing);
        assert!(error.to_string().contains("--engine system"), "{error}");
    }
}
