//! Getting the engine's programs: distribution packages, unpacked side by side with the system.

use std::os::unix::fs::symlink;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::layout::Layout;
use crate::engine::Means;
use crate::engine::debian::{Package, PrivateApt, Release, remove, unpack};
use crate::error::{Error, Result};
use crate::process::Command;

/// Where a current Docker comes from. Its programs are linked against a C library older than its suite.
const CURRENT: &str = "sid";

/// From [`CURRENT`]: Debian's releases have a buildx too old for build history and entitlements.
const FROM_CURRENT: [&str; 6] = [
    "docker.io",
    "docker-cli",
    "docker-buildx",
    "docker-compose",
    "containerd",
    "tini-static",
];

/// From the machine's own release: programs and libraries that are bound to its C library.
const FROM_RELEASE: [&str; 12] = [
    "runc",
    "iptables",
    "libip4tc2",
    "libip6tc2",
    "libxtables12",
    "libmnl0",
    "libnetfilter-conntrack3",
    "libnfnetlink0",
    "libnftnl11",
    "libseccomp2",
    "slirp4netns",
    "libslirp0",
];

/// Only a user other than root needs it.
const FOR_ROOTLESS: [&str; 1] = ["rootlesskit"];

/// What `packages.json` holds; it is written last, so it stands for a complete installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installed {
    /// Of this format.
    pub schema_version: u32,
    /// Codename of the machine when they were unpacked.
    pub release: String,
    /// What was unpacked, in this order.
    pub packages: Vec<InstalledPackage>,
}

/// One unpacked package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledPackage {
    /// Its name.
    pub name: String,
    /// The suite it was taken from.
    pub suite: String,
    /// Its version.
    pub version: String,
    /// Of the `.deb`, in hexadecimal.
    pub sha256: String,
}

const SCHEMA_VERSION: u32 = 1;

/// What is unpacked, if it is complete and made for this machine's release.
pub(super) fn installed(layout: &Layout) -> Option<Installed> {
    let text = std::fs::read_to_string(layout.packages_record()).ok()?;
    let installed: Installed = serde_json::from_str(&text).ok()?;
    (installed.schema_version == SCHEMA_VERSION && layout.docker().exists()).then_some(installed)
}

/// Makes sure the packages are unpacked.
pub(super) fn install(means: Means<'_>, layout: &Layout) -> Result<()> {
    let release = Release::of_machine()?.codename;
    if installed(layout).is_some_and(|installed| installed.release == release) {
        return Ok(());
    }
    let wanted = wanted(&release);
    let suites = [CURRENT, release.as_str()];
    (means.note)(&format!(
        "fetching Docker Engine as {} packages of Debian {CURRENT} and {release} (about 90 MB, once)",
        wanted.len()
    ));
    let apt = PrivateApt::prepare(means.runner, &layout.directory.join("apt"), &suites, None)?;
    let debs = layout.directory.join("debs");
    let packages = apt.download(means.runner, &wanted, &debs)?;
    means.interrupt.check()?;
    (means.note)("unpacking them (nothing is installed on the system)");
    let fresh = layout.directory.join("root.new");
    remove(&fresh)?;
    unpack_all(means, &packages, &fresh)?;
    check_programs(means, layout, &fresh)?;
    // The record goes first and comes last: whatever happens in between, it never speaks of a broken root.
    remove(&layout.packages_record())?;
    remove(&layout.root())?;
    std::fs::rename(&fresh, layout.root())
        .map_err(|e| Error::failed(format!("failed to rename {fresh}")).because(e))?;
    let record = Installed {
        schema_version: SCHEMA_VERSION,
        packages: packages
            .into_iter()
            .zip(&wanted)
            .map(|(package, (_, suite))| InstalledPackage {
                name: package.name,
                suite: (*suite).to_owned(),
                version: package.version,
                sha256: package.sha256,
            })
            .collect(),
        release,
    };
    super::record::write_json(&layout.packages_record(), &record)
}

fn wanted(release: &str) -> Vec<(&'static str, &str)> {
    let current = FROM_CURRENT.iter().map(|name| (*name, CURRENT));
    let own = FROM_RELEASE.iter().map(|name| (*name, release));
    let rootless = FOR_ROOTLESS.iter().map(|name| (*name, release));
    current.chain(own).chain(rootless).collect()
}

/// Two at a time: decompression is most of the work. No two packages share a file.
fn unpack_all(means: Means<'_>, packages: &[Package], root: &Utf8Path) -> Result<()> {
    let runner = means.runner;
    let (even, odd): (Vec<_>, Vec<_>) = packages.iter().enumerate().partition(|(i, _)| i % 2 == 0);
    let work = |share: Vec<(usize, &Package)>| {
        share
            .into_iter()
            .try_for_each(|(_, package)| unpack(runner, &package.file, root))
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| work(odd));
        let first = work(even);
        let second = other
            .join()
            .unwrap_or_else(|_| Err(Error::failed("unpacking was cut short")));
        first.and(second)
    })
}

/// Starts each program once: a library the machine lacks, or a C library too old, shows here and not in a log.
fn check_programs(means: Means<'_>, layout: &Layout, root: &Utf8Path) -> Result<()> {
    let variables = super::namespace::library_variables(root);
    for program in [
        "usr/sbin/dockerd",
        "usr/bin/containerd",
        "usr/sbin/runc",
        "usr/sbin/xtables-nft-multi",
        "usr/bin/slirp4netns",
        "usr/bin/docker",
    ] {
        let argument = if program.contains("xtables") {
            vec!["iptables", "--version"]
        } else {
            vec!["--version"]
        };
        let command = variables.iter().fold(
            Command::new(root.join(program)).args(argument),
            |command, (name, value)| command.env(*name, value),
        );
        let output = means.runner.run(&command)?;
        if !output.success() {
            let directory = &layout.directory;
            return Err(Error::missing(format!(
                "`{program}` of the fetched packages does not run on this machine"
            ))
            .because(output.error_text().lines().next().unwrap_or("it printed nothing"))
            .help("install the library it names, or install Docker Engine with buildx and use `--engine system`")
            .help(format!("the packages lie in {directory}/debs")));
        }
    }
    Ok(())
}

/// Makes the links the packages' install scripts would have made, and the client's configuration.
///
/// `user_config` is the user's own `DOCKER_CONFIG` directory: registry logins made there count here, too.
pub(super) fn link(layout: &Layout, user_config: Option<&Utf8Path>) -> Result<()> {
    let root = layout.root();
    let links = layout.links();
    let plugins = layout.config().join("cli-plugins");
    for directory in [&links, &plugins] {
        std::fs::create_dir_all(directory)
            .map_err(|e| Error::usage(format!("failed to create {directory}")).because(e))?;
    }
    let tables = root.join("usr/sbin/xtables-nft-multi");
    for family in ["iptables", "ip6tables"] {
        for verb in ["", "-save", "-restore"] {
            relink(&tables, &links.join(format!("{family}{verb}")))?;
        }
    }
    for plugin in ["docker-buildx", "docker-compose"] {
        let program = root.join("usr/libexec/docker/cli-plugins").join(plugin);
        relink(&program, &plugins.join(plugin))?;
    }
    match user_config.map(|directory| directory.join("config.json")) {
        Some(logins) if logins.is_file() => relink(&logins, &layout.config().join("config.json")),
        _ => Ok(()),
    }
}

fn relink(target: &Utf8Path, link: &Utf8Path) -> Result<()> {
    if link.read_link_utf8().is_ok_and(|now| now == target) {
        return Ok(());
    }
    remove(link)?;
    symlink(target, link).map_err(|e| Error::usage(format!("failed to link {link}")).because(e))
}

/// The multiarch library directories below `root`, such as `usr/lib/x86_64-linux-gnu`.
pub(super) fn library_directories(root: &Utf8Path) -> Vec<Utf8PathBuf> {
    ["usr/lib", "lib"]
        .iter()
        .filter_map(|lib| root.join(lib).read_dir_utf8().ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.into_path()))
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.contains("-linux-gnu"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_complete_root_counts_as_installed() {
        let directory = tempfile::tempdir().unwrap();
        let layout = Layout::create(Utf8Path::from_path(directory.path()).unwrap()).unwrap();
        assert_eq!(installed(&layout), None);
        let record = Installed {
            schema_version: SCHEMA_VERSION,
            release: "bookworm".into(),
            packages: vec![],
        };
        super::super::record::write_json(&layout.packages_record(), &record).unwrap();
        assert_eq!(installed(&layout), None, "the root is missing");
        std::fs::create_dir_all(layout.docker().parent().unwrap()).unwrap();
        std::fs::write(layout.docker(), "").unwrap();
        assert_eq!(installed(&layout), Some(record));
    }

    #[test]
    fn links_are_renewed_and_logins_shared() {
        let directory = tempfile::tempdir().unwrap();
        let layout = Layout::create(Utf8Path::from_path(directory.path()).unwrap()).unwrap();
        let user = layout.directory.join("user");
        std::fs::create_dir_all(&user).unwrap();
        std::fs::write(user.join("config.json"), "{}").unwrap();
        link(&layout, None).unwrap();
        let iptables = layout.links().join("ip6tables-restore");
        std::fs::remove_file(&iptables).unwrap();
        symlink("/gone", &iptables).unwrap();
        link(&layout, Some(&user)).unwrap();
        assert!(
            iptables
                .read_link_utf8()
                .unwrap()
                .ends_with("root/usr/sbin/xtables-nft-multi")
        );
        assert_eq!(
            std::fs::read_to_string(layout.config().join("config.json")).unwrap(),
            "{}"
        );
    }
}
