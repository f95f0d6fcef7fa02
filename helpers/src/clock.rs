//! Reading time: what one reading costs and how finely it resolves, measured, since both bound every other result.

pub(crate) mod counter;

use crate::statistics::sorted;
use crate::units::Nanos;
use serde::{Deserialize, Deserializer, Serialize};
use std::hint::black_box;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// What the clock behind every measurement can do here.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// One reading: the median of batches.
    pub cost: Nanos,
    /// The smallest step between two different readings; without end where the clock stands still.
    #[serde(deserialize_with = "step")]
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

/// What a clock of this resolution can tell, given how the resolution is said.
pub(crate) fn resolves(resolution: Nanos, said: &str) -> String {
    if resolution.0.is_finite() {
        format!("clock resolves {said}")
    } else {
        "the clock stood still".to_owned()
    }
}

/// A step as a file has it: JSON has no word for one without end.
fn step<'de, D: Deserializer<'de>>(from: D) -> Result<Nanos, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(Nanos(f64::INFINITY)))
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

/// The grain of the clock, from 10,000 readings in a row.
fn resolution() -> Nanos {
    const READINGS: usize = 10_000;
    let start = Instant::now();
    let mut readings = vec![start; READINGS];
    for (number, reading) in readings.iter_mut().enumerate() {
        for step in 0..pause(number) {
            black_box(step);
        }
        *reading = Instant::now();
    }
    let readings: Vec<u64> = readings.iter().map(|reading| (*reading - start).as_nanos() as u64).collect();
    grain(&readings).unwrap_or_else(|| Nanos(next_tick(|| start.elapsed())))
}

/// How many steps go by before a reading: of a clock that is read at even distances, one or two spacings are all that is seen,
/// and those could be the steps of a far coarser one.
fn pause(number: usize) -> usize {
    number * 13 % 64
}

/// The period of the counter behind readings in whole nanoseconds; `None` where it never moved.
///
/// The steps between readings would not do, since each is at least as long as a reading takes, though the clock may count much
/// finer. But each is a multiple of the period, and so is what lies between them. A period that is no whole number of
/// nanoseconds shows as pairs of neighbours: of a counter at 24 MHz steps of 41 and of 42 ns are one and the same, rounded down
/// from different beginnings, and their mean is the period. Where more than two neighbours occur, the counter is finer than a
/// nanosecond, and the rounding is all there is. Rare steps are disturbances.
fn grain(readings: &[u64]) -> Option<Nanos> {
    let steps: Vec<f64> = readings.windows(2).map(|pair| pair[1].saturating_sub(pair[0]) as f64).collect();
    let steps = sorted(&steps);
    let moves = &steps[steps.partition_point(|step| *step == 0.0)..];
    let kinds: Vec<&[f64]> = moves.chunk_by(|one, other| one >= other).collect();
    // The steps that make up a hundredth of the readings; where there are none of those, all that occurred.
    let common = [steps.len() / 100, 0].into_iter().find_map(|rare| {
        let common: Vec<&[f64]> = kinds.iter().copied().filter(|same| same.len() > rare).collect();
        (!common.is_empty()).then_some(common)
    })?;
    let neighbours = |one: &&[f64], next: &&[f64]| next[0] - one[0] <= 1.0;
    let mut multiples = Vec::new();
    for multiple in common.chunk_by(neighbours) {
        if multiple.len() > 2 {
            return Some(Nanos(1.0));
        }
        let same = multiple.concat();
        multiples.push(same.iter().sum::<f64>() / same.len() as f64);
    }
    Some(refined(period_of(&multiples), &common.concat()))
}

/// The largest number whose multiples these are, in ascending order, as closely as means of rounded steps can tell: first from
/// the small distances between them, where an error counts for least.
fn period_of(multiples: &[f64]) -> f64 {
    let (first, last) = (multiples[0], multiples[multiples.len() - 1]);
    if multiples.len() == 1 {
        return first;
    }
    let between = multiples.windows(2).fold(0.0, |period, pair| common_measure(period, pair[1] - pair[0]));
    let span = last - first;
    common_measure(span / (span / between).round(), first)
}

/// The largest number that goes into both, as closely as means of rounded steps can tell (Euclid).
fn common_measure(one: f64, other: f64) -> f64 {
    const CLOSE: f64 = 0.75;
    let (mut larger, mut smaller) = (one.max(other), one.min(other));
    while smaller > CLOSE {
        let rest = larger % smaller;
        (larger, smaller) = (smaller, rest.min(smaller - rest));
    }
    larger
}

/// The period from all steps together: the time that they took by how many periods that was.
fn refined(period: f64, steps: &[f64]) -> Nanos {
    let periods: f64 = steps.iter().map(|step| (step / period).round()).sum();
    // An `Instant` tells no more than nanoseconds.
    Nanos((steps.iter().sum::<f64>() / periods).max(1.0))
}

/// Waits for a clock that did not move at all, for so many readings: far more than fit between the ticks of a kernel. No clock
/// says when to give up, if this one stands still.
fn next_tick(mut elapsed: impl FnMut() -> Duration) -> f64 {
    const READINGS: usize = 10_000_000;
    let start = elapsed();
    let mut steps = (0..READINGS).map(|_| elapsed().saturating_sub(start));
    steps.find(|step| !step.is_zero()).map_or(f64::INFINITY, |step| step.as_nanos() as f64)
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

    /// What a loop reads from a counter of so many megahertz, whose readings take so many nanoseconds or up to half as many more,
    /// and are disturbed now and then.
    fn read_from(megahertz: f64, cost: f64) -> Vec<u64> {
        let mut noise = crate::proc::tests::Noise(0x2545_F491_4F6C_DD1D);
        let mut now = 0.0;
        let mut reading = || {
            let late = if noise.below(500) == 0 { noise.below(20_000) as f64 } else { 0.0 };
            now += cost * (1.0 + noise.below(1000) as f64 / 2000.0) + late;
            ((now * megahertz / 1000.0).floor() * 1000.0 / megahertz) as u64
        };
        (0..10_000).map(|_| reading()).collect()
    }

    #[test]
    fn a_counter_resolves_its_period_whether_or_not_that_is_a_whole_number() {
        for megahertz in
            [3.579_545, 14.318, 19.2, 24.0, 25.0, 31.25, 54.0, 62.5, 100.0, 121.875, 200.0, 243.75]
        {
            for cost in [7.0, 18.0, 23.0, 45.0, 90.0] {
                let (period, found) = (1000.0 / megahertz, grain(&read_from(megahertz, cost)).unwrap().0);
                assert!(
                    (found / period - 1.0).abs() < 0.02,
                    "{megahertz} MHz by {cost} ns: {found}, not {period}"
                );
            }
        }
    }

    #[test]
    fn a_counter_finer_than_a_nanosecond_resolves_one() {
        for megahertz in [1000.0, 1050.0, 2445.0, 4200.0] {
            for cost in [18.0, 45.0, 90.0] {
                assert_eq!(
                    grain(&read_from(megahertz, cost)),
                    Some(Nanos(1.0)),
                    "{megahertz} MHz by {cost} ns"
                );
            }
        }
    }

    #[test]
    fn readings_at_even_distances_are_not_taken_for_steps_of_the_clock() {
        for (cost, step) in [(12.5, 0.25), (12.3, 0.5), (25.5, 0.25), (25.6, 1.0)] {
            let mut now = 0.0;
            let mut read = |number| {
                now += cost + step * pause(number) as f64;
                now as u64
            };
            let readings: Vec<u64> = (0..10_000).map(&mut read).collect();
            assert_eq!(grain(&readings), Some(Nanos(1.0)), "{cost} ns apart");
            for megahertz in [19.2, 24.0, 100.0] {
                let period = 1000.0 / megahertz;
                let tick = |at: &u64| ((*at as f64 / period).floor() * period) as u64;
                let found = grain(&readings.iter().map(tick).collect::<Vec<_>>()).unwrap().0;
                assert!((found / period - 1.0).abs() < 0.02, "{megahertz} MHz, {cost} ns apart: {found}");
            }
        }
    }

    #[test]
    fn a_clock_that_stands_still_has_no_grain_to_tell() {
        assert!(next_tick(|| Duration::from_secs(7)).is_infinite());
        let mut now = Duration::ZERO;
        let mut coarse = || {
            now += Duration::from_micros(1);
            Duration::from_millis(now.as_micros() as u64 / 4_000 * 4)
        };
        assert_eq!(Nanos(next_tick(&mut coarse)), Nanos(4e6));
        let clock = Clock { cost: Nanos(20.0), resolution: Nanos(f64::INFINITY) };
        let kept = serde_json::to_string(&clock).unwrap();
        assert_eq!(serde_json::from_str::<Clock>(&kept).unwrap(), clock);
        assert_eq!(resolves(clock.resolution, "inf"), "the clock stood still");
        assert_eq!((grain(&[7; 100]), grain(&[]), grain(&[7])), (None, None, None));
        assert_eq!(grain(&[0, 0, 0, 4_000_000, 4_000_000]), Some(Nanos(4e6)));
    }
}
