//! What is built again after an edit, counted in steps.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::Value;

use crate::docker::docker;
use crate::images::Image;
use crate::repository::Repository;
use crate::support::Machine;

const EDITED: &str = "risk-management";
const TAG: &str = "xtask-test";
const SOURCE: &str = "apps/risk-management/src/main.ts";

pub(crate) fn nothing_is_built_twice(repository: &Repository) {
    let again = build(repository, "again");
    assert_eq!(again["cache"]["hit_rate"], 1.0, "{again:#}");
    assert_eq!(built_anew(&again), BTreeMap::new());

    // Something no build cache has seen.
    let mark = format!("{}-{:?}", std::process::id(), repository.root.file_name());
    repository.append(SOURCE, &format!("// {mark}"));
    // The sources are copied and bundled; the bundle has no comments and is what it was.
    let comment = build(repository, "comment");
    assert_eq!(
        built_anew(&comment),
        BTreeMap::from([(EDITED, 2)]),
        "{comment:#}"
    );

    repository.append(SOURCE, &format!("process.env.XTASK_TEST = {mark:?};"));
    let code = build(repository, "code");
    assert_eq!(built_anew(&code), BTreeMap::from([(EDITED, 3)]), "{code:#}");
    let steps = &code["cache"];
    assert_eq!(
        steps["steps"].as_u64().unwrap() - steps["steps_cached"].as_u64().unwrap(),
        3
    );
}

/// Removes what was built here.
pub(crate) fn remove_images(machine: &Machine, images: &[Image]) {
    let tags = images
        .iter()
        .map(|image| image.tag.replace(":stand-in", &format!(":{TAG}")));
    docker(
        machine,
        ["image", "rm"].map(str::to_owned).into_iter().chain(tags),
    );
}

/// Under a tag of its own, so that the images of the checkout stay what they are.
fn build(repository: &Repository, what: &str) -> Value {
    let begin = Instant::now();
    let verdict = repository.build(&["--tag", TAG]);
    println!(
        "{what}: {:.1} s, of it building {:.1} s; {}",
        begin.elapsed().as_secs_f64(),
        verdict["seconds"].as_f64().unwrap(),
        verdict["cache"]
    );
    verdict
}

/// How many steps of which image were run.
fn built_anew(verdict: &Value) -> BTreeMap<&str, u64> {
    let images = verdict["images"].as_array().unwrap();
    images
        .iter()
        .map(|image| {
            let number = |field: &str| image[field].as_u64().unwrap();
            (
                image["name"].as_str().unwrap(),
                number("steps") - number("steps_cached"),
            )
        })
        .filter(|(_, steps)| *steps > 0)
        .collect()
}
