//! A stand-in for `node:<version>-alpine` on machines that reach no container registry: real Node for musl, made from
//! distribution and Python packages. Nothing is compiled.
//!
//! It becomes a local image that takes the place of the base by a named context, so that the very same Dockerfiles
//! build. It is not Alpine: its sizes and package versions say nothing about the real image, and its label, its
//! `/etc/os-release` and `/etc/stand-in.json` say so. Its commands are those of Debian's busybox, of which some that
//! Alpine's has are missing (`pgrep`, `nohup`, `comm`, `split`, …), and whose shell prefers its own commands to those on
//! the PATH.

use std::collections::BTreeMap;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::json;

use super::Engine;
use super::lock::Lock;
use crate::error::{Error, Result};
use crate::process::Runner;

mod archive;
pub(super) mod digest;
mod make;
mod node;
mod package;
mod platform;
mod record;
mod reference;
mod rootfs;
mod table;
mod tree;

use platform::Architecture;
use reference::NodeReference;
pub use reference::NodeVersion;
pub use table::{Concatenate, Recipe, Table};

/// The label every image made on a stand-in inherits; its value is the reference of the real image. `--push` refuses
/// images that have it.
pub const LABEL: &str = "docker.xtask.stand-in";

/// The name stand-ins have on an engine. No such host exists, so that they are never pulled or pushed by accident.
pub const NAME: &str = "xtask.local/stand-in/node";

/// The code that decides what a stand-in looks like: part of its name, so that an old one is never taken for new.
const CODE: [&str; 6] = [
    include_str!("archive.rs"),
    include_str!("make.rs"),
    include_str!("node.rs"),
    include_str!("package.rs"),
    include_str!("rootfs.rs"),
    include_str!("tree.rs"),
];

/// How long to wait for another process that makes one.
const PATIENCE: Duration = Duration::from_mins(10);

/// A package some Dockerfile installs with `apk add`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// Alpine's name for it, without a version.
    pub name: String,
    /// Who wants it, such as `docker/base/Dockerfile:12`; for messages only.
    pub by: Option<String>,
}

/// What is to be stood in for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The base image as the Dockerfile names it, such as `node:20.18.0-alpine`.
    pub reference: String,
    /// Such as `linux/amd64`.
    pub platform: String,
    /// The packages to carry; no others can be installed in it.
    pub wanted: Vec<Wanted>,
    /// The project's own entries for the table of packages.
    pub extra: BTreeMap<String, Recipe>,
}

/// A stand-in that is on the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandIn {
    /// The image's reference on the engine.
    pub image: String,
    /// Node's version.
    pub node_version: NodeVersion,
    /// The image as an archive that any engine can load.
    pub archive: Utf8PathBuf,
    /// What went in, with versions and checksums, as JSON.
    pub record: Utf8PathBuf,
}

impl StandIn {
    /// The value of the named context that replaces the base image.
    #[must_use]
    pub fn context(&self) -> String {
        format!("docker-image://{}", self.image)
    }
}

/// The version of Node in the base image, if a stand-in for it can be made: only for `node:<x.y.z>-alpine[3.NN]`.
#[must_use]
pub fn supports(reference: &str) -> Option<NodeVersion> {
    NodeReference::parse(reference).map(|reference| reference.version)
}

/// Makes sure the engine has a stand-in. If it has, that is one question to it; if the archive lies in `directory`, it
/// is loaded; otherwise it is made there, from packages that are fetched first. `note` is told what takes time.
///
/// # Errors
/// If the base is not one that can be stood in for, a wanted package is not in the table, something cannot be fetched,
/// or the engine does not take it.
pub fn prepare(
    runner: &dyn Runner,
    engine: &Engine,
    request: &Request,
    directory: &Utf8Path,
    note: &dyn Fn(&str),
) -> Result<StandIn> {
    let reference = NodeReference::parse(&request.reference).ok_or_else(|| {
        Error::usage(format!(
            "there is no stand-in for the base image {}",
            request.reference
        ))
        .because("only exact versions of Node on Alpine have one, such as node:20.18.0-alpine")
        .help("name an exact version, or build on a machine that reaches a container registry")
    })?;
    let architecture = Architecture::of(&request.platform)?;
    let table = Table::with(&request.extra)?;
    let packages = table.resolve(&request.wanted)?;
    let key = key(&reference, architecture, &table.suite, &packages);
    let stand_in = StandIn {
        image: format!("{NAME}:{}-{key}", reference.tag()),
        node_version: reference.version,
        archive: directory.join(format!("{key}.tar")),
        record: directory.join(format!("{key}.json")),
    };
    if is_there(runner, engine, &stand_in.image)? {
        return Ok(stand_in);
    }
    let waiting = || note("waiting for another process that makes a stand-in");
    let _lock = Lock::take(&directory.join("lock"), PATIENCE, &waiting)?;
    if !(stand_in.archive.is_file() && stand_in.record.is_file()) {
        let maker = make::Maker {
            runner,
            reference: &reference,
            architecture,
            suite: &table.suite,
            packages: &packages,
            directory,
            note,
        };
        maker.make(&stand_in)?;
    }
    load(runner, engine, &stand_in, note)?;
    Ok(stand_in)
}

/// A short name for everything that decides what is made. Which Debian version of a package is newest is left out:
/// asking would cost seconds every time, and what was made stays good.
fn key(
    reference: &NodeReference,
    architecture: Architecture,
    suite: &str,
    packages: &[(&str, &Recipe)],
) -> String {
    let everything = json!({
        "code": CODE,
        "base": reference.tag(),
        "architecture": architecture,
        "suites": [suite, make::MUSL_SUITE],
        "scripts": rootfs::SCRIPTS,
        "packages": packages,
    });
    let mut key = digest::of_bytes(everything.to_string().as_bytes());
    key.truncate(12);
    key
}

fn is_there(runner: &dyn Runner, engine: &Engine, image: &str) -> Result<bool> {
    let asked = engine.api.as_ref().and_then(|api| api.has_image(image));
    if let Some(is_there) = asked {
        return Ok(is_there);
    }
    let command = engine
        .command()
        .args(["image", "inspect", "--format", "{{.Id}}", image]);
    Ok(runner.run(&command)?.success())
}

fn load(
    runner: &dyn Runner,
    engine: &Engine,
    stand_in: &StandIn,
    note: &dyn Fn(&str),
) -> Result<()> {
    note(&format!("loading {}", stand_in.image));
    let command = engine
        .command()
        .args(["load", "--quiet", "--input"])
        .arg(&stand_in.archive);
    runner.run(&command)?.checked(&command).map_err(|error| {
        error.help(format!(
            "if the archive is damaged, remove {} and try again",
            stand_in.archive
        ))
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{EngineKind, ImageStore};
    use crate::error::Exit;
    use crate::process::{Reply, Scripted};

    fn engine() -> Engine {
        Engine {
            kind: EngineKind::System,
            docker: "docker".into(),
            variables: Vec::new(),
            store: ImageStore::Containerd,
            server_version: "28.5.2".to_owned(),
            buildx_version: "0.29.1".to_owned(),
            buildx: None,
            api: None,
            data: None,
            platform: "linux/amd64".to_owned(),
        }
    }

    fn request(reference: &str, wanted: &[&str]) -> Request {
        Request {
            reference: reference.to_owned(),
            platform: "linux/amd64".to_owned(),
            wanted: wanted
                .iter()
                .map(|name| Wanted {
                    name: (*name).to_owned(),
                    by: None,
                })
                .collect(),
            extra: BTreeMap::new(),
        }
    }

    fn image(request: &Request) -> String {
        let runner = Scripted::default().on("docker image inspect", Reply::ok("sha256:1"));
        let stand_in = prepare(&runner, &engine(), request, "nowhere".into(), &|_| ()).unwrap();
        assert_eq!(runner.asked().len(), 1, "one question to the engine");
        stand_in.image
    }

    #[test]
    fn an_image_that_is_there_costs_one_question() {
        let plain = image(&request("node:20.18.0-alpine", &[]));
        let (name, key) = plain.rsplit_once('-').unwrap();
        assert_eq!(name, "xtask.local/stand-in/node:20.18.0-alpine");
        assert_eq!(key.len(), 12);
    }

    #[test]
    fn the_daemon_is_asked_without_a_client_where_it_can_be() {
        let request = request("node:20.18.0-alpine", &[]);
        let path = format!("/images/{}/json", image(&request));
        let (_daemon, api) = crate::engine::api::tests::daemon(&[(&path, "{}")]);
        let engine = Engine {
            api: Some(api),
            ..engine()
        };
        prepare(
            &Scripted::default(),
            &engine,
            &request,
            "nowhere".into(),
            &|_| (),
        )
        .unwrap();
    }

    #[test]
    fn the_name_tells_requests_apart() {
        let base = image(&request("node:20.18.0-alpine", &["tzdata", "dumb-init"]));
        let other_order = request(
            "docker.io/library/node:20.18.0-alpine",
            &["dumb-init", "tzdata", "libgcc"],
        );
        assert_eq!(base, image(&other_order));
        for other in [
            request("node:20.18.0-alpine", &["tzdata"]),
            request("node:20.18.0-alpine3.20", &["tzdata", "dumb-init"]),
            Request {
                platform: "linux/arm64".to_owned(),
                ..request("node:20.18.0-alpine", &["tzdata", "dumb-init"])
            },
            Request {
                extra: toml::from_str("[tzdata]\ndebian = ['tzdata']").unwrap(),
                ..request("node:20.18.0-alpine", &["tzdata", "dumb-init"])
            },
        ] {
            assert_ne!(base, image(&other), "{other:?}");
        }
    }

    #[test]
    fn an_archive_that_is_there_is_loaded() {
        let directory = tempfile::tempdir().unwrap();
        let directory = Utf8Path::from_path(directory.path()).unwrap();
        let request = request("node:20.18.0-alpine", &[]);
        let name = image(&request);
        let key = &name[name.len() - 12..];
        for suffix in ["tar", "json"] {
            std::fs::write(directory.join(format!("{key}.{suffix}")), "").unwrap();
        }
        let runner = Scripted::default()
            .on("docker image inspect", Reply::failure(1, "no such image"))
            .on("docker load", Reply::ok(""));
        prepare(&runner, &engine(), &request, directory, &|_| ()).unwrap();
        assert_eq!(runner.asked().len(), 2);
    }

    #[test]
    fn other_bases_are_refused_before_anything_runs() {
        let runner = Scripted::default();
        let request = request("node:20-alpine", &[]);
        let error = prepare(&runner, &engine(), &request, "nowhere".into(), &|_| ()).unwrap_err();
        assert_eq!(error.exit(), Exit::Usage);
        assert!(runner.asked().is_empty());
        assert_eq!(supports("node:20-alpine"), None);
        assert!(supports("node:20.18.0-alpine").is_some());
    }

    #[test]
    fn an_unknown_package_is_refused_before_anything_runs() {
        let runner = Scripted::default();
        let request = request("node:20.18.0-alpine", &["nonesuch"]);
        let error = prepare(&runner, &engine(), &request, "nowhere".into(), &|_| ()).unwrap_err();
        assert!(error.message().contains("nonesuch"), "{error}");
        assert!(runner.asked().is_empty());
    }
}
