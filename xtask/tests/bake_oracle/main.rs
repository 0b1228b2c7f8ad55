//! Asks the real `docker buildx bake --print` what the generated file means, and compares that with the plan.
//!
//! Without an engine the tests say so and pass, except where `CI` is set.

#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]
#![expect(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]
#![expect(
    clippy::disallowed_methods,
    reason = "the oracle is a program, and whether it may be missing is up to CI"
)]

use std::collections::BTreeMap;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};
use xtask::bake::{Plan, PlanOptions};
use xtask::project::{Project, Root};

mod meant;
#[path = "../support/mod.rs"]
mod support;
use meant::meant;

pub(crate) type Variables<'a> = BTreeMap<&'a str, &'a str>;

fn project(name: &str, manifest: &str) -> (Utf8PathBuf, Plan) {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/projects")
        .join(name);
    let found = Root {
        root: root.clone(),
        manifest: manifest.into(),
    };
    let project = Project::load(&found).unwrap();
    (root, Plan::new(&project, &PlanOptions::default()).unwrap())
}

fn shop() -> (Utf8PathBuf, Plan) {
    project("shop", "docker/docker.toml")
}

/// The engine whose buildx is asked, or a word about why there is none.
fn buildx() -> Option<support::Shared> {
    support::Shared::find()
}

/// What bake makes of the files; they are written to a folder of their own.
fn print(
    root: &Utf8Path,
    files: &[&str],
    arguments: &[&str],
    variables: &Variables<'_>,
) -> Result<Value, String> {
    let dir = tempfile::tempdir().unwrap();
    let docker = support::docker();
    let mut command = Command::new(docker.program());
    command
        .envs(docker.variables().iter().cloned())
        .args(["buildx", "bake", "--print", "--progress=quiet"])
        .current_dir(root);
    for (index, text) in files.iter().enumerate() {
        let path = dir.path().join(format!("{index}.hcl"));
        std::fs::write(&path, text).unwrap();
        command.arg("-f").arg(path);
    }
    // Whatever the developer has set must not decide a test.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("SHOP_")
            || name.starts_with("MY_CORP_")
            || name.starts_with("BUILDX_BAKE")
        {
            command.env_remove(name);
        }
    }
    let output = command.envs(variables).args(arguments).output().unwrap();
    if output.status.success() {
        Ok(unescaped(serde_json::from_slice(&output.stdout).unwrap()))
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// `--print` escapes templates, so that its JSON can be fed back.
fn unescaped(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace("$${", "${").replace("%%{", "%{")),
        Value::Array(items) => Value::Array(items.into_iter().map(unescaped).collect()),
        Value::Object(entries) => entries
            .into_iter()
            .map(|(k, v)| (k, unescaped(v)))
            .collect(),
        other => other,
    }
}

/// Every target of the selection and what it is linked to is printed, and means what the plan means.
fn agree(root: &Utf8Path, plan: &Plan, selection: &[&str], variables: &Variables<'_>) {
    let printed = print(root, &[&plan.hcl()], selection, variables).unwrap();
    let printed = printed["target"].as_object().unwrap();
    let selected: Vec<&str> = selection
        .iter()
        .flat_map(|name| plan.select(name))
        .map(|t| t.name.as_str())
        .collect();
    assert!(!selected.is_empty(), "{selection:?}");
    let expected = plan.closure(selected.iter().copied());
    let mut names: Vec<&str> = expected.iter().map(|t| t.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        printed.keys().map(String::as_str).collect::<Vec<_>>(),
        names
    );
    for target in expected {
        let mut found = printed[&target.name].clone();
        let entries = found.as_object_mut().unwrap();
        assert!(entries.remove("description").is_some());
        // Bake's own: what is only linked is not exported.
        let output = entries.remove("output");
        let linked_only = !selected.contains(&target.name.as_str());
        assert_eq!(output.is_some(), linked_only, "{}: {output:?}", target.name);
        assert_eq!(found, meant(plan, target, variables), "{}", target.name);
    }
}

const LOCAL: (&str, &str) = ("SHOP_BUILD_PLATFORMS", "linux/amd64");

#[test]
fn bake_means_what_the_plan_means() {
    let Some(_engine) = buildx() else { return };
    let (root, plan) = shop();
    let local: Variables<'_> = [LOCAL].into();
    for selection in [
        "default",
        "production",
        "development",
        "base",
        "api",
        "base-builder",
    ] {
        agree(&root, &plan, &[selection], &local);
    }
    let file = root.join("docker/docker.toml");
    for variables in [
        vec![("SHOP_PLATFORMS", "linux/arm64")],
        vec![
            ("SHOP_PLATFORMS", "linux/arm64,linux/amd64"),
            ("SHOP_CACHE", "read"),
        ],
        vec![
            ("SHOP_RELEASE", "1"),
            ("SHOP_CACHE", "write"),
            ("SHOP_TAG", "1.2,latest"),
        ],
        vec![
            ("SHOP_REGISTRY", ""),
            ("SHOP_NAMESPACE", ""),
            ("SHOP_TAG", "x"),
        ],
        vec![
            ("SHOP_VERSION", "1"),
            ("SHOP_VCS_REF", "abc"),
            ("SHOP_BUILD_DATE", "2027-01-01T00:00:00Z"),
        ],
        vec![
            ("SHOP_SECRET_TOKEN", "SHOP_TOKEN"),
            ("SHOP_SECRET_CA", file.as_str()),
        ],
        vec![
            ("SHOP_ARG_NODE_VERSION", "22"),
            ("SHOP_ARG_ODD", "%{if} \"${x}\""),
        ],
    ] {
        let variables: Variables<'_> = variables.into_iter().chain([LOCAL]).collect();
        agree(&root, &plan, &["default", "development"], &variables);
    }
}

#[test]
fn bake_means_what_the_plan_means_in_another_layout() {
    let Some(_engine) = buildx() else { return };
    let (root, plan) = project("elsewhere", "ops/images.toml");
    let local = ("MY_CORP_BUILD_PLATFORMS", "linux/amd64");
    let release = [local, ("MY_CORP_RELEASE", "1"), ("MY_CORP_CACHE", "write")];
    agree(&root, &plan, &["production"], &[local].into());
    agree(&root, &plan, &["default", "development"], &release.into());
}

#[test]
fn trap_a_variable_that_is_set_and_empty_is_no_error() {
    let Some(_engine) = buildx() else { return };
    let (root, plan) = shop();
    let names: Vec<&str> = plan.variables.iter().map(|v| v.name.as_str()).collect();
    let variables: Variables<'_> = names.iter().map(|&name| (name, "")).collect();
    let printed = print(&root, &[&plan.hcl()], &["default"], &variables).unwrap();
    assert!(
        printed["target"]["api"].get("tags").is_none(),
        "no tag rather than a broken one"
    );
}

#[test]
fn trap_variables_without_the_prefix_change_nothing() {
    let Some(_engine) = buildx() else { return };
    let (root, plan) = shop();
    let leaks: Variables<'_> = [
        "TAG",
        "REGISTRY",
        "NAMESPACE",
        "PLATFORMS",
        "RELEASE",
        "CACHE",
        "VERSION",
        "VCS_REF",
        "BUILD_DATE",
        "NODE_VERSION",
        "ODD",
    ]
    .into_iter()
    .map(|name| (name, "leak"))
    .collect();
    let expected = print(&root, &[&plan.hcl()], &["default"], &Variables::new()).unwrap();
    assert_eq!(
        print(&root, &[&plan.hcl()], &["default"], &leaks).unwrap(),
        expected
    );
}

#[test]
fn trap_a_compose_file_in_the_root_changes_nothing() {
    let Some(_engine) = buildx() else { return };
    let (_, plan) = shop();
    let dir = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(dir.path()).unwrap();
    std::fs::write(
        root.join("compose.yaml"),
        "services:\n  web:\n    build: .\n",
    )
    .unwrap();
    let printed = print(root, &[&plan.hcl()], &[], &Variables::new()).unwrap();
    assert!(printed["target"].get("web").is_none() && printed["target"].get("api").is_some());
}

#[test]
fn trap_the_builders_platform_is_linux_on_every_client() {
    let Some(_engine) = buildx() else { return };
    let (root, plan) = shop();
    let variables = Variables::from([("SHOP_PLATFORMS", "linux/s390x")]);
    let printed = print(&root, &[&plan.hcl()], &["api"], &variables).unwrap();
    let platforms: Vec<&str> = printed["target"]["base-builder"]["platforms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p.as_str().unwrap())
        .collect();
    assert_eq!(platforms.len(), 2);
    assert!(
        platforms.iter().all(|p| p.starts_with("linux/")),
        "{platforms:?}"
    );
    // The mapping itself, for a client that is not Linux.
    let mac = plan
        .hcl()
        .replace("BAKE_LOCAL_PLATFORM", "\"darwin/arm64\"");
    let printed = print(&root, &[&mac], &["api"], &variables).unwrap();
    assert_eq!(
        printed["target"]["base-builder"]["platforms"],
        json!(["linux/s390x", "linux/arm64"])
    );
}

#[test]
fn trap_a_path_with_a_comma_is_one_path() {
    let Some(_engine) = buildx() else { return };
    let (_, plan) = shop();
    let dir = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(dir.path()).unwrap();
    let file = root.join("a,type=env,b.pem");
    std::fs::write(&file, "").unwrap();
    let variables = Variables::from([("SHOP_SECRET_CA", file.as_str())]);
    let printed = print(root, &[&plan.hcl()], &["base-builder"], &variables).unwrap();
    assert_eq!(
        printed["target"]["base-builder"]["secret"],
        json!([{ "id": "ca", "src": file.as_str() }])
    );
}

#[test]
fn load_and_push_reach_what_is_selected_and_nothing_else() {
    let Some(_engine) = buildx() else { return };
    let (root, plan) = shop();
    for (option, expected) in [
        ("--load", json!([{ "type": "docker" }])),
        ("--push", json!([{ "type": "image", "push": "true" }])),
    ] {
        let printed = print(&root, &[&plan.hcl()], &[option, "api"], &Variables::new()).unwrap();
        assert_eq!(printed["target"]["api"]["output"], expected, "{option}");
        assert_eq!(
            printed["target"]["base"]["output"],
            json!([{ "type": "cacheonly" }]),
            "{option}"
        );
    }
}

#[test]
fn an_overlay_is_merged_over_the_file() {
    let Some(_engine) = buildx() else { return };
    let (root, plan) = shop();
    let images = BTreeMap::from([
        (
            "node:20.18.0-alpine".to_owned(),
            "docker-image://stand-in".to_owned(),
        ),
        ("busybox:1.36".to_owned(), "docker-image://box".to_owned()),
    ]);
    let labels = BTreeMap::from([("stand-in".to_owned(), "${yes}".to_owned())]);
    let overlay = plan.overlay(&images, &labels);
    let printed = print(
        &root,
        &[&plan.hcl(), &overlay],
        &["default"],
        &Variables::new(),
    )
    .unwrap();
    assert_eq!(
        printed["target"]["api"]["contexts"],
        json!({
            "busybox:1.36": "docker-image://box",
            "ghcr.io/acme/shop-base": "target:base",
            "ghcr.io/acme/shop-base-builder:0.1": "target:base-builder",
        })
    );
    assert_eq!(
        printed["target"]["base"]["contexts"],
        json!({ "node:20.18.0-alpine": "docker-image://stand-in" })
    );
    assert_eq!(printed["target"]["worker"]["labels"]["stand-in"], "${yes}");
    assert_eq!(
        printed["target"]["worker"]["labels"]["org.opencontainers.image.vendor"],
        "Acme"
    );
}
