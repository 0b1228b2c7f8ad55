//! `.dockerignore` against the real engine: trees and patterns by chance, compared file for file.
//!
//! Needs a Docker engine. Without one the tests say so and pass, except where `CI` is set. `DOCKERIGNORE_SEED` and
//! `DOCKERIGNORE_CASES` choose other cases and more of them:
//!
//! ```text
//! DOCKERIGNORE_SEED=7 DOCKERIGNORE_CASES=5000 cargo test -p xtask --test dockerignore_oracle chance -- --nocapture
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

fn differing(cases: &[Case]) -> Vec<bool> {
    let (sound, wrong): (Vec<_>, Vec<_>) =
        (0..cases.len()).partition(|at| cases[*at].patterns().1.is_empty());
    let mut differs = vec![false; cases.len()];
    let asked: Vec<Case> = sound.iter().map(|at| cases[*at].clone()).collect();
    for (at, answer) in sound.into_iter().zip(ask(&asked)) {
        differs[at] = judge(&cases[at], &answer).is_some();
    }
    let _ = wrong;
    differs
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
