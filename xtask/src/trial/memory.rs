//! Whether memory grows without an end.

/// Memory at one moment of a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Requests that were answered before.
    pub requests: u64,
    /// Bytes then.
    pub bytes: u64,
}

/// Fewer tell nothing of a trend.
pub const FEWEST_SAMPLES: usize = 6;

/// By how many bytes memory grows for each 1000 requests; `None` where there are too few samples.
///
/// The first third of the samples is warming up and does not count. The slope is that of Theil and Sen: the median of
/// the slopes between all pairs, which one collection of garbage does not bend.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "bytes of a process are far below 2^52"
)]
pub fn growth(samples: &[Sample]) -> Option<f64> {
    if samples.len() < FEWEST_SAMPLES {
        return None;
    }
    let warm = samples.get(samples.len() / 3..)?;
    let mut slopes: Vec<f64> = Vec::new();
    for (index, from) in warm.iter().enumerate() {
        for to in warm.iter().skip(index + 1) {
            let requests = to
                .requests
                .checked_sub(from.requests)
                .filter(|more| *more > 0);
            if let Some(requests) = requests {
                slopes.push((to.bytes as f64 - from.bytes as f64) / requests as f64);
            }
        }
    }
    median(&mut slopes).map(|slope| slope * 1000.0)
}

/// The middle of some numbers; they are put in order.
#[must_use]
pub fn median(numbers: &mut [f64]) -> Option<f64> {
    quantile(numbers, 0.5)
}

/// The smallest number that this share of all numbers does not exceed (nearest rank); they are put in order.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank among some hundred numbers"
)]
pub fn quantile(numbers: &mut [f64], share: f64) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let rank = (numbers.len() as f64 * share).ceil() as usize;
    numbers.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(bytes: impl IntoIterator<Item = u64>) -> Vec<Sample> {
        (0..)
            .zip(bytes)
            .map(|(index, bytes)| Sample {
                requests: index * 50,
                bytes,
            })
            .collect()
    }

    #[test]
    fn warming_up_and_collecting_garbage_are_no_leak() {
        let warming = samples([
            10_000, 90_000, 160_000, 200_000, 201_000, 200_500, 200_200, 201_100, 200_000,
        ]);
        assert!(growth(&warming).unwrap().abs() < 10_000.0);
        // A sawtooth that returns to where it began.
        let sawtooth = samples((0..24).map(|index| 200_000 + (index % 4) * 20_000));
        assert!(
            growth(&sawtooth).unwrap().abs() < 50_000.0,
            "{:?}",
            growth(&sawtooth)
        );
    }

    #[test]
    fn a_leak_is_measured_for_a_thousand_requests() {
        let leak = samples((0..12).map(|index| 1_000_000 + index * 50 * 1024));
        assert!((growth(&leak).unwrap() - 1_024_000.0).abs() < 1.0);
        assert_eq!(growth(&leak[..5]), None);
    }

    #[test]
    fn quantiles_are_numbers_that_were_measured() {
        let mut numbers: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(quantile(&mut numbers, 0.99), Some(99.0));
        assert_eq!(median(&mut numbers), Some(50.0));
        assert_eq!(median(&mut []), None);
    }
}
