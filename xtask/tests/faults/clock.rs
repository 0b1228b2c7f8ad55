//! A clock that jumps back.

use camino::Utf8PathBuf;
use xtask::process::Command;

use crate::repository::{Repository, assert_same, said};
use crate::support::run;

/// A library that makes the clock of a program wrong by `CLOCK_OFFSET` seconds.
const OFFSET: &str = r#"
#define _GNU_SOURCE
#include <stdlib.h>
#include <time.h>
#include <sys/syscall.h>
#include <unistd.h>
int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = syscall(SYS_clock_gettime, clock, now);
    const char *offset = getenv("CLOCK_OFFSET");
    if (result == 0 && clock == CLOCK_REALTIME && offset) now->tv_sec += atol(offset);
    return result;
}
"#;

/// `None`, with the reason printed, where it cannot be compiled.
fn library(repository: &Repository) -> Option<Utf8PathBuf> {
    repository.write("target/offset.c", OFFSET);
    let (source, library) = (
        repository.root.join("target/offset.c"),
        repository.root.join("target/offset.so"),
    );
    let command =
        Command::new("cc").args(["-shared", "-fPIC", "-o", library.as_str(), source.as_str()]);
    let made = xtask::process::Runner::run(&xtask::process::System::default(), &command);
    if made.is_ok_and(|output| output.success()) {
        return Some(library);
    }
    println!("skipped: `cc` makes no shared library here");
    None
}

#[test]
fn a_clock_that_jumps_back_breaks_no_record() {
    let repository = Repository::new();
    let Some(library) = library(&repository) else {
        return;
    };
    let at = |offset: i64, arguments: &[&str]| {
        let command = repository.command(arguments);
        run(&command
            .env("LD_PRELOAD", &library)
            .env("CLOCK_OFFSET", offset.to_string()))
    };
    // A year ahead, then right, then before 1970.
    for (number, offset) in [31_536_000, 0, -3_600, -4_000_000_000]
        .into_iter()
        .enumerate()
    {
        let output = at(
            offset,
            &[
                "docker-audit",
                "record",
                "deploy",
                &format!("--image=i{number}"),
            ],
        );
        assert!(output.success(), "{offset}: {}", said(&output));
    }
    let verified = repository.run(&["docker-audit", "verify"]);
    assert!(verified.success(), "{}", said(&verified));
    assert!(verified.text().contains("4 entries"), "{}", said(&verified));
    // The order of the record is that of its chain, whatever its clock said.
    let listed = repository.ok(&["docker-audit", "list", "--format=json"]);
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let sequence: Vec<u64> = listed["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["sequence"].as_u64().unwrap())
        .collect();
    let mut sorted = sequence.clone();
    sorted.sort_unstable();
    sorted.reverse();
    let ascending: Vec<u64> = sorted.iter().rev().copied().collect();
    assert!(sequence == sorted || sequence == ascending, "{sequence:?}");
    // Files of the future are no reason to do anything else.
    for offset in [31_536_000, -31_536_000] {
        for arguments in [
            &["docker-bake", "--write"][..],
            &["docker-deploy", "--write"],
            &["docker-ci", "--write"],
        ] {
            let output = at(offset, arguments);
            assert!(
                output.success(),
                "{offset} {arguments:?}: {}",
                said(&output)
            );
        }
    }
    let undisturbed = Repository::new();
    for arguments in [
        &["docker-bake", "--write"][..],
        &["docker-deploy", "--write"],
        &["docker-ci", "--write"],
    ] {
        undisturbed.ok(arguments);
    }
    let without_trail = |repository: &Repository| {
        let mut files = repository.files();
        files.retain(|path, _| !path.starts_with("trail"));
        files
    };
    assert_same(
        &without_trail(&repository),
        &without_trail(&undisturbed),
        "the clock is wrong",
    );
}
