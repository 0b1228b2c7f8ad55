//! Putting one image in the place of another, and the other back where the one does not become healthy.

use std::time::{Duration, Instant};

use crate::error::{Error, Exit, Result};

/// Whether a service works after its image was exchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands) enum Health {
    /// Its health check says so.
    Healthy,
    /// Why it does not.
    Unhealthy(String),
    /// Why nobody can tell here.
    Untold(String),
}

/// What services are put to work by.
pub(in crate::commands) trait Target {
    /// What it is called in the audit trail: `compose`.
    fn name(&self) -> &'static str;

    /// Whether a try that failed may have stopped what ran. Where it cannot have, it says nothing of the image.
    fn disturbs(&self) -> bool {
        true
    }

    /// What a service runs now, such that it can be put to work again; `None` if nothing runs, or nobody can tell.
    ///
    /// # Errors
    /// It cannot be asked.
    fn running(&self, service: &str) -> Result<Option<String>>;

    /// Puts an image to work by its reference with a digest, and waits until it is healthy.
    ///
    /// # Errors
    /// It could not be tried: the image cannot be had, what starts it is missing. A service that does not become healthy
    /// is no error.
    fn put(&self, service: &str, reference: &str) -> Result<Health>;
}

/// What an exchange came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands) struct Exchange {
    /// Of the image that was asked for.
    pub(in crate::commands) health: Health,
    /// The image that was put back, and its health.
    pub(in crate::commands) returned: Option<(String, Health)>,
    /// From the first step to the last, in which health was waited for.
    pub(in crate::commands) took: Duration,
}

/// Puts `to` to work. Where it does not become healthy, what ran before is put to work again: `before`, where the target
/// cannot tell.
///
/// # Errors
/// Neither could be tried, the first could not and nothing is disturbed by that, or somebody asked to stop.
pub(in crate::commands) fn exchange(
    target: &dyn Target,
    service: &str,
    before: Option<&str>,
    to: &str,
) -> Result<Exchange> {
    let begin = Instant::now();
    let former = target
        .running(service)?
        .or_else(|| before.map(str::to_owned));
    let health = match target.put(service, to) {
        Err(error) if error.exit() == Exit::Interrupted => return Err(error),
        Err(error) => match &former {
            // What could not even be started may have stopped what ran.
            Some(_) if target.disturbs() => Health::Unhealthy(in_one_line(&error)),
            _ => return Err(error),
        },
        Ok(health) => health,
    };
    let mut returned = None;
    if let (Health::Unhealthy(why), Some(former)) = (&health, former) {
        let again = target.put(service, &former).map_err(|error| {
            error.because(format!(
                "{service} was to go back to {former}, as {to} is not healthy: {why}"
            ))
        })?;
        returned = Some((former, again));
    }
    Ok(Exchange {
        health,
        returned,
        took: begin.elapsed(),
    })
}

fn in_one_line(error: &Error) -> String {
    let said = error.tool_output().and_then(last_line);
    said.map_or_else(
        || error.to_string(),
        |said| format!("{}: {said}", error.message()),
    )
}

/// The last line of what a program printed that says something.
pub(super) fn last_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim).rfind(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// Images whose name has `bad` in it never become healthy, and `none` cannot be had.
    struct Fake {
        running: Option<String>,
        put: RefCell<Vec<String>>,
        disturbs: bool,
    }

    impl Target for Fake {
        fn name(&self) -> &'static str {
            "fake"
        }

        fn disturbs(&self) -> bool {
            self.disturbs
        }

        fn running(&self, _: &str) -> Result<Option<String>> {
            Ok(self.running.clone())
        }

        fn put(&self, _: &str, reference: &str) -> Result<Health> {
            self.put.borrow_mut().push(reference.to_owned());
            if reference.contains("none") {
                return Err(Error::failed("`docker pull` exited with 1").details("not found\n"));
            }
            Ok(if reference.contains("bad") {
                Health::Unhealthy("never healthy".to_owned())
            } else {
                Health::Healthy
            })
        }
    }

    fn exchanged(
        running: Option<&str>,
        before: Option<&str>,
        to: &str,
    ) -> (Result<Exchange>, Vec<String>) {
        let fake = Fake {
            running: running.map(str::to_owned),
            put: RefCell::default(),
            disturbs: true,
        };
        let done = exchange(&fake, "api", before, to);
        (done, fake.put.into_inner())
    }

    #[test]
    fn what_is_not_healthy_gives_way_to_what_ran_before() {
        let (done, put) = exchanged(Some("new"), None, "old");
        let done = done.unwrap();
        assert_eq!((done.health, done.returned), (Health::Healthy, None));
        assert_eq!(put, ["old"]);

        for to in ["bad", "none"] {
            let (done, put) = exchanged(Some("new"), Some("other"), to);
            let done = done.unwrap();
            assert!(matches!(done.health, Health::Unhealthy(_)));
            assert_eq!(done.returned, Some(("new".to_owned(), Health::Healthy)));
            assert_eq!(put, [to, "new"]);
        }
        // What the trail says counts where the target cannot tell.
        let (_, put) = exchanged(None, Some("other"), "bad");
        assert_eq!(put, ["bad", "other"]);
        let (done, _) = exchanged(None, None, "bad");
        assert_eq!(done.unwrap().returned, None);
        assert!(exchanged(None, None, "none").0.is_err());
    }

    #[test]
    fn what_was_never_tried_is_not_called_unhealthy() {
        let fake = Fake {
            running: None,
            put: RefCell::default(),
            disturbs: false,
        };
        let error = exchange(&fake, "api", Some("new"), "none").unwrap_err();
        assert!(error.message().contains("docker pull"), "{error}");
        assert_eq!(fake.put.into_inner(), ["none"]);
    }

    #[test]
    fn where_both_fail_both_are_told() {
        let (done, _) = exchanged(Some("none-2"), None, "bad");
        let error = done.unwrap_err().to_string();
        assert!(
            error.contains("go back to none-2") && error.contains("never healthy"),
            "{error}"
        );
    }
}
