use proptest::prelude::*;

use super::*;

mod archives;
mod stored;

use archives::{File, Saved, archive, blob_path, gzip, sha, tar_of, zstd_raw};

fn read_all(bytes: &[u8]) -> Result<Vec<SavedImage>> {
    reading(bytes, &BTreeMap::new())
}

fn reading(mut bytes: &[u8], known: &BTreeMap<String, Layer>) -> Result<Vec<SavedImage>> {
    let detail = Detail::Sizes;
    read(&mut bytes, Reading { known, detail })
}

fn regular(path: &str, size: usize) -> File {
    File::Regular(path.into(), size)
}

fn odd_layer() -> Vec<u8> {
    tar_of(&[
        File::Directory("app".into()),
        regular("app/a", 1_000),
        File::Link("app/b".into(), "app/a".into()),
        File::Symlink("app/c".into(), "a".into()),
        regular("app/.wh.gone", 0),
        regular("app/.wh..wh..opq", 0),
        regular(&format!("app/{}", "long".repeat(60)), 7),
        regular("app/{}", 30),
    ])
}

#[test]
fn every_encoding_gives_the_same_sizes() {
    let plain = odd_layer();
    for (encoding, stored) in [
        (Encoding::Plain, plain.clone()),
        (Encoding::Gzip, gzip(&plain)),
        (Encoding::Zstd, zstd_raw(&plain)),
    ] {
        let images = read_all(
            &Saved::default()
                .image("a:1", &[(plain.clone(), stored.clone())])
                .bytes(),
        )
        .unwrap();
        let [image] = &images[..] else {
            panic!("{images:?}")
        };
        assert_eq!(
            (image.unpacked(), image.tar()),
            (Bytes(1_037), Bytes(plain.len() as u64))
        );
        let [layer] = &image.layers[..] else {
            panic!("{image:?}")
        };
        // Whiteouts are no files.
        assert_eq!((layer.encoding, layer.files), (encoding, 3));
        assert_eq!(
            (layer.diff_id.as_str(), layer.digest.as_str()),
            (&*sha(&plain), &*sha(&stored))
        );
        assert_eq!(image.compressed_is_estimate(), encoding == Encoding::Plain);
        if encoding == Encoding::Plain {
            assert!(
                (100..1_000).contains(&image.compressed().0),
                "{}",
                image.compressed()
            );
        } else {
            assert_eq!(image.compressed(), Bytes(stored.len() as u64));
        }
        assert_eq!(image.names, ["a:1"]);
        assert_eq!(image.config.platform(), "linux/amd64");
        assert_eq!(image.config.config.labels["a"], "b");
    }
}

#[test]
fn real_zstd_is_read() {
    // `printf hello > f && tar --format=ustar --owner=0 --group=0 --mtime=@0 --mode=644 -cf - f | zstd -19`
    let stored = include_bytes!("../../../tests/fixtures/layer.tar.zst");
    let mut plain = Vec::new();
    zstd::Frames::new(&stored[..])
        .read_to_end(&mut plain)
        .unwrap();
    let images = read_all(
        &Saved::default()
            .image("a:1", &[(plain, stored.to_vec())])
            .bytes(),
    )
    .unwrap();
    assert_eq!(
        (images[0].unpacked(), images[0].layers[0].encoding),
        (Bytes(5), Encoding::Zstd)
    );
}

#[test]
fn two_images_share_a_layer_and_keep_their_names() {
    let base = tar_of(&[regular("base", 10)]);
    let top = tar_of(&[regular("top", 5)]);
    let (base, top) = ((base.clone(), gzip(&base)), (top.clone(), gzip(&top)));
    let mut saved = Saved::default()
        .image("library/base:1", std::slice::from_ref(&base))
        .image("jts/a:1", &[base, top]);
    saved.index.push({
        let mut again = saved.index[0].clone();
        again["annotations"] =
            serde_json::json!({"io.containerd.image.name": "docker.io/library/other:2"});
        again
    });
    let images = read_all(&saved.bytes()).unwrap();
    let sizes: Vec<_> = images
        .iter()
        .map(|i| (i.names.join(" "), i.unpacked().0))
        .collect();
    assert_eq!(
        sizes,
        [
            ("base:1 other:2 library/base:1".into(), 10),
            ("jts/a:1".into(), 15)
        ]
    );
}

#[test]
fn the_layout_before_oci_is_read() {
    let plain = tar_of(&[regular("f", 3)]);
    let config = serde_json::json!({"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": [sha(&plain), sha(&plain)]}}).to_string();
    let manifest = serde_json::json!([{"Config": "aa.json", "RepoTags": ["a:1"], "Layers": ["x/layer.tar", "y/layer.tar"]}]).to_string();
    let mut tar = tar::Builder::new(Vec::new());
    for (path, bytes) in [
        ("aa.json", config.as_bytes()),
        ("x/layer.tar", &plain),
        ("manifest.json", manifest.as_bytes()),
    ] {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, path, bytes).unwrap();
    }
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    tar.append_link(&mut header, "y/layer.tar", "../x/layer.tar")
        .unwrap();
    let images = read_all(&tar.into_inner().unwrap()).unwrap();
    assert_eq!(
        (images[0].unpacked(), images[0].names.as_slice()),
        (Bytes(6), &["a:1".to_owned()][..])
    );
    assert_eq!(images[0].manifest_digest, None);
}

#[test]
fn platforms_are_images_and_attestations_are_not() {
    let plain = tar_of(&[regular("f", 3)]);
    let layer = (plain.clone(), gzip(&plain));
    let mut saved = Saved::default();
    let amd = saved.manifest("amd64", std::slice::from_ref(&layer));
    let arm = saved.manifest("arm64", &[layer.clone(), layer]);
    let statement = saved.blob(br#"{"_type":"in-toto"}"#.to_vec());
    let config = saved.blob(
        br#"{"os":"unknown","architecture":"unknown","rootfs":{"diff_ids":["sha256:00"]}}"#
            .to_vec(),
    );
    let attestation = saved.blob(
        serde_json::json!({"config": {"digest": config}, "layers": [{"digest": statement}]})
            .to_string()
            .into_bytes(),
    );
    let index = serde_json::json!({"manifests": [
        amd, arm,
        {"digest": attestation, "platform": {"os": "unknown", "architecture": "unknown"}},
        {"digest": attestation, "annotations": {"vnd.docker.reference.type": "attestation-manifest"}},
        {"digest": format!("sha256:{}", "0".repeat(64)), "platform": {"os": "linux", "architecture": "s390x"}},
    ]});
    let index = saved.blob(index.to_string().into_bytes());
    saved.index.push(serde_json::json!({"digest": index, "annotations": {"io.containerd.image.name": "docker.io/a/b:1"}}));
    let images = read_all(&saved.bytes()).unwrap();
    let shown: Vec<_> = images
        .iter()
        .map(|i| (i.config.platform(), i.unpacked().0, i.names.join(" ")))
        .collect();
    assert_eq!(
        shown,
        [
            ("linux/amd64".into(), 3, "a/b:1".into()),
            ("linux/arm64".into(), 6, "a/b:1".into())
        ]
    );
}

#[test]
fn a_known_layer_is_verified_and_not_measured() {
    let plain = tar_of(&[regular("f", 3)]);
    let stored = gzip(&plain);
    let saved = Saved::default()
        .image("a:1", &[(plain, stored.clone())])
        .bytes();
    let mut layer = read_all(&saved).unwrap()[0].layers[0].clone();
    layer.unpacked = Bytes(77);
    let known = BTreeMap::from([(layer.digest.clone(), layer)]);
    assert_eq!(reading(&saved, &known).unwrap()[0].unpacked(), Bytes(77));
    assert!(
        reading(&corrupt(&saved, &stored), &known)
            .unwrap_err()
            .to_string()
            .contains("corrupted")
    );
}

/// `archive` with one byte of `part` changed.
fn corrupt(archive: &[u8], part: &[u8]) -> Vec<u8> {
    let at = archive
        .windows(part.len())
        .position(|window| window == part)
        .unwrap();
    let mut bytes = archive.to_vec();
    bytes[at + part.len() / 2] ^= 1;
    bytes
}

fn why(result: Result<Vec<SavedImage>>) -> String {
    let text = result.unwrap_err().to_string();
    let hex = |word: &str| word.len() > 20 && word.bytes().all(|b| b.is_ascii_hexdigit());
    text.split_inclusive(|c: char| !c.is_ascii_alphanumeric())
        .map(|word| {
            if hex(word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric())) {
                "…"
            } else {
                word
            }
        })
        .collect()
}

#[test]
fn every_kind_of_damage_is_named() {
    let plain = tar_of(&[regular("f", 3_000)]);
    let stored = gzip(&plain);
    let saved = || Saved::default().image("a:1", &[(plain.clone(), stored.clone())]);
    let whole = saved().bytes();
    let without = |path: &str| {
        let mut saved = saved();
        saved.files.retain(|(p, _)| p != path);
        why(read_all(&saved.bytes()))
    };
    let manifest = blob_path(saved().index[0]["digest"].as_str().unwrap());
    let other = tar_of(&[regular("g", 1)]);
    let wrong_diff_id = Saved::default()
        .image("a:1", &[(other, gzip(&plain))])
        .bytes();
    let not_tar = b"this is no tar".to_vec();
    let found = [
        ("corrupted layer", why(read_all(&corrupt(&whole, &stored)))),
        ("truncated", why(read_all(&whole[..700]))),
        (
            "truncated at a boundary",
            why(read_all(
                &whole[..1_024 + stored.len().next_multiple_of(512) - 512],
            )),
        ),
        ("empty", why(read_all(&[]))),
        ("not an archive", why(read_all(&[b'x'; 2_000]))),
        ("no layer", without(&blob_path(&sha(&stored)))),
        ("no manifest", without(&manifest)),
        ("other diff id", why(read_all(&wrong_diff_id))),
        (
            "no tar",
            why(read_all(
                &Saved::default()
                    .image("a:1", &[(not_tar.clone(), not_tar)])
                    .bytes(),
            )),
        ),
        (
            "broken index",
            why(read_all(&archive(&[("index.json".into(), b"{".to_vec())]))),
        ),
        (
            "large index",
            why(read_all(&archive(&[(
                "index.json".into(),
                vec![b'{'; 9 << 20],
            )]))),
        ),
        (
            "a layer for an index",
            why(read_all(&archive(&[("index.json".into(), plain.clone())]))),
        ),
    ];
    let found: Vec<_> = found
        .iter()
        .map(|(name, why)| format!("{name}: {why}"))
        .collect();
    let found = found.join("\n");
    insta::assert_snapshot!(found.replace("failed to read the saved images", "~"), @r"
    corrupted layer: ~: blobs/sha256/…is corrupted: its content has the digest sha256:…(help: run the command again; if it fails again, remove the image and rebuild it)
    truncated: ~: the archive is damaged or ends too early: unexpected end of file
    truncated at a boundary: ~: the archive is damaged or ends too early: unexpected end of file
    empty: ~: it has neither an index.json nor a manifest.json (help: expected what `docker save` writes)
    not an archive: ~: the archive is damaged or ends too early: it is no tar archive at byte 0: the checksum of a header does not match
    no layer: ~: blobs/sha256/…is missing
    no manifest: ~: blobs/sha256/…is missing
    other diff id: ~: the layer blobs/sha256/…unpacks to sha256:… the configuration says sha256:…
    no tar: ~: cannot use blobs/sha256/… it is not a layer: the archive is cut off at byte 14
    broken index: ~: cannot use index.json: EOF while parsing an object at line 1 column 1
    large index: ~: cannot use index.json: it is larger than 8.4 MB
    a layer for an index: ~: cannot use index.json: it is not a JSON document but a layer
    ");
}

/// Layers of files, and what they come to.
fn layers() -> impl Strategy<Value = Vec<Vec<File>>> {
    let path = "[a-z]{1,12}(/[a-z][a-z.]{0,130}){0,3}x";
    let file = prop_oneof![
        4 => (path, 0usize..3_000).prop_map(|(p, s)| File::Regular(p, s)),
        1 => (path, path).prop_map(|(p, t)| File::Link(p, t)),
        1 => (path, path).prop_map(|(p, t)| File::Symlink(p, t)),
        1 => path.prop_map(File::Directory),
    ];
    proptest::collection::vec(proptest::collection::vec(file, 0..12), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn unpacked_is_the_sum_of_regular_files(layers in layers(), encodings in proptest::collection::vec(0..3, 4)) {
        let expected: usize = layers.iter().flatten().map(|f| if let File::Regular(_, size) = f { *size } else { 0 }).sum();
        let tars: Vec<_> = layers.iter().map(|files| tar_of(files)).collect();
        let total: usize = tars.iter().map(Vec::len).sum();
        let stored: Vec<_> = tars.into_iter().zip(encodings).map(|(tar, encoding)| {
            let stored = match encoding { 0 => tar.clone(), 1 => gzip(&tar), _ => zstd_raw(&tar) };
            (tar, stored)
        }).collect();
        let images = read_all(&Saved::default().image("a:1", &stored).bytes()).unwrap();
        prop_assert_eq!(images[0].unpacked(), Bytes(expected as u64));
        prop_assert_eq!(images[0].tar(), Bytes(total as u64));
    }

    #[test]
    fn a_changed_byte_is_never_silent_in_a_blob(at in 0usize..1_000_000, cut in any::<bool>()) {
        let plain = odd_layer();
        let stored = gzip(&plain);
        let whole = Saved::default().image("a:1", &[(plain, stored.clone())]).bytes();
        let start = whole.windows(stored.len()).position(|w| w == stored).unwrap();
        let at = start + at % stored.len();
        let mut bytes = whole.clone();
        if cut { bytes.truncate(at) } else { bytes[at] ^= 0x10 }
        prop_assert!(read_all(&bytes).is_err());
    }
}

#[test]
fn zstd_frames_follow_each_other() {
    let plain: Vec<u8> = (0..5_500u32).flat_map(u32::to_le_bytes).collect();
    let mut read = Vec::new();
    zstd::Frames::new(&zstd_raw(&plain)[..])
        .read_to_end(&mut read)
        .unwrap();
    assert_eq!(read.len(), plain.len());
    assert!(read == plain);
}
