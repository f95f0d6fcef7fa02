//! Threads that begin together, each on its CPU.

use super::Machine;
use super::cpus::{Siblings, pin};
use crate::reading::{Reading, Unavailable};
use std::sync::{Condvar, Mutex, PoisonError, mpsc};
use std::thread;

/// Runs `act` on several CPUs at once, in a thread for each, which is told its place in the list. None begins before all
/// are up. A CPU may be named more than once. Returns what each found, in the order of the list. The list is a reading, as
/// [`Machine::some_cpus`] and its like give it: where there is none, its reason comes back.
///
/// ```
/// use helpers::{Machine, on_cpus};
/// // Can two threads wait for one another on one CPU?
/// let cpu = Machine::here().some_cpus(1);
/// let meeting = std::sync::Barrier::new(2);
/// let met = on_cpus(&cpu.map(|cpu| vec![cpu[0]; 2]), |_| meeting.wait().is_leader());
/// assert!(met.is_err() || met.unwrap().iter().filter(|leads| **leads).count() == 1);
/// ```
///
/// # Errors
/// When a thread cannot be started or kept on its CPU, or panics. Then none has begun, but for a panic.
pub fn on_cpus<R: Send>(cpus: &Reading<Vec<usize>>, act: impl Fn(usize) -> R + Sync) -> Reading<Vec<R>> {
    let places: Vec<Option<usize>> = cpus.as_ref().map_err(Clone::clone)?.iter().copied().map(Some).collect();
    together(&places, |_| (), || (), |number, (), ()| act(number)).map(|((), found)| found)
}

impl Machine {
    /// So many CPUs that this program may use: the last ones, since the first often serves the devices as well.
    ///
    /// # Errors
    /// Where there are fewer, or threads cannot be kept on a CPU.
    pub fn some_cpus(&self, count: usize) -> Reading<Vec<usize>> {
        let allowed = self.allowed.as_ref().map_err(Clone::clone)?;
        let noun = |count: usize| if count == 1 { "CPU" } else { "CPUs" };
        let first = allowed.len().checked_sub(count).ok_or_else(|| {
            let (wanted, here) = (noun(count), noun(allowed.len()));
            Unavailable::because(format!(
                "this takes {count} {wanted}, and this program may use {} {here}",
                allowed.len()
            ))
        })?;
        Ok(allowed[first..].to_vec())
    }

    /// Two CPUs on different cores, as far as the machine shows its cores.
    ///
    /// # Errors
    /// Where there are none, or threads cannot be kept on a CPU.
    pub fn two_cores(&self) -> Reading<Vec<usize>> {
        let cpus = self.some_cpus(2)?;
        let (Ok(Siblings::Visible(groups)), Ok(allowed)) = (&self.siblings, &self.allowed) else {
            return Ok(cpus);
        };
        let last = cpus[1];
        let is_sibling = |cpu: usize| groups.iter().any(|core| core.contains(&cpu) && core.contains(&last));
        let other = allowed.iter().rev().find(|cpu| **cpu != last && !is_sibling(**cpu));
        let all_one = || Unavailable::because("all CPUs that this program may use are one core");
        other.map(|other| vec![*other, last]).ok_or_else(all_one)
    }

    /// Two CPUs that are one core ("hyper-threading").
    ///
    /// # Errors
    /// Where the machine has none, does not show them, or this program may not use both.
    pub fn one_core(&self) -> Reading<Vec<usize>> {
        let allowed = self.allowed.as_ref().map_err(Clone::clone)?;
        match self.siblings.as_ref().map_err(Clone::clone)? {
            Siblings::Off => Err(Unavailable::because("each core of this machine runs one hardware thread")),
            Siblings::Visible(groups) => {
                let both = |core: &Vec<usize>| -> Vec<usize> {
                    core.iter().copied().filter(|cpu| allowed.contains(cpu)).take(2).collect()
                };
                let pair = groups.iter().rev().map(both).find(|pair| pair.len() == 2);
                let none =
                    || Unavailable::because("no two of the CPUs that this program may use share a core");
                pair.ok_or_else(none)
            }
        }
    }
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
        let not_started = threads.iter().find_map(|thread| thread.as_ref().err());
        let refused = not_started.map(|error| Unavailable::refused("starting a thread", error));
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
    fn places_are_those_that_the_machine_shows() {
        let mut machine = Machine::here();
        machine.allowed = Ok(vec![0, 1, 2, 5]);
        machine.siblings = Ok(Siblings::Visible(vec![vec![0, 4], vec![1, 5], vec![2, 6]]));
        assert_eq!((machine.some_cpus(1), machine.some_cpus(3)), (Ok(vec![5]), Ok(vec![1, 2, 5])));
        assert_eq!((machine.two_cores(), machine.one_core()), (Ok(vec![2, 5]), Ok(vec![1, 5])));
        assert!(machine.some_cpus(5).unwrap_err().to_string().contains("may use 4 CPUs"));
        machine.allowed = Ok(vec![1, 5]);
        assert!(machine.two_cores().is_err() && machine.one_core().is_ok());
        machine.allowed = Ok(vec![1, 2]);
        assert!(machine.one_core().unwrap_err().to_string().contains("share a core"));
        machine.siblings = Ok(Siblings::Off);
        assert!(machine.two_cores() == Ok(vec![1, 2]) && machine.one_core().is_err());
        machine.allowed = Ok(vec![1]);
        assert!(machine.two_cores().is_err());
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
