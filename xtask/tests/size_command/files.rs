//! Archives and layouts: no engine is asked.

use super::archives::{Image, gzip, layout, write_archive, write_folder};
use super::run;

fn wasteful(store: fn(&[u8]) -> Vec<u8>) -> Image {
    let cache = vec![7; 300_000];
    let binary = vec![1; 200_000];
    Image::of(
        &[
            &[
                ("app/", b""),
                ("app/binary", &binary),
                ("var/cache/apk/a", &cache),
                ("app/copy", &binary),
            ],
            // dive counts the removal of a folder as nothing.
            &[("var/cache/.wh.apk", b"")],
            // `chmod` in a step of its own: dive counts both files and comes to more than there is.
            &[("app/binary", &binary)],
        ],
        store,
    )
}

#[test]
fn every_form_of_an_image_has_the_same_account() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let plain: fn(&[u8]) -> Vec<u8> = <[u8]>::to_vec;
    write_folder(&at("plain"), &layout(&[wasteful(plain)]));
    write_folder(&at("gzip"), &layout(&[wasteful(gzip)]));
    write_archive(&at("plain.tar"), &layout(&[wasteful(plain)]));
    write_archive(&at("gzip.tar"), &layout(&[wasteful(gzip)]));
    let ran = run(
        folder.path(),
        &[
            "oci:plain",
            "oci:gzip",
            "plain.tar",
            "./gzip.tar",
            "--format",
            "json",
        ],
    );
    assert_eq!(ran.stderr, "");
    let images = ran.images();
    assert_eq!(images.len(), 4);
    for image in &images {
        let sizes = &image["sizes"];
        assert_eq!(sizes["unpacked_bytes"], 900_000);
        assert_eq!(sizes["visible_bytes"], 400_000);
        assert_eq!(sizes["hidden_bytes"], 500_000);
        assert_eq!(image["duplicate_bytes"], 200_000);
        let waste: Vec<String> = image["waste"]
            .as_array()
            .unwrap()
            .iter()
            .map(|group| {
                format!(
                    "{} {} {}>{} {}",
                    group["bytes"],
                    group["cause"],
                    group["added_by"],
                    group["hidden_by"],
                    group["largest"][0]["path"]
                )
            })
            .collect();
        assert_eq!(
            waste,
            [
                r#"300000 "removed" 0>1 "var/cache/apk/a""#,
                r#"200000 "metadata_only" 0>2 "app/binary""#
            ]
        );
        assert_eq!(image["layers"][1]["hides_bytes"], 300_000);
        assert_eq!(image["layers"][1]["origin"]["instruction"], "COPY 1 /");
    }
    assert_eq!(images[0]["sizes"]["compressed_is_estimate"], true);
    assert_eq!(images[1]["sizes"]["compressed_is_estimate"], false);
    // What a registry would store is what lies in the layout.
    let stored: usize = wasteful(gzip)
        .layers
        .iter()
        .map(|(_, stored)| stored.len())
        .sum();
    assert_eq!(images[1]["sizes"]["compressed_bytes"], stored);
    assert_eq!(images[1]["sizes"], images[3]["sizes"]);
    assert_eq!(images[0]["sizes"], images[2]["sizes"]);
}

#[test]
fn an_image_is_told_for_people() {
    let folder = tempfile::tempdir().unwrap();
    write_folder(&folder.path().join("image"), &layout(&[wasteful(gzip)]));
    let ran = run(folder.path(), &["oci:image", "--top", "3"]);
    let digest = regex_free(&ran.stdout);
    insta::assert_snapshot!(digest);
    let tree = run(folder.path(), &["oci:image", "--tree", "--depth", "2"]);
    insta::assert_snapshot!(tree.stdout, @r"
    400.0 kB  oci:image
    └──  400.0 kB  app/
        ├──  200.0 kB  binary
        └──  200.0 kB  copy
    ");
}

/// Without the digest, which depends on how gzip writes.
fn regex_free(text: &str) -> String {
    let words = |line: &str| {
        let parts: Vec<&str> = line
            .split(' ')
            .map(|word| {
                if word.starts_with("sha256:") {
                    "sha256:…"
                } else {
                    word
                }
            })
            .collect();
        parts.join(" ")
    };
    text.lines().map(|line| words(line) + "\n").collect()
}

#[test]
fn of_several_platforms_one_is_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let mut arm = Image::of(&[&[("a", b"arm64")]], gzip);
    arm.architecture = "arm64";
    let amd = Image::of(&[&[("a", b"amd64!!")]], gzip);
    let files = layout(&[amd, arm]);
    write_folder(&folder.path().join("both"), &files);
    write_archive(&folder.path().join("both.tar"), &files);
    for source in ["oci:both", "both.tar"] {
        let ran = run(folder.path(), &[source, "--format", "json"]);
        let platforms: Vec<_> = ran
            .images()
            .iter()
            .map(|image| image["platform"].clone())
            .collect();
        assert_eq!(platforms, ["linux/amd64", "linux/arm64"]);
        let ran = run(
            folder.path(),
            &[source, "--platform", "linux/arm64/v8", "--format", "json"],
        );
        let images = ran.images();
        assert_eq!(images.len(), 1);
        assert_eq!(images[0]["sizes"]["unpacked_bytes"], 5);
        assert_eq!(images[0]["name"], source);
        let ran = run(folder.path(), &[source, "--platform", "linux/s390x"]);
        assert_eq!(ran.code, Some(2));
        assert!(
            ran.stderr.contains("holds no image for linux/s390x"),
            "{}",
            ran.stderr
        );
    }
}
