//! A project of two services, a registry, and keys.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use xtask::process::{Command, Output};

use crate::support::registry::{Registry, where_builds_run};
use crate::support::signing::cosign;
use crate::support::{Machine, Shared, checkout, run, xtask};

pub(crate) const PASSWORD: &str = "a-password-nobody-shall-see";

pub(crate) struct Stage {
    pub(crate) machine: Shared,
    pub(crate) registry: Registry,
    dir: tempfile::TempDir,
    cosign: Utf8PathBuf,
}

impl Stage {
    /// `None`, with the reason printed, where it cannot be had.
    pub(crate) fn new() -> Option<Self> {
        let cosign = cosign()?;
        let machine = Shared::find()?;
        let dir = tempfile::tempdir().unwrap();
        let registry = Registry::start(&machine, Utf8Path::from_path(dir.path()).unwrap())?;
        let stage = Self {
            machine,
            registry,
            dir,
            cosign,
        };
        let root = stage.root();
        for service in ["api", "web"] {
            let folder = root.join("services").join(service);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("data"), service).unwrap();
            let file = format!("FROM scratch AS production\nCOPY services/{service}/data /data\n");
            std::fs::write(folder.join("Dockerfile"), file).unwrap();
        }
        Machine::lend_to(&root);
        let ours = checkout()
            .join("target/docker-cosign")
            .canonicalize_utf8()
            .unwrap();
        std::os::unix::fs::symlink(ours, root.join("target/docker-cosign")).unwrap();
        stage.policy("keys = [\"docker/cosign.pub\"]\nsigning_key = \"docker/cosign.key\"\n");
        for key in ["docker/cosign", "docker/other"] {
            let made = stage.run(&["docker-sign", "--generate-key", key]);
            assert_eq!(made.code, Some(0), "{}", made.error_text());
        }
        Some(stage)
    }

    pub(crate) fn root(&self) -> Utf8PathBuf {
        Utf8Path::from_path(self.dir.path())
            .unwrap()
            .join("project")
    }

    /// Writes the manifest with this below `[trust]`.
    pub(crate) fn policy(&self, trust: &str) {
        let host = &self.registry.host;
        let text = format!(
            "schema_version = 1\n[project]\nname = \"shop\"\n[registry]\nhost = \"{host}\"\nnamespace = \"acme\"\n\
             [services]\ndockerfiles = [\"services/*/Dockerfile\"]\n[audit]\nfile = \"trail.jsonl\"\n[trust]\n{trust}"
        );
        let folder = self.root().join("docker");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("docker.toml"), text).unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        xtask(&self.root(), arguments)
            .env("COSIGN_PASSWORD", PASSWORD)
            // As the manifest says.
            .env("DOCKER_AUDIT_FILE", "")
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let output = run(&self.command(arguments));
        let printed = format!("{}{}", output.text(), output.error_text());
        assert!(!printed.contains(PASSWORD), "{printed}");
        output
    }

    pub(crate) fn ok(&self, arguments: &[&str]) -> Output {
        let output = self.run(arguments);
        assert_eq!(
            output.code,
            Some(0),
            "{arguments:?}: {}\n{}",
            output.text(),
            output.error_text()
        );
        output
    }

    /// Builds and pushes both services for two platforms.
    pub(crate) fn push(&self) {
        let platforms = "--platform=linux/amd64,linux/arm64";
        self.ok(&["docker-build", "--push", self.machine.choice(), platforms]);
    }

    pub(crate) fn sign(&self, arguments: &[&str]) -> Output {
        self.ok(&[&["docker-sign", self.machine.choice()], arguments].concat())
    }

    /// The names of what is wrong with the images, and the whole answer.
    pub(crate) fn verify(&self, arguments: &[&str]) -> (Vec<String>, Value) {
        let all = [
            &["docker-verify", self.machine.choice(), "--format=json"],
            arguments,
        ]
        .concat();
        let output = self.run(&all);
        let report: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}\n{}", output.text(), output.error_text()));
        let problems: Vec<String> = report["images"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|image| image["problems"].as_array().unwrap().clone())
            .map(|problem| problem["name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(
            output.code,
            Some(i32::from(!problems.is_empty())),
            "{report:#}\n{}",
            output.error_text()
        );
        (problems, report)
    }

    /// What an image is called in the registry.
    pub(crate) fn name(&self, service: &str) -> String {
        self.registry.image(&format!("acme/shop-{service}"))
    }

    /// What the last build says the digest of a service is.
    pub(crate) fn digest(&self, service: &str) -> String {
        let file = self.root().join("target/docker-build/metadata.json");
        let metadata: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        metadata[service]["containerimage.digest"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// cosign itself, without a transparency log.
    pub(crate) fn cosign(&self, arguments: &[&str]) {
        let command = Command::new(&self.cosign)
            .args(arguments)
            .env("COSIGN_PASSWORD", PASSWORD);
        let output = run(&where_builds_run(&self.machine.engine, command));
        assert!(output.success(), "{arguments:?}: {}", output.error_text());
    }

    pub(crate) fn file(&self, path: &str) -> String {
        self.root().join(path).into_string()
    }

    /// A request to the registry's API below `/v2/acme/shop-SERVICE/`.
    fn request(&self, service: &str, path: &str, more: &[&str]) -> Vec<u8> {
        let url = match path.strip_prefix("http") {
            Some(_) => path.to_owned(),
            None => format!(
                "http://{}/v2/acme/shop-{service}/{path}",
                self.registry.host
            ),
        };
        let command = Command::new("curl")
            .args(["--silent", "--show-error", "--fail"])
            .args(more)
            .arg(url);
        let output = run(&where_builds_run(&self.machine.engine, command));
        assert!(output.success(), "{path}: {}", output.error_text());
        output.stdout
    }

    fn get(&self, service: &str, path: &str) -> Vec<u8> {
        let accept = "Accept: application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json";
        self.request(service, path, &["--header", accept])
    }

    fn put_manifest(&self, service: &str, name: &str, manifest: &Value) {
        let kind = manifest["mediaType"].as_str().unwrap();
        let header = format!("Content-Type: {kind}");
        let body = manifest.to_string();
        let options = [
            "--request",
            "PUT",
            "--header",
            header.as_str(),
            "--data-binary",
            body.as_str(),
        ];
        self.request(service, &format!("manifests/{name}"), &options);
    }

    fn put_blob(&self, service: &str, bytes: &[u8]) -> String {
        let digest = sha256(bytes);
        let file = self.root().join("blob");
        std::fs::write(&file, bytes).unwrap();
        let begun = self.request(
            service,
            "blobs/uploads/",
            &["--request", "POST", "--include", "--data", ""],
        );
        let begun = String::from_utf8(begun).unwrap();
        let location = begun
            .lines()
            .find_map(|line| line.strip_prefix("Location: "))
            .unwrap()
            .trim();
        let url = format!("{location}&digest={digest}");
        let data = format!("@{file}");
        let header = "Content-Type: application/octet-stream";
        let options = [
            "--request",
            "PUT",
            "--header",
            header,
            "--data-binary",
            data.as_str(),
        ];
        self.request(service, &url, &options);
        digest
    }

    /// Takes away all signatures and attestations of a digest.
    pub(crate) fn remove_signatures(&self, service: &str, digest: &str) {
        let empty = serde_json::json!({"schemaVersion": 2, "manifests": [],
            "mediaType": "application/vnd.oci.image.index.v1+json"});
        self.put_manifest(service, &digest.replace(':', "-"), &empty);
    }

    /// Changes what the signature of a digest says, and leaves its mathematics as they are.
    pub(crate) fn tamper(&self, service: &str, digest: &str, from: &str, to: &str) {
        let tag = digest.replace(':', "-");
        let json = |bytes: Vec<u8>| serde_json::from_slice::<Value>(&bytes).unwrap();
        let mut index = json(self.get(service, &format!("manifests/{tag}")));
        let entry = index["manifests"][0]["digest"].as_str().unwrap().to_owned();
        let mut manifest = json(self.get(service, &format!("manifests/{entry}")));
        let layer = manifest["layers"][0]["digest"].as_str().unwrap().to_owned();
        let mut bundle = json(self.get(service, &format!("blobs/{layer}")));
        let payload = bundle["dsseEnvelope"]["payload"].as_str().unwrap();
        let statement = String::from_utf8(xtask::base64::decode(payload)).unwrap();
        assert!(statement.contains(from), "{statement}");
        let changed = statement.replace(from, to);
        bundle["dsseEnvelope"]["payload"] = Value::from(xtask::base64::encode(changed.as_bytes()));
        let blob = bundle.to_string().into_bytes();
        manifest["layers"][0]["digest"] = Value::from(self.put_blob(service, &blob));
        manifest["layers"][0]["size"] = Value::from(blob.len());
        let text = manifest.to_string();
        let forged = sha256(text.as_bytes());
        self.put_manifest(service, &forged, &manifest);
        index["manifests"][0]["digest"] = Value::from(forged);
        index["manifests"][0]["size"] = Value::from(text.len());
        self.put_manifest(service, &tag, &index);
    }
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let mut text = "sha256:".to_owned();
    for byte in digest {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
