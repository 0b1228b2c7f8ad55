//! What is written, against the schemas of Kubernetes.

use std::process::{Command, Stdio};

use xtask::source::Source;

use crate::shop::Shop;
use crate::support::checkout;
use crate::{found, peers};

/// The releases that the manifests are for: the oldest that has all the fields, and a new one.
const RELEASES: [&str; 2] = ["1.31", "1.36"];

/// What is wrong with objects, by the schemas of a release.
fn violations(validator: &peers::KubernetesValidate, release: &str, text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.yaml");
    std::fs::write(&file, text).unwrap();
    let output = Command::new("python3")
        .args([
            "-m",
            "kubernetes_validate",
            "--strict",
            "--quiet",
            "-k",
            release,
        ])
        .arg(&file)
        .env("PYTHONPATH", &validator.packages)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    assert_eq!(output.status.success(), said.trim().is_empty(), "{said}");
    said
}

#[test]
fn what_is_put_to_work_fits_the_schemas() {
    let Some(validator) = found(peers::kubernetes_validate()) else {
        return;
    };
    let Some(kubectl) = found(peers::kubectl()) else {
        return;
    };
    let root = checkout();
    let mut all = String::new();
    for name in ["staging", "production"] {
        let folder = root.join("docker/deploy/kubernetes/overlays").join(name);
        let output = Command::new(&kubectl)
            .args(["kustomize", folder.as_str()])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        all.push_str("---\n");
        all.push_str(&text);
    }
    let shop = Shop::generated();
    for file in ["web", "stock", "network"] {
        all.push_str("---\n");
        all.push_str(&shop.read(&format!("k8s/base/{file}.yaml")));
    }
    let objects = xtask::deploy::Object::read(&Source::new("all", all.as_str())).unwrap();
    assert!(objects.len() > 70, "{}", objects.len());
    for release in RELEASES {
        assert_eq!(violations(&validator, release, &all), "", "{release}");
        // It would say so if something was wrong.
        let wrong = all.replacen("containerPort: ", "containerPorts: ", 1);
        assert!(
            violations(&validator, release, &wrong).contains("containerPort"),
            "{release}"
        );
    }
}
