//! The kernel's ways to wait and to read, thin and safe: so that a cell holds the idea, and not the pointers.
//!
//! [`Epoll`] and [`Ring`] are the system calls themselves, behind readings: a policy may forbid them, another system has
//! neither. [`Event`] is the smallest thing that can be waited for, [`Disk`] a file that is read past the kernel's cache. What
//! waits here has a limit, and what is dropped gives back its descriptors and its memory.

mod disk;
mod epoll;
mod event;
mod pages;
mod ring;

pub use disk::Disk;
pub use epoll::{Epoll, Ready};
pub use event::Event;
pub use pages::Pages;
pub use ring::Ring;

use crate::reading::{Reading, Unavailable};
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

/// A fresh descriptor, or why there is none.
fn owned(call: &str, descriptor: RawFd) -> Reading<OwnedFd> {
    if descriptor < 0 {
        return Err(Unavailable::refused(call, &std::io::Error::last_os_error()));
    }
    // SAFETY: the kernel has just given out this descriptor, and to nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

#[cfg(not(target_os = "linux"))]
fn only_linux<T>(what: &str) -> Reading<T> {
    Err(Unavailable::because(format!("{what} exists on Linux only; open this notebook on Linux or Binder")))
}
