use super::Added;
use super::tests::told;
use crate::context::recipe::StageReference;

/// What the steps of a stage add to the image.
fn added(text: &str, stage: usize) -> Vec<Option<(u64, bool)>> {
    let told = told(&[("Dockerfile", text)]);
    let stage = StageReference {
        dockerfile: "Dockerfile".into(),
        stage,
    };
    let steps = 0..text
        .lines()
        .filter(|line| !line.starts_with("FROM"))
        .count();
    steps
        .map(|step| told.flow.added(&told.tree, &stage, step))
        .map(|found| found.map(|Added { bytes, may_be_more }| (bytes, may_be_more)))
        .collect()
}

#[test]
fn files_are_added_by_the_step_that_copies_them() {
    // Links and folders have no bytes.
    let text = "FROM scratch\nCOPY . /\nRUN make\nCOPY none /x";
    assert_eq!(added(text, 0), [Some((9, false)), None, None]);
    // What only another stage has is not in the image.
    let text = "FROM scratch\nCOPY app /app\nFROM scratch\nCOPY --from=0 /app /app";
    assert_eq!(added(text, 0)[0], None);
    assert_eq!(added(text, 1)[0], None);
}

#[test]
fn what_may_be_is_told_apart() {
    let text = "FROM scratch\nCOPY ? /app/";
    assert_eq!(added(text, 0), [Some((0, true))]);
}

#[test]
fn what_did_not_change_may_be_added_again() {
    let text = "FROM scratch\nCOPY app/package.json /app/\nCOPY app /app";
    assert_eq!(added(text, 0), [Some((1, false)), Some((2, true))]);
    let elsewhere = "FROM scratch\nCOPY app/package.json /\nCOPY app /app";
    assert_eq!(added(elsewhere, 0), [Some((1, false)), Some((3, false))]);
    // Another file at its place is.
    let other = "FROM scratch\nCOPY app/package.json /p\nCOPY other/package.json /p";
    assert_eq!(added(other, 0), [Some((1, false)), Some((1, false))]);
}
