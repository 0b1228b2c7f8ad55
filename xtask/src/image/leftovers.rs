//! Files that no container needs: caches, documentation, what was for building and testing.

/// A kind of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// What package managers keep to install again.
    PackageCaches,
}

impl Category {
    /// As reports name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PackageCaches => "package caches",
        }
    }
}

/// The kind of the file at `path`, which has no leading slash; `None` for what a container may need.
#[must_use]
pub fn category(path: &str) -> Option<Category> {
    path.starts_with("var/cache/apk/")
        .then_some(Category::PackageCaches)
}
