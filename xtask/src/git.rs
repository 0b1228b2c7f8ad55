//! What git knows about the checkout.

use camino::Utf8Path;

use crate::process::{Command, Runner};

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
    let git = || Command::new("git").arg("-C").arg(root);
    let command = git()
        .args([
            "log",
            "-1",
            "--no-show-signature",
            "--date=format-local:%Y-%m-%dT%H:%M:%SZ",
            "--format=%H %cd",
        ])
        .env("TZ", "UTC");
    let output = runner
        .run(&command)
        .ok()
        .filter(crate::process::Output::success)?;
    let text = output.text();
    let (hash, date) = text.split_once(' ')?;
    let status = git().args(["status", "--porcelain", "--untracked-files=normal"]);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Reply, Scripted};

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
}
