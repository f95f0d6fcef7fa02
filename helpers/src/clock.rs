//! Reading time: what one reading costs and how finely it resolves, measured, since both bound every other result.

pub(crate) mod counter;

use crate::statistics::sorted;
use crate::units::Nanos;
use serde::{Deserialize, Serialize};
use std::hint::black_box;
use std::sync::OnceLock;
use std::time::Instant;

/// What the clock behind every measurement can do here.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// One reading: the median of batches.
    pub cost: Nanos,
    /// The smallest step between two different readings.
    pub resolution: Nanos,
}

/// The clock of this machine, [`Instant`], measured once per process (about 1 ms).
///
/// ```
/// use helpers::{clock, nanos};
/// // Can it tell a microsecond from nothing?
/// assert!(clock().resolution < nanos(1000.0));
/// ```
pub fn clock() -> Clock {
    static CLOCK: OnceLock<Clock> = OnceLock::new();
    *CLOCK.get_or_init(|| Clock { cost: cost(), resolution: resolution() })
}

/// How far apart 101 batches of 100 readings lie: the median, per reading.
fn cost() -> Nanos {
    const READINGS: u32 = 100;
    let mut batches = [0.0; 101];
    for batch in &mut batches {
        let start = Instant::now();
        for _ in 0..READINGS {
            black_box(Instant::now());
        }
        *batch = start.elapsed().as_nanos() as f64 / f64::from(READINGS);
    }
    Nanos(sorted(&batches)[50])
}

/// The grain of the clock: by how much the common steps between 10,000 readings in a row differ. The steps themselves would
/// not do, since each is at least as long as a reading takes, though the clock may count much finer. Rare steps are
/// disturbances, or roundings from the counter's own unit to nanoseconds.
fn resolution() -> Nanos {
    const READINGS: usize = 10_000;
    let mut readings = vec![Instant::now(); READINGS];
    readings.fill_with(Instant::now);
    let mut steps: Vec<f64> = readings.windows(2).map(|pair| (pair[1] - pair[0]).as_nanos() as f64).collect();
    steps.extend(std::iter::repeat_n(0.0, READINGS / 10));
    let steps = sorted(&steps);
    let seen: Vec<&[f64]> = steps.chunk_by(|one, other| one >= other).collect();
    // The steps that make up a tenth of the readings; where there are not two of those, a hundredth; else all that occurred.
    let grain = [10, 100, READINGS].iter().find_map(|share| {
        let common: Vec<f64> =
            seen.iter().filter(|same| same.len() >= READINGS / share).map(|same| same[0]).collect();
        common.windows(2).map(|pair| pair[1] - pair[0]).min_by(f64::total_cmp)
    });
    Nanos(grain.unwrap_or_else(next_tick))
}

/// Waits for a clock that did not move at all.
fn next_tick() -> f64 {
    let start = Instant::now();
    loop {
        let step = start.elapsed();
        if !step.is_zero() {
            return step.as_nanos() as f64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_takes_time_and_the_clock_moves() {
        let clock = clock();
        assert!(clock.cost > Nanos(0.0));
        assert!(clock.resolution >= Nanos(1.0) && clock.resolution.0.is_finite(), "{clock:?}");
    }
}
