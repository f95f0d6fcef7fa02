//! The loops around an operation. They are generic, so that they are compiled in the cell together with it.

use super::{Pair, Timing};
use crate::clock::clock;
use crate::ledger::{Ledger, Snapshot};
use crate::reading::Unavailable;
use crate::sandbox;
use crate::units::Nanos;
use std::hint::black_box;
use std::io;
use std::time::{Duration, Instant};

/// How long one measurement goes on.
const BUDGET: Duration = Duration::from_millis(100);
/// A batch: thousands of clock steps long, and far shorter than a scheduler's turn.
const BATCH: f64 = 100_000.0;
/// From this many nanoseconds on a single call is long enough to be timed by itself.
const SINGLE: f64 = 1_000.0;
/// Enough samples for a 99th percentile, few enough to keep and to draw.
const SAMPLES: usize = 1_000;
/// A slow operation is repeated this often, whatever the budget.
const FEWEST: usize = 20;

/// Times an operation: in batches when it takes less than a microsecond, else call by call. About 0.1 s.
///
/// The samples are nanoseconds per call. What the operation returns goes through [`black_box`], so that it cannot be
/// optimised away; guard its inputs the same way.
///
/// ```
/// use helpers::{Timing, measure, nanos};
/// // Does adding two numbers take longer than a microsecond?
/// let sum: Timing = measure("addition", || std::hint::black_box(2) + 2);
/// assert!(sum.median().unwrap() < nanos(1000.0));
/// ```
#[inline]
pub fn measure<T>(name: impl Into<String>, mut op: impl FnMut() -> T) -> Timing {
    let calls = calls_per_batch(&mut op);
    let empty = empty_harness(calls);
    // Single calls are short samples: more of them, so that a disturbance of some milliseconds stays a small part.
    let most = if calls == 1 { 10 * SAMPLES } else { SAMPLES };
    let (samples, ledger) = sample(most, || batch(calls, &mut op));
    Timing::judged(name.into(), samples, calls, empty, &ledger)
}

/// Times each call by itself, even below a microsecond, where the clock's own cost and steps show: for the shape of a
/// distribution. About 0.1 s, up to 100,000 calls.
///
/// ```
/// use helpers::{Timing, measure_each};
/// // How many samples does one call make?
/// let each: Timing = measure_each("nothing", || ());
/// assert_eq!(each.calls, 1);
/// ```
#[inline]
pub fn measure_each<T>(name: impl Into<String>, mut op: impl FnMut() -> T) -> Timing {
    let empty = empty_harness(1);
    batch(1, &mut op);
    let (samples, ledger) = sample(100 * SAMPLES, || batch(1, &mut op));
    Timing::judged(name.into(), samples, 1, empty, &ledger)
}

/// Times an operation that uses up an input: `input` makes a fresh one outside the timed part, and what the operation
/// returns is dropped outside it too.
///
/// ```
/// use helpers::{Timing, measure_with};
/// // What does sorting cost without the making of the list?
/// let sort: Timing = measure_with("sort", || vec![3, 1, 2], |mut list| { list.sort_unstable(); list });
/// assert!(sort.median().is_ok());
/// ```
#[inline]
pub fn measure_with<I, T>(
    name: impl Into<String>,
    mut input: impl FnMut() -> I,
    mut op: impl FnMut(I) -> T,
) -> Timing {
    let mut run = |calls: u64| {
        let mut inputs: Vec<I> = (0..calls).map(|_| input()).collect();
        let mut outputs: Vec<T> = Vec::with_capacity(inputs.len());
        let start = Instant::now();
        for input in inputs.drain(..) {
            outputs.push(op(black_box(input)));
        }
        let took = start.elapsed();
        black_box(&outputs);
        took.as_nanos() as f64 / calls as f64
    };
    // Inputs are held in memory: a batch stays small enough for the caches.
    let alone = run(1).min(run(1));
    let calls = if alone < 10.0 * SINGLE && run(100) < SINGLE { 100 } else { 1 };
    let empty = empty_harness(calls);
    let (samples, ledger) = sample(SAMPLES, || run(calls));
    Timing::judged(name.into(), samples, calls, empty, &ledger)
}

/// Times an operation that may fail; when any call does, the timing is unavailable and says why.
///
/// ```
/// use helpers::{Timing, measure_fallible};
/// use std::fs::File;
/// // What does it cost to open a file that is not there?
/// let open: Timing = measure_fallible("open", || File::open("/no/such/file"));
/// assert!(open.median().unwrap_err().to_string().contains("No such file"));
/// ```
#[inline]
pub fn measure_fallible<T>(name: impl Into<String>, mut op: impl FnMut() -> io::Result<T>) -> Timing {
    let name = name.into();
    if let Err(error) = op() {
        return Timing::unavailable(&name, Unavailable::refused(&name, &error));
    }
    let mut failure = None;
    let timing = measure(name, || match op() {
        Ok(value) => Some(value),
        Err(error) => {
            failure = Some(error);
            None
        }
    });
    match failure {
        None => timing,
        Some(error) => Timing::unavailable(
            timing.name,
            Unavailable::refused(format!("{} failed while it was being timed", timing.name), &error),
        ),
    }
}

/// Times an operation that this machine may forbid: a child process tries it first, and only if the child survives is it
/// timed here.
///
/// ```
/// use helpers::{Timing, measure_if_survivable};
/// // What does it cost to abort?
/// let abort: Timing = measure_if_survivable("abort", || unsafe { libc::raise(libc::SIGKILL) });
/// assert!(abort.median().is_err());
/// ```
#[inline]
pub fn measure_if_survivable<T>(name: impl Into<String>, mut op: impl FnMut() -> T) -> Timing {
    let name = name.into();
    match sandbox::survives(&mut op) {
        Ok(()) => measure(name, op),
        Err(reason) => Timing::unavailable(name, reason),
    }
}

/// Times two operations in turn, A B B A, so that what happens to the machine happens to both. About 0.2 s.
///
/// ```
/// use helpers::{Pair, measure_pair};
/// // Is a system call slower than an addition?
/// let pair: Pair = measure_pair("addition", || std::hint::black_box(2) + 2, "getppid", || unsafe { libc::getppid() });
/// assert!(pair.range().unwrap().low > 0.0);
/// ```
#[inline]
pub fn measure_pair<A, B>(
    first: impl Into<String>,
    mut one: impl FnMut() -> A,
    second: impl Into<String>,
    mut other: impl FnMut() -> B,
) -> Pair {
    let calls = calls_per_batch(&mut one).min(calls_per_batch(&mut other));
    let empty = empty_harness(calls);
    let mut turn = false;
    let (both, ledger) = sample(SAMPLES, || {
        turn = !turn;
        if turn {
            let a = batch(calls, &mut one);
            (a, batch(calls, &mut other))
        } else {
            let b = batch(calls, &mut other);
            (batch(calls, &mut one), b)
        }
    });
    let (ones, others): (Vec<f64>, Vec<f64>) = both.iter().copied().unzip();
    Pair {
        differences: both.iter().map(|(a, b)| b - a).collect(),
        first: Timing::judged(first.into(), ones, calls, empty, &ledger),
        second: Timing::judged(second.into(), others, calls, empty, &ledger),
    }
}

/// One sample: nanoseconds per call over a batch.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a call around the loop would be part of what is timed")]
pub(super) fn batch<T>(calls: u64, op: &mut impl FnMut() -> T) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        black_box(op());
    }
    start.elapsed().as_nanos() as f64 / calls as f64
}

/// Warms the operation up and finds how many calls fill a batch.
#[inline]
pub(super) fn calls_per_batch<T>(op: &mut impl FnMut() -> T) -> u64 {
    filled_by(&mut |calls| batch(calls, op))
}

/// The fastest of three tries, since a disturbed one only looks slower.
fn filled_by(batch: &mut dyn FnMut(u64) -> f64) -> u64 {
    let mut calls = 1;
    loop {
        let per_call = (0..3).map(|_| batch(calls)).fold(f64::INFINITY, f64::min);
        if per_call * calls as f64 >= BATCH / 10.0 || calls >= 1 << 20 {
            return if per_call >= SINGLE { 1 } else { ((BATCH / per_call.max(0.01)) as u64).max(1) };
        }
        calls *= 2;
    }
}

/// What the harness takes per call when the operation is empty.
pub(super) fn empty_harness(calls: u64) -> Nanos {
    let calls_in_short = calls.min((BATCH / 10.0) as u64);
    let mut samples: Vec<f64> = (0..101).map(|_| batch(calls_in_short, &mut || ())).collect();
    samples.sort_by(f64::total_cmp);
    if calls == 1 { Nanos(samples[50].max(clock().cost.0)) } else { Nanos(samples[50]) }
}

/// Takes samples until the budget is spent, into memory that was touched before the clock starts.
#[inline]
fn sample<S: Default + Clone>(most: usize, mut one: impl FnMut() -> S) -> (Vec<S>, Ledger) {
    let mut samples = vec![S::default(); most];
    let mut taken = 0;
    let before = Snapshot::take();
    let start = Instant::now();
    while taken < most && (taken < FEWEST || start.elapsed() < BUDGET) {
        samples[taken] = one();
        taken += 1;
    }
    let ledger = before.since();
    samples.truncate(taken);
    (samples, ledger)
}
