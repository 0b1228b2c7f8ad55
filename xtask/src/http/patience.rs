//! Whether an answer counts, or the question is asked again, and when.

use std::time::Duration;

use super::Answer;

/// How patient a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How long one answer may take.
    pub timeout: Duration,
    /// How often a question is asked again that failed for a moment.
    pub retries: u32,
    /// The longest wait that a server may ask for.
    pub longest_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            retries: 4,
            longest_wait: Duration::from_mins(15),
        }
    }
}

/// What follows from an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It counts.
    Done,
    /// The question is asked again after this time; why.
    Again(Duration, String),
}

/// How often a server may say that it has had enough.
const MOST_LIMITS: u32 = 20;
/// GitHub: "wait for at least one minute before retrying", and longer each time.
const UNTOLD_LIMIT: Duration = Duration::from_mins(1);
const FIRST_PAUSE: Duration = Duration::from_millis(250);

impl Patience {
    /// `attempt` counts from 0; `now` is in seconds since 1970.
    pub(super) fn judge(&self, answer: &Answer, attempt: u32, now: u64) -> Step {
        let pause = FIRST_PAUSE * 2_u32.saturating_pow(attempt.min(10));
        let is_last = attempt >= self.retries;
        let response = match answer {
            Ok(response) => response,
            Err(_) if is_last => return Step::Done,
            Err(why) => return Step::Again(pause, why.clone()),
        };
        let number = |name: &str| -> Option<u64> { response.header(name)?.parse().ok() };
        let retry_after = number("retry-after").map(Duration::from_secs);
        let used_up = response.header("x-ratelimit-remaining") == Some("0");
        let secondary = || {
            let body = String::from_utf8_lossy(&response.body);
            body.contains("secondary rate limit")
        };
        let is_limit = match response.status {
            429 => true,
            // Forbidden for ever, or for a while: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
            403 => retry_after.is_some() || used_up || secondary(),
            _ => false,
        };
        if is_limit && attempt < MOST_LIMITS {
            let reset = number("x-ratelimit-reset").filter(|_| used_up);
            let until_reset = reset.map(|reset| Duration::from_secs(reset.saturating_sub(now) + 1));
            let untold = UNTOLD_LIMIT * 2_u32.saturating_pow(attempt.min(6));
            let wait = retry_after.or(until_reset).unwrap_or(untold);
            return Step::Again(wait, response.complaint());
        }
        match response.status {
            408 | 500 | 502..=504 if !is_last => {
                Step::Again(retry_after.unwrap_or(pause), response.complaint())
            }
            _ => Step::Done,
        }
    }
}
