//! The timings that this kernel has made, for a record.

use super::Timing;
use crate::statistics::order;
use std::sync::{Mutex, PoisonError};

/// So many samples of a timing are remembered, and so many timings: a record stays small however long a kernel runs.
pub(crate) const SAMPLES: usize = 501;
const TIMINGS: usize = 512;

static MADE: Mutex<Vec<Remembered>> = Mutex::new(Vec::new());

/// A timing with some of its samples.
#[derive(Clone)]
pub(crate) struct Remembered {
    pub(crate) timing: Timing,
    /// How many samples it has.
    pub(crate) taken: usize,
}

/// Remembers a timing in the place of an earlier one of its name.
pub(super) fn remember(timing: &Timing) {
    let remembered = Remembered { timing: thinned(timing, SAMPLES), taken: timing.samples.len() };
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(earlier) = made.iter_mut().find(|earlier| earlier.timing.name == timing.name) {
        *earlier = remembered;
        return;
    }
    if made.len() == TIMINGS {
        // The oldest makes room.
        made.remove(0);
    }
    made.push(remembered);
}

/// Those made so far, in the order of their names' first appearance.
pub(crate) fn remembered() -> Vec<Remembered> {
    MADE.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The same timing with as many samples at most: those of evenly spaced ranks, so that the median, the quantiles and the
/// extremes stay, in their order of time.
pub(crate) fn thinned(timing: &Timing, most: usize) -> Timing {
    let all = &timing.samples;
    if all.len() <= most {
        return *timing;
    }
    let ranks = order(all.len(), &|number| all[number]);
    let mut kept: Vec<usize> = (0..most).map(|place| ranks[place * (all.len() - 1) / (most - 1)]).collect();
    kept.sort_unstable();
    let samples = kept.into_iter().map(|number| all[number]).collect();
    Timing { samples, ..*timing }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Nanos;

    #[test]
    fn a_thinned_timing_keeps_its_extremes_and_its_median() {
        let times: Vec<Nanos> = (0..100_001_u64).map(|n| Nanos((n * 7_919 % 100_001) as f64 + 1.0)).collect();
        let whole = Timing::of("thinned", &times);
        let part = thinned(&whole, SAMPLES);
        assert_eq!(part.samples.len(), SAMPLES);
        let (whole, part) = (whole.summary().unwrap(), part.summary().unwrap());
        assert_eq!((whole.min, whole.median, whole.max), (part.min, part.median, part.max));
        assert!((whole.p99 / part.p99 - 1.0).abs() < 0.01);
    }

    #[test]
    fn the_last_of_a_name_is_remembered_and_no_more_than_there_is_room_for() {
        for number in 0..3 {
            Timing::of("remembered", &[Nanos(f64::from(number) + 1.0)]);
        }
        let own =
            |name: &str| remembered().into_iter().filter(|made| made.timing.name == name).collect::<Vec<_>>();
        assert_eq!(own("remembered").len(), 1);
        assert_eq!(own("remembered")[0].timing.samples, [3.0]);
        for number in 0..2 * TIMINGS {
            Timing::of(format!("one of many {number}"), &[Nanos(1.0)]);
        }
        assert!(remembered().len() <= TIMINGS);
        assert_eq!(own(&format!("one of many {}", 2 * TIMINGS - 1)).len(), 1);
    }
}
