//! An act with the interrupts around it.

use super::Interrupts;
use super::books::{self, Books};
use super::peers::{self, Peers};
use crate::lasting::Lasting;
use crate::ledger::Snapshot;
use crate::machine::cpus;
use crate::machine::placement::Placement;
use crate::reading::{OrWhy, Reading, Tried, Unavailable};

/// Prepares to count interrupts around an act, which runs on the first of these CPUs. On each of the others a thread of this
/// process spins meanwhile, and each time the act waits until it has seen them running: so there is somebody to interrupt.
///
/// ```
/// use helpers::{Machine, interrupts, interrupts::{Kind, membarrier}};
/// // Does asking the other CPUs for a barrier disturb them?
/// let cpus = Machine::here().some_cpus(2);
/// let asked = interrupts(&cpus).times(100, |()| membarrier());
/// if let Ok(calls) = asked.elsewhere(Kind::Call).count {
///     assert!(calls.0 > 0, "{asked}");
/// }
/// ```
pub fn interrupts(cpus: impl Into<Placement>) -> Counting<'static, ()> {
    static NOTHING: Reading<()> = Ok(());
    Counting { cpus: cpus.into(), kit: &NOTHING }
}

/// Interrupts to be counted; see [`interrupts`](fn@interrupts).
pub struct Counting<'a, T> {
    cpus: Placement,
    kit: &'a Reading<T>,
}

impl Counting<'_, ()> {
    /// What the act needs: a socket, a file. Where there is none, nothing is counted, for its reason.
    pub fn with<T>(self, kit: &Reading<T>) -> Counting<'_, T> {
        Counting { cpus: self.cpus, kit }
    }
}

impl<T> Counting<'_, T> {
    /// Does the act so many times, and counts. It ends at the first that fails, with the reason.
    pub fn times<O: Tried>(self, times: u64, mut act: impl FnMut(&T) -> O) -> Interrupts {
        if times == 0 {
            return Interrupts::refused(times, &Unavailable::because("the act was to be done zero times"));
        }
        let mut done = Ok(());
        let counted = self.kit.as_ref().map_err(|reason| *reason).and_then(|kit| {
            counted(&self.cpus, &mut |peers| {
                done = (0..times).try_for_each(|_| peers.are_running().and_then(|()| act(kit).tried()));
            })
        });
        match done.and(counted) {
            Ok(counted) => Interrupts { times, ..counted },
            Err(reason) => Interrupts::refused(times, &reason),
        }
    }

    /// Does something once, and counts: what was counted, and what came of it.
    pub fn around<R: OrWhy>(self, act: impl FnOnce(&T) -> R) -> (Interrupts, R) {
        let (mut act, mut result) = (Some(act), None);
        let counted = self
            .kit
            .as_ref()
            .map_err(|reason| *reason)
            .and_then(|kit| counted(&self.cpus, &mut |_| result = act.take().map(|act| act(kit))));
        match (counted, result) {
            (Ok(counted), Some(result)) => (counted, result),
            (counted, _) => {
                let reason = counted.err().unwrap_or_else(|| Unavailable::because("nothing was done"));
                (Interrupts::refused(1, &reason), R::or_why(reason))
            }
        }
    }
}

/// Counts around an act on the first of these CPUs. Not generic: what is, is compiled again in each cell that uses it.
fn counted(cpus: &Placement, act: &mut dyn FnMut(&Peers)) -> Reading<Interrupts> {
    let [own, others @ ..] = cpus.reading()? else {
        return Err(Unavailable::because("no CPU to act on"));
    };
    let _pinned = cpus::pin(*own)?;
    books::are_trusted();
    peers::beside(others, |peers| {
        let (books, ledger) = (Books::open(), Snapshot::take());
        act(peers);
        let ledger = ledger.since();
        Interrupts {
            times: 1,
            elapsed: ledger.elapsed,
            cpu: Ok(*own),
            books: Lasting::new(books.since()),
            ledger: Ok(ledger),
        }
    })
}
