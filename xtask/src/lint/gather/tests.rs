use super::*;
use crate::lint::model::Parent;
use crate::lint::{DiskFiles, Known};
use crate::project::Root;

/// What the first stage of a Dockerfile starts from: `path stage`.
fn start(surroundings: &Surroundings, path: &str) -> String {
    match &surroundings.dockerfiles[Utf8Path::new(path)].parents[0] {
        Parent::Own { model, stage } => format!("{} {stage}", model.file.source.path()),
        Parent::Image(image) => image.reference.clone(),
        other => format!("{other:?}"),
    }
}

const BASE: &str = "FROM node:20-alpine AS deps\nWORKDIR /app\nFROM deps AS builder\nFROM deps AS production\nRUN adduser -S app\n";

#[test]
fn images_of_the_repository_are_found_by_their_folder() {
    let found = Surroundings::of_texts(&[
        ("docker/base/Dockerfile", BASE),
        ("docker/Dockerfile.tools", "FROM alpine\n"),
        (
            "apps/a/Dockerfile",
            "ARG BASE_IMAGE=ghcr.io/o/jts-base:latest\nFROM ${BASE_IMAGE}\n",
        ),
        ("apps/b/Dockerfile", "FROM ghcr.io/o/jts-base-builder\n"),
        ("apps/c/Dockerfile", "FROM jts/base\n"),
        ("apps/d/Dockerfile", "FROM o/jts-tools\n"),
        ("apps/e/Dockerfile", "ARG T=o/x-tools:1\nFROM $T\n"),
        ("apps/f/Dockerfile", "FROM ghcr.io/o/jts-base@sha256:ab\n"),
        ("grafana/Dockerfile", "FROM grafana/grafana\n"),
        ("apps/g/Dockerfile", "FROM grafana/grafana\n"),
        ("redis/Dockerfile", "FROM alpine\n"),
        ("apps/h/Dockerfile", "FROM redis:7\n"),
    ]);
    for (path, expected) in [
        ("apps/a/Dockerfile", "docker/base/Dockerfile 2"),
        ("apps/b/Dockerfile", "docker/base/Dockerfile 1"),
        ("apps/c/Dockerfile", "docker/base/Dockerfile 2"),
        ("apps/d/Dockerfile", "o/jts-tools"),
        ("apps/e/Dockerfile", "docker/Dockerfile.tools 0"),
        ("apps/f/Dockerfile", "ghcr.io/o/jts-base@sha256:ab"),
        ("apps/g/Dockerfile", "grafana/grafana"),
        ("grafana/Dockerfile", "grafana/grafana"),
        ("apps/h/Dockerfile", "redis:7"),
    ] {
        assert_eq!(start(&found, path), expected, "{path}");
    }
    let model = &found.dockerfiles[Utf8Path::new("apps/a/Dockerfile")];
    let moment = model.final_stage().unwrap().end();
    assert_eq!(moment.workdir().yes().unwrap().value, "/app");
    assert_eq!(moment.has_user("app"), Known::Yes(true));
    assert_eq!(moment.has_user("nodejs"), Known::Yes(false));
    assert_eq!(
        found.own_images["ghcr.io/o/jts-base"],
        ("docker/base/Dockerfile".into(), 2)
    );
}

#[test]
fn the_manifest_says_which_images_are_its_own() {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/projects/shop");
    let project = Project::load(&Root {
        root: root.clone(),
        manifest: "docker/docker.toml".into(),
    })
    .unwrap();
    let dockerfiles = project.images.iter().map(|image| image.dockerfile.clone());
    let found = Surroundings::gather(
        Some(Box::new(DiskFiles::new(root))),
        dockerfiles.collect(),
        Some(&project),
    );
    let base = project.bases().next().unwrap();
    let name = project.image_name(&base.name);
    assert_eq!(
        found.own_images[&name],
        (base.path().to_owned(), base.production)
    );
    let mut starts_from_base = 0;
    for image in project.services() {
        let model = &found.dockerfiles[image.path()];
        starts_from_base += usize::from(model.parents.iter().any(|parent| {
                matches!(parent, Parent::Own { model, .. } if model.file.source.path() == base.path())
            }));
        assert_eq!(found.context(image.path()), "");
    }
    assert!(starts_from_base > 0);
}

#[test]
fn circles_end() {
    let found = Surroundings::of_texts(&[
        ("a/Dockerfile", "FROM ghcr.io/o/b\n"),
        ("b/Dockerfile", "FROM ghcr.io/o/c\n"),
        ("c/Dockerfile", "FROM ghcr.io/o/a\n"),
        ("d/Dockerfile", "FROM ghcr.io/o/d\n"),
    ]);
    assert_eq!(found.dockerfiles.len(), 4);
    assert_eq!(start(&found, "a/Dockerfile"), "b/Dockerfile 0");
    assert_eq!(start(&found, "c/Dockerfile"), "ghcr.io/o/a");
    assert_eq!(start(&found, "d/Dockerfile"), "ghcr.io/o/d");
}

#[test]
fn the_context_is_where_the_sources_are() {
    let found = Surroundings::of_texts(&[
        ("a/Dockerfile", "FROM x\nCOPY main.c lib /src/\n"),
        ("a/main.c", ""),
        ("a/lib/x", ""),
        ("b/Dockerfile", "FROM x\nCOPY b/main.c /src/\n"),
        ("b/main.c", ""),
    ]);
    assert_eq!(found.context(Utf8Path::new("a/Dockerfile")), "a");
    assert_eq!(found.context(Utf8Path::new("b/Dockerfile")), "");
}
