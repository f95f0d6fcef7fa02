//! The page of memory on which a child writes down what becomes of it, for its parent to read.

use super::decode::{Caught, Progress, Raw};
use crate::reading::{Reading, Unavailable};
use crate::units::Nanos;
use std::cell::UnsafeCell;
use std::ffi::c_int;
use std::io::Error;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU32, AtomicU64, AtomicUsize, Ordering::SeqCst};

const TEXT: usize = 60 << 10;

pub(super) const FINISHED: u32 = 1;
pub(super) const PANICKED: u32 = 2;

/// The page that parent and child share: the child writes, the parent reads when the child is gone. All zeros is empty.
#[repr(C)]
pub(super) struct Report {
    pub(super) progress: AtomicU32,
    /// When the act began and when its signal arrived, by the monotonic clock in nanoseconds.
    pub(super) began: AtomicU64,
    pub(super) arrived: AtomicU64,
    pub(super) signal: AtomicI32,
    pub(super) code: AtomicI32,
    pub(super) address: AtomicU64,
    pub(super) has_trap: AtomicU32,
    pub(super) trap: AtomicU64,
    pub(super) error: AtomicU64,
    pub(super) instruction: AtomicU64,
    pub(super) has_value: AtomicU32,
    pub(super) value: AtomicI64,
    pub(super) errno: AtomicI32,
    length: AtomicUsize,
    text: UnsafeCell<[u8; TEXT]>,
}

impl Report {
    /// The child's answer, or as much of it as there is room for.
    pub(super) fn write(&self, text: &str) {
        let length = text.len().min(TEXT);
        // SAFETY: only the child writes, once; the parent reads when the child is gone. The buffer has that length.
        unsafe { self.text.get().cast::<u8>().copy_from_nonoverlapping(text.as_ptr(), length) };
        self.length.store(length, SeqCst);
    }
}

/// The shared page; unmapped when dropped.
pub(super) struct Shared(*mut Report);

impl Shared {
    pub(super) fn map() -> Reading<Self> {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let kind = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
        // SAFETY: a new mapping, at an address the kernel chooses, overlaps nothing.
        let page = unsafe { libc::mmap(null_mut(), size_of::<Report>(), access, kind, -1, 0) };
        if page == libc::MAP_FAILED {
            return Err(Unavailable::refused("mmap of a shared page", &Error::last_os_error()));
        }
        Ok(Self(page.cast()))
    }

    /// The page itself, for the child.
    pub(super) fn page(&self) -> *mut Report {
        self.0
    }

    /// What a child that is gone has left, and when that was known.
    pub(super) fn read(&self, status: Option<c_int>) -> Raw {
        let known = monotonic();
        // SAFETY: mapped, zeroed by the kernel, and since then written through atomics only.
        let page = unsafe { &*self.0 };
        let signal = page.signal.load(SeqCst);
        let caught = (signal != 0).then(|| Caught {
            signal,
            code: page.code.load(SeqCst),
            address: page.address.load(SeqCst),
            trap: (page.has_trap.load(SeqCst) != 0).then(|| page.trap.load(SeqCst)),
            error: page.error.load(SeqCst),
            instruction: page.instruction.load(SeqCst),
        });
        let progress = match page.progress.load(SeqCst) {
            FINISHED => Progress::Finished,
            PANICKED => Progress::Panicked,
            _ => Progress::Unfinished,
        };
        let began = page.began.load(SeqCst);
        let since = |moment: u64| (began > 0 && moment >= began).then(|| Nanos((moment - began) as f64));
        let length = page.length.load(SeqCst).min(TEXT);
        // SAFETY: the child is gone, so nobody writes; the length is within the buffer.
        let text = unsafe { std::slice::from_raw_parts(page.text.get().cast::<u8>(), length) };
        Raw {
            status,
            caught,
            progress,
            value: (page.has_value.load(SeqCst) != 0).then(|| page.value.load(SeqCst)),
            errno: page.errno.load(SeqCst),
            text: String::from_utf8_lossy(text).into_owned(),
            until_signal: since(page.arrived.load(SeqCst)),
            until_known: since(known),
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: mapped by `map` with this size, and no reference into it outlives this value.
        unsafe { libc::munmap(self.0.cast(), size_of::<Report>()) };
    }
}

/// The monotonic clock in nanoseconds, the same for parent and child, and safe to read in a signal handler.
pub(super) fn monotonic() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes into a live variable.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}
