//! Waiting for something, in different ways: how late one is, what it burns, and how it is found among many.

mod crowd;
mod slack;

use crate::io::Event;
use crate::ledger::Snapshot;
use crate::ledger::counters::{Whose, trust, usage};
use crate::machine::barrier::{Leaves, on_cpus};
use crate::machine::placement::Placement;
use crate::measure::Timing;
use crate::reading::{Reading, Tried, Unavailable};
use crate::units::{Count, Nanos, Share};
use std::cell::Cell;
use std::fmt::{self, Display, Formatter};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

pub use crowd::{Crowd, find_one};
pub use slack::{measure_with_slack, with_timer_slack};

/// How often something happens that is waited for.
const EVENTS: usize = 400;
/// How far apart: long enough for the one who waits to fall asleep.
const APART: Duration = Duration::from_micros(500);

/// One way to wait.
#[derive(Clone, Copy)]
pub struct Waited {
    /// From just before the event until the one who waited goes on.
    pub latency: Timing,
    /// The part of the time that waiting kept a CPU busy.
    pub busy: Reading<Share>,
}

impl Display for Waited {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let busy = self.busy.map_or_else(|reason| reason.to_string(), |busy| busy.to_string());
        write!(out, "{}\nbusy for {busy} of the time", self.latency)
    }
}

/// Lets a thread on the second of these CPUs wait for 400 events that another on the first makes, half a millisecond apart.
/// `tool` makes what it takes to wait, once, and `wait` waits for one event. Only events are kept around which neither thread
/// lost its CPU.
///
/// ```
/// use helpers::{Machine, io::Event, waiting::waited};
/// // How late is somebody who sleeps until called?
/// let blocked = waited("block", &Machine::here().some_cpus(2), |_| Ok(()), |event, ()| event.take());
/// println!("{}", blocked.latency);
/// ```
pub fn waited<K, O: Tried>(
    name: &str,
    cpus: impl Into<Placement>,
    tool: impl Fn(&Event) -> Reading<K> + Sync,
    wait: impl Fn(&Event, &K) -> O + Sync,
) -> Waited {
    waited_for(name, &cpus.into(), &|event, listen| {
        let kit = tool(event)?;
        listen(&mut || wait(event, &kit).tried())
    })
}

/// Who waits, again and again, by what is handed to it.
type Listen<'a> = &'a mut dyn FnMut(&mut dyn FnMut() -> Reading<()>) -> Reading<()>;

/// The same, given what makes the tool and listens with it. Not generic, so that only the waiting itself is compiled in the cell
/// that uses it.
fn waited_for(
    name: &str,
    cpus: &Placement,
    listening: &(dyn Fn(&Event, Listen) -> Reading<()> + Sync),
) -> Waited {
    let measured = || -> Reading<Side> {
        let places = two(cpus)?;
        let event = Event::new()?;
        let (bell, event) = (event.as_raw_fd(), Mutex::new(event));
        let (stamps, begun, heard_all) = (stamps(), Instant::now(), AtomicBool::new(false));
        let sides = on_cpus(places, |side| {
            if side == 0 {
                return Ok(ringing(bell, &stamps, begun, &heard_all));
            }
            let _leaves = Leaves(&heard_all);
            let event = event.lock().map_err(|_| Unavailable::because("the event is lost"))?;
            let mut heard = Err(Unavailable::because("nobody listened"));
            listening(&event, &mut |wait| {
                heard = waiting(&stamps, begun, wait);
                Ok(())
            })?;
            heard
        })?;
        let mut sides = sides.into_iter();
        match (sides.next(), sides.next()) {
            (Some(rang), Some(heard)) => Ok(heard?.beside(&rang?)),
            _ => Err(Unavailable::because("a side is missing")),
        }
    };
    told(name, measured(), trust().involuntary)
}

/// What is told of it. Where nobody counts that a thread loses its CPU, all events seem undisturbed.
fn told(name: &str, found: Reading<Side>, counted: Reading<()>) -> Waited {
    let times = found.as_ref().map(|side| side.times.clone()).map_err(|reason| *reason);
    let latency = Timing::reading(name, &times).unless_counted(counted);
    Waited { latency, busy: found.and_then(|side| side.busy) }
}

fn two(cpus: &Placement) -> Reading<[usize; 2]> {
    match cpus.reading()?[..] {
        [one, other, ..] => Ok([one, other]),
        _ => Err(Unavailable::because("this takes a CPU for each side")),
    }
}

/// What one of the two has seen.
struct Side {
    times: Vec<Nanos>,
    /// Whether it kept its CPU around each event.
    undisturbed: Vec<bool>,
    busy: Reading<Share>,
}

impl Side {
    /// Without those around which one of the two lost its CPU.
    fn beside(self, other: &Self) -> Self {
        let kept = self.undisturbed.iter().zip(&other.undisturbed).map(|(one, other)| *one && *other);
        let times = self.times.iter().zip(kept).filter(|(_, kept)| *kept).map(|(time, _)| *time).collect();
        Self { times, ..self }
    }
}

/// When each event was made; not yet, to begin with.
fn stamps() -> Vec<AtomicU64> {
    (0..EVENTS).map(|_| AtomicU64::new(u64::MAX)).collect()
}

/// Makes the events, and notes when.
fn ringing(bell: RawFd, stamps: &[AtomicU64], begun: Instant, has_left: &AtomicBool) -> Side {
    /// Whatever happens, nobody waits for ever: it rings on until the other side has left. Not all at once: a wait that takes
    /// whatever has rung has to end as well.
    struct Releases<'a>(RawFd, &'a AtomicBool);
    impl Drop for Releases<'_> {
        fn drop(&mut self) {
            while !self.1.load(SeqCst) {
                let _ = crate::io::ring_by_descriptor(self.0, EVENTS as u64);
                std::thread::sleep(20 * APART);
            }
        }
    }
    let _releases = Releases(bell, has_left);
    let mut undisturbed = Vec::with_capacity(EVENTS);
    std::thread::sleep(2 * APART);
    for stamp in stamps {
        std::thread::sleep(APART);
        let before = preempted();
        stamp.store(begun.elapsed().as_nanos() as u64, SeqCst);
        let _ = crate::io::ring_by_descriptor(bell, 1);
        undisturbed.push(preempted() == before);
    }
    // So that the last one is heard before the rest is released.
    std::thread::sleep(4 * APART);
    Side { times: Vec::new(), undisturbed, busy: Err(Unavailable::because("it did not wait")) }
}

fn waiting(stamps: &[AtomicU64], begun: Instant, wait: &mut dyn FnMut() -> Reading<()>) -> Reading<Side> {
    let (mut times, mut undisturbed) = (Vec::with_capacity(EVENTS), Vec::with_capacity(EVENTS));
    let (start, mut before) = (Snapshot::take(), preempted());
    let mut last = 0;
    for stamp in stamps {
        wait()?;
        let now = begun.elapsed().as_nanos() as u64;
        let (made, after) = (stamp.load(SeqCst), preempted());
        times.push(Nanos(now.saturating_sub(made) as f64));
        // Who was away while several happened finds them all at once, and has not waited for any but the first.
        undisturbed.push(after == before && last < made && made <= now);
        (before, last) = (after, now);
    }
    let ledger = start.since();
    // When others had its CPU, it was not waiting for the event.
    let own = ledger.waited.map(|waited| Nanos(ledger.elapsed.0 - waited.0));
    Ok(Side { times, undisturbed, busy: Share::of(&ledger.cpu, &own) })
}

/// How often this thread's CPU was taken from it.
fn preempted() -> Count {
    usage(Whose::Thread).map_or(Count(0), |usage| usage.involuntary)
}

/// Times an operation that needs something and may fail: a file, a ring. Where it is missing, or a call fails, the timing
/// says why.
///
/// ```
/// use helpers::{Bytes, io::Disk, waiting::measure_having};
/// // How long does it take to copy a page from the cache?
/// let file = Disk::in_the_cache(Bytes(1 << 20));
/// println!("{}", measure_having("read", &file, |file| file.read(file.somewhere(), 4096)));
/// ```
pub fn measure_having<T, O: Tried>(name: &str, kit: &Reading<T>, op: impl Fn(&T) -> O) -> Timing {
    let measured = || -> Reading<Timing> {
        let kit = kit.as_ref().map_err(|reason| *reason)?;
        op(kit).tried()?;
        let failed = Cell::new(Ok(()));
        let timing = crate::measure::measure(name, || {
            let done = op(kit).tried();
            if done.is_err() {
                failed.set(done);
            }
        });
        failed.get().map(|()| timing)
    };
    measured().unwrap_or_else(|reason| Timing::unavailable(name, reason))
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
