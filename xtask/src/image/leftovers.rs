//! Files that no container needs: caches, documentation, what was for building and testing.
//!
//! A path alone decides, so this is a list of candidates: an application may well read its own README. Where a file
//! fits several categories, the first one counts, in the order of [`Category::ALL`]: those come first that go as a whole
//! with one line of a Dockerfile. Texts of licenses are none, as most licenses ask to keep them, unless they belong
//! to such a whole.

mod names;
mod place;

use place::Place;

/// A kind of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// The history of sources.
    VersionControl,
    /// What package managers keep to install again.
    PackageCaches,
    /// What compilers and bundlers keep to build again.
    BuildCaches,
    /// What programs wrote while the image was built.
    Logs,
    /// Package managers themselves.
    PackageManagers,
    /// Tests, and what only they use.
    Tests,
    /// From built code to its sources.
    SourceMaps,
    /// Types and sources that were translated already.
    Types,
    /// What people read.
    Documentation,
    /// Python that was compiled when it was installed.
    Bytecode,
    /// Headers, static libraries, compilers.
    BuildInputs,
    /// Messages in other languages.
    Locales,
    /// What belongs to a developer's machine.
    ProjectFiles,
}

impl Category {
    /// All, in the order in which they are tried.
    pub const ALL: [Self; 13] = [
        Self::VersionControl,
        Self::PackageCaches,
        Self::BuildCaches,
        Self::Logs,
        Self::PackageManagers,
        Self::Tests,
        Self::SourceMaps,
        Self::Types,
        Self::Documentation,
        Self::Bytecode,
        Self::BuildInputs,
        Self::Locales,
        Self::ProjectFiles,
    ];

    /// The category that reports name so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|category| category.name() == name)
    }

    /// As reports name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::VersionControl => "version control",
            Self::PackageCaches => "package caches",
            Self::BuildCaches => "build caches",
            Self::Logs => "logs and temporary files",
            Self::PackageManagers => "package managers",
            Self::Tests => "tests",
            Self::SourceMaps => "source maps",
            Self::Types => "type declarations and translated sources",
            Self::Documentation => "documentation",
            Self::Bytecode => "compiled Python",
            Self::BuildInputs => "headers, static libraries and compilers",
            Self::Locales => "translations",
            Self::ProjectFiles => "editor and project files",
        }
    }

    /// How to keep it out of an image, in a sentence.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::VersionControl => {
                "List `.git` in the ignore file, and clone in a stage of its own whose results are copied."
            }
            Self::PackageCaches => {
                "Let the step that installs mount its cache (`RUN --mount=type=cache`), or clean up in the same step: \
                 `apk add --no-cache`, `rm -rf /var/lib/apt/lists/*`, `npm cache clean --force`, \
                 `pip install --no-cache-dir`."
            }
            Self::BuildCaches => {
                "Build in a stage of its own and copy the results, or mount the cache for the step \
                 (`RUN --mount=type=cache`)."
            }
            Self::Logs => {
                "Remove them in the step that writes them, or mount a file system in memory there \
                 (`RUN --mount=type=tmpfs,target=/tmp`)."
            }
            Self::PackageManagers => {
                "Install in a stage of its own, and start the last one from a base image without package managers; \
                 removing them in a later layer makes no image smaller."
            }
            Self::Tests => {
                "List your own tests in the ignore file, and prune those of dependencies in the step that installs \
                 them, or bundle the application."
            }
            Self::SourceMaps => {
                "Turn them off for the production build, or hand them to whoever reads the stack traces and delete \
                 them in the build stage; keep them if Node runs with `--enable-source-maps`."
            }
            Self::Types => {
                "Only compilers and editors read them: bundle the application, or delete them in the step that \
                 installs (a few Python packages load their `.pyi` files lazily, and Bun runs `.ts` files as they are)."
            }
            Self::Documentation => {
                "Use a slim base image, `apt-get install --no-install-recommends` and dpkg's `path-exclude`, or prune \
                 packages in the step that installs them."
            }
            Self::Bytecode => {
                "Set `PYTHONDONTWRITEBYTECODE=1` and `pip install --no-compile` to be without; keep it where the start \
                 has to be quick, above all with a read-only root, as Python could not write it again."
            }
            Self::BuildInputs => {
                "Compile in a stage of its own and copy the results; the last stage needs the libraries, not the \
                 `-dev` packages."
            }
            Self::Locales => {
                "Where all messages may be in English, let dpkg leave them out (`path-exclude=/usr/share/locale/*`), or \
                 remove them in the step that installs."
            }
            Self::ProjectFiles => {
                "List them in the ignore file, and copy only what the application runs."
            }
        }
    }

    /// Whether it goes as a whole, with all that lies in it.
    fn is_whole(self) -> bool {
        self <= Self::PackageManagers
    }
}

/// The kind of the file at `path`, which has no leading slash; `None` for what a container may need.
#[must_use]
pub fn category(path: &str) -> Option<Category> {
    let path = path.as_bytes();
    let (place, by_folder) = Place::of(path);
    let found = [by_folder, place.by_root(path), names::category(&place)];
    let category = found.into_iter().flatten().min()?;
    (category.is_whole() || !names::is_license(place.name)).then_some(category)
}

#[cfg(test)]
mod tests;
