//! Memory in whole pages, as a device wants it.

use crate::reading::{Reading, Unavailable};
use crate::units::Bytes;
use std::ops::{Deref, DerefMut};

/// Memory that begins on a page, has been touched, and belongs to nobody else.
///
/// ```
/// use helpers::{Bytes, io::Pages};
/// let pages = Pages::of(Bytes(4096)).unwrap();
/// // May a device write straight into this?
/// assert!(pages.as_ptr().addr() % 4096 == 0 && pages.len() == 4096);
/// ```
#[derive(Debug)]
pub struct Pages {
    start: *mut u8,
    length: usize,
}

// SAFETY: the memory belongs to this value alone.
unsafe impl Send for Pages {}

impl Pages {
    /// So much, all zeros.
    ///
    /// # Errors
    /// When there is no memory left, or none was asked for.
    pub fn of(size: Bytes) -> Reading<Self> {
        let length = usize::try_from(size.0).unwrap_or(usize::MAX);
        let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANON);
        // SAFETY: a new private mapping, at an address the kernel chooses, overlaps nothing.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), length, access, kind, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(Unavailable::refused(
                "memory for a device to write to",
                &std::io::Error::last_os_error(),
            ));
        }
        let mut pages = Self { start: start.cast(), length };
        // Not once a measurement runs.
        pages.fill(0);
        Ok(pages)
    }
}

impl Deref for Pages {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the mapping is so long, initialised, and lives as long as this value.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}

impl DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as for reading; nobody else has it.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.length) }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: mapped once, unmapped here once, with nothing pointing into it.
        unsafe { libc::munmap(self.start.cast(), self.length) };
    }
}
