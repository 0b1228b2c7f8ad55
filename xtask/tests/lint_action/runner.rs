//! A composite action carried out as GitHub's runner does it: `run` steps in bash, inputs, outputs, conditions.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use xtask::source::Source;
use xtask::yaml::{self, Node};

use crate::expression::{Contexts, holds, substituted};

/// What is known about an action.
pub(crate) struct Action {
    root: Node,
    folder: PathBuf,
}

/// What a run left.
#[derive(Debug)]
pub(crate) struct Ran {
    /// Of the step that failed first; 0 if none did.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) outputs: BTreeMap<String, String>,
    /// What stands in the job's summary.
    pub(crate) summary: String,
}

struct State {
    inputs: BTreeMap<String, String>,
    /// By `steps.ID.outputs.NAME`.
    steps: BTreeMap<String, String>,
    workspace: String,
    failed: bool,
}

impl Contexts for State {
    fn value(&self, path: &str) -> Option<String> {
        if path == "github.workspace" {
            return Some(self.workspace.clone());
        }
        let input = path.strip_prefix("inputs.");
        match input {
            Some(name) => self.inputs.get(name).cloned(),
            None => self.steps.get(path).cloned(),
        }
    }

    fn has_failed(&self) -> bool {
        self.failed
    }
}

impl Action {
    pub(crate) fn read(folder: &Path) -> Self {
        let path = folder.join("action.yml");
        let text = std::fs::read_to_string(&path).unwrap();
        let source = Source::new("action.yml", text);
        let root = yaml::parse(&source).map_err(|e| e.message).unwrap();
        assert_eq!(
            root.at(&["runs", "using"]).and_then(Node::as_str),
            Some("composite")
        );
        only(
            &root,
            &[
                "name",
                "description",
                "author",
                "branding",
                "inputs",
                "outputs",
                "runs",
            ],
        );
        Self {
            root,
            folder: folder.to_owned(),
        }
    }

    /// Carries it out in `workspace`. `with` are the inputs that the workflow gives, `path` comes before the machine's
    /// own `PATH`.
    pub(crate) fn run(&self, workspace: &Path, path: &Path, with: &[(&str, &str)]) -> Ran {
        let files = tempfile::tempdir().unwrap();
        let mut state = State {
            inputs: self.inputs(with),
            steps: BTreeMap::new(),
            workspace: workspace.to_str().unwrap().to_owned(),
            failed: false,
        };
        let mut ran = Ran {
            code: 0,
            stdout: String::new(),
            stderr: String::new(),
            outputs: BTreeMap::new(),
            summary: String::new(),
        };
        let steps = self.root.at(&["runs", "steps"]).unwrap().items();
        assert!(!steps.is_empty());
        for (index, step) in steps.iter().enumerate() {
            let condition = step.get("if").and_then(Node::as_str);
            let condition = condition.unwrap_or("success()");
            if holds(condition, &state).unwrap() {
                self.step(step, index, (files.path(), path), &mut state, &mut ran);
            }
        }
        let outputs = self.root.get("outputs").map_or(&[][..], Node::entries);
        for output in outputs {
            let name = output.key.as_str().unwrap().to_owned();
            let value = output.value.get("value").and_then(Node::as_str).unwrap();
            ran.outputs
                .insert(name, substituted(value, &state).unwrap());
        }
        ran
    }

    /// Every input that is declared: as given, else its default.
    fn inputs(&self, with: &[(&str, &str)]) -> BTreeMap<String, String> {
        let mut inputs: BTreeMap<String, String> = BTreeMap::new();
        for entry in self.root.get("inputs").map_or(&[][..], Node::entries) {
            only(&entry.value, &["description", "default", "required"]);
            let default = entry.value.get("default").and_then(Node::as_str);
            let name = entry.key.as_str().unwrap().to_owned();
            inputs.insert(name, default.unwrap_or_default().to_owned());
        }
        for (name, value) in with {
            let input = inputs.get_mut(*name);
            // The runner only warns, and the action goes on without.
            (*value).clone_into(input.unwrap_or_else(|| panic!("there is no input {name}")));
        }
        inputs
    }

    fn step(
        &self,
        step: &Node,
        index: usize,
        (files, path): (&Path, &Path),
        state: &mut State,
        ran: &mut Ran,
    ) {
        only(
            step,
            &[
                "name",
                "id",
                "if",
                "shell",
                "env",
                "run",
                "working-directory",
            ],
        );
        assert_eq!(step.get("shell").and_then(Node::as_str), Some("bash"));
        let script = substituted(step.get("run").and_then(Node::as_str).unwrap(), state).unwrap();
        let script_file = files.join(format!("{index}.sh"));
        std::fs::write(&script_file, script).unwrap();
        let output_file = files.join(format!("output-{index}"));
        let summary_file = files.join(format!("summary-{index}"));
        for file in [&output_file, &summary_file] {
            std::fs::write(file, "").unwrap();
        }
        let directory = step.get("working-directory").and_then(Node::as_str);
        let directory = substituted(directory.unwrap_or("."), state).unwrap();
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail"])
            .arg(&script_file)
            .current_dir(Path::new(&state.workspace).join(directory))
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_ACTION_PATH", &self.folder)
            .env("GITHUB_WORKSPACE", &state.workspace)
            .env("GITHUB_OUTPUT", &output_file)
            .env("GITHUB_STEP_SUMMARY", &summary_file)
            .env("PATH", with_path(path));
        for entry in step.get("env").map_or(&[][..], Node::entries) {
            let value = substituted(entry.value.as_str().unwrap(), state).unwrap();
            command.env(entry.key.as_str().unwrap(), value);
        }
        let output = command.output().unwrap();
        ran.stdout += std::str::from_utf8(&output.stdout).unwrap();
        ran.stderr += std::str::from_utf8(&output.stderr).unwrap();
        ran.summary += &std::fs::read_to_string(&summary_file).unwrap();
        if let Some(id) = step.get("id").and_then(Node::as_str) {
            for (name, value) in outputs(&std::fs::read_to_string(&output_file).unwrap()) {
                state
                    .steps
                    .insert(format!("steps.{id}.outputs.{name}"), value);
            }
        }
        if !output.status.success() {
            state.failed = true;
            if ran.code == 0 {
                ran.code = output.status.code().unwrap_or(-1);
            }
        }
    }
}

/// Any other key would change what the runner does, and this one does not know how.
fn only(node: &Node, known: &[&str]) {
    for entry in node.entries() {
        let key = entry.key.as_str().unwrap_or_default();
        assert!(
            known.contains(&key),
            "the runner of this test does not know `{key}:`"
        );
    }
}

fn with_path(first: &Path) -> std::ffi::OsString {
    let machine = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(first.to_owned()).chain(std::env::split_paths(&machine));
    std::env::join_paths(all).unwrap()
}

/// `name=value` and `name<<END` … `END` in the file of `GITHUB_OUTPUT`.
fn outputs(text: &str) -> Vec<(String, String)> {
    let mut outputs = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some((name, end)) = line.split_once("<<") {
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            outputs.push((name.to_owned(), value.join("\n")));
        } else {
            let (name, value) = line.split_once('=').unwrap();
            outputs.push((name.to_owned(), value.to_owned()));
        }
    }
    outputs
}

#[test]
fn outputs_have_one_line_or_many() {
    assert_eq!(
        outputs("a=b=c\nd<<END\n1\n2\nEND\ne=\n"),
        [("a", "b=c"), ("d", "1\n2"), ("e", "")].map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
}
