//! How the bench of what a registry stores counts, and which history it counts over.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "the bench takes all of it")]
#[path = "../benches/storage/counting.rs"]
mod counting;
#[allow(dead_code, reason = "the bench takes all of it")]
#[path = "../benches/storage/history.rs"]
mod history;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use counting::{Blobs, Sent, added, resolved, saved_percent, sent, stored};
use history::{ADDED_PACKAGE, Change, Commit, history, write};

fn services() -> Vec<String> {
    vec!["orders".to_owned(), "quotes".to_owned()]
}

/// A line as CNCF Distribution 2.8 logs it, less the fields that nobody reads.
fn line(method: &str, uri: &str, status: u16) -> String {
    serde_json::json!({
        "http.request.method": method,
        "http.request.uri": uri,
        "http.response.status": status,
        "level": "info",
        "msg": "response completed",
    })
    .to_string()
}

#[test]
fn only_what_the_registry_took_was_sent() {
    let log = [
        line("POST", "/v2/x/base/blobs/uploads/", 202),
        line(
            "PUT",
            "/v2/x/base/blobs/uploads/0d?_state=e30%3D&digest=sha256%3Aaa",
            201,
        ),
        line("PUT", "/v2/x/base/blobs/uploads/0e?digest=sha256%3Abb", 400),
        line(
            "POST",
            "/v2/x/api/blobs/uploads/?mount=sha256:aa&from=x/base",
            201,
        ),
        // The registry has no such blob to mount: an upload begins.
        line(
            "POST",
            "/v2/x/api/blobs/uploads/?mount=sha256:cc&from=x/base",
            202,
        ),
        line("PUT", "/v2/x/api/manifests/sha-1", 201),
        line("HEAD", "/v2/x/api/manifests/sha-1", 200),
        "127.0.0.1 - - \"PUT /v2/x/api/manifests/sha-1 HTTP/1.1\" 201".to_owned(),
        line("POST", "/v2/x/api/blobs/uploads/?digest=sha256:dd", 201),
    ];
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let expected = Sent {
        blobs: vec![pair("x/base", "sha256:aa"), pair("x/api", "sha256:dd")],
        mounted: vec![pair("x/api", "sha256:aa")],
        manifests: vec![pair("x/api", "sha-1")],
    };
    assert_eq!(sent(&log.join("\n")), expected);
    assert_eq!(sent(""), Sent::default());
}

#[test]
fn blobs_are_counted_once_with_their_size() {
    let folder = tempfile::tempdir().unwrap();
    let data = Utf8Path::from_path(folder.path()).unwrap();
    assert_eq!(stored(data).unwrap(), Blobs::new());
    let root = data.join("docker/registry/v2");
    for (digest, size) in [("aa11", 3), ("bb22", 5)] {
        let blob = root.join("blobs/sha256").join(&digest[..2]).join(digest);
        std::fs::create_dir_all(&blob).unwrap();
        std::fs::write(blob.join("data"), vec![0; size]).unwrap();
    }
    let tag = root.join("repositories/x/api/_manifests/tags/1/current");
    std::fs::create_dir_all(&tag).unwrap();
    std::fs::write(tag.join("link"), "sha256:aa11").unwrap();
    let now = stored(data).unwrap();
    let blob = |name: &str, size| (name.to_owned(), size);
    let expected = Blobs::from([blob("sha256:aa11", 3), blob("sha256:bb22", 5)]);
    assert_eq!(now, expected);
    assert_eq!(added(&Blobs::from([blob("sha256:aa11", 3)]), &now), 5);
    assert_eq!(added(&now, &now), 0);
    assert_eq!(resolved(data, "x/api", "1").unwrap(), "sha256:aa11");
    assert_eq!(resolved(data, "x/api", "sha256:cc").unwrap(), "sha256:cc");
    assert!(resolved(data, "x/api", "2").is_err());
}

#[test]
fn what_is_saved_is_told_in_percent_of_the_baseline() {
    assert!((saved_percent(200, 50) - 75.0).abs() < 1e-9);
    assert!((saved_percent(3, 1) - 66.67).abs() < 1e-9);
    assert!((saved_percent(100, 150) + 50.0).abs() < 1e-9);
    assert!(saved_percent(0, 10).abs() < 1e-9);
}

#[test]
fn the_history_is_mostly_edits_of_one_service() {
    let commits = history(20, &services());
    let mut kinds = BTreeMap::<&str, usize>::new();
    for commit in &commits {
        *kinds.entry(commit.change.name()).or_default() += 1;
    }
    let expected = [
        ("base", 1),
        ("dependency", 2),
        ("documentation", 2),
        ("initial", 1),
        ("library", 3),
        ("service", 10),
        ("tests", 1),
    ];
    assert_eq!(kinds, BTreeMap::from(expected));
    assert_eq!(commits[1].subject(), "service orders");
    assert_eq!(commits[2].subject(), "service quotes");
    assert_eq!(commits[7].subject(), "dependency");
    assert_eq!(commits, history(20, &services()), "the same every time");
    let long = history(45, &services());
    assert_eq!(long[..20], commits);
    let first = |commit: &&Commit| commit.change == Change::Initial;
    assert_eq!(long.iter().filter(first).count(), 1);
    assert_eq!(history(0, &services()), []);
}

/// A work tree as small as it can be.
fn tree(folder: &tempfile::TempDir) -> Utf8PathBuf {
    let root = Utf8Path::from_path(folder.path()).unwrap().to_owned();
    let files = [
        ("apps/orders/src/main.ts", "start();\n"),
        ("apps/quotes/src/main.ts", "start();\n"),
        (
            "libs/common/src/configuration/read-configuration.ts",
            "export {};\n",
        ),
        ("README.md", "# Shop\n"),
        (
            "package.json",
            r#"{"dependencies": {"a": "1", "prom-client": "^15.1.0"}}"#,
        ),
        (
            "package-lock.json",
            r#"{"packages": {"": {"dependencies": {"a": "1", "prom-client": "^15.1.0"}}, "node_modules/prom-client": {"version": "15.1.0", "integrity": "x"}}}"#,
        ),
        (
            "docker/base/Dockerfile",
            "# tzdata is wanted\nFROM node\nRUN apk add tzdata\nFROM node\nRUN apk add tzdata\n",
        ),
    ];
    for (file, text) in files {
        let file = root.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    root
}

/// The text of every file.
fn files(root: &Utf8Path) -> BTreeMap<String, String> {
    fn below(folder: &Utf8Path, root: &Utf8Path, found: &mut BTreeMap<String, String>) {
        for entry in folder.read_dir_utf8().unwrap() {
            let entry = entry.unwrap();
            let path = entry.path();
            if path.is_dir() {
                below(path, root, found);
                continue;
            }
            let name = path.strip_prefix(root).unwrap().to_string();
            found.insert(name, std::fs::read_to_string(path).unwrap());
        }
    }
    let mut found = BTreeMap::new();
    below(root, root, &mut found);
    found
}

#[test]
fn every_commit_edits_what_its_kind_says_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let root = tree(&folder);
    for commit in history(45, &services()) {
        let before = files(&root);
        write(&commit, &root).unwrap();
        let after = files(&root);
        let edited: Vec<&str> = after
            .iter()
            .filter(|(name, text)| before.get(*name) != Some(text))
            .map(|(name, _)| name.as_str())
            .collect();
        let service = commit.service.as_deref().unwrap_or_default();
        let (main, test) = (
            format!("apps/{service}/src/main.ts"),
            format!("apps/{service}/src/simulated.test.ts"),
        );
        let expected: &[&str] = match commit.change {
            Change::Initial => &[],
            Change::Service => &[&main],
            Change::Library => &["libs/common/src/configuration/read-configuration.ts"],
            Change::Documentation => &["README.md"],
            Change::Tests => &[&test],
            Change::Dependency => &["package-lock.json", "package.json"],
            Change::Base => &["docker/base/Dockerfile"],
        };
        assert_eq!(edited, expected, "{}", commit.subject());
    }
}

#[test]
fn a_dependency_is_moved_in_manifest_and_lockfile_alike() {
    let folder = tempfile::tempdir().unwrap();
    let root = tree(&folder);
    let commits = history(20, &services());
    let bump = commits.iter().find(|one| one.change == Change::Dependency);
    write(bump.unwrap(), &root).unwrap();
    let found = files(&root);
    let json = |name: &str| serde_json::from_str::<serde_json::Value>(&found[name]).unwrap();
    let (manifest, lock) = (json("package.json"), json("package-lock.json"));
    let wanted = &manifest["dependencies"]["prom-client"];
    assert_eq!(lock["packages"][""]["dependencies"]["prom-client"], *wanted);
    let package = &lock["packages"]["node_modules/prom-client"];
    assert_eq!(package["version"], *wanted);
    assert_ne!(package["integrity"], "x");
}

#[test]
fn the_base_gets_a_package_where_it_installs_them_and_loses_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let root = tree(&folder);
    let commits = history(45, &services());
    let mut changes = commits.iter().filter(|one| one.change == Change::Base);
    let before = files(&root);
    write(changes.next().unwrap(), &root).unwrap();
    let text = &files(&root)["docker/base/Dockerfile"];
    let expected = format!(
        "# tzdata is wanted\nFROM node\nRUN apk add {ADDED_PACKAGE} tzdata\nFROM node\nRUN apk add tzdata\n"
    );
    assert_eq!(*text, expected);
    write(changes.next().unwrap(), &root).unwrap();
    assert_eq!(files(&root), before);
}

#[test]
fn what_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    for commit in history(20, &services()) {
        let edits_nothing_that_must_be_there =
            matches!(commit.change, Change::Initial | Change::Documentation);
        let told = write(&commit, root);
        assert_eq!(told.is_ok(), edits_nothing_that_must_be_there, "{commit:?}");
        if let Err(why) = told {
            assert!(why.contains(root.as_str()), "{why}");
        }
    }
}
