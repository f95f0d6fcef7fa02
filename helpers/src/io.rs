//! The kernel's ways to wait and to read, thin and safe: so that a cell holds the idea, and not the pointers.
//!
//! [`Epoll`] and [`Ring`] are the system calls themselves, behind readings: a policy may forbid them, another system has
//! neither. [`Event`] is the smallest thing that can be waited for, [`Disk`] a file that is read past the kernel's cache. What
//! waits here has a limit, and what is dropped gives back its descriptors and its memory.

mod disk;
mod epoll;
mod event;
mod home;
mod pages;
mod ring;

pub use disk::Disk;
pub use epoll::{Epoll, Ready};
pub use event::Event;
pub(crate) use event::ring_by_descriptor;
pub use home::Home;
pub use pages::Pages;
pub use ring::Ring;

use crate::reading::{Reading, Unavailable};
#[cfg(target_os = "linux")]
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

/// Both of two things, or why there is one missing.
///
/// ```
/// use helpers::{Reading, Unavailable, io::both};
/// let (ring, disk): (Reading<u8>, Reading<u8>) = (Ok(1), Err(Unavailable::because("no disk")));
/// assert_eq!(both(&ring, &disk).unwrap_err().to_string(), "no disk");
/// ```
///
/// # Errors
/// When one of them is missing: its reason.
pub fn both<'a, A, B>(one: &'a Reading<A>, other: &'a Reading<B>) -> Reading<(&'a A, &'a B)> {
    let (one, other) = (one.as_ref().map_err(|reason| *reason)?, other.as_ref().map_err(|reason| *reason)?);
    Ok((one, other))
}

/// Whether the kernel refuses something.
///
/// ```
/// use helpers::{Reading, io::refuses};
/// // May nobody be waited for?
/// let nobody: Reading<i32> = Ok(-1);
/// assert_eq!(refuses(&nobody, |_| std::fs::File::open("/no/such/file")), Ok(true));
/// ```
///
/// # Errors
/// When there is nothing to try it with.
pub fn refuses<T, R>(kit: &Reading<T>, act: impl FnOnce(&T) -> std::io::Result<R>) -> Reading<bool> {
    kit.as_ref().map(|kit| act(kit).is_err()).map_err(|reason| *reason)
}

/// A fresh descriptor, or why there is none.
#[cfg(target_os = "linux")]
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
