//! What a registry was sent, and what it keeps: read from its log and its disk.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde_json::Value;

/// Blobs by digest, with their size in bytes as they are stored.
pub(crate) type Blobs = BTreeMap<String, u64>;

/// What clients sent, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    /// Layers and configurations whose bytes were sent: repository and digest. What was sent twice stands here twice.
    pub(crate) blobs: Vec<(String, String)>,
    /// Those that the registry took from another of its repositories, without a byte being sent.
    pub(crate) mounted: Vec<(String, String)>,
    /// The manifests: repository, and tag or digest.
    pub(crate) manifests: Vec<(String, String)>,
}

/// Reads the log of CNCF Distribution, written with level `info` and format `json`. Lines of another kind are passed
/// over; only what the registry accepted counts.
#[must_use]
pub(crate) fn sent(log: &str) -> Sent {
    let mut sent = Sent::default();
    for line in log.lines() {
        let Ok(entry) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("msg") != "response completed" || entry["http.response.status"] != 201 {
            continue;
        }
        let (path, query) = text("http.request.uri")
            .split_once('?')
            .unwrap_or((text("http.request.uri"), ""));
        let parameter = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let mut values = pairs.filter(|(found, _)| *found == name);
            values.next().map(|(_, value)| value.replace("%3A", ":"))
        };
        let Some(path) = path.strip_prefix("/v2/") else {
            continue;
        };
        let method = text("http.request.method");
        if let (Some((repository, reference)), "PUT") = (path.split_once("/manifests/"), method) {
            let manifest = (repository.to_owned(), reference.to_owned());
            sent.manifests.push(manifest);
        }
        let Some((repository, _)) = path.split_once("/blobs/uploads/") else {
            continue;
        };
        // A digest ends an upload, whose content came before or comes with it; with `mount` there is none.
        let of_repository = |digest| (repository.to_owned(), digest);
        if matches!(method, "PUT" | "POST") {
            sent.blobs.extend(parameter("digest").map(of_repository));
            sent.mounted.extend(parameter("mount").map(of_repository));
        }
    }
    sent
}

/// All blobs that a registry keeps below its folder `data`; manifests are among them.
///
/// # Errors
/// If the folder cannot be read.
pub(crate) fn stored(data: &Utf8Path) -> std::io::Result<Blobs> {
    let mut blobs = Blobs::new();
    let root = data.join("docker/registry/v2/blobs");
    if !root.is_dir() {
        return Ok(blobs);
    }
    for algorithm in root.read_dir_utf8()? {
        let algorithm = algorithm?;
        for group in algorithm.path().read_dir_utf8()? {
            for blob in group?.path().read_dir_utf8()? {
                let blob = blob?;
                let size = blob.path().join("data").metadata()?.len();
                let digest = format!("{}:{}", algorithm.file_name(), blob.file_name());
                blobs.insert(digest, size);
            }
        }
    }
    Ok(blobs)
}

/// The digest of the manifest that a tag names; a digest names itself.
///
/// # Errors
/// If there is no such tag.
pub(crate) fn resolved(
    data: &Utf8Path,
    repository: &str,
    reference: &str,
) -> std::io::Result<String> {
    if reference.contains(':') {
        return Ok(reference.to_owned());
    }
    let tags = format!("docker/registry/v2/repositories/{repository}/_manifests/tags");
    let link = data.join(tags).join(reference).join("current/link");
    Ok(std::fs::read_to_string(link)?.trim().to_owned())
}

/// Bytes of the blobs that are new since `before`.
#[must_use]
pub(crate) fn added(before: &Blobs, now: &Blobs) -> u64 {
    let new = now
        .iter()
        .filter(|(digest, _)| !before.contains_key(*digest));
    new.map(|(_, size)| size).sum()
}

/// The part that is saved, in percent, to two decimals; negative where more is needed.
#[must_use]
pub(crate) fn saved_percent(baseline: u64, ours: u64) -> f64 {
    if baseline == 0 {
        return 0.0;
    }
    let saved = (1.0 - ours as f64 / baseline as f64) * 100.0;
    (saved * 100.0).round() / 100.0
}
