//! Waiting for something, in different ways: how late one is, what it burns, and how it is found among many.

use crate::interrupts::Tried;
use crate::io::{Epoll, Event};
use crate::ledger::Snapshot;
use crate::ledger::counters::{Whose, usage};
use crate::machine::barrier::on_cpus;
use crate::machine::placement::Placement;
use crate::measure::Timing;
use crate::reading::{Reading, Unavailable};
use crate::units::{Count, Nanos, Share};
use std::cell::{Cell, RefCell};
use std::fmt::{self, Display, Formatter};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

/// How often something happens that is waited for.
const EVENTS: usize = 400;
/// How far apart: long enough for the one who waits to fall asleep.
const APART: Duration = Duration::from_micros(500);

/// One way to wait.
#[derive(Clone)]
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
    let measured = || -> Reading<Side> {
        let places = two(&cpus.into())?;
        let event = Event::new()?;
        let (bell, event) = (event.as_raw_fd(), Mutex::new(event));
        let (stamps, begun) = (stamps(), Instant::now());
        let sides = on_cpus(places, |side| {
            if side == 0 {
                return Ok(ringing(bell, &stamps, begun));
            }
            let event = event.lock().map_err(|_| Unavailable::because("the event is lost"))?;
            let tool = tool(&event)?;
            waiting(&stamps, begun, || wait(&event, &tool).tried())
        })?;
        let mut sides = sides.into_iter();
        match (sides.next(), sides.next()) {
            (Some(rang), Some(heard)) => Ok(heard?.beside(&rang?)),
            _ => Err(Unavailable::because("a side is missing")),
        }
    };
    let found = measured();
    let latency =
        Timing::reading(name, &found.as_ref().map(|side| side.times.clone()).map_err(|reason| *reason));
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
fn ringing(bell: RawFd, stamps: &[AtomicU64], begun: Instant) -> Side {
    /// Whatever happens, nobody waits for ever.
    struct Releases(RawFd);
    impl Drop for Releases {
        fn drop(&mut self) {
            let _ = crate::io::ring_by_descriptor(self.0, EVENTS as u64);
        }
    }
    let _releases = Releases(bell);
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

fn waiting(stamps: &[AtomicU64], begun: Instant, mut wait: impl FnMut() -> Reading<()>) -> Reading<Side> {
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

/// Many descriptors, of which one is ready.
pub struct Crowd {
    /// They, in order.
    pub events: Vec<Event>,
    /// A list of them all, each by its place.
    pub epoll: Epoll,
    polled: RefCell<Vec<libc::pollfd>>,
    next: Cell<usize>,
    _limit: Files,
}

impl Crowd {
    fn of(size: usize) -> Reading<Self> {
        let limit = Files::allow(size as u64 + 64);
        let events: Vec<Event> = (0..size).map(|_| Event::new()).collect::<Reading<_>>()?;
        let epoll = Epoll::new()?;
        for (name, event) in events.iter().enumerate() {
            event
                .wait(false)
                .and_then(|()| epoll.watch(event, name as u64))
                .map_err(|error| Unavailable::refused("epoll", &error))?;
        }
        let polled = |event: &Event| libc::pollfd { fd: event.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        let polled = RefCell::new(events.iter().map(polled).collect());
        Ok(Self { events, epoll, polled, next: Cell::new(0), _limit: limit })
    }

    /// Hands the kernel the whole list and asks which are ready, `poll(2)`: the place of the first.
    pub fn poll(&self) -> Option<usize> {
        let mut polled = self.polled.borrow_mut();
        // SAFETY: the kernel reads and writes the entries of a list whose length it is told.
        unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, 1000) };
        polled.iter().position(|one| one.revents != 0)
    }

    /// Rings one of them, another one each time; spread over all.
    fn ring_one(&self) -> usize {
        let place = self.next.get();
        self.next.set((place + 7919) % self.events.len());
        let _ = self.events[place].ring();
        place
    }
}

/// Times how long it takes to find and to take the one that is ready among so many. `find` tells its place.
///
/// ```
/// use helpers::{io::Event, waiting::find_one};
/// // How long does it take to ask each of a hundred?
/// println!("{}", find_one("ask each", 100, |crowd| crowd.events.iter().position(Event::try_take)));
/// ```
pub fn find_one<P: TryInto<usize>>(name: &str, size: usize, find: impl Fn(&Crowd) -> Option<P>) -> Timing {
    const ROUNDS: usize = 300;
    let measured = || -> Reading<Vec<Nanos>> {
        let crowd = Crowd::of(size.max(1))?;
        let mut times = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let rung = crowd.ring_one();
            let start = Instant::now();
            let found = find(&crowd);
            // Who asks each has taken it already.
            crowd.events[rung].try_take();
            times.push(Nanos(start.elapsed().as_nanos() as f64));
            if found.and_then(|place| place.try_into().ok()) != Some(rung) {
                return Err(Unavailable::because(format!("{name} did not find the one that had rung")));
            }
        }
        Ok(times)
    };
    Timing::reading(name, &measured())
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

/// A higher limit on open files, as far as it may be raised, until it is dropped.
struct Files(Option<libc::rlimit>);

impl Files {
    fn allow(more: u64) -> Self {
        let mut before = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the kernel fills in the one structure it is given, which outlives the call.
        if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut before) } != 0 {
            return Self(None);
        }
        let open = crate::ledger::open_files().map_or(64, |count| count.0);
        let wanted = (open + more).max(before.rlim_cur).min(before.rlim_max);
        let raised = libc::rlimit { rlim_cur: wanted, ..before };
        // SAFETY: the kernel reads one structure that outlives the call.
        let done = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const raised) };
        Self((done == 0).then_some(before))
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // SAFETY: as above. Files that are still open stay so.
            unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, before) };
        }
    }
}

/// Runs `act` in a thread of its own whose sleeps may be longer by this much, so that the kernel can wake several sleepers at
/// once: its *timer slack* (`prctl(2)`, `PR_SET_TIMERSLACK`), mostly 50 µs. The caller's own stays as it was.
///
/// # Errors
/// Where there is no such thing.
pub fn with_timer_slack<R: Send>(slack: Nanos, act: impl FnOnce() -> R + Send) -> Reading<R> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| set_slack(slack).map(|()| act()));
        thread.join().unwrap_or_else(|_| Err(Unavailable::because("a thread panicked")))
    })
}

/// Times an operation in a thread whose sleeps may be longer by this much; see [`with_timer_slack`].
///
/// ```
/// use helpers::{nanos, waiting::measure_with_slack};
/// use std::{thread::sleep, time::Duration};
/// // How long does the shortest sleep take, if the kernel must not bundle?
/// println!("{}", measure_with_slack("sleep", nanos(1.0), || sleep(Duration::from_micros(1))));
/// ```
pub fn measure_with_slack<T>(name: &str, slack: Nanos, op: impl FnMut() -> T + Send) -> Timing {
    let timed = with_timer_slack(slack, || crate::measure::measure(name, op));
    timed.unwrap_or_else(|reason| Timing::unavailable(name, reason))
}

#[cfg(target_os = "linux")]
fn set_slack(slack: Nanos) -> Reading<()> {
    // Nothing would mean the default again.
    let slack = slack.0.max(1.0) as libc::c_ulong;
    // SAFETY: the call takes a number.
    match unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, slack) } {
        0 => Ok(()),
        _ => Err(Unavailable::refused("PR_SET_TIMERSLACK", &std::io::Error::last_os_error())),
    }
}

#[cfg(not(target_os = "linux"))]
fn set_slack(_: Nanos) -> Reading<()> {
    Err(Unavailable::because("only Linux lets a thread choose its timer slack"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::units::{micros, millis};

    #[test]
    fn the_one_that_is_ready_is_found_among_many_and_nothing_stays_open() {
        let before = crate::ledger::open_files();
        for size in [1, 10, 300] {
            type Find = fn(&Crowd) -> Option<usize>;
            let ways: [(&str, Find); 3] = [
                ("ask each", |crowd| crowd.events.iter().position(Event::try_take)),
                ("poll", Crowd::poll),
                ("epoll", |crowd| crowd.epoll.wait(millis(1000.0)).next().map(|name| name as usize)),
            ];
            for (name, find) in ways {
                find_one(name, size, find).median().unwrap();
            }
        }
        assert!(find_one("nobody", 3, |_| None::<usize>).median().is_err());
        assert_eq!(crate::ledger::open_files(), before);
    }

    #[test]
    fn one_who_fails_to_wait_ends_with_its_reason() {
        let cpus = crate::Machine::here().all_cpus().same(2);
        let failed =
            waited("fails", &cpus, |_| Ok(()), |_, ()| Err::<(), _>(Unavailable::because("no wish to")));
        assert_eq!(failed.latency.median().unwrap_err().to_string(), "no wish to");
        let no_tool = waited("no tool", &cpus, |_| Err::<(), _>(Unavailable::because("none")), |_, ()| ());
        assert!(no_tool.busy.is_err());
        assert!(waited("alone", [0], |_| Ok(()), |_, ()| ()).latency.median().is_err());
        let blocked = waited("block", &cpus, |_| Ok(()), |event, ()| event.take());
        assert!(blocked.latency.median().is_ok_and(|time| time < millis(500.0)), "{}", blocked.latency);
    }

    #[test]
    fn slack_is_a_threads_own() {
        // SAFETY: the call takes no memory.
        let slack = || unsafe { libc::prctl(libc::PR_GET_TIMERSLACK) };
        let before = slack();
        assert_eq!(with_timer_slack(micros(7.0), slack), Ok(7_000));
        assert_eq!(slack(), before);
        assert!(
            with_timer_slack(micros(7.0), || panic!("on purpose"))
                .is_err_and(|reason: Unavailable| { reason.to_string().contains("panicked") })
        );
    }
}
