//! Litmus tests: what two CPUs can see of each other's accesses to memory.
//!
//! Two threads play a round of a few accesses, and what both have seen is one outcome. Outcomes that need both to act within
//! some nanoseconds are rare, so there are many rounds, each on fresh memory: a spinning barrier brings the two together, and
//! each then dawdles for a few steps of a number that differs from round to round, so that every offset comes up. The method is
//! that of `litmus7` (J. Alglave, L. Maranget and others, *Litmus: Running Tests against Hardware*, TACAS 2011).

use crate::machine::barrier::on_cpus;
use crate::machine::placement::Placement;
use crate::reading::Reading;
use crate::units::Count;
use std::fmt::{self, Debug, Display, Formatter};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::AcqRel, Ordering::Acquire};

/// What the two threads have seen, round by round.
#[derive(Clone)]
pub struct Litmus<Seen> {
    rounds: Reading<Vec<[Seen; 2]>>,
}

/// Plays so many rounds between two threads, each kept on its CPU of the list. `fresh` makes what they share in one round;
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
    let games: Vec<Shared> = (0..rounds).map(|_| fresh()).collect();
    let arrived = AtomicU64::new(0);
    let side = |side: usize| -> Vec<Seen> {
        let mut seen = Vec::with_capacity(rounds);
        for (round, shared) in (1..).zip(&games) {
            arrived.fetch_add(1, AcqRel);
            // No hint that this spins: it would let the two leave at times further apart than an access takes.
            while arrived.load(Acquire) < 2 * round {}
            for step in 0..dawdle(round, side) {
                black_box(step);
            }
            seen.push(play(shared, side));
        }
        seen
    };
    let two = cpus.into().at_most(2);
    let pairs = |sides: Vec<Vec<Seen>>| match sides.as_slice() {
        [one, other] => one.iter().cloned().zip(other.iter().cloned()).map(<[Seen; 2]>::from).collect(),
        _ => Vec::new(),
    };
    Litmus { rounds: on_cpus(&two, side).map(pairs) }
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
    use crate::reading::Unavailable;
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
    fn the_two_come_at_every_offset() {
        let apart = |round| dawdle(round, 0).cast_signed() - dawdle(round, 1).cast_signed();
        let offsets: BTreeSet<i64> = (1..20_000).map(apart).filter(|apart| apart.abs() < 100).collect();
        assert!(offsets.len() > 90, "{}", offsets.len());
    }
}
