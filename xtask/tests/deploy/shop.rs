//! A small repository of somebody else: two services, a compose file, manifests.

use camino::Utf8PathBuf;
use serde_json::Value;

use crate::support::scratch::Scratch;
use crate::support::{run, xtask};

/// A digest as registries have them.
pub(crate) const DIGEST: &str =
    "sha256:1111111111111111111111111111111111111111111111111111111111111111";

const MANIFEST: &str = r#"schema_version = 1
[project]
name = "shop"
[registry]
host = "registry.example.org"
namespace = "acme"
[services]
dockerfiles = ["services/*/Dockerfile"]
[deploy]
compose = "compose.yaml"
base = "k8s/base"
shutdown_variable = "STOP_MS"
[deploy.defaults]
variables = { STOP_MS = 20000 }
[deploy.services.web]
replicas = 2
[deploy.services.stock]
single = true
secrets = { DB_PASSWORD = "stock/password" }
[[deploy.edges]]
from = "namespace:edge"
to = "web"
[[deploy.edges]]
from = "stock"
to = "db"
port = 5432
[[deploy.environments]]
name = "live"
path = "k8s/live"
digests = true
"#;

const COMPOSE: &str = "\
services:
  web:
    image: registry.example.org/acme/shop-web:${TAG:-dev}
    read_only: true
    tmpfs: [/tmp]
    cap_drop: [ALL]
    mem_limit: 64m
    stop_grace_period: 15s
    environment:
      STOCK_URL: http://stock:9000
  stock:
    image: registry.example.org/acme/shop-stock:${TAG:-dev}
    read_only: true
    cap_drop: [ALL]
    mem_limit: 128m
  db:
    image: postgres:16
";

const WEB: &str = "\
FROM alpine:3.20 AS production
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=2s --start-period=20s CMD wget -q -O- http://127.0.0.1:8080/healthz
ENTRYPOINT [\"/usr/bin/web\"]
";

const STOCK: &str = "\
FROM alpine:3.20 AS production
USER 65533:65533
EXPOSE 9000
HEALTHCHECK --timeout=1s CMD wget -q -O- http://127.0.0.1:9000/ready
ENTRYPOINT [\"/usr/bin/stock\"]
";

pub(crate) struct Shop(Scratch);

/// What a run came to.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Shop {
    /// Only what the manifests are made from.
    pub(crate) fn bare() -> Self {
        let shop = Self(Scratch::new());
        shop.write("docker/docker.toml", MANIFEST);
        shop.write("compose.yaml", COMPOSE);
        shop.write("services/web/Dockerfile", WEB);
        shop.write("services/stock/Dockerfile", STOCK);
        shop.write(
            "k8s/live/kustomization.yaml",
            "namespace: shop\nresources: [../base]\ncomponents: [images]\n",
        );
        shop
    }

    /// With generated manifests.
    pub(crate) fn generated() -> Self {
        let shop = Self::bare();
        let ran = shop.run(&["--write"]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        shop
    }

    /// With the same manifests, as if somebody had written them, of images by digest: nothing is wrong with them.
    pub(crate) fn by_hand() -> Self {
        let shop = Self::generated();
        for file in ["web", "stock"] {
            shop.edit(
                &format!("k8s/base/{file}.yaml"),
                ":unpinned",
                &format!("@{DIGEST}"),
            );
        }
        shop.edit("docker/docker.toml", "base = \"k8s/base\"\n", "");
        shop.edit("k8s/live/kustomization.yaml", "components: [images]\n", "");
        shop
    }

    pub(crate) fn file(&self, path: &str) -> Utf8PathBuf {
        self.0.path.join(path)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.file(path)).unwrap()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let file = self.file(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    /// Replaces a text that must be there, everywhere in the file.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no {from:?}:\n{text}");
        self.write(path, &text.replace(from, to));
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let command = xtask(&self.0.path, &[&["docker-deploy"], arguments].concat());
        let output = run(&command);
        Ran {
            code: output.code,
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// `code path:line message` of every finding.
    pub(crate) fn findings(&self, arguments: &[&str]) -> Vec<String> {
        let ran = self.run(&[arguments, &["--format", "json"]].concat());
        ran.findings()
    }
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|_| panic!("{}{}", self.stdout, self.stderr))
    }

    pub(crate) fn findings(&self) -> Vec<String> {
        let document = self.json();
        assert_eq!(document["schema_version"], 1);
        let findings = document["findings"].as_array().unwrap();
        findings
            .iter()
            .map(|finding| {
                format!(
                    "{} {}:{} {}",
                    finding["code"].as_str().unwrap(),
                    finding["path"].as_str().unwrap_or("-"),
                    finding["line"]
                        .as_u64()
                        .or(finding["start"]["line"].as_u64())
                        .unwrap_or(0),
                    finding["message"].as_str().unwrap()
                )
            })
            .collect()
    }
}
