//! Which of two versions is the later one, as the package managers themselves order them.
//!
//! A text that is no version of its scheme is none: nothing is guessed. Runs of digits may have any length, and no text
//! takes longer than its length allows.

mod alpine;
mod debian;
mod digits;
mod go;
mod python;
mod semver;

use std::cmp::Ordering;

use digits::Digits;
pub use python::{PythonRelease, python_release};
pub use semver::{SemverParts, semver_parts};

/// Whose rules decide which texts are versions, and in which order they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Alpine's apk 3: `apk-package(5)`. A missing part is not a zero: `1` is before `1.0`.
    Alpine,
    /// Debian Policy 5.6.12 and `deb-version(7)`.
    Debian,
    /// npm: `SemVer` 2.0.0, with a `v` in front as npm allows: `v1.2.3`.
    Npm,
    /// Python: the version specifiers of packaging.python.org, once PEP 440.
    Python,
    /// Go modules, `v1.2.3` and pseudo-versions, and the releases of Go itself: `go1.21rc2`.
    Go,
    /// Cargo: `SemVer` 2.0.0. Build metadata makes no difference, as advisories have it.
    Cargo,
}

impl Scheme {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Alpine,
        Self::Debian,
        Self::Npm,
        Self::Python,
        Self::Go,
        Self::Cargo,
    ];
}

/// A version that was understood; it borrows its text.
#[derive(Clone, Debug)]
pub struct Version<'t>(Parsed<'t>);

#[derive(Clone, Debug)]
enum Parsed<'t> {
    Alpine(alpine::Version<'t>),
    Debian(debian::Version<'t>),
    Semver(semver::Version<'t>),
    Python(python::Version<'t>),
}

impl<'t> Version<'t> {
    /// What `text` says; `None` if it is no version of the scheme.
    #[must_use]
    pub fn parse(scheme: Scheme, text: &'t str) -> Option<Self> {
        Some(Self(match scheme {
            Scheme::Alpine => Parsed::Alpine(alpine::Version::parse(text)?),
            Scheme::Debian => Parsed::Debian(debian::Version::parse(text)?),
            Scheme::Npm => Parsed::Semver(semver::Version::parse(semver::without_prefix(text))?),
            Scheme::Cargo => Parsed::Semver(semver::Version::parse(text)?),
            Scheme::Go => Parsed::Semver(go::parse(text)?),
            Scheme::Python => Parsed::Python(python::Version::parse(text)?),
        }))
    }
}

impl PartialEq for Version<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

/// Versions of different schemes have no order.
impl PartialOrd for Version<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (&self.0, &other.0) {
            (Parsed::Alpine(a), Parsed::Alpine(b)) => Some(a.order(b)),
            (Parsed::Debian(a), Parsed::Debian(b)) => Some(a.order(b)),
            (Parsed::Semver(a), Parsed::Semver(b)) => Some(a.order(b)),
            (Parsed::Python(a), Parsed::Python(b)) => Some(a.order(b)),
            _ => None,
        }
    }
}

/// How `a` stands to `b`; `None` if one of them is no version of the scheme.
#[must_use]
pub fn compare(scheme: Scheme, a: &str, b: &str) -> Option<Ordering> {
    Version::parse(scheme, a)?.partial_cmp(&Version::parse(scheme, b)?)
}

/// Whether the scheme understands `text`.
#[must_use]
pub fn is_valid(scheme: Scheme, text: &str) -> bool {
    Version::parse(scheme, text).is_some()
}

#[cfg(test)]
mod tests;
