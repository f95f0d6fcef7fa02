//! Work, to have something to do.

use crate::ledger::counters::cpu_time;
use crate::units::Nanos;
use std::time::Instant;

/// Keeps a CPU busy until this thread has had so much time on it. Time for which the thread is off its CPU is no work: a loop
/// that waits for the clock on the wall would get done while somebody else runs.
///
/// ```
/// use helpers::{ledger::count, millis, work};
/// // Does work take CPU time?
/// let ledger = count(|| work(millis(2.0)));
/// assert!(ledger.cpu.is_err() || ledger.cpu.unwrap() >= millis(2.0));
/// ```
pub fn work(time: impl Into<Nanos>) {
    let time = time.into();
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
