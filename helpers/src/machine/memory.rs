//! Memory that the kernel has promised and not yet given: for looking at page faults and at pages of several sizes.
//!
//! A block is asked for by `mmap(2)`, whose wish for small or huge pages is `madvise(2)`. It begins at a multiple of the size of
//! a huge page: kernels before 6.7 don't align blocks by themselves, and one that lies across a boundary holds fewer.
//! Source: *Transparent Hugepage Support* in the kernel's documentation (`admin-guide/mm/transhuge`).

use super::page_size;
use super::pages::page_of;
use crate::proc;
use crate::reading::{Reading, Unavailable};
use crate::units::Bytes;
use std::io::{Error, ErrorKind, Result};
use std::ptr::null_mut;

/// A huge page where pages have 4 KiB. With pages of 16 KiB it has 32 MiB, with those of 64 KiB 512 MiB: no blocks for an
/// experiment, so there none is given.
const HUGE: usize = 2 << 20;

/// A block of memory that belongs to nobody else. It goes back to the kernel when it is dropped.
pub struct Memory {
    start: *mut u8,
    length: usize,
    /// The whole of what was asked for, to be given back.
    mapped: (*mut u8, usize),
}

// SAFETY: the block has one owner, and any thread may touch or unmap it.
unsafe impl Send for Memory {}

/// What a page of the block is wished to be like.
enum Wish {
    Small,
    Huge,
}

impl Memory {
    /// So much memory, in the pages that are usual on this machine and no larger ones. Nothing of it is there before it is touched.
    ///
    /// ```
    /// use helpers::{Bytes, Memory, count};
    /// // Is memory there once it's promised?
    /// let memory = Memory::in_small_pages(Bytes(1 << 20)).unwrap();
    /// let faults = count(|| memory.pages().for_each(|page| unsafe { page.write_volatile(1) })).minor_faults;
    /// assert!(faults.is_err() || faults.unwrap().0 >= memory.pages().count() as u64);
    /// ```
    ///
    /// # Errors
    /// When the kernel refuses, or nothing is asked for.
    pub fn in_small_pages(size: Bytes) -> Result<Self> {
        Self::promised(size, &Wish::Small)
    }

    /// So much memory, in huge pages if the kernel grants the wish. It need not, where its memory is in pieces.
    ///
    /// # Errors
    /// When the kernel refuses, knows no such wish, or says that it grants none (the block would be one of small pages), or when
    /// nothing is asked for.
    pub fn in_huge_pages(size: Bytes) -> Result<Self> {
        let said = |name: &str| {
            let bytes = proc::read(format!("/sys/kernel/mm/transparent_hugepage/{name}")).ok()?;
            String::from_utf8(bytes).ok()
        };
        never_granted(said("enabled").as_deref(), said("hpage_pmd_size").as_deref()).map_or_else(
            || Self::promised(size, &Wish::Huge),
            |why| Err(Error::new(ErrorKind::Unsupported, why)),
        )
    }

    fn promised(size: Bytes, wish: &Wish) -> Result<Self> {
        if size.0 == 0 {
            return Err(Error::new(ErrorKind::InvalidInput, "no memory was asked for"));
        }
        let too_large = || Error::from_raw_os_error(libc::ENOMEM);
        let length = usize::try_from(size.0).ok().and_then(|size| size.checked_next_multiple_of(page_size()));
        let length = length.ok_or_else(too_large)?;
        let whole = length.checked_add(HUGE).ok_or_else(too_large)?;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: a fresh block that nothing else refers to.
        let mapped = unsafe { libc::mmap(null_mut(), whole, access, kind, -1, 0) };
        if mapped == libc::MAP_FAILED {
            return Err(Error::last_os_error());
        }
        let mapped = mapped.cast::<u8>();
        let start = mapped.wrapping_add(mapped.align_offset(HUGE));
        let memory = Self { start, length, mapped: (mapped, whole) };
        memory.advise(wish).map(|()| memory)
    }

    #[cfg(target_os = "linux")]
    fn advise(&self, wish: &Wish) -> Result<()> {
        let wish = match wish {
            Wish::Small => libc::MADV_NOHUGEPAGE,
            Wish::Huge => libc::MADV_HUGEPAGE,
        };
        // SAFETY: advice on the own block; no content is touched.
        if unsafe { libc::madvise(self.start.cast(), self.length, wish) } == 0 {
            return Ok(());
        }
        match (Error::last_os_error(), wish) {
            // A kernel without huge pages need not be told to use none.
            (error, libc::MADV_NOHUGEPAGE) if error.raw_os_error() == Some(libc::EINVAL) => Ok(()),
            (error, _) => Err(error),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn advise(&self, wish: &Wish) -> Result<()> {
        match wish {
            Wish::Small => Ok(()),
            Wish::Huge => Err(Error::new(
                ErrorKind::Unsupported,
                "this system takes no wish for huge pages of a mapping; Linux does",
            )),
        }
    }

    /// Where its pages begin, in their order.
    pub fn pages(&self) -> impl Iterator<Item = *mut u8> + use<> {
        let start = self.start;
        (0..self.length).step_by(page_size()).map(move |offset| start.wrapping_add(offset))
    }

    /// Lays a ring of links through the block: so many, so far apart, in an order that looks random, so that no CPU guesses the
    /// next. Those that don't fit into the block are left out. It touches every page that a link lies on.
    ///
    /// ```
    /// use helpers::{Bytes, Memory};
    /// // Do eight links bring us back to the first?
    /// let mut ring = Memory::in_small_pages(Bytes(1 << 16)).unwrap().ring(8, 64);
    /// let first = ring.at;
    /// for _ in 0..8 {
    ///     ring.at = unsafe { (*ring.at).next };
    /// }
    /// assert_eq!(ring.at, first);
    /// ```
    pub fn ring(self, links: u64, apart: u64) -> Ring {
        let [links, apart] = [links, apart].map(|number| usize::try_from(number).unwrap_or(usize::MAX));
        let apart = apart.clamp(size_of::<Link>(), self.length).next_multiple_of(align_of::<Link>());
        let room = (self.length - size_of::<Link>()) / apart + 1;
        // The steps below visit every place when their number is a power of two.
        let links = 1 << links.clamp(1, room).ilog2();
        #[expect(
            clippy::cast_ptr_alignment,
            reason = "the block and the distance are multiples of what a link needs"
        )]
        let link = |number: usize| self.start.wrapping_add(number * apart).cast::<Link>();
        for number in 0..links {
            let next = link((5 * number + 1) % links);
            // SAFETY: within the block, as `room` says, and aligned, since the start and the distance are.
            unsafe { link(number).write(Link { next }) };
        }
        Ring { at: link(0), _memory: self }
    }
}

/// Why no wish for a huge page of a block can come true, by the kernel's own words. What it doesn't say is no reason.
fn never_granted(enabled: Option<&str>, size: Option<&str>) -> Option<String> {
    let huge = size.and_then(|size| size.trim().parse().ok()).filter(|size| *size > HUGE as u64).map(Bytes);
    if enabled.is_some_and(|words| words.contains("[never]")) {
        return Some("huge pages are switched off (transparent_hugepage/enabled says never)".to_owned());
    }
    huge.map(|size| format!("a huge page has {size} here, more than these blocks are made for"))
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: mapped by `promised` with this size; whoever keeps an address of it had to promise not to use it later.
        unsafe { libc::munmap(self.mapped.0.cast(), self.mapped.1) };
    }
}

/// A ring of links in a block of memory.
pub struct Ring {
    /// The link at which one stands.
    pub at: *const Link,
    _memory: Memory,
}

/// A place that holds nothing but the address of the next one.
#[repr(C)]
pub struct Link {
    /// The next one.
    pub next: *const Link,
}

/// Whether another process sees the frame of memory behind this address too.
///
/// # Errors
/// Where the kernel doesn't tell, or the page isn't in memory: a page that isn't there is neither shared nor alone.
///
/// ```
/// use helpers::machine::memory::is_shared;
/// let own = vec![1_u8; 1 << 20];
/// // Does anybody else see the middle of it?
/// assert_ne!(is_shared(&own[1 << 19]), Ok(true));
/// ```
pub fn is_shared<T>(address: *const T) -> Reading<bool> {
    let page = page_of(address)?;
    let absent = || Unavailable::because("the page is not in memory at this moment");
    page.present.then_some(!page.exclusive).ok_or_else(absent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_that_is_never_granted_is_told() {
        assert_eq!(never_granted(Some("always [madvise] never\n"), Some("2097152\n")), None);
        assert!(never_granted(Some("always madvise [never]\n"), None).unwrap().contains("switched off"));
        assert!(
            never_granted(Some("[always] madvise never\n"), Some("33554432\n")).unwrap().contains("32.0 MiB")
        );
        assert_eq!(never_granted(None, None), None);
    }
}
