//! Our SARIF against the schema of the standard: what the findings of all rules become, and what is rare in them.
//!
//! Which schema: the file that `SARIF_SCHEMA` names, else the one in the sources of the crate `serde-sarif`, which
//! carries OASIS's `sarif-schema-2.1.0.json`. What checks: Python's `jsonschema`, else pip is asked for it. Where one
//! of them cannot be had the test says so and passes.

#![expect(
    clippy::unwrap_used,
    reason = "the functions the tests share are tests, too"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test starts its peers and asks where they are"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use xtask::edit::{Edit, Fix, Safety};
use xtask::finding::{Finding, Severity};
use xtask::lint::all;
use xtask::report::{Color, Format, render};
use xtask::source::{Source, Span};

/// The release whose `src/schema.json` is the schema.
const CRATE: &str = "0.8.0";

/// Prints each violation as its place and what is wrong.
const CHECK: &str = "
import json, sys
from jsonschema import validators
schema = json.load(open(sys.argv[1]))
validator = validators.validator_for(schema)
validator.check_schema(schema)
document = json.load(sys.stdin)
for error in validator(schema, format_checker=validator.FORMAT_CHECKER).iter_errors(document):
    print(error.json_path, error.message)
";

/// The schema and the folder that Python finds `jsonschema` in.
struct Checker {
    schema: PathBuf,
    packages: PathBuf,
}

impl Checker {
    /// `Err` says why there is none.
    fn find() -> Result<Self, String> {
        let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers");
        std::fs::create_dir_all(&peers).map_err(|error| error.to_string())?;
        let checker = Self {
            schema: schema(&peers)?,
            packages: peers.join("jsonschema"),
        };
        if checker.violations("{}").is_err() {
            let mut pip = Command::new("python3");
            pip.args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--retries=0",
                "--timeout=20",
            ])
            .args(["jsonschema==4.25.1", "--target"])
            .arg(&checker.packages);
            output(&mut pip, "")?;
        }
        checker.violations("{}").map(|_| checker)
    }

    /// What a document violates, one a line.
    fn violations(&self, document: &str) -> Result<String, String> {
        let mut python = Command::new("python3");
        python
            .args(["-c", CHECK])
            .arg(&self.schema)
            .env("PYTHONPATH", &self.packages);
        output(&mut python, document)
    }
}

fn schema(peers: &Path) -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os("SARIF_SCHEMA") {
        return Ok(named.into());
    }
    let said = |error: std::io::Error| error.to_string();
    let package = peers.join("sarif-schema");
    std::fs::create_dir_all(package.join("src")).map_err(said)?;
    std::fs::write(package.join("src/lib.rs"), "").map_err(said)?;
    let manifest = format!(
        "[package]\nname = \"sarif-schema\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nserde-sarif = \"={CRATE}\"\n\n[workspace]\n"
    );
    std::fs::write(package.join("Cargo.toml"), manifest).map_err(said)?;
    let mut metadata = Command::new(env!("CARGO"));
    metadata
        .args(["metadata", "--format-version=1"])
        .current_dir(package);
    let metadata: serde_json::Value =
        serde_json::from_str(&output(&mut metadata, "")?).map_err(|error| error.to_string())?;
    let packages = metadata["packages"].as_array();
    let manifest = packages
        .into_iter()
        .flatten()
        .find(|package| package["name"] == "serde-sarif")
        .and_then(|package| package["manifest_path"].as_str())
        .ok_or("cargo names no crate serde-sarif")?;
    Ok(Path::new(manifest).with_file_name("src/schema.json"))
}

/// What a program prints; `Err` is the end of what it complains about.
fn output(command: &mut Command, input: &str) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let failed = |error: std::io::Error| format!("{name}: {error}");
    let file = tempfile::NamedTempFile::new().map_err(failed)?;
    std::fs::write(file.path(), input).map_err(failed)?;
    let input = std::fs::File::open(file.path()).map_err(failed)?;
    let output = command.stdin(Stdio::from(input)).output().map_err(failed)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let message = String::from_utf8_lossy(&output.stderr);
    let last = message.lines().last().unwrap_or("it says nothing");
    Err(format!("{name} cannot do its part: {last}"))
}

/// The code blocks of a rule's page, each in the folder of the rule.
fn write_examples(folder: &Path) {
    for rule in all() {
        let mut path = None;
        let mut text = String::new();
        for line in rule.documentation {
            let line = line.strip_prefix(' ').unwrap_or(line);
            match (&path, line.strip_prefix("```")) {
                (None, Some(info)) => {
                    let name = info
                        .split_once(" path=")
                        .map_or("Dockerfile", |(_, name)| name);
                    // Of what is good and what is bad, the bad comes first.
                    let full = folder.join(rule.code).join(name);
                    path = Some((!full.exists()).then_some(full));
                }
                (Some(file), Some(_)) => {
                    if let Some(file) = file {
                        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                        std::fs::write(file, &text).unwrap();
                    }
                    path = None;
                    text.clear();
                }
                (Some(_), None) => {
                    text.push_str(line);
                    text.push('\n');
                }
                (None, None) => {}
            }
        }
    }
}

/// What rules hardly ever leave: no place, no text, odd names, several files in a fix, data.
fn rare() -> Vec<Finding> {
    let odd = Source::new("a b/ü%20#?[1]:2/Dockerfile", "\u{feff}FROM ä\r\n\n");
    let other = Source::new(".dockerignore", "");
    let bare = Finding::new("X1", "x", Severity::Style, "m");
    let with_path = Finding::new("X2", "x-y", Severity::Note, "").in_file("docker");
    let mut with_fix = Finding::new("X3", "x", Severity::Error, "\u{1}\"<\n")
        .at(odd.location(Span::new(8, 10)))
        .help("a")
        .help("b")
        .property("bytes", 1);
    let edit = |source: &Source, start, end, text: &str| Edit {
        source: source.clone(),
        span: Span::new(start, end),
        replacement: text.to_owned(),
    };
    with_fix.fix = Some(Box::new(Fix {
        message: "both".into(),
        safety: Safety::Unsafe,
        edits: vec![
            edit(&odd, 8, 10, ""),
            edit(&odd, 0, 0, "x"),
            edit(&other, 0, 0, "y\n"),
        ],
    }));
    let behind =
        Finding::new("X4", "x", Severity::Warning, "m").at(odd.location(Span::new(13, 13)));
    let scored = Finding::new("X5", "x", Severity::Error, "m")
        .at(odd.location(Span::new(8, 10)))
        .property("vulnerability", "CVE-2027-1")
        .property("package", "openssl 1")
        .property("security-severity", "9.8")
        .property("url", "https://example.com/CVE-2027-1")
        .about("CVE-2027-1 openssl");
    vec![bare, with_path, with_fix, behind, scored]
}

#[test]
fn sarif_is_what_the_standard_says() {
    let checker = match Checker::find() {
        Ok(checker) => checker,
        Err(why) => {
            println!("skipped: {why}");
            return;
        }
    };
    // It would find something.
    let wrong = checker.violations("{\"version\": \"2.1.0\"}").unwrap();
    assert!(wrong.contains("'runs' is a required property"), "{wrong}");

    for findings in [Vec::new(), rare()] {
        let document = render(&findings, Format::Sarif, Color::Plain);
        assert_eq!(checker.violations(&document).unwrap(), "", "{document}");
    }

    let folder = tempfile::tempdir().unwrap();
    write_examples(folder.path());
    let run = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["--quiet", "docker-lint", "--format=sarif", "."])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let document = String::from_utf8(run.stdout).unwrap();
    let results: serde_json::Value = serde_json::from_str(&document).unwrap();
    let results = results["runs"][0]["results"].as_array().unwrap();
    assert!(results.len() > all().len(), "{}", results.len());
    assert!(results.iter().any(|result| !result["fixes"].is_null()));
    assert_eq!(checker.violations(&document).unwrap(), "");
}
