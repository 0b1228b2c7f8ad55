use super::*;

fn manifest(name: &str) -> Vec<u8> {
    format!(r#"{{"name":"{name}","version":"1.0.0","license":"MIT"}}"#).into_bytes()
}

#[test]
fn the_nearest_package_owns_a_file() {
    let (a, scoped, inner) = (manifest("a"), manifest("@s/b"), manifest("c"));
    assert_eq!(
        told_of(&[
            ("app/main.js", b"1"),
            ("app/package.json", &manifest("app")),
            ("app/node_modules/.package-lock.json", b"{}"),
            ("app/node_modules/a/package.json", &a),
            ("app/node_modules/a/lib/deep/x.js", b"1"),
            ("app/node_modules/a/test/package.json", &manifest("fixture")),
            ("app/node_modules/a/node_modules/c/package.json", &inner),
            ("app/node_modules/a/node_modules/c/x.js", b"1"),
            (
                "app/node_modules/a/node_modules/d/package.json",
                b"{\"name\":\"d\"}"
            ),
            ("app/node_modules/@s/b/package.json", &scoped),
            ("app/node_modules/@s/b/x.js", b"1"),
            ("app/node_modules/@s/loose.js", b"1"),
        ]),
        [
            "@s/b 1.0.0: app/node_modules/@s/b/package.json app/node_modules/@s/b/x.js",
            "a 1.0.0: app/node_modules/a/package.json app/node_modules/a/lib/deep/x.js \
             app/node_modules/a/test/package.json app/node_modules/a/node_modules/d/package.json",
            "c 1.0.0: app/node_modules/a/node_modules/c/package.json \
             app/node_modules/a/node_modules/c/x.js",
        ]
    );
}

#[test]
fn the_same_package_at_two_places_is_two() {
    let a = manifest("a");
    let image = filesystem(&[&[
        ("x/node_modules/a/package.json", &a),
        ("usr/local/lib/node_modules/a/package.json", &a),
    ]]);
    let records: Vec<String> = packages(&image).into_iter().map(|p| p.record).collect();
    assert_eq!(
        records,
        [
            "usr/local/lib/node_modules/a/package.json",
            "x/node_modules/a/package.json"
        ]
    );
}

#[test]
fn what_a_distribution_packed_is_its_own() {
    let apk = b"P:npm\nV:1\nF:usr/lib/node_modules/npm\nR:package.json\nR:x.js\n";
    let npm = manifest("npm");
    assert_eq!(
        told_of(&[
            ("lib/apk/db/installed", apk),
            ("usr/lib/node_modules/npm/package.json", &npm),
            ("usr/lib/node_modules/npm/x.js", b"1"),
        ]),
        ["npm 1: usr/lib/node_modules/npm/package.json usr/lib/node_modules/npm/x.js"]
    );
}

#[test]
fn a_layer_may_replace_a_manifest() {
    let lower: &[(&str, &[u8])] = &[("node_modules/a/package.json", &manifest("a"))];
    let upper: &[(&str, &[u8])] = &[("node_modules/a/package.json", b"{\"version\":\"2\"}")];
    assert_eq!(told(&filesystem(&[lower, upper])), [""; 0]);
}

#[test]
fn deep_folders_cost_no_more_than_their_depth() {
    let mut path = "node_modules/a/".to_owned();
    path.push_str(&"x/".repeat(50_000));
    let deep: Vec<String> = (0..100).map(|n| format!("{path}{n}")).collect();
    let a = manifest("a");
    let mut files: Vec<(&str, &[u8])> = vec![("node_modules/a/package.json", &a)];
    files.extend(deep.iter().map(|path| (&**path, &b"1"[..])));
    let image = filesystem(&[&files]);
    let packages = packages(&image);
    assert_eq!(packages[0].files.len(), 101);
}
