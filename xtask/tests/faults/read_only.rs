//! Nothing can be written: what judges works all the same, and what writes says so.

use crate::cases::CASES;
use crate::full_disk::with_mounts;
use crate::repository::{Repository, assert_same, said};

/// The program with its arguments in a repository that nobody can write to.
fn read_only(repository: &Repository, arguments: &[&str]) -> Option<xtask::process::Output> {
    let words: Vec<String> = arguments.iter().map(|word| format!("'{word}'")).collect();
    let script = format!(
        "mount --bind . . && mount -o remount,bind,ro . && cd \"$PWD\" && exec \"$0\" {}",
        words.join(" ")
    );
    with_mounts(repository, &script)
}

#[test]
fn what_writes_says_that_it_cannot_and_nothing_changes() {
    for case in &CASES {
        let repository = (case.prepare)();
        let before = repository.files();
        let Some(output) = read_only(&repository, case.arguments) else {
            return;
        };
        assert!(
            matches!(output.code, Some(2..=4)),
            "{}: {}",
            case.name(),
            said(&output)
        );
        assert!(
            output.error_text().contains("Read-only file system"),
            "{}: {}",
            case.name(),
            said(&output)
        );
        assert_same(&repository.files(), &before, &case.name());
    }
}

#[test]
fn what_judges_says_the_same_as_where_it_could_write() {
    let repository = Repository::new();
    for command in [
        &["docker-bake", "--write"][..],
        &["docker-deploy", "--write"],
        &["docker-ci", "--write"],
    ] {
        repository.ok(command);
    }
    repository.ok(&["docker-audit", "record", "deploy", "--image=web"]);
    for command in [
        &["docker-bake", "--check"][..],
        &["docker-bake", "--print", "--format=json"],
        &["docker-lint"],
        &["docker-check"],
        &["docker-ci"],
        &["docker-deploy"],
        &["docker-ignore"],
        &["docker-affected", "--base=HEAD"],
        &["docker-tags", "--event=push"],
        &["docker-audit", "verify"],
        &["docker-audit", "list"],
        &["docker-build", "--dry-run", "--engine=system"],
    ] {
        let told = |output: &xtask::process::Output| (output.code, output.text());
        let writable = repository.run(command);
        let Some(output) = read_only(&repository, command) else {
            return;
        };
        assert_eq!(
            told(&output),
            told(&writable),
            "{command:?}: {}",
            output.error_text()
        );
    }
}
