//! `.dockerignore` against the real engine: trees and patterns by chance, compared file for file.
//!
//! Needs a Docker engine. Without one the tests say so and pass, except where `CI` is set. `DOCKERIGNORE_SEED` and
//! `DOCKERIGNORE_CASES` choose other cases and more of them:
//!
//! ```text
//! DOCKERIGNORE_SEED=7 DOCKERIGNORE_CASES=5000 cargo test -p xtask --test dockerignore_oracle by_chance -- --nocapture
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test says by its panic what is wrong, and its environment chooses the cases"
)]

mod ask;
mod case;
mod generate;
mod places;
mod shrink;
#[path = "../support/mod.rs"]
mod support;

use ask::{Answer, ask, difference};
use case::Case;
use generate::Chance;

/// How many cases one build asks about.
const BATCH: usize = 200;

/// Cases that are refused need a build each.
const REFUSED: usize = 8;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// How a case is judged: what the engine refuses has an error with us.
fn judge(case: &Case, theirs: &Answer) -> Option<String> {
    let (_, errors) = case.patterns();
    match theirs {
        Ok(theirs) => difference(&case.sent(), theirs),
        Err(_) if !errors.is_empty() => None,
        Err(error) => Some(format!("  theirs {error}")),
    }
}

/// Which cases differ; what we refuse does not.
fn differing(cases: &[Case]) -> Vec<bool> {
    let is_sound = |case: &&Case| case.patterns().1.is_empty();
    let sound: Vec<Case> = cases.iter().filter(is_sound).cloned().collect();
    let mut answers = ask(&sound).into_iter();
    cases
        .iter()
        .map(|case| {
            is_sound(&case)
                && answers
                    .next()
                    .is_some_and(|answer| judge(case, &answer).is_some())
        })
        .collect()
}

/// Compares cases, and shrinks the first one that differs.
fn compare(cases: &[Case]) {
    for (case, answer) in cases.iter().zip(ask(cases)) {
        if let Some(text) = judge(case, &answer) {
            let small = shrink::shrink(case, differing);
            let answer = ask(std::slice::from_ref(&small)).remove(0);
            let difference = judge(&small, &answer).unwrap_or(text);
            panic!(
                "the engine differs; for the table of regressions:\n{small:?}\n{difference}\nfrom {case:?}"
            );
        }
    }
}

/// What once differed, or is known to be odd.
fn regressions() -> Vec<Case> {
    vec![
        Case::new("dir/sub\n!dir\n", &["dir/sub/x", "dir/y"]),
        Case::new("dir/sub\n!dir/**\n", &["dir/sub/x", "dir/y"]),
        Case::new("dir\n!dir/sub\n", &["dir/sub/x", "dir/y", "dir/empty/"]),
        Case::new("!dir/sub\ndir\n", &["dir/sub/x", "dir/y"]),
        Case::new("dir/*\n", &["dir/sub/x", "dir/empty/"]),
        Case::new("dir/**\n", &["dir/sub/x", "dir/empty/"]),
        // Taken back in, and not opened.
        Case::new("a\n!a/b\na\n", &["a/b", "a/c"]),
        Case::new("a/b\n!a/b/c\na/b\n", &["a/b/c", "a/b/d"]),
        // Taken back in, and not looked at.
        Case::new("x\n!x/*/**\n", &["x/y/z", "x/f"]),
        Case::new("x\n!x/*/**\n!*.md\n", &["x/y/z", "x/f"]),
        Case::new("x\n!q|x/*\n", &["x/f", "b"]),
        Case::new("x\n!q|x/*\n!?\n", &["x/f", "b"]),
        // What leaks in from expressions.
        Case::new("a|b.md*\n", &["a", "ab", "xb.m", "b"]),
        Case::new("x{2}*\n", &["xx1", "x1", "x{2}1"]),
        Case::new("*.{js,ts}\n", &["a.js", "a.{js,ts}"]),
        Case::new("a[^b]c\n", &["a/c", "abc", "adc"]),
        Case::new("\\d?\n[[:alpha:]]\n", &["1x", "dx", "z", "é"]),
        // Byte order marks.
        Case::new(
            "\u{feff}a\n\u{feff}b\n\u{feff}c?\n",
            &["a", "b", "cc", "\u{feff}b"],
        ),
        Case::new("\u{feff}\u{feff}**\n", &["\u{feff}**", "x", "¿**"]),
        // Control characters travel beside what is not ASCII.
        Case::new("a\tb\né\n", &["a\tb", "a b", "é"]),
        Case::new("a+b\na b\na%41\né\n", &["a+b", "a b", "a%41", "aA"]),
        Case::new("**/b\n", &["a\nb/b", "a/b", "b"]),
        Case::new("**/b*\n", &["a\nb/b", "a/b", "b"]),
        // Links are not followed.
        Case::new(
            "dir\n",
            &[
                "dir/x",
                "link -> dir",
                "up -> ..",
                "out -> /etc/hostname",
                "self -> self",
            ],
        ),
        Case::new(
            "link/x\nup/dir\n",
            &["dir/x", "link -> dir", "up -> .", "gone -> missing"],
        ),
        Case::new("*\n", &["a/b", "c/"]),
        Case::new("*\n!.\n!/\n!a/..\n", &["a/b", "c"]),
        Case::new("A\n", &["a", "A", "Á"]),
    ]
}

#[test]
fn odd_cases_are_decided_as_the_engine_does() {
    let Some(_engine) = support::Shared::find() else {
        return;
    };
    compare(&regressions());
}

#[test]
fn cases_by_chance_are_decided_as_the_engine_does() {
    let Some(_engine) = support::Shared::find() else {
        return;
    };
    let seed = number("DOCKERIGNORE_SEED", 4);
    let count = number("DOCKERIGNORE_CASES", 200);
    println!("seed {seed}, {count} cases");
    let mut chance = Chance::new(seed);
    let mut left = usize::try_from(count).unwrap();
    let (mut refused, mut entries, mut taken) = (Vec::new(), 0, 0);
    while left > 0 {
        let mut cases = Vec::new();
        while cases.len() < BATCH.min(left) {
            let case = generate::case(&mut chance);
            if case.patterns().1.is_empty() {
                entries += case.tree.len();
                taken += case.sent().len();
                cases.push(case);
            } else if refused.len() < REFUSED.max(left / 100) {
                refused.push(case);
            }
        }
        compare(&cases);
        left -= cases.len();
        println!("{left} left; {taken} of {entries} entries taken");
    }
    for case in &refused {
        compare(std::slice::from_ref(case));
    }
}
