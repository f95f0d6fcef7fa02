//! Work, to have something to do.

use crate::ledger::counters::cpu_time;
use crate::units::Nanos;
use std::time::Instant;

/// Keeps a CPU busy until this thread has had so much time on it. Time for which the thread is off its CPU is no work: a loop
/// that waits for the clock on the wall would get done while somebody else runs. A minute is the most that is done at once, and
/// what is no time at all takes none.
///
/// ```
/// use helpers::{ledger::count, millis, work};
/// // Does work take CPU time?
/// let ledger = count(|| work(millis(2.0)));
/// assert!(ledger.cpu.is_err() || ledger.cpu.unwrap() >= millis(2.0));
/// ```
pub fn work(time: impl Into<Nanos>) {
    let time = at_most_a_minute(time.into());
    let start = Instant::now();
    let before = cpu_time();
    let done = || match (&before, cpu_time()) {
        (Ok(before), Ok(now)) => now.0 - before.0,
        // Without that clock, the one on the wall is the best there is.
        _ => start.elapsed().as_nanos() as f64,
    };
    while done() < time.0 {
        std::hint::spin_loop();
    }
}

/// A cell that went on for longer could only be ended with its kernel.
fn at_most_a_minute(time: Nanos) -> Nanos {
    const LONGEST: Nanos = Nanos(60e9);
    if time > Nanos(0.0) { Nanos(time.0.min(LONGEST.0)) } else { Nanos(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::millis;
    use std::time::Duration;

    #[test]
    fn work_without_an_end_is_a_minutes_and_none_is_none() {
        for endless in [Nanos(f64::INFINITY), Duration::MAX.into(), millis(60_001.0)] {
            assert_eq!(at_most_a_minute(endless), millis(60_000.0));
        }
        for none in [f64::NAN, -1.0, f64::NEG_INFINITY].map(Nanos) {
            assert_eq!(at_most_a_minute(none), Nanos(0.0));
            work(none);
        }
        assert_eq!(at_most_a_minute(millis(2.0)), millis(2.0));
    }
}
