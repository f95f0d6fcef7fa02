//! What stands behind an address: the kernel's entry for its page.
//!
//! After `fork(2)` parent and child see the same frames of memory, until one of them writes: then the kernel gives the
//! writer a copy. `/proc/self/pagemap` shows it happen. Source: *Examining Process Page Tables* in the kernel's
//! documentation (`admin-guide/mm/pagemap`).

use crate::reading::{Reading, Unavailable};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};

/// The page at an address, as one process sees it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "they are the bits of the kernel's entry, each on its own")]
pub struct Page {
    /// It is in memory now. A page that nobody has touched yet is not.
    pub present: bool,
    /// Its contents wait on a disk.
    pub swapped: bool,
    /// It belongs to a file, or to memory that processes share on purpose.
    pub of_file: bool,
    /// No other process sees the same frame.
    pub exclusive: bool,
    /// Written to since somebody reset this mark; not every kernel keeps it.
    pub soft_dirty: bool,
    /// Which frame of the machine's memory it is. Shown to administrators only, since it helps attackers.
    pub frame: Reading<u64>,
}

/// Looks up the page at an address of this process. Nothing is read from the address itself.
///
/// ```
/// use helpers::machine::pages::page_of;
/// // Is memory there before it is used?
/// let memory: Vec<u8> = Vec::with_capacity(1 << 24);
/// if let Ok(page) = page_of(memory.as_ptr().wrapping_add(1 << 23)) {
///     assert!(!page.present); // it is only promised
/// }
/// ```
///
/// # Errors
/// Where `/proc/self/pagemap` is missing or may not be read.
pub fn page_of<T>(address: *const T) -> Reading<Page> {
    entry(address.addr()).and_then(|entry| page(&entry.to_ne_bytes()))
}

/// An entry of `pagemap`, taken apart.
///
/// # Errors
/// When there are not eight bytes.
fn page(entry: &[u8]) -> Reading<Page> {
    const FRAME: u64 = (1 << 55) - 1;
    let entry: [u8; 8] =
        entry.try_into().map_err(|_| Unavailable::because("an entry of pagemap has eight bytes"))?;
    let entry = u64::from_ne_bytes(entry);
    let bit = |place: u32| entry >> place & 1 == 1;
    let (present, swapped) = (bit(63), bit(62));
    let frame = match (present, entry & FRAME) {
        (false, _) => Err(Unavailable::because("the page is not in memory, so it has no frame")),
        (true, 0) => Err(Unavailable::because(
            "frame numbers are shown to administrators only (CAP_SYS_ADMIN); see whether the page is exclusive instead",
        )),
        (true, frame) => Ok(frame),
    };
    Ok(Page { present, swapped, of_file: bit(61), exclusive: bit(56), soft_dirty: bit(55), frame })
}

impl Display for Page {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let place = match (self.present, self.swapped) {
            (true, _) => "in memory",
            (_, true) => "on disk",
            _ => return out.write_str("not in memory"),
        };
        write!(out, "{place}, {}", if self.exclusive { "of this process alone" } else { "shared" })?;
        self.frame.as_ref().map_or(Ok(()), |frame| write!(out, ", frame {frame:#x}"))
    }
}

#[cfg(target_os = "linux")]
fn entry(address: usize) -> Reading<u64> {
    use std::os::unix::fs::FileExt;
    const FILE: &str = "/proc/self/pagemap";
    const ENTRY: usize = 8;
    let refused = |error: std::io::Error| Unavailable::refused(FILE, &error);
    let mut entry = [0; ENTRY];
    let file = std::fs::File::open(FILE).map_err(refused)?;
    file.read_exact_at(&mut entry, (address / super::page_size() * ENTRY) as u64).map_err(refused)?;
    Ok(u64::from_ne_bytes(entry))
}

#[cfg(not(target_os = "linux"))]
fn entry(_: usize) -> Reading<u64> {
    Err(Unavailable::because("only Linux shows the pages of a process (/proc/self/pagemap)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_a_set_of_bits() {
        let seen = page(&((1_u64 << 63) | (1 << 56)).to_ne_bytes()).unwrap();
        // In memory, seen by this process alone, and the frame's number is withheld.
        assert!(seen.present && seen.exclusive && !seen.of_file && seen.frame.is_err());
        assert_eq!(page(&((1_u64 << 63) | 0x1234).to_ne_bytes()).unwrap().frame, Ok(0x1234));
        assert!(page(&[0; 7]).is_err() && page(&[0; 9]).is_err());
        crate::proc::tests::withstands(&[0, 0, 0, 0, 0, 0, 0, 0x81], |bytes| page(bytes).is_ok());
    }
}
