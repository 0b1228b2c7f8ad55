use super::{Leg, Pipeline};
use crate::source::Source;
use crate::yaml::{self, Node};

fn pipeline() -> Pipeline {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Pipeline {
        manifest: "docker/docker.toml".to_owned(),
        action: ".github/actions/xtask".to_owned(),
        tool: texts(&["xtask/**", "Cargo.lock"]),
        branches: texts(&["main"]),
        pull_requests: texts(&["main", "it's"]),
        paths: texts(&["apps/**", "it's"]),
        legs: vec![
            Leg {
                platform: "linux/amd64".to_owned(),
                runner: "ubuntu-24.04".to_owned(),
            },
            Leg {
                platform: "linux/arm/v7".to_owned(),
                runner: "our own".to_owned(),
            },
        ],
        builder: "ci".to_owned(),
        registry: "ghcr.io".to_owned(),
        secrets: texts(&["NPM_TOKEN"]),
        has_cache: true,
        signs: true,
        timeout: 45,
    }
}

fn parsed(text: &str) -> Node {
    yaml::parse(&Source::new("w.yml", text)).unwrap()
}

fn texts(node: &Node) -> Vec<&str> {
    node.one_or_many().filter_map(Node::as_str).collect()
}

#[test]
fn what_is_written_is_read_as_it_was_meant() {
    let text = pipeline().workflow();
    let root = parsed(&text);
    let on = root.get("on").unwrap();
    assert_eq!(
        texts(on.at(&["pull_request", "branches"]).unwrap()),
        ["main", "it's"]
    );
    assert_eq!(
        texts(on.at(&["push", "paths"]).unwrap()),
        ["apps/**", "it's"]
    );
    assert!(on.at(&["pull_request", "paths"]).is_none());
    let jobs = root.get("jobs").unwrap();
    let names: Vec<&str> = jobs
        .entries()
        .iter()
        .filter_map(|job| job.key.as_str())
        .collect();
    assert_eq!(
        names,
        ["check", "judge", "comment", "build", "publish", "done"]
    );
    let leg = jobs
        .at(&["build", "strategy", "matrix", "include"])
        .unwrap()
        .items();
    assert_eq!(
        leg[1].get("name").and_then(Node::as_str),
        Some("linux-arm-v7")
    );
    assert_eq!(leg[1].get("runner").and_then(Node::as_str), Some("our own"));
    let steps = jobs.at(&["judge", "steps"]).unwrap().items();
    let token = steps.iter().find_map(|step| step.at(&["env", "NPM_TOKEN"]));
    assert_eq!(
        token.and_then(Node::as_str),
        Some("${{ secrets.NPM_TOKEN }}")
    );
    for job in jobs.entries() {
        assert!(job.value.get("timeout-minutes").is_some(), "{:?}", job.key);
        assert!(job.value.get("permissions").is_some(), "{:?}", job.key);
    }
    assert!(!text.lines().any(|line| line.ends_with(' ')), "{text}");
}

#[test]
fn only_what_is_needed_is_there() {
    let only_requests = Pipeline {
        branches: Vec::new(),
        paths: Vec::new(),
        has_cache: false,
        ..pipeline()
    };
    let text = only_requests.workflow();
    for absent in [
        "paths:",
        "packages:",
        "docker login",
        "\n  publish:",
        "\n  push:",
    ] {
        assert!(!text.contains(absent), "{absent}:\n{text}");
    }
    let unsigned = Pipeline {
        signs: false,
        pull_requests: Vec::new(),
        ..pipeline()
    };
    let text = unsigned.workflow();
    for absent in [
        "cosign",
        "id-token",
        "docker-sign",
        "docker-affected",
        "\n  judge:",
        "\n  pull_request:",
    ] {
        assert!(!text.contains(absent), "{absent}:\n{text}");
    }
}

#[test]
fn the_action_goes_by_what_the_tool_is_built_from() {
    let text = pipeline().action();
    let root = parsed(&text);
    let steps = root.at(&["runs", "steps"]).unwrap().items();
    let key = steps[0]
        .at(&["with", "key"])
        .and_then(Node::as_str)
        .unwrap();
    assert!(
        key.ends_with("hashFiles('xtask/**', 'Cargo.lock') }}"),
        "{key}"
    );
    let run = steps[1].get("run").and_then(Node::as_str).unwrap();
    assert!(
        run.contains("git ls-files -z -- xtask Cargo.lock |"),
        "{run}"
    );
}
