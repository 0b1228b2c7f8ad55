//! Images and advisories made by hand.

use std::path::Path;

use serde_json::{Value, json};

use super::archives::{Member, digest, write_archive, write_folder};

/// A layer; what is called `server` can be run.
fn tar_of(members: &[Member<'_>]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, content) in members {
        let mut header = tar::Header::new_gnu();
        let is_folder = path.ends_with('/');
        header.set_mode(if is_folder || path.ends_with("/server") {
            0o755
        } else {
            0o644
        });
        header.set_size(content.len() as u64);
        if is_folder {
            header.set_entry_type(tar::EntryType::Directory);
        }
        tar.append_data(&mut header, path, *content).unwrap();
    }
    tar.into_inner().unwrap()
}

const OS_RELEASE: &[u8] = b"ID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME=\"Alpine Linux v3.20\"\n";

const INSTALLED: &[u8] =
    b"P:libssl3\nV:3.3.2-r0\nA:x86_64\nL:Apache-2.0\no:openssl\nF:usr/lib\nR:libssl.so.3\n\n\
P:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\no:musl\nF:lib\nR:ld-musl-x86_64.so.1\n\n";

const PASSWD: &[u8] = b"root:x:0:0:root:/:/sbin/nologin\napp:x:1001:1001::/app:/sbin/nologin\n";
const GROUP: &[u8] = b"root:x:0:\napp:x:1001:\n";

/// A key of the shape that a rule knows, put together so that nobody takes this file for a leak.
pub(crate) fn planted_secret() -> String {
    format!("AKIA{}", "Q3EGRNEWTR7KMZPX")
}

/// An archive with an image of these layers.
pub(crate) fn write(file: &Path, layers: &[&[Member<'_>]], config: &Value) {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut blob = |bytes: Vec<u8>| {
        let (digest, size) = (digest(&bytes), bytes.len());
        files.push((format!("blobs/{}", digest.replace(':', "/")), bytes));
        json!({ "digest": digest, "size": size })
    };
    let tars: Vec<Vec<u8>> = layers.iter().map(|members| tar_of(members)).collect();
    let diff_ids: Vec<String> = tars.iter().map(|tar| digest(tar)).collect();
    let history: Vec<Value> = (0..layers.len())
        .map(|at| json!({ "created_by": format!("COPY layer{at} / # buildkit") }))
        .collect();
    let config = blob(
        json!({
            "os": "linux", "architecture": "amd64", "created": "2026-11-30T00:00:00Z",
            "config": config, "history": history,
            "rootfs": { "type": "layers", "diff_ids": diff_ids },
        })
        .to_string()
        .into_bytes(),
    );
    let layers: Vec<Value> = tars.into_iter().map(&mut blob).collect();
    let manifest = json!({ "schemaVersion": 2, "config": config, "layers": layers });
    let manifest = blob(manifest.to_string().into_bytes());
    let index = json!({ "schemaVersion": 2, "manifests": [manifest] });
    files.push(("index.json".to_owned(), index.to_string().into_bytes()));
    files.push((
        "oci-layout".to_owned(),
        b"{\"imageLayoutVersion\":\"1.0.0\"}".to_vec(),
    ));
    write_archive(file, &files);
}

fn good_config() -> Value {
    json!({
        "User": "1001:1001", "Env": ["PATH=/usr/bin"], "Entrypoint": ["/app/server"],
        "WorkingDir": "/app", "Healthcheck": { "Test": ["CMD", "/app/server", "--probe"] },
        "Labels": {
            "org.opencontainers.image.source": "https://example.com/shop",
            "org.opencontainers.image.revision": "1111111111111111111111111111111111111111",
            "org.opencontainers.image.version": "1.0.0",
            "org.opencontainers.image.title": "shop",
            "org.opencontainers.image.created": "2026-11-30T00:00:00Z",
            "org.opencontainers.image.base.name": "example.com/base:1",
            "org.opencontainers.image.base.digest": format!("sha256:{}", "a".repeat(64)),
        },
    })
}

/// With everything planted: a vulnerable package of the distribution, one of npm, a secret that a later layer hides,
/// and the user root.
pub(crate) fn write_planted(file: &Path) {
    let secret = format!("aws_access_key_id = {}\n", planted_secret());
    write(
        file,
        &[
            &[
                ("etc/os-release", OS_RELEASE),
                ("etc/passwd", PASSWD),
                ("etc/group", GROUP),
                ("lib/apk/db/installed", INSTALLED),
                ("usr/lib/libssl.so.3", b"so"),
            ],
            &[
                ("app/", b""),
                (
                    "app/node_modules/braces/package.json",
                    b"{\"name\":\"braces\",\"version\":\"3.0.2\"}",
                ),
                ("app/settings.ini", secret.as_bytes()),
            ],
            &[("app/.wh.settings.ini", b"")],
        ],
        &json!({ "User": "root", "Entrypoint": ["/app/server"] }),
    );
}

/// Of the same kind, with nothing wrong that these tests plant: the packages are of versions with the fixes.
pub(crate) fn write_clean(file: &Path) {
    let installed = String::from_utf8(INSTALLED.to_vec()).unwrap();
    let installed = installed.replace("3.3.2-r0", "3.3.3-r0");
    write(
        file,
        &[
            &[
                ("etc/os-release", OS_RELEASE),
                ("etc/passwd", PASSWD),
                ("etc/group", GROUP),
                ("lib/apk/db/installed", installed.as_bytes()),
            ],
            &[
                ("app/", b""),
                ("app/server", b"\x7fELF"),
                (
                    "app/node_modules/braces/package.json",
                    b"{\"name\":\"braces\",\"version\":\"3.0.3\"}",
                ),
            ],
        ],
        &good_config(),
    );
}

/// Advisories about what is planted; of today, as far as anybody can tell.
pub(crate) fn write_advisories(folder: &Path) {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let today = xtask::timestamp::Timestamp::from_unix_seconds(i64::try_from(now).unwrap());
    write_advisories_of(folder, &today.to_string());
}

pub(crate) fn write_advisories_of(folder: &Path, modified: &str) {
    let apk = json!({
        "schema_version": "1.7.0", "id": "ALPINE-CVE-2027-0001", "modified": modified,
        "upstream": ["CVE-2027-0001"], "aliases": ["CVE-2027-0001"],
        "summary": "a weakness of openssl",
        "severity": [{ "type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }],
        "affected": [{
            "package": { "ecosystem": "Alpine:v3.20", "name": "openssl" },
            "ranges": [{ "type": "ECOSYSTEM", "events": [{ "introduced": "0" }, { "fixed": "3.3.3-r0" }] }],
        }],
    });
    let npm = json!({
        "schema_version": "1.7.0", "id": "GHSA-grv7-fg5c-xmjg", "modified": modified,
        "aliases": ["CVE-2027-0002"], "summary": "a weakness of braces",
        "severity": [{ "type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" }],
        "affected": [{
            "package": { "ecosystem": "npm", "name": "braces" },
            "ranges": [{ "type": "SEMVER", "events": [{ "introduced": "0" }, { "fixed": "3.0.3" }] }],
        }],
    });
    write_folder(
        folder,
        &[
            (
                "Alpine/ALPINE-CVE-2027-0001.json".to_owned(),
                apk.to_string().into_bytes(),
            ),
            (
                "npm/GHSA-grv7-fg5c-xmjg.json".to_owned(),
                npm.to_string().into_bytes(),
            ),
        ],
    );
}
