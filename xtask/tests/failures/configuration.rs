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
    insta::assert_snapshot!(with_manifest("[registry]", "[registry"), @"");
}

#[test]
fn an_unknown_key_in_the_manifest() {
    insta::assert_snapshot!(with_manifest("namespace =", "namespaze ="), @"");
}

#[test]
fn a_size_that_is_none() {
    insta::assert_snapshot!(with_manifest("150 MB", "150 MiBytes"), @"");
}

#[test]
fn every_mistake_at_once() {
    let fixture = Fixture::new();
    fixture.edit("docker/docker.toml", "150 MB", "much");
    fixture.edit("docker/docker.toml", "[services]", "[servises]");
    insta::assert_snapshot!(fixture.build(&[]), @"");
}

#[test]
fn no_manifest_at_all() {
    let outside = tempfile::tempdir().unwrap();
    let outside = Utf8Path::from_path(outside.path()).unwrap();
    let said = Fixture::new().outcome(&xtask(outside, &["docker-build", "--engine=system"]));
    insta::assert_snapshot!(said.replace(outside.as_str(), "<outside>"), @"");
}

#[test]
fn a_named_manifest_that_is_not_there() {
    insta::assert_snapshot!(Fixture::new().build(&["--manifest=docker/other.toml"]), @"");
}

#[test]
fn a_missing_dockerfile_of_the_base() {
    let fixture = Fixture::new();
    fixture.remove("docker/base/Dockerfile");
    insta::assert_snapshot!(fixture.build(&[]), @"");
}

#[test]
fn a_missing_dockerfile_of_a_service() {
    insta::assert_snapshot!(
        with_manifest("apps/*/Dockerfile", "apps/till/Dockerfile"), @"");
}

#[test]
fn a_dockerfile_that_is_none() {
    let fixture = Fixture::new();
    fixture.write("apps/cart/Dockerfile", "FRM scratch AS production\n");
    insta::assert_snapshot!(fixture.build(&[]), @"");
}

#[test]
fn a_service_without_the_stage() {
    let fixture = Fixture::new();
    fixture.edit("apps/cart/Dockerfile", "AS production", "AS prodution");
    insta::assert_snapshot!(fixture.build(&[]), @"");
}

#[test]
fn a_stage_that_no_service_has() {
    insta::assert_snapshot!(Fixture::new().build(&["--stage=development"]), @"");
}

#[test]
fn an_unknown_service() {
    insta::assert_snapshot!(Fixture::new().build(&["crat", "search", "zzz"]), @"");
}

#[test]
fn a_build_argument_that_is_none() {
    insta::assert_snapshot!(Fixture::new().build(&["--build-arg=X"]), @"");
}

#[test]
fn a_build_argument_nobody_declares() {
    insta::assert_snapshot!(Fixture::new().build(&["--build-arg=BASE_IMGE=x"]), @"");
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
    insta::assert_snapshot!(fixture.outcome(&command), @"");
}

#[test]
fn a_stand_in_is_not_pushed() {
    insta::assert_snapshot!(Fixture::new().build(&["--offline", "--push"]), @"");
}
