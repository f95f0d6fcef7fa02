//! Threads that begin together, each on its CPU.

use super::cpus::pin;
use super::placement::Placement;
use crate::proc::limits::not_started;
use crate::reading::{Reading, Unavailable};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};
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
    let cpus = cpus.into();
    let found: Mutex<Vec<Option<R>>> = Mutex::new(cpus.reading()?.iter().map(|_| None).collect());
    each_on(&cpus, &|number| {
        let one = act(number);
        lock(&found)[number] = Some(one);
    })?;
    Ok(found.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten().collect())
}

/// The same for an act that finds nothing. Not generic, so that only the act itself is compiled in the cell that uses it.
fn each_on(cpus: &Placement, act: &(dyn Fn(usize) + Sync)) -> Reading<()> {
    let places: Vec<Option<usize>> = cpus.reading()?.iter().copied().map(Some).collect();
    together(&places, |_| (), || (), |number, (), ()| act(number)).map(|((), _)| ())
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
    let (given, mut signal) = (Mutex::new(None), Some(signal));
    let found: Vec<Mutex<Option<Found>>> = places.iter().map(|_| Mutex::new(None)).collect();
    let part = |number: usize, pass: &dyn Fn() -> bool| {
        let kit = ready(number);
        if !pass() {
            return;
        }
        let signal = *lock(&given);
        *lock(&found[number]) = signal.map(|signal| act(number, kit, signal));
    };
    brought_together(places, &part, &mut || *lock(&given) = signal.take().map(|signal| signal()))?;
    let found =
        found.into_iter().map(|one| one.into_inner().unwrap_or_else(PoisonError::into_inner)).collect();
    let signal = *lock(&given);
    signal.zip(found).ok_or_else(|| Unavailable::because("a thread panicked"))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What one thread does: makes ready, passes the gate, and acts, or leaves where it was called off.
type Part<'a> = &'a (dyn Fn(usize, &dyn Fn() -> bool) + Sync);

/// The same for acts of any type. Not generic: what is, is compiled again in each cell that uses it, and threads are the
/// largest part of it.
fn brought_together(places: &[Option<usize>], part: Part, signal: &mut dyn FnMut()) -> Reading<()> {
    let (gate, (standing, standings)) = (Gate::default(), mpsc::channel::<Reading<()>>());
    let body = |number: usize, place: Option<usize>, standing: mpsc::Sender<Reading<()>>| {
        let standing = Cell::new(Some(standing));
        let tell = |how: Reading<()>| {
            if let Some(standing) = standing.take() {
                let _ = standing.send(how);
            }
        };
        let pass = || {
            tell(Ok(()));
            gate.pass()
        };
        match place.map(pin).transpose() {
            Ok(_pinned) => part(number, &pass),
            Err(reason) => tell(Err(reason)),
        }
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
        if all_up {
            signal();
        }
        gate.open(all_up);
        // All of them, before anything is made of it: the scope takes a panic that nobody has asked for as its own.
        let panicked = threads.into_iter().flatten().filter_map(|thread| thread.join().err()).count();
        match failed {
            Some(reason) => Err(reason),
            None if panicked > 0 => Err(Unavailable::because("a thread panicked")),
            None => Ok(()),
        }
    })
}

/// Tells another side that nobody is here any more, whichever way this one ends.
pub(crate) struct Leaves<'a>(pub(crate) &'a AtomicBool);

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

/// Where threads wait until they may begin, or are called off.
#[derive(Default)]
struct Gate {
    /// Whether it is open, and to begin.
    state: Mutex<Option<bool>>,
    changed: Condvar,
}

impl Gate {
    /// Whether to begin.
    fn pass(&self) -> bool {
        let state = self.changed.wait_while(lock(&self.state), |state| state.is_none());
        state.unwrap_or_else(PoisonError::into_inner).unwrap_or(false)
    }

    fn open(&self, to_begin: bool) {
        *lock(&self.state) = Some(to_begin);
        self.changed.notify_all();
    }
}

/// Where so many threads meet, again and again, without using a CPU meanwhile. One that panics ends it for all of them, which
/// [`Barrier`](std::sync::Barrier) does not: nobody waits for it.
pub(crate) struct Meeting {
    threads: usize,
    met: Mutex<Met>,
    changed: Condvar,
}

#[derive(Default)]
struct Met {
    waiting: usize,
    times: u64,
    is_over: bool,
}

impl Meeting {
    pub(crate) fn of(threads: usize) -> Self {
        Self { threads, met: Mutex::default(), changed: Condvar::new() }
    }

    /// The place of one thread, to be kept as long as it comes.
    pub(crate) fn seat(&self) -> Seat<'_> {
        Seat(self)
    }
}

/// The place of one thread in a meeting.
pub(crate) struct Seat<'a>(&'a Meeting);

impl Seat<'_> {
    /// Waits for the others. False when one of them has panicked.
    pub(crate) fn waits(&self) -> bool {
        let Meeting { threads, met, changed } = self.0;
        let mut met = lock(met);
        if met.is_over {
            return false;
        }
        let times = met.times;
        met.waiting += 1;
        if met.waiting == *threads {
            (met.waiting, met.times) = (0, times + 1);
            changed.notify_all();
        }
        let met = changed.wait_while(met, |met| met.times == times && !met.is_over);
        met.unwrap_or_else(PoisonError::into_inner).times > times
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            lock(&self.0.met).is_over = true;
            self.0.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

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

    #[test]
    fn a_meeting_brings_all_together_again_and_again_and_ends_with_one_that_panics() {
        let (meeting, come) = (Meeting::of(3), AtomicUsize::new(0));
        let act = |number: usize, (), ()| {
            let seat = meeting.seat();
            for round in 1..=100 {
                come.fetch_add(1, SeqCst);
                assert!(seat.waits() && come.load(SeqCst) >= 3 * round);
            }
            assert!(number != 1, "on purpose");
            seat.waits()
        };
        assert!(together(&[None; 3], |_| (), || (), act).unwrap_err().to_string().contains("panicked"));
        assert!(!meeting.seat().waits());
    }
}
