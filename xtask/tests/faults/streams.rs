//! Standard output that nobody reads, or that is full.

use xtask::process::Command;

use crate::repository::{Repository, said, unpanicked};
use crate::support::run;

const COMMANDS: [&str; 12] = [
    "docker-bake --print",
    "docker-lint --format json",
    "docker-lint --list-rules",
    "docker-check --format json",
    "docker-ci --print",
    "docker-deploy --format sarif",
    "docker-ignore --format json",
    "docker-audit list --format json",
    "docker-audit export",
    "docker-build --dry-run",
    "docker-doctor --format json",
    "--help",
];

fn repository() -> Repository {
    let repository = Repository::new();
    repository.ok(&["docker-deploy", "--write"]);
    for number in 0..40 {
        repository.ok(&[
            "docker-audit",
            "record",
            "deploy",
            "--image=web",
            &format!("--detail=n={number}"),
        ]);
    }
    repository
}

fn shell(repository: &Repository, script: &str) -> xtask::process::Output {
    let of_program = repository.command(&[]);
    let mut command = Command::new("sh")
        .args(["-c", script])
        .dir(&repository.root);
    for (name, value) in of_program.variables() {
        command = command.env(name.clone(), value);
    }
    unpanicked(run(&command))
}

/// A report that did not arrive is never a success.
#[test]
fn an_output_that_is_full_is_an_error() {
    let repository = repository();
    for command in COMMANDS {
        let output = shell(
            &repository,
            &format!("{} {command} >/dev/full", env!("CARGO_BIN_EXE_xtask")),
        );
        assert!(
            matches!(output.code, Some(2..=4)),
            "{command}: {}",
            said(&output)
        );
        assert!(
            output.error_text().contains("No space left on device"),
            "{command}: {}",
            said(&output)
        );
    }
}

/// Whoever has read enough hangs up; the verdict stays what it is.
#[test]
fn a_reader_that_leaves_changes_no_verdict() {
    let repository = repository();
    let program = env!("CARGO_BIN_EXE_xtask");
    for command in COMMANDS {
        let whole = shell(&repository, &format!("{program} {command} >/dev/null"));
        let left = shell(
            &repository,
            &format!("({program} {command}; echo \"exit $?\" >&2) | :"),
        );
        let code = format!("exit {}", whole.code.unwrap());
        assert!(
            left.error_text().ends_with(&code),
            "{command}: {code}: {}",
            said(&left)
        );
        let closed = shell(&repository, &format!("{program} {command} >&-"));
        assert_eq!(closed.code, whole.code, "{command}: {}", said(&closed));
    }
}
