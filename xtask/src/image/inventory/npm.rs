//! Node's packages: each folder in a `node_modules` whose `package.json` has a name and a version.

use serde_json::{Map, Value};

use super::fields::value;
use super::{Inventory, MAX_MANIFEST_BYTES, Manager, Package};

const MANIFEST: &[u8] = b"/package.json";
const KEPT: [&str; 3] = ["name", "version", "license"];

pub(super) fn wanted(path: &[u8]) -> Option<u64> {
    path.strip_suffix(MANIFEST)
        .is_some_and(is_root)
        .then_some(MAX_MANIFEST_BYTES)
}

/// Whether a package is installed in a folder: `node_modules/name` or `node_modules/@scope/name`.
fn is_root(folder: &[u8]) -> bool {
    let mut parts = folder.rsplit(|byte| *byte == b'/');
    let mut next = || parts.next().unwrap_or_default();
    // Package managers keep their own things in folders with a dot.
    let is_name = |part: &[u8]| !part.is_empty() && !part.starts_with(b".");
    let (name, above) = (next(), next());
    match above {
        b"node_modules" => is_name(name) && !name.starts_with(b"@"),
        scope if scope.starts_with(b"@") => is_name(name) && next() == b"node_modules",
        _ => false,
    }
}

/// Of a `package.json`, what is read of it later, as JSON; nothing if it is none.
pub(super) fn kept(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let Ok(manifest) = serde_json::from_str::<Map<String, Value>>(text) else {
        return Vec::new();
    };
    let license = license(&manifest).map(str::to_owned);
    let mut kept = Map::new();
    for (key, text) in manifest {
        let is_short = text
            .as_str()
            .is_some_and(|text| value(text.as_bytes()).is_some());
        if is_short && KEPT.contains(&&*key) {
            kept.insert(key, text);
        }
    }
    if let Some(license) = license.filter(|license| value(license.as_bytes()).is_some()) {
        kept.insert("license".to_owned(), Value::String(license));
    }
    if !kept.contains_key("name") || !kept.contains_key("version") {
        return Vec::new();
    }
    serde_json::to_vec(&kept).unwrap_or_default()
}

/// Its license; old ones write `{"type": …}`, or a list of those.
fn license(manifest: &Map<String, Value>) -> Option<&str> {
    let license = manifest
        .get("license")
        .or_else(|| manifest.get("licenses"))?;
    let license = license.get(0).unwrap_or(license);
    license
        .as_str()
        .or_else(|| license.get("type").and_then(Value::as_str))
}

pub(super) fn add(inventory: &mut Inventory<'_>) {
    let captured = inventory.captured;
    for (path, text) in captured {
        if wanted(path.as_bytes()).is_none() {
            continue;
        }
        let Ok(manifest) = serde_json::from_slice::<Map<String, Value>>(text) else {
            continue;
        };
        let field = |key| value(manifest.get(key)?.as_str()?.as_bytes());
        let (Some(name), Some(version)) = (field("name"), field("version")) else {
            continue;
        };
        let Some(node) = inventory.own_record(path) else {
            continue;
        };
        let package = inventory.push(Package {
            license: field("license"),
            ..Package::new(Manager::Npm, name, version, path)
        });
        let root = inventory.filesystem.parent(node);
        inventory.roots.entry(root).or_insert(package);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_installed_directly_in_node_modules() {
        for (path, expected) in [
            ("app/node_modules/a/package.json", true),
            ("node_modules/a/package.json", true),
            ("usr/local/lib/node_modules/npm/package.json", true),
            ("node_modules/@scope/a/package.json", true),
            ("node_modules/a/node_modules/@s/b/package.json", true),
            (
                "node_modules/.pnpm/a@1.0.0/node_modules/a/package.json",
                true,
            ),
            ("node_modules/a/test/fixtures/package.json", false),
            ("node_modules/a/dist/esm/package.json", false),
            ("node_modules/@scope/package.json", false),
            ("node_modules/@scope/a/lib/package.json", false),
            ("@scope/a/package.json", false),
            ("node_modules/package.json", false),
            ("node_modules/.bin/package.json", false),
            ("app/package.json", false),
            ("package.json", false),
            ("x_node_modules/a/package.json", false),
            ("node_modules//package.json", false),
        ] {
            assert_eq!(wanted(path.as_bytes()).is_some(), expected, "{path}");
        }
    }

    #[test]
    fn of_a_manifest_what_is_read_later_is_kept() {
        let text = |bytes: &[u8]| String::from_utf8(kept(bytes)).unwrap();
        for (manifest, expected) in [
            (
                r#"{"name":"a","scripts":{"x":"y"},"version":"1.0.0","license":"MIT"}"#,
                r#"{"name":"a","version":"1.0.0","license":"MIT"}"#,
            ),
            (
                r#"{"name":"a","version":"1","license":{"type":"ISC","url":"u"}}"#,
                r#"{"name":"a","version":"1","license":"ISC"}"#,
            ),
            (
                r#"{"name":"a","version":"1","licenses":[{"type":"BSD"},{"type":"MIT"}]}"#,
                r#"{"name":"a","version":"1","license":"BSD"}"#,
            ),
            (
                "\u{feff}{\"name\":\"a\",\"version\":\"1\",\"license\":7}",
                r#"{"name":"a","version":"1"}"#,
            ),
            (r#"{"name":"a"}"#, ""),
            (r#"{"name":"a","version":1}"#, ""),
            (r#"{"name":"","version":"1"}"#, ""),
            (r#"{"name":"a\u001b[31m","version":"1"}"#, ""),
            ("[]", ""),
            ("{", ""),
            ("", ""),
        ] {
            assert_eq!(text(manifest.as_bytes()), expected, "{manifest}");
        }
        let deep = format!(r#"{{"name":"a","version":"1","x":{}"#, "[".repeat(200_000));
        assert_eq!(text(deep.as_bytes()), "");
        let long = format!(r#"{{"name":"{}","version":"1"}}"#, "a".repeat(100_000));
        assert_eq!(text(long.as_bytes()), "");
        assert_eq!(
            text(b"{\"name\":\"a\xff\",\"version\":\"1\"}"),
            "{\"name\":\"a\u{fffd}\",\"version\":\"1\"}"
        );
    }
}
