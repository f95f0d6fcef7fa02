//! Hearing another process by nothing but its interruptions.
//!
//! A process that only looks at the clock sees a small dent in the time whenever its CPU is interrupted. If another process can
//! make such interrupts happen at agreed times, a message passes between two that share no memory, no file and no socket. (To
//! bring home what was heard, at the end, the listener writes into a page that it shares with whoever started it.)

use crate::interrupts::{global_membarrier, register_for_membarriers};
use crate::ledger::counters::{Whose, usage};
use crate::machine::barrier::on_cpus;
use crate::machine::cpus::pin;
use crate::machine::placement::Placement;
use crate::reading::{Reading, Unavailable};
use crate::sandbox::in_child;
use crate::units::Nanos;
use crate::verdict::{Claim, Verdict};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};
use std::hint::spin_loop;
use std::sync::Mutex;
use std::time::{Duration, Instant};

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

/// What was heard of a message that is sent again and again: each bit is a pair of slots, dents and then silence for a one,
/// silence and then dents for a zero ("Manchester coding"). Silence in both, noise in both, and a listener who was away are no
/// vote.
#[derive(Clone)]
pub struct Votes {
    /// For a one, less those for a zero.
    leads: Vec<i32>,
    rounds: u32,
    /// What was heard last.
    last: Reading<Heard>,
}

/// A bit is known when one side leads by so many votes.
const LEAD: i32 = 3;
/// Fewer dents than this in a slot may be anybody's.
const FEWEST: u32 = 4;

impl Votes {
    /// None yet, on a message of so many slots: 100,000 at most, since no more are [overheard](overhear).
    pub fn on(slots: usize) -> Self {
        Self {
            leads: vec![0; slots.min(MOST_SLOTS) / 2],
            rounds: 0,
            last: Err(Unavailable::because("nothing was heard yet")),
        }
    }

    /// Adds what was heard of one repetition.
    pub fn add(&mut self, heard: Reading<Heard>) {
        self.rounds += 1;
        if let Ok(heard) = &heard {
            for (lead, pair) in self.leads.iter_mut().zip(heard.dents.chunks_exact(2)) {
                if let [Some(first), Some(second)] = *pair {
                    let (more, fewer) = (first.max(second), first.min(second));
                    if more >= FEWEST && fewer * 2 <= more {
                        *lead += if first > second { 1 } else { -1 };
                    }
                }
            }
        }
        self.last = heard;
    }

    /// How often the message was repeated.
    pub fn rounds(&self) -> u32 {
        self.rounds
    }

    /// Whether another repetition could help.
    pub fn are_open(&self) -> bool {
        self.rounds == 0 || (self.last.is_ok() && self.unknown() > 0)
    }

    /// How many bits are unknown.
    pub fn unknown(&self) -> usize {
        self.leads.iter().filter(|lead| lead.abs() < LEAD).count()
    }

    /// The letters, as UTF-8 spells them; a question mark for each byte of which a bit is unknown.
    ///
    /// # Errors
    /// When nobody could listen: the reason.
    pub fn word(&self) -> Reading<String> {
        self.last.as_ref().map_err(|reason| *reason)?;
        // What isn't a letter could move the cursor of whoever prints it.
        Ok(String::from_utf8_lossy(&self.bytes()).replace(char::is_control, "\u{fffd}"))
    }

    /// What was heard, a question mark for each byte of which a bit is unknown.
    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[i32]| {
            if bits.iter().any(|lead| lead.abs() < LEAD) {
                return b'?';
            }
            bits.iter().fold(0, |byte, lead| byte << 1 | u8::from(*lead > 0))
        };
        self.leads.chunks(8).map(byte).collect()
    }

    /// The last repetition, for a picture: who did something, from when to when. `slots` are those that were sent.
    pub fn diary(&self, slots: &[bool], slot: Nanos) -> Vec<(&'static str, Nanos, Nanos)> {
        let heard = self.last.as_ref().map(|heard| heard.dents.clone()).unwrap_or_default();
        let heard = heard.iter().map(|dents| dents.is_some_and(|dents| dents >= FEWEST));
        let times = |who: &'static str, number: usize| {
            (who, Nanos(number as f64 * slot.0), Nanos((number + 1) as f64 * slot.0))
        };
        let sent =
            slots.iter().copied().enumerate().filter(|(_, is)| *is).map(|(n, _)| times("sender knocks", n));
        let felt = heard.enumerate().filter(|(_, is)| *is).map(|(n, _)| times("listener feels dents", n));
        sent.chain(felt).collect()
    }
}

impl Display for Votes {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        match self.word() {
            Ok(word) => write!(out, "After {} repetitions: {word}", self.rounds),
            Err(reason) => write!(out, "Nothing heard: {reason}"),
        }
    }
}

impl Claim {
    /// Looks whether a word has arrived: shown when every letter of it has, undecided when a bit is unknown, and not shown when
    /// another word has. Without a letter nothing could arrive.
    pub fn spelt(self, votes: &Votes, word: &str) -> Verdict {
        if votes.leads.is_empty() || word.is_empty() {
            return self.unavailable("no letter was sent");
        }
        let heard = match votes.word() {
            Ok(heard) => heard,
            Err(reason) => return self.unavailable(reason),
        };
        let times = if votes.rounds == 1 { "once".to_owned() } else { format!("{} times", votes.rounds) };
        let found = format!("“{word}” was sent {times}, and “{heard}” was heard");
        match votes.unknown() {
            0 => self.holds(votes.bytes() == word.as_bytes(), found),
            unknown => {
                self.undecided(format!("{found}: {unknown} of {} bits are unknown", votes.leads.len()))
            }
        }
    }
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
