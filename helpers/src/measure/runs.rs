//! Timing short runs of several threads, of which the best counts.
//!
//! Where a model says how long something should take, the middle of many runs is the wrong thing to hold against it: strangers
//! who want the same CPUs only ever add time. A run of some milliseconds has a good chance to escape them whole, so the best of
//! a few comes closest to what the machine does when it is left alone. All are kept, and drawn.

use super::Timing;
use crate::machine::barrier::together;
use crate::machine::placement::Placement;
use crate::reading::Reading;
use crate::units::Nanos;
use std::time::Instant;

const RUNS: usize = 10;

/// Times short runs of several threads, from the moment that lets all of them go until the last has ended: ten samples, of
/// which [`Timing::best`] is the one to hold against a model.
///
/// The threads are dealt out to the CPUs in turn. `fresh` makes what they share in one run; each thread is told its number.
/// Their timers are as exact as the kernel's clock allows (Linux otherwise wakes a sleeper up to 50 µs late, to wake several at
/// once).
///
/// ```
/// use helpers::{Machine, Timing, measure_runs, micros, work};
/// // Do two threads on one CPU take twice as long as one?
/// let cpu = Machine::here().some_cpus(1);
/// let one: Timing = measure_runs("one", 1, &cpu, || (), |(), _| work(micros(300.0)));
/// let two: Timing = measure_runs("two", 2, &cpu, || (), |(), _| work(micros(300.0)));
/// if let (Ok(one), Ok(two)) = (one.best(), two.best()) {
///     assert!(two > one);
/// }
/// ```
#[inline]
pub fn measure_runs<S: Sync>(
    name: impl Into<String>,
    threads: usize,
    cpus: impl Into<Placement>,
    fresh: impl Fn() -> S,
    act: impl Fn(&S, usize) + Sync,
) -> Timing {
    let cpus = cpus.into();
    let places: Reading<Vec<Option<usize>>> =
        cpus.reading().map(|cpus| cpus.iter().copied().map(Some).cycle().take(threads).collect());
    let run = |places: &[Option<usize>]| {
        let shared = fresh();
        let until_done = |number, (), begin: Instant| {
            act(&shared, number);
            Nanos::from(begin.elapsed())
        };
        let (_, took) = together(places, |_| exact_timers(), Instant::now, until_done)?;
        Ok(took.into_iter().fold(Nanos(0.0), |last, one| if one > last { one } else { last }))
    };
    let runs = places.and_then(|places| (0..RUNS).map(|_| run(&places)).collect());
    Timing::reading(name, &runs)
}

/// Lets this thread's timers go off when they are due.
fn exact_timers() {
    // SAFETY: changes one number of this thread. Where it is refused, sleeps end later, and the runs show it.
    #[cfg(target_os = "linux")]
    unsafe {
        libc::prctl(libc::PR_SET_TIMERSLACK, 1);
    }
}
