//! The kernel's books on interrupts at one moment, and whether they are kept at all.

use super::table::{self, Row, added};
use crate::proc;
use crate::reading::{Reading, Unavailable, once};
use std::net::UdpSocket;
use std::sync::OnceLock;
use std::time::Duration;

/// A row for each device and a column for each of hundreds of CPUs make megabytes.
const CAP: u64 = 16 << 20;

/// Everything that is counted, at one moment; or, as a difference, what has been added.
#[derive(Clone, Debug)]
pub(super) struct Books {
    /// `/proc/interrupts`.
    pub(super) table: Reading<Vec<Row>>,
    /// `/proc/softirqs`.
    pub(super) softirqs: Reading<Vec<Row>>,
    /// The devices: of the table, or of `/sys/kernel/irq` where the table is masked.
    pub(super) devices: Reading<Vec<Row>>,
    /// All interrupts of the machine: the first number of the line `intr` of `/proc/stat`.
    pub(super) total: Reading<u64>,
}

impl Books {
    /// Reads them, the shortest last.
    pub(super) fn open() -> Self {
        let table = read("/proc/interrupts");
        let devices = match &table {
            Ok(rows) => Ok(rows.iter().filter(|row| is_number(&row.name)).cloned().collect()),
            Err(_) => devices("/sys/kernel/irq"),
        };
        let softirqs = read("/proc/softirqs");
        let total = proc::read_head("/proc/stat", CAP).and_then(|stat| table::total(&stat));
        Self { table, softirqs, devices, total }
    }

    /// What has been added since they were opened: the mirror image of opening them.
    pub(super) fn since(&self) -> Self {
        let now = Self::open();
        let trust = trust();
        let rows = |before: &Reading<Vec<Row>>, after: Reading<Vec<Row>>| {
            before.clone().and_then(|before| added(&before, &after?))
        };
        let backwards = || Unavailable::because("the machine's count of all interrupts ran backwards");
        let total = self.total.and_then(|before| now.total?.checked_sub(before).ok_or_else(backwards));
        Self {
            table: trust.table.and_then(|()| rows(&self.table, now.table)),
            softirqs: trust.softirqs.and_then(|()| rows(&self.softirqs, now.softirqs)),
            devices: rows(&self.devices, now.devices),
            total: trust.total.and(total),
        }
    }

    /// All that each of the three books has counted.
    fn sums(&self) -> [Reading<u64>; 3] {
        let sum = |rows: &[Row]| rows.iter().fold(0_u64, |sum, row| sum.saturating_add(row.sum()));
        let rows = |book: &Reading<Vec<Row>>| book.as_ref().map(|rows| sum(rows)).map_err(|reason| *reason);
        [rows(&self.table), rows(&self.softirqs), self.total]
    }

    /// Nothing could be counted, and why.
    pub(super) fn refused(reason: &Unavailable) -> Self {
        let none = || Err(*reason);
        Self { table: none(), softirqs: none(), devices: none(), total: Err(*reason) }
    }
}

fn read(path: &str) -> Reading<Vec<Row>> {
    proc::read_head(path, CAP).and_then(|bytes| rows(path, &bytes))
}

/// Containers mask these files by laying an empty one over each.
fn rows(path: &str, bytes: &[u8]) -> Reading<Vec<Row>> {
    let remedy = if bytes.is_empty() { "; containers mask it, so run this outside of one" } else { "" };
    table::table(bytes).map_err(|reason| Unavailable::because(format!("{path}: {reason}{remedy}")))
}

pub(super) fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// The devices' own files, which nobody masks: one folder for each interrupt that the kernel has given out.
fn devices(folder: &str) -> Reading<Vec<Row>> {
    let entries = std::fs::read_dir(folder).map_err(|error| Unavailable::refused(folder, &error))?;
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let numbers: Vec<String> = names.filter(|name| is_number(name)).collect();
    if numbers.is_empty() {
        // A sandbox may lay an empty folder over it, as over the tables.
        return Err(Unavailable::because(format!("{folder} has no folder for any interrupt")));
    }
    let mut rows = Vec::new();
    for number in numbers {
        let file = |name: &str| proc::read_if_there(format!("{folder}/{number}/{name}"));
        // One that was given back meanwhile has no files any more.
        if let (Some(actions), Some(counts)) = (file("actions")?, file("per_cpu_count")?) {
            let chip = file("chip_name")?.unwrap_or_default();
            rows.extend(table::device(&number, &actions, &chip, &counts));
        }
    }
    Ok(rows)
}

/// Whether the books are kept: some kernels hand out tables that never move.
struct Trust {
    table: Reading<()>,
    softirqs: Reading<()>,
    total: Reading<()>,
}

/// Finds out whether they are, before anything is counted.
pub(super) fn are_trusted() {
    trust();
}

/// Makes timers fire and a datagram arrive, and looks whether that was counted. That is done once per process, but for what
/// could not be read: the reason may pass, as a shortage of descriptors does.
fn trust() -> Trust {
    const MADE: [(&str, &str); 3] = [
        ("/proc/interrupts", "three sleeps"),
        ("/proc/softirqs", "a datagram"),
        ("the count of /proc/stat", "three sleeps"),
    ];
    static FOUND: [OnceLock<Reading<()>>; 3] = [const { OnceLock::new() }; 3];
    let is_untried = FOUND.each_ref().map(|found| found.get().is_none());
    let before = if is_untried.contains(&true) { Books::open().sums() } else { [Ok(0); 3] };
    let mut after = before;
    // What is masked stays so, and need not be waited for.
    if before.iter().zip(is_untried).any(|(sum, is_untried)| sum.is_ok() && is_untried) {
        make_them_move();
        after = Books::open().sums();
    }
    let [table, softirqs, total] = [0, 1, 2].map(|book: usize| {
        let found = || moved(before[book], after[book], MADE[book]);
        once(&FOUND[book], found).and_then(|found| found)
    });
    Trust { table, softirqs, total }
}

/// Whether a book moved when something was made to happen. `Err` where it could not be read.
fn moved(before: Reading<u64>, after: Reading<u64>, (what, made): (&str, &str)) -> Reading<Reading<()>> {
    let still = || Unavailable::because(format!("{what} stands still here even after {made}: nobody counts"));
    Ok((after? > before?).then_some(()).ok_or_else(still))
}

fn make_them_move() {
    for _ in 0..3 {
        std::thread::sleep(Duration::from_millis(2));
    }
    send_oneself_a_datagram();
}

/// To make the softirqs move. Where there is no network, the timers' own will have to do.
fn send_oneself_a_datagram() {
    let Ok(socket) = UdpSocket::bind("127.0.0.1:0") else { return };
    if let Ok(home) = socket.local_addr() {
        let _ = socket.send_to(b"x", home);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_empty_file_is_masked() {
        let why = |bytes: &[u8]| rows("/proc/interrupts", bytes).unwrap_err().to_string();
        assert!(why(b"").contains("containers mask it") && !why(b"odd\n").contains("containers"));
        let missing = read("/proc/no-such-table").unwrap_err().to_string();
        assert!(missing.contains("No such file") && !missing.contains("containers"), "{missing}");
    }

    #[test]
    fn a_book_that_could_not_be_read_was_not_tried() {
        let (book, refused) = (("/proc/stat", "a sleep"), Err(Unavailable::because("too many open files")));
        assert_eq!(moved(Ok(1), Ok(2), book), Ok(Ok(())));
        assert!(moved(Ok(1), Ok(1), book).unwrap().unwrap_err().to_string().contains("stands still"));
        assert!(moved(refused, Ok(2), book).is_err() && moved(Ok(1), refused, book).is_err());
    }

    #[test]
    fn a_device_that_cannot_be_read_is_not_left_out() {
        let folder = std::env::temp_dir().join(format!("books-{}", std::process::id()));
        let told = |file: &str| {
            std::fs::create_dir_all(folder.join("7").join(file)).unwrap();
            devices(folder.to_str().unwrap())
        };
        std::fs::create_dir_all(folder.join("none")).unwrap();
        let masked = devices(folder.to_str().unwrap()).unwrap_err().to_string();
        assert!(masked.contains("no folder for any interrupt"), "{masked}");
        let (gone, refused) = (told(""), told("actions"));
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(gone == Ok(Vec::new()) && refused.is_err(), "{gone:?} {refused:?}");
    }
}
