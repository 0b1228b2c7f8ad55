//! `--estimate`: what images will have at least, without an engine, and held against what is built.

use std::path::Path;
use std::process::Command;

use camino::Utf8Path;

use super::engine::{context, random};
use super::{Ran, run};
use crate::support::{self, Machine, Shared, registry};

const MANIFEST: &str = r#"schema_version = 1
[project]
name = "shop"
[registry]
host = "ghcr.io"
namespace = "acme"
[base]
dockerfile = "docker/base/Dockerfile"
[services]
dockerfiles = ["apps/*/Dockerfile"]
[budget]
unpacked = "2 MB"
layer = "2 MB"
"#;

const BASE: &str =
    "FROM debian:12 AS production\nWORKDIR /srv\nRUN install --node\nCOPY tools /tools\n";

const SHOP: &str = "FROM node:20 AS builder
COPY . .
RUN make
FROM ghcr.io/acme/shop-base AS production
RUN apt-get update && apt-get install -y curl \\
    # Of use, too.
    git
COPY apps/shop /srv/
COPY --from=builder /out /srv/out
";

/// The files of a repository, the record of a commit that had the same `FROM`, and all of it in git.
fn repository(root: &Path, shop: &str, from_then: &str) {
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("docker/docker.toml", MANIFEST);
    write("apps/shop/Dockerfile", shop);
    write(".dockerignore", "**/*.log\n**/Dockerfile\n");
    random(&root.join("tools/tool"), 1000);
    random(&root.join("apps/shop/main.js"), 20_000);
    random(&root.join("apps/shop/data.log"), 7);
    std::os::unix::fs::symlink("main.js", root.join("apps/shop/link")).unwrap();
    write(
        "docker/base/Dockerfile",
        &BASE.replace("debian:12", from_then),
    );
    git(root, &["init", "-q"]);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "first"]);
    let commit = git(root, &["rev-parse", "HEAD"]);
    write("docker/base/Dockerfile", BASE);
    let line = |place: Option<(&str, usize)>, instruction: &str, bytes: u64| {
        let sizes = serde_json::json!({
            "instruction": instruction, "unpacked_bytes": bytes, "compressed_bytes": bytes / 2,
        });
        let mut line = sizes.as_object().unwrap().clone();
        if let Some((file, at)) = place {
            line.insert("file".to_owned(), file.into());
            line.insert("line".to_owned(), at.into());
            line.insert("end_line".to_owned(), at.into());
        }
        serde_json::Value::Object(line)
    };
    let base = |at| Some(("docker/base/Dockerfile", at));
    let image = |name: &str, lines: &[serde_json::Value], packages: &serde_json::Value| {
        serde_json::json!({
            "name": name, "platform": "linux/amd64", "commit": commit.trim(), "date": "2026-11-30",
            "sizes": {"unpacked_bytes": 0, "compressed_bytes": 0, "compressed_is_estimate": true, "tar_bytes": 0,
                "visible_bytes": null, "hidden_bytes": null, "base_bytes": null, "own_bytes": null, "files": 0},
            "lines": lines, "packages": packages, "folders": [], "leftovers": [], "history": [],
        })
    };
    let record = serde_json::json!({"schema_version": 1, "images": [
        image("base", &[
            line(None, "debian", 500_000),
            line(base(2), "WORKDIR /srv", 0),
            line(base(3), "RUN install --node", 400_000),
            line(base(4), "COPY tools /tools", 999),
        ], &serde_json::json!([{"manager": "dpkg", "name": "git", "version": "1", "bytes": 9_000_000}])),
        image("web", &[], &serde_json::json!([
            {"manager": "dpkg", "name": "curl", "version": "1", "bytes": 30_000},
        ])),
    ]});
    write("docker/sizes.json", &record.to_string());
}

fn git(root: &Path, arguments: &[&str]) -> String {
    support::git(root.try_into().unwrap(), arguments)
}

/// No engine is asked: there is none.
fn estimate(root: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["docker-size", "--estimate"])
        .args(arguments)
        .current_dir(root)
        .env("DOCKER_HOST", "unix:///nowhere")
        .output()
        .unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Each line of an image: where, how many bytes, known from what, and whether more may come.
fn lines(image: &serde_json::Value) -> Vec<String> {
    let lines = image["lines"].as_array().unwrap().iter();
    lines
        .map(|line| {
            let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
            let open = if line["is_open"] == true {
                " or more"
            } else {
                ""
            };
            let (file, evidence) = (text("file"), text("evidence"));
            let (at, bytes) = (&line["line"], &line["at_least_bytes"]);
            format!("{file}:{at} {bytes} {evidence}{open}")
        })
        .collect()
}

#[test]
fn what_is_known_is_added_up_and_the_rest_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    repository(root, SHOP, "debian:12");
    let ran = estimate(root, &["--format", "json"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let document = ran.json();
    assert_eq!(document["is_estimate"], true);
    // What is not known is never within.
    assert!(document["within_budget"].is_null());
    let [base, shop] = &ran.images()[..] else {
        panic!("{}", ran.stdout)
    };
    let below = [
        "docker/base/Dockerfile:1 500000 record",
        "docker/base/Dockerfile:3 400000 record",
        "docker/base/Dockerfile:4 1000 context",
    ];
    assert_eq!(lines(base), below);
    assert_eq!(base["at_least_bytes"], 901_000);
    assert_eq!(base["unknown_lines"], 0);
    assert_eq!(base["budgets"][0]["verdict"], "within");
    let own = [
        "apps/shop/Dockerfile:5 30000 packages or more",
        "apps/shop/Dockerfile:8 20000 context",
        "apps/shop/Dockerfile:9 0 unknown or more",
    ];
    assert_eq!(lines(shop), [&below[..], &own].concat());
    assert_eq!(shop["at_least_bytes"], 951_000);
    assert_eq!(shop["at_least_layer_bytes"], 500_000);
    assert_eq!(shop["budgets"][0]["verdict"], "unknown");
    assert_eq!(document["findings"], serde_json::json!([]));

    let told = estimate(root, &["shop"]);
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(told.stdout);
    insta::assert_snapshot!(estimate(root, &["--format", "markdown"]).stdout);
}

#[test]
fn an_estimate_above_the_limit_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    repository(root, SHOP, "debian:12");
    random(&root.join("apps/shop/model"), 1_500_000);
    let ran = estimate(root, &["shop", "--format", "json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let document = ran.json();
    assert_eq!(document["within_budget"], false);
    let findings = document["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0]["code"], "B006");
    assert_eq!(findings[0]["file"], "apps/shop/Dockerfile");
    assert_eq!(
        findings[0]["message"],
        "shop: it will have at least 2.5 MB unpacked, over the budget of 2.0 MB by 451.0 kB"
    );
}

#[test]
fn a_base_that_was_another_one_is_not_known() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path(), SHOP, "debian:11");
    let ran = estimate(folder.path(), &["base", "--format", "json"]);
    let base = &ran.images()[0];
    assert_eq!(lines(base)[0], "docker/base/Dockerfile:1 0 unknown or more");
    assert_eq!(base["at_least_bytes"], 401_000);
    // Without a record, only files are known.
    std::fs::remove_file(folder.path().join("docker/sizes.json")).unwrap();
    let ran = estimate(folder.path(), &["base", "--format", "json"]);
    assert_eq!(ran.images()[0]["at_least_bytes"], 1000);
    assert!(ran.images()[0]["platform"].is_null());
}

#[test]
fn what_add_unpacks_downloads_and_here_documents_are_not_counted_as_files() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let shop = "FROM scratch AS production
ADD apps/shop/site.tar.gz /
ADD --chown=1:1 apps/shop/main.js /
ADD --checksum=sha256:00 https://example.com/x /x
COPY <<EOF /y
text
EOF
RUN apt-get install -y curl && apt-get remove -y curl
ARG URL=https://example.com/x
ADD $URL /x
";
    repository(root, shop, "debian:12");
    random(&root.join("apps/shop/site.tar.gz"), 100);
    let ran = estimate(root, &["shop", "--format", "json"]);
    let expected = [
        "apps/shop/Dockerfile:2 0 context or more",
        "apps/shop/Dockerfile:3 20000 context",
        "apps/shop/Dockerfile:4 0 context or more",
        "apps/shop/Dockerfile:5 0 context or more",
        "apps/shop/Dockerfile:8 0 unknown or more",
        "apps/shop/Dockerfile:10 0 context or more",
    ];
    assert_eq!(lines(&ran.images()[0]), expected);
}

#[test]
fn an_image_that_is_none_of_the_manifest_cannot_be_estimated() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path(), SHOP, "debian:12");
    let ran = estimate(folder.path(), &["shpo"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("`shpo` is no image of the manifest"));
    assert!(
        ran.stderr.contains("did you mean `shop`?"),
        "{}",
        ran.stderr
    );
}

/// A file that is copied again with others, one that lies elsewhere, too, and one that is replaced.
const COPIES: &str = "FROM scratch AS production
COPY apps/shop/main.js /srv/
COPY apps/shop /srv
COPY apps/shop/main.js /other/
COPY tools/tool /srv/main.js
";

#[test]
fn what_is_estimated_of_files_is_what_is_built() {
    let Some(machine) = Shared::find() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    repository(root, COPIES, "debian:12");
    random(&root.join("apps/shop/sub/more"), 300);
    let ran = estimate(root, &["shop", "--format", "json"]);
    let estimated = lines(&ran.images()[0]);
    let expected = [
        "apps/shop/Dockerfile:2 20000 context",
        "apps/shop/Dockerfile:3 300 context or more",
        "apps/shop/Dockerfile:4 20000 context",
        "apps/shop/Dockerfile:5 1000 context",
    ];
    assert_eq!(estimated, expected);

    let tag = format!("xtask-estimate-test-{}:1", std::process::id());
    let build = registry::docker(
        &machine.engine,
        &["buildx", "build", "--quiet", "--tag", &tag],
    )
    .arg("--file")
    .arg(root.join("apps/shop/Dockerfile"))
    .arg(root);
    registry::ok(&build);
    let elsewhere = tempfile::tempdir().unwrap();
    Machine::lend_to(Utf8Path::from_path(elsewhere.path()).unwrap());
    let measured = run(
        elsewhere.path(),
        &[machine.choice(), &tag, "--format", "json"],
    );
    registry::ok(&registry::docker(&machine.engine, &["image", "rm", &tag]));
    let layers: Vec<u64> = measured.images()[0]["layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|layer| layer["unpacked_bytes"].as_u64().unwrap())
        .collect();
    let [first, second, third, fourth] = layers[..] else {
        panic!("{layers:?}")
    };
    assert_eq!([first, third, fourth], [20_000, 20_000, 1000]);
    // Whether BuildKit writes the equal file again depends on where it has the layer below from.
    assert!([300, 20_300].contains(&second), "{second}");
}

const PROJECT: &str = "schema_version = 1
[project]
name = \"shop\"
[registry]
host = \"localhost:1\"
namespace = \"estimate-test\"
[services]
dockerfiles = [\"services/*/Dockerfile\"]
[budget]
unpacked = \"90 MB\"
";

/// Of each kind of line one, written as people do.
const SERVICE: &str = "FROM scratch AS builder
COPY program /
COPY data /data
FROM scratch AS base
WORKDIR /srv
COPY program /
COPY data /data
FROM base AS production
RUN [\"/program\", \\
    # Another place.
    \"move\", \"/data/big\", \"/big\"]
COPY --from=builder   /data/cache /cache
COPY <<EOF /text
some text
EOF
COPY again \\
    /data/replaced
";

#[test]
fn what_was_built_and_recorded_is_estimated_to_the_byte() {
    let Some(machine) = Shared::find() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let place = Utf8Path::from_path(root).unwrap();
    Machine::lend_to(place);
    context(root);
    std::fs::create_dir_all(root.join("docker")).unwrap();
    std::fs::create_dir_all(root.join("services/api")).unwrap();
    std::fs::write(root.join("docker/docker.toml"), PROJECT).unwrap();
    std::fs::write(root.join("services/api/Dockerfile"), SERVICE).unwrap();
    git(root, &["init", "-q"]);
    git(root, &["add", "docker", "services"]);
    git(root, &["commit", "-q", "-m", "first"]);
    let build = support::xtask(place, &["docker-build", machine.choice(), "--quiet"]);
    registry::ok(&build);
    let recorded = run(root, &[machine.choice(), "--record", "--format", "json"]);
    let name = "localhost:1/estimate-test/shop-api:dev";
    registry::ok(&registry::docker(&machine.engine, &["image", "rm", name]));
    assert_eq!(recorded.code, Some(0), "{recorded:?}");

    let ran = estimate(root, &["--format", "json"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let document = ran.json();
    let image = &ran.images()[0];
    assert_eq!(image["unknown_lines"], 0, "{}", ran.stdout);
    assert_eq!(document["within_budget"], true);
    let layers = recorded.images()[0]["layers"].as_array().unwrap().clone();
    let layers = layers.iter().filter(|layer| layer["origin"]["line"] != 5);
    let expected: Vec<_> = layers
        .map(|layer| layer["unpacked_bytes"].clone())
        .collect();
    let lines = image["lines"].as_array().unwrap().iter();
    let estimated: Vec<_> = lines.map(|line| line["at_least_bytes"].clone()).collect();
    assert_eq!(estimated, expected);
    let sizes = &recorded.images()[0]["sizes"];
    assert_eq!(image["at_least_bytes"], sizes["unpacked_bytes"]);

    // A line that says something else is another line.
    let other = SERVICE
        .replace("Another place", "A comment")
        .replace("/data/cache /cache", "/data/cache /c");
    std::fs::write(root.join("services/api/Dockerfile"), other).unwrap();
    let ran = estimate(root, &["--format", "json"]);
    assert_eq!(ran.images()[0]["unknown_lines"], 1, "{}", ran.stdout);
}
