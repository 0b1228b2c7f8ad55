//! `COPY` against the real engine: contexts, links, wildcards, `--exclude` by chance, compared file for file, and what
//! is sent for them by the bytes that are transferred.
//!
//! Needs a Docker engine. Without one the tests say so and pass, except where `CI` is set. `COPY_SEED` and `COPY_CASES`
//! choose other cases and more of them:
//!
//! ```text
//! COPY_SEED=7 COPY_CASES=1000 cargo test -p xtask --test copy_oracle -- --nocapture
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test says by its panic what is wrong, and its environment chooses the cases"
)]

mod case;
mod engine;
mod generate;
mod stages;
#[path = "../support/mod.rs"]
mod support;

use case::{Case, Files, Verdict};
use engine::{alone, build, write};
use generate::shrink;
use support::chance::Chance;
use support::scratch::Scratch;

/// How many cases are one build.
const BATCH: usize = 60;

/// How many steps that stop the build are tried for each batch: each is a build of its own.
const BROKEN: usize = 4;

/// The file of number `n` has so many bytes times two to the power of `n`: their sum tells which were sent.
const UNIT: usize = 8192;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

fn cases(default: u64) -> (Chance, usize) {
    let (seed, count) = (number("COPY_SEED", 4), number("COPY_CASES", default));
    println!("seed {seed}, {count} cases");
    (Chance::new(seed), usize::try_from(count).unwrap())
}

/// What differs between us and the engine, for one case.
fn difference(case: &Case) -> Option<String> {
    let mut told = None;
    alone(case, |folder, theirs| {
        told = match (case.judge(folder), theirs) {
            (Verdict::Collision(_), _) | (Verdict::Broken(_), Err(_)) => None,
            (Verdict::Broken(_), Ok(_)) => Some("we say that it stops".to_owned()),
            (Verdict::Files(_), Err(error)) => Some(error),
            (Verdict::Files(ours), Ok(theirs)) => compare(&ours, &theirs),
        };
    });
    told
}

fn compare(ours: &Files, theirs: &Files) -> Option<String> {
    let paths = ours.keys().chain(theirs.keys());
    let differing = paths.filter(|path| ours.get(*path) != theirs.get(*path));
    let told = differing.map(|path| {
        format!(
            "  {path:?}: ours {:?}, theirs {:?}",
            ours.get(path),
            theirs.get(path)
        )
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join("\n"))
}

fn fail(case: &Case) -> ! {
    let small = shrink(case, |case| difference(case).is_some());
    let told = difference(&small).unwrap_or_default();
    panic!("the engine differs; for the table of regressions:\n{small:?}\n{told}\nfrom {case:?}");
}

#[test]
fn cases_by_chance_are_copied_as_the_engine_does() {
    let Some(_engine) = support::Shared::find() else {
        return;
    };
    let (mut chance, mut left) = cases(40);
    let (mut compared, mut stopped, mut entries) = (0, 0, 0);
    while left > 0 {
        let scratch = Scratch::new();
        let mut all: Vec<Case> = (0..left.min(BATCH)).map(|_| chance.case()).collect();
        left -= all.len();
        let mut broken = Vec::new();
        let ours: Vec<Files> = all
            .iter_mut()
            .enumerate()
            .map(|(number, case)| case.sound(&write(&scratch, number, case), &mut broken))
            .collect();
        let asked: Vec<(usize, &Case)> = all.iter().enumerate().collect();
        let built = build(&scratch, &asked);
        if !built.success() {
            let case = asked.iter().find(|(_, case)| difference(case).is_some());
            fail(
                case.unwrap_or_else(|| panic!("only together: {}", built.error()))
                    .1,
            );
        }
        let mut theirs = built.files();
        for (number, files) in ours.iter().enumerate() {
            let theirs = theirs.remove(&number).unwrap_or_default();
            if compare(files, &theirs).is_some() {
                fail(&all[number]);
            }
            compared += all[number].copies.len();
            entries += files.len();
        }
        for case in broken.iter().take(BROKEN) {
            if difference(case).is_some() {
                fail(case);
            }
            stopped += 1;
        }
    }
    println!("{compared} steps with {entries} entries alike, {stopped} more stop the build");
    assert!(entries > compared, "too little is copied");
}

#[test]
fn what_is_sent_is_told_by_its_bytes() {
    let Some(_engine) = support::Shared::find() else {
        return;
    };
    let (mut chance, left) = cases(40);
    let scratch = Scratch::new();
    let mut asked = Vec::new();
    for number in 0..left.min(1000) / 2 {
        let mut case = chance.case();
        case.copies.truncate(3);
        let folder = write(&scratch, number, &case);
        case.sound(&folder, &mut Vec::new());
        let files = case
            .context
            .values()
            .filter(|node| matches!(node, case::Node::File(_)));
        if files.count() <= 8 {
            std::fs::remove_dir_all(&folder).unwrap();
            case.write(&folder, |number| Some(UNIT << number));
            asked.push((number, case));
        }
    }
    let mut partly = 0;
    for batch in asked.chunks(60) {
        let cases: Vec<(usize, &Case)> = batch.iter().map(|(at, case)| (*at, case)).collect();
        let built = build(&scratch, &cases);
        assert!(built.success(), "{}", built.error());
        for (number, case) in cases {
            // What is less than a unit are names, and the ignore file.
            let ours = case.bytes(&scratch.folder(number)) / UNIT as u64;
            let theirs = built.transferred(&scratch, number) / UNIT as u64;
            assert_eq!(ours, theirs, "{case:?}");
            let files = case
                .context
                .values()
                .filter(|node| matches!(node, case::Node::File(_)));
            let all = (1 << files.count()) - 1;
            partly += usize::from(ours > 0 && ours < all);
        }
    }
    println!("{} contexts, {partly} sent in part", asked.len());
    assert!(partly * 4 > asked.len(), "too few are sent in part");
}

#[test]
fn the_stages_that_are_built_and_their_mounts_say_what_is_sent() {
    let Some(_engine) = support::Shared::find() else {
        return;
    };
    let scratch = Scratch::new();
    let unit = UNIT as u64;
    let mut told = Vec::new();
    for (stage, folder, ours) in stages::contexts(&scratch, UNIT) {
        let theirs = engine::sent_for(stages::DOCKERFILE, &stage, &folder);
        assert_eq!(ours / unit, theirs / unit, "{stage}");
        told.push(ours / unit);
    }
    assert_eq!(told, [2, 8, 10, 4, 15, 0]);
}
