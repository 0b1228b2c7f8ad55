//! Which builds an environment runs.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::Generated;
use super::lines::Lines;

/// The component that gives an environment its images, by the images' names.
#[must_use]
pub fn images(environment: &Utf8Path, digests: &BTreeMap<String, String>) -> Generated {
    let mut lines = head(environment);
    lines.at(0, "images:");
    for (name, digest) in digests {
        lines.at(1, format!("- name: {name}"));
        lines.at(2, format!("digest: {digest}"));
    }
    file(environment, lines)
}

/// The component of an environment that nobody has given images yet.
#[must_use]
pub fn no_images(environment: &Utf8Path) -> Generated {
    let mut lines = head(environment);
    lines.at(0, "images: []");
    file(environment, lines)
}

fn head(environment: &Utf8Path) -> Lines {
    let name = environment.file_name().unwrap_or_default();
    let mut lines = Lines::new();
    lines.at(
        0,
        format!("# The builds that {name} runs: `cargo xtask docker-deploy {name} --write --images FILE` writes them."),
    );
    lines.at(0, "apiVersion: kustomize.config.k8s.io/v1alpha1");
    lines.at(0, "kind: Component");
    lines
}

fn file(environment: &Utf8Path, lines: Lines) -> Generated {
    Generated {
        path: environment.join("images/kustomization.yaml"),
        text: lines.text(),
    }
}
