//! Ecosystems: whose names and versions an advisory uses (OSV schema 1.7, "affected[].package").

use std::borrow::Cow;

use crate::version::Scheme;

/// Longest name of a release that is believed.
const MAX_RELEASE_BYTES: usize = 64;

/// An ecosystem whose versions can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ecosystem {
    /// Alpine Linux; its releases are called `Alpine:v3.20`.
    Alpine,
    /// Debian; its releases are called `Debian:12`.
    Debian,
    /// npm.
    Npm,
    /// The Python Package Index.
    PyPi,
    /// Go modules.
    Go,
    /// Rust's crates.
    CratesIo,
}

impl Ecosystem {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Alpine,
        Self::Debian,
        Self::Npm,
        Self::PyPi,
        Self::Go,
        Self::CratesIo,
    ];

    /// As the schema writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alpine => "Alpine",
            Self::Debian => "Debian",
            Self::Npm => "npm",
            Self::PyPi => "PyPI",
            Self::Go => "Go",
            Self::CratesIo => "crates.io",
        }
    }

    /// How its versions are ordered.
    #[must_use]
    pub const fn scheme(self) -> Scheme {
        match self {
            Self::Alpine => Scheme::Alpine,
            Self::Debian => Scheme::Debian,
            Self::Npm => Scheme::Npm,
            Self::PyPi => Scheme::Python,
            Self::Go => Scheme::Go,
            Self::CratesIo => Scheme::Cargo,
        }
    }

    /// Of a name such as `Debian:12`; `None` for an ecosystem that is not among these, or a name that is none.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let (family, release) = match name.split_once(':') {
            Some((family, release)) => (family, Some(release)),
            None => (name, None),
        };
        let is_plain = |text: &str| {
            !text.is_empty()
                && text.len() <= MAX_RELEASE_BYTES
                && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !release.is_none_or(is_plain) {
            return None;
        }
        Self::ALL.into_iter().find(|one| one.name() == family)
    }

    /// The one way to write the name of a package; only Python has several (packaging.python.org, "Names and
    /// normalization").
    #[must_use]
    pub fn normalized(self, name: &str) -> Cow<'_, str> {
        if self != Self::PyPi {
            return Cow::Borrowed(name);
        }
        let separators = ['-', '_', '.'];
        let is_normal = !name
            .bytes()
            .any(|byte| byte.is_ascii_uppercase() || b"_.".contains(&byte))
            && !name.contains("--");
        if is_normal {
            return Cow::Borrowed(name);
        }
        let mut normal = String::with_capacity(name.len());
        let mut is_behind_separator = false;
        for c in name.chars() {
            if separators.contains(&c) {
                if !is_behind_separator {
                    normal.push('-');
                }
                is_behind_separator = true;
            } else {
                normal.push(c.to_ascii_lowercase());
                is_behind_separator = false;
            }
        }
        Cow::Owned(normal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_a_family_and_maybe_a_release() {
        assert_eq!(Ecosystem::of("Alpine:v3.20"), Some(Ecosystem::Alpine));
        assert_eq!(Ecosystem::of("Debian"), Some(Ecosystem::Debian));
        for name in [
            "",
            "debian",
            "Debian:",
            "Maven",
            "npm:a b",
            &format!("npm:{}", "a".repeat(65)),
        ] {
            assert_eq!(Ecosystem::of(name), None, "{name}");
        }
        for one in Ecosystem::ALL {
            assert_eq!(Ecosystem::of(one.name()), Some(one));
        }
    }

    #[test]
    fn only_names_of_python_have_several_spellings() {
        assert_eq!(
            Ecosystem::PyPi.normalized("Zope.-_Interface"),
            "zope-interface"
        );
        assert_eq!(Ecosystem::PyPi.normalized("a--b"), "a-b");
        assert_eq!(Ecosystem::PyPi.normalized("jinja2"), "jinja2");
        assert_eq!(Ecosystem::Npm.normalized("@A/b_c.d"), "@A/b_c.d");
    }
}
