//! What is checked out, by name, and where it comes from.

use camino::Utf8Path;

use super::git;
use crate::process::{Output, Runner};

/// The ref that is checked out, in full: the branch; else, of a commit alone, its tag of the highest version, the pull
/// request or the branch of a remote that it is. `None` if it has no name.
pub fn reference(runner: &dyn Runner, root: &Utf8Path) -> Option<String> {
    if let Some(branch) = answer(runner, root, &["symbolic-ref", "--quiet", "HEAD"]) {
        return Some(branch);
    }
    let tags = [
        "for-each-ref",
        "--points-at=HEAD",
        "--sort=-version:refname",
        "--format=%(refname)",
    ];
    let first = |pattern: &str| {
        let named = answer(runner, root, &[&tags[..], &[pattern]].concat())?;
        let mut candidates = named.lines().filter(|name| !name.ends_with("/HEAD"));
        candidates.next().map(str::to_owned)
    };
    if let Some(tag) = first("refs/tags") {
        return Some(tag);
    }
    // GitHub's checkout fetches `refs/pull/2/merge` as `refs/remotes/pull/2/merge`.
    if let Some(request) = first("refs/remotes/pull") {
        return Some(request.replacen("refs/remotes/", "refs/", 1));
    }
    let branch = first("refs/remotes")?;
    let name = branch.strip_prefix("refs/remotes/")?;
    let (_, name) = name.split_once('/')?;
    Some(format!("refs/heads/{name}"))
}

/// The default branch of the remote `origin`, as the clone remembers it.
pub fn default_branch(runner: &dyn Runner, root: &Utf8Path) -> Option<String> {
    let head = answer(
        runner,
        root,
        &["symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"],
    )?;
    head.strip_prefix("refs/remotes/origin/").map(str::to_owned)
}

/// The page of the remote `origin`: its address as `https://…` without a login; `None` if it is no such place.
pub fn page(runner: &dyn Runner, root: &Utf8Path) -> Option<String> {
    let address = answer(runner, root, &["remote", "get-url", "origin"])?;
    let rest = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("ssh://"))
        .map(str::to_owned)
        // `git@host:owner/name.git`
        .or_else(|| {
            let (login, path) = address.split_once(':')?;
            (login.contains('@') && !login.contains('/')).then(|| format!("{login}/{path}"))
        })?;
    let (host, path) = rest.split_once('/')?;
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    Some(format!("https://{host}/{path}"))
}

/// When a commit was made, as RFC 3339 has it; `None` if it is not here.
pub fn commit_date(runner: &dyn Runner, root: &Utf8Path, commit: &str) -> Option<String> {
    let arguments = [
        "log",
        "-1",
        "--no-show-signature",
        "--format=%cI",
        "--end-of-options",
        commit,
    ];
    answer(runner, root, &arguments)
}

/// What git says, if it says something.
fn answer(runner: &dyn Runner, root: &Utf8Path, arguments: &[&str]) -> Option<String> {
    let output = runner
        .run(&git(root).args(arguments))
        .ok()
        .filter(Output::success)?;
    Some(output.text()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Reply, Scripted};

    #[test]
    fn a_page_has_no_login() {
        for (address, expected) in [
            ("https://github.com/o/r.git", Some("https://github.com/o/r")),
            (
                "https://user:secret@github.com/o/r",
                Some("https://github.com/o/r"),
            ),
            ("git@github.com:o/r.git", Some("https://github.com/o/r")),
            (
                "ssh://git@example.com/o/r/",
                Some("https://example.com/o/r"),
            ),
            ("/srv/git/r.git", None),
            ("../r", None),
        ] {
            let runner = Scripted::default().on("remote", Reply::ok(address));
            assert_eq!(
                page(&runner, Utf8Path::new("/r")).as_deref(),
                expected,
                "{address}"
            );
        }
    }

    #[test]
    fn a_commit_alone_has_the_name_of_its_tag() {
        let none = Reply::failure(1, "");
        let root = Utf8Path::new("/r");
        let runner = |tags: &str, pulls: &str, remotes: &str| {
            Scripted::default()
                .on("symbolic-ref", none.clone())
                .on("refs/tags", Reply::ok(tags))
                .on("refs/remotes/pull", Reply::ok(pulls))
                .on("refs/remotes", Reply::ok(remotes))
        };
        for (tags, pulls, remotes, expected) in [
            ("refs/tags/v2\nrefs/tags/v1\n", "", "", Some("refs/tags/v2")),
            (
                "",
                "refs/remotes/pull/2/merge\n",
                "",
                Some("refs/pull/2/merge"),
            ),
            (
                "",
                "",
                "refs/remotes/origin/HEAD\nrefs/remotes/origin/a/b\n",
                Some("refs/heads/a/b"),
            ),
            ("", "", "", None),
        ] {
            assert_eq!(
                reference(&runner(tags, pulls, remotes), root).as_deref(),
                expected
            );
        }
        let branch = Scripted::default().on("symbolic-ref", Reply::ok("refs/heads/main\n"));
        assert_eq!(reference(&branch, root).as_deref(), Some("refs/heads/main"));
        let origin =
            Scripted::default().on("symbolic-ref", Reply::ok("refs/remotes/origin/main\n"));
        assert_eq!(default_branch(&origin, root).as_deref(), Some("main"));
    }
}
