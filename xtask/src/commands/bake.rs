//! `docker-bake`: the generated bake file, checked, written or printed.

use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, ValueEnum};

use super::timings::Timings;
use crate::atomic_file;
use crate::bake::{Plan, PlanOptions};
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Exit, Result};
use crate::project::manifest::schema;
use crate::project::{Project, Root, root};
use crate::source;

/// Options of `docker-bake`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask docker-bake                        Is the committed bake file up to date?
  cargo xtask docker-bake --write                Bring it up to date
  cargo xtask docker-bake --print                Show what it would be
  cargo xtask docker-bake --print --format json  Show the plan as data
  docker buildx bake -f docker/docker-bake.hcl   Use it without this tool

The bake file and the JSON schema of the manifest lie beside the manifest. Exit code 1 means one of them is not what
the manifest and the Dockerfiles say.")]
pub struct Arguments {
    /// Exit with 1 and show the difference if a generated file is not up to date (the default)
    #[arg(long, group = "mode")]
    pub check: bool,
    /// Write the generated files
    #[arg(long, group = "mode")]
    pub write: bool,
    /// Print the bake file, or the plan with `--format json`
    #[arg(long, group = "mode")]
    pub print: bool,
    /// What `--print` prints
    #[arg(long, value_enum, default_value_t, requires = "print")]
    pub format: Format,
}

/// What `--print` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The bake file.
    #[default]
    Hcl,
    /// The plan as data; see `schema_version`.
    Json,
}

/// The bake file, from the root: it lies beside the manifest.
#[must_use]
pub fn file_path(root: &Root) -> Utf8PathBuf {
    beside(root, "docker-bake.hcl")
}

fn beside(root: &Root, name: &str) -> Utf8PathBuf {
    beside_manifest(&root.manifest, name)
}

/// A file in the folder of the manifest, from the root.
pub(super) fn beside_manifest(manifest: &Utf8Path, name: &str) -> Utf8PathBuf {
    manifest.parent().unwrap_or(Utf8Path::new("")).join(name)
}

/// Carries it out.
///
/// # Errors
/// What stopped it.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let timings = Timings::start(common, environment);
    let root = root::find(&environment.current_dir, common.manifest.as_deref())?;
    let project = Project::load(&root)?;
    timings.lap("read the manifest and the Dockerfiles");
    let plan = Plan::new(&project, &PlanOptions::default())?;
    timings.lap("planned");
    if arguments.print {
        let text = match arguments.format {
            Format::Hcl => plan.hcl(),
            Format::Json => plan.json(),
        };
        environment.print(&text)?;
        return Ok(Exit::Clean);
    }
    let mut exit = Exit::Clean;
    for (path, wanted) in &generated(&root, &plan) {
        let state = state(&root.root.join(path), path, wanted)?;
        let line = match (state, arguments.write) {
            (State::UpToDate, _) if common.quiet => continue,
            (State::UpToDate, _) => format!("{path} is up to date\n"),
            (_, true) => {
                atomic_file::write(&root.root.join(path), wanted)?;
                format!("{path} is written\n")
            }
            (State::Missing, false) => {
                exit = Exit::Findings;
                format!("{path} is missing\n")
            }
            (State::Different(present), false) => {
                exit = Exit::Findings;
                format!(
                    "{path} is not what the manifest and the Dockerfiles say\n{}",
                    difference(path, &present, wanted)
                )
            }
        };
        environment.print(&line)?;
    }
    if exit == Exit::Findings {
        environment.print("run `cargo xtask docker-bake --write`\n")?;
    }
    Ok(exit)
}

/// The generated files, from the root, with what they hold if they are up to date.
pub(super) fn generated(root: &Root, plan: &Plan) -> [(Utf8PathBuf, String); 2] {
    let [bake, schema] = generated_paths(root);
    [(bake, plan.hcl()), (schema, schema::json_schema())]
}

/// Where the generated files lie, from the root: the bake file and the manifest's schema.
pub(super) fn generated_paths(root: &Root) -> [Utf8PathBuf; 2] {
    let stem = root.manifest.file_stem().unwrap_or("docker");
    [
        file_path(root),
        beside(root, &format!("{stem}.schema.json")),
    ]
}

/// How a generated file is, compared with how it should be.
pub(super) enum State {
    UpToDate,
    Missing,
    /// What it holds.
    Different(String),
}

/// Compares the file at `full`; messages call it `path`.
pub(super) fn state(full: &Utf8Path, path: &Utf8Path, wanted: &str) -> Result<State> {
    let is_missing = |e: std::io::Error| e.kind() == std::io::ErrorKind::NotFound;
    if full.metadata().is_err_and(is_missing) {
        return Ok(State::Missing);
    }
    let bytes = source::read_bytes_up_to(full, path, source::MAX_GENERATED_BYTES)?;
    Ok(if bytes == wanted.as_bytes() {
        State::UpToDate
    } else {
        State::Different(String::from_utf8_lossy(&bytes).into_owned())
    })
}

/// How many lines around a difference and how many differing lines are shown.
const AROUND: usize = 2;
const MOST: usize = 20;
/// How many characters of a line are shown.
const WIDEST: usize = 400;

/// The part of two texts that differs, in the manner of `diff -u`.
fn difference(path: &Utf8Path, present: &str, wanted: &str) -> String {
    let present: Vec<&str> = present.lines().collect();
    let wanted: Vec<&str> = wanted.lines().collect();
    let same_start = present
        .iter()
        .zip(&wanted)
        .take_while(|(a, b)| a == b)
        .count();
    let same_end = present[same_start..]
        .iter()
        .rev()
        .zip(wanted[same_start..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let removed = &present[same_start..present.len() - same_end];
    let added = &wanted[same_start..wanted.len() - same_end];
    let before = &wanted[same_start.saturating_sub(AROUND)..same_start];
    let after = &wanted[wanted.len() - same_end..];
    let mut text = format!(
        "--- {path}\n+++ {path} (generated)\n@@ line {} @@\n",
        same_start + 1
    );
    let mut show = |sign: char, lines: &[&str]| {
        for line in lines.iter().take(MOST) {
            let line: String = line.chars().take(WIDEST).collect();
            // No white space at the end of an empty line around the difference.
            let _ = match (sign, line.is_empty()) {
                (' ', true) => writeln!(text),
                _ => writeln!(text, "{sign}{line}"),
            };
        }
        if lines.len() > MOST {
            let _ = writeln!(text, "{sign}… {} more lines", lines.len() - MOST);
        }
    };
    show(' ', before);
    show('-', removed);
    show('+', added);
    show(' ', &after[..after.len().min(AROUND)]);
    if removed.is_empty() && added.is_empty() {
        text.push_str("only line breaks differ\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_file_may_be_larger_than_what_people_write() {
        let dir = tempfile::tempdir().unwrap();
        let full = Utf8Path::from_path(dir.path()).unwrap().join("large");
        let wanted = "x".repeat(usize::try_from(source::MAX_SOURCE_BYTES).unwrap() + 1);
        std::fs::write(&full, &wanted).unwrap();
        let state = |wanted: &str| state(&full, Utf8Path::new("large"), wanted).unwrap();
        assert!(matches!(state(&wanted), State::UpToDate));
        assert!(matches!(state("y"), State::Different(present) if present == wanted));
    }

    #[test]
    fn a_difference_shows_the_lines_around_it() {
        let present = "a\nb\nc\nold\nd\ne\nf\n";
        let wanted = "a\nb\nc\nnew\nmore\nd\ne\nf\n";
        insta::assert_snapshot!(difference(Utf8Path::new("x.hcl"), present, wanted), @r#"
        --- x.hcl
        +++ x.hcl (generated)
        @@ line 4 @@
         b
         c
        -old
        +new
        +more
         d
         e
        "#);
        let same = difference(Utf8Path::new("x"), "a\r\nb\r\n", "a\nb\n");
        assert!(same.ends_with("only line breaks differ\n"), "{same}");
    }
}
