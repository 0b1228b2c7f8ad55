//! Pushing by digest for each platform, one index of them for each image, and tags, against a real registry.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail by panicking, and tell what was skipped"
)]

#[path = "../support/mod.rs"]
mod support;

mod bridge;

use bridge::Bridge;
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use support::registry::{Registry, docker, ok, stored, where_builds_run};
use support::{Machine, Shared, run, xtask};
use xtask::process::{Command, Output};

/// A project of two services, a registry, and a builder that can push by digest.
struct Stage {
    machine: Shared,
    registry: Registry,
    builder: String,
    dir: tempfile::TempDir,
}

impl Stage {
    fn new() -> Option<Self> {
        let machine = Shared::find()?;
        let dir = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(dir.path()).unwrap();
        let registry = Registry::start(&machine, folder)?;
        let host = machine.engine.variables.iter();
        let host = host.clone().find(|(name, _)| name == "DOCKER_HOST");
        let socket = host.map_or("/var/run/docker.sock", |(_, host)| {
            host.strip_prefix("unix://").unwrap()
        });
        let bridge = Bridge::open(folder, Utf8Path::new(socket));
        let builder = format!("push-test-{}", std::process::id());
        let root = folder.join("project");
        for service in ["api", "web"] {
            let folder = root.join("services").join(service);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("data"), service).unwrap();
            let file = format!("FROM scratch AS production\nCOPY services/{service}/data /data\n");
            std::fs::write(folder.join("Dockerfile"), file).unwrap();
        }
        std::fs::create_dir_all(root.join("docker")).unwrap();
        let text = format!(
            "schema_version = 1\n[project]\nname = \"shop\"\n[registry]\nhost = \"{}\"\nnamespace = \"acme\"\n\
             [services]\ndockerfiles = [\"services/*/Dockerfile\"]\n[platforms]\nrelease = [\"linux/amd64\", \"linux/arm64\"]\n\
             [attestations]\nsbom = false\n[audit]\nfile = \"trail.jsonl\"\n\
             [builders.{builder}]\ndriver = \"remote\"\n[[builders.{builder}.nodes]]\nplatforms = [\"linux/amd64\", \"linux/arm64\"]\nendpoint = \"unix://{}\"\n",
            registry.host, bridge.socket
        );
        std::fs::write(root.join("docker/docker.toml"), text).unwrap();
        Machine::lend_to(&root);
        std::fs::write(root.join(".gitignore"), "target\n*.json\n*.jsonl\n").unwrap();
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
        for arguments in [
            &["init", "--quiet", "--initial-branch=main"][..],
            &["add", "--all"],
            &["commit", "--quiet", "--message=x"],
        ] {
            let git = Command::new("git").dir(&root).args(identity);
            assert!(run(&git.args(arguments)).success(), "{arguments:?}");
        }
        Some(Self {
            machine,
            registry,
            builder,
            dir,
        })
    }

    fn root(&self) -> Utf8PathBuf {
        Utf8Path::from_path(self.dir.path())
            .unwrap()
            .join("project")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let command = xtask(&self.root(), arguments);
        run(&command.env("DOCKER_AUDIT_FILE", ""))
    }

    fn ok(&self, arguments: &[&str]) -> Output {
        let output = self.run(arguments);
        let (said, told) = (output.text(), output.error_text());
        assert_eq!(output.code, Some(0), "{arguments:?}: {said}\n{told}");
        output
    }

    fn build(&self, platform: &str, metadata: &str) {
        self.ok(&[
            "docker-build",
            self.machine.choice(),
            "--release",
            "--push-by-digest",
            "--tags-from-git",
            "--builder",
            &self.builder,
            "--platform",
            platform,
            "--metadata-file",
            metadata,
        ]);
    }

    fn push(&self, arguments: &[&str]) -> Output {
        self.run(&[&["docker-push", self.machine.choice()], arguments].concat())
    }

    fn name(&self, service: &str, tag: &str) -> String {
        self.registry.image(&format!("acme/shop-{service}:{tag}"))
    }

    /// What a tag names, byte for byte: the same bytes have the same digest.
    fn index(&self, service: &str, tag: &str) -> String {
        let name = self.name(service, tag);
        let inspect = docker(&self.machine.engine, &["buildx", "imagetools", "inspect"]);
        let inspect = where_builds_run(&self.machine.engine, inspect.args(["--raw", &name]));
        ok(&inspect).text()
    }

    fn is_there(&self, service: &str, tag: &str) -> bool {
        let name = self.name(service, tag);
        let inspect = docker(
            &self.machine.engine,
            &["buildx", "imagetools", "inspect", &name],
        );
        run(&support::registry::where_builds_run(
            &self.machine.engine,
            inspect,
        ))
        .success()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        run(&docker(
            &self.machine.engine,
            &["buildx", "rm", &self.builder],
        ));
    }
}

fn refused(output: &Output, code: i32, words: &[&str]) {
    let told = output.error_text();
    assert_eq!(output.code, Some(code), "{told}");
    for word in words {
        assert!(told.contains(word), "{word}: {told}");
    }
}

#[test]
fn platforms_pushed_by_digest_become_one_index_and_the_tags_move_together() {
    let Some(mut stage) = Stage::new() else {
        return;
    };
    // The engine's own builder refuses it: that is said before anything is built.
    let refused_at_once = stage.run(&["docker-build", "--push-by-digest"]);
    refused(&refused_at_once, 2, &["--builder"]);
    stage.build("linux/amd64", "amd64.json");
    stage.build("linux/arm64", "arm64.json");
    // So far nobody can pull anything by a name.
    for tag in ["dev", "latest", "main"] {
        assert!(!stage.is_there("api", tag), "{tag}");
    }

    refused(
        &stage.push(&["amd64.json", "--tag=v1"]),
        2,
        &[
            "`api` is not there for linux/arm64",
            "`web` is not there for linux/arm64",
        ],
    );
    refused(
        &stage.push(&["amd64.json", "amd64.json", "--tag=v1"]),
        2,
        &["is not there for linux/arm64"],
    );
    refused(
        &stage.push(&["amd64.json", "arm64.json"]),
        2,
        &["`api` gets no tag"],
    );
    refused(&stage.push(&["none.json", "--tag=v1"]), 2, &["none.json"]);

    let both = [
        "amd64.json",
        "arm64.json",
        "--tag=sha-1",
        "--annotation=a.b=c d",
    ];
    let dry = stage.push(&[&both[..], &["--dry-run", "--format=json"]].concat());
    let report: Value = serde_json::from_slice(&dry.stdout).unwrap();
    assert_eq!(
        report["images"][0]["platforms"],
        serde_json::json!(["linux/amd64", "linux/arm64"])
    );
    assert!(!stage.is_there("api", "sha-1"));

    let made = stage.push(&[&both[..], &["--metadata-file=pushed.json"]].concat());
    assert_eq!(made.code, Some(0), "{}", made.error_text());
    let index = stored(&stage.machine.engine, &stage.name("web", "sha-1"));
    let members = index["manifests"].as_array().unwrap();
    let of = |os: &str| {
        members
            .iter()
            .filter(|it| it["platform"]["os"] == os)
            .count()
    };
    // Two platforms, each with how it was built.
    assert_eq!((of("linux"), of("unknown")), (2, 2), "{index:#}");
    assert_eq!(index["annotations"]["a.b"], "c d");
    assert_eq!(
        index["annotations"]["org.opencontainers.image.title"],
        "shop-web"
    );

    let tags = stage.root().join("tags.json");
    let target = |service: &str| serde_json::json!({"tags": [stage.name(service, "v1"), stage.name(service, "latest")]});
    let bake = serde_json::json!({"target": {"api": target("api"), "web": target("web")}});
    std::fs::write(tags, bake.to_string()).unwrap();
    let moved = stage.push(&["pushed.json", "--tags-file=tags.json"]);
    assert_eq!(moved.code, Some(0), "{}", moved.error_text());
    for service in ["api", "web"] {
        let index = stage.index(service, "sha-1");
        for tag in ["v1", "latest"] {
            assert_eq!(stage.index(service, tag), index, "{service}:{tag}");
        }
    }
    // Of all images the first tag comes before the second of any.
    let told = moved.error_text();
    let order = |service: &str, tag: &str| {
        told.find(&format!("tagging {}", stage.name(service, tag)))
            .unwrap()
    };
    assert!(order("web", "v1") < order("api", "latest"), "{told}");

    let listed = stage.ok(&["docker-audit", "list", "--format=json"]).text();
    assert_eq!(listed.matches("\"push\"").count(), 4 + 2 + 4, "{listed}");

    stage.registry.stop();
    refused(
        &stage.push(&["pushed.json", "--tag=v2"]),
        3,
        &["cannot be asked"],
    );
}
