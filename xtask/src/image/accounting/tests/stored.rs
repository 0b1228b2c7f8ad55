//! Images in a store of blobs.

use camino::Utf8PathBuf;

use super::*;

/// A store with everything that an archive has, but its indexes.
fn store(saved: &Saved) -> (tempfile::TempDir, Utf8PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let store = Utf8PathBuf::from_path_buf(folder.path().join("content")).unwrap();
    std::fs::create_dir_all(store.join("blobs/sha256")).unwrap();
    for (path, bytes) in &saved.files {
        std::fs::write(store.join(path), bytes).unwrap();
    }
    (folder, store)
}

fn stored(
    store: &Utf8PathBuf,
    digest: &str,
    known: &BTreeMap<String, Layer>,
) -> Result<Vec<SavedImage>> {
    let detail = Detail::Sizes;
    read_stored(store, digest, Reading { known, detail }, None)
}

fn digest(descriptor: &serde_json::Value) -> String {
    descriptor["digest"].as_str().unwrap().to_owned()
}

/// One image of two layers, the digest of its manifest, and the path of the upper layer.
fn image() -> (Saved, String, String) {
    let (base, top) = (tar_of(&[regular("base", 10)]), odd_layer());
    let upper = blob_path(&sha(&gzip(&top)));
    let layers = [(base.clone(), gzip(&base)), (top.clone(), gzip(&top))];
    let saved = Saved::default().image("a:1", &layers);
    let named = digest(&saved.index[0]);
    (saved, named, upper)
}

#[test]
fn a_store_says_what_the_archive_says() {
    let (saved, named, _) = image();
    let (_folder, store) = store(&saved);
    let mut read = stored(&store, &named, &BTreeMap::new()).unwrap();
    // Names are the engine's, not the store's.
    read[0].names = vec!["a:1".to_owned()];
    assert_eq!(read, read_all(&saved.bytes()).unwrap());
    assert_eq!(read[0].manifest_digest.as_deref(), Some(named.as_str()));
}

#[test]
fn an_index_leads_to_its_images_and_not_to_attestations() {
    let plain = odd_layer();
    let mut saved = Saved::default();
    let here = saved.manifest("amd64", &[(plain.clone(), gzip(&plain))]);
    let other = saved.manifest("arm64", &[(plain.clone(), gzip(&plain))]);
    let absent = serde_json::json!({"digest": sha(b"absent"), "platform": {"os": "linux", "architecture": "s390x"}});
    let proof = serde_json::json!({"digest": sha(b"proof"), "annotations": {"vnd.docker.reference.type": "attestation-manifest"}});
    let index = serde_json::json!({"manifests": [here, proof, other, absent]});
    let named = saved.blob(index.to_string().into_bytes());
    let (_folder, store) = store(&saved);
    let all = stored(&store, &named, &BTreeMap::new()).unwrap();
    let platforms: Vec<String> = all.iter().map(|image| image.config.platform()).collect();
    assert_eq!(platforms, ["linux/amd64", "linux/arm64"]);
    let none = BTreeMap::new();
    let reading = Reading {
        known: &none,
        detail: Detail::Sizes,
    };
    let one = read_stored(&store, &named, reading, Some("linux/arm64")).unwrap();
    assert_eq!(one, all[1..]);
}

#[test]
fn a_layer_that_was_measured_is_not_read() {
    let (saved, named, upper) = image();
    let (_folder, store) = store(&saved);
    let read = stored(&store, &named, &BTreeMap::new()).unwrap();
    let known = |layer: &Layer| (layer.digest.clone(), layer.clone());
    let known: BTreeMap<String, Layer> = read[0].layers.iter().map(known).collect();
    // Nobody would take this for a layer.
    std::fs::write(store.join(&upper), "").unwrap();
    assert_eq!(stored(&store, &named, &known).unwrap(), read);
    assert!(stored(&store, &named, &BTreeMap::new()).is_err());
}

#[test]
fn what_is_missing_wrong_or_outside_is_an_error() {
    let (saved, named, upper) = image();
    let (folder, store) = store(&saved);
    let error = |named: &str| {
        let error = stored(&store, named, &BTreeMap::new()).unwrap_err();
        error.to_string()
    };
    std::fs::write(folder.path().join("outside"), "{}").unwrap();
    for named in ["sha256:../../../outside", "../outside", "", "sha256:00"] {
        assert!(error(named).contains("is missing"), "{named}");
    }
    let bytes = std::fs::read(store.join(&upper)).unwrap();
    std::fs::write(store.join(&upper), &bytes[..bytes.len() - 1]).unwrap();
    assert!(error(&named).contains("is corrupted"));
    std::fs::remove_file(store.join(&upper)).unwrap();
    assert!(error(&named).contains(&format!("{upper} is missing")));
}
