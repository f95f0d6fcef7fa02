//! Many descriptors, and the ways to find the one that is ready.

use crate::io::{Epoll, Event};
use crate::measure::Timing;
use crate::reading::{Reading, Unavailable};
use crate::units::{Count, Nanos};
use std::cell::{Cell, RefCell};
use std::os::fd::AsRawFd;
use std::time::Instant;

/// More descriptors than this would fill the kernel's memory, where no limit keeps one from it.
const MOST: usize = 100_000;

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
        if size > MOST {
            let (size, most) = (Count(size as u64), Count(MOST as u64));
            return Err(Unavailable::because(format!(
                "at most {most} descriptors are made for this, not {size}"
            )));
        }
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

/// Times how long it takes to find and to take the one that is ready among so many, 100,000 at most, under this name and their
/// number. `find` tells its place.
///
/// ```
/// use helpers::{io::Event, waiting::find_one};
/// // How long does it take to ask each of a hundred?
/// println!("{}", find_one("ask each", 100, |crowd| crowd.events.iter().position(Event::try_take)));
/// ```
pub fn find_one<P: TryInto<usize>>(name: &str, size: usize, find: impl Fn(&Crowd) -> Option<P>) -> Timing {
    found_by(name, size, &mut |crowd| find(crowd).and_then(|place| place.try_into().ok()))
}

/// The same for places of one type. Not generic, so that only the way to find it is compiled in the cell that uses it.
fn found_by(name: &str, size: usize, find: &mut dyn FnMut(&Crowd) -> Option<usize>) -> Timing {
    const ROUNDS: usize = 300;
    let mut measured = || -> Reading<Vec<Nanos>> {
        let crowd = Crowd::of(size.max(1))?;
        let mut times = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let rung = crowd.ring_one();
            let start = Instant::now();
            let found = find(&crowd);
            // Who asks each has taken it already.
            crowd.events[rung].try_take();
            times.push(Nanos(start.elapsed().as_nanos() as f64));
            if found != Some(rung) {
                return Err(Unavailable::because(format!("{name} did not find the one that had rung")));
            }
        }
        Ok(times)
    };
    Timing::reading(format!("{name}, among {}", Count(size.max(1) as u64)), &measured())
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
        let wanted = open.saturating_add(more).max(before.rlim_cur).min(before.rlim_max);
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
