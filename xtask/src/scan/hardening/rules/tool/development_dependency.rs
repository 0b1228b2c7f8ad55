use std::collections::BTreeMap;

use crate::finding::Severity;
use crate::image::inventory::{Manager, Package};
use crate::rule::Category;
use crate::scan::hardening::Purpose;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports packages in a production image that only building and testing need: compilers, bundlers, test runners, linters, types.
    ///
    /// ## Why it is bad
    /// Their flaws are the image's flaws, and they are often the larger part of `node_modules`.
    ///
    /// ## Example
    /// ```text image
    /// RUN npm ci
    /// -rw-r--r-- 0 0 app/node_modules/jest/package.json
    /// | {"name": "jest", "version": "29.0.0"}
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// RUN npm ci --omit=dev
    /// -rw-r--r-- 0 0 app/node_modules/express/package.json
    /// | {"name": "express", "version": "5.0.0"}
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5307",
        name: "development-dependency-in-image",
        aliases: &["CIS-DI-0003"],
        severity: Severity::Note,
        category: Category::Security,
        summary: "a production image has packages for building and testing",
    } by check;
}

const OF_NODE: [&str; 31] = [
    "typescript",
    "ts-node",
    "tsx",
    "esbuild",
    "webpack",
    "webpack-cli",
    "rollup",
    "vite",
    "parcel",
    "babel-cli",
    "@babel/cli",
    "@babel/core",
    "@swc/core",
    "jest",
    "vitest",
    "mocha",
    "ava",
    "jasmine",
    "cypress",
    "playwright",
    "@playwright/test",
    "karma",
    "nyc",
    "c8",
    "eslint",
    "prettier",
    "nodemon",
    "husky",
    "lint-staged",
    "nx",
    "lerna",
];
const OF_PYTHON: [&str; 14] = [
    "pytest",
    "tox",
    "nox",
    "coverage",
    "mypy",
    "black",
    "flake8",
    "pylint",
    "ruff",
    "isort",
    "pre-commit",
    "ipython",
    "sphinx",
    "hypothesis",
];

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    if image.subject.purpose == Purpose::Development {
        return;
    }
    let filesystem = image.subject.filesystem;
    let mut by_layer: BTreeMap<usize, Vec<&Package>> = BTreeMap::new();
    for package in image.subject.packages {
        let is_meant = match package.manager {
            Manager::Npm => {
                OF_NODE.contains(&&*package.name) || package.name.starts_with("@types/")
            }
            Manager::Python => OF_PYTHON.contains(&&*package.name),
            _ => false,
        };
        let file = filesystem.find(package.record.as_bytes());
        if let (true, Some(file)) = (is_meant, file) {
            by_layer.entry(file.layer).or_default().push(package);
        }
    }
    for (layer, packages) in by_layer {
        let mut names: Vec<&str> = packages.iter().map(|package| &*package.name).collect();
        names.dedup();
        let first: Vec<String> = names
            .iter()
            .take(3)
            .map(|name| format!("`{name}`"))
            .collect();
        let more = match names.len().saturating_sub(3) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        findings
            .layer(layer, format!("{}{more} are for building and testing", first.join(", ")))
            .help("install without them: `npm ci --omit=dev`, `pip install` without the extras for development; or bundle the application")
            .property("packages", names);
    }
}
