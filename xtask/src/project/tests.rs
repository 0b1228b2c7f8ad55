use super::*;
use crate::report::{Color, terminal};
use camino::{Utf8Path, Utf8PathBuf};

fn load(name: &str, manifest: &str) -> Project {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/projects")
        .join(name);
    let manifest = Utf8PathBuf::from(manifest);
    Project::load(&Root { root, manifest }).unwrap()
}

/// A project in a temporary folder from `path, text` pairs; what is wrong with it.
fn wrong(files: &[(&str, &str)]) -> String {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let root = Utf8Path::from_path(dir.path()).unwrap();
    let root = root::find(root, None).unwrap();
    let error = Project::load(&root).unwrap_err();
    assert_eq!(error.exit(), crate::error::Exit::Usage);
    terminal::error(&error, Color::Plain).replace(dir.path().to_str().unwrap(), "ROOT")
}

const MANIFEST: &str = "schema_version = 1\n[project]\nname = \"shop\"\n";

#[test]
fn a_monorepo_is_read_from_its_dockerfiles() {
    let project = load("shop", "docker/docker.toml");
    let seen: Vec<_> = project
        .images
        .iter()
        .map(|image| {
            (
                image.name.as_str(),
                image.role,
                image.stage_name(image.production),
                image.development.map(|stage| image.stage_name(stage)),
                image.port,
                image.health_path.as_deref(),
            )
        })
        .collect();
    let text = str::to_owned;
    assert_eq!(
        seen,
        [
            (
                "base",
                Role::Base,
                text("production"),
                Some(text("development")),
                None,
                None
            ),
            (
                "api",
                Role::Service,
                text("production"),
                Some(text("development")),
                Some(3001),
                Some("/health")
            ),
            (
                "worker",
                Role::Service,
                text("production"),
                None,
                None,
                None
            ),
        ]
    );
    assert_eq!(project.image_name("api"), "ghcr.io/acme/shop-api");
}

#[test]
fn another_layout_with_other_names_is_read_too() {
    let project = load("elsewhere", "ops/images.toml");
    let names: Vec<_> = project
        .services()
        .map(|s| (s.name.as_str(), s.port))
        .collect();
    assert_eq!(names, [("pay", Some(9000)), ("web", Some(8080))]);
    let web = project.image("web").unwrap();
    assert_eq!(web.health_path.as_deref(), Some("/ready"));
    assert_eq!(web.development, Some(1));
    assert_eq!(project.image_name("web"), "my-corp-web");
    assert_eq!(project.variable_prefix(), "MY_CORP");
}

#[test]
fn own_images_are_recognized_by_name_whatever_the_tag() {
    let project = load("shop", "docker/docker.toml");
    for (reference, expected) in [
        ("ghcr.io/acme/shop-base", Some(("base", "production"))),
        (
            "ghcr.io/acme/shop-base:latest",
            Some(("base", "production")),
        ),
        (
            "ghcr.io/acme/shop-base-builder:0.1",
            Some(("base", "builder")),
        ),
        ("ghcr.io/acme/shop-base-BUILDER", None),
        ("ghcr.io/acme/shop-api", Some(("api", "production"))),
        ("ghcr.io/acme/shop-base@sha256:ab", None),
        ("ghcr.io/acme/shop-base:1@sha256:ab", None),
        ("ghcr.io/other/shop-base", None),
        ("acme/shop-base", None),
        ("shop-base", None),
        ("node:20", None),
    ] {
        let own = project.own_image(reference);
        let own = own.map(|(image, stage)| (image.name.as_str(), image.stage_name(stage)));
        let own = own.as_ref().map(|(name, stage)| (*name, stage.as_str()));
        assert_eq!(own, expected, "{reference}");
    }
}

#[test]
fn no_service_is_an_error() {
    insta::assert_snapshot!(wrong(&[("docker/docker.toml", &format!("{MANIFEST}[services]\ndockerfiles = [\"srv/*/Dockerfile\"]\n"))]), @r#"
    error: no service matches "srv/*/Dockerfile"
     --> docker/docker.toml:5:16
      |
    5 | dockerfiles = ["srv/*/Dockerfile"]
      |                ^^^^^^^^^^^^^^^^^^
      |
      = help: `services.dockerfiles` names the Dockerfiles from the repository's root, such as "apps/*/Dockerfile"
      = help: the root is ROOT: the folder above the manifest's
    "#);
    assert!(
        wrong(&[("docker/docker.toml", MANIFEST)])
            .contains("no service matches \"apps/*/Dockerfile\"")
    );
}

#[test]
fn two_services_of_one_name_are_both_named() {
    let manifest = format!(
        "{MANIFEST}[services]\ndockerfiles = [\"apps/*/Dockerfile\", \"libs/*/Dockerfile\"]\n"
    );
    insta::assert_snapshot!(wrong(&[
        ("docker/docker.toml", &manifest),
        ("apps/a/Dockerfile", "FROM x AS production\n"),
        ("libs/a/Dockerfile", "FROM x AS production\n"),
    ]), @r#"
    error: two images are called `a`: apps/a/Dockerfile and libs/a/Dockerfile
     --> docker/docker.toml:5:37
      |
    5 | dockerfiles = ["apps/*/Dockerfile", "libs/*/Dockerfile"]
      |                                     ^^^^^^^^^^^^^^^^^^^
      |
      = help: rename one of the folders, or put one file on `services.exclude`
    "#);
}

#[test]
fn a_missing_stage_is_pointed_at_with_those_there_are() {
    let manifest = format!("{MANIFEST}[stages]\ndevelopment = \"dev\"\n");
    insta::assert_snapshot!(wrong(&[
        ("docker/docker.toml", &manifest),
        ("apps/a/Dockerfile", "FROM x AS build\nFROM x AS prodution\n"),
        ("apps/b/Dockerfile", "FROM x\n"),
    ]), @r#"
    error: a has no stage `production`
     --> apps/a/Dockerfile:2:1
      |
    2 | FROM x AS prodution
      | ^^^^^^^^^^^^^^^^^^^
      |
      = note: its stages are `build`, `prodution`
      = help: did you mean `prodution`?
      = help: name the stage with `FROM … AS production`, or set `stages.production` in the manifest

    error: b has no stage `production`
     --> apps/b/Dockerfile:1:1
      |
    1 | FROM x
      | ^^^^^^
      |
      = note: its stages have no names
      = help: name the stage with `FROM … AS production`, or set `stages.production` in the manifest
    "#);
}

#[test]
fn what_nobody_gives_is_pointed_at_where_it_is_asked_for() {
    let manifest = format!(
        "{MANIFEST}[registry]\nhost = \"r.io\"\n[base]\ndockerfile = \"base/Dockerfile\"\n[secrets.token]\nenv = \"X\"\n"
    );
    insta::assert_snapshot!(wrong(&[
        ("docker/docker.toml", &manifest),
        ("base/Dockerfile", "FROM x AS builder\nFROM x AS production\n"),
        (
            "apps/a/Dockerfile",
            "ARG OTHER\nFROM r.io/shop-base-bilder:1 AS b\nRUN --mount=type=secret,id=tokn x\nRUN --mount=type=secret,id=other x\nFROM $OTHER AS production\n",
        ),
    ]), @r#"
    error: `$OTHER` depends on `OTHER`, which has no value here
     --> apps/a/Dockerfile:5:6
      |
    5 | FROM $OTHER AS production
      |      ^^^^^^
      |
      = help: give it one before the first FROM: `ARG OTHER=…`, or in the manifest's [build.args]

    error: the manifest does not say where the secret `tokn` comes from
     --> apps/a/Dockerfile:3:5
      |
    3 | RUN --mount=type=secret,id=tokn x
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `token`?

    error: the manifest does not say where the secret `other` comes from
     --> apps/a/Dockerfile:4:5
      |
    4 | RUN --mount=type=secret,id=other x
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: add to docker/docker.toml: [secrets.other] with `file_env` or `env`

    error: the base `base` has no stage `bilder`
     --> apps/a/Dockerfile:2:6
      |
    2 | FROM r.io/shop-base-bilder:1 AS b
      |      ^^^^^^^^^^^^^^^^^^^^^^^
      |
      = note: base/Dockerfile's stages are `builder`, `production`
      = help: for an image of that name from elsewhere, give its digest
    "#);
}

#[test]
fn names_in_the_manifest_that_mean_nothing_are_pointed_at() {
    let manifest = format!(
        "{MANIFEST}[build.args]\nNODE_VERSON = 1\n[overrides.services.wrker]\nport = 1\n[budget.images.zzz]\nunpacked = \"1 MB\"\n\
         [[budget.exceptions]]\nimage = \"nope\"\nmeasure = \"unpacked\"\nlimit = \"1 MB\"\nreason = \"r\"\nexpires = 2027-01-01\n"
    );
    insta::assert_snapshot!(wrong(&[
        ("docker/docker.toml", &manifest),
        ("apps/worker/Dockerfile", "ARG NODE_VERSION=1\nFROM x AS production\n"),
    ]), @r#"
    error: there is no service `wrker`
     --> docker/docker.toml:6:21
      |
    6 | [overrides.services.wrker]
      |                     ^^^^^
      |
      = help: did you mean `worker`?

    error: there is no image `zzz`
     --> docker/docker.toml:8:16
      |
    8 | [budget.images.zzz]
      |                ^^^
      |
      = help: there are `worker`

    error: there is no image `nope`
      --> docker/docker.toml:11:9
       |
    11 | image = "nope"
       |         ^^^^^^
       |
       = help: there are `worker`

    error: no Dockerfile declares the build argument `NODE_VERSON`
     --> docker/docker.toml:5:1
      |
    5 | NODE_VERSON = 1
      | ^^^^^^^^^^^
      |
      = help: did you mean `NODE_VERSION`?
    "#);
}

#[test]
fn a_dockerfile_that_cannot_be_read_is_named() {
    let manifest = format!("{MANIFEST}[base]\ndockerfile = \"base/Dockerfile\"\n");
    let text = wrong(&[
        ("docker/docker.toml", &manifest),
        ("apps/a/Dockerfile", "FROM x AS production\nRUNN y\nCOPY\n"),
    ]);
    assert!(
        text.contains("failed to read base/Dockerfile") && text.contains("there is no such file"),
        "{text}"
    );
    assert!(text.contains("docker/docker.toml:5:14"), "{text}");
    assert!(
        text.contains("apps/a/Dockerfile:2:1") && text.contains("apps/a/Dockerfile:3:1"),
        "{text}"
    );
}

#[test]
fn a_name_bake_cannot_have_is_refused() {
    let text = wrong(&[
        ("docker/docker.toml", MANIFEST),
        ("apps/a.b/Dockerfile", "FROM x AS production\n"),
        ("apps/default/Dockerfile", "FROM x AS production\n"),
    ]);
    assert!(
        text.contains("\"a.b\" cannot be the name of a service"),
        "{text}"
    );
    assert!(text.contains("no image can be called `default`"), "{text}");
}
