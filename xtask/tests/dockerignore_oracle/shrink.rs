//! From a case that differs to a small one that still does.

use crate::case::Case;

/// The smallest case that `differs` still says yes to, found by taking away one thing at a time. `differs` is asked
/// about many at once.
pub(crate) fn shrink(case: &Case, mut differs: impl FnMut(&[Case]) -> Vec<bool>) -> Case {
    let mut best = case.clone();
    loop {
        let smaller = smaller(&best);
        let answers = differs(&smaller);
        match smaller.into_iter().zip(answers).find(|(_, yes)| *yes) {
            Some((case, _)) => best = case,
            None => return best,
        }
    }
}

/// What is one step smaller, the largest steps first.
fn smaller(case: &Case) -> Vec<Case> {
    let mut found: Vec<Case> = case.tree.keys().map(|path| case.without(path)).collect();
    found.sort_by_key(|case| case.tree.len());
    let lines: Vec<&str> = case.ignore.split_inclusive('\n').collect();
    for removed in 0..lines.len() {
        let rest = lines.iter().enumerate().filter(|(at, _)| *at != removed);
        found.push(with_ignore(case, rest.map(|(_, line)| *line).collect()));
    }
    let characters: Vec<char> = case.ignore.chars().collect();
    for removed in 0..characters.len() {
        let rest = characters
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != removed);
        found.push(with_ignore(case, rest.map(|(_, c)| *c).collect()));
    }
    found
}

fn with_ignore(case: &Case, ignore: String) -> Case {
    Case {
        ignore,
        tree: case.tree.clone(),
    }
}

#[test]
fn what_is_not_needed_is_taken_away() {
    let case = Case::new("x\n!aab\ny\n", &["a/b", "c", "d/e/f"]);
    let small = shrink(&case, |cases| {
        let differs = |case: &Case| case.ignore.contains("!a") && case.tree.contains_key("d/e");
        cases.iter().map(differs).collect()
    });
    assert_eq!(format!("{small:?}"), r#"Case::new("!a", &["d/e/"]),"#);
}
