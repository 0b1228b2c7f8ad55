//! How much stays cached, of one edit and of many.

/// How many steps of a build run again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// All steps.
    pub steps: usize,
    /// Of them, those that surely run again.
    pub run: usize,
    /// Of them, those that run again if a step before them has another outcome.
    pub perhaps: usize,
}

impl Rate {
    /// How many steps stay cached at least.
    #[must_use]
    pub const fn least(&self) -> usize {
        self.steps - self.run - self.perhaps
    }

    /// How many steps stay cached at most.
    #[must_use]
    pub const fn most(&self) -> usize {
        self.steps - self.run
    }

    /// The share that stays cached at least, in percent; 100 if there are no steps.
    #[must_use]
    pub fn percent(&self) -> f64 {
        percent(self.least(), self.steps)
    }
}

/// A share in percent; 100 of nothing.
pub(super) fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        return 100.0;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "no build has so many steps, no history so many commits"
    )]
    let share = part as f64 * 100.0 / whole as f64;
    share
}

/// Many shares, in percent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distribution {
    /// In ascending order.
    shares: Vec<f64>,
}

impl Distribution {
    /// Of these shares, in any order.
    #[must_use]
    pub fn of(shares: impl IntoIterator<Item = f64>) -> Self {
        let mut shares: Vec<f64> = shares.into_iter().collect();
        shares.sort_by(f64::total_cmp);
        Self { shares }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.shares.len()
    }

    /// The share that so many percent of all do not exceed (nearest rank); `None` of nothing. Of 50 it is the median,
    /// the lower one of two.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> Option<f64> {
        let rank = (self.shares.len() * percent).div_ceil(100).max(1);
        self.shares.get(rank - 1).copied()
    }

    /// The median.
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        self.percentile(50)
    }

    /// How many are not under a goal.
    #[must_use]
    pub fn at_least(&self, goal: f64) -> usize {
        self.shares.iter().filter(|share| **share >= goal).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_run_again_does_not_count_as_cached() {
        let rate = Rate {
            steps: 38,
            run: 2,
            perhaps: 1,
        };
        assert_eq!((rate.least(), rate.most()), (35, 36));
        assert!((rate.percent() - 92.105).abs() < 0.001);
        assert!((Rate::default().percent() - 100.0).abs() < f64::EPSILON);
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let shares = Distribution::of([100.0, 50.0, 75.0, 90.0]);
        assert_eq!(shares.median(), Some(75.0));
        assert_eq!(shares.percentile(10), Some(50.0));
        assert_eq!(shares.percentile(100), Some(100.0));
        assert_eq!((shares.at_least(75.0), shares.count()), (3, 4));
        assert_eq!(Distribution::default().median(), None);
    }
}
