//! Several runs at once.

use crate::cases::{CASES, Holds};
use crate::repository::{Repository, assert_same, is_beside, said};

/// Starts the same command so often at once; all of their outputs.
fn at_once(
    repository: &Repository,
    count: usize,
    arguments: impl Fn(usize) -> Vec<String> + Sync,
) -> Vec<xtask::process::Output> {
    std::thread::scope(|scope| {
        let arguments = &arguments;
        let runs: Vec<_> = (0..count)
            .map(|number| {
                scope.spawn(move || {
                    let words = arguments(number);
                    let words: Vec<&str> = words.iter().map(String::as_str).collect();
                    repository.run(&words)
                })
            })
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    })
}

#[test]
fn two_runs_that_write_the_same_files_leave_them_whole() {
    for case in &CASES {
        let begun = (case.prepare)();
        let undisturbed = begun.copy();
        undisturbed.ok(case.arguments);
        let after = undisturbed.files();
        for _ in 0..3 {
            let repository = begun.copy();
            let outputs = at_once(&repository, 2, |_| {
                case.arguments.iter().map(|&word| word.to_owned()).collect()
            });
            // Whoever came too late says why it did not write; each may be that for another file.
            for output in outputs.iter().filter(|output| !output.success()) {
                assert_eq!(output.code, Some(2), "{}: {}", case.name(), said(output));
                let text = output.error_text();
                let says_why = text.contains("changed while") || text.contains("hook");
                assert!(
                    says_why || case.says_done(&text),
                    "{}: {}",
                    case.name(),
                    said(output)
                );
            }
            if !outputs.iter().all(xtask::process::Output::success) {
                case.assert_next_run_works(&repository, &after, "after two at once");
            }
            if let Holds::Same = case.holds {
                assert_same(&repository.files(), &after, &case.name());
            }
            let left: Vec<_> = repository
                .files()
                .into_keys()
                .filter(|path| is_beside(path))
                .collect();
            assert!(left.is_empty(), "{}: {left:?}", case.name());
        }
    }
}

#[test]
fn eight_processes_record_at_once_and_every_entry_is_there() {
    let repository = Repository::new();
    let outputs = at_once(&repository, 8, |number| {
        [
            "docker-audit",
            "record",
            "deploy",
            &format!("--image=i{number}"),
        ]
        .map(str::to_owned)
        .to_vec()
    });
    for output in &outputs {
        assert!(output.success(), "{}", said(output));
    }
    repository.ok(&["docker-audit", "verify"]);
    let trail = repository.read("trail/trail.jsonl");
    assert_eq!(trail.lines().count(), 8);
    for number in 0..8 {
        assert!(trail.contains(&format!("\"i{number}\"")), "{trail}");
    }
}
