//! The last commits, with what each of them changed.

use camino::Utf8Path;

use super::{git, raw_changes};
use crate::context::Change;
use crate::error::{Error, Result};
use crate::process::Runner;

/// A commit with one parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its full hash.
    pub hash: String,
    /// That of its parent; `None` of the first commit, and of the last one that a shallow clone has.
    pub parent: Option<String>,
    /// When it was committed, as RFC 3339 has it.
    pub date: String,
    /// The first line of its message.
    pub subject: String,
    /// What it changed below the root, sorted; a rename is a removal and an addition.
    pub changes: Vec<Change>,
}

/// The last commits that `HEAD` leads to, the latest first: at most `most`, none before `since` (as `git log --since`
/// understands it). Merges are left out: what they bring was changed by the commits that they merge.
///
/// # Errors
/// Git is missing, this is no repository, or it has no commit.
pub fn commits(
    runner: &dyn Runner,
    root: &Utf8Path,
    most: usize,
    since: Option<&str>,
) -> Result<Vec<Commit>> {
    let mut command = git(root).args([
        "log",
        "--no-merges",
        "--no-show-signature",
        "--format=%x01%H%x02%P%x02%cI%x02%s",
        "--raw",
        "-z",
        "--no-renames",
        "--no-abbrev",
        "--no-ext-diff",
        "--relative",
    ]);
    command = command.arg(format!("--max-count={most}"));
    if let Some(since) = since {
        command = command.arg(format!("--since={since}"));
    }
    let output = runner
        .run(&command)?
        .checked(&command)
        .map_err(|error| Error::failed("git does not tell the history").because(error))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let parts = text.split('\u{1}').skip(1);
    Ok(parts.map(parse).collect())
}

/// `hash 02 parents 02 date 02 subject NUL`, then what [`raw_changes`] reads.
fn parse(part: &str) -> Commit {
    let (head, rest) = part.split_once('\0').unwrap_or((part, ""));
    let mut fields = head.splitn(4, '\u{2}').map(str::to_owned);
    let mut field = || fields.next().unwrap_or_default();
    let (hash, parents, date, subject) = (field(), field(), field(), field());
    let mut changes = raw_changes(rest.trim_start_matches(['\0', '\n']));
    changes.sort();
    Commit {
        hash,
        parent: parents
            .split(' ')
            .next()
            .filter(|parent| !parent.is_empty())
            .map(str::to_owned),
        date,
        subject: subject.trim_end().to_owned(),
        changes,
    }
}

/// Whether the clone lacks a part of its history; `false` where git does not answer.
#[must_use]
pub fn is_shallow(runner: &dyn Runner, root: &Utf8Path) -> bool {
    let command = git(root).args(["rev-parse", "--is-shallow-repository"]);
    runner
        .run(&command)
        .is_ok_and(|output| output.text() == "true")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Command, System};

    fn run(root: &Utf8Path, arguments: &[&str]) {
        let command = Command::new("git")
            .args([
                "-C",
                root.as_str(),
                "-c",
                "user.name=n",
                "-c",
                "user.email=e@x",
            ])
            .args(["-c", "commit.gpgsign=false"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null");
        System::default()
            .run(&command)
            .unwrap()
            .checked(&command)
            .unwrap();
    }

    #[test]
    fn commits_tell_what_they_changed() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        run(root, &["init", "-q", "-b", "main"]);
        let commit = |path: &str, text: &str, subject: &str| {
            std::fs::write(root.join(path), text).unwrap();
            run(root, &["add", "-A"]);
            run(root, &["commit", "-qm", subject]);
        };
        commit("a b", "1", "first");
        run(root, &["checkout", "-qb", "side"]);
        commit("é", "1", "second: ü");
        run(root, &["checkout", "-q", "main"]);
        commit("a b", "2", "third");
        run(root, &["merge", "-q", "--no-edit", "side"]);
        run(root, &["commit", "-q", "--allow-empty", "-m", "empty"]);
        let found = commits(&System::default(), root, 10, None).unwrap();
        let mut told: Vec<String> = found
            .iter()
            .map(|commit| {
                let changes = commit.changes.iter();
                let changes: Vec<String> = changes
                    .map(|change| format!("{:?} {}", change.kind, change.path))
                    .collect();
                let parent = if commit.parent.is_some() {
                    ""
                } else {
                    "first: "
                };
                format!("{parent}{} [{}]", commit.subject, changes.join(", "))
            })
            .collect();
        assert_eq!(told.remove(0), "empty []");
        told.sort();
        assert_eq!(
            told,
            [
                "first: first [Added a b]",
                "second: ü [Added é]",
                "third [Edited a b]"
            ]
        );
        assert_eq!(commits(&System::default(), root, 1, None).unwrap().len(), 1);
        assert!(commits(&System::default(), Utf8Path::new("/"), 1, None).is_err());
        assert!(!is_shallow(&System::default(), root));
    }
}
