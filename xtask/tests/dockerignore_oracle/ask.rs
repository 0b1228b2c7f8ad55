//! What the engine takes of a build context: many contexts are asked about in one build.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;

use camino::{Utf8Path, Utf8PathBuf};
use xtask::process::{Command, Runner, System};

use crate::case::{Case, Node, Tree};
use crate::support;

/// What the engine takes of each case, or why it refuses.
pub(crate) type Answer = Result<Tree, String>;

/// What the engine takes of each case. A build that fails is divided until it is known whose fault that is.
pub(crate) fn ask(cases: &[Case]) -> Vec<Answer> {
    if cases.is_empty() {
        return Vec::new();
    }
    let (guard, root) = scratch();
    let mut dockerfile = "FROM scratch\n".to_owned();
    let mut command = support::docker().args(["buildx", "build"]);
    for (number, case) in cases.iter().enumerate() {
        let folder = root.join(format!("c{number}"));
        case.write(&folder);
        writeln!(dockerfile, "COPY --from=c{number} . /{number}/").unwrap();
        command = command.args(["--build-context", &format!("c{number}={folder}")]);
    }
    let file = root.join("Dockerfile");
    std::fs::write(&file, dockerfile).unwrap();
    let answer = build(&command, &file, &root.join("c0"));
    drop(guard);
    match answer {
        Ok(tree) => divide(&tree, cases.len()).into_iter().map(Ok).collect(),
        Err(error) if cases.len() == 1 => vec![Err(error)],
        Err(_) => {
            let (first, second) = cases.split_at(cases.len() / 2);
            let mut answers = ask(first);
            answers.extend(ask(second));
            answers
        }
    }
}

/// A folder for the length of a test.
pub(crate) fn scratch() -> (tempfile::TempDir, Utf8PathBuf) {
    let guard = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(guard.path().canonicalize().unwrap()).unwrap();
    (guard, root)
}

/// What a build puts into an image, or the end of what it says.
pub(crate) fn build(command: &Command, dockerfile: &Utf8Path, context: &Utf8Path) -> Answer {
    let (_guard, root) = scratch();
    let tar = root.join("out.tar");
    let output = format!("type=tar,dest={tar}");
    let command = command
        .clone()
        .args(["-f", dockerfile.as_str(), "--output", &output, "--quiet"])
        .arg(context);
    let output = System::default().run(&command).unwrap();
    if output.success() {
        Ok(read_tar(&tar))
    } else {
        let text = output.error_text();
        Err(text.lines().last().unwrap_or_default().to_owned())
    }
}

fn read_tar(path: &Utf8Path) -> Tree {
    let mut archive = tar::Archive::new(std::fs::File::open(path).unwrap());
    let mut tree = Tree::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let node = match entry.header().entry_type() {
            tar::EntryType::Directory => Node::Folder,
            tar::EntryType::Symlink => {
                let target = entry.link_name_bytes().unwrap().into_owned();
                Node::Link(String::from_utf8(target).unwrap())
            }
            tar::EntryType::Regular => {
                let mut text = String::new();
                entry.read_to_string(&mut text).unwrap();
                Node::File(text)
            }
            other => panic!("{path:?} is a {other:?}"),
        };
        tree.insert(path.trim_end_matches('/').to_owned(), node);
    }
    tree
}

/// The tree of each folder that is called by a number.
fn divide(tree: &Tree, count: usize) -> Vec<Tree> {
    let mut trees = vec![Tree::new(); count];
    for (path, node) in tree {
        if let Some((number, rest)) = path.split_once('/') {
            trees[number.parse::<usize>().unwrap()].insert(rest.to_owned(), node.clone());
        }
    }
    trees
}

/// What differs: only with us, only with the engine, otherwise with the engine.
pub(crate) fn difference(ours: &Tree, theirs: &Tree) -> Option<String> {
    let paths: BTreeMap<&String, (Option<&Node>, Option<&Node>)> = ours
        .keys()
        .chain(theirs.keys())
        .map(|path| (path, (ours.get(path), theirs.get(path))))
        .filter(|(_, (ours, theirs))| ours != theirs)
        .collect();
    let text: Vec<String> = paths
        .into_iter()
        .map(|(path, (ours, theirs))| format!("  {path:?}: ours {ours:?}, theirs {theirs:?}"))
        .collect();
    (!text.is_empty()).then(|| text.join("\n"))
}
