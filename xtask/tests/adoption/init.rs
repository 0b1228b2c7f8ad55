//! `docker-init`, on whole repositories of different kinds.

use std::path::Path;

use camino::Utf8Path;

use super::repository::{Repository, SERVICE, run};
use super::support::{Machine, Shared, xtask};

/// One of the repositories in testdata/adoption.
fn layout(name: &str) -> Repository {
    let repository = Repository::new(&[]);
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/adoption")
        .join(name);
    let into = repository.root().to_str().unwrap().to_owned();
    let copy = ["-R".to_owned(), format!("{}/.", from.display()), into];
    run(
        repository.root(),
        "cp",
        &copy.each_ref().map(String::as_str),
    )
    .ends_with(0);
    let remote = format!("git@git.example.org:acme/{name}.git");
    repository
        .git(&["remote", "add", "origin", &remote])
        .ends_with(0);
    repository.commit("as it is").ends_with(0);
    repository
}

/// Proposes, writes, and holds what was written to every check. What is left as true findings is given back.
fn adopt(name: &str) -> (Repository, String, Vec<String>) {
    let repository = layout(name);
    let proposed = repository.xtask(&["docker-init"]).ends_with(0);
    assert_eq!(repository.git(&["status", "--porcelain"]).stdout, "");
    let written = repository.xtask(&["docker-init", "--write"]).ends_with(0);
    assert_eq!(written.stdout, proposed.stdout);
    let again = repository.xtask(&["docker-init", "--write"]).ends_with(0);
    assert!(
        again.stderr.ends_with("nothing to do\n"),
        "{}",
        again.stderr
    );
    assert_eq!(again.stdout, "");
    repository.xtask(&["docker-bake", "--check"]).ends_with(0);
    let mut codes = Vec::new();
    for command in ["docker-lint", "docker-ignore"] {
        let found = repository.xtask(&[command, "--format=json"]).json();
        let findings = found["findings"].as_array().unwrap().iter();
        codes.extend(findings.map(|one| format!("{} {}", one["code"], one["path"])));
    }
    let told = proposed.stdout + &proposed.stderr;
    // How long the schema is says nothing of what is proposed.
    let told: Vec<&str> = told
        .lines()
        .map(|line| match line.split_once("docker.schema.json: ") {
            Some((_, about)) => line.strip_suffix(about).unwrap_or(line),
            None => line,
        })
        .collect();
    (repository, told.join("\n"), codes)
}

#[test]
fn npm_workspaces_with_a_base_and_a_workflow() {
    let (repository, told, findings) = adopt("npm-workspaces");
    insta::assert_snapshot!(told);
    assert_eq!(findings, [""; 0]);
    let bake = repository.read("docker/docker-bake.hcl");
    assert!(
        bake.contains("\"registry.example.com/acme/shop-base:1\" = \"target:base\""),
        "{bake}"
    );
}

#[test]
fn pnpm_and_turborepo_with_a_compose_file() {
    let (repository, told, findings) = adopt("pnpm-turbo");
    insta::assert_snapshot!(told);
    assert_eq!(findings, [""; 0]);
    // One of them had no line break at its end, and has none now.
    assert!(
        repository
            .read("apps/docs/Dockerfile")
            .ends_with("USER 1001:1001")
    );
}

#[test]
fn a_cargo_workspace_that_says_nothing_of_a_registry() {
    let (_, told, findings) = adopt("cargo-workspace");
    insta::assert_snapshot!(told);
    assert_eq!(findings, [""; 0]);
}

#[test]
fn all_of_them_build() {
    let Some(machine) = Shared::find() else {
        return;
    };
    for (name, images) in [
        ("npm-workspaces", 3),
        ("pnpm-turbo", 2),
        ("cargo-workspace", 2),
    ] {
        let repository = layout(name);
        repository.xtask(&["docker-init", "--write"]).ends_with(0);
        let root = Utf8Path::from_path(repository.root()).unwrap();
        Machine::lend_to(root);
        let built = super::support::run(&xtask(
            root,
            &["docker-build", machine.choice(), "--format=json"],
        ));
        assert!(
            built.success(),
            "{name}: {}{}",
            built.text(),
            built.error_text()
        );
        let document: serde_json::Value = serde_json::from_str(&built.text()).unwrap();
        assert_eq!(
            document["images"].as_array().map(Vec::len),
            Some(images),
            "{document}"
        );
    }
}

#[test]
fn what_only_the_user_can_tell_is_asked_for() {
    let layout = |files: &[(&str, &str)]| {
        let repository = Repository::new(files);
        repository.write("apps/api/Dockerfile", SERVICE);
        repository
    };
    let two = layout(&[(
        "compose.yaml",
        "services:\n  a: {image: one.example/x/a, build: .}\n  b: {image: two.example/x/b, build: .}\n",
    )]);
    let ran = two.xtask(&["docker-init", "--write"]).ends_with(2);
    assert!(
        ran.stderr
            .contains("one.example/x (compose.yaml) and two.example/x"),
        "{}",
        ran.stderr
    );
    assert!(!two.path("docker").exists());
    let ran = two
        .xtask(&["docker-init", "--registry=two.example/x", "--name=shop"])
        .ends_with(0);
    assert!(
        ran.stdout
            .contains("+host = \"two.example\"\n+namespace = \"x\""),
        "{}",
        ran.stdout
    );
    let ran = two
        .xtask(&["docker-init", "--registry=", "--base=apps/none/Dockerfile"])
        .ends_with(2);
    assert!(
        ran.stderr.contains("no Dockerfile apps/none/Dockerfile"),
        "{}",
        ran.stderr
    );
    let ran = two
        .xtask(&["docker-init", "--registry=", "--name=Shop"])
        .ends_with(2);
    assert!(
        ran.stderr.contains("cannot be the project's name"),
        "{}",
        ran.stderr
    );

    // What stands where the generated file belongs is somebody's.
    let taken = layout(&[("docker/docker-bake.hcl", "target \"x\" {}\n")]);
    let ran = taken
        .xtask(&["docker-init", "--write", "--name=shop"])
        .ends_with(2);
    assert!(
        ran.stderr
            .contains("docker/docker-bake.hcl is there already"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        taken
            .git(&["status", "--porcelain", "-uall"])
            .stdout
            .lines()
            .count(),
        2
    );

    let empty = Repository::new(&[("test/Dockerfile", "FROM scratch\n")]);
    let ran = empty.xtask(&["docker-init"]).ends_with(2);
    assert!(
        ran.stderr.contains("it lies in a folder `test`"),
        "{}",
        ran.stderr
    );
    let nowhere = tempfile::tempdir().unwrap();
    let ran = run(
        nowhere.path(),
        env!("CARGO_BIN_EXE_xtask"),
        &["docker-init"],
    )
    .ends_with(2);
    assert!(ran.stderr.contains("git init"), "{}", ran.stderr);
}

#[test]
fn a_secret_that_a_build_asks_for_is_declared_and_marked() {
    let repository = Repository::new(&[
        (
            "apps/api/Dockerfile",
            "FROM busybox AS build\nRUN --mount=type=secret,id=npm-token true\nFROM scratch AS production\nCOPY --from=build /bin /bin\n",
        ),
        ("package.json", "{\"name\": \"@acme/Web Shop\"}"),
    ]);
    let ran = repository
        .xtask(&["docker-init", "--format=json", "--write"])
        .ends_with(0);
    let document = ran.json();
    assert_eq!(document["schema_version"], 1);
    assert_eq!(document["written"], true);
    let manifest = repository.read("docker/docker.toml");
    assert!(manifest.contains("name = \"web-shop\""), "{manifest}");
    let expected = "[secrets.npm-token]\n# guessed: apps/api/Dockerfile asks for it; say which variable holds it, and whether builds go on without it\nenv = \"NPM_TOKEN\"\noptional = true\n";
    assert!(manifest.ends_with(expected), "{manifest}");
    repository.xtask(&["docker-bake"]).ends_with(0);
}
