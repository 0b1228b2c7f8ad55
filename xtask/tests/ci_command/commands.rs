//! Every command of ours that a workflow, an action or a hook starts is one that our command line understands.

use camino::{Utf8Path, Utf8PathBuf};
use clap::Parser as _;
use xtask::cli;
use xtask::mapped_text::MappedText;
use xtask::shell;
use xtask::source::{Source, Span};
use xtask::yaml::{self, Node};

use crate::project::workflows;
use crate::support::checkout;

/// Every value of a key, at any depth.
fn values<'n>(node: &'n Node, key: &str, found: &mut Vec<&'n str>) {
    for item in node.items() {
        values(item, key, found);
    }
    for entry in node.entries() {
        if entry.key.as_str() == Some(key) {
            found.extend(entry.value.as_str());
        }
        values(&entry.value, key, found);
    }
}

/// What is wrong with the commands of a script, and how many there are.
fn judge(path: &Utf8Path, script: &str, wrong: &mut Vec<String>) -> usize {
    let text = MappedText::contiguous(script.to_owned(), Span::new(0, script.len()));
    let mut count = 0;
    for invocation in shell::parse(&text).invocations() {
        let words: Vec<&str> = invocation
            .arguments
            .iter()
            .map(|it| it.text.as_str())
            .collect();
        let ("cargo", ["xtask", arguments @ ..]) = (invocation.program.as_str(), &words[..]) else {
            continue;
        };
        count += 1;
        let line = std::iter::once("cargo xtask").chain(arguments.iter().copied());
        if let Err(error) = cli::Arguments::try_parse_from(line) {
            wrong.push(format!("{path}: {arguments:?}: {error}"));
        }
    }
    count
}

#[test]
fn every_command_that_a_pipeline_starts_is_understood() {
    let root = checkout();
    let mut files: Vec<(Utf8PathBuf, &str)> = workflows(&root)
        .into_iter()
        .map(|path| (path, "run"))
        .collect();
    for entry in root.join(".github/actions").read_dir_utf8().unwrap() {
        files.push((entry.unwrap().into_path().join("action.yml"), "run"));
    }
    for hooks in [".pre-commit-config.yaml", ".pre-commit-hooks.yaml"] {
        files.push((root.join(hooks), "entry"));
    }
    let mut wrong = Vec::new();
    let mut count = 0;
    for (path, key) in files {
        let source = Source::new(path.as_path(), std::fs::read_to_string(&path).unwrap());
        let node = yaml::parse(&source).unwrap();
        let mut scripts = Vec::new();
        values(&node, key, &mut scripts);
        for script in scripts {
            count += judge(&path, script, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 15, "only {count} were found");
}

#[test]
fn a_flag_that_we_lack_is_noticed() {
    let mut wrong = Vec::new();
    let count = judge(
        "w.yml".into(),
        "cargo xtask docker-ci --check && cargo xtask docker-ci --nope\n",
        &mut wrong,
    );
    assert_eq!((count, wrong.len()), (2, 1), "{wrong:?}");
}
