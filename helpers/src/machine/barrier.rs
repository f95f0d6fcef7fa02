//! Threads that begin together, each on its CPU.

use super::cpus::pin;
use super::placement::Placement;
use crate::proc::limits::not_started;
use crate::reading::{Reading, Unavailable};
use std::sync::{Condvar, Mutex, PoisonError, mpsc};
use std::thread;

/// Runs `act` on several CPUs at once, in a thread for each place, which is told its number. None begins before all are up.
/// Returns what each found, in the order of the places. Where there are no such CPUs, the reason comes back.
///
/// ```
/// use helpers::{Machine, on_cpus};
/// // Can two threads wait for one another on one CPU?
/// let one_cpu = Machine::here().some_cpus(1).same(2);
/// let meeting = std::sync::Barrier::new(2);
/// let met = on_cpus(&one_cpu, |_| meeting.wait().is_leader());
/// assert!(met.is_err() || met.unwrap().iter().filter(|leads| **leads).count() == 1);
/// ```
///
/// # Errors
/// When a thread cannot be started or kept on its CPU, or panics. Then none has begun, but for a panic.
pub fn on_cpus<R: Send>(cpus: impl Into<Placement>, act: impl Fn(usize) -> R + Sync) -> Reading<Vec<R>> {
    let places: Vec<Option<usize>> = cpus.into().reading()?.iter().copied().map(Some).collect();
    together(&places, |_| (), || (), |number, (), ()| act(number)).map(|((), found)| found)
}

/// Brings up a thread for each place, on its CPU where one is named, lets each make ready, and then all of them begin at the
/// signal: it is made once, when all are up, and handed to each. Making it must not panic: all would wait for ever.
pub(crate) fn together<Kit, Signal, Found>(
    places: &[Option<usize>],
    ready: impl Fn(usize) -> Kit + Sync,
    signal: impl FnOnce() -> Signal,
    act: impl Fn(usize, Kit, Signal) -> Found + Sync,
) -> Reading<(Signal, Vec<Found>)>
where
    Signal: Copy + Send,
    Found: Send,
{
    let (gate, (standing, standings)) = (Gate::default(), mpsc::channel::<Reading<()>>());
    let body = |number: usize, place: Option<usize>, standing: mpsc::Sender<Reading<()>>| {
        let pinned = place.map(pin).transpose();
        let kit = pinned.is_ok().then(|| ready(number));
        let _ = standing.send(pinned.as_ref().map(drop).map_err(Clone::clone));
        drop(standing);
        let signal = gate.pass()?;
        kit.map(|kit| act(number, kit, signal))
    };
    thread::scope(|scope| {
        let spawn = |(number, place): (usize, &Option<usize>)| {
            let (standing, place, body) = (standing.clone(), *place, &body);
            thread::Builder::new().spawn_scoped(scope, move || body(number, place, standing))
        };
        let threads: Vec<_> = places.iter().enumerate().map(spawn).collect();
        drop(standing);
        // Ends when every thread has said how it stands, or has gone without a word.
        let standings: Vec<Reading<()>> = standings.iter().collect();
        let failed_start = threads.iter().find_map(|thread| thread.as_ref().err());
        let refused =
            failed_start.map(|error| not_started(format!("starting {} threads", places.len()), error));
        let failed = refused.or_else(|| standings.iter().find_map(|standing| (*standing).err()));
        let all_up = failed.is_none() && standings.len() == places.len();
        let signal = gate.open(|| all_up.then(signal));
        // All of them, before anything is made of it: the scope takes a panic that nobody has asked for as its own.
        let found: Vec<Option<Found>> =
            threads.into_iter().flatten().map(|thread| thread.join().ok().flatten()).collect();
        match (failed, signal, found.into_iter().collect()) {
            (Some(reason), ..) => Err(reason),
            (None, Some(signal), Some(found)) => Ok((signal, found)),
            _ => Err(Unavailable::because("a thread panicked")),
        }
    })
}

/// Where threads wait for the signal; none is given when they are called off.
struct Gate<Signal> {
    /// Whether it is open, and with which signal.
    state: Mutex<(bool, Option<Signal>)>,
    changed: Condvar,
}

impl<Signal> Default for Gate<Signal> {
    fn default() -> Self {
        Self { state: Mutex::new((false, None)), changed: Condvar::new() }
    }
}

impl<Signal: Copy> Gate<Signal> {
    fn pass(&self) -> Option<Signal> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.changed.wait_while(state, |(is_open, _)| !*is_open);
        state.unwrap_or_else(PoisonError::into_inner).1
    }

    fn open(&self, signal: impl FnOnce() -> Option<Signal>) -> Option<Signal> {
        let signal = signal();
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = (true, signal);
        self.changed.notify_all();
        signal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    #[test]
    fn none_begins_before_all_are_up_and_each_gets_the_signal() {
        let up = AtomicUsize::new(0);
        let ready = |number| {
            up.fetch_add(1, SeqCst);
            number
        };
        let (signal, found) =
            together(&[None; 5], ready, || 7, |number, kit, signal| (number == kit, signal, up.load(SeqCst)))
                .unwrap();
        assert_eq!((signal, found), (7, vec![(true, 7, 5); 5]));
    }

    #[test]
    fn one_that_fails_calls_all_off() {
        let begun = AtomicUsize::new(0);
        let act = |_, (), ()| begun.fetch_add(1, SeqCst);
        let unknown = together(&[None, Some(8191)], |_| (), || (), act);
        let panicking = together(&[None; 3], |number| assert!(number != 1), || (), act);
        assert!(unknown.is_err() && panicking.unwrap_err().to_string().contains("panicked"));
        assert_eq!(begun.load(SeqCst), 0);
        assert!(together(&[None; 3], |_| (), || (), |number, (), ()| assert!(number != 1)).is_err());
        assert_eq!(together(&[], |_| (), || 1, |_, (), _| ()), Ok((1, vec![])));
    }
}
