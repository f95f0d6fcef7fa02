//! Clean windows: short stretches of time in which several threads are sure to have worked together.
//!
//! A stranger who takes one of the CPUs can make two threads look faster as well as slower: if one of them is away while the
//! other holds no lock against it, they never meet, and "together" they seem to do twice as much. So all threads first spin
//! until one agreed instant, and a window counts only if every one of them began on time, ended on time and was never taken
//! off its CPU in between. A window is shorter than a turn, so that some are clean even beside a crowd.

use crate::clock::clock;
use crate::lasting::Lasting;
use crate::ledger::counters::{Whose, trust, usage};
use crate::ledger::{Ledger, Usage};
use crate::measure::timing::{Status, Timing};
use crate::reading::{Reading, Unavailable};
use crate::units::{Count, Nanos};
use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

/// Far shorter than a scheduler's turn.
const SHORTEST: Duration = Duration::from_millis(1);
/// An operation so slow that it needs more is timed in windows that end late.
const LONGEST: Duration = Duration::from_millis(10);
/// One look at the clock for so many nanoseconds of work.
const BETWEEN_LOOKS: f64 = 5_000.0;
/// From the agreement to the instant that was agreed on: longer than one CPU takes to hear from another.
const LEAD: Duration = Duration::from_micros(20);
/// Who begins later than this was held up.
const LATE: Duration = Duration::from_micros(10);
/// Enough for the interval of a median.
const WANTED: usize = 40;
/// Fewer clean windows than this say nothing.
const FEWEST: usize = 5;
/// Where the machine is so busy that clean ones are rare.
const BUDGET: Duration = Duration::from_millis(400);
const MOST: usize = 1_000;
/// So many are tried however long that takes: to start the threads alone can take longer than all of it.
const TRIED: usize = 10;
/// After so long the CPU that is spun on may be the very one that the others need.
const PATIENCE: Duration = Duration::from_micros(200);

/// What the threads of one measurement agree on.
pub(super) struct Windows {
    threads: u64,
    /// How many operations go between two looks at the clock.
    pub(super) calls: u64,
    length: Duration,
    slack: Duration,
    made: Instant,
    /// How many have come, to all windows so far.
    arrived: AtomicU64,
    /// How many windows have been agreed on, and when the last of them begins, in nanoseconds after `made`.
    agreed: AtomicU64,
    begins: AtomicU64,
    is_over: AtomicBool,
    spoiled: Vec<AtomicBool>,
}

/// One thread in one window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    done: u64,
    elapsed: Duration,
    /// What was counted meanwhile; nothing where that is not known.
    voluntary: u64,
    involuntary: u64,
    is_spoiled: bool,
}

impl Windows {
    /// For so many threads, and an operation of which `calls` take `time` nanoseconds.
    pub(super) fn new(threads: usize, calls: u64, time: f64) -> Self {
        let per_call = (time / calls as f64).max(0.01);
        let calls = ((BETWEEN_LOOKS / per_call) as u64).max(1);
        let between = Duration::from_nanos((per_call * calls as f64) as u64);
        let length = (20 * between).clamp(SHORTEST, LONGEST);
        trust();
        Self {
            threads: threads as u64,
            calls,
            length,
            slack: (length / 10).max(2 * between),
            made: Instant::now(),
            arrived: AtomicU64::new(0),
            agreed: AtomicU64::new(0),
            begins: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
            spoiled: (0..MOST).map(|_| AtomicBool::new(false)).collect(),
        }
    }

    pub(super) fn seat(&self) -> Seat<'_> {
        let rows = Vec::with_capacity(MOST);
        Seat { windows: self, begin: self.made, before: usage(Whose::Thread), is_late: false, rows }
    }

    /// The last one to come decides for all: another window, or enough.
    fn agree(&self, number: usize) {
        let clean = self.spoiled[..number].iter().filter(|spoiled| !spoiled.load(SeqCst)).count();
        if clean >= WANTED || number >= MOST || (number >= TRIED && self.made.elapsed() > BUDGET) {
            self.is_over.store(true, SeqCst);
        } else {
            self.begins.store((self.made.elapsed() + LEAD).as_nanos() as u64, SeqCst);
            self.agreed.store(number as u64 + 1, SeqCst);
        }
    }

    /// Of the rows of each thread to the time that the whole group takes for one operation.
    pub(super) fn judged(&self, name: String, rows: &[Vec<Row>], empty: Nanos) -> Timing {
        let count = rows.iter().map(Vec::len).min().unwrap_or(0);
        let all = || (0..count).map(|window| rows.iter().map(|thread| thread[window]).collect::<Vec<Row>>());
        let clean: Vec<Vec<Row>> = all().filter(|rows| rows.iter().all(|row| !row.is_spoiled)).collect();
        let (kept, status) = match clean.len() {
            0 if count == 0 => {
                let reason = "the CPUs were too busy for a single window of work on all of them at once";
                return Timing::unavailable(name, Unavailable::because(reason));
            }
            few if few < FEWEST => {
                let reason = format!(
                    "others had the CPUs: {few} of {count} windows of {} were clean",
                    Nanos::from(self.length)
                );
                (all().collect(), Status::Unsettled(reason.into()))
            }
            _ => match trust().involuntary {
                Ok(()) => (clean, Status::Clean),
                Err(reason) => {
                    let sign = format!("windows are judged by their ends alone: {reason}");
                    (clean, Status::Disturbed(vec![sign].into()))
                }
            },
        };
        let rate = |row: &Row| row.done as f64 / row.elapsed.as_nanos() as f64;
        let samples = kept.iter().map(|rows| 1.0 / rows.iter().map(rate).sum::<f64>()).collect();
        let rows: Vec<&Row> = kept.iter().flatten().collect();
        let sum = |of: &dyn Fn(&Row) -> u64| rows.iter().map(|row| of(row)).sum::<u64>();
        let elapsed = sum(&|row| row.elapsed.as_nanos() as u64) / self.threads.max(1);
        let trust = trust();
        let switches = [
            trust.switches.map(|()| Count(sum(&|row| row.voluntary))),
            trust.involuntary.map(|()| Count(sum(&|row| row.involuntary))),
        ];
        let ledger = Some(Lasting::new(Ledger::of_switches(Nanos(elapsed as f64), switches)));
        let calls = sum(&|row| row.done) / kept.len().max(1) as u64;
        Timing { name: name.into(), samples, calls, empty, clock: clock(), ledger, status }.made()
    }
}

/// The place of one thread. Giving it up ends the measurement for all: nobody waits for one that has panicked.
pub(super) struct Seat<'a> {
    windows: &'a Windows,
    begin: Instant,
    before: Reading<Usage>,
    is_late: bool,
    rows: Vec<Row>,
}

impl Seat<'_> {
    /// Waits for the others, and then for the instant that was agreed on. False when there are to be no more windows.
    pub(super) fn begins(&mut self) -> bool {
        let (windows, number) = (self.windows, self.rows.len());
        if windows.arrived.fetch_add(1, SeqCst) + 1 == windows.threads * (number as u64 + 1) {
            windows.agree(number);
        }
        let since = Instant::now();
        while windows.agreed.load(SeqCst) <= number as u64 {
            if windows.is_over.load(SeqCst) {
                return false;
            }
            if since.elapsed() > PATIENCE { std::thread::yield_now() } else { spin_loop() }
        }
        self.before = usage(Whose::Thread);
        self.begin = windows.made + Duration::from_nanos(windows.begins.load(SeqCst));
        while Instant::now() < self.begin {
            spin_loop();
        }
        self.is_late = self.begin.elapsed() > LATE;
        true
    }

    /// Whether the window is still open.
    #[inline]
    pub(super) fn is_open(&self) -> bool {
        self.begin.elapsed() < self.windows.length
    }

    /// The window is over, and so much was done in it.
    pub(super) fn ends(&mut self, done: u64) {
        let elapsed = self.begin.elapsed();
        let more = |of: fn(&Usage) -> Count| match (&self.before, usage(Whose::Thread)) {
            (Ok(before), Ok(after)) => of(&after).0.saturating_sub(of(before).0),
            _ => 0,
        };
        let (voluntary, involuntary) = (more(|usage| usage.voluntary), more(|usage| usage.involuntary));
        let is_overdue = elapsed > self.windows.length + self.windows.slack;
        let is_spoiled = self.is_late || is_overdue || involuntary > 0;
        if is_spoiled {
            self.windows.spoiled[self.rows.len()].store(true, SeqCst);
        }
        self.rows.push(Row { done, elapsed, voluntary, involuntary, is_spoiled });
    }

    pub(super) fn rows(mut self) -> Vec<Row> {
        std::mem::take(&mut self.rows)
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.windows.is_over.store(true, SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Ratio;

    fn row(done: u64, is_spoiled: bool) -> Row {
        Row { done, elapsed: SHORTEST, voluntary: 3, involuntary: u64::from(is_spoiled), is_spoiled }
    }

    #[test]
    fn only_windows_that_are_clean_for_all_count() {
        let windows = Windows::new(2, 100, 100_000.0);
        // In every second window the other thread was away, and so the first seems to do all by itself.
        let first: Vec<Row> = (0..20).map(|n| row(if n % 2 == 0 { 1_000 } else { 9_000 }, false)).collect();
        let second: Vec<Row> = (0..20).map(|n| row(1_000, n % 2 == 1)).collect();
        let timing = windows.judged("work".into(), &[first, second], Nanos(0.0));
        assert_eq!((timing.samples.len(), timing.median(), timing.doubt()), (10, Ok(Nanos(500.0)), None));
        if trust().all_switches().is_ok() {
            // Three by each of two, in a thousand operations of each of two.
            assert_eq!(timing.switches(), Ok(Ratio(6.0 / 2_000.0)));
        }
    }

    #[test]
    fn fewer_than_five_settle_nothing() {
        let windows = Windows::new(1, 100, 100_000.0);
        for (clean, settled) in [(0, false), (4, false), (5, true)] {
            let rows: Vec<Row> = (0..30).map(|n| row(1_000, n >= clean)).collect();
            let timing = windows.judged("work".into(), &[rows], Nanos(0.0));
            assert_eq!(matches!(timing.status, Status::Clean | Status::Disturbed(_)), settled, "{timing}");
            assert_eq!(timing.doubt().is_some_and(|why| why.contains("of 30 windows")), !settled);
        }
        assert!(windows.judged("work".into(), &[vec![]], Nanos(0.0)).median().is_err());
    }

    #[test]
    fn windows_fit_the_operation() {
        let [fast, slow, slower] =
            [Windows::new(1, 1_000, 1_000.0), Windows::new(1, 1, 200_000.0), Windows::new(1, 1, 1e9)];
        assert_eq!((fast.calls, fast.length), (5_000, SHORTEST));
        assert_eq!((slow.calls, slow.length), (1, Duration::from_millis(4)));
        assert_eq!((slower.calls, slower.length), (1, LONGEST));
    }

    #[test]
    fn nobody_waits_for_one_that_has_gone() {
        let windows = Windows::new(2, 1, 1_000.0);
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| windows.seat().begins());
            drop(windows.seat());
            assert!(!waits.join().unwrap());
        });
    }
}
