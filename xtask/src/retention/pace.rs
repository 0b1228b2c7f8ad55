//! Keeping below a limit that counts points in a minute.

use std::collections::VecDeque;
use std::time::Duration;

/// How many points may be spent in any minute, and when they were. Times are counted from any fixed moment.
///
/// GitHub's secondary limit for its REST API is 900 points in a minute: 1 for reading, 5 for anything that changes
/// something (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>).
#[derive(Clone, Debug)]
pub struct Pace {
    most: u32,
    spent: VecDeque<(Duration, u32)>,
}

const WINDOW: Duration = Duration::from_mins(1);

impl Pace {
    /// At most so many points in a minute.
    #[must_use]
    pub const fn new(most: u32) -> Self {
        Self {
            most,
            spent: VecDeque::new(),
        }
    }

    /// Spends points at `now`, and tells how long to wait before the request is sent.
    pub fn spend(&mut self, points: u32, now: Duration) -> Duration {
        let mut at = now;
        // What was spent may lie ahead: those who wait have spent already.
        if let Some((last, _)) = self.spent.back() {
            at = at.max(*last);
        }
        loop {
            while let Some((when, _)) = self.spent.front()
                && *when + WINDOW <= at
            {
                self.spent.pop_front();
            }
            let sum: u32 = self.spent.iter().map(|(_, points)| points).sum();
            match self.spent.front() {
                Some((first, _)) if sum + points > self.most => at = *first + WINDOW,
                _ => break,
            }
        }
        self.spent.push_back((at, points));
        at.saturating_sub(now)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_small_clean_does_not_wait_and_a_large_one_does() {
        let mut pace = Pace::new(900);
        let mut at = Duration::ZERO;
        for _ in 0..180 {
            assert_eq!(pace.spend(5, at), Duration::ZERO);
            at += Duration::from_millis(100);
        }
        assert_eq!(pace.spend(5, at), Duration::from_secs(42));
    }

    proptest! {
        #[test]
        fn no_minute_has_more(steps in prop::collection::vec((1_u32..6, 0_u64..3_000), 1..300)) {
            let mut pace = Pace::new(40);
            let mut now = Duration::ZERO;
            let mut sent: Vec<(Duration, u32)> = Vec::new();
            for (points, pause) in steps {
                now += Duration::from_millis(pause);
                now += pace.spend(points, now);
                sent.push((now, points));
                let within = sent.iter().filter(|(when, _)| *when + WINDOW > now);
                prop_assert!(within.map(|(_, points)| points).sum::<u32>() <= 40);
            }
        }
    }
}
