//! Hearing another process by nothing but its interruptions.
//!
//! A process that only looks at the clock sees a small dent in the time whenever its CPU is interrupted. If another process can
//! make such interrupts happen at agreed times, a message passes between two that share no memory, no file and no socket. (To
//! bring home what was heard, at the end, the listener writes into a page that it shares with whoever started it.)

mod votes;

use crate::interrupts::{global_membarrier, register_for_membarriers};
use crate::ledger::counters::{Whose, usage};
use crate::machine::barrier::on_cpus;
use crate::machine::cpus::pin;
use crate::machine::placement::Placement;
use crate::reading::{Reading, Unavailable};
use crate::sandbox::in_child;
use crate::units::Nanos;
use serde::{Deserialize, Serialize};
use std::hint::spin_loop;
use std::sync::Mutex;
use std::time::{Duration, Instant};

pub use votes::Votes;

/// How long it takes to bring up a process that listens.
const HEAD_START: Duration = Duration::from_millis(25);
/// Before the message, knocks that are agreed on: to hear how long one is.
const PROBES: u32 = 24;
const PROBE: Duration = Duration::from_micros(400);
/// Then the listener has time to think about it.
const PAUSE: Duration = Duration::from_millis(3);
/// No knock is as short as a hiccup of the cache, and none needs to be longer.
const SHORTEST: Nanos = Nanos(300.0);
const LONGEST: Nanos = Nanos(3_000.0);
/// A message longer than this is not waited for.
const MOST: Nanos = Nanos(1e9);
/// In less time than this nobody knocks often enough to be heard.
const SHORTEST_SLOT: Nanos = Nanos(1e4);
/// So many of them are the longest message.
const MOST_SLOTS: usize = 100_000;

/// What a listener has heard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// The dents in each slot of time; none where the listener was off its CPU and can not know.
    pub dents: Vec<Option<u32>>,
    /// A gap from this length on was taken for a dent.
    pub shortest: Nanos,
}

/// Starts a process that listens on the second of these CPUs for so many slots of this length, and lets `send` interrupt it
/// from the first, beginning at the moment it is told. A slot lasts 10 µs at least, and all of them a second at most.
///
/// # Errors
/// Where there is no second CPU, no child, or no such interrupts, or the slots are too short or too many.
///
/// ```
/// use helpers::{Machine, dents::overhear, interrupts::global_membarrier, micros};
/// // Can one process feel another?
/// let heard = overhear(&Machine::here().some_cpus(2), micros(500.0), 8, |_| drop(global_membarrier()));
/// if let Ok(heard) = heard {
///     assert_eq!(heard.dents.len(), 8);
/// }
/// ```
pub fn overhear(
    cpus: impl Into<Placement>,
    slot: Nanos,
    slots: usize,
    send: impl FnMut(Instant) + Send,
) -> Reading<Heard> {
    let cpus = cpus.into();
    let [here, there, ..] = cpus.reading()?[..] else {
        return Err(Unavailable::because("the two processes want a CPU each"));
    };
    let slot = length_of(slot, slots)?;
    // Whether it can be done at all, before anybody waits for it.
    register_for_membarriers()?;
    let probes = Instant::now() + HEAD_START;
    let begin = probes + PROBE * PROBES + PAUSE;
    let send = Mutex::new(send);
    // Who waits for the child looks after it now and then, and must not disturb it: beside the sender there is time for that.
    let sides = on_cpus([here, here], |side| {
        if side == 1 {
            return Some(in_child(|| listen(there, probes, begin, slot, slots)));
        }
        for probe in 0..PROBES {
            wait_until(probes + PROBE * probe + PROBE / 2);
            let _ = global_membarrier();
        }
        wait_until(begin);
        if let Ok(mut send) = send.lock() {
            send(begin);
        }
        None
    })?;
    let heard = sides.into_iter().flatten().next();
    heard.unwrap_or_else(|| Err(Unavailable::because("nobody listened")))?
}

/// How long each of so many slots is. Its sender goes by the same length, so it's refused rather than changed.
fn length_of(slot: Nanos, slots: usize) -> Reading<Duration> {
    if !(slot.0.is_finite() && slot >= SHORTEST_SLOT) {
        return Err(Unavailable::because(format!(
            "a slot of {slot} is no slot that anybody can be heard in: it takes {SHORTEST_SLOT} at least"
        )));
    }
    if slot.0 * slots as f64 > MOST.0 {
        return Err(Unavailable::because("a message takes a second at most"));
    }
    Ok(Duration::from_nanos(slot.0 as u64))
}

/// Spins until then.
pub fn wait_until(then: Instant) {
    while Instant::now() < then {
        spin_loop();
    }
}

/// All that the listener does.
fn listen(cpu: usize, probes: Instant, begin: Instant, slot: Duration, slots: usize) -> Reading<Heard> {
    let _pinned = pin(cpu)?;
    register_for_membarriers()?;
    let shortest = knock(&gaps(probes, probes + PROBE * PROBES, SHORTEST));
    let mut heard = Heard { dents: vec![Some(0); slots], shortest };
    let end = begin + slot * slots as u32;
    let place = |at: Instant| (at.duration_since(begin).as_nanos() / slot.as_nanos().max(1)) as usize;
    for gap in gaps(begin, end, shortest) {
        let [first, last] = [gap.from, gap.to].map(|at| place(at).min(slots.saturating_sub(1)));
        if gap.switched || gap.length() > slot / 2 {
            // It was not there, and does not know.
            heard.dents[first..=last].fill(None);
        } else if let Some(dents) = &mut heard.dents[first] {
            *dents += 1;
        }
    }
    Ok(heard)
}

#[derive(Clone, Copy)]
struct Gap {
    from: Instant,
    to: Instant,
    switched: bool,
}

impl Gap {
    fn length(self) -> Duration {
        self.to - self.from
    }
}

/// Looks at the clock from then to then, and tells of each time without a look that is at least so long.
fn gaps(begin: Instant, end: Instant, shortest: Nanos) -> Vec<Gap> {
    let shortest = Duration::from_nanos(shortest.0 as u64);
    let mut gaps = Vec::with_capacity(4096);
    wait_until(begin);
    let (mut last, mut switches) = (begin, switches());
    while last < end {
        let now = Instant::now();
        if now - last >= shortest {
            let counted = self::switches();
            gaps.push(Gap { from: last, to: now.min(end), switched: counted != switches });
            switches = counted;
        }
        last = now;
    }
    gaps
}

fn switches() -> u64 {
    usage(Whose::Thread).map_or(0, |usage| usage.voluntary.0 + usage.involuntary.0)
}

/// Half of what a knock lasts: the median of as many of the longest gaps as there were knocks.
fn knock(gaps: &[Gap]) -> Nanos {
    let mut lengths: Vec<f64> =
        gaps.iter().filter(|gap| !gap.switched).map(|gap| gap.length().as_nanos() as f64).collect();
    lengths.sort_by(|one, other| other.total_cmp(one));
    lengths.truncate(PROBES as usize);
    let middle = lengths.get(lengths.len() / 2).copied().unwrap_or(0.0);
    Nanos((middle / 2.0).clamp(SHORTEST.0, LONGEST.0))
}

#[cfg(test)]
mod tests;
