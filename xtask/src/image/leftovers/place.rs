//! Where a file lies: what the folders on the way to it say.

use super::Category;

/// Whose files lie around a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Area {
    /// The operating system's.
    System,
    /// The application's, or of something that was installed beside the system.
    Application,
    /// Of packages for Node: directly in `node_modules`, or in a `@scope` of it.
    NodeModules,
    /// Of one package for Node, with so many folders in between.
    Node(usize),
    /// Of packages for Python, with so many folders in between.
    Python(usize),
}

/// Where a file lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) area: Area,
    /// The last folder on the way.
    pub(super) parent: &'a [u8],
    /// The file's name.
    pub(super) name: &'a [u8],
}

/// Folders of the root that hold the operating system.
const SYSTEM: [&[u8]; 14] = [
    b"bin", b"boot", b"dev", b"etc", b"lib", b"lib32", b"lib64", b"libx32", b"proc", b"run",
    b"sbin", b"sys", b"usr", b"var",
];
/// Folders of applications in folders of the system.
const APPLICATIONS: [&[u8]; 3] = [b"usr/src/", b"var/task/", b"var/www/"];

/// What lies at fixed places, from the root: folders, starts of names (`-` at the end), and programs with those whose
/// names go on with `-`. Sorted, and none lies in another, so that few are looked at for a path.
pub(super) const ROOTS: [(&[u8], Category); 46] = [
    (b"etc/apk/cache/", Category::PackageCaches),
    (b"go/pkg/mod/", Category::PackageCaches),
    (b"opt/conda/pkgs/", Category::PackageCaches),
    (b"opt/yarn-", Category::PackageManagers),
    (b"root/go/pkg/mod/", Category::PackageCaches),
    (b"sbin/apk", Category::PackageManagers),
    (b"tmp/", Category::Logs),
    (b"usr/bin/apk", Category::PackageManagers),
    (b"usr/bin/apt", Category::PackageManagers),
    (b"usr/bin/dnf", Category::PackageManagers),
    (b"usr/bin/dpkg", Category::PackageManagers),
    (b"usr/bin/microdnf", Category::PackageManagers),
    (b"usr/bin/yum", Category::PackageManagers),
    (b"usr/include/", Category::BuildInputs),
    (b"usr/lib/apt/", Category::PackageManagers),
    (b"usr/lib/gcc/", Category::BuildInputs),
    (b"usr/libexec/gcc/", Category::BuildInputs),
    (b"usr/local/cargo/git/", Category::PackageCaches),
    (b"usr/local/cargo/registry/", Category::PackageCaches),
    (b"usr/local/go/", Category::BuildInputs),
    (b"usr/local/include/", Category::BuildInputs),
    (b"usr/local/man/", Category::Documentation),
    (b"usr/local/rustup/", Category::BuildInputs),
    (b"usr/local/share/locale/", Category::Locales),
    (b"usr/sbin/apk", Category::PackageManagers),
    (b"usr/share/i18n/", Category::Locales),
    (b"usr/share/locale/", Category::Locales),
    (b"usr/src/linux-headers-", Category::BuildInputs),
    (b"var/cache/apk/", Category::PackageCaches),
    (b"var/cache/apt/", Category::PackageCaches),
    (b"var/cache/debconf/", Category::PackageCaches),
    (b"var/cache/dnf/", Category::PackageCaches),
    (b"var/cache/ldconfig/", Category::Logs),
    (b"var/cache/libdnf5/", Category::PackageCaches),
    (b"var/cache/man/", Category::Documentation),
    (b"var/cache/pacman/pkg/", Category::PackageCaches),
    (b"var/cache/yum/", Category::PackageCaches),
    (b"var/cache/zypp/", Category::PackageCaches),
    (b"var/lib/apt/lists/", Category::PackageCaches),
    (b"var/lib/dpkg/available", Category::PackageCaches),
    (b"var/lib/dpkg/diversions-old", Category::PackageCaches),
    (b"var/lib/dpkg/statoverride-old", Category::PackageCaches),
    (b"var/lib/dpkg/status-old", Category::PackageCaches),
    (b"var/lib/pacman/sync/", Category::PackageCaches),
    (b"var/log/", Category::Logs),
    (b"var/tmp/", Category::Logs),
];

impl<'a> Place<'a> {
    /// Of a file, with the category that the folders on the way say.
    pub(super) fn of(path: &'a [u8]) -> (Self, Option<Category>) {
        let first = path.split(|byte| *byte == b'/').next().unwrap_or_default();
        let is_system =
            SYSTEM.contains(&first) && !APPLICATIONS.iter().any(|folder| path.starts_with(folder));
        let mut place = Self {
            area: if is_system {
                Area::System
            } else {
                Area::Application
            },
            parent: b"",
            name: b"",
        };
        let mut found: Option<Category> = None;
        let mut above: &[u8] = b"";
        let mut parts = path.split(|byte| *byte == b'/');
        let mut part = parts.next().unwrap_or_default();
        for next in parts {
            let category = place.folder(above, part);
            found = found.into_iter().chain(category).min();
            place.enter(part);
            above = place.parent;
            place.parent = part;
            part = next;
        }
        place.name = part;
        (place, found)
    }

    fn enter(&mut self, part: &[u8]) {
        self.area = match (self.area, part) {
            (_, b"node_modules") => Area::NodeModules,
            (_, b"site-packages" | b"dist-packages") => Area::Python(0),
            (Area::NodeModules, scope) if scope.starts_with(b"@") => Area::NodeModules,
            (Area::NodeModules, _) => Area::Node(0),
            (Area::Node(depth), _) => Area::Node(depth + 1),
            (Area::Python(depth), _) => Area::Python(depth + 1),
            (area, _) => area,
        };
    }

    /// What a folder in this place says about all below it; `above` is the folder above the parent.
    ///
    /// Asked for every folder of every path, so few names are compared: those that start as it does.
    fn folder(&self, above: &[u8], part: &[u8]) -> Option<Category> {
        let hidden = match part.first()? {
            b'.' => hidden(part),
            b'_' => underscored(part),
            _ => None,
        };
        let in_hidden = || match self.parent.first()? {
            b'.' => in_hidden(self.parent, part),
            _ => None,
        };
        hidden
            .or_else(in_hidden)
            .or_else(|| self.named(above, part))
    }

    fn named(&self, above: &[u8], part: &[u8]) -> Option<Category> {
        match self.area {
            // An application's own dependency is its business, but not what lies beside Node itself.
            Area::NodeModules => match part {
                b"npm" | b"corepack" | b"yarn" | b"pnpm" if above == b"lib" => {
                    Some(Category::PackageManagers)
                }
                b".cache" | b".vite" => Some(Category::BuildCaches),
                _ => None,
            },
            Area::Node(depth) => in_node(depth == 0, part),
            Area::Python(depth) => self.in_python(depth == 0, part),
            Area::Application => self.in_application(part),
            Area::System => self.in_system(part),
        }
    }

    fn in_python(&self, is_top: bool, part: &[u8]) -> Option<Category> {
        match part.first()? {
            b't' if part == b"tests" => Some(Category::Tests),
            // Django's is what applications write their tests with, and it is loaded with more than those.
            b't' if part == b"test" && self.parent != b"django" => Some(Category::Tests),
            b'p' if is_top
                && (part == b"pip"
                    || part.starts_with(b"pip-") && part.ends_with(b".dist-info")) =>
            {
                Some(Category::PackageManagers)
            }
            _ => self.shared(part),
        }
    }

    fn in_application(&self, part: &[u8]) -> Option<Category> {
        match part {
            b"test" | b"tests" | b"e2e" => Some(Category::Tests),
            // Of Next.js, beside what it needs when it runs.
            b"webpack" | b"swc" if self.parent == b"cache" => Some(Category::BuildCaches),
            b"store" if self.parent == b"pnpm" => Some(Category::PackageCaches),
            part => self.in_library_of_python(part),
        }
    }

    fn in_system(&self, part: &[u8]) -> Option<Category> {
        match part {
            b"pkgconfig" | b"aclocal" | b"cmake" => Some(Category::BuildInputs),
            part => self
                .shared(part)
                .or_else(|| self.in_library_of_python(part)),
        }
    }

    /// In `share`.
    fn shared(&self, part: &[u8]) -> Option<Category> {
        let is_read = self.parent == b"share"
            && matches!(
                part,
                b"doc" | b"man" | b"info" | b"help" | b"gtk-doc" | b"doc-base"
            );
        is_read.then_some(Category::Documentation)
    }

    /// In `python3.12`.
    fn in_library_of_python(&self, part: &[u8]) -> Option<Category> {
        let version = self.parent.strip_prefix(b"python")?;
        if !version.first()?.is_ascii_digit() {
            return None;
        }
        match part {
            b"test" => Some(Category::Tests),
            b"ensurepip" => Some(Category::PackageManagers),
            part if part.starts_with(b"config-") => Some(Category::BuildInputs),
            _ => None,
        }
    }

    /// What the path says from the root on.
    pub(super) fn by_root(&self, path: &[u8]) -> Option<Category> {
        let after = ROOTS.partition_point(|(root, _)| *root <= path);
        let (root, category) = ROOTS.get(after.checked_sub(1)?)?;
        let rest = path.strip_prefix(*root)?;
        if !matches!(root.last(), Some(b'/' | b'-')) && !matches!(rest, [] | [b'-', ..]) {
            return None;
        }
        // Some distributions have libraries that run there.
        let is_library = path.starts_with(b"usr/lib/gcc/") && is_shared_library(self.name);
        (!is_library).then_some(*category)
    }
}

/// Most tools hide what is theirs.
fn hidden(part: &[u8]) -> Option<Category> {
    Some(match part {
        b".git" | b".svn" | b".hg" | b".bzr" => Category::VersionControl,
        b".pnpm-store" | b".node-gyp" => Category::PackageCaches,
        b".turbo" | b".parcel-cache" | b".pytest_cache" | b".mypy_cache" | b".ruff_cache"
        | b".nyc_output" | b".ccache" => Category::BuildCaches,
        b".rustup" => Category::BuildInputs,
        b".idea" | b".vscode" | b".vs" | b".zed" | b".fleet" | b".github" | b".circleci"
        | b".husky" => Category::ProjectFiles,
        _ => return None,
    })
}

fn underscored(part: &[u8]) -> Option<Category> {
    Some(match part {
        b"_cacache" => Category::PackageCaches,
        b"__pycache__" => Category::Bytecode,
        b"__tests__" | b"__mocks__" | b"__snapshots__" => Category::Tests,
        b"__MACOSX" => Category::ProjectFiles,
        _ => return None,
    })
}

/// What lies in a hidden folder beside things that are needed.
fn in_hidden(parent: &[u8], part: &[u8]) -> Option<Category> {
    Some(match (parent, part) {
        (b".cargo", b"registry" | b"git")
        | (b".m2", b"repository")
        | (b".gradle", b"caches")
        | (b".nuget", b"packages")
        | (b".composer" | b".bundle" | b".ivy2", b"cache")
        | (
            b".cache",
            b"pip" | b"uv" | b"pypoetry" | b"pipenv" | b"yarn" | b"pnpm" | b"composer"
            | b"node-gyp" | b"coursier",
        ) => Category::PackageCaches,
        (b".npm", part) if part.starts_with(b"_") => Category::PackageCaches,
        (b".cache", b"go-build" | b"typescript" | b"ccache" | b"sccache")
        | (b".nx" | b".angular", b"cache") => Category::BuildCaches,
        _ => return None,
    })
}

fn in_node(is_top: bool, part: &[u8]) -> Option<Category> {
    match part {
        b"test" | b"tests" => Some(Category::Tests),
        b"spec" | b"specs" if is_top => Some(Category::Tests),
        b"docs" | b"doc" | b"example" | b"examples" | b"man" if is_top => {
            Some(Category::Documentation)
        }
        b"obj.target" | b".deps" => Some(Category::BuildInputs),
        _ => None,
    }
}

/// Whether a name is that of a shared library: `libx.so`, `libx.so.1.2`.
pub(super) fn is_shared_library(name: &[u8]) -> bool {
    name.ends_with(b".so") || name.windows(4).any(|part| part == b".so.")
}
