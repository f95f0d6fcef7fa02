//! Timing an operation that several threads do at once.

use super::Timing;
use super::harness::{batch, calls_per_batch, empty_harness};
use super::timing::Status;
use crate::clock::clock;
use crate::ledger::counters::cpu_time;
use crate::machine::crew::together;
use crate::reading::{Reading, Unavailable};
use crate::units::Nanos;
use std::time::{Duration, Instant};

/// One sample: longer than a turn on a CPU, so that threads which share one both get theirs.
const WINDOW: Duration = Duration::from_millis(10);
const WINDOWS: usize = 25;

/// Times an operation that several threads do at once, each kept on its CPU of the list (a reading, as [`Machine::some_cpus`](crate::Machine::some_cpus) gives it): how long it takes the group to do
/// one, on average. Twice the work in the same time is half as long. A CPU may be named more than once. About 0.25 s.
///
/// The operation is told the place of its thread in the list. The samples are nanoseconds per operation of the whole group,
/// one for each of 25 windows of 10 ms.
///
/// ```
/// use helpers::{Machine, Timing, measure_together};
/// use std::hint::black_box;
/// // Do two threads on one CPU get more done than one?
/// let add = |thread: usize| black_box(thread) + 1;
/// let cpu = Machine::here().some_cpus(1);
/// let one: Timing = measure_together("one thread", &cpu, add);
/// let two: Timing = measure_together("two threads", &cpu.map(|cpu| vec![cpu[0]; 2]), add);
/// assert!(one.times(&two).is_err() || one.times(&two).unwrap().0 < 1.8);
/// ```
#[inline]
pub fn measure_together<T>(
    name: impl Into<String>,
    cpus: &Reading<Vec<usize>>,
    op: impl Fn(usize) -> T + Sync,
) -> Timing {
    let cpus = match cpus {
        Ok(cpus) => cpus,
        Err(reason) => return Timing::unavailable(name, *reason),
    };
    let places: Vec<Option<usize>> = cpus.iter().copied().map(Some).collect();
    let calls = calls_per_batch(&mut || op(0));
    let act = |number: usize, (), begin: Instant| {
        let (mut done, cpu) = (0, cpu_time());
        while begin.elapsed() < WINDOW {
            batch(calls, &mut || op(number));
            done += calls;
        }
        let took = begin.elapsed().as_nanos() as f64;
        let ran = cpu_time().and_then(|after| Ok((after.0 - cpu?.0) / took));
        (done as f64 / took, ran.unwrap_or(1.0))
    };
    let windows: Result<Vec<_>, _> =
        (0..WINDOWS).map(|_| together(&places, |_| (), Instant::now, act).map(|(_, rates)| rates)).collect();
    match windows {
        Ok(windows) if !places.is_empty() => judged(name.into(), cpus, &windows, calls, empty_harness(calls)),
        Ok(_) => Timing::unavailable(name, Unavailable::because("no CPU to run on was named")),
        Err(reason) => Timing::unavailable(name, reason),
    }
}

/// Of the rates of all threads in all windows, and the shares of the time that they ran.
fn judged(name: String, cpus: &[usize], windows: &[Vec<(f64, f64)>], calls: u64, empty: Nanos) -> Timing {
    let per_call = |rates: &Vec<(f64, f64)>| 1.0 / rates.iter().map(|(rate, _)| rate).sum::<f64>();
    let mut shared = cpus.to_vec();
    shared.sort_unstable();
    let is_alone = shared.windows(2).all(|pair| pair[0] != pair[1]);
    let ran: Vec<f64> = windows.iter().flatten().map(|(_, ran)| *ran).collect();
    let away = 1.0 - ran.iter().sum::<f64>() / ran.len().max(1) as f64;
    let status = if is_alone && away > 0.05 {
        Status::Disturbed(vec![format!("others had the CPUs for {:.0} % of the time", 100.0 * away)])
    } else {
        Status::Clean
    };
    let samples = windows.iter().map(per_call).collect();
    Timing { name, samples, calls, empty, clock: clock(), ledger: None, status }.made()
}
