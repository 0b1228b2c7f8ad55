//! The plan of small projects. Whether buildx understands the file the same way is asked in `tests/bake_oracle.rs`.

use super::*;
use crate::project::{Project, Root};
use crate::report::{Color, terminal};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;

fn project(name: &str, manifest: &str) -> Project {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/projects")
        .join(name);
    let manifest = Utf8PathBuf::from(manifest);
    Project::load(&Root { root, manifest }).unwrap()
}

fn shop() -> Plan {
    Plan::new(
        &project("shop", "docker/docker.toml"),
        &PlanOptions::default(),
    )
    .unwrap()
}

fn elsewhere() -> Plan {
    Plan::new(
        &project("elsewhere", "ops/images.toml"),
        &PlanOptions::default(),
    )
    .unwrap()
}

/// A plan of Dockerfiles `path, text`, or what is wrong with it.
fn planned(files: &[(&str, &str)]) -> Result<Plan, String> {
    let dir = tempfile::tempdir().unwrap();
    let manifest = "schema_version = 1\n[project]\nname = \"p\"\n[registry]\nhost = \"r.io\"\n[base]\ndockerfile = \"base/Dockerfile\"\n";
    for (path, text) in files.iter().chain(&[("docker/docker.toml", manifest)]) {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let root = Utf8Path::from_path(dir.path()).unwrap().to_owned();
    let root = Root {
        root,
        manifest: "docker/docker.toml".into(),
    };
    Project::load(&root)
        .and_then(|project| Plan::new(&project, &PlanOptions::default()))
        .map_err(|error| terminal::error(&error, Color::Plain))
}

#[test]
fn the_bake_file_of_a_shop() {
    insta::assert_snapshot!(shop().hcl());
}

#[test]
fn the_bake_file_of_another_layout() {
    insta::assert_snapshot!(elsewhere().hcl());
}

#[test]
fn the_plan_as_data() {
    insta::assert_snapshot!(elsewhere().json());
}

#[test]
fn planning_twice_gives_the_same_text() {
    assert_eq!(shop().hcl(), shop().hcl());
}

#[test]
fn what_services_need_of_the_base_is_built_and_nothing_else() {
    let plan = shop();
    let names: Vec<&str> = plan.targets.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "base",
            "base-builder",
            "base-development",
            "api",
            "api-development",
            "worker"
        ]
    );
}

#[test]
fn trap_context_keys_are_as_buildkit_looks_them_up() {
    let plan = shop();
    let contexts: Vec<(&str, &str)> = plan
        .target("api")
        .unwrap()
        .contexts
        .iter()
        .map(|(key, target)| (key.as_str(), target.as_str()))
        .collect();
    // `:latest` is trimmed, another tag is kept.
    assert_eq!(
        contexts,
        [
            ("ghcr.io/acme/shop-base", "base"),
            ("ghcr.io/acme/shop-base-builder:0.1", "base-builder"),
        ]
    );
}

#[test]
fn trap_a_linked_target_has_every_platform_of_its_consumers() {
    let plan = shop();
    let platforms = |name: &str| plan.target(name).unwrap().platforms;
    // api bundles on the builder's platform, worker on that of its image.
    assert_eq!(
        platforms("base-builder"),
        Platforms {
            target: true,
            build: true
        }
    );
    assert_eq!(
        platforms("base"),
        Platforms {
            target: true,
            build: false
        }
    );
    let plan = planned(&[
        ("base/Dockerfile", "FROM x AS os\nFROM os AS builder\nFROM os AS production\n"),
        ("apps/a/Dockerfile", "FROM --platform=$BUILDPLATFORM r.io/p-base-builder AS b\nFROM r.io/p-base AS production\nCOPY --from=b / /\n"),
    ])
    .unwrap();
    assert_eq!(
        plan.target("base-builder").unwrap().platforms,
        Platforms {
            target: false,
            build: true
        }
    );
}

#[test]
fn trap_platforms_spread_through_several_links() {
    let plan = planned(&[
        ("base/Dockerfile", "FROM x AS production\n"),
        ("apps/tools/Dockerfile", "FROM r.io/p-base AS kit\nFROM kit AS production\n"),
        ("apps/a/Dockerfile", "FROM --platform=$BUILDPLATFORM r.io/p-tools-kit AS b\nFROM r.io/p-base AS production\nCOPY --from=b / /\n"),
    ])
    .unwrap();
    assert_eq!(
        plan.target("tools-kit").unwrap().platforms,
        Platforms {
            target: false,
            build: true
        }
    );
    assert_eq!(
        plan.target("base").unwrap().platforms,
        Platforms {
            target: true,
            build: true
        }
    );
}

#[test]
fn trap_a_linked_image_cannot_have_a_fixed_platform() {
    let error = planned(&[
        ("base/Dockerfile", "FROM x AS production\n"),
        (
            "apps/a/Dockerfile",
            "FROM --platform=linux/s390x r.io/p-base AS production\n",
        ),
    ])
    .unwrap_err();
    insta::assert_snapshot!(error, @r#"
    error: `r.io/p-base` is built here and cannot be asked for by a fixed platform
     --> apps/a/Dockerfile:1:29
      |
    1 | FROM --platform=linux/s390x r.io/p-base AS production
      |                             ^^^^^^^^^^^
      |
      = help: use `--platform=$BUILDPLATFORM`, or no platform for that of the image
    "#);
}

#[test]
fn trap_a_context_must_not_replace_a_stage() {
    // Only a name without a registry can be that of a stage.
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "docker/docker.toml",
        "schema_version = 1\n[project]\nname = \"p\"\n[base]\ndockerfile = \"base/Dockerfile\"\n",
    );
    write("base/Dockerfile", "FROM x AS production\n");
    write(
        "apps/a/Dockerfile",
        "FROM p-base AS production\nFROM x AS P-BASE\n",
    );
    let root = Utf8Path::from_path(dir.path()).unwrap().to_owned();
    let project = Project::load(&Root {
        root,
        manifest: "docker/docker.toml".into(),
    })
    .unwrap();
    let error = Plan::new(&project, &PlanOptions::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("apps/a/Dockerfile:1:6: the stage `p-base` has the name of an image"),
        "{error}"
    );
}

#[test]
fn trap_circles_are_named() {
    let error = planned(&[
        ("base/Dockerfile", "FROM r.io/p-a AS production\n"),
        ("apps/a/Dockerfile", "FROM r.io/p-base AS production\n"),
        ("apps/b/Dockerfile", "FROM x AS production\n"),
    ])
    .unwrap_err();
    assert!(
        error.contains("in a circle") && error.contains("`base`, `a`") && !error.contains("`b`"),
        "{error}"
    );
}

#[test]
fn trap_two_targets_of_one_name() {
    // Which of the two `r.io/p-base-builder` means would be anyone's guess.
    let error = planned(&[
        (
            "base/Dockerfile",
            "FROM x AS Builder\nFROM x AS production\n",
        ),
        ("apps/base-builder/Dockerfile", "FROM x AS production\n"),
    ])
    .unwrap_err();
    insta::assert_snapshot!(error, @r#"
    error: the stage `builder` and the image `base-builder` would both be called p-base-builder
     --> base/Dockerfile:1:1
      |
    1 | FROM x AS Builder
      | ^^^^^^^^^^^^^^^^^
      |
      = help: rename the stage, or the folder of apps/base-builder/Dockerfile
    "#);
    let error = planned(&[
        ("base/Dockerfile", "FROM x AS production\n"),
        (
            "apps/a/Dockerfile",
            "FROM x AS development\nFROM x AS production\n",
        ),
        ("apps/a-development/Dockerfile", "FROM x AS production\n"),
    ])
    .unwrap_err();
    assert!(
        error.contains("two targets are called `a-development`"),
        "{error}"
    );
}

#[test]
fn named_folders_reach_every_target_and_are_no_images() {
    let project = project("shop", "docker/docker.toml");
    let mut manifest = project.manifest.clone();
    let lib = ("lib".to_owned(), "libs/shared".into());
    manifest.build.contexts.extend([lib]);
    let project = Project {
        manifest,
        ..project
    };
    let plan = Plan::new(&project, &PlanOptions::default()).unwrap();
    for target in &plan.targets {
        assert_eq!(target.folders["lib"], "libs/shared", "{}", target.name);
        assert!(
            !target
                .external_images
                .iter()
                .any(|image| image.contains("lib:"))
        );
    }
    let text = plan.hcl();
    let line = text.lines().find(|line| line.contains("\"libs/shared\""));
    assert!(line.is_some_and(|line| line.contains("lib")), "{text}");
}

#[test]
fn trap_a_digest_is_an_image_from_outside() {
    let image = format!("r.io/p-base:1@sha256:{}", "ab".repeat(32));
    let dockerfile = format!("FROM {image} AS production\n");
    let plan = planned(&[
        ("base/Dockerfile", "FROM x AS production\n"),
        ("apps/a/Dockerfile", &dockerfile),
    ])
    .unwrap();
    let target = plan.target("a").unwrap();
    assert!(target.contexts.is_empty());
    assert_eq!(target.external_images, [image].into());
}

#[test]
fn trap_target_names_are_those_bake_allows() {
    let error = planned(&[
        (
            "base/Dockerfile",
            "FROM x AS build.er\nFROM x AS production\n",
        ),
        (
            "apps/a/Dockerfile",
            "FROM r.io/p-base-build.er AS production\n",
        ),
    ])
    .unwrap_err();
    assert!(
        error.contains("\"base-build.er\" cannot be the name of a bake target"),
        "{error}"
    );
}

#[test]
fn a_target_gets_the_arguments_it_declares() {
    let plan = shop();
    let names = |target: &str| -> Vec<&str> {
        plan.target(target)
            .unwrap()
            .arguments
            .keys()
            .map(String::as_str)
            .collect()
    };
    assert_eq!(names("base"), ["NODE_VERSION", "VCS_REF"]);
    assert_eq!(names("base-builder"), ["NODE_VERSION"]);
    assert_eq!(names("api"), [""; 0]);
    // Declared in the global scope, and in a stage.
    assert_eq!(names("worker"), ["NODE_VERSION", "ODD"]);
}

#[test]
fn build_arguments_decide_what_is_linked() {
    let project = project("shop", "docker/docker.toml");
    let options = |name: &str, value: &str| PlanOptions {
        arguments: BTreeMap::from([(name.to_owned(), value.to_owned())]),
    };
    let plan = Plan::new(&project, &options("BASE_IMAGE", "alpine:3")).unwrap();
    let api = plan.target("api").unwrap();
    assert!(!api.contexts.contains_key("ghcr.io/acme/shop-base"));
    assert!(api.external_images.contains("alpine:3"));
    assert!(
        plan.variables
            .iter()
            .any(|v| v.name == "SHOP_ARG_BASE_IMAGE")
    );
    let error = Plan::new(&project, &options("NODE_VERSIO", "1"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("did you mean `NODE_VERSION`?"), "{error}");
}

#[test]
fn what_is_pushed_by_digest_has_no_tag() {
    let shop = shop();
    let api = shop.target("api").unwrap();
    let text = shop.by_digest([api]);
    assert_eq!(text.matches("target \"").count(), 1, "{text}");
    let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(squeezed.contains("tags = []"), "{text}");
    let name = r#"name=${join("/", compact([SHOP_REGISTRY, SHOP_NAMESPACE, "shop-api"]))}"#;
    assert!(text.contains(name), "{text}");
    assert!(
        text.contains("push-by-digest=true,name-canonical=true,push=true"),
        "{text}"
    );
}

#[test]
fn an_overlay_replaces_images_where_they_are_needed() {
    let images = BTreeMap::from([(
        "docker.io/library/node:20.18.0-alpine".to_owned(),
        "docker-image://stand-in".to_owned(),
    )]);
    let labels = BTreeMap::from([("stand-in".to_owned(), "1".to_owned())]);
    insta::assert_snapshot!(shop().overlay(&images, &BTreeMap::new()), @r#"
    # For one run; made by `cargo xtask docker-build`.

    target "base" {
      contexts = {
        "node:20.18.0-alpine" = "docker-image://stand-in"
      }
    }

    target "base-builder" {
      contexts = {
        "node:20.18.0-alpine" = "docker-image://stand-in"
      }
    }

    target "base-development" {
      contexts = {
        "node:20.18.0-alpine" = "docker-image://stand-in"
      }
    }
    "#);
    assert_eq!(
        shop()
            .overlay(&BTreeMap::new(), &labels)
            .matches("stand-in")
            .count(),
        6
    );
}

#[test]
fn a_selection_brings_what_it_is_linked_to() {
    let plan = shop();
    let names: Vec<&str> = plan
        .closure(["worker"])
        .into_iter()
        .map(|t| t.name.as_str())
        .collect();
    assert_eq!(names, ["base", "base-builder", "worker"]);
    let group: Vec<&str> = plan
        .select("default")
        .into_iter()
        .map(|t| t.name.as_str())
        .collect();
    assert_eq!(group, ["base", "api", "worker"]);
    assert!(plan.select("nope").is_empty());
}

#[test]
fn inputs_become_variables() {
    let inputs = Inputs {
        tags: vec!["1".into(), "latest".into()],
        platforms: vec!["linux/arm64".into()],
        release: true,
        cache: CacheUse::Write,
        secrets: [("ca".to_owned(), "/ca.pem".to_owned())].into(),
        arguments: [("EMPTY".to_owned(), String::new())].into(),
        ..Inputs::default()
    };
    let variables = inputs.variables(&shop());
    let variables: Vec<String> = variables.iter().map(|(n, v)| format!("{n}={v}")).collect();
    assert_eq!(
        variables,
        [
            "SHOP_ARG_EMPTY=",
            "SHOP_CACHE=write",
            "SHOP_PLATFORMS=linux/arm64",
            "SHOP_RELEASE=1",
            "SHOP_SECRET_CA=/ca.pem",
            "SHOP_TAG=1,latest",
        ]
    );
}
