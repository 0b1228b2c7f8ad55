//! Where what enters a build ends up, against the real engine: Dockerfiles of several stages by chance, built, and every
//! file of the contexts looked for by its content in the layers and in the files of the image.
//!
//! Needs a Docker engine. Without one the test says so and passes, except where `CI` is set. `FLOW_SEED` and
//! `FLOW_CASES` choose other cases and more of them:
//!
//! ```text
//! FLOW_SEED=7 FLOW_CASES=500 cargo test -p xtask --test flow_oracle -- --nocapture
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
mod judge;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;

use case::Case;
use engine::{Found, Shell};
use generate::shrink;
use judge::Told;
use support::chance::Chance;
use support::scratch::Scratch;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// What was seen, over all cases.
#[derive(Debug, Default)]
struct Counts {
    images: usize,
    in_image: usize,
    hidden: usize,
    visible: usize,
    perhaps: usize,
    build_only: usize,
    carried: usize,
    /// In an image for certain, and not seen, where we do not say so.
    not_told_hidden: usize,
}

/// What differs between what is told and what was found.
fn differences(told: &Told, found: &Found) -> Vec<String> {
    let mut differences = Vec::new();
    let mut differs = |files: Vec<&String>, what: &str| {
        if !files.is_empty() {
            differences.push(format!("{what}: {files:?}"));
        }
    };
    differs(
        told.in_image.difference(&found.layers).collect(),
        "told to be in the image, and in no layer",
    );
    let perhaps: BTreeSet<String> = told.in_image.union(&told.maybe).cloned().collect();
    differs(
        found.layers.difference(&perhaps).collect(),
        "in a layer, and told not to be",
    );
    differs(
        told.hidden.intersection(&found.files).collect(),
        "told to be hidden, and in the image's files",
    );
    differences
}

/// Builds a case, without the steps that the build stops at; what of it differs.
fn difference(case: &mut Case, shell: &Shell, counts: &mut Counts) -> Option<String> {
    let scratch = Scratch::new();
    let folder = scratch.folder(0);
    let contents = case.write(&folder);
    for target in case.targets() {
        let Some(found) = engine::build(case, &scratch, shell, target, &contents) else {
            continue;
        };
        let told = judge::told(case, &folder, target);
        let differences = differences(&told, &found);
        if !differences.is_empty() {
            return Some(format!(
                "stage s{target}\n  {}\n  told {told:?}\n  found {found:?}",
                differences.join("\n  ")
            ));
        }
        let visible: BTreeSet<&String> = told.in_image.difference(&told.hidden).collect();
        counts.images += 1;
        counts.in_image += told.in_image.len();
        counts.hidden += told.hidden.len();
        counts.perhaps += told.maybe.len();
        counts.build_only += told.build_only.len();
        counts.carried += told.carried;
        counts.visible += visible.len();
        let unseen = visible.iter().filter(|path| !found.files.contains(**path));
        counts.not_told_hidden += unseen.count();
    }
    None
}

#[test]
fn files_end_up_in_images_as_is_told() {
    let Some(_engine) = support::Shared::find() else {
        return;
    };
    let (seed, count) = (number("FLOW_SEED", 11), number("FLOW_CASES", 12));
    println!("seed {seed}, {count} cases");
    let mut chance = Chance::new(seed);
    let shell = Shell::new();
    let mut counts = Counts::default();
    for _ in 0..count {
        let mut case = chance.case();
        let Some(told) = difference(&mut case, &shell, &mut counts) else {
            continue;
        };
        let differs =
            |case: &Case| difference(&mut case.clone(), &shell, &mut Counts::default()).is_some();
        let mut small = shrink(&case, differs);
        let small_told = difference(&mut small, &shell, &mut Counts::default()).unwrap_or_default();
        panic!("the engine differs:\n{small}\n{small_told}\nfrom\n{case}\n{told}");
    }
    println!("{counts:?}");
    for (what, some) in [
        ("files are in images", counts.in_image),
        ("files are hidden", counts.hidden),
        ("files stay in build stages", counts.build_only),
        ("files are carried from stage to stage", counts.carried),
    ] {
        assert!(some * 10 > counts.images, "too few {what}: {counts:?}");
    }
    assert!(
        counts.perhaps * 4 < counts.in_image,
        "too much is told to be perhaps: {counts:?}"
    );
    assert!(
        counts.not_told_hidden * 10 < counts.visible,
        "too little is told to be hidden: {counts:?}"
    );
}
