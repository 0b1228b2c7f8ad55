//! Files that are made from the code are what the code would make. `UPDATE=1` writes them.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]
#![expect(
    clippy::disallowed_methods,
    reason = "a test is told by a variable to write instead of to compare"
)]

use camino::Utf8Path;
use xtask::cli;
use xtask::lint::{self, page};
use xtask::project::manifest::{reference, schema};

fn check(path: &str, wanted: &str) {
    let full = Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(&full, wanted).unwrap();
    }
    let present = std::fs::read_to_string(&full).unwrap_or_default();
    assert!(
        present == wanted,
        "{path} is out of date: run `UPDATE=1 cargo test -p xtask --test generated`"
    );
}

#[test]
fn the_reference_of_the_manifest() {
    check("docs/manifest.md", &reference::page());
}

#[test]
fn the_schema_of_the_manifest() {
    check("docker/docker.schema.json", &schema::json_schema());
}

#[test]
fn the_reference_of_the_commands() {
    check("docs/commands.md", &cli::reference::page());
}

#[test]
fn the_reference_of_the_rules() {
    check("docs/rules/README.md", &page::index());
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rules");
    for rule in lint::all() {
        check(&format!("docs/rules/{}.md", rule.code), &page::page(rule));
    }
    let mut strangers = Vec::new();
    for entry in folder.read_dir_utf8().unwrap() {
        let path = entry.unwrap().into_path();
        let stem = path.file_stem().unwrap_or_default();
        if stem == "README" || lint::all().iter().any(|rule| rule.code == stem) {
            continue;
        }
        if std::env::var_os("UPDATE").is_some() {
            std::fs::remove_file(&path).unwrap();
        } else {
            strangers.push(path);
        }
    }
    assert!(
        strangers.is_empty(),
        "no rule has these pages: {strangers:?}"
    );
}
