//! The arrows of docs/architecture.md: a module may only use modules of lower floors, or the neighbors listed here.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Every top-level module with the modules of this crate it may use.
const MAY_USE: &[(&str, &[&str])] = &[
    // Floor 1.
    ("error", &["source"]),
    ("source", &["error"]),
    ("size", &[]),
    ("quantity", &[]),
    ("date", &[]),
    ("timestamp", &["date"]),
    ("base64", &[]),
    ("mapped_text", &["source"]),
    ("text_search", &[]),
    ("parallel", &[]),
    ("edit", &["source"]),
    ("finding", &["edit", "source"]),
    ("rule", &["edit", "finding"]),
    (
        "report",
        &[
            "base64", "edit", "error", "finding", "parallel", "source", "size",
        ],
    ),
    // Floor 2.
    (
        "dockerfile",
        &["error", "mapped_text", "source", "text_search"],
    ),
    ("shell", &["mapped_text", "source", "text_search"]),
    ("dockerignore", &["source"]),
    ("hcl", &["source"]),
    ("secrets", &["source", "text_search"]),
    ("version", &[]),
    ("yaml", &["source"]),
    ("expression", &[]),
    // Floor 3.
    ("audit", &["error", "finding", "timestamp"]),
    (
        "release",
        &["audit", "error", "source", "timestamp", "yaml"],
    ),
    (
        "trial",
        &[
            "date",
            "error",
            "finding",
            "image",
            "project",
            "report",
            "size",
            "source",
            "timestamp",
            "yaml",
        ],
    ),
    ("trust", &["base64", "finding", "project", "timestamp"]),
    ("retention", &["finding", "project", "size", "timestamp"]),
    (
        "scorecard",
        &[
            "base64",
            "error",
            "project",
            "report",
            "size",
            "source",
            "timestamp",
        ],
    ),
    (
        "project",
        &[
            "date",
            "dockerfile",
            "error",
            "finding",
            "image",
            "mapped_text",
            "quantity",
            "size",
            "source",
            "timestamp",
        ],
    ),
    (
        "deploy",
        &[
            "dockerfile",
            "error",
            "finding",
            "project",
            "quantity",
            "rule",
            "secrets",
            "size",
            "source",
            "yaml",
        ],
    ),
    (
        "bake",
        &[
            "dockerfile",
            "error",
            "finding",
            "hcl",
            "project",
            "size",
            "source",
        ],
    ),
    (
        "image",
        &[
            "base64", "date", "error", "finding", "parallel", "report", "secrets", "size", "source",
        ],
    ),
    (
        "adoption",
        &[
            "dockerfile",
            "edit",
            "error",
            "lint",
            "project",
            "source",
            "yaml",
        ],
    ),
    ("context", &["dockerignore", "error", "secrets", "source"]),
    ("caching", &["context", "source"]),
    ("ci", &["context", "error", "project", "source", "yaml"]),
    ("formatter", &["dockerfile", "shell", "source"]),
    (
        "lint",
        &[
            "context",
            "deploy",
            "dockerfile",
            "dockerignore",
            "edit",
            "error",
            "expression",
            "finding",
            "hcl",
            "mapped_text",
            "parallel",
            "project",
            "rule",
            "scan",
            "secrets",
            "shell",
            "size",
            "source",
            "text_search",
            "yaml",
        ],
    ),
    (
        "scan",
        &[
            "date",
            "dockerfile",
            "error",
            "finding",
            "image",
            "mapped_text",
            "parallel",
            "project",
            "rule",
            "secrets",
            "shell",
            "size",
            "source",
            "timestamp",
            "version",
            "yaml",
        ],
    ),
    (
        "tags",
        &["date", "error", "project", "source", "timestamp", "version"],
    ),
    // Floor 4.
    ("process", &["error"]),
    ("atomic_file", &["error"]),
    (
        "advisories",
        &["atomic_file", "engine", "error", "image", "process", "scan"],
    ),
    (
        "trivy",
        &["error", "image", "process", "project", "scan", "timestamp"],
    ),
    ("git", &["context", "error", "process", "source"]),
    ("trail", &["audit", "engine", "error", "timestamp"]),
    (
        "cosign",
        &[
            "atomic_file",
            "base64",
            "engine",
            "error",
            "process",
            "project",
            "timestamp",
            "trust",
        ],
    ),
    (
        "engine",
        &[
            "atomic_file",
            "base64",
            "dockerfile",
            "error",
            "image",
            "parallel",
            "process",
            "project",
            "size",
            "source",
            "trial",
        ],
    ),
    ("progress", &["engine", "error", "process", "size"]),
    ("http", &["engine", "error", "process"]),
    (
        "distribution",
        &["base64", "error", "http", "process", "retention"],
    ),
    (
        "packages",
        &["distribution", "error", "http", "retention", "timestamp"],
    ),
];

/// What files of tests may use besides: they look at errors as users see them.
const TESTS_MAY_USE: &[&str] = &["report"];

/// The rooms of the top floor, which may use everything.
const TOP: &[&str] = &["cli", "commands", "environment", "lib", "main"];

#[test]
fn arrows_only_point_down() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let rules: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    let mut wrong = Vec::new();
    for file in rust_files(&source) {
        let relative = file.strip_prefix(&source).unwrap();
        let module = relative
            .components()
            .next()
            .and_then(|c| Path::new(c.as_os_str()).file_stem())
            .and_then(|s| s.to_str())
            .unwrap()
            .to_owned();
        if TOP.contains(&module.as_str()) {
            continue;
        }
        let Some(allowed) = rules.get(module.as_str()) else {
            wrong.push(format!(
                "{}: the module `{module}` has no floor yet",
                relative.display()
            ));
            continue;
        };
        let is_test = file.ends_with("tests.rs");
        for (number, used) in used_modules(&std::fs::read_to_string(&file).unwrap()) {
            let for_tests = is_test && TESTS_MAY_USE.contains(&used.as_str());
            if used != module && !for_tests && !allowed.contains(&used.as_str()) {
                wrong.push(format!(
                    "{}:{number}: `{module}` may not use `{used}`",
                    relative.display()
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "arrows that point up:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_table_names_no_module_twice_and_none_that_is_gone() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let rules: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    assert_eq!(rules.len(), MAY_USE.len());
    for module in rules.keys() {
        assert!(
            source.join(module).is_dir() || source.join(format!("{module}.rs")).is_file(),
            "{module}"
        );
    }
}

/// The modules named by `crate::…` in code (comments aside), with their line numbers; test modules included.
fn used_modules(text: &str) -> Vec<(usize, String)> {
    let mut used = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        for rest in code.split("crate::").skip(1) {
            let names = if let Some(group) = rest.strip_prefix('{') {
                group.split(',').map(str::trim).map(first_segment).collect()
            } else {
                vec![first_segment(rest)]
            };
            used.extend(
                names
                    .into_iter()
                    .filter(|n| !n.is_empty())
                    .map(|n| (index + 1, n)),
            );
        }
    }
    used
}

fn first_segment(path: &str) -> String {
    path.chars()
        .take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_')
        .collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
