//! A monorepo with known defects: what is found in it, and that nothing else is.
//!
//! The texts in `testdata/lint/multi_stage` are a plausible first draft of six services that share a base image. Each
//! of their defects was proven by building or running them; hadolint and `BuildKit`'s checks report two.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]
#![expect(
    clippy::disallowed_methods,
    reason = "the program is started as a user starts it"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Where each text belongs in the monorepo.
const FILES: [(&str, &str); 7] = [
    ("base.Dockerfile.txt", "docker/base/Dockerfile"),
    ("api-gateway.Dockerfile.txt", "apps/api-gateway/Dockerfile"),
    (
        "strategy-engine.Dockerfile.txt",
        "apps/strategy-engine/Dockerfile",
    ),
    (
        "order-execution.Dockerfile.txt",
        "apps/order-execution/Dockerfile",
    ),
    ("dockerignore.txt", ".dockerignore"),
    ("docker-build.yml.txt", ".github/workflows/docker-build.yml"),
    (
        "cleanup-packages.yml.txt",
        ".github/workflows/cleanup-packages.yml",
    ),
];

/// What else is in it. It has a lock file of yarn, and files that no service wants in its image.
const AROUND: [(&str, &str); 13] = [
    (".git/HEAD", "ref: refs/heads/main\n"),
    (
        "package.json",
        r#"{"name": "jts", "private": true, "packageManager": "yarn@4.9.4", "workspaces": ["apps/*", "libs/*"],
            "devDependencies": {"nx": "21.0.0", "typescript": "5.8.0"}}"#,
    ),
    ("yarn.lock", ""),
    ("nx.json", "{}"),
    ("tsconfig.base.json", "{}"),
    ("apps/spec-api/package.json", r#"{"name": "spec-api"}"#),
    ("apps/spec-api/src/main.ts", "export {};\n"),
    ("apps/spec-api/.env", "API_TOKEN=q8Zk2mPw77Xc\n"),
    ("apps/spec-api/README.md", "# spec-api\n"),
    ("apps/spec-api/npm.log", "x\n"),
    ("apps/spec-api/logs/a.log", "x\n"),
    ("apps/spec-api/node_modules/x/index.js", "x\n"),
    ("libs/shared/package.json", r#"{"name": "shared"}"#),
];

const BASE: &str = "docker/base/Dockerfile";
const GATEWAY: &str = "apps/api-gateway/Dockerfile";
const STRATEGY: &str = "apps/strategy-engine/Dockerfile";
const ORDERS: &str = "apps/order-execution/Dockerfile";
const IGNORE: &str = ".dockerignore";
const WORKFLOW: &str = ".github/workflows/docker-build.yml";
const CLEANUP: &str = ".github/workflows/cleanup-packages.yml";

/// Code, file, line.
type Place = (&'static str, &'static str, usize);

/// What is wrong, and where which rule has to say so.
const DEFECTS: &[(&str, &[Place])] = &[
    (
        "USER names a user that nobody created",
        &[
            ("DX1001", BASE, 27),
            ("DX1001", BASE, 44),
            ("DX1001", BASE, 74),
            ("DX1001", STRATEGY, 13),
        ],
    ),
    (
        "chown to that user stops the build",
        &[("DX1002", BASE, 21)],
    ),
    (
        "COPY --chown to that user leaves the files to root",
        &[
            ("DX1003", BASE, 47),
            ("DX1003", BASE, 97),
            ("DX1003", GATEWAY, 9),
            ("DX1003", ORDERS, 17),
        ],
    ),
    (
        "EXPOSE of an argument of another stage exposes nothing",
        &[
            ("DX1101", GATEWAY, 23),
            ("DX1101", STRATEGY, 41),
            ("DX1101", ORDERS, 25),
        ],
    ),
    (
        "HEALTHCHECK reads an argument that the container does not have",
        &[
            ("DX1102", GATEWAY, 27),
            ("DX1102", STRATEGY, 45),
            ("DX1102", ORDERS, 29),
        ],
    ),
    (
        "PORT is set to nothing",
        &[
            ("DX1103", GATEWAY, 22),
            ("DX1103", STRATEGY, 38),
            ("DX1103", ORDERS, 20),
        ],
    ),
    (
        "an option that means the opposite of what it says",
        &[("DX1104", ORDERS, 23)],
    ),
    (
        "PYTHON_PATH is no variable of Python's",
        &[("DX1105", STRATEGY, 39)],
    ),
    (
        "a Python that the distribution does not have",
        &[("DX2103", STRATEGY, 31)],
    ),
    (
        "a program copied without its libraries",
        &[("DX2104", STRATEGY, 32)],
    ),
    (
        "packages that do not reach the image",
        &[("DX2105", STRATEGY, 9), ("DX2105", STRATEGY, 10)],
    ),
    (
        "an option that npm does not know",
        &[("DX2003", STRATEGY, 23)],
    ),
    (
        "a build tool that the base image removed",
        &[
            ("DX3102", GATEWAY, 13),
            ("DX3102", STRATEGY, 26),
            ("DX3102", ORDERS, 12),
        ],
    ),
    ("npm ci without a lock file of npm", &[("DX3101", BASE, 52)]),
    (
        "workspaces that are not there when they are installed",
        &[("DX2154", BASE, 52)],
    ),
    ("pruned in a later layer", &[("DX2101", BASE, 102)]),
    (
        "CMD starts a file that is not built there",
        &[("DX1207", BASE, 113)],
    ),
    ("npm@latest", &[("DX2001", BASE, 24)]),
    (
        "latest hides in an argument",
        &[
            ("DX1501", GATEWAY, 1),
            ("DX1501", STRATEGY, 1),
            ("DX1501", ORDERS, 1),
        ],
    ),
    ("npm as the first process", &[("DX1201", BASE, 89)]),
    (
        "--prefer-offline with an empty cache",
        &[("DX2008", BASE, 52)],
    ),
    (
        "a redundant cleanup, and an upgrade of everything",
        &[("DX2005", BASE, 8), ("DX2006", BASE, 8)],
    ),
    (
        "arguments that nobody reads, a literal in their place",
        &[
            ("DX1106", BASE, 58),
            ("DX1106", GATEWAY, 5),
            ("DX1108", GATEWAY, 21),
        ],
    ),
    ("a secret in an argument", &[("DL3064", BASE, 59)]),
    (
        "a health check that stages inherit without wanting it",
        &[("DX1205", BASE, 30)],
    ),
    (
        "ignore patterns that hold in the root only",
        &[
            ("DX3001", IGNORE, 2),
            ("DX3001", IGNORE, 42),
            ("DX3001", IGNORE, 47),
        ],
    ),
    (
        "a file with secrets that enters the image",
        &[("DX3002", BASE, 55)],
    ),
    (
        "build arguments that no ARG takes",
        &[("DX3201", WORKFLOW, 73), ("DX3201", WORKFLOW, 131)],
    ),
    (
        "a build argument of several lines",
        &[("DX3202", WORKFLOW, 129)],
    ),
    (
        "a base image that a pull request does not publish",
        &[("DX3203", WORKFLOW, 129)],
    ),
    (
        "a matrix of services without Dockerfiles",
        &[("DX3204", WORKFLOW, 89)],
    ),
    (
        "paths that leave out what the images are made of",
        &[("DX3205", WORKFLOW, 6)],
    ),
    (
        "a tag that is none on a pull request",
        &[("DW1001", WORKFLOW, 57), ("DW1001", WORKFLOW, 114)],
    ),
    ("a scanner that gets all tags", &[("DW1002", WORKFLOW, 137)]),
    (
        "which stage of the base is built is left to its order",
        &[("DW1003", WORKFLOW, 64)],
    ),
    ("one title for six images", &[("DW1005", WORKFLOW, 108)]),
    (
        "seven builds that share one build cache",
        &[("DW2001", WORKFLOW, 70), ("DW2001", WORKFLOW, 127)],
    ),
    (
        "pull requests that write it",
        &[("DW2002", WORKFLOW, 70), ("DW2002", WORKFLOW, 127)],
    ),
    (
        "npm ci and nx in an emulator",
        &[("DW2003", WORKFLOW, 65), ("DW2003", WORKFLOW, 122)],
    ),
    (
        "an image that is nowhere is scanned",
        &[("DW3001", WORKFLOW, 137)],
    ),
    (
        "scanned behind the push, without a verdict",
        &[("DW3002", WORKFLOW, 135), ("DW3003", WORKFLOW, 135)],
    ),
    (
        "reports without a file, without a category, from a fork",
        &[
            ("DW3004", WORKFLOW, 143),
            ("DW3005", WORKFLOW, 142),
            ("DW3006", WORKFLOW, 142),
        ],
    ),
    (
        "a login that nobody needs on a pull request",
        &[("DW3007", WORKFLOW, 43), ("DW3007", WORKFLOW, 100)],
    ),
    (
        "provenance by accident, and no signature",
        &[
            ("DW3008", WORKFLOW, 61),
            ("DW3008", WORKFLOW, 118),
            ("DW3009", WORKFLOW, 61),
        ],
    ),
    (
        "half a fleet: canceled, or failed fast",
        &[("DW4001", WORKFLOW, 21), ("DW4002", WORKFLOW, 84)],
    ),
    (
        "six hours for each job",
        &[("DW4003", WORKFLOW, 28), ("DW4003", WORKFLOW, 76)],
    ),
    ("a package that is not there", &[("DW5001", CLEANUP, 18)]),
    (
        "a cleanup that deletes parts of tagged images",
        &[("DW5002", CLEANUP, 21)],
    ),
    (
        "two cleanups at once, when everybody else's run",
        &[("DW5003", CLEANUP, 16), ("DW5004", CLEANUP, 6)],
    ),
    (
        "actions by a tag or a branch",
        &[
            ("DX3206", WORKFLOW, 37),
            ("DX3206", WORKFLOW, 135),
            ("DX3206", CLEANUP, 16),
        ],
    ),
    (
        "a port of an inspector that is not started",
        &[("DX1206", BASE, 86)],
    ),
];

/// What is right to report besides, each by a rule of hadolint's or for a reason of its own.
const ALSO_TRUE: &[&str] = &[
    // Packages without a version, users by name, RUNs that could be one: as hadolint says.
    "DL3018", "DL3059", "DL3066",
    // nx is downloaded unpinned, npm has no cache mount, an option is out of use.
    "DX2002", "DX2004", "DX2007",
    // The probe asks port 80 once the variable is empty.
    "DX1204",
];

fn monorepo() -> tempfile::TempDir {
    let texts = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/lint/multi_stage");
    let folder = tempfile::tempdir().unwrap();
    let put = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    for (text, path) in FILES {
        put(path, &std::fs::read_to_string(texts.join(text)).unwrap());
    }
    for (path, text) in AROUND {
        put(path, text);
    }
    folder
}

fn findings(folder: &Path) -> Vec<(String, String, usize)> {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["docker-lint", "--format", "json"])
        .current_dir(folder)
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|f| {
            let line = usize::try_from(f["line"].as_u64().unwrap()).unwrap();
            (text(&f["code"]), text(&f["path"]), line)
        })
        .collect()
}

#[test]
fn every_known_defect_is_found_and_nothing_else() {
    let folder = monorepo();
    let found = findings(folder.path());
    let has = |code: &str, path: &str, line: usize| {
        found
            .iter()
            .any(|(c, p, l)| (c.as_str(), p.as_str(), *l) == (code, path, line))
    };
    let mut missing = Vec::new();
    for (what, places) in DEFECTS {
        for (code, path, line) in *places {
            if !has(code, path, *line) {
                missing.push(format!("{path}:{line} {code}: {what}"));
            }
        }
    }
    assert!(missing.is_empty(), "not found:\n{}", missing.join("\n"));
    let known: BTreeSet<&str> = DEFECTS
        .iter()
        .flat_map(|(_, places)| places.iter().map(|(code, _, _)| *code))
        .chain(ALSO_TRUE.iter().copied())
        .collect();
    let others: Vec<_> = found
        .iter()
        .filter(|(code, _, _)| !known.contains(code.as_str()))
        .collect();
    assert!(others.is_empty(), "what are these: {others:?}");
}

#[test]
fn our_own_repository_is_clean() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    assert_eq!(findings(&root), []);
}
