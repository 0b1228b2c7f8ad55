use camino::Utf8PathBuf;
use sha2::{Digest, Sha256};

use super::*;
use crate::engine::{EngineKind, ImageStore};
use crate::process::{Reply, Scripted};

fn engine(store: ImageStore) -> Engine {
    Engine {
        kind: EngineKind::System,
        docker: "docker".into(),
        variables: Vec::new(),
        store,
        server_version: "28.5.2".into(),
        buildx_version: "0.29.1".into(),
        buildx: None,
        api: None,
        data: None,
        platform: "linux/amd64".into(),
    }
}

fn sha(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold("sha256:".to_owned(), |t, b| format!("{t}{b:02x}"))
}

fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, path, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

/// An engine with one image of one layer with 1000 bytes.
fn scripted() -> (Scripted, String) {
    let layer = tar_of(&[("f", &[7; 1_000])]);
    let id = sha(&layer);
    let config =
        serde_json::json!({"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": [id]}})
            .to_string();
    let layer_path = id
        .replacen(':', "/", 1)
        .replacen("sha256", "blobs/sha256", 1);
    let manifest =
        serde_json::json!([{"Config": "c.json", "RepoTags": ["a:1"], "Layers": [layer_path]}])
            .to_string();
    let saved = tar_of(&[
        ("c.json", config.as_bytes()),
        (&layer_path, &layer),
        ("manifest.json", manifest.as_bytes()),
    ]);
    let inspected = serde_json::json!([{
        "Id": "sha256:1d", "RepoDigests": null, "Os": "linux", "Architecture": "amd64", "Created": "2026-01-01T00:00:00Z",
        "Size": 99, "RootFS": {"Type": "layers", "Layers": [id]}, "Config": {"User": "1001", "Env": null}
    }]);
    let runner = Scripted::default()
        .on("image inspect", Reply::ok(inspected.to_string()))
        .on("image save", Reply::ok(saved));
    (runner, id)
}

fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = Utf8PathBuf::from_path_buf(folder.path().join("deep/layers.json")).unwrap();
    (folder, file)
}

fn asked(runner: &Scripted) -> Vec<String> {
    runner
        .asked()
        .iter()
        .map(crate::process::Command::display)
        .collect()
}

#[test]
fn a_second_measurement_saves_nothing() {
    let (runner, id) = scripted();
    let (_folder, cache) = folder();
    let engine = engine(ImageStore::GraphDriver);
    let cold = measure(&runner, &engine, &["a:1"], &cache).unwrap();
    let size = &cold["a:1"];
    assert_eq!(
        (size.unpacked, size.tar, size.compressed_is_estimate),
        (Bytes(1_000), Bytes(2_560), true)
    );
    assert_eq!(
        (size.digest.as_str(), size.layers[0].diff_id.as_str()),
        ("sha256:1d", id.as_str())
    );
    assert_eq!(measure(&runner, &engine, &["a:1"], &cache).unwrap(), cold);
    assert_eq!(
        asked(&runner),
        [
            "docker image inspect -- a:1",
            "docker image save -- a:1",
            "docker image inspect -- a:1"
        ]
    );
    assert_eq!(
        std::fs::read_dir(cache.parent().unwrap()).unwrap().count(),
        1
    );
}

#[test]
fn what_a_build_made_before_is_no_question_to_the_engine() {
    let (runner, _) = scripted();
    let (_folder, cache) = folder();
    let engine = engine(ImageStore::Containerd);
    let measure = |digest| {
        let built = Built {
            reference: "a:1",
            digest,
        };
        measure_built(&runner, &engine, &[built], &cache).unwrap()
    };
    let cold = measure(Some("sha256:m"));
    assert_eq!(asked(&runner).len(), 2, "inspected and saved");
    assert_eq!(measure(Some("sha256:m")), cold);
    assert_eq!(asked(&runner).len(), 2);
    // Another image, which happens to have the same layers; and one the build did not name.
    assert_eq!(measure(Some("sha256:n")), cold);
    assert_eq!(measure(None), cold);
    assert_eq!(
        asked(&runner)[2..],
        ["docker image inspect -- a:1", "docker image inspect -- a:1"]
    );
    // Which image has which layers is of no use where their sizes are not known.
    let text = std::fs::read_to_string(&cache).unwrap();
    let mut kept: serde_json::Value = serde_json::from_str(&text).unwrap();
    kept["layers"] = serde_json::json!([]);
    std::fs::write(&cache, kept.to_string()).unwrap();
    assert_eq!(measure(Some("sha256:m")), cold);
    assert_eq!(asked(&runner).len(), 6, "inspected and saved again");
}

/// Puts a blob into containerd's store below the engine's data.
fn put(data: &Utf8Path, bytes: &[u8]) -> String {
    let digest = sha(bytes);
    let content = "containerd/daemon/io.containerd.content.v1.content/blobs";
    let file = data.join(content).join(digest.replacen(':', "/", 1));
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, bytes).unwrap();
    digest
}

#[test]
fn of_a_new_image_only_what_is_new_is_read_and_in_the_store() {
    let (_folder, cache) = folder();
    let data = cache.parent().unwrap().join("data");
    let image = |layers: &[Vec<u8>]| {
        let ids: Vec<String> = layers.iter().map(|layer| put(&data, layer)).collect();
        let config = serde_json::json!({"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": ids}});
        let config = put(&data, config.to_string().as_bytes());
        let layers: Vec<_> = ids
            .iter()
            .map(|id| serde_json::json!({"digest": id}))
            .collect();
        let manifest = serde_json::json!({"config": {"digest": config}, "layers": layers});
        put(&data, manifest.to_string().as_bytes())
    };
    let nobody = Scripted::default();
    let mut engine = engine(ImageStore::Containerd);
    engine.data = Some(data.clone());
    let measure = |runner: &Scripted, digest: &str| {
        let built = Built {
            reference: "a:1",
            digest: Some(digest),
        };
        measure_built(runner, &engine, &[built], &cache).map(|sizes| sizes["a:1"].clone())
    };
    let base = tar_of(&[("f", &[7; 1_000])]);
    let first = image(std::slice::from_ref(&base));
    let size = measure(&nobody, &first).unwrap();
    assert_eq!((size.digest, size.unpacked), (first, Bytes(1_000)));
    // A layer that was measured may be gone; one that is new may not.
    let next = image(&[base.clone(), tar_of(&[("g", &[7; 30])])]);
    std::fs::remove_file(data.join(format!(
        "containerd/daemon/io.containerd.content.v1.content/blobs/{}",
        sha(&base).replacen(':', "/", 1)
    )))
    .unwrap();
    let size = measure(&nobody, &next).unwrap();
    assert_eq!((size.unpacked, size.layers.len()), (Bytes(1_030), 2));
    assert_eq!(size.platform, "linux/amd64");
    assert!(nobody.asked().is_empty());
    // What is not in the store is asked for.
    std::fs::remove_dir_all(&data).unwrap();
    let (runner, _) = scripted();
    assert_eq!(measure(&runner, "sha256:m").unwrap().unpacked, Bytes(1_000));
    assert!(!runner.asked().is_empty());
}

#[test]
fn the_stores_are_kept_apart() {
    let (runner, _) = scripted();
    let (_folder, cache) = folder();
    for (store, saves) in [
        (ImageStore::GraphDriver, 1),
        (ImageStore::Containerd, 2),
        (ImageStore::GraphDriver, 2),
    ] {
        measure(&runner, &engine(store), &["a:1"], &cache).unwrap();
        assert_eq!(
            asked(&runner).iter().filter(|c| c.contains("save")).count(),
            saves
        );
    }
}

#[test]
fn a_broken_cache_is_made_anew() {
    let (_folder, cache) = folder();
    std::fs::create_dir_all(cache.parent().unwrap()).unwrap();
    for broken in [
        "",
        "{",
        "[]",
        r#"{"schema_version":99,"layers":[]}"#,
        r#"{"schema_version":1,"layers":[{"x":1}]}"#,
    ] {
        std::fs::write(&cache, broken).unwrap();
        let (runner, _) = scripted();
        let size = measure(&runner, &engine(ImageStore::Containerd), &["a:1"], &cache).unwrap();
        assert_eq!(size["a:1"].unpacked, Bytes(1_000), "{broken}");
        assert!(
            std::fs::read_to_string(&cache)
                .unwrap()
                .contains("\"unpacked_bytes\": 1000")
        );
    }
}

#[test]
fn inspection_reads_what_matters() {
    let (runner, id) = scripted();
    let images = inspect(&runner, &engine(ImageStore::Containerd), &["a:1"]).unwrap();
    assert_eq!(
        (images[0].id.as_str(), images[0].platform.as_str()),
        ("sha256:1d", "linux/amd64")
    );
    assert_eq!(
        (
            images[0].diff_ids.as_slice(),
            images[0].config.user.as_str()
        ),
        (&[id][..], "1001")
    );
    assert!(
        inspect(&runner, &engine(ImageStore::Containerd), &[])
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_missing_image_is_named() {
    let runner = Scripted::default().on(
        "inspect",
        Reply::failure(1, "Error response from daemon: No such image: b:1\n"),
    );
    let error = inspect(&runner, &engine(ImageStore::Containerd), &["a:1", "b:1"]).unwrap_err();
    insta::assert_snapshot!(error, @"there is no image b:1 in the engine (help: build it with `cargo xtask docker-build`)");
}

#[test]
fn what_docker_save_says_comes_before_a_cut_stream() {
    let (_folder, cache) = folder();
    let (inspected, _) = scripted();
    let inspected = inspected
        .run(&crate::process::Command::new("docker").args(["image", "inspect"]))
        .unwrap()
        .stdout;
    let runner = Scripted::default().on("inspect", Reply::ok(inspected)).on(
        "save",
        Reply {
            code: 1,
            stdout: vec![1; 100],
            stderr: b"no space left on device".to_vec(),
        },
    );
    let error = measure(&runner, &engine(ImageStore::Containerd), &["a:1"], &cache).unwrap_err();
    assert_eq!(error.tool_output(), Some("no space left on device"));
    assert!(!cache.exists());
}
