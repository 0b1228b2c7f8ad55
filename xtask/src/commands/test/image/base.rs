//! An image that services are made from, and that runs nothing itself.

use super::One;
use crate::trial::image::{PROPERTIES, RUNS_AS_ROOT};
use crate::trial::{Subject, Verdict};

/// It has no process that could be looked at. What it hands down is judged: the account; everything else is judged in
/// the services, where it counts.
pub(super) fn judge(one: &One<'_>, subject: &mut Subject) {
    let user = one.inspected.config.user.as_str();
    let (account, group) = user.split_once(':').unwrap_or((user, ""));
    let number = |text: &str| text.parse::<u32>().ok();
    let verdict = match (number(account), number(group)) {
        (Some(0), _) | (_, Some(0)) => {
            Verdict::failed(&RUNS_AS_ROOT, format!("services start as `{user}`"))
        }
        (Some(_), _) => Verdict::passed(
            &RUNS_AS_ROOT,
            format!("services start as `{user}`, unless they say otherwise"),
        ),
        (None, _) if user.is_empty() || account == "root" => Verdict::failed(
            &RUNS_AS_ROOT,
            "it declares no user, so that services start as root",
        ),
        (None, _) => Verdict::unknown(
            &RUNS_AS_ROOT,
            format!(
                "`{user}` is a name, and which number it has is up to the image: write the number"
            ),
        ),
    };
    subject.verdicts.push(verdict);
    let others = PROPERTIES
        .iter()
        .filter(|property| **property != &RUNS_AS_ROOT);
    subject.verdicts.extend(
        others.map(|property| {
            Verdict::skipped(property, "a base runs nothing; its services show it")
        }),
    );
}
