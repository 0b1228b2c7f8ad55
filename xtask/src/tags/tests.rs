mod hostile;
mod labels;
mod table;
mod workflow;

use super::*;
use crate::timestamp::Timestamp;

pub(super) const COMMIT: &str = "860c1904a1ce19322e91ac35af1ab07466440c37";

/// An event on a ref of a repository whose default branch is `master`.
pub(super) fn occasion(event: &str, reference: &str) -> Occasion {
    let moment = |text: &str| text.parse::<Timestamp>().unwrap();
    Occasion {
        event: event.to_owned(),
        reference: reference.to_owned(),
        commit: COMMIT.to_owned(),
        is_dirty: false,
        default_branch: Some("master".to_owned()),
        base: reference
            .starts_with("refs/pull/")
            .then(|| "master".to_owned()),
        head: reference
            .starts_with("refs/pull/")
            .then(|| "fix/it".to_owned()),
        now: moment("2020-01-10T00:30:00Z"),
        commit_date: Some(moment("2019-12-31T23:00:00Z")),
        short_hash: DEFAULT_SHORT_HASH,
    }
}

/// The tags, or the error, of rules and a flavor for an image called `api`.
pub(super) fn generated(
    occasion: &Occasion,
    rules: &str,
    flavor: &str,
) -> crate::error::Result<Generated> {
    let rules = parse_rules(&lines("tags", rules))?;
    let flavor = Flavor::parse(&lines("flavor", flavor))?;
    generate(&rules, &flavor, occasion, "api")
}

/// The tags in one line.
pub(super) fn told(occasion: &Occasion, rules: &str, flavor: &str) -> String {
    match generated(occasion, rules, flavor) {
        Ok(generated) => {
            let tags: Vec<String> = generated.tags.into_iter().map(|tag| tag.name).collect();
            tags.join(" ")
        }
        Err(error) => format!("error: {error}"),
    }
}
