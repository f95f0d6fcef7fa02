//! Timing short runs of several threads, of which the best counts.
//!
//! Where a model says how long something should take, the middle of many runs is the wrong thing to hold against it: strangers
//! who want the same CPUs only ever add time. A run of some milliseconds has a good chance to escape them whole, so the best of
//! a few comes closest to what the machine does when it is left alone. All are kept, and drawn.

use super::Timing;
use crate::machine::barrier::together;
use crate::machine::placement::{MOST, Placement};
use crate::reading::{Reading, Unavailable};
use crate::units::{Count, Nanos};
use std::time::Instant;

const RUNS: usize = 10;

/// Times short runs of several threads, from the moment that lets all of them go until the last has ended: ten samples, of
/// which [`Timing::best`] is the one to hold against a model.
///
/// The threads, 1,024 at most, are dealt out to the CPUs in turn. `fresh` makes what they share in one run; each thread is told
/// its number. Their timers are as exact as the kernel's clock allows (Linux otherwise wakes a sleeper up to 50 µs late, to wake
/// several at once).
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
    best_of(name.into(), threads, &cpus.into(), &|run| {
        let shared = fresh();
        run(&|thread| act(&shared, thread))
    })
}

/// What the threads of one run do.
type Act<'a> = &'a (dyn Fn(usize) + Sync);
/// How long one run took.
type Run<'a> = &'a dyn Fn(Act) -> Reading<Nanos>;

/// The same, given what makes ready for one run and then lets it happen. Not generic, so that only the act itself is compiled in
/// the cell that uses it.
fn best_of(
    name: String,
    threads: usize,
    cpus: &Placement,
    prepared: &dyn Fn(Run) -> Reading<Nanos>,
) -> Timing {
    let runs = places(threads, cpus).and_then(|places| {
        let run = |act: Act| {
            let until_done = |number, (), begin: Instant| {
                act(number);
                Nanos::from(begin.elapsed())
            };
            let (_, took) = together(&places, |_| exact_timers(), Instant::now, until_done)?;
            Ok(took.into_iter().fold(Nanos(0.0), |last, one| if one > last { one } else { last }))
        };
        (0..RUNS).map(|_| prepared(&run)).collect()
    });
    Timing::reading(name, &runs)
}

/// A CPU for each thread. A run that nobody took part in would be over at once, and undisturbed.
fn places(threads: usize, cpus: &Placement) -> Reading<Vec<Option<usize>>> {
    let cpus = cpus.reading()?;
    if cpus.is_empty() {
        return Err(Unavailable::because("no CPU to run on was named"));
    }
    if !(1..=MOST).contains(&threads) {
        let (threads, most) = (Count(threads as u64), Count(MOST as u64));
        return Err(Unavailable::because(format!("a run takes 1 to {most} threads, not {threads}")));
    }
    Ok(cpus.iter().copied().map(Some).cycle().take(threads).collect())
}

/// Lets this thread's timers go off when they are due.
fn exact_timers() {
    // SAFETY: changes one number of this thread. Where it is refused, sleeps end later, and the runs show it.
    #[cfg(target_os = "linux")]
    unsafe {
        libc::prctl(libc::PR_SET_TIMERSLACK, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_nobody_takes_part_in_is_none() {
        let reason = |threads: usize, cpus: Placement| {
            measure_runs("run", threads, cpus, || (), |(), _| ()).median().unwrap_err().to_string()
        };
        for threads in [0, MOST + 1, 1 << 40, usize::MAX] {
            let told = reason(threads, [0].into());
            assert!(told.contains("1 to 1,024 threads"), "{told}");
        }
        assert!(reason(1, [].into()).contains("no CPU"));
        assert_eq!(reason(0, Err(Unavailable::because("no mask")).into()), "no mask");
    }
}
