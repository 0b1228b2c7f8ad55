//! Manifest, Dockerfiles and arguments that cannot be right: exit code 2, before any engine is asked.

use camino::Utf8Path;

use crate::fixture::Fixture;
use crate::support::xtask;

/// A fixture with one place of its manifest changed, and what `docker-build` says of it.
fn with_manifest(old: &str, new: &str) -> String {
    let fixture = Fixture::new();
    fixture.edit("docker/docker.toml", old, new);
    fixture.build(&[])
}

#[test]
fn a_manifest_that_is_no_toml() {
    insta::assert_snapshot!(with_manifest("[registry]", "[registry"), @"
    exit 2

    error: the manifest is not TOML: unclosed table, expected `]`
     --> docker/docker.toml:6:10
      |
    6 | [registry
      |          ^
    ");
}

#[test]
fn an_unknown_key_in_the_manifest() {
    insta::assert_snapshot!(with_manifest("namespace =", "namespaze ="), @r#"
    exit 2

    error: unknown key `registry.namespaze`
     --> docker/docker.toml:8:1
      |
    8 | namespaze = "team"
      | ^^^^^^^^^
      |
      = help: did you mean `namespace`?
    "#);
}

#[test]
fn a_size_that_is_none() {
    insta::assert_snapshot!(with_manifest("150 MB", "150 MiBytes"), @r#"
    exit 2

    error: `budget.unpacked`: "150 MiBytes" is not a size: expected a number and a unit such as "150 MB" or "96 MiB"
      --> docker/docker.toml:17:12
       |
    17 | unpacked = "150 MiBytes"
       |            ^^^^^^^^^^^^^
    "#);
}

#[test]
fn every_mistake_at_once() {
    let fixture = Fixture::new();
    fixture.edit("docker/docker.toml", "150 MB", "much");
    fixture.edit("docker/docker.toml", "[services]", "[servises]");
    insta::assert_snapshot!(fixture.build(&[]), @r#"
    exit 2

    error: unknown key `servises`
      --> docker/docker.toml:13:2
       |
    13 | [servises]
       |  ^^^^^^^^
       |
       = help: did you mean `services`?

    error: `budget.unpacked`: "much" is not a size: expected a number and a unit such as "150 MB" or "96 MiB"
      --> docker/docker.toml:17:12
       |
    17 | unpacked = "much"
       |            ^^^^^^
    "#);
}

#[test]
fn no_manifest_at_all() {
    let outside = tempfile::tempdir().unwrap();
    let outside = Utf8Path::from_path(outside.path()).unwrap();
    let said = Fixture::new().outcome(&xtask(outside, &["docker-build", "--engine=system"]));
    insta::assert_snapshot!(said.replace(outside.as_str(), "<outside>"), @r#"
    exit 2

    error: there is no docker/docker.toml in <outside> or any folder above it
     |
     = help: run this inside the repository, or name the manifest with `--manifest FILE`
     = help: a manifest can be as short as:
             schema_version = 1
             [project]
             name = "shop"
    "#);
}

#[test]
fn a_named_manifest_that_is_not_there() {
    insta::assert_snapshot!(Fixture::new().build(&["--manifest=docker/other.toml"]), @"
    exit 2

    error: there is no manifest docker/other.toml
     |
     = help: looked for <root>/docker/other.toml
    ");
}

#[test]
fn a_missing_dockerfile_of_the_base() {
    let fixture = Fixture::new();
    fixture.remove("docker/base/Dockerfile");
    insta::assert_snapshot!(fixture.build(&[]), @r#"
    exit 2

    error: failed to read docker/base/Dockerfile
      --> docker/docker.toml:11:14
       |
    11 | dockerfile = "docker/base/Dockerfile"
       |              ^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = note: there is no such file
    "#);
}

#[test]
fn a_missing_dockerfile_of_a_service() {
    insta::assert_snapshot!(
        with_manifest("apps/*/Dockerfile", "apps/till/Dockerfile"), @r#"
        exit 2

        error: no service matches "apps/till/Dockerfile"
          --> docker/docker.toml:14:16
           |
        14 | dockerfiles = ["apps/till/Dockerfile"]
           |                ^^^^^^^^^^^^^^^^^^^^^^
           |
           = help: `services.dockerfiles` names the Dockerfiles from the repository's root, such as "apps/*/Dockerfile"
           = help: the root is <root>: the folder above the manifest's
        "#);
}

#[test]
fn a_dockerfile_that_is_none() {
    let fixture = Fixture::new();
    fixture.write("apps/cart/Dockerfile", "FRM scratch AS production\n");
    insta::assert_snapshot!(fixture.build(&[]), @"
    exit 2

    error: unknown instruction `FRM`; did you mean FROM?
     --> apps/cart/Dockerfile:1:1
      |
    1 | FRM scratch AS production
      | ^^^
    ");
}

#[test]
fn a_service_without_the_stage() {
    let fixture = Fixture::new();
    fixture.edit("apps/cart/Dockerfile", "AS production", "AS prodution");
    insta::assert_snapshot!(fixture.build(&[]), @"
    exit 2

    error: cart has no stage `production`
     --> apps/cart/Dockerfile:2:1
      |
    2 | FROM ${BASE_IMAGE} AS prodution
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = note: its stages are `prodution`
      = help: did you mean `prodution`?
      = help: name the stage with `FROM … AS production`, or set `stages.production` in the manifest
    ");
}

#[test]
fn a_stage_that_no_service_has() {
    insta::assert_snapshot!(Fixture::new().build(&["--stage=development"]), @"
    exit 2

    error: no development image to build
     |
     = note: no Dockerfile that was asked for has the stage
     = help: name the stage in [stages] of the manifest, or add it to the Dockerfile
    ");
}

#[test]
fn an_unknown_service() {
    insta::assert_snapshot!(Fixture::new().build(&["crat", "search", "zzz"]), @"
    exit 2

    error: there is no service `crat`
     |
     = help: did you mean `cart`?

    error: there is no service `zzz`
     |
     = help: there are: base, cart, search
    ");
}

#[test]
fn a_build_argument_that_is_none() {
    insta::assert_snapshot!(Fixture::new().build(&["--build-arg=X"]), @"
    exit 2

    error: invalid value 'X' for '--build-arg <KEY=VALUE>': expected KEY=VALUE

    For more information, try '--help'.
    ");
}

#[test]
fn a_build_argument_nobody_declares() {
    insta::assert_snapshot!(Fixture::new().build(&["--build-arg=BASE_IMGE=x"]), @"
    exit 2

    error: no Dockerfile declares the build argument `BASE_IMGE`
     |
     = help: did you mean `BASE_IMAGE`?
    ");
}

#[test]
fn a_secret_file_that_does_not_exist() {
    let fixture = Fixture::new();
    let secrets = "[secrets.ca]\nfile_env = [\"SHOP_CA\"]\n[secrets.token]\nenv = \"SHOP_TOKEN\"\n";
    fixture.edit(
        "docker/docker.toml",
        "[budget]",
        &format!("{secrets}\n[budget]"),
    );
    let mounts = "RUN --mount=type=secret,id=ca --mount=type=secret,id=token true\n";
    fixture.edit("apps/cart/Dockerfile", "RUN", &format!("{mounts}RUN"));
    let build = ["docker-build", "--engine=system"];
    let command = fixture
        .command(&build)
        .env("SHOP_CA", "/nonexistent/ca.pem");
    insta::assert_snapshot!(fixture.outcome(&command), @"
    exit 2

    error: SHOP_CA names /nonexistent/ca.pem, which is no file
     |
     = note: the secret `ca` would come from there
     = help: correct SHOP_CA, or unset it

    error: the secret `token` is nowhere to be found
      --> docker/docker.toml:18:10
       |
    18 | [secrets.token]
       |          ^^^^^
       |
       = help: set SHOP_TOKEN
    ");
}

#[test]
fn a_stand_in_is_not_pushed() {
    insta::assert_snapshot!(Fixture::new().build(&["--offline", "--push"]), @"
    exit 2

    error: images on a stand-in are for trying out, and neither pushed nor released
     |
     = note: their base image is not the one the Dockerfiles name
     = help: leave out `--offline` where a container registry can be reached
    ");
}
