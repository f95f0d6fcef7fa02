//! What something costs in memory, which depends on the book in which one looks it up.

use crate::proc;
use crate::reading::{Reading, Unavailable};
use crate::sandbox::in_child;
use crate::units::Bytes;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};

/// An amount of memory in the five books that Linux keeps. Each may be unavailable, and says why.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Footprint {
    /// Addresses that were reserved, whether anything is behind them or not (`VmSize`).
    pub reserved: Reading<Bytes>,
    /// Memory that is there because it has been touched (`VmRSS`).
    pub resident: Reading<Bytes>,
    /// The tables that say which address lies where (`VmPTE`).
    pub page_tables: Reading<Bytes>,
    /// The stacks on which the kernel works for each thread; of the whole machine (`KernelStack`).
    pub kernel_stacks: Reading<Bytes>,
    /// By how much less the whole machine has left for others (`MemAvailable`). Everybody writes in this book.
    pub taken: Reading<Bytes>,
}

/// What one of many things takes, in each book: a fresh child process makes them, and the books are read before and after,
/// while all of them are there. Fresh, because what a process has used before it often uses again, and then writes nothing
/// down.
///
/// ```
/// use helpers::{Bytes, Footprint, footprint_of_each};
/// // Is a box of 4,000 bytes that nobody wrote to really there?
/// let written: Footprint = footprint_of_each(|| (0..2_000).map(|_| vec![1_u8; 4_000]).collect());
/// assert!(written.resident.map_or(true, |bytes| bytes > Bytes(3_000)));
/// ```
pub fn footprint_of_each<T>(make: impl FnOnce() -> Vec<T>) -> Footprint {
    let (mut make, mut things) = (Some(make), Vec::new());
    footprint(&mut || {
        // They are still there when the books are read again.
        things = make.take().map_or_else(Vec::new, |make| make());
        things.len() as u64
    })
}

/// The same, given what makes the things and tells how many. Not generic, so that the child and its answer aren't compiled again
/// in each cell.
fn footprint(make: &mut dyn FnMut() -> u64) -> Footprint {
    let each = in_child(|| {
        let before = Totals::now();
        let things = make();
        Totals::now().since(&before, things)
    });
    each.unwrap_or_else(Footprint::unavailable)
}

impl Footprint {
    fn unavailable(reason: Unavailable) -> Self {
        let none = || Err(reason);
        Self { reserved: none(), resident: none(), page_tables: none(), kernel_stacks: none(), taken: none() }
    }

    /// What is really there: resident memory, page tables and kernel stacks together.
    ///
    /// # Errors
    /// Where one of these books is not kept: the reason.
    pub fn backed(&self) -> Reading<Bytes> {
        Ok(Bytes(self.resident?.0 + self.page_tables?.0 + self.kernel_stacks?.0))
    }

    /// The books with their entries, from the largest claim to the smallest.
    pub fn rows(&self) -> [(&'static str, &Reading<Bytes>); 5] {
        [
            ("reserved addresses", &self.reserved),
            ("resident memory", &self.resident),
            ("page tables", &self.page_tables),
            ("kernel stacks", &self.kernel_stacks),
            ("less left for others", &self.taken),
        ]
    }
}

impl Display for Footprint {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let line = |(book, bytes): (&str, &Reading<Bytes>)| match bytes {
            Ok(bytes) => format!("{book:22}{bytes}"),
            Err(reason) => format!("{book:22}unavailable: {reason}"),
        };
        out.write_str(&self.rows().map(line).join("\n"))
    }
}

/// In bytes.
const NOISE: u64 = 64;

/// The books as they stand.
struct Totals([Reading<Bytes>; 5]);

impl Totals {
    fn now() -> Self {
        let (status, meminfo) = (proc::read("/proc/self/status"), proc::read("/proc/meminfo"));
        Self::of(&status, &meminfo)
    }

    fn of(status: &Reading<Vec<u8>>, meminfo: &Reading<Vec<u8>>) -> Self {
        let of = |file: &Reading<Vec<u8>>, path: &str, key: &str| {
            let missing = || Unavailable::because(format!("{path} has no line {key} here"));
            let bytes = file.as_ref().map_err(Clone::clone)?;
            proc::memory(bytes, key).map_err(|_| missing())
        };
        let own = |key| of(status, "/proc/self/status", key);
        let all = |key| of(meminfo, "/proc/meminfo", key);
        Self([own("VmSize"), own("VmRSS"), own("VmPTE"), all("KernelStack"), all("MemAvailable")])
    }

    /// What each of so many has added. The last book counts downwards.
    fn since(&self, before: &Self, things: u64) -> Footprint {
        let each = |more: &Reading<Bytes>, less: &Reading<Bytes>| {
            let (more, less) = ((*more)?.0, (*less)?.0);
            let opposite =
                || Unavailable::because("it went the other way meanwhile: others write in this book too");
            if things == 0 {
                return Err(Unavailable::because("not one could be made"));
            }
            // So little less for each is what others have given back.
            let is_noise = less.saturating_sub(more) / things < NOISE;
            let sum = more.checked_sub(less).or(is_noise.then_some(0)).ok_or_else(opposite)?;
            Ok(Bytes(sum / things))
        };
        let [size, rss, pte, stack, left] = &self.0;
        let [size_before, rss_before, pte_before, stack_before, left_before] = &before.0;
        Footprint {
            reserved: each(size, size_before),
            resident: each(rss, rss_before),
            page_tables: each(pte, pte_before),
            kernel_stacks: each(stack, stack_before),
            taken: each(left_before, left),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(kib: [u64; 5]) -> Totals {
        let status =
            format!("Name:\tx\nVmSize:\t{} kB\nVmRSS:\t {} kB\nVmPTE:\t{} kB\n", kib[0], kib[1], kib[2]);
        let meminfo = format!("MemAvailable: {} kB\nKernelStack: {} kB\n", kib[4], kib[3]);
        Totals::of(&Ok(status.into_bytes()), &Ok(meminfo.into_bytes()))
    }

    #[test]
    fn each_is_the_difference_shared_out() {
        let (before, after) = (totals([100, 50, 10, 200, 9_000]), totals([2_100, 150, 14, 216, 8_990]));
        let each = after.since(&before, 10);
        let known = [204_800, 10_240, 409, 1_638, 1_024].map(|bytes| Ok(Bytes(bytes)));
        assert_eq!(each.rows().map(|(_, bytes)| *bytes), known);
        assert_eq!(each.backed(), Ok(Bytes(10_240 + 409 + 1_638)));
    }

    #[test]
    fn a_book_that_others_write_in_may_go_the_other_way() {
        let (before, after) = (totals([100, 50, 10, 200, 9_000]), totals([100, 60, 10, 190, 9_500]));
        assert_eq!(after.since(&before, 1_000).kernel_stacks, Ok(Bytes(0)), "ten bytes each are noise");
        let each = after.since(&before, 10);
        assert!(each.taken.is_err() && each.kernel_stacks.unwrap_err().to_string().contains("others"));
        assert_eq!((each.reserved, each.resident), (Ok(Bytes(0)), Ok(Bytes(1_024))));
        assert!(after.since(&before, 0).resident.unwrap_err().to_string().contains("not one"));
    }

    #[test]
    fn a_missing_book_says_so() {
        let gone = Err(Unavailable::because("/proc/meminfo: No such file"));
        let bare = Totals::of(&Ok(b"Name:\tx\nVmSize:\t8 kB\n".to_vec()), &gone);
        let each = bare.since(&bare, 1);
        assert_eq!(each.reserved, Ok(Bytes(0)));
        assert!(each.page_tables.unwrap_err().to_string().contains("no line VmPTE"));
        assert!(each.taken.unwrap_err().to_string().contains("No such file"));
    }

    #[test]
    fn a_child_that_makes_nothing_or_dies_is_told() {
        assert!(footprint_of_each(Vec::<u8>::new).resident.is_err());
        let died = footprint_of_each(|| -> Vec<u8> { panic!("no room") });
        assert!(died.rows().iter().all(|(_, bytes)| bytes.is_err()));
    }
}
