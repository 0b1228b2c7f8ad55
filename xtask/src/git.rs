//! What git knows about the checkout: the commit, what it is called, what changed since another, what a file said then.

mod commits;
mod distance;
mod export;
mod hooks;
mod reference;

use camino::{Utf8Path, Utf8PathBuf};

use crate::context::{Change, ChangeKind};
use crate::error::{Error, Result};
use crate::process::{Command, Output, Runner};
use crate::source::Source;

pub use commits::{Commit, commits, is_shallow};
pub use distance::commits_since;
pub use export::{Version, export, top};
pub use hooks::{HookFolder, hook_folder};
pub use reference::{commit_date, default_branch, page, reference};

/// The commit that is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its full hash; `-dirty` is appended if the work tree differs from it.
    pub revision: String,
    /// When it was committed, in UTC, as RFC 3339 has it. The same commit gives the same image.
    pub date: String,
}

/// The commit at `root`; `None` outside a repository, before the first commit, or without git: images then say
/// nothing about their origin.
pub fn head(runner: &dyn Runner, root: &Utf8Path) -> Option<Head> {
    let command = git(root)
        .args([
            "log",
            "-1",
            "--no-show-signature",
            "--date=format-local:%Y-%m-%dT%H:%M:%SZ",
            "--format=%H %cd",
        ])
        .env("TZ", "UTC");
    let output = runner.run(&command).ok().filter(Output::success)?;
    let text = output.text();
    let (hash, date) = text.split_once(' ')?;
    let status = git(root).args(["status", "--porcelain", "--untracked-files=normal"]);
    let dirty = runner
        .run(&status)
        .ok()
        .is_none_or(|output| !output.success() || !output.stdout.is_empty());
    Some(Head {
        revision: if dirty {
            format!("{hash}-dirty")
        } else {
            hash.to_owned()
        },
        date: date.to_owned(),
    })
}

/// The folder in which git keeps what all work trees of a repository share; `None` outside a repository or without git.
pub fn common_folder(runner: &dyn Runner, root: &Utf8Path) -> Option<Utf8PathBuf> {
    let command = git(root).args(["rev-parse", "--git-common-dir"]);
    let output = runner.run(&command).ok().filter(Output::success)?;
    // From `root`, where it is not absolute.
    Some(root.join(output.text()))
}

/// Whom git would name as the author of a commit: `Name <address>`; `None` if it knows nobody.
pub fn author(runner: &dyn Runner, root: &Utf8Path) -> Option<String> {
    let command = git(root).args(["var", "GIT_AUTHOR_IDENT"]);
    let output = runner.run(&command).ok().filter(Output::success)?;
    // The time stands behind the address.
    let text = output.text();
    let end = text.rfind('>')?;
    Some(text[..=end].to_owned())
}

/// The address of the remote called `origin`; `None` without one, or outside of a repository.
pub fn origin(runner: &dyn Runner, root: &Utf8Path) -> Option<String> {
    let command = git(root).args(["remote", "get-url", "origin"]);
    let output = runner.run(&command).ok().filter(Output::success)?;
    Some(output.text())
}

/// The files of a folder, or the file, at `path`: those that git follows, and those that it does not ignore. From
/// `root`, sorted.
///
/// # Errors
/// Git is missing or fails.
pub fn files(runner: &dyn Runner, root: &Utf8Path, path: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let command = git(root)
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
            "--",
        ])
        .arg(path);
    let output = runner.run(&command)?.checked(&command)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let paths = text.split('\0').filter(|path| !path.is_empty());
    let mut paths: Vec<Utf8PathBuf> = paths.map(Utf8PathBuf::from).collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// What to compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The commit before.
    pub before: String,
    /// The commit after; `None` for the work tree with all that git does not ignore.
    pub after: Option<String>,
}

/// The commits that a text names: `a..b`, `a...b` (what `b` did since it left `a`; either may be missing and is then
/// `HEAD`), or a commit, with which the work tree is compared. `None` if it names no commit.
///
/// # Errors
/// Git is missing, this is no repository, or a side of a range is no commit that is here.
pub fn range(runner: &dyn Runner, root: &Utf8Path, text: &str) -> Result<Option<Range>> {
    let side = |text: &str| {
        let name = if text.is_empty() { "HEAD" } else { text };
        named_commit(runner, root, name)
    };
    if let Some((before, after)) = text.split_once("...") {
        let (before, after) = (side(before)?, side(after)?);
        let nothing = || format!("the two sides of `{text}` have nothing in common");
        return Ok(Some(Range {
            before: merge_base(runner, root, &before, &after, nothing)?,
            after: Some(after),
        }));
    }
    if let Some((before, after)) = text.split_once("..") {
        return Ok(Some(Range {
            before: side(before)?,
            after: Some(side(after)?),
        }));
    }
    let before = commit(runner, root, text)?;
    Ok(before.map(|before| Range {
        before,
        after: None,
    }))
}

/// The commit at which `HEAD` left another one.
///
/// # Errors
/// Git is missing, `base` is no commit that is here, or the two have nothing in common.
pub fn left_at(runner: &dyn Runner, root: &Utf8Path, base: &str) -> Result<String> {
    // Most names are right, and to ask first whether this one is takes another start of git.
    let command = git(root)
        .args(["merge-base", "--end-of-options"])
        .arg(format!("{base}^{{commit}}"))
        .arg("HEAD");
    if let Ok(output) = runner.run(&command)
        && output.success()
    {
        return Ok(output.text());
    }
    let commit = commit_of(runner, root, base)?;
    let nothing = || format!("`{base}` and `HEAD` have nothing in common");
    merge_base(runner, root, &commit, "HEAD", nothing)
}

/// The hash of a commit.
///
/// # Errors
/// Git is missing, or there is no commit of that name here.
pub fn commit_of(runner: &dyn Runner, root: &Utf8Path, name: &str) -> Result<String> {
    commit(runner, root, name)?.ok_or_else(|| unknown_commit(runner, root, name))
}

/// The last commit that two others share.
fn merge_base(
    runner: &dyn Runner,
    root: &Utf8Path,
    a: &str,
    b: &str,
    nothing: impl Fn() -> String,
) -> Result<String> {
    let command = git(root).args(["merge-base", a, b]);
    let output = runner.run(&command)?;
    if output.success() {
        Ok(output.text())
    } else {
        Err(with_depth(runner, root, Error::usage(nothing())))
    }
}

/// The hash of a commit; `None` if there is none of that name.
fn commit(runner: &dyn Runner, root: &Utf8Path, name: &str) -> Result<Option<String>> {
    let command = git(root)
        .args(["rev-parse", "--verify", "--quiet", "--end-of-options"])
        .arg(format!("{name}^{{commit}}"));
    let output = runner
        .run(&command)
        .map_err(|error| error.help("install git, or name the files that changed"))?;
    match output.code {
        Some(0) => Ok(Some(output.text())),
        Some(1) => Ok(None),
        // A name that cannot be one; everything else is git's own trouble.
        _ if output.error_text().contains("revision") => Ok(None),
        _ => output.checked(&command).map(|_| None).map_err(|error| {
            error.help("run it in a git repository, or name the files that changed")
        }),
    }
}

/// The hash of the commit that a word names.
///
/// # Errors
/// It names none, git is missing, or this is no repository.
pub fn named_commit(runner: &dyn Runner, root: &Utf8Path, name: &str) -> Result<String> {
    match commit(runner, root, name)? {
        Some(commit) => Ok(commit),
        None => Err(unknown_commit(runner, root, name)),
    }
}

fn unknown_commit(runner: &dyn Runner, root: &Utf8Path, name: &str) -> Error {
    let error = Error::usage(format!("git knows no commit `{name}`"));
    with_depth(runner, root, error)
}

/// Says what to do about a clone that lacks its history.
fn with_depth(runner: &dyn Runner, root: &Utf8Path, error: Error) -> Error {
    let command = git(root).args(["rev-parse", "--is-shallow-repository"]);
    let shallow = runner
        .run(&command)
        .is_ok_and(|output| output.text() == "true");
    if shallow {
        error
            .because("this clone is shallow: most commits are not here")
            .help("`git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout, brings them")
    } else {
        error.help("`git branch --all` and `git tag` list what there is; `git fetch` brings what is elsewhere")
    }
}

/// The paths that differ, from `root`, sorted; a rename is a removal and an addition. Names that are not UTF-8 are
/// marked.
///
/// # Errors
/// Git fails.
pub fn changes(runner: &dyn Runner, root: &Utf8Path, range: &Range) -> Result<Vec<Change>> {
    let mut command = git(root).args([
        "diff",
        "--raw",
        "-z",
        "--no-renames",
        "--no-abbrev",
        "--no-ext-diff",
        "--relative",
        &range.before,
    ]);
    if let Some(after) = &range.after {
        command = command.arg(after);
    }
    let output = runner.run(&command)?.checked(&command)?;
    let mut changes = raw_changes(&String::from_utf8_lossy(&output.stdout));
    if range.after.is_none() {
        let command = git(root).args(["ls-files", "-z", "--others", "--exclude-standard"]);
        let output = runner.run(&command)?.checked(&command)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let paths = text.split('\0').filter(|path| !path.is_empty());
        changes.extend(paths.map(|path| Change {
            path: path.into(),
            kind: ChangeKind::Added,
        }));
    }
    changes.sort();
    changes.dedup();
    Ok(changes)
}

/// The paths that the index holds otherwise than the last commit, from the top, sorted: what the next commit changes.
///
/// # Errors
/// Git is missing or fails.
pub fn staged(runner: &dyn Runner, top: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let command = git(top).args(["diff", "--cached", "--name-only", "--no-renames", "-z"]);
    let output = runner.run(&command)?.checked(&command)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let paths = text.split('\0').filter(|path| !path.is_empty());
    let mut paths: Vec<Utf8PathBuf> = paths.map(Utf8PathBuf::from).collect();
    paths.sort();
    Ok(paths)
}

/// `:mode mode hash hash status NUL path NUL`, again and again.
fn raw_changes(text: &str) -> Vec<Change> {
    let mut fields = text.split('\0');
    let mut changes = Vec::new();
    while let (Some(head), Some(path)) = (fields.next(), fields.next()) {
        let words: Vec<&str> = head.trim_start_matches(':').split(' ').collect();
        let [old_mode, new_mode, old, new, status] = words.as_slice() else {
            continue;
        };
        let kind = match status.as_bytes().first() {
            Some(b'A') => ChangeKind::Added,
            Some(b'D') => ChangeKind::Removed,
            Some(b'M') if old == new && old_mode != new_mode => ChangeKind::Mode,
            _ => ChangeKind::Edited,
        };
        changes.push(Change {
            path: path.into(),
            kind,
        });
    }
    changes
}

/// A file's text at a commit; `None` if it is not there. `path` is from `root`.
///
/// # Errors
/// Git fails, or the file is no UTF-8.
pub fn text_at(
    runner: &dyn Runner,
    root: &Utf8Path,
    commit: &str,
    path: &Utf8Path,
) -> Result<Option<Source>> {
    let command = git(root)
        .args(["ls-tree", "-z", "--full-name", commit, "--"])
        .arg(path);
    let output = runner.run(&command)?.checked(&command)?;
    // `mode type hash TAB path`: a name for what `root/path` is in the repository.
    let text = output.text();
    let Some(blob) = text
        .split('\0')
        .next()
        .and_then(|entry| entry.split_once('\t'))
        .and_then(|(head, _)| head.split(' ').nth(2))
    else {
        return Ok(None);
    };
    let command = git(root).args(["cat-file", "blob", blob]);
    let output = runner.run(&command)?.checked(&command)?;
    match String::from_utf8(output.stdout) {
        Ok(text) => Ok(Some(Source::new(path, text))),
        Err(_) => Err(Error::usage(format!(
            "{path} at {commit} is not UTF-8 text"
        ))),
    }
}

fn git(root: &Utf8Path) -> Command {
    Command::new("git").arg("-C").arg(root)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::process::{Reply, Scripted, System};

    #[test]
    fn a_changed_work_tree_is_said() {
        let log = Reply::ok("0123abc 2026-11-22T10:00:00Z\n");
        let clean = Scripted::default()
            .on(" log ", log.clone())
            .on(" status ", Reply::ok(""));
        let dirty = Scripted::default()
            .on(" log ", log)
            .on(" status ", Reply::ok(" M a\n"));
        let root = Utf8Path::new("/r");
        assert_eq!(head(&clean, root).unwrap().revision, "0123abc");
        assert_eq!(head(&clean, root).unwrap().date, "2026-11-22T10:00:00Z");
        assert_eq!(head(&dirty, root).unwrap().revision, "0123abc-dirty");
    }

    #[test]
    fn outside_a_repository_there_is_no_commit() {
        let none = Scripted::default().on("git", Reply::failure(128, "not a git repository"));
        assert_eq!(head(&none, Utf8Path::new("/")), None);
        assert_eq!(head(&Scripted::default(), Utf8Path::new("/")), None);
    }

    /// Git in a folder, whatever the user's own configuration asks for.
    pub(crate) fn run_in(root: &Utf8Path, arguments: &[&str]) {
        let command = git(root)
            .args(["-c", "user.name=n", "-c", "user.email=e@x"])
            .args(["-c", "commit.gpgsign=false"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null");
        let output = System::default().run(&command).unwrap();
        output.checked(&command).unwrap();
    }

    /// A repository in a folder, with its `git`.
    struct Checkout {
        dir: tempfile::TempDir,
    }

    impl Checkout {
        fn new() -> Self {
            let checkout = Self {
                dir: tempfile::tempdir().unwrap(),
            };
            checkout.git(&["init", "-q", "-b", "main"]);
            checkout
        }

        fn root(&self) -> &Utf8Path {
            Utf8Path::from_path(self.dir.path()).unwrap()
        }

        fn git(&self, arguments: &[&str]) {
            run_in(self.root(), arguments);
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.root().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }

        fn commit(&self) {
            self.git(&["add", "-A"]);
            self.git(&["commit", "-qm", "c"]);
        }

        fn changed(&self, folder: &str, text: &str) -> Vec<String> {
            let root = self.root().join(folder);
            let range = range(&System::default(), &root, text).unwrap().unwrap();
            let changes = changes(&System::default(), &root, &range).unwrap();
            changes
                .iter()
                .map(|change| format!("{:?} {}", change.kind, change.path))
                .collect()
        }
    }

    #[test]
    fn what_changed_is_told_for_ranges_and_for_the_work_tree() {
        let repository = Checkout::new();
        for (path, text) in [
            ("a", "1"),
            ("b c/é", "1"),
            ("m", "1"),
            ("old", "same"),
            (".gitignore", "ignored\n"),
        ] {
            repository.write(path, text);
        }
        repository.commit();
        repository.git(&["branch", "side"]);
        repository.write("a", "2");
        repository.git(&["mv", "old", "new"]);
        let root = repository.root();
        std::fs::set_permissions(
            root.join("m"),
            std::os::unix::fs::PermissionsExt::from_mode(0o755),
        )
        .unwrap();
        repository.git(&["commit", "-qam", "c"]);
        let both = ["Edited a", "Mode m", "Added new", "Removed old"];
        assert_eq!(repository.changed("", "HEAD~1..HEAD"), both);
        assert_eq!(repository.changed("", "side..."), both);
        assert_eq!(repository.changed("", "main...side"), [""; 0]);
        assert_eq!(
            repository.changed("", "main..side"),
            ["Edited a", "Mode m", "Removed new", "Added old"]
        );
        repository.write("b c/é", "2");
        repository.write("b c/x", "");
        repository.write("ignored", "");
        assert_eq!(
            repository.changed("", "HEAD"),
            ["Added b c/x", "Edited b c/é"]
        );
        // A part of the repository is looked at from there.
        assert_eq!(repository.changed("b c", "HEAD~1"), ["Added x", "Edited é"]);
        let text = |root: &Utf8Path, path: &str| {
            let source = text_at(&System::default(), root, "HEAD", Utf8Path::new(path)).unwrap();
            source.map(|source| source.text().to_owned())
        };
        assert_eq!(text(root, "b c/é").as_deref(), Some("1"));
        assert_eq!(text(&root.join("b c"), "é").as_deref(), Some("1"));
        assert_eq!(text(root, "old"), None);
        assert_eq!(range(&System::default(), root, "none").unwrap(), None);
        assert_eq!(range(&System::default(), root, "a b:?").unwrap(), None);
        let error = range(&System::default(), root, "none..").unwrap_err();
        assert_eq!(error.message(), "git knows no commit `none`");
    }

    #[test]
    fn what_git_lacks_is_told_with_what_to_do() {
        let empty = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(empty.path()).unwrap();
        let error = range(&System::default(), root, "main").unwrap_err();
        assert!(
            error.helps()[0].contains("in a git repository"),
            "{error:?}"
        );
        let error = range(&Scripted::default(), root, "main").unwrap_err();
        assert!(error.helps()[0].contains("install git"), "{error:?}");
        let shallow = Scripted::default()
            .on("--is-shallow", Reply::ok("true\n"))
            .on("rev-parse --verify", Reply::failure(1, ""));
        let error = range(&shallow, root, "main..").unwrap_err();
        assert!(error.helps()[0].contains("--unshallow"), "{error:?}");
    }
}
