//! Making a stand-in: fetch, unpack, put together, write.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::json;

use super::archive::{self, Settings};
use super::digest;
use super::node::{Node, WHEEL};
use super::package::Carried;
use super::platform::Architecture;
use super::record::{self, Record, Source};
use super::reference::NodeReference;
use super::rootfs::{self, Versions};
use super::table::Recipe;
use super::tree::Tree;
use super::{LABEL, StandIn};
use crate::engine::debian::{self, Package, PrivateApt};
use crate::error::{Error, Result};
use crate::process::Runner;

/// With the musl of Debian 12 (1.2.3) Node crashes at the start; this suite has 1.2.5.
pub(super) const MUSL_SUITE: &str = "trixie";

const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Everything a stand-in is made from.
pub(super) struct Maker<'a> {
    pub(super) runner: &'a dyn Runner,
    pub(super) reference: &'a NodeReference,
    pub(super) architecture: Architecture,
    /// Where Debian packages come from that name no suite.
    pub(super) suite: &'a str,
    /// What to carry, needed packages first.
    pub(super) packages: &'a [(&'a str, &'a Recipe)],
    /// Where downloads stay.
    pub(super) directory: &'a Utf8Path,
    pub(super) note: &'a dyn Fn(&str),
}

impl Maker<'_> {
    /// Makes the archive and the record of `stand_in`.
    ///
    /// # Errors
    /// If something cannot be fetched, or is not laid out as expected.
    pub(super) fn make(&self, stand_in: &StandIn) -> Result<()> {
        let work = self.directory.join("work");
        // Left by a process that was killed; we hold the lock.
        remove(&work)?;
        let made = self.make_in(&work, stand_in);
        let removed = remove(&work);
        made.and(removed)
    }

    fn make_in(&self, work: &Utf8Path, stand_in: &StandIn) -> Result<()> {
        let downloads = self.directory.join("downloads");
        let version = self.reference.version;
        (self.note)(&format!(
            "fetching Node {version} for musl from the Python package index"
        ));
        let root = work.join("node");
        let node = Node::fetch(self.runner, version, self.architecture, &downloads, &root)?;
        let debian = self.fetch_debian(&downloads)?;

        (self.note)("putting the stand-in together");
        let mut tree = Tree::default();
        let musl = self.unpack(&debian, ("musl", MUSL_SUITE), work)?;
        let busybox = self.unpack(&debian, ("busybox-static", self.suite), work)?;
        let versions = Versions {
            musl: &musl.version,
            busybox: &busybox.version,
        };
        rootfs::base(
            &mut tree,
            self.reference,
            self.architecture,
            &musl.root,
            &busybox.root,
            &versions,
        )?;
        node.install(&mut tree)?;
        let carried = self.carry(&debian, work)?;

        let record = self.record(&node, &debian, &carried)?;
        let mut packages = rootfs::packages(&carried);
        packages.text(record::PATH, &record);
        write_image(stand_in, self, tree, packages)?;
        std::fs::write(&stand_in.record, record)
            .map_err(|e| Error::failed(format!("failed to write {}", stand_in.record)).because(e))
    }

    /// Every Debian package that is needed, in one go: each call of apt costs seconds.
    fn fetch_debian(&self, downloads: &Utf8Path) -> Result<Vec<Fetched>> {
        let mut names = vec![("musl", MUSL_SUITE), ("busybox-static", self.suite)];
        for (_, recipe) in self.packages {
            names.extend(recipe.debian.iter().map(|name| self.with_suite(name)));
        }
        let mut suites: Vec<&str> = names.iter().map(|(_, suite)| *suite).collect();
        suites.sort_unstable();
        suites.dedup();
        (self.note)(&format!(
            "fetching {} packages of Debian {}",
            names.len(),
            suites.join(" and ")
        ));
        let apt = PrivateApt::prepare(
            self.runner,
            &self.directory.join("apt"),
            &suites,
            Some(self.architecture.debian()),
        )?;
        let packages = apt.download(self.runner, &names, downloads)?;
        Ok(names
            .into_iter()
            .zip(packages)
            .map(|((_, suite), package)| Fetched {
                suite: suite.to_owned(),
                package,
            })
            .collect())
    }

    /// `name/suite`, or the usual suite.
    fn with_suite<'b>(&'b self, name: &'b str) -> (&'b str, &'b str) {
        name.split_once('/').unwrap_or((name, self.suite))
    }

    fn unpack(
        &self,
        fetched: &[Fetched],
        (name, suite): (&str, &str),
        work: &Utf8Path,
    ) -> Result<Unpacked> {
        let package = fetched
            .iter()
            .find(|f| f.package.name == name && f.suite == suite)
            .map(|f| &f.package)
            .ok_or_else(|| Error::failed(format!("apt did not fetch {name} of {suite}")))?;
        let root = work.join("debian").join(suite).join(name);
        debian::unpack(self.runner, &package.file, &root)?;
        Ok(Unpacked {
            root,
            version: package.version.clone(),
        })
    }

    fn carry(&self, fetched: &[Fetched], work: &Utf8Path) -> Result<Vec<Carried>> {
        self.packages
            .iter()
            .map(|(name, recipe)| {
                let unpacked = recipe
                    .debian
                    .iter()
                    .map(|debian| self.unpack(fetched, self.with_suite(debian), work))
                    .collect::<Result<Vec<_>>>()?;
                // An entry that only joins others has no version of its own.
                let version = unpacked.first().map_or("0", |u| u.version.as_str());
                let roots: Vec<Utf8PathBuf> = unpacked.iter().map(|u| u.root.clone()).collect();
                Carried::make(name, recipe, version, &roots, self.architecture)
            })
            .collect()
    }

    fn record(&self, node: &Node, debian: &[Fetched], carried: &[Carried]) -> Result<String> {
        let mut sources = vec![Source {
            from: "pypi".to_owned(),
            name: WHEEL.to_owned(),
            version: self.reference.version.to_string(),
            sha256: digest::of_file(&node.wheel)?,
        }];
        sources.extend(debian.iter().map(|f| Source {
            from: format!("debian/{}", f.suite),
            name: f.package.name.clone(),
            version: f.package.version.clone(),
            sha256: f.package.sha256.clone(),
        }));
        sources.sort();
        let record = Record {
            schema_version: 1,
            stands_in_for: &format!("node:{}", self.reference.tag()),
            node_version: self.reference.version,
            platform: &format!("linux/{}", self.architecture.debian()),
            node_is_stripped: node.stripped,
            sources,
            packages: carried.iter().map(Into::into).collect(),
        };
        serde_json::to_string_pretty(&record)
            .map(|text| text + "\n")
            .map_err(|e| Error::failed("failed to write down what went in").because(e))
    }
}

/// A Debian package, and the suite it was asked of.
struct Fetched {
    suite: String,
    package: Package,
}

struct Unpacked {
    root: Utf8PathBuf,
    version: String,
}

fn write_image(stand_in: &StandIn, maker: &Maker<'_>, base: Tree, packages: Tree) -> Result<()> {
    let version = maker.reference.version;
    let real = format!("node:{}", maker.reference.tag());
    let settings = Settings {
        reference: &stand_in.image,
        architecture: maker.architecture,
        variables: vec![PATH.to_owned(), format!("NODE_VERSION={version}")],
        entrypoint: &["docker-entrypoint.sh"],
        command: &["node"],
        labels: json!({ LABEL: real }),
    };
    let layers = [
        ("stand-in: musl, busybox, Node", base),
        ("stand-in: packages for apk add", packages),
    ];
    archive::write(&stand_in.archive, &settings, &layers)
}

fn remove(directory: &Utf8Path) -> Result<()> {
    match std::fs::remove_dir_all(directory) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::failed(format!("failed to remove {directory}")).because(e))
        }
        _ => Ok(()),
    }
}
