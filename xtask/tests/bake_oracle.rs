//! Asks the real `docker buildx bake --print` what the generated file means, and compares that with the plan.
//!
//! No daemon is needed. Without buildx the tests say so and pass, except where `CI` is set.

#![expect(
    clippy::disallowed_methods,
    reason = "the oracle is a program, and whether it may be missing is up to CI"
)]

use std::collections::BTreeMap;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Map, Value, json};
use xtask::bake::{Argument, Plan, PlanOptions, SecretPlace, Target};
use xtask::project::manifest::{CacheBackend, Provenance};
use xtask::project::{Project, Root};

type Variables<'a> = BTreeMap<&'a str, &'a str>;

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

/// Whether there is an oracle to ask.
fn buildx() -> bool {
    let found = Command::new("docker")
        .args(["buildx", "version"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !found {
        assert!(
            std::env::var_os("CI").is_none(),
            "`docker buildx` is missing, and CI must not skip this test"
        );
        println!("skipped: `docker buildx` is missing");
    }
    found
}

/// What bake makes of the files; they are written to a folder of their own.
fn print(
    root: &Utf8Path,
    files: &[&str],
    arguments: &[&str],
    variables: &Variables<'_>,
) -> Result<Value, String> {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new("docker");
    command
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

/// What a target means by the plan alone, as bake would print it.
fn meant(plan: &Plan, target: &Target, variables: &Variables<'_>) -> Value {
    let prefix = plan.variable_prefix();
    let get = |name: &str| -> String {
        let full = format!("{prefix}_{name}");
        let known = plan.variables.iter().find(|v| v.name == full).unwrap();
        let default = known.default.clone().unwrap_or_default();
        variables
            .get(full.as_str())
            .map_or(default, |&v| v.to_owned())
    };
    let list = |text: &str| -> Vec<String> {
        text.split(',')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let release = !get("RELEASE").is_empty();
    let mut platforms = list(&get("PLATFORMS"));
    if platforms.is_empty() && release {
        platforms.clone_from(&plan.release_platforms);
    }
    let build_platforms = list(&get("BUILD_PLATFORMS"));
    let scope_platforms = if platforms.is_empty() {
        &build_platforms
    } else {
        &platforms
    };
    let scope = format!(
        "{}-{}",
        target.name,
        scope_platforms.join("_").replace('/', "-")
    );
    let own = match (
        platforms.is_empty(),
        target.platforms.target,
        target.platforms.build,
    ) {
        (true, ..) => Vec::new(),
        (_, false, true) => build_platforms.clone(),
        (_, true, false) => platforms.clone(),
        _ => {
            let mut all = platforms.clone();
            all.extend(
                build_platforms
                    .iter()
                    .filter(|p| !platforms.contains(p))
                    .cloned(),
            );
            all
        }
    };
    let registry = [get("REGISTRY"), get("NAMESPACE"), target.repository.clone()];
    let image = registry
        .iter()
        .filter(|part| !part.is_empty())
        .cloned()
        .collect::<Vec<_>>()
        .join("/");
    let mut meant = Map::new();
    let mut set = |name: &str, value: Value| {
        let empty = match &value {
            Value::Array(items) => items.is_empty(),
            Value::Object(entries) => entries.is_empty(),
            _ => false,
        };
        if !empty {
            meant.insert(name.to_owned(), value);
        }
    };
    set("context", json!(target.context));
    set("dockerfile", json!(target.dockerfile));
    set("target", json!(target.stage));
    let contexts: BTreeMap<_, _> = target
        .contexts
        .iter()
        .map(|(k, t)| (k, format!("target:{t}")))
        .collect();
    set("contexts", json!(contexts));
    set("platforms", json!(own));
    let short = |name: &str| name.strip_prefix(&format!("{prefix}_")).unwrap().to_owned();
    let arguments: BTreeMap<_, _> = target
        .arguments
        .iter()
        .filter_map(|(name, argument)| match argument {
            Argument::Variable(v) => Some((name, get(&short(v)))),
            Argument::Unless(v) => Some((name, get(&short(v)))).filter(|(_, v)| !v.is_empty()),
        })
        .collect();
    set("args", json!(arguments));
    let mut labels = target.labels.clone();
    for (label, variable) in &target.variable_labels {
        let value = get(&short(variable));
        if !value.is_empty() {
            labels.insert(label.clone(), value);
        }
    }
    set("labels", json!(labels));
    let tags: Vec<String> = list(&get("TAG"))
        .iter()
        .map(|tag| format!("{image}:{tag}"))
        .collect();
    set("tags", json!(tags));
    let secrets: Vec<Value> = target
        .secrets
        .iter()
        .filter_map(|id| {
            let place = get(&format!("SECRET_{}", id.to_uppercase().replace('-', "_")));
            let key = match plan.secrets[id] {
                SecretPlace::File => "src",
                SecretPlace::Variable => "env",
            };
            (!place.is_empty()).then(|| json!({ "id": id, key: place }))
        })
        .collect();
    set("secret", json!(secrets));
    let (from, to) = cache(plan, &scope, &image, &get("CACHE"));
    set("cache-from", from);
    set("cache-to", to);
    let mut attest = vec![match (release, plan.attestations.provenance) {
        (true, Provenance::Max) => json!({ "type": "provenance", "mode": "max" }),
        (true, Provenance::Min) => json!({ "type": "provenance", "mode": "min" }),
        _ => json!({ "type": "provenance", "disabled": true }),
    }];
    if release && plan.attestations.sbom {
        attest.push(json!({ "type": "sbom" }));
    }
    set("attest", json!(attest));
    Value::Object(meant)
}

fn cache(plan: &Plan, scope: &str, image: &str, wanted: &str) -> (Value, Value) {
    let mode = serde_json::to_value(plan.cache.mode).unwrap();
    let directory = format!("{}/{scope}", plan.cache.directory);
    let reference = format!("{image}:buildcache-{scope}");
    let (from, to) = match plan.cache.backend {
        CacheBackend::None => return (json!([]), json!([])),
        CacheBackend::Gha => (
            json!({ "type": "gha", "scope": scope }),
            json!({ "type": "gha", "scope": scope, "mode": mode, "ignore-error": "true" }),
        ),
        CacheBackend::Registry => (
            json!({ "type": "registry", "ref": reference }),
            json!({ "type": "registry", "ref": reference, "mode": mode, "image-manifest": "true",
                    "oci-mediatypes": "true", "ignore-error": "true" }),
        ),
        CacheBackend::Local => (
            json!({ "type": "local", "src": directory }),
            json!({ "type": "local", "dest": directory, "mode": mode, "ignore-error": "true" }),
        ),
    };
    match wanted {
        "" => (json!([]), json!([])),
        "write" => (json!([from]), json!([to])),
        _ => (json!([from]), json!([])),
    }
}

/// Every target of the selection and what it is linked to is printed, and means what the plan means.
fn agree(root: &Utf8Path, plan: &Plan, selection: &str, variables: &Variables<'_>) {
    let printed = print(root, &[&plan.hcl()], &[selection], variables).unwrap();
    let printed = printed["target"].as_object().unwrap();
    let selected: Vec<&str> = plan
        .select(selection)
        .into_iter()
        .map(|t| t.name.as_str())
        .collect();
    assert!(!selected.is_empty(), "{selection}");
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
    if !buildx() {
        return;
    }
    let (root, plan) = shop();
    let file = root.join("docker/docker.toml");
    for variables in [
        vec![],
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
        vec![("SHOP_SECRET_CA", file.as_str())],
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
        for selection in [
            "default",
            "production",
            "development",
            "base",
            "api",
            "base-builder",
        ] {
            agree(&root, &plan, selection, &variables);
        }
    }
}

#[test]
fn bake_means_what_the_plan_means_in_another_layout() {
    if !buildx() {
        return;
    }
    let (root, plan) = project("elsewhere", "ops/images.toml");
    let local = ("MY_CORP_BUILD_PLATFORMS", "linux/amd64");
    for variables in [
        vec![],
        vec![("MY_CORP_RELEASE", "1"), ("MY_CORP_CACHE", "write")],
    ] {
        let variables: Variables<'_> = variables.into_iter().chain([local]).collect();
        for selection in [
            "default",
            "production",
            "development",
            "pay",
            "web-development",
        ] {
            agree(&root, &plan, selection, &variables);
        }
    }
}

#[test]
fn trap_a_variable_that_is_set_and_empty_is_no_error() {
    if !buildx() {
        return;
    }
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
    if !buildx() {
        return;
    }
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
    let plain = print(&root, &[&plan.hcl()], &["default"], &Variables::new()).unwrap();
    assert_eq!(
        print(&root, &[&plan.hcl()], &["default"], &leaks).unwrap(),
        plain
    );
}

#[test]
fn trap_a_compose_file_in_the_root_changes_nothing() {
    if !buildx() {
        return;
    }
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
    if !buildx() {
        return;
    }
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
    if !buildx() {
        return;
    }
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
    if !buildx() {
        return;
    }
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
    if !buildx() {
        return;
    }
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
