//! Being told that something has been done: `io_uring(7)`.

#[cfg(target_os = "linux")]
pub use linux::Ring;
#[cfg(not(target_os = "linux"))]
pub use none::Ring;

#[cfg(target_os = "linux")]
mod linux {
    use crate::io::Pages;
    use crate::reading::{Reading, Unavailable};
    use crate::units::{Bytes, Nanos};
    use io_uring::types::{CancelBuilder, Fd, SubmitArgs, Timespec};
    use io_uring::{IoUring, opcode};
    use std::cell::RefCell;
    use std::mem::ManuallyDrop;
    use std::os::fd::{AsRawFd, RawFd};

    const PAGE: usize = 4096;

    /// Two queues in memory that program and kernel share: in one the program puts what it wants done, in the other the kernel
    /// puts what it has done. Reads go into pages of the ring's own.
    pub struct Ring(RefCell<Rooms>);

    struct Rooms {
        queues: IoUring,
        /// Where reads go to. Given back only when the kernel writes to none of them any more.
        pages: ManuallyDrop<Pages>,
        entries: usize,
        /// The page of the next read.
        next: usize,
        in_flight: usize,
        /// Whether what was asked for was done; or what nobody has been told of yet.
        outcome: Reading<()>,
    }

    impl Ring {
        /// Room for so many reads at once.
        ///
        /// # Errors
        /// Where a policy forbids it, as Docker's does, or the kernel has no such thing.
        ///
        /// ```
        /// use helpers::{io::{Event, Ring}, millis};
        /// // Who reads here?
        /// if let (Ok(ring), Ok(event)) = (Ring::new(8), Event::new()) {
        ///     ring.read(&event, 8, 0);
        ///     ring.submit();
        ///     event.ring().unwrap();
        ///     assert_eq!(ring.wait(1, millis(100.0)), Ok(1)); // the kernel did
        /// }
        /// ```
        pub fn new(entries: u32) -> Reading<Self> {
            let entries = entries.clamp(1, 4096).next_power_of_two();
            let queues = IoUring::new(entries).map_err(|error| refused(&error))?;
            let pages = ManuallyDrop::new(Pages::of(Bytes(u64::from(entries) * PAGE as u64))?);
            let (entries, outcome) = (entries as usize, Ok(()));
            Ok(Self(RefCell::new(Rooms { queues, pages, entries, next: 0, in_flight: 0, outcome })))
        }

        /// Puts a read into the queue: so many bytes, a page at most, of what lies there. Nothing happens yet. What there is no
        /// room for is not read.
        pub fn read(&self, what: &impl AsRawFd, length: u32, place: u64) {
            self.0.borrow_mut().read(what.as_raw_fd(), length, place);
        }

        /// Shows the kernel what is in the queue, and does not wait. Whether it took it, the [`outcome`](Self::outcome) says.
        pub fn submit(&self) {
            let mut rooms = self.0.borrow_mut();
            if let Err(error) = rooms.queues.submit() {
                rooms.outcome = rooms.outcome.and(Err(refused(&error)));
            }
        }

        /// Shows the kernel what is in the queue, and sleeps until so many reads are done, but no longer than this: how many were
        /// done without an error, these and earlier ones.
        ///
        /// # Errors
        /// When the time is over, a read failed, or the [`outcome`](Self::outcome) of an earlier one was still untold.
        pub fn wait(&self, reads: usize, limit: Nanos) -> Reading<usize> {
            self.outcome()?;
            self.0.borrow_mut().wait(reads, limit)
        }

        /// Whether a read has been done, or can't be: takes it out of the queue. It looks into memory, and asks nobody. How it
        /// went, the [`outcome`](Self::outcome) says.
        pub fn is_done(&self) -> bool {
            let mut rooms = self.0.borrow_mut();
            if let Some(result) = rooms.taken() {
                rooms.outcome = rooms.outcome.and(result);
                return true;
            }
            rooms.outcome.is_err()
        }

        /// What came of it, since this was last asked: of what was submitted, and of the reads that were found done.
        ///
        /// # Errors
        /// The first reason for which the kernel took no reads, or one failed.
        pub fn outcome(&self) -> Reading<()> {
            std::mem::replace(&mut self.0.borrow_mut().outcome, Ok(()))
        }
    }

    impl Rooms {
        fn read(&mut self, what: RawFd, length: u32, place: u64) {
            if self.in_flight == self.entries {
                return;
            }
            let into = self.pages[self.next * PAGE..].as_mut_ptr();
            let read = opcode::Read::new(Fd(what), into, length.min(PAGE as u32));
            // SAFETY: the page lies in the ring's own memory, which is kept until the kernel has done with it; who gives the
            // descriptor may close it, and then the kernel finds nothing to read.
            let queued = unsafe { self.queues.submission().push(&read.offset(place).build()) };
            if queued.is_ok() {
                self.next = (self.next + 1) % self.entries;
                self.in_flight += 1;
            }
        }

        fn wait(&mut self, reads: usize, limit: Nanos) -> Reading<usize> {
            let reads = reads.min(self.in_flight);
            let (seconds, rest) = ((limit.0 / 1e9) as u64, (limit.0 % 1e9) as u32);
            let time = Timespec::new().sec(seconds).nsec(rest);
            let arguments = SubmitArgs::new().timespec(&time);
            let submitted = self.queues.submitter().submit_with_args(reads, &arguments);
            if let Err(error) = submitted
                && error.raw_os_error() != Some(libc::ETIME)
            {
                return Err(refused(&error));
            }
            let (mut done, mut failed) = (0, Ok(()));
            while let Some(result) = self.taken() {
                done += 1;
                failed = failed.and(result);
            }
            failed?;
            if done < reads {
                return Err(Unavailable::because(format!(
                    "{done} of {reads} reads were done within {limit}"
                )));
            }
            Ok(done)
        }

        fn taken(&mut self) -> Option<Reading<()>> {
            let done = self.queues.completion().next()?;
            self.in_flight -= 1;
            let errno = -done.result();
            let failed = || refused(&std::io::Error::from_raw_os_error(errno));
            Some(if errno > 0 { Err(failed()) } else { Ok(()) })
        }
    }

    impl Drop for Rooms {
        fn drop(&mut self) {
            if self.in_flight > 0 {
                let time = Timespec::new().sec(1);
                let _ = self.queues.submitter().register_sync_cancel(Some(time), CancelBuilder::any());
                let _ = self.wait(self.in_flight, Nanos(1e9));
            }
            // What the kernel may still write to is never given back.
            if self.in_flight == 0 {
                // SAFETY: dropped here once, and never used again.
                unsafe { ManuallyDrop::drop(&mut self.pages) };
            }
        }
    }

    fn refused(error: &std::io::Error) -> Unavailable {
        let switched_off = crate::proc::read("/proc/sys/kernel/io_uring_disabled");
        let reason = Unavailable::refused("io_uring", error);
        match switched_off.as_deref() {
            Ok([b'1' | b'2', ..]) => {
                Unavailable::because(format!("{reason} (sysctl kernel.io_uring_disabled)"))
            }
            _ => reason,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use crate::io::Event;
        use crate::units::millis;

        #[test]
        fn what_is_never_done_is_called_off_and_leaves_nothing() {
            let Ok(ring) = Ring::new(4) else { return };
            let event = Event::new().unwrap();
            for _ in 0..6 {
                ring.read(&event, 8, 0);
            }
            assert_eq!(ring.0.borrow().in_flight, 4, "what there is no room for is not read");
            let reason = ring.wait(1, millis(5.0)).unwrap_err().to_string();
            assert!(reason.contains("0 of 1"), "{reason}");
            let begun = std::time::Instant::now();
            drop(ring);
            assert!(begun.elapsed().as_millis() < 900);
        }

        #[test]
        fn a_read_that_fails_says_why() {
            let Ok(ring) = Ring::new(4) else { return };
            ring.read(&-1, 8, 0);
            assert!(ring.wait(1, millis(100.0)).unwrap_err().to_string().contains("io_uring"));
            ring.read(&-1, 8, 0);
            ring.submit();
            while !ring.is_done() {}
            assert!(ring.outcome().unwrap_err().to_string().contains("Bad file descriptor"));
            assert_eq!((ring.outcome(), ring.is_done()), (Ok(()), false), "it is told once");
        }

        #[test]
        fn what_the_kernel_did_not_take_is_over_and_says_why() {
            let (Ok(ring), Ok(event)) = (Ring::new(4), Event::new()) else { return };
            for told in [Ring::outcome, |ring: &Ring| ring.wait(1, millis(1.0)).map(drop)] {
                ring.read(&event, 8, 0);
                // SAFETY: both descriptors are open. The ring's own memory stays, but its number is now an event's, which takes
                // no reads.
                unsafe { libc::dup2(event.as_raw_fd(), ring.0.borrow().queues.as_raw_fd()) };
                ring.submit();
                assert!(ring.is_done(), "who watches for it would watch for ever");
                assert!(told(&ring).unwrap_err().to_string().contains("io_uring"));
                assert!(!ring.is_done() && ring.outcome().is_ok(), "it is told once");
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod none {
    use crate::reading::Reading;
    use crate::units::Nanos;
    use std::os::fd::AsRawFd;

    /// There is none on this system.
    pub struct Ring(());

    impl Ring {
        /// There is none on this system.
        ///
        /// # Errors
        /// Always.
        pub fn new(_: u32) -> Reading<Self> {
            crate::io::only_linux("io_uring")
        }

        /// Never called: there is no ring.
        pub fn read(&self, _: &impl AsRawFd, _: u32, _: u64) {}

        /// Never called: there is no ring.
        pub fn submit(&self) {}

        /// Never called: there is no ring.
        ///
        /// # Errors
        /// Always.
        pub fn wait(&self, _: usize, _: Nanos) -> Reading<usize> {
            crate::io::only_linux("io_uring")
        }

        /// Never called: there is no ring.
        pub fn is_done(&self) -> bool {
            false
        }

        /// Never called: there is no ring.
        ///
        /// # Errors
        /// Always.
        pub fn outcome(&self) -> Reading<()> {
            crate::io::only_linux("io_uring")
        }
    }
}
