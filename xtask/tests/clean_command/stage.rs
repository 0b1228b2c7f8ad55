//! A project, a registry, and images in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use xtask::engine::local_registry::Deletion;
use xtask::process::{Command, Output};

use crate::network::{Message, Network};
use crate::support::registry::{Registry, docker, ok, where_builds_run};
use crate::support::{Machine, Shared, run, xtask};

/// What a manifest may be.
pub(crate) const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

/// The name of the one package, below the host.
pub(crate) const PACKAGE: &str = "acme/shop-api";

/// What a registry has on the disk.
#[derive(Clone)]
pub(crate) struct Store {
    /// The registry.
    pub(crate) host: String,
    data: Utf8PathBuf,
}

impl Store {
    fn link(&self, path: &str) -> Utf8PathBuf {
        let repositories = self.data.join("docker/registry/v2/repositories");
        repositories.join(PACKAGE).join("_manifests").join(path)
    }

    /// Every manifest that the registry has of the package, whether anything leads to it or not.
    pub(crate) fn stored(&self) -> BTreeSet<String> {
        let Ok(entries) = self.link("revisions/sha256").read_dir_utf8() else {
            return BTreeSet::new();
        };
        let entries = entries.map(Result::unwrap);
        let stored = entries.filter(|entry| entry.path().join("link").is_file());
        stored
            .map(|entry| format!("sha256:{}", entry.file_name()))
            .collect()
    }

    /// What each tag means.
    pub(crate) fn tags(&self) -> BTreeMap<String, String> {
        let Ok(entries) = self.link("tags").read_dir_utf8() else {
            return BTreeMap::new();
        };
        let link = |entry: camino::Utf8DirEntry| {
            let link = std::fs::read_to_string(entry.path().join("current/link")).ok()?;
            Some((entry.file_name().to_owned(), link))
        };
        entries.map(Result::unwrap).filter_map(link).collect()
    }
}

pub(crate) struct Stage {
    pub(crate) machine: Shared,
    pub(crate) registry: Registry,
    pub(crate) network: Network,
    pub(crate) store: Store,
    dir: tempfile::TempDir,
}

impl Stage {
    /// `None`, with the reason printed, where it cannot be had.
    pub(crate) fn new() -> Option<Self> {
        let machine = Shared::find()?;
        let dir = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(dir.path()).unwrap();
        let registry = Registry::start_with(&machine, folder, Deletion::Allowed)?;
        let stage = Self {
            network: Network::of(&machine.engine),
            store: Store {
                host: registry.host.clone(),
                data: registry.data().to_owned(),
            },
            machine,
            registry,
            dir,
        };
        let folder = stage.root().join("services/api");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("Dockerfile"), "FROM scratch AS production\n").unwrap();
        Machine::lend_to(&stage.root());
        Some(stage)
    }

    pub(crate) fn root(&self) -> Utf8PathBuf {
        Utf8Path::from_path(self.dir.path())
            .unwrap()
            .join("project")
    }

    /// Writes the manifest for a registry at a host, with this below `[retention]`.
    pub(crate) fn manifest(&self, host: &str, retention: &str) {
        let text = format!(
            "schema_version = 1\n[project]\nname = \"shop\"\n[registry]\nhost = \"{host}\"\nnamespace = \"acme\"\n\
             [services]\ndockerfiles = [\"services/*/Dockerfile\"]\n[cache]\nbackend = \"registry\"\n\
             [audit]\nfile = \"trail.jsonl\"\n[retention]\n{retention}"
        );
        let folder = self.root().join("docker");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("docker.toml"), text).unwrap();
    }

    pub(crate) fn image(&self, tag: &str) -> String {
        self.registry.image(&format!("{PACKAGE}:{tag}"))
    }

    /// Builds an image for two platforms, with what `BuildKit` attests about it, and pushes it under tags. `days` is its
    /// age as an annotation tells it; `parts` are files, each a layer of its own. The digest of its index.
    pub(crate) fn push(&self, tags: &[&str], days: i64, parts: &[(&str, &[u8])]) -> String {
        let context = self.root().join("context");
        let _ = std::fs::remove_dir_all(&context);
        std::fs::create_dir_all(&context).unwrap();
        let mut file = "FROM scratch\n".to_owned();
        for (name, bytes) in parts {
            std::fs::write(context.join(name), bytes).unwrap();
            let _ = writeln!(file, "COPY {name} /");
        }
        std::fs::write(context.join("Dockerfile"), file).unwrap();
        let created = moment(days);
        let metadata = self.root().join("metadata.json");
        let mut build = docker(
            &self.machine.engine,
            &["buildx", "build", "--push", "--quiet"],
        )
        .args([
            "--platform=linux/amd64,linux/arm64",
            "--provenance=mode=max",
        ])
        .args([
            "--annotation",
            &format!("index:org.opencontainers.image.created={created}"),
        ])
        .args(["--metadata-file", metadata.as_str()]);
        for tag in tags {
            build = build.args(["--tag", &self.image(tag)]);
        }
        ok(&build.arg(context.as_str()));
        let metadata: Value = serde_json::from_slice(&std::fs::read(metadata).unwrap()).unwrap();
        metadata["containerimage.digest"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Pushes a build cache.
    pub(crate) fn push_cache(&self, tag: &str) {
        let to = format!(
            "type=registry,ref={},mode=max,image-manifest=true,oci-mediatypes=true",
            self.image(tag)
        );
        let context = self.root().join("context");
        let build = docker(&self.machine.engine, &["buildx", "build", "--quiet"]).args([
            "--output=type=cacheonly",
            "--cache-to",
            &to,
            context.as_str(),
        ]);
        ok(&build);
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        xtask(&self.root(), arguments)
            // As the manifest says.
            .env("DOCKER_AUDIT_FILE", "")
    }

    pub(crate) fn clean(&self, arguments: &[&str]) -> Output {
        run(&self.command(&[&["docker-clean", self.machine.choice()], arguments].concat()))
    }

    /// The answer as JSON, and the exit code.
    pub(crate) fn report(&self, arguments: &[&str]) -> (i32, Value) {
        told(&self.clean(&[&["--format=json"], arguments].concat()))
    }

    /// A manifest, straight from the registry.
    pub(crate) fn manifest_of(&self, reference: &str) -> Message {
        let path = format!("/v2/{PACKAGE}/manifests/{reference}");
        let request = Message::request("GET", &path).header("Accept", ACCEPT);
        self.network.ask(&self.registry.host, &request)
    }

    /// Removes a manifest behind everybody's back.
    pub(crate) fn delete(&self, digest: &str) {
        let path = format!("/v2/{PACKAGE}/manifests/{digest}");
        let answer = self
            .network
            .ask(&self.registry.host, &Message::request("DELETE", &path));
        assert_eq!(answer.status(), 202, "{answer:?}");
    }

    /// Pulls what a tag means for both platforms, as users do, and reads everything it needs by digest.
    pub(crate) fn pull(&self, tag: &str) {
        let image = self.image(tag);
        for platform in ["linux/amd64", "linux/arm64"] {
            // Nothing of it may come from what the engine has.
            run(&docker(
                &self.machine.engine,
                &["image", "rm", "--force", &image],
            ));
            ok(&docker(
                &self.machine.engine,
                &["pull", "--quiet", "--platform", platform, &image],
            ));
        }
        let inspect = docker(
            &self.machine.engine,
            &["buildx", "imagetools", "inspect", &image],
        );
        ok(&where_builds_run(&self.machine.engine, inspect));
        self.read_all(tag);
    }

    /// Reads a manifest and all that it lists, down to the blobs.
    pub(crate) fn read_all(&self, reference: &str) {
        let answer = self.manifest_of(reference);
        assert_eq!(answer.status(), 200, "{reference}: {answer:?}");
        let manifest: Value = serde_json::from_slice(&answer.body).unwrap();
        let list = |name: &str| manifest[name].as_array().cloned().unwrap_or_default();
        for child in list("manifests") {
            self.read_all(child["digest"].as_str().unwrap());
        }
        let blobs = list("layers")
            .into_iter()
            .chain([manifest["config"].clone()]);
        for blob in blobs.filter(|blob| !blob.is_null()) {
            let digest = blob["digest"].as_str().unwrap();
            let request = Message::request("GET", &format!("/v2/{PACKAGE}/blobs/{digest}"));
            let answer = self.network.ask(&self.registry.host, &request);
            assert_eq!(answer.status(), 200, "{digest} of {reference}");
            assert_eq!(Some(answer.body.len() as u64), blob["size"].as_u64());
        }
    }

    /// The digests of what an index lists.
    pub(crate) fn children(&self, digest: &str) -> Vec<String> {
        let manifest: Value = serde_json::from_slice(&self.manifest_of(digest).body).unwrap();
        let children = manifest["manifests"].as_array().unwrap().iter();
        children
            .map(|child| child["digest"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// The answer as JSON, and the exit code.
pub(crate) fn told(output: &Output) -> (i32, Value) {
    let report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}\n{}", output.text(), output.error_text()));
    (output.code.unwrap(), report)
}

/// So many days ago, as RFC 3339 writes it.
pub(crate) fn moment(days: i64) -> String {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let then = i64::try_from(now).unwrap() - days * 86_400;
    xtask::timestamp::Timestamp::from_unix_seconds(then).to_string()
}

/// The tags with a fate in a report.
pub(crate) fn fated(report: &Value, fate: &str) -> BTreeSet<String> {
    let versions = report["packages"][0]["versions"].as_array().unwrap().iter();
    let versions = versions.filter(|version| version["fate"] == fate);
    let tags = versions.flat_map(|version| version["tags"].as_array().unwrap());
    tags.map(|tag| tag.as_str().unwrap().to_owned()).collect()
}

/// Tags as a set.
pub(crate) fn set(tags: &[&str]) -> BTreeSet<String> {
    tags.iter().map(|&tag| tag.to_owned()).collect()
}

/// Bytes that no compression makes smaller.
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut chance = crate::support::chance::Chance::new(seed);
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        bytes.extend_from_slice(&chance.next().to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}
