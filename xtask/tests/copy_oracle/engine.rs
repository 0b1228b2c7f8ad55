//! What the engine makes of cases: each is a named context of one build.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Read as _;

use camino::{Utf8Path, Utf8PathBuf};
use xtask::process::{Command, Output, Runner, System};

use crate::case::{Case, Files, Node};
use crate::support;
use crate::support::scratch::Scratch;

/// What a build of some cases made; the cases' folders are there.
pub(crate) struct Build {
    output: Output,
    tar: Utf8PathBuf,
}

/// Builds the cases whose folders have these numbers.
pub(crate) fn build(scratch: &Scratch, cases: &[(usize, &Case)]) -> Build {
    let empty = scratch.path.join("empty");
    std::fs::create_dir_all(&empty).unwrap();
    let mut stages = String::new();
    let mut target = "FROM scratch\n".to_owned();
    let mut command: Command = support::docker().args(["buildx", "build", "--progress=rawjson"]);
    for (number, case) in cases {
        let name = scratch.name(*number);
        let folder = scratch.folder(*number);
        command = command.args(["--build-context", &format!("{name}={folder}")]);
        // What is asked of a stage is asked at once; of a context that has none, step by step.
        writeln!(stages, "FROM {name} AS s{number}").unwrap();
        for (at, copy) in case.copies.iter().enumerate() {
            target += &copy.line(&format!("s{number}"), &format!("/{number}/{at}/"));
        }
    }
    let file = scratch.path.join("Dockerfile");
    std::fs::write(&file, stages + &target).unwrap();
    let tar = scratch.path.join("out.tar");
    let output = format!("type=tar,dest={tar}");
    let command = command.args(["-f", file.as_str(), "--output", &output, empty.as_str()]);
    Build {
        output: System::default().run(&command).unwrap(),
        tar,
    }
}

impl Build {
    pub(crate) fn success(&self) -> bool {
        self.output.success()
    }

    /// The last of what it says.
    pub(crate) fn error(&self) -> String {
        let text = self.output.error_text();
        text.trim_end()
            .lines()
            .rfind(|line| !line.starts_with('{'))
            .unwrap_or_default()
            .to_owned()
    }

    /// What each case made, by its number.
    pub(crate) fn files(&self) -> HashMap<usize, Files> {
        let mut archive = tar::Archive::new(std::fs::File::open(&self.tar).unwrap());
        let mut cases: HashMap<usize, Files> = HashMap::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
            let Some((number, path)) = path.trim_end_matches('/').split_once('/') else {
                continue;
            };
            let node = match entry.header().entry_type() {
                tar::EntryType::Directory => Node::Folder,
                tar::EntryType::Symlink => {
                    let target = entry.link_name_bytes().unwrap().into_owned();
                    Node::Link(String::from_utf8(target).unwrap())
                }
                _ => {
                    let mut text = String::new();
                    entry.read_to_string(&mut text).unwrap();
                    Node::File(text)
                }
            };
            let files = cases.entry(number.parse().unwrap()).or_default();
            files.insert(path.to_owned(), node);
        }
        cases
    }

    /// The bytes that came from a case's folder, names and all.
    pub(crate) fn transferred(&self, scratch: &Scratch, number: usize) -> u64 {
        transferred(&self.output, &scratch.name(number))
    }
}

/// The bytes that a build got of a context, names and all.
fn transferred(output: &Output, context: &str) -> u64 {
    let id = format!("transferring {context}:");
    // Its ignore file and its content are fetched one after the other.
    let mut most: HashMap<String, u64> = HashMap::new();
    for line in output
        .error_text()
        .lines()
        .filter(|line| line.contains(&id))
    {
        let Ok(event) = serde_json::from_str::<serde_json::Value>(line) else {
            continue;
        };
        for status in event["statuses"].as_array().into_iter().flatten() {
            if status["id"] == id.as_str() {
                let vertex = most.entry(status["vertex"].to_string()).or_default();
                *vertex = status["current"].as_u64().unwrap_or_default().max(*vertex);
            }
        }
    }
    most.values().sum()
}

/// The bytes that a target of a Dockerfile makes the client send of a folder. Its steps may fail.
pub(crate) fn sent_for(dockerfile: &str, target: &str, context: &Utf8Path) -> u64 {
    let scratch = Scratch::new();
    let file = scratch.path.join("Dockerfile");
    std::fs::write(&file, dockerfile).unwrap();
    let command = support::docker()
        .args([
            "buildx",
            "build",
            "--progress=rawjson",
            "--output=type=cacheonly",
        ])
        .args(["--target", target, "-f", file.as_str(), context.as_str()]);
    transferred(&System::default().run(&command).unwrap(), "context")
}

/// Writes a case into its folder.
pub(crate) fn write(scratch: &Scratch, number: usize, case: &Case) -> Utf8PathBuf {
    let folder = scratch.folder(number);
    case.write(&folder, |_| None);
    folder
}

/// A case alone: what the engine makes of it, or why it stops.
pub(crate) fn alone(case: &Case, judge: impl FnOnce(&Utf8Path, Result<Files, String>)) {
    let scratch = Scratch::new();
    let folder = write(&scratch, 0, case);
    let build = build(&scratch, &[(0, case)]);
    let answer = if build.success() {
        Ok(build.files().remove(&0).unwrap_or_default())
    } else {
        Err(build.error())
    };
    judge(&folder, answer);
}
