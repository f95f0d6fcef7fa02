//! The smallest thing that can be waited for: `eventfd(2)`, a number in the kernel.

use crate::reading::Reading;
use std::cell::Cell;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// Rings that wait to be taken, one by one. (Without `EFD_SEMAPHORE` one taking would take them all, and somebody who waits
/// for the next would wait for ever.)
#[derive(Debug)]
pub struct Event {
    descriptor: OwnedFd,
    /// Whether taking waits; what the descriptor was told last.
    waits: Cell<bool>,
}

impl AsRawFd for Event {
    fn as_raw_fd(&self) -> RawFd {
        self.descriptor.as_raw_fd()
    }
}

impl Event {
    /// Nothing has rung yet.
    ///
    /// # Errors
    /// Where there are no such events, or no descriptor is left.
    #[cfg(target_os = "linux")]
    pub fn new() -> Reading<Self> {
        // SAFETY: the call takes no memory.
        let descriptor = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_SEMAPHORE) };
        Ok(Self { descriptor: super::owned("eventfd", descriptor)?, waits: Cell::new(true) })
    }

    /// There are none on this system.
    ///
    /// # Errors
    /// Always.
    #[cfg(not(target_os = "linux"))]
    pub fn new() -> Reading<Self> {
        super::only_linux("eventfd")
    }

    /// Rings once.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn ring(&self) -> io::Result<()> {
        self.ring_times(1)
    }

    pub(crate) fn ring_times(&self, times: u64) -> io::Result<()> {
        ring_by_descriptor(self.as_raw_fd(), times)
    }

    /// Takes one ring; sleeps until there is one.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn take(&self) -> io::Result<()> {
        self.wait(true)?;
        taken(self.as_raw_fd())
    }

    /// Takes one ring, if there is one.
    pub fn try_take(&self) -> bool {
        self.wait(false).and_then(|()| taken(self.as_raw_fd())).is_ok()
    }

    /// Whether a reader of the descriptor waits, or is told that there is nothing.
    pub(crate) fn wait(&self, waits: bool) -> io::Result<()> {
        if self.waits.replace(waits) == waits {
            return Ok(());
        }
        let flags = if waits { 0 } else { libc::O_NONBLOCK };
        // SAFETY: the call takes no memory.
        let done = unsafe { libc::fcntl(self.as_raw_fd(), libc::F_SETFL, flags) };
        if done == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

/// Rings an event by its descriptor: for a thread that does not own it.
pub(crate) fn ring_by_descriptor(event: RawFd, times: u64) -> io::Result<()> {
    // SAFETY: the kernel reads eight bytes from a live number.
    let written = unsafe { libc::write(event, (&raw const times).cast(), 8) };
    if written == 8 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn taken(event: RawFd) -> io::Result<()> {
    let mut count = 0_u64;
    // SAFETY: the kernel writes eight bytes into a live number.
    let read = unsafe { libc::read(event, (&raw mut count).cast(), 8) };
    if read == 8 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn rings_are_taken_one_by_one() {
        let event = Event::new().unwrap();
        event.ring().unwrap();
        event.ring_times(2).unwrap();
        assert!(event.take().is_ok() && event.try_take() && event.try_take() && !event.try_take());
    }
}
