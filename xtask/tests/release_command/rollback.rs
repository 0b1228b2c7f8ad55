//! `docker-rollback`: which version, whether it may, and what comes of it.

use serde_json::Value;

use crate::drill::service;
use crate::stage::Stage;
use crate::support::registry::{docker, ok};

const TRUST: &str = "keys = [\"docker/cosign.pub\"]\nsigning_key = \"docker/cosign.key\"\n\
                     [rollback]\ncompose = [\"docker/compose.yaml\"]\npatience = \"40 seconds\"\n";

/// A service that is deployed by compose.
struct Deployment {
    stage: Stage,
}

impl Deployment {
    fn new() -> Option<Self> {
        let stage = Stage::new()?;
        stage.policy(TRUST);
        let compose = format!(
            "name: rollback-{}\nservices:\n  front:\n    image: {}:dev\n    read_only: true\n",
            std::process::id(),
            stage.name("api"),
        );
        std::fs::write(stage.root().join("docker/compose.yaml"), compose).unwrap();
        Some(Self { stage })
    }

    /// Builds and pushes a version; its digest.
    fn publish(&self, more: &str) -> String {
        service(&self.stage.root().join("services/api"), more);
        self.stage
            .ok(&["docker-build", "--push", self.stage.machine.choice(), "api"]);
        self.stage.digest("api")
    }

    fn sign(&self) {
        self.stage.sign(&["api"]);
    }

    /// What another program did with a digest.
    fn record(&self, action: &str, digest: &str, more: &[&str]) {
        let reference = format!("{}:dev", self.stage.name("api"));
        let of = ["--image=api", "--reference", &reference, "--digest", digest];
        self.stage
            .ok(&[&["docker-audit", "record", action], &of[..], more].concat());
    }

    /// The exit code, and what is told in JSON, or in words where it is no JSON.
    fn rollback(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let all = [
            &[
                "docker-rollback",
                "api",
                self.stage.machine.choice(),
                "--format=json",
            ],
            arguments,
        ]
        .concat();
        let output = self.stage.run(&all);
        let told = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| Value::from(output.error_text()));
        (output.code, told)
    }

    /// The digest that compose's container was started from, and its health.
    fn runs(&self) -> String {
        let format = "{{.Config.Image}} {{.State.Health.Status}}";
        let name = format!("rollback-{}-front-1", std::process::id());
        let inspect = ["container", "inspect", "--format", format, &name];
        let text = ok(&docker(&self.stage.machine.engine, &inspect)).text();
        text.split_once('@')
            .map_or(text.clone(), |(_, behind)| behind.to_owned())
    }

    fn trail(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.stage.file("trail.jsonl")).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        let project = format!("--project-name=rollback-{}", std::process::id());
        let down = ["compose", &project, "down", "--timeout=1"];
        let _ = crate::support::run(&docker(&self.stage.machine.engine, &down));
    }
}

#[test]
fn an_earlier_version_is_put_to_work_again_if_it_may_be() {
    let Some(it) = Deployment::new() else { return };
    let (code, told) = it.rollback(&[]);
    assert_eq!(code, Some(2), "{told}");

    let first = it.publish("ENV VERSION=1\n");
    it.record("deploy", &first, &[]);
    let (code, told) = it.rollback(&[]);
    assert_eq!(code, Some(2), "{told}");
    assert!(
        told.as_str().unwrap().contains("no earlier version of api"),
        "{told}"
    );

    let second = it.publish("ENV VERSION=2\n");
    assert_ne!(first, second);
    it.record("deploy", &second, &[]);

    // Neither signed nor scanned.
    let (code, told) = it.rollback(&["--apply"]);
    assert_eq!(code, Some(1), "{told:#}");
    let api = &told["services"][0];
    assert_eq!(
        (&api["from"], &api["to"]),
        (&Value::from(second.clone()), &Value::from(first.clone()))
    );
    let refusals = api["refusals"].as_array().unwrap();
    assert_eq!(refusals.len(), 2, "{told:#}");
    assert!(
        refusals[0].as_str().unwrap().contains("is not signed"),
        "{told:#}"
    );
    assert!(
        refusals[1].as_str().unwrap().contains("no scan of it"),
        "{told:#}"
    );
    assert_eq!(told["applied"], false);

    // Overriding needs a reason.
    let (code, told) = it.rollback(&["--unsafe-unsigned"]);
    assert_eq!(code, Some(2), "{told:#}");
    let (code, told) = it.rollback(&[
        "--unsafe-unsigned",
        "--unsafe-unscanned",
        "--reason=incident 42",
    ]);
    assert_eq!(code, Some(0), "{told:#}");
    assert_eq!(
        told["services"][0]["overridden"].as_array().unwrap().len(),
        2
    );

    it.record("scan", &first, &["--verdict=scan=fail"]);
    let (code, told) = it.rollback(&["--unsafe-unsigned", "--reason=x"]);
    assert_eq!(code, Some(1), "{told:#}");
    assert!(
        told["services"][0]["refusals"][0]
            .as_str()
            .unwrap()
            .contains("failed"),
        "{told:#}"
    );
    it.record("scan", &first, &["--verdict=scan=pass"]);

    // Signed by its tag's owner later on: what is signed is the digest.
    let pinned = format!("{}@{first}", it.stage.name("api"));
    it.stage.sign(&[&pinned]);
    let (code, told) = it.rollback(&[]);
    assert_eq!(code, Some(0), "{told:#}");
    assert_eq!(told["services"][0]["refusals"].as_array().unwrap().len(), 0);

    let (code, told) = it.rollback(&["--apply"]);
    assert_eq!(code, Some(0), "{told:#}");
    let result = &told["services"][0]["result"];
    assert_eq!(result["health"], "healthy", "{told:#}");
    assert!(result["took_ms"].as_u64().unwrap() < 120_000, "{told:#}");
    assert_eq!(it.runs(), format!("{first} healthy"));
    let last = it.trail().pop().unwrap();
    assert_eq!(last["action"], "rollback");
    assert_eq!(last["image"]["digest"], first);
    assert_eq!(last["details"]["from"], second);
    let health = last["verdicts"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&health["check"], &health["outcome"]),
        (&"health".into(), &"pass".into())
    );
    it.stage.ok(&["docker-audit", "verify"]);

    // There is nothing before it that was good.
    let (code, told) = it.rollback(&[]);
    assert_eq!(code, Some(2), "{told:#}");
    assert!(
        told.as_str().unwrap().contains("rolled back from"),
        "{told}"
    );

    // A version that never becomes healthy gives way to what ran before.
    let broken = it.publish(
        "ENV VERSION=3\nHEALTHCHECK --interval=1s --retries=1 --start-period=0s CMD [\"/nothing\"]\n",
    );
    it.sign();
    it.record("scan", &broken, &["--verdict=scan=pass"]);
    let (code, told) = it.rollback(&["--to", &broken, "--apply"]);
    assert_eq!(code, Some(4), "{told:#}");
    let result = &told["services"][0]["result"];
    assert_eq!(result["health"], "unhealthy", "{told:#}");
    assert_eq!(result["returned"]["health"], "healthy", "{told:#}");
    assert_eq!(it.runs(), format!("{first} healthy"));
    let trail = it.trail();
    let [.., failed, returned] = trail.as_slice() else {
        panic!("{trail:?}");
    };
    assert_eq!(failed["image"]["digest"], broken);
    assert_eq!(returned["image"]["digest"], first);

    // Digests for something else to apply.
    let file = it.stage.file("images/kustomization.yaml");
    let written = it.rollback(&["--to", &second, "--write-images", &file, "--apply"]);
    assert_eq!(
        written.0,
        Some(1),
        "the second version is neither signed nor scanned: {:#}",
        written.1
    );
    let options = [
        "--unsafe-unsigned",
        "--unsafe-unscanned",
        "--reason=x",
        "--to",
    ];
    let (code, told) =
        it.rollback(&[&options[..], &[&second, "--write-images", &file, "--apply"]].concat());
    assert_eq!(code, Some(0), "{told:#}");
    let text = std::fs::read_to_string(&file).unwrap();
    let expected = format!("  - name: {}\n    digest: {second}\n", it.stage.name("api"));
    assert!(
        text.contains("kind: Component") && text.ends_with(&expected),
        "{text}"
    );
    let last = it.trail().pop().unwrap();
    assert_eq!(last["details"]["reason"], "x");
    assert_eq!(last["details"]["overridden"], "signature, scan");

    // A trail that somebody wrote into chooses nothing.
    let trail = it.stage.file("trail.jsonl");
    let text = std::fs::read_to_string(&trail).unwrap();
    std::fs::write(&trail, text.replacen(&first, &broken, 1)).unwrap();
    let (code, told) = it.rollback(&[]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.as_str().unwrap().contains("is not whole"), "{told}");
}

#[test]
fn bad_input_is_told() {
    let Some(it) = Deployment::new() else { return };
    let told = |arguments: &[&str]| {
        let output = it
            .stage
            .run(&[&["docker-rollback", it.stage.machine.choice()], arguments].concat());
        assert_eq!(output.code, Some(2), "{}", output.error_text());
        output.error_text()
    };
    let digest = format!("sha256:{}", "ab".repeat(32));
    it.record("push", &digest, &[]);
    assert!(told(&[]).contains("no deployment of any service"));
    assert!(told(&["apo"]).contains("did you mean `api`?"));
    assert!(told(&["api"]).contains("no deployment of api that worked"));
    assert!(told(&["api", "--to", "v9"]).contains("knows no `v9` of api"));
    it.stage
        .policy("keys = [\"docker/cosign.pub\"]\n[rollback]\ntarget = \"file\"\n");
    let wrong = told(&["api"]);
    assert!(
        wrong.contains("docker.toml:") && wrong.contains("`images` names none"),
        "{wrong}"
    );
}
