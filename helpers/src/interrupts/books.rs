//! The kernel's books on interrupts at one moment, and whether they are kept at all.

use super::table::{self, Row, added};
use crate::proc;
use crate::reading::{Reading, Unavailable};
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
        let table = read("/proc/interrupts").map_err(|reason| masked("/proc/interrupts", &reason));
        let devices = match &table {
            Ok(rows) => Ok(rows.iter().filter(|row| is_number(&row.name)).cloned().collect()),
            Err(_) => devices(),
        };
        let softirqs = read("/proc/softirqs").map_err(|reason| masked("/proc/softirqs", &reason));
        let total = proc::read_head("/proc/stat", CAP).and_then(|stat| table::total(&stat));
        Self { table, softirqs, devices, total }
    }

    /// What has been added since they were opened: the mirror image of opening them.
    pub(super) fn since(&self) -> Self {
        let now = Self::open();
        let trust = trust();
        let rows = |before: &Reading<Vec<Row>>, after: Reading<Vec<Row>>| {
            before.clone().and_then(|before| after.map(|after| added(&before, &after)))
        };
        let total = self.total.and_then(|before| now.total.map(|after| after.saturating_sub(before)));
        Self {
            table: trust.table.and_then(|()| rows(&self.table, now.table)),
            softirqs: trust.softirqs.and_then(|()| rows(&self.softirqs, now.softirqs)),
            devices: rows(&self.devices, now.devices),
            total: trust.total.and(total),
        }
    }

    /// Nothing could be counted, and why.
    pub(super) fn refused(reason: &Unavailable) -> Self {
        let none = || Err(*reason);
        Self { table: none(), softirqs: none(), devices: none(), total: Err(*reason) }
    }
}

fn read(path: &str) -> Reading<Vec<Row>> {
    proc::read_head(path, CAP).and_then(|bytes| table::table(&bytes))
}

fn masked(path: &str, reason: &Unavailable) -> Unavailable {
    Unavailable::because(format!("{path}: {reason}; containers mask it, so run this outside of one"))
}

pub(super) fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// The devices' own files, which nobody masks: one folder for each interrupt that the kernel has given out.
fn devices() -> Reading<Vec<Row>> {
    const FOLDER: &str = "/sys/kernel/irq";
    let entries = std::fs::read_dir(FOLDER).map_err(|error| Unavailable::refused(FOLDER, &error))?;
    let row = |entry: std::fs::DirEntry| {
        let number = entry.file_name().into_string().ok().filter(|name| is_number(name))?;
        let file = |name: &str| proc::read(format!("{FOLDER}/{number}/{name}"));
        let chip = file("chip_name").unwrap_or_default();
        table::device(&number, &file("actions").ok()?, &chip, &file("per_cpu_count").ok()?)
    };
    Ok(entries.flatten().filter_map(row).collect())
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

/// Makes timers fire and a datagram arrive, once per process, and looks whether that was counted.
fn trust() -> &'static Trust {
    static FOUND: OnceLock<Trust> = OnceLock::new();
    FOUND.get_or_init(|| {
        let sum = |rows: &[Row]| rows.iter().fold(0_u64, |sum, row| sum.saturating_add(row.sum()));
        let before = Books::open();
        for _ in 0..3 {
            std::thread::sleep(Duration::from_millis(2));
        }
        send_oneself_a_datagram();
        let after = Books::open();
        let moved = |before: Reading<u64>, after: Reading<u64>, what: &str, made: &str| match (before, after)
        {
            (Ok(before), Ok(after)) if after > before => Ok(()),
            (Ok(_), Ok(_)) => Err(Unavailable::because(format!(
                "{what} stands still here even after {made}: nobody counts"
            ))),
            // The reason is in the books themselves.
            _ => Ok(()),
        };
        let rows = |books: &Reading<Vec<Row>>| books.as_ref().map(|rows| sum(rows)).map_err(Clone::clone);
        Trust {
            table: moved(rows(&before.table), rows(&after.table), "/proc/interrupts", "three sleeps"),
            softirqs: moved(rows(&before.softirqs), rows(&after.softirqs), "/proc/softirqs", "a datagram"),
            total: moved(before.total, after.total, "the count of /proc/stat", "three sleeps"),
        }
    })
}

/// To make the softirqs move. Where there is no network, the timers' own will have to do.
fn send_oneself_a_datagram() {
    let Ok(socket) = UdpSocket::bind("127.0.0.1:0") else { return };
    if let Ok(home) = socket.local_addr() {
        let _ = socket.send_to(b"x", home);
    }
}
