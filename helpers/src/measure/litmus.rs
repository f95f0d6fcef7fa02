//! Litmus tests: what two CPUs can see of each other's accesses to memory.
//!
//! Two threads play a round of a few accesses, and what both have seen is one outcome. Outcomes that need both to act within
//! some nanoseconds are rare, so there are many rounds, each on fresh memory: a spinning barrier brings the two together, and
//! each then dawdles for a few steps of a number that differs from round to round, so that every offset comes up. The method is
//! that of `litmus7` (J. Alglave, L. Maranget and others, *Litmus: Running Tests against Hardware*, TACAS 2011).

use crate::lasting::Lasting;
use crate::machine::barrier::on_cpus;
use crate::machine::placement::Placement;
use crate::reading::{Reading, Unavailable};
use crate::units::Count;
use std::fmt::{self, Debug, Display, Formatter};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::AcqRel, Ordering::Acquire};

/// More rounds than this fill the memory with what they share: each has its own.
const MOST: usize = 1_000_000;

/// What the two threads have seen, round by round.
#[derive(Clone, Copy)]
pub struct Litmus<Seen: 'static> {
    rounds: Reading<Lasting<[[Seen; 2]]>>,
}

/// Plays so many rounds, a million at most, between two threads, each kept on its CPU of the list: on its first two, which may
/// be the same. `fresh` makes what they share in one round;
/// `play` is told its side, 0 or 1, and returns what that side has seen. Where one of the threads is off its CPU, the other
/// waits for it.
///
/// ```
/// use helpers::{Machine, Reading, Count, litmus};
/// use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
/// // Both write, then look. Can both miss what the other wrote, if everything is in order?
/// let boxes = || [AtomicU32::new(0), AtomicU32::new(0)];
/// let played = litmus(&Machine::here().two_cores(), 1_000, boxes, |boxes, side| {
///     boxes[side].store(1, SeqCst);
///     boxes[1 - side].load(SeqCst)
/// });
/// let both_missed: Reading<Count> = played.rounds(&[0, 0]);
/// assert!(both_missed.is_err() || both_missed == Ok(Count(0)));
/// ```
#[inline]
pub fn litmus<Shared: Sync, Seen: Clone + Send>(
    cpus: impl Into<Placement>,
    rounds: usize,
    fresh: impl Fn() -> Shared,
    play: impl Fn(&Shared, usize) -> Seen + Sync,
) -> Litmus<Seen> {
    let two = match two(&cpus.into(), rounds) {
        Ok(two) => two,
        Err(reason) => return Litmus { rounds: Err(reason) },
    };
    let games: Vec<Shared> = (0..rounds).map(|_| fresh()).collect();
    let arrived = AtomicU64::new(0);
    let side = |side: usize| -> Vec<Seen> {
        let (mut seen, _seat) = (Vec::with_capacity(rounds), Seat(&arrived));
        for (round, shared) in (1..).zip(&games) {
            arrived.fetch_add(1, AcqRel);
            // No hint that this spins: it would let the two leave at times further apart than an access takes.
            let mut all = 0;
            while all < 2 * round {
                all = arrived.load(Acquire);
            }
            if all >= GONE {
                break;
            }
            for step in 0..dawdle(round, side) {
                black_box(step);
            }
            seen.push(play(shared, side));
        }
        seen
    };
    let pairs = |sides: Vec<Vec<Seen>>| match sides.as_slice() {
        [one, other] => one.iter().cloned().zip(other.iter().cloned()).map(<[Seen; 2]>::from).collect(),
        _ => Vec::new(),
    };
    Litmus { rounds: on_cpus(two, side).map(pairs).map(Lasting::from) }
}

/// The first two of these CPUs, for so many rounds.
fn two(cpus: &Placement, rounds: usize) -> Reading<Placement> {
    match cpus.reading()? {
        [_, _, ..] if rounds == 0 => {
            Err(Unavailable::because("no round was asked for, and none tells nothing"))
        }
        [_, _, ..] if rounds <= MOST => Ok(cpus.at_most(2)),
        [_, _, ..] => Err(Unavailable::because(format!(
            "{} rounds are more than the {} that can be kept in memory: play fewer",
            Count(rounds as u64),
            Count(MOST as u64)
        ))),
        _ => Err(Unavailable::because("a litmus test is between two CPUs: name two, or the same one twice")),
    }
}

/// No round has so many arrivals: one of the two has panicked.
const GONE: u64 = 1 << 63;

/// The place of one side. If it panics, the other side waits no longer.
struct Seat<'a>(&'a AtomicU64);

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fetch_or(GONE, AcqRel);
        }
    }
}

/// Two sawteeth of different slopes: their difference passes through every value again and again.
fn dawdle(round: u64, side: usize) -> u64 {
    round * (97 + 38 * side as u64) % 512
}

impl<Seen: PartialEq> Litmus<Seen> {
    /// In how many rounds this was seen, by side 0 and by side 1.
    ///
    /// # Errors
    /// Where the rounds could not be played: the reason.
    pub fn rounds(&self, seen: &[Seen; 2]) -> Reading<Count> {
        let rounds = self.rounds.as_ref().map_err(Clone::clone)?;
        Ok(Count(rounds.iter().filter(|round| *round == seen).count() as u64))
    }

    /// The same for several outcomes, each under a name.
    pub fn named<const OUTCOMES: usize>(
        &self,
        outcomes: [(&'static str, [Seen; 2]); OUTCOMES],
    ) -> [(&'static str, Reading<Count>); OUTCOMES] {
        outcomes.map(|(name, seen)| (name, self.rounds(&seen)))
    }
}

impl<Seen: PartialEq + Debug> Display for Litmus<Seen> {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let rounds = match &self.rounds {
            Ok(rounds) => rounds,
            Err(reason) => return write!(out, "not played: {reason}"),
        };
        write!(out, "{} rounds", Count(rounds.len() as u64))?;
        let mut told: Vec<&[Seen; 2]> = Vec::new();
        for round in rounds {
            if !told.contains(&round) {
                let times = rounds.iter().filter(|other| *other == round).count();
                write!(out, "\n  {round:?} in {}", Count(times as u64))?;
                told.push(round);
            }
        }
        Ok(())
    }
}

/// The same words: a cell that moves it out shows this form.
impl<Seen: PartialEq + Debug> Debug for Litmus<Seen> {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        Display::fmt(self, out)
    }
}

impl<Seen: PartialEq + Debug> Litmus<Seen> {
    /// Shows what was seen as the output of a cell.
    pub fn evcxr_display(&self) {
        evcxr_runtime::mime_type("text/plain").text(self.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn outcomes_are_counted_by_side_and_sum_up() {
        let twice: Reading<Vec<usize>> = crate::machine::cpus::allowed().map(|cpus| vec![cpus[0]; 2]);
        let played = litmus(&twice, 5, || (), |(), side| side);
        if let Ok(count) = played.rounds(&[0, 1]) {
            assert_eq!(count, Count(5));
            assert_eq!(played.rounds(&[1, 0]), Ok(Count(0)));
            assert_eq!(played.named([("so", [0, 1]), ("otherwise", [1, 1])])[0], ("so", Ok(Count(5))));
            assert_eq!(format!("{played:?}"), "5 rounds\n  [0, 1] in 5");
        }
    }

    #[test]
    fn a_missing_cpu_is_a_reason() {
        let reason = Unavailable::because("only one CPU");
        let none: Reading<Vec<usize>> = Err(reason);
        let played = litmus(&none, 5, || (), |(), side| side);
        assert_eq!(played.rounds(&[0, 1]), Err(reason));
        assert_eq!(played.to_string(), "not played: only one CPU");
    }

    #[test]
    fn what_cannot_be_played_ends_with_the_reason() {
        for cpus in [Placement::from([]), Placement::from([0])] {
            let played = litmus(cpus, 5, || (), |(), side| side).to_string();
            assert!(played.contains("between two CPUs"), "{played}");
        }
        let played = litmus([0, 0], usize::MAX, || (), |(), side| side).to_string();
        assert!(played.contains("play fewer"), "{played}");
    }

    #[test]
    fn where_no_round_was_played_nothing_was_seen_not_to_happen() {
        let played = litmus([0, 0], 0, || (), |(), side| side);
        let reason = played.rounds(&[0, 0]).unwrap_err().to_string();
        assert!(reason.contains("no round was asked for"), "{reason}");
        assert!(played.named([("never", [0, 0])])[0].1.is_err());
    }

    #[test]
    fn nobody_waits_for_a_side_that_has_panicked() {
        let cpu = crate::machine::Machine::here().some_cpus(1);
        for odd in [0, 1] {
            let played = litmus(cpu.same(2), 3, || (), |(), side| assert!(side != odd, "on purpose"));
            assert!(played.rounds(&[(), ()]).is_err());
        }
    }

    #[test]
    fn the_two_come_at_every_offset() {
        let apart = |round| dawdle(round, 0).cast_signed() - dawdle(round, 1).cast_signed();
        let offsets: BTreeSet<i64> = (1..20_000).map(apart).filter(|apart| apart.abs() < 100).collect();
        assert!(offsets.len() > 90, "{}", offsets.len());
    }
}
