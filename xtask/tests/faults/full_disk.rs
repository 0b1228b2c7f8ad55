//! No space is left: for each call of commands that write, and on a small file system until it is full.

use xtask::process::Command;

use crate::cases::{CASES, Case};
use crate::killed::MOST;
use crate::repository::{Repository, is_beside, said, unpanicked};
use crate::strike::{Strike, can_strike, spread, steps, struck};
use crate::support::{in_ci, run};

#[test]
fn a_write_that_fails_is_told_and_leaves_the_old_file() {
    if !can_strike() {
        return;
    }
    for case in &CASES {
        full(case);
    }
}

/// Calls that put something on the disk, and fail when it is full.
const NEED_SPACE: [&str; 10] = [
    "write",
    "pwrite64",
    "writev",
    "rename",
    "mkdir",
    "linkat",
    "link",
    "symlink",
    "fsync",
    "fdatasync",
];

fn full(case: &Case) {
    let begun = (case.prepare)();
    let before = begun.files();
    let undisturbed = begun.copy();
    let (steps, _) = steps(&undisturbed, case.arguments);
    let after = undisturbed.files();
    let steps: Vec<_> = steps
        .into_iter()
        .filter(|step| NEED_SPACE.contains(&step.call.as_str()))
        .collect();
    let mut told = 0;
    let chosen = spread(&steps, MOST);
    for step in &chosen {
        let repository = begun.copy();
        let output = struck(&repository, case.arguments, step, Strike::Full);
        let when = format!("no space for {}", step.shown);
        let files = repository.files();
        case.assert_nothing_half(&files, &before, &after, &when);
        let left = files.keys().find(|path| is_beside(path));
        assert!(left.is_none(), "{}, {when}: {left:?} is left", case.name());
        if output.success() {
            // What may fail is what nobody needs: all the rest is there.
            println!("{}: not told: {when}", case.name());
            case.assert_next_run_works(&repository, &after, &when);
            continue;
        }
        told += 1;
        assert!(
            output.error_text().contains("No space left on device"),
            "{}, {when}: {}",
            case.name(),
            said(&output)
        );
        case.assert_next_run_works(&repository, &after, &when);
    }
    assert!(told > 0, "{}: {chosen:?}", case.name());
    println!(
        "{}: {told} of {} writes that failed were told",
        case.name(),
        chosen.len()
    );
}

/// Runs a script in a mount namespace of its own: what it mounts nobody else sees, and goes with it.
pub(crate) fn with_mounts(repository: &Repository, script: &str) -> Option<xtask::process::Output> {
    let can =
        run(&Command::new("sh").args(["-c", "unshare --mount mount -t tmpfs none /mnt 2>&1"]));
    if !can.success() {
        assert!(!in_ci(), "cannot run in CI: {}", can.text());
        println!("skipped: nothing can be mounted here: {}", can.text());
        return None;
    }
    let command = repository.command(&[]);
    let arguments = ["--mount", "sh", "-euc", script, env!("CARGO_BIN_EXE_xtask")];
    let mut started = Command::new("unshare")
        .args(arguments)
        .dir(&repository.root);
    for (name, value) in command.variables() {
        started = started.env(name.clone(), value);
    }
    Some(unpanicked(run(&started)))
}

/// The trail fills a disk: what was told to be recorded is there, and the rest was told not to be.
#[test]
fn a_trail_on_a_full_disk_has_what_was_told_and_goes_on_when_there_is_room() {
    let repository = Repository::new();
    let script = r#"
        mkdir trail
        mount -t tmpfs -o size=12k none trail
        told=0
        while "$0" docker-audit record deploy --image=web --detail "filling=$(printf '%0700d' 0)" >&2; do told=$((told + 1)); done
        echo "told $told"
        "$0" docker-audit verify >&2
        echo "there $(wc -l <trail/trail.jsonl)"
        ls trail
        mount -o remount,size=256k trail
        "$0" docker-audit record rollback --image=web >&2
        "$0" docker-audit verify
    "#;
    let Some(output) = with_mounts(&repository, script) else {
        return;
    };
    let text = output.text();
    assert!(output.success(), "{}", said(&output));
    let number = |word: &str| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(word))
            .unwrap();
        line.trim().parse::<u32>().unwrap()
    };
    assert!(number("told ") >= 1, "{text}");
    assert_eq!(number("told "), number("there "), "{text}");
    assert!(!text.contains(".torn-"), "{text}");
    let errors = output.error_text();
    assert!(
        errors.contains("nothing was recorded in the audit trail"),
        "{errors}"
    );
    assert!(errors.contains("No space left on device"), "{errors}");
}

/// The folder of generated files is full, and then is not.
#[test]
fn generated_files_on_a_full_disk_are_old_or_new() {
    let repository = Repository::new();
    let script = r#"
        mkdir -p k8s/base
        mount -t tmpfs -o size=8k none k8s/base
        "$0" docker-deploy --write >&2 && exit 9
        code=$?
        cat k8s/base/* >/dev/null
        ls k8s/base | grep '[.]new$' && exit 8
        mount -o remount,size=1m k8s/base
        "$0" docker-deploy --write >&2
        "$0" docker-deploy --check >&2 || true
        echo "first $code"
        ls k8s/base
    "#;
    let Some(output) = with_mounts(&repository, script) else {
        return;
    };
    assert!(output.success(), "{}", said(&output));
    assert!(
        output.error_text().contains("No space left on device"),
        "{}",
        said(&output)
    );
    let text = output.text();
    assert!(text.starts_with("first 2\n"), "{text}");
    let undisturbed = Repository::new();
    undisturbed.ok(&["docker-deploy", "--write"]);
    let names: Vec<String> = undisturbed
        .root
        .join("k8s/base")
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_owned())
        .collect();
    for name in &names {
        assert!(text.lines().any(|line| line == name), "{name}: {text}");
    }
    assert_eq!(text.lines().count(), names.len() + 1, "{text}");
}
