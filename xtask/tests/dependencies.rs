//! What the tool costs and owes: licenses, the number of packages, and no package in two versions.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// As `deny.toml` allows them; a package may offer several.
const LICENSES: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "0BSD",
];

const MOST_PACKAGES: usize = 120;

fn metadata() -> serde_json::Value {
    #[expect(clippy::disallowed_methods, reason = "a test asks cargo about itself")]
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn licenses_allow_what_we_do() {
    let metadata = metadata();
    let mut unclear = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let license = package["license"]
            .as_str()
            .unwrap_or_default()
            .replace('/', " OR ");
        // Every alternative of one OR, or every part of one AND; no package of ours mixes them without brackets.
        let parts: Vec<_> = license
            .split(" OR ")
            .map(|p| p.trim_matches(['(', ')', ' ']))
            .collect();
        let allowed = |part: &str| {
            part.split(" AND ")
                .all(|p| LICENSES.contains(&p.trim_matches(['(', ')'])))
        };
        let bracketed = license.contains(") AND ");
        if !(parts.iter().any(|part| allowed(part)) || bracketed && license.contains("Unicode-3.0"))
        {
            unclear.push(format!("{}: {license}", package["name"]));
        }
    }
    assert!(unclear.is_empty(), "{unclear:#?}");
}

#[test]
fn the_lock_file_stays_small_and_has_no_major_version_twice() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let mut majors: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for package in packages {
        let version = package["version"].as_str().unwrap();
        majors
            .entry(package["name"].as_str().unwrap())
            .or_default()
            .insert(version.to_owned());
    }
    let count: usize = majors.values().map(BTreeSet::len).sum();
    assert!(
        count <= MOST_PACKAGES,
        "{count} packages, at most {MOST_PACKAGES} are allowed"
    );
    // Platform shims of other systems come in several versions and are never compiled here.
    let twice: Vec<_> = majors
        .iter()
        .filter(|(name, versions)| versions.len() > 1 && !name.starts_with("windows"))
        .collect();
    assert!(twice.is_empty(), "in more than one version: {twice:?}");
}
