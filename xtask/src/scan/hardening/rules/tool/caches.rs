//! What package managers leave behind, by the bytes that are there. What a cache mount holds is in no layer, so it is
//! never reported, however the step was written.

use crate::finding::Severity;
use crate::image::leftovers::{Category, category};
use crate::scan::hardening::files::Groups;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::{Identity, Shared};
use crate::size::Bytes;

/// A cache that a rule of the linter is about.
pub(super) struct Cache {
    /// Its folders, without leading slashes; they may lie in any home if they begin with a dot.
    folders: &'static [&'static str],
}

const APT_FOLDERS: Cache = Cache {
    folders: &["var/lib/apt/lists/", "var/cache/apt/"],
};
const APK_FOLDERS: Cache = Cache {
    folders: &["var/cache/apk/", "etc/apk/cache/"],
};
const PIP_FOLDERS: Cache = Cache {
    folders: &[".cache/pip/"],
};
const YARN_FOLDERS: Cache = Cache {
    folders: &[".cache/yarn/", "usr/local/share/.cache/yarn/"],
};
const DNF_FOLDERS: Cache = Cache {
    folders: &["var/cache/dnf/", "var/cache/libdnf5/"],
};
const YUM_FOLDERS: Cache = Cache {
    folders: &["var/cache/yum/"],
};
const ZYPPER_FOLDERS: Cache = Cache {
    folders: &["var/cache/zypp/"],
};
const ALL: [&Cache; 7] = [
    &APT_FOLDERS,
    &APK_FOLDERS,
    &PIP_FOLDERS,
    &YARN_FOLDERS,
    &DNF_FOLDERS,
    &YUM_FOLDERS,
    &ZYPPER_FOLDERS,
];

macro_rules! cache {
    ($name:ident, $folders:ident, $code:literal, $rule:literal, $aliases:expr, $severity:ident) => {
        pub(super) static $name: Shared = Shared {
            identity: Identity {
                code: $code,
                name: $rule,
                aliases: $aliases,
                severity: Severity::$severity,
            },
            check: |image, findings| report(image, findings, |path| $folders.holds(path)),
        };
    };
}
cache!(
    APT,
    APT_FOLDERS,
    "DL3009",
    "apt-lists-left",
    &["DKL-DI-0005"],
    Note
);
cache!(
    APK,
    APK_FOLDERS,
    "DL3019",
    "apk-without-no-cache",
    &["DKL-DI-0004"],
    Note
);
cache!(
    PIP,
    PIP_FOLDERS,
    "DL3042",
    "pip-without-no-cache-dir",
    &[],
    Note
);
cache!(YARN, YARN_FOLDERS, "DL3060", "yarn-cache-left", &[], Note);
cache!(DNF, DNF_FOLDERS, "DL3040", "dnf-cache-left", &[], Note);
cache!(YUM, YUM_FOLDERS, "DL3032", "yum-cache-left", &[], Note);
cache!(
    ZYPPER,
    ZYPPER_FOLDERS,
    "DL3036",
    "zypper-cache-left",
    &[],
    Note
);

impl Cache {
    fn holds(&self, path: &str) -> bool {
        self.folders.iter().any(|folder| {
            path.starts_with(folder)
                || folder.starts_with('.')
                    && path
                        .match_indices(folder)
                        .any(|(at, _)| at > 0 && path.as_bytes()[at - 1] == b'/')
        })
    }
}

/// Whether one of the linter's rules is about the cache that a file lies in.
pub(super) fn is_of_a_rule(path: &str) -> bool {
    ALL.iter().any(|cache| cache.holds(path))
}

/// Less than this is an empty index or a lock, and not worth a word.
const SMALLEST: u64 = 4096;

/// Reports the files of a cache, layer by layer.
pub(super) fn report(image: &Image<'_>, findings: &mut Findings<'_>, holds: impl Fn(&str) -> bool) {
    let mut groups = Groups::default();
    for seen in image.files() {
        if seen.entry.size == 0 {
            continue;
        }
        let path = image.path(seen.node);
        if holds(&path) && category(&path) == Some(Category::PackageCaches) {
            groups.add(seen.layer, &path, seen.entry.size);
        }
    }
    for group in groups.iter().filter(|group| group.bytes >= SMALLEST) {
        let message = format!(
            "leaves {} of a package manager's cache in the image: {}",
            Bytes(group.bytes),
            group.named()
        );
        findings
            .layer(group.layer, message)
            .help(Category::PackageCaches.advice().trim_end_matches('.'))
            .property("bytes", group.bytes)
            .property("paths", group.paths.clone());
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn by_the_bytes_that_are_there() {
        for (code, path) in [
            ("DL3009", "var/lib/apt/lists/x_Packages"),
            ("DL3019", "var/cache/apk/APKINDEX.tar.gz"),
            ("DL3042", "root/.cache/pip/http/1"),
            ("DL3060", "usr/local/share/.cache/yarn/v6/x"),
            ("DL3040", "var/cache/dnf/x"),
            ("DL3032", "var/cache/yum/x"),
            ("DL3036", "var/cache/zypp/x"),
        ] {
            let image = format!("RUN install\n-rw-r--r-- 0 0 {path} 5000\n");
            assert_eq!(
                found(code, &image),
                format!("1: leaves 5.0 kB of a package manager's cache in the image: `/{path}`"),
                "{code}"
            );
            assert_eq!(found("DX5301", &image), "", "{code}");
            // A cache mount leaves the folder and nothing in it.
            let mounted =
                format!("RUN apt-get update && apt-get install x\ndrwxr-xr-x 0 0 {path}\n");
            assert_eq!(found(code, &mounted), "", "{code}");
        }
    }
}
