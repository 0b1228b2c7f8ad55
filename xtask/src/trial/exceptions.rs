//! Properties that an image may lack for a time, as the manifest says.

use super::{Outcome, Property, Subject, Verdict};
use crate::date::Date;
use crate::project::manifest::TestException;

/// What exceptions themselves must show.
pub const PROPERTIES: &[&Property] = &[&STALE_EXCEPTION];

/// An exception that is out of date.
pub static STALE_EXCEPTION: Property = Property {
    code: "DT0001",
    name: "stale-exception",
    holds: "Every exception of the manifest is needed, and its day has not passed.",
    help: "Remove the exception, or give it a new day and a reason that still holds.",
};

/// Takes exceptions into account: what fails and is excepted today is skipped, with the reason. An exception that has
/// expired or that nothing needs becomes a failure of the subject it is for.
pub fn apply(subjects: &mut [Subject], exceptions: &[TestException], today: Date) {
    for subject in subjects {
        let mut stale = Vec::new();
        for exception in exceptions.iter().filter(|one| one.image == subject.name) {
            let of = |verdict: &&mut Verdict| verdict.property.is_called(&exception.property);
            let Some(verdict) = subject.verdicts.iter_mut().find(of) else {
                continue;
            };
            match verdict.outcome {
                Outcome::Failed if exception.expires >= today => {
                    verdict.outcome = Outcome::Skipped;
                    verdict.detail = format!(
                        "excepted until {} ({}: {}); {}",
                        exception.expires, exception.owner, exception.reason, verdict.detail
                    );
                }
                Outcome::Failed => stale.push(format!(
                    "the exception for `{}` expired on {}",
                    exception.property, exception.expires
                )),
                Outcome::Passed => stale.push(format!(
                    "the exception for `{}` is not needed any more",
                    exception.property
                )),
                // It may be needed again once more is known.
                Outcome::Skipped | Outcome::Unknown => {}
            }
        }
        subject.verdicts.extend(
            stale
                .into_iter()
                .map(|detail| Verdict::failed(&STALE_EXCEPTION, detail)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::Suite;
    use crate::trial::image::{DROPS_REQUESTS, IGNORES_SIGTERM, RUNS_AS_ROOT};

    #[test]
    fn an_exception_holds_to_its_last_day_and_is_an_error_where_it_is_not_needed() {
        let exception = |image: &str, property: &str| TestException {
            image: image.to_owned(),
            property: property.to_owned(),
            reason: "waits for the new runtime".to_owned(),
            owner: "platform".to_owned(),
            expires: "2027-05-31".parse().unwrap(),
        };
        let exceptions = [
            exception("api", "ignores-sigterm"),
            exception("api", "DT1303"),
            exception("other", "runs-as-root"),
        ];
        let judged = |today: &str| {
            let mut subject = Subject::new("api", Suite::Image);
            subject.verdicts = vec![
                Verdict::failed(&IGNORES_SIGTERM, "killed after 10 s"),
                Verdict::passed(&DROPS_REQUESTS, "3 answered"),
                Verdict::failed(&RUNS_AS_ROOT, "node is 0"),
            ];
            let mut subjects = [subject];
            apply(&mut subjects, &exceptions, today.parse().unwrap());
            let [subject] = subjects;
            let lines = subject.verdicts.iter().map(|verdict| {
                let (name, outcome) = (verdict.property.name, verdict.outcome.word());
                format!("{name} {outcome}: {}", verdict.detail)
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        insta::assert_snapshot!(judged("2027-05-31"), @r"
        ignores-sigterm skipped: excepted until 2027-05-31 (platform: waits for the new runtime); killed after 10 s
        drops-requests passed: 3 answered
        runs-as-root failed: node is 0
        stale-exception failed: the exception for `DT1303` is not needed any more
        ");
        insta::assert_snapshot!(judged("2027-06-01"), @r"
        ignores-sigterm failed: killed after 10 s
        drops-requests passed: 3 answered
        runs-as-root failed: node is 0
        stale-exception failed: the exception for `ignores-sigterm` expired on 2027-05-31
        stale-exception failed: the exception for `DT1303` is not needed any more
        ");
    }
}
