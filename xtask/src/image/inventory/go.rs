//! Modules of Go: what the linker left in each program (`go version -m`).
//!
//! The text is that of `runtime/debug.BuildInfo`: a line for each module, its parts with tabs between them.

use super::fields::value;
use super::{Inventory, Manager, Package};

/// The module of Go's own packages, as advisories call it.
const STANDARD_LIBRARY: &str = "stdlib";
/// Most modules of a program.
const MAX_MODULES: usize = 20_000;

/// A module, with the one that was taken in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Module {
    name: String,
    version: String,
}

pub(super) fn add(inventory: &mut Inventory<'_>) {
    for (path, executable) in inventory.executables() {
        let Some(build) = &executable.go else {
            continue;
        };
        let Some(node) = inventory.own_record(&path) else {
            continue;
        };
        let first = inventory.packages.len();
        for module in modules(&build.modules) {
            let Module { name, version } = module;
            inventory.push(Package::new(Manager::Go, name, version, &path));
        }
        if let Some(version) = standard_library(&build.version) {
            let name = STANDARD_LIBRARY.to_owned();
            inventory.push(Package::new(Manager::Go, name, version, &path));
        }
        // The program is its main module's.
        if inventory.packages.len() > first
            && let Some(file) = inventory.filesystem.file_at(node)
        {
            inventory.ownership.claim(file, first);
        }
    }
}

/// The version of Go's own packages: `v1.22.1`. What was built from a checkout has none.
fn standard_library(version: &str) -> Option<String> {
    let version = version.strip_prefix("go")?;
    // `go1.22.1 X:boringcrypto`, `go1.21.5-custom`
    let end = version.find([' ', '-', '+']).unwrap_or(version.len());
    let version = &version[..end];
    let is_version = version.starts_with(|c: char| c.is_ascii_digit());
    is_version.then(|| format!("v{version}"))
}

/// The main module first, then those it needs.
fn modules(text: &str) -> Vec<Module> {
    let mut modules: Vec<Module> = Vec::new();
    for line in text.lines().take(MAX_MODULES) {
        let mut parts = line.split('\t');
        let kind = parts.next().unwrap_or_default();
        let (Some(name), Some(version)) = (parts.next(), parts.next()) else {
            continue;
        };
        let (Some(name), Some(version)) = (value(name.as_bytes()), value(version.as_bytes()))
        else {
            continue;
        };
        match kind {
            "mod" | "dep" => modules.push(Module { name, version }),
            // What was taken instead is what is in the program. A folder has no version, and stays what it replaces.
            "=>" if version.starts_with('v') => {
                if let Some(replaced) = modules.last_mut() {
                    *replaced = Module { name, version };
                }
            }
            _ => {}
        }
    }
    if let Some(main) = modules.first_mut()
        && main.version == "(devel)"
        && let Some(version) = pseudo_version(text)
    {
        main.version = version;
    }
    modules
}

/// The version that Go gives a commit without a tag: `v0.0.0-20240131095433-abcdef123456`, from what it knew of the
/// checkout (<https://go.dev/ref/mod#pseudo-versions>).
fn pseudo_version(text: &str) -> Option<String> {
    let setting = |key: &str| {
        let mut lines = text.lines();
        lines.find_map(|line| {
            line.strip_prefix("build\t")?
                .strip_prefix(key)?
                .strip_prefix('=')
        })
    };
    let revision = setting("vcs.revision")?;
    let is_hex = revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    let revision = revision.get(..12).filter(|_| is_hex)?;
    // `2024-01-31T09:54:33Z`
    let time = setting("vcs.time")?;
    let digits: String = time.chars().filter(char::is_ascii_digit).collect();
    let is_time = digits.len() == 14 && time.ends_with('Z');
    is_time.then(|| format!("v0.0.0-{digits}-{revision}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        modules(text)
            .into_iter()
            .map(|module| format!("{} {}", module.name, module.version))
            .collect()
    }

    #[test]
    fn modules_are_listed_as_they_were_built_in() {
        let text = "path\texample.com/a/cmd\nmod\texample.com/a\tv1.0.0\th1:x=\ndep\texample.com/b\tv0.1.0\th1:y=\n\
                    dep\texample.com/c\tv1.0.0\n=>\texample.com/fork\tv1.0.1\th1:z=\n\
                    dep\texample.com/d\tv2.0.0+incompatible\n=>\t./d\t(devel)\nbuild\t-compiler=gc\n";
        assert_eq!(
            told(text),
            [
                "example.com/a v1.0.0",
                "example.com/b v0.1.0",
                "example.com/fork v1.0.1",
                "example.com/d v2.0.0+incompatible"
            ]
        );
    }

    #[test]
    fn a_checkout_has_the_version_of_its_commit() {
        let main = "mod\texample.com/a\t(devel)\t\n";
        let commit = "build\tvcs.revision=0123456789abcdef0123456789abcdef01234567\n";
        let time = "build\tvcs.time=2024-01-31T09:54:33Z\n";
        assert_eq!(
            told(&[main, commit, time].concat()),
            ["example.com/a v0.0.0-20240131095433-0123456789ab"]
        );
        for text in [
            main.to_owned(),
            [main, commit].concat(),
            [main, "build\tvcs.revision=ü\n", time].concat(),
            [main, commit, "build\tvcs.time=today\n"].concat(),
        ] {
            assert_eq!(told(&text), ["example.com/a (devel)"]);
        }
    }

    #[test]
    fn odd_lines_are_no_modules() {
        for text in [
            "",
            "\n\t\n",
            "mod\n",
            "dep\tx\n",
            "=>\tx\tv1\n",
            "mod\t\tv1\n",
            "dep\ta\u{1b}\tv1",
        ] {
            assert_eq!(told(text), [""; 0], "{text:?}");
        }
        for (version, expected) in [
            ("go1.22.1", Some("v1.22.1")),
            ("go1.22", Some("v1.22")),
            ("go1.19.8 X:boringcrypto", Some("v1.19.8")),
            ("go1.22rc1", Some("v1.22rc1")),
            ("devel go1.22-abc", None),
            ("go", None),
        ] {
            assert_eq!(standard_library(version).as_deref(), expected, "{version}");
        }
    }
}
