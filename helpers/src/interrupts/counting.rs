//! An act with the interrupts around it.

use super::Interrupts;
use super::books::{self, Books};
use super::peers::{self, Peers};
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
        let repeated = |kit: &T, peers: &Peers| -> Reading<()> {
            for _ in 0..times {
                peers.are_running()?;
                act(kit).tried()?;
            }
            Ok(())
        };
        let (mut counted, done) = self.counted(repeated);
        counted.times = times;
        match done {
            Ok(()) => counted,
            Err(reason) => Interrupts::refused(times, &reason),
        }
    }

    /// Does something once, and counts: what was counted, and what came of it.
    pub fn around<R: OrWhy>(self, act: impl FnOnce(&T) -> R) -> (Interrupts, R) {
        let (counted, result) = self.counted(|kit, _| Ok(act(kit)));
        (counted, result.unwrap_or_else(R::or_why))
    }

    fn counted<R>(self, act: impl FnOnce(&T, &Peers) -> Reading<R>) -> (Interrupts, Reading<R>) {
        let counted = || {
            let kit = self.kit.as_ref().map_err(|reason| *reason)?;
            let [own, others @ ..] = self.cpus.reading()? else {
                return Err(Unavailable::because("no CPU to act on"));
            };
            let _pinned = cpus::pin(*own)?;
            books::are_trusted();
            peers::beside(others, |peers| {
                let (books, ledger) = (Books::open(), Snapshot::take());
                let result = act(kit, peers);
                let ledger = ledger.since();
                let counted = Interrupts {
                    times: 1,
                    elapsed: ledger.elapsed,
                    cpu: Ok(*own),
                    books: books.since(),
                    ledger: Ok(ledger),
                };
                (counted, result)
            })
        };
        counted().unwrap_or_else(|reason| (Interrupts::refused(1, &reason), Err(reason)))
    }
}
