//! What is wrong with an image is one message with its name; others of the same run are still looked at.

use std::io::Write as _;
use std::path::Path;

use super::archives::{Image, digest, gzip, hex, layout, write_archive, write_folder};
use super::run;

fn refused(folder: &Path, word: &str, expected: &str) {
    let ran = run(folder, &["good.tar", word, "--format", "json"]);
    assert_eq!(ran.code, Some(2), "{word}: {ran:?}");
    assert!(
        ran.stderr.contains(expected),
        "{word}: {} lacks {expected}",
        ran.stderr
    );
    let messages = ran.stderr.lines().filter(|line| line.starts_with("error"));
    assert_eq!(messages.count(), 1, "{word}: {}", ran.stderr);
    assert_eq!(ran.images().len(), 1, "the good one is still there");
}

fn with_layer(plain: Vec<u8>, stored: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    layout(&[Image {
        layers: vec![(plain, stored)],
        architecture: "amd64",
    }])
}

#[test]
fn each_bad_input_is_one_message() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let good = || layout(&[Image::of(&[&[("a", &[1; 5_000])]], gzip)]);
    write_archive(&at("good.tar"), &good());

    refused(folder.path(), "./missing.tar", "failed to read");
    std::fs::create_dir(at("folder")).unwrap();
    refused(
        folder.path(),
        "./folder",
        "is a folder without an index.json",
    );
    refused(
        folder.path(),
        "oci:folder",
        "neither an index.json nor a manifest.json",
    );
    let pipe = std::process::Command::new("mkfifo")
        .arg(at("pipe"))
        .status();
    assert!(pipe.unwrap().success());
    refused(folder.path(), "./pipe", "is no regular file");
    std::fs::write(at("text"), "no archive").unwrap();
    refused(folder.path(), "text", "failed to read");
    std::fs::write(at("empty"), "").unwrap();
    refused(
        folder.path(),
        "empty",
        "neither an index.json nor a manifest.json",
    );

    let bytes = std::fs::read(at("good.tar")).unwrap();
    std::fs::write(at("cut.tar"), &bytes[..bytes.len() / 3]).unwrap();
    refused(folder.path(), "cut.tar", "ends too early");

    let mut files = good();
    let layer = files
        .iter_mut()
        .max_by_key(|(_, bytes)| bytes.len())
        .unwrap();
    layer.1[100] ^= 1;
    write_archive(&at("digest.tar"), &files);
    write_folder(&at("digest"), &files);
    for word in ["digest.tar", "oci:digest"] {
        refused(
            folder.path(),
            word,
            "is corrupted: its content has the digest",
        );
    }

    // A configuration that names another layer than the manifest.
    let other = with_layer(b"not what is stored".to_vec(), gzip(&[0; 1024]));
    write_archive(&at("other.tar"), &other);
    refused(folder.path(), "other.tar", "unpacks to sha256:");
    let unknown = with_layer(b"LZIP....".to_vec(), b"LZIP....".to_vec());
    write_archive(&at("unknown.tar"), &unknown);
    refused(folder.path(), "unknown.tar", "it is not a layer");
    let mut no_config = good();
    no_config.retain(|(path, bytes)| !path.starts_with("blobs") || !bytes.starts_with(b"{\"os\""));
    write_folder(&at("config"), &no_config);
    refused(folder.path(), "oci:config", "is missing");
    // A foreign layer is named by the manifest and not in the archive.
    let mut foreign = good();
    foreign.retain(|(_, bytes)| bytes.first() != Some(&0x1f));
    write_archive(&at("foreign.tar"), &foreign);
    refused(folder.path(), "foreign.tar", "is missing");
}

/// A manifest that points out of its folder reads nothing there.
#[test]
fn a_layout_does_not_lead_out_of_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write_archive(
        &at("good.tar"),
        &layout(&[Image::of(&[&[("a", b"x")]], gzip)]),
    );
    let secret = super::archives::tar_of(&[("secret", b"s")]);
    std::fs::write(at("outside.tar"), &secret).unwrap();
    let config = serde_json::json!({
        "os": "linux", "architecture": "amd64",
        "rootfs": {"type": "layers", "diff_ids": [digest(&secret)]},
    });
    let manifest = serde_json::json!([{"Config": "config.json", "Layers": ["../outside.tar"]}]);
    write_folder(
        &at("hostile"),
        &[
            ("config.json".to_owned(), config.to_string().into_bytes()),
            (
                "manifest.json".to_owned(),
                manifest.to_string().into_bytes(),
            ),
        ],
    );
    refused(folder.path(), "oci:hostile", "is missing");
}

#[test]
fn hostile_layers_cost_bounded_time_and_memory() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    // Hard links in circles, paths that leave the image, a name of 70,000 bytes.
    let mut tar = tar::Builder::new(Vec::new());
    for (path, target) in [("a", "b"), ("b", "a"), ("c", "c")] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Link);
        header.set_size(0);
        tar.append_link(&mut header, path, target).unwrap();
    }
    let mut header = tar::Header::new_gnu();
    header.set_size(1);
    header.as_old_mut().name[..9].copy_from_slice(b"../../out");
    header.set_cksum();
    tar.append(&header, &b"x"[..]).unwrap();
    let odd = tar.into_inner().unwrap();
    write_archive(&at("odd.tar"), &with_layer(odd.clone(), gzip(&odd)));
    let ran = run(folder.path(), &["odd.tar", "--format", "json"]);
    let image = &ran.images()[0];
    assert_eq!(image["sizes"]["unpacked_bytes"], 1);
    assert!(
        image["remarks"][0].as_str().unwrap().contains("`..`"),
        "{image}"
    );

    // A million entries of a few bytes each, compressed to next to nothing.
    let mut entries = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut sum = sha2::Sha256::default();
    for number in 0..400_000 {
        let mut header = tar::Header::new_gnu();
        header
            .set_path(format!("d{}/f{number}", number / 1_000))
            .unwrap();
        header.set_size(0);
        header.set_cksum();
        entries.write_all(header.as_bytes()).unwrap();
        sha2::Digest::update(&mut sum, header.as_bytes());
    }
    let stored = entries.finish().unwrap();
    let diff_id = hex(&sha2::Digest::finalize(sum));
    let config = serde_json::json!({
        "os": "linux", "architecture": "amd64",
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{diff_id}")]},
    });
    let manifest = serde_json::json!([{"Config": "config.json", "Layers": ["layer.tar.gz"]}]);
    write_folder(
        &at("many"),
        &[
            ("config.json".to_owned(), config.to_string().into_bytes()),
            (
                "manifest.json".to_owned(),
                manifest.to_string().into_bytes(),
            ),
            ("layer.tar.gz".to_owned(), stored),
        ],
    );
    let output = std::process::Command::new("/bin/sh")
        // Address space, in KiB: far below what 400,000 entries would cost if each were a few hundred bytes.
        .args([
            "-c",
            "ulimit -v 600000; exec \"$0\" docker-size oci:many --format json",
        ])
        .arg(env!("CARGO_BIN_EXE_xtask"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["images"][0]["sizes"]["files"], 400_000);
}
