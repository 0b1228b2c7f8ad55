//! A project whose services are one small program, started in different moods.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use xtask::process::{Command, Output, Runner as _, System};

use crate::support::static_program::static_program;
use crate::support::{Machine, Shared, ask, xtask};

/// What a fleet consists of.
pub(crate) struct Fleet {
    pub(crate) compose: &'static str,
    pub(crate) manifest: &'static str,
}

/// Three services that do everything right.
pub(crate) const GOOD: Fleet = Fleet {
    compose: "services:
  web:
    image: shop-member
    environment: {PEERS: 'http://api:8080'}
    ports: ['8080:8080']
    container_name: web
    depends_on: {api: {condition: service_healthy}}
  api:
    image: shop-member
    environment: {PEERS: 'http://store:8080', HOOK_URL: 'hook=http://hook:9000/x'}
    depends_on: {store: {condition: service_healthy}}
  store:
    image: shop-member
",
    manifest: r#"
[[test.fleet.receivers]]
name = "hook"
port = 9000

[[test.fleet.scenarios]]
name = "what is stored is there"

[[test.fleet.scenarios.steps]]
service = "store"
method = "POST"
path = "/items/{run}"
json = {}
status = 201
capture = { item = "/id" }

[[test.fleet.scenarios.steps]]
service = "store"
path = "/items/{item}"
expect = { "/id" = "{run}" }

[test.fleet.load]
rate = 20

[[test.fleet.load.requests]]
service = "web"
path = "/items/"

[[test.fleet.load.requests]]
service = "api"
path = "/health"

[[test.fleet.bursts]]
name = "twenty at once"
at_once = 20
requests = 60
answers = [200]
[test.fleet.bursts.send]
service = "api"
path = "/items/"

[[test.fleet.outages]]
service = "store"
lasts = "1 second"
[test.fleet.outages.send]
service = "web"
method = "POST"
path = "/items/{run}-{n}"
status = 201
capture = { item = "/id" }
[test.fleet.outages.confirm]
service = "web"
path = "/items/{item}"
"#,
};

/// The project, built.
pub(crate) struct Shop {
    pub(crate) machine: Shared,
    dir: tempfile::TempDir,
}

/// What a run told.
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    /// All that it printed.
    pub(crate) text: String,
    verdicts: Vec<Value>,
}

impl Shop {
    /// `None`, with the reason printed, where there is no engine and a skipped test is acceptable.
    pub(crate) fn new() -> Option<Self> {
        let machine = Shared::find()?;
        let shop = Self {
            machine,
            dir: tempfile::tempdir().unwrap(),
        };
        let root = shop.root();
        let folder = root.join("services/member");
        std::fs::create_dir_all(&folder).unwrap();
        let program = include_str!("../../testdata/fleet/member.rs");
        static_program(&folder, "member", program);
        let dockerfile = "FROM scratch AS production
COPY services/member/member /member
EXPOSE 8080
HEALTHCHECK --interval=2s --timeout=2s --start-period=20s --start-interval=200ms --retries=2 \\
    CMD [\"/member\", \"probe\", \"http://127.0.0.1:8080/health\"]
CMD [\"/member\"]
";
        std::fs::write(folder.join("Dockerfile"), dockerfile).unwrap();
        Machine::lend_to(&root);
        shop.fleet(GOOD.compose, "");
        let build = shop.command(&["docker-build", shop.machine.choice()]);
        let output = crate::support::run(&build);
        assert!(output.success(), "{}", output.error_text());
        Some(shop)
    }

    pub(crate) fn root(&self) -> Utf8PathBuf {
        Utf8Path::from_path(self.dir.path()).unwrap().join("shop")
    }

    /// Writes the compose file, and the manifest with these lines behind `compose`.
    pub(crate) fn fleet(&self, compose: &str, manifest: &str) {
        let root = self.root();
        std::fs::create_dir_all(root.join("docker")).unwrap();
        std::fs::write(root.join("compose.yaml"), compose).unwrap();
        let text = format!(
            "schema_version = 1\n[project]\nname = \"shop\"\n[services]\ndockerfiles = [\"services/*/Dockerfile\"]\n\
             [test.fleet]\ncompose = [\"compose.yaml\"]\n{manifest}"
        );
        std::fs::write(root.join("docker/docker.toml"), text).unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        xtask(&self.root(), arguments)
    }

    /// What tries the fleet.
    pub(crate) fn trial(&self) -> Command {
        let arguments = [
            "docker-test",
            "--suite=fleet",
            "--format=json",
            self.machine.choice(),
        ];
        self.command(&arguments).within(Duration::from_mins(8))
    }

    /// Tries the fleet.
    pub(crate) fn tried(&self) -> Told {
        Told::of(&System::default().run(&self.trial()).unwrap())
    }

    /// Containers, networks and volumes of trials of this project.
    pub(crate) fn left(&self) -> Vec<String> {
        let folder = self
            .root()
            .join("target/docker-test")
            .canonicalize_utf8()
            .unwrap();
        let filter = format!("label=dev.xtask-docker.folder={folder}");
        let lists: [&[&str]; 4] = [
            &["ps", "--all"],
            &["network", "ls"],
            &["volume", "ls"],
            &["image", "ls", "--filter=reference=xtask-docker-pause"],
        ];
        let mut left = Vec::new();
        for list in lists {
            let found = ask(&[list, &["--quiet", "--filter", &filter]].concat()).unwrap();
            left.extend(found.lines().map(|id| format!("{} {id}", list.join(" "))));
        }
        left
    }

    pub(crate) fn assert_nothing_is_left(&self) {
        assert_eq!(self.left(), Vec::<String>::new());
        let folder = self.root().join("target/docker-test");
        let files = folder
            .read_dir_utf8()
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_owned());
        let left: Vec<String> = files
            .filter(|name| matches!(Utf8Path::new(name).extension(), Some("json" | "lock")))
            .collect();
        assert_eq!(left, Vec::<String>::new());
    }
}

impl Told {
    pub(crate) fn of(output: &Output) -> Self {
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let verdicts = report
            .pointer("/subjects/0/verdicts")
            .and_then(Value::as_array);
        Self {
            code: output.code,
            text: format!("{}\n{}", output.error_text(), output.text()),
            verdicts: verdicts.cloned().unwrap_or_default(),
        }
    }

    /// How a property was found, as often as it was.
    pub(crate) fn outcomes(&self, name: &str) -> Vec<String> {
        let named = self
            .verdicts
            .iter()
            .filter(|verdict| verdict["property"] == name);
        named
            .map(|verdict| verdict["outcome"].as_str().unwrap().to_owned())
            .collect()
    }

    /// What failed is exactly this, by name, and once at least.
    pub(crate) fn assert_failed(&self, expected: &[&str]) {
        assert!(!self.verdicts.is_empty(), "{}", self.text);
        let failed = self
            .verdicts
            .iter()
            .filter(|verdict| verdict["outcome"] == "failed");
        let mut names: Vec<&str> = failed
            .map(|verdict| verdict["property"].as_str().unwrap())
            .collect();
        names.sort_unstable();
        names.dedup();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(names, expected, "{}", self.text);
    }

    /// The evidence of all verdicts on a property that failed, line by line.
    pub(crate) fn evidence(&self, name: &str) -> String {
        let failed =
            |verdict: &&Value| verdict["property"] == name && verdict["outcome"] == "failed";
        let lines = self
            .verdicts
            .iter()
            .filter(failed)
            .filter_map(|verdict| verdict["evidence"].as_array());
        let lines: Vec<&str> = lines.flatten().filter_map(Value::as_str).collect();
        lines.join("\n")
    }
}
