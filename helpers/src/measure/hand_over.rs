//! Timing how long it takes until somebody else goes on.

use super::Timing;
use super::timing::Status;
use crate::clock::clock;
use crate::lasting::Lasting;
use crate::ledger::Ledger;
use crate::ledger::counters::{Whose, trust, usage};
use crate::machine::barrier::{Meeting, together};
use crate::machine::placement::Placement;
use crate::reading::{Reading, Unavailable};
use crate::statistics::{quantile, sorted};
use crate::units::{Count, Nanos, Ratio};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

/// Long enough for the clock, short enough to fit between two disturbances.
const BATCH: f64 = 300_000.0;
const ROUNDS: (f64, f64) = (10.0, 1_000.0);
const SAMPLES: usize = 200;
const FEWEST: usize = 20;
const BUDGET: Duration = Duration::from_millis(100);
/// A median so many times as long as the best hand-over is that of a queue before the CPU, not of a hand-over.
const CROWDED: f64 = 20.0;

/// Times a hand-over between two threads, each kept on its CPU of the list: how long it takes from the one to the other. The
/// same CPU may be named twice. About 0.1 s.
///
/// `turn` is what each side does once in every round; it is told its side. Side 0 gives first and then waits until it is given
/// back, side 1 waits first. So a round has two hand-overs, and a sample is half of what a round took, over some hundred
/// microseconds. How often the kernel had to switch threads meanwhile is counted: see [`Timing::switches`].
///
/// ```
/// use helpers::{Machine, Timing, measure_hand_over};
/// use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
/// // How long until another CPU sees what this one wrote?
/// let ball = AtomicU64::new(0);
/// let turn = |side: usize| {
///     while ball.load(SeqCst) % 2 != side as u64 {
///         std::hint::spin_loop();
///     }
///     ball.fetch_add(1, SeqCst);
/// };
/// let way: Timing = measure_hand_over("spin", &Machine::here().some_cpus(2), turn);
/// assert!(way.median().map_or(true, |way| way.0 > 1.0));
/// ```
#[inline]
pub fn measure_hand_over(
    name: impl Into<String>,
    cpus: impl Into<Placement>,
    turn: impl Fn(usize) + Sync,
) -> Timing {
    let rounds = |rounds: u64, side: usize| {
        let start = Instant::now();
        for _ in 0..rounds {
            turn(side);
        }
        start.elapsed()
    };
    handed_over(name.into(), &cpus.into(), &rounds)
}

/// The same, given how long a side takes for so many rounds. Not generic, so that only the turns themselves are compiled in the
/// cell that uses it.
fn handed_over(name: String, cpus: &Placement, turns: &(dyn Fn(u64, usize) -> Duration + Sync)) -> Timing {
    let places = match cpus.reading() {
        Ok([one, other]) => [Some(*one), Some(*other)],
        Ok(_) => return Timing::unavailable(name, Unavailable::because("a hand-over is between two CPUs")),
        Err(reason) => return Timing::unavailable(name, reason),
    };
    let (meeting, plan) = (Meeting::of(2), Plan::default());
    let act = |side: usize, (), ()| {
        let (mut seen, seat) = (Seen::default(), meeting.seat());
        loop {
            if side == 0 {
                plan.go_on(&seen);
            }
            let goes_on = seat.waits();
            let rounds = plan.rounds.load(SeqCst);
            if rounds == 0 || !goes_on {
                return seen;
            }
            let before = usage(Whose::Thread);
            seen.note(rounds, turns(rounds, side), before);
            // Nobody begins the next batch while the other is in this one.
            if !seat.waits() {
                return seen;
            }
        }
    };
    match together(&places, |_| (), || (), act) {
        Ok(((), both)) => judged(name, &both),
        Err(reason) => Timing::unavailable(name, reason),
    }
}

/// What both sides go by; side 0 makes it.
struct Plan {
    begun: Instant,
    rounds: AtomicU64,
}

impl Default for Plan {
    fn default() -> Self {
        Self { begun: Instant::now(), rounds: AtomicU64::new(0) }
    }
}

impl Plan {
    /// The first three batches only find out how many rounds fill one.
    fn go_on(&self, seen: &Seen) {
        let taken = seen.samples.len();
        let is_enough = taken >= SAMPLES || (taken >= FEWEST && self.begun.elapsed() > BUDGET);
        let rounds = match seen.fastest {
            _ if is_enough => 0.0,
            None => ROUNDS.0,
            Some(way) => (BATCH / (2.0 * way)).clamp(ROUNDS.0, ROUNDS.1),
        };
        self.rounds.store(rounds as u64, SeqCst);
    }
}

/// What one side has seen.
#[derive(Default)]
struct Seen {
    tries: u32,
    fastest: Option<f64>,
    samples: Vec<f64>,
    hand_overs: u64,
    elapsed: f64,
    voluntary: u64,
    involuntary: u64,
}

impl Seen {
    fn note(&mut self, rounds: u64, took: Duration, before: Reading<crate::ledger::Usage>) {
        let (took, hand_overs) = (took.as_nanos() as f64, 2 * rounds);
        let way = took / hand_overs as f64;
        self.tries += 1;
        if self.tries <= 3 {
            self.fastest = Some(self.fastest.map_or(way, |fastest| fastest.min(way)));
            return;
        }
        self.samples.push(way);
        self.hand_overs += hand_overs;
        self.elapsed += took;
        if let (Ok(before), Ok(after)) = (before, usage(Whose::Thread)) {
            self.voluntary += after.voluntary.0.saturating_sub(before.voluntary.0);
            self.involuntary += after.involuntary.0.saturating_sub(before.involuntary.0);
        }
    }
}

fn judged(name: String, both: &[Seen]) -> Timing {
    let Some(first) = both.first().filter(|seen| !seen.samples.is_empty()) else {
        return Timing::of(name, &[]);
    };
    let sum = |of: fn(&Seen) -> u64| Count(both.iter().map(of).sum());
    let times = sorted(&first.samples);
    let (best, middle) = (times[0], quantile(&times, 0.5));
    let status = if best <= 0.0 {
        Status::Unsettled("the best hand-over took less than the clock can tell".into())
    } else if middle > CROWDED * best {
        let why = format!("others had the CPUs: the median is {} times the best", Ratio(middle / best));
        Status::Unsettled(why.into())
    } else {
        Status::Clean
    };
    let trust = trust();
    let switches = [
        trust.switches.map(|()| sum(|seen| seen.voluntary)),
        trust.involuntary.map(|()| sum(|seen| seen.involuntary)),
    ];
    Timing {
        name: name.into(),
        calls: first.hand_overs / first.samples.len() as u64,
        samples: first.samples.clone().into(),
        empty: Nanos(0.0),
        clock: clock(),
        ledger: Some(Lasting::new(Ledger::of_switches(Nanos(first.elapsed), switches))),
        status,
    }
    .made()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_before_the_cpu_is_no_hand_over() {
        let seen = |samples: Vec<f64>| Seen { hand_overs: 30, samples, ..Seen::default() };
        let judged = |samples: &[f64]| judged("pipe".into(), &[seen(samples.to_vec()), Seen::default()]);
        assert_eq!(judged(&[5.0, 4.0, 900.0]).doubt(), None);
        assert!(judged(&[500.0, 4.0, 900.0]).doubt().is_some_and(|why| why.contains("times the best")));
        assert!(judged(&[500.0, 0.0, 900.0]).doubt().is_some_and(|why| why.contains("the clock can tell")));
        assert!(judged(&[]).median().is_err());
    }

    #[test]
    fn nobody_waits_for_a_side_that_has_panicked() {
        let cpu = crate::machine::Machine::here().some_cpus(1);
        for odd in [0, 1] {
            let way = measure_hand_over("throw", cpu.same(2), |side| assert!(side != odd, "on purpose"));
            assert!(way.median().is_err(), "{way}");
        }
    }
}
