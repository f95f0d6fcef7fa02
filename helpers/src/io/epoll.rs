//! Being told which of many descriptors are ready: `epoll(7)`.

use crate::reading::Reading;
use crate::units::Nanos;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

/// How many are told at once.
const MOST: usize = 64;
#[cfg(target_os = "linux")]
const MOST_OF_THE_KERNELS: i32 = 64;

/// A list, kept by the kernel, of descriptors that somebody wants to hear of. Each is told for as long as it is ready
/// ("level-triggered").
///
/// ```
/// use helpers::{io::{Epoll, Event}, millis};
/// // Which of these two is ready?
/// if let (Ok(epoll), Ok(quiet), Ok(loud)) = (Epoll::new(), Event::new(), Event::new()) {
///     epoll.watch(&quiet, 1).and(epoll.watch(&loud, 2)).unwrap();
///     loud.ring().unwrap();
///     assert_eq!(epoll.wait(millis(100.0)).collect::<Vec<_>>(), [2]);
/// }
/// ```
#[derive(Debug)]
pub struct Epoll(#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "there is none"))] OwnedFd);

/// The names of those that are ready.
#[derive(Clone, Debug)]
pub struct Ready {
    names: [u64; MOST],
    next: usize,
    count: usize,
}

impl Ready {
    const NONE: Self = Self { names: [0; MOST], next: 0, count: 0 };

    /// Whether nobody was ready: then the time is over.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl Iterator for Ready {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let name = self.names[..self.count].get(self.next).copied();
        self.next += 1;
        name
    }
}

#[cfg(target_os = "linux")]
impl Epoll {
    /// An empty list.
    ///
    /// # Errors
    /// Where the kernel refuses it.
    pub fn new() -> Reading<Self> {
        // SAFETY: the call takes no memory.
        super::owned("epoll_create1", unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) }).map(Self)
    }

    /// A list with one descriptor on it.
    ///
    /// # Errors
    /// Where the kernel refuses it.
    pub fn watching(what: &impl AsRawFd) -> Reading<Self> {
        let epoll = Self::new()?;
        epoll.watch(what, 0).map_err(|error| crate::reading::Unavailable::refused("epoll", &error))?;
        Ok(epoll)
    }

    /// Puts a descriptor on the list: the kernel will tell when there is something to read from it, by this name.
    ///
    /// # Errors
    /// When the kernel refuses it: a regular file cannot be waited for, and EPERM says so.
    pub fn watch(&self, what: &impl AsRawFd, name: u64) -> io::Result<()> {
        let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: name };
        self.control(libc::EPOLL_CTL_ADD, what, &raw mut event)
    }

    /// Takes a descriptor off the list.
    ///
    /// # Errors
    /// When it is not on it.
    pub fn forget(&self, what: &impl AsRawFd) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_DEL, what, std::ptr::null_mut())
    }

    fn control(&self, act: i32, what: &impl AsRawFd, event: *mut libc::epoll_event) -> io::Result<()> {
        // SAFETY: the event, where there is one, outlives the call.
        let done = unsafe { libc::epoll_ctl(self.0.as_raw_fd(), act, what.as_raw_fd(), event) };
        if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Sleeps until one of them is ready, but no longer than this: the names of those that are, at most 64 at once; none when
    /// the time is over.
    pub fn wait(&self, limit: Nanos) -> Ready {
        const NOTHING: libc::epoll_event = libc::epoll_event { events: 0, u64: 0 };
        let mut events = [NOTHING; MOST];
        // A limit is in milliseconds here, and a part of one must not become none.
        let limit = (limit.0 / 1e6).ceil().clamp(0.0, 60_000.0) as i32;
        // SAFETY: the kernel writes at most so many events into the array.
        let told =
            unsafe { libc::epoll_wait(self.0.as_raw_fd(), events.as_mut_ptr(), MOST_OF_THE_KERNELS, limit) };
        // An interrupted wait (EINTR) has told of nobody.
        let count = usize::try_from(told).unwrap_or(0);
        let mut ready = Ready { count, ..Ready::NONE };
        for (name, event) in ready.names.iter_mut().zip(&events[..count]) {
            *name = event.u64;
        }
        ready
    }
}

#[cfg(not(target_os = "linux"))]
impl Epoll {
    /// There is none on this system.
    ///
    /// # Errors
    /// Always.
    pub fn new() -> Reading<Self> {
        super::only_linux("epoll")
    }

    /// There is none on this system.
    ///
    /// # Errors
    /// Always.
    pub fn watching(_: &impl AsRawFd) -> Reading<Self> {
        super::only_linux("epoll")
    }

    /// Never called: there is no list.
    ///
    /// # Errors
    /// Always.
    pub fn watch(&self, _: &impl AsRawFd, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Never called: there is no list.
    ///
    /// # Errors
    /// Always.
    pub fn forget(&self, _: &impl AsRawFd) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Never called: there is no list.
    pub fn wait(&self, _: Nanos) -> Ready {
        Ready::NONE
    }
}
