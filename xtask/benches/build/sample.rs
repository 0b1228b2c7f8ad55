//! What one run took, and the median of several.

use std::time::{Duration, Instant};

use crate::engine::Engine;

/// Wall time and CPU time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sample {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
}

impl Sample {
    /// What `run` takes.
    pub(crate) fn of(engine: &Engine, run: impl FnOnce()) -> Self {
        let (begin, cpu) = (Instant::now(), engine.cpu());
        run();
        Self {
            wall: begin.elapsed(),
            cpu: engine.cpu().saturating_sub(cpu),
        }
    }
}

/// The median of each.
pub(crate) fn median(samples: &[Sample]) -> Sample {
    let middle = |of: fn(&Sample) -> Duration| {
        let mut times: Vec<Duration> = samples.iter().map(of).collect();
        times.sort_unstable();
        times[times.len() / 2]
    };
    Sample {
        wall: middle(|sample| sample.wall),
        cpu: middle(|sample| sample.cpu),
    }
}

/// Whole milliseconds.
pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap()
}

/// How many percent less `now` is than `before`, to a tenth.
pub(crate) fn saved_percent(before: Duration, now: Duration) -> f64 {
    let share = 1.0 - now.as_secs_f64() / before.as_secs_f64();
    (share * 1_000.0).round() / 10.0
}
