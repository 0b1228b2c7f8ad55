//! Alerts by Prometheus' own tool, rules for Falco by the names that its library knows.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use xtask::source::Source;
use xtask::yaml::{self, Node};

use crate::support::checkout;
use crate::{found, peers};

fn folder(name: &str) -> Utf8PathBuf {
    checkout().join("docker/deploy").join(name)
}

/// What promtool says, and whether it is content.
fn promtool(program: &std::path::Path, arguments: &[&str], within: &Utf8Path) -> (bool, String) {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(within)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
fn alerts_fire_when_they_should_and_not_when_they_should_not() {
    let Some(program) = found(peers::promtool()) else {
        return;
    };
    let scratch = crate::support::scratch::Scratch::new();
    let copy = |name: &str| {
        let text = std::fs::read_to_string(folder("prometheus").join(name)).unwrap();
        std::fs::write(scratch.path.join(name), &text).unwrap();
        text
    };
    let alerts = copy("alerts.yaml");
    let tests = copy("alerts.test.yaml");
    let (good, said) = promtool(&program, &["check", "rules", "alerts.yaml"], &scratch.path);
    assert!(good, "{said}");
    let (good, said) = promtool(
        &program,
        &["test", "rules", "alerts.test.yaml"],
        &scratch.path,
    );
    assert!(good, "{said}");
    // Every alert has a test, in which it fires.
    for name in named(&alerts, "alert") {
        let fires = tests.split("alertname: ").any(|it| {
            it.starts_with(&format!("{name}\n"))
                && it
                    .split("- alertname")
                    .next()
                    .unwrap()
                    .contains("exp_alerts")
        });
        assert!(fires, "{name} has no test");
    }
    // A threshold that is moved is noticed.
    for (from, to) in [
        ("> 0.02 and", "> 0.2 and"),
        (
            "for: 2m\n        labels:\n          severity: page\n        annotations:\n          summary: '{{ $labels.app }} does",
            "for: 20m\n        labels:\n          severity: page\n        annotations:\n          summary: '{{ $labels.app }} does",
        ),
        (", route!=\"unmatched\"", ""),
        ("min_over_time", "max_over_time"),
    ] {
        assert!(alerts.contains(from), "{from}");
        std::fs::write(scratch.path.join("alerts.yaml"), alerts.replace(from, to)).unwrap();
        let (good, _) = promtool(
            &program,
            &["test", "rules", "alerts.test.yaml"],
            &scratch.path,
        );
        assert!(!good, "{from} → {to} changes nothing");
    }
}

#[test]
fn the_configuration_of_prometheus_is_one() {
    let Some(program) = found(peers::promtool()) else {
        return;
    };
    let scratch = crate::support::scratch::Scratch::new();
    let text = std::fs::read_to_string(folder("prometheus").join("prometheus.yaml")).unwrap();
    let alerts = std::fs::read_to_string(folder("prometheus").join("alerts.yaml")).unwrap();
    std::fs::write(scratch.path.join("alerts.yaml"), alerts).unwrap();
    let check = |text: &str| {
        std::fs::write(scratch.path.join("prometheus.yaml"), text).unwrap();
        promtool(
            &program,
            &["check", "config", "prometheus.yaml"],
            &scratch.path,
        )
    };
    let (good, said) = check(&text);
    // Debian builds it without Kubernetes; everything else is checked all the same.
    if !good {
        assert!(
            said.contains("field kubernetes_sd_configs not found"),
            "{said}"
        );
        let (good, said) = check(&without_discovery(&text));
        assert!(good, "{said}");
    }
    assert!(!check(&without_discovery(&text).replace("source_labels", "source_label")).0);
}

/// A configuration without `kubernetes_sd_configs` and what stands below them.
fn without_discovery(text: &str) -> String {
    let mut kept = String::new();
    let mut left_out = None;
    for line in text.lines() {
        let depth = line.len() - line.trim_start().len();
        if left_out.is_some_and(|deep| depth > deep) {
            continue;
        }
        left_out = None;
        let key = line.trim_start().trim_start_matches("- ");
        if key == "kubernetes_sd_configs:" {
            left_out = Some(line.find(key).unwrap());
            if line.trim_start().starts_with("- ") {
                kept.push_str(&line.replace(key, "scheme: http"));
                kept.push('\n');
            }
            continue;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

/// The values behind a key of the entries of a list, or of all groups' lists.
fn named(text: &str, key: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    let start = format!("- {key}: ");
    lines
        .filter_map(|line| Some(line.strip_prefix(&start)?.to_owned()))
        .collect()
}

/// Fields that are newer than the library of the distribution
/// (<https://falco.org/docs/reference/rules/supported-fields/>).
const NEWER: [&str; 1] = ["proc.is_exe_from_memfd"];

fn falco(name: &str) -> (Source, Vec<Node>) {
    let path = folder("falco").join(name);
    let source = Source::new(name, std::fs::read_to_string(path).unwrap());
    let items = yaml::parse(&source).unwrap().items().to_vec();
    (source, items)
}

/// The words of a condition or an output.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c)))
        .map(|word| word.trim_matches(['.', '-']))
        .filter(|word| !word.is_empty())
}

#[test]
fn rules_for_falco_name_only_what_there_is() {
    let (_, lists) = falco("lists.yaml");
    let (_, rules) = falco("rules.yaml");
    let mut known = BTreeSet::new();
    let mut fields = BTreeSet::new();
    let mut count = 0;
    for item in lists.iter().chain(&rules) {
        let keys: Vec<&str> = item
            .entries()
            .iter()
            .filter_map(|it| it.key.as_str())
            .collect();
        let (what, expected): (&str, &[&str]) = match keys[0] {
            "list" => ("list", &["list", "items"]),
            "macro" => ("macro", &["macro", "condition"]),
            "rule" => (
                "rule",
                &["rule", "desc", "condition", "output", "priority", "tags"],
            ),
            other => {
                assert_eq!(other, "required_engine_version");
                continue;
            }
        };
        assert_eq!(keys, expected);
        let name = item.get(what).unwrap().as_str().unwrap();
        let condition = item
            .get("condition")
            .and_then(Node::as_str)
            .unwrap_or_default();
        let depth = condition.chars().try_fold(0_i32, |depth, c| match c {
            '(' => Some(depth + 1),
            ')' => (depth > 0).then_some(depth - 1),
            _ => Some(depth),
        });
        assert_eq!(depth, Some(0), "{name}: parentheses");
        for word in words(condition) {
            if word.starts_with("jts_") {
                assert!(
                    known.contains(word),
                    "{name} names {word}, which comes later or never"
                );
            }
            let class = word.split('.').next().unwrap();
            if word.contains('.')
                && ["evt", "proc", "fd", "user", "container", "k8s"].contains(&class)
            {
                fields.insert(word.to_owned());
            }
        }
        let output = item
            .get("output")
            .and_then(Node::as_str)
            .unwrap_or_default();
        let shown = output.split('%').skip(1);
        fields.extend(shown.filter_map(|it| words(it).next()).map(str::to_owned));
        if what == "rule" {
            count += 1;
            assert!(
                condition.contains("jts_"),
                "{name} is not about our containers alone"
            );
            let priority = item.get("priority").and_then(Node::as_str).unwrap();
            assert!(["CRITICAL", "WARNING"].contains(&priority), "{name}");
        }
        known.insert(name.to_owned());
    }
    assert!(count >= 9 && fields.len() >= 15, "{count} {fields:?}");
    let Some(library) = found(peers::libsinsp()) else {
        return;
    };
    let reads = |field: &str| {
        let text = field.as_bytes();
        library.windows(text.len()).any(|window| window == text)
    };
    assert!(!reads("proc.nothing_of_the_kind"));
    let unknown: Vec<&String> = fields
        .iter()
        .filter(|field| !reads(field) && !NEWER.contains(&field.as_str()))
        .collect();
    assert!(
        unknown.is_empty(),
        "Falco's library does not know {unknown:?}"
    );
}

#[test]
fn what_ships_logs_is_yaml_and_holds_no_secret() {
    let path = folder("logging").join("filebeat.yaml");
    let source = Source::new("filebeat.yaml", std::fs::read_to_string(path).unwrap());
    let root = yaml::parse(&source).unwrap();
    let key = root
        .get("output.elasticsearch")
        .and_then(|it| it.get("api_key"));
    assert_eq!(key.and_then(Node::as_str), Some("${ELASTICSEARCH_API_KEY}"));
    // The namespaces of the overlays are what is shipped.
    let paths = root.get("filebeat.inputs").unwrap().items()[0]
        .get("paths")
        .unwrap();
    assert_eq!(
        paths.items()[0].as_str(),
        Some("/var/log/containers/*_jts-*_*.log")
    );
}
