use camino::Utf8Path;

use super::*;
use crate::scan::index::{Index, Summary};
use crate::scan::zip::tests::zip_file::ZipFile;

fn record(id: &str, ecosystem: &str) -> String {
    format!(
        r#"{{"id": "{id}", "affected": [{{"package": {{"ecosystem": "{ecosystem}", "name": "a"}}, "versions": ["1.0.0"]}}]}}"#
    )
}

fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
    (dir, path)
}

fn write(folder: &Utf8Path, name: &str, contents: impl AsRef<[u8]>) {
    let file = folder.join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, contents).unwrap();
}

fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipFile::new(Vec::new());
    for (name, contents) in entries {
        zip.add(name, contents.as_bytes()).unwrap();
    }
    zip.finish().unwrap()
}

/// What is told of the folder, and the IDs about npm's `a`.
fn read(folder: &Utf8Path) -> (Summary, Vec<String>) {
    let collection = Collection::in_folder(folder).unwrap();
    let mut writer = Writer::new(Vec::new()).unwrap();
    collection.write(&mut writer).unwrap();
    let bytes = writer.finish(collection.fingerprint()).unwrap();
    let index = Index::open(&bytes[..]).unwrap();
    let ids = index
        .advisories("npm", "a")
        .unwrap()
        .into_iter()
        .map(|advisory| advisory.id);
    let ids = ids.collect();
    (index.summary().clone(), ids)
}

#[test]
fn zips_and_single_records_are_read_wherever_they_lie() {
    let (_dir, folder) = folder();
    write(
        &folder,
        "npm/all.zip",
        zip(&[("A.json", &record("A", "npm")), ("readme.txt", "no record")]),
    );
    write(
        &folder,
        "npm/fetched.json",
        r#"{"url": "x", "fetched": 1714694400, "bytes": 3, "sha256": "0"}"#,
    );
    write(&folder, "more/deep/B.json", record("B", "npm"));
    write(
        &folder,
        "pypa/C.yaml",
        "id: C\nmodified: 2024-05-01T00:00:00Z\naliases:\naffected:\n- package:\n    name: A_b\n    ecosystem: PyPI\n  versions: [1.0, '2']\n",
    );
    write(&folder, ".git/D.json", "broken");
    write(&folder, "notes.md", "broken");
    let (summary, ids) = read(&folder);
    assert_eq!(ids, ["B", "A"]);
    assert_eq!((summary.unusable, summary.troubles), (0, vec![]));
    assert_eq!(summary.releases["npm"].fetched, Some(1_714_694_400));
    assert_eq!(
        (
            summary.releases["PyPI"].fetched,
            summary.releases["PyPI"].newest
        ),
        (None, 1_714_521_600)
    );
}

#[test]
fn what_cannot_be_used_is_told_and_the_rest_is_used() {
    let (_dir, folder) = folder();
    let bomb = {
        let mut zip = ZipFile::new(Vec::new());
        let long = format!("{{\"id\": \"x\"}}{}", " ".repeat(32_000_000));
        zip.add_many(12, "x.json", long.as_bytes()).unwrap();
        zip.finish().unwrap()
    };
    write(&folder, "bomb.zip", bomb);
    write(
        &folder,
        "cut.zip",
        &zip(&[("A.json", &record("A", "npm"))])[..60],
    );
    write(
        &folder,
        "mixed.zip",
        zip(&[
            ("../out.json", &record("OUT", "npm")),
            (
                "deep.json",
                &format!(
                    "{{\"id\": \"x\", \"database_specific\": {}}}",
                    "[".repeat(5000)
                ),
            ),
            ("good.json", &record("GOOD", "npm")),
            ("bad\u{7}name.json", "{}"),
        ]),
    );
    write(&folder, "empty.json", "");
    write(&folder, "tree.yaml", "a: [");
    write(&folder, "bytes.yaml", b"\xff");
    std::os::unix::fs::symlink("nowhere", folder.join("link.json")).unwrap();
    let (summary, ids) = read(&folder);
    assert_eq!(ids, ["GOOD"]);
    assert_eq!(summary.unusable, 8);
    let text = summary.troubles.join("\n").replace(folder.as_str(), "");
    for part in [
        "/bomb.zip: ",
        "that is no honest file",
        "/bytes.yaml: it is not UTF-8",
        "/cut.zip: it is no ZIP file, or its end is missing",
        "/empty.json: EOF",
        "/mixed.zip: ../out.json: its path leads out of the file",
        "/mixed.zip: deep.json: recursion limit exceeded",
        "/mixed.zip: bad name.json: missing field `id`",
        "/tree.yaml: ",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn the_fingerprint_changes_with_the_files() {
    let (_dir, folder) = folder();
    let fingerprint = || Collection::in_folder(&folder).unwrap().fingerprint();
    let mut seen = vec![fingerprint()];
    write(&folder, "a.json", record("A", "npm"));
    seen.push(fingerprint());
    assert_eq!(seen[1], fingerprint());
    write(&folder, "a.json", record("AA", "npm"));
    seen.push(fingerprint());
    std::fs::rename(folder.join("a.json"), folder.join("b.json")).unwrap();
    seen.push(fingerprint());
    write(
        &folder,
        "fetched.json",
        r#"{"url": "x", "fetched": 7, "bytes": 3, "sha256": "0"}"#,
    );
    seen.push(fingerprint());
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

#[test]
fn a_missing_folder_is_missing_data() {
    let error = Collection::in_folder(Utf8Path::new("/nonexistent/advisories")).unwrap_err();
    assert_eq!(error.exit(), crate::error::Exit::Missing);
    assert!(error.message().contains("/nonexistent/advisories"));
}
