//! Timing an operation that several threads do at once.

use super::Timing;
use super::harness::{batch, calls_per_batch, empty_harness};
use super::timing::Status;
use super::windows::Windows;
use crate::clock::clock;
use crate::machine::barrier::together;
use crate::machine::placement::Placement;
use crate::reading::Unavailable;
use crate::units::Nanos;
use std::time::{Duration, Instant};

/// One sample of threads that share a CPU: longer than a turn, so that each gets its own.
const SHARED: Duration = Duration::from_millis(10);
const SHARED_WINDOWS: usize = 25;

/// Times an operation that several threads do at once, each kept on its CPU, as
/// [`Machine::some_cpus`](crate::Machine::some_cpus) and its like place them: how long it takes the group to do one, on
/// average. Twice the work in the same time is half as long. A CPU may be named more than once. 0.05 to 0.4 s.
///
/// The operation is told the place of its thread in the list. The samples are nanoseconds per operation of the whole group,
/// one for each *clean window*: a millisecond that all threads began together, and in which none was taken off its CPU. With
/// fewer than five of those the result is [unsettled](Status::Unsettled), and rules nothing. Threads that share a CPU cannot
/// begin together; for them there are 25 windows of 10 ms, long enough for a turn of each.
///
/// ```
/// use helpers::{Machine, Timing, measure_together};
/// use std::hint::black_box;
/// // Do two threads on one CPU get more done than one?
/// let add = |thread: usize| black_box(thread) + 1;
/// let cpu = Machine::here().some_cpus(1);
/// let one: Timing = measure_together("one thread", &cpu, add);
/// let two: Timing = measure_together("two threads", &cpu.same(2), add);
/// assert!(one.times(&two).is_err() || one.times(&two).unwrap().0 < 1.8);
/// ```
#[inline]
pub fn measure_together<T>(
    name: impl Into<String>,
    cpus: impl Into<Placement>,
    op: impl Fn(usize) -> T + Sync,
) -> Timing {
    timed_together(name.into(), &cpus.into(), calls_per_batch(&mut || op(0)), &|calls, thread| {
        batch(calls, &mut || op(thread))
    })
}

/// The same, given how many calls fill a batch and what a thread does for one: its nanoseconds per call. Not generic, so that
/// only the operation itself is compiled in the cell that uses it.
fn timed_together(
    name: String,
    cpus: &Placement,
    calls: u64,
    batch: &(dyn Fn(u64, usize) -> f64 + Sync),
) -> Timing {
    let cpus = match cpus.reading() {
        Ok([]) => return Timing::unavailable(name, Unavailable::because("no CPU to run on was named")),
        Ok(cpus) => cpus,
        Err(reason) => return Timing::unavailable(name, reason),
    };
    let places: Vec<Option<usize>> = cpus.iter().copied().map(Some).collect();
    if has_twice(cpus) {
        let act = |number: usize, (), begin: Instant| {
            let mut done = 0;
            while begin.elapsed() < SHARED {
                batch(calls, number);
                done += calls;
            }
            done as f64 / begin.elapsed().as_nanos() as f64
        };
        let windows: Result<Vec<_>, _> = (0..SHARED_WINDOWS)
            .map(|_| together(&places, |_| (), Instant::now, act).map(|(_, rates)| rates))
            .collect();
        return match windows {
            Ok(windows) => of_shared(name, &windows, calls, empty_harness(calls)),
            Err(reason) => Timing::unavailable(name, reason),
        };
    }
    let fastest = (0..3).map(|_| batch(calls, 0)).fold(f64::INFINITY, f64::min);
    let windows = Windows::new(places.len(), calls, fastest * calls as f64);
    let calls = windows.calls;
    let act = |number: usize, (), ()| {
        let mut seat = windows.seat();
        while seat.begins() {
            let mut done = 0;
            while seat.is_open() {
                batch(calls, number);
                done += calls;
            }
            seat.ends(done);
        }
        seat.rows()
    };
    match together(&places, |_| (), || (), act) {
        Ok(((), rows)) => windows.judged(name, &rows, empty_harness(calls)),
        Err(reason) => Timing::unavailable(name, reason),
    }
}

fn has_twice(cpus: &[usize]) -> bool {
    let mut sorted = cpus.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}

/// Of the rates of all threads in all windows.
fn of_shared(name: String, windows: &[Vec<f64>], calls: u64, empty: Nanos) -> Timing {
    let samples = windows.iter().map(|rates| 1.0 / rates.iter().sum::<f64>()).collect();
    Timing { name: name.into(), samples, calls, empty, clock: clock(), ledger: None, status: Status::Clean }
        .made()
}
