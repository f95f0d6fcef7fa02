//! What interrupted the machine while something ran: the kernel's own count of it, by CPU and by cause.
//!
//! `/proc/interrupts` counts hardware's interrupts and those that CPUs send each other, `/proc/softirqs` the work that was put
//! off until after one (both in `proc_pid_*(5)` and the kernel's `filesystems/proc`). Rows are found by the words of their
//! label, since their names differ from architecture to architecture. Container runtimes hand out an empty
//! `/proc/interrupts`; then devices are still counted by `/sys/kernel/irq` and everything together by `/proc/stat`, and a
//! [`Account`](crate::account::Account) says so. Strangers are counted too: a machine is never alone. Nothing here needs privilege.

mod books;
mod peers;
mod table;

use crate::finding::Words;
use crate::guess::Answer;
use crate::ledger::{Ledger, Snapshot};
use crate::machine::cpus;
use crate::machine::placement::Placement;
use crate::reading::{Reading, Unavailable};
use crate::units::{Count, Nanos, Share, nanos};
use books::{Books, is_number};
use peers::Peers;
use std::fmt::{self, Display, Formatter};
use std::io;

pub use peers::{global_membarrier, membarrier, register_for_membarriers};
pub use table::{Row, table, total};

/// What an interrupt is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A CPU's timer has run down.
    Timer,
    /// Another CPU asks this one to run a function at once. On x86 those that make it forget addresses are among them.
    Call,
    /// Another CPU asks this one to look whether another thread should run.
    Reschedule,
    /// Another CPU knocks, for either reason: which of the two wakes a sleeper depends on whether its CPU is idle.
    Ipi,
    /// A device has something to say.
    Device,
    /// Softirq: packets that have arrived are worked off.
    NetReceive,
    /// Softirq: reads and writes that a disk has completed are worked off.
    Block,
}

impl Kind {
    fn is_softirq(self) -> bool {
        matches!(self, Self::NetReceive | Self::Block)
    }

    /// Whether a row counts these.
    ///
    /// ```
    /// use helpers::interrupts::{Kind, Row};
    /// let row = |name: &str, label: &str| Row { name: name.into(), label: label.into(), counts: vec![] };
    /// // What is called CAL on x86 is called IPI1 on aarch64. Are they the same?
    /// let calls = [row("CAL", "Function call interrupts"), row("IPI1", "Function call interrupts")];
    /// assert!(calls.iter().all(|row| Kind::Call.counts(row)));
    /// ```
    pub fn counts(self, row: &Row) -> bool {
        let label = row.label.to_ascii_lowercase();
        let is_timer = label.contains("timer") && !label.contains("broadcast");
        match self {
            Self::Timer => is_timer,
            Self::Call => label.contains("function call"),
            Self::Reschedule => label.contains("rescheduling"),
            Self::Ipi => Self::Call.counts(row) || Self::Reschedule.counts(row),
            Self::Device => is_number(&row.name) && !is_timer,
            Self::NetReceive => row.name == "NET_RX",
            Self::Block => row.name == "BLOCK",
        }
    }
}

impl Display for Kind {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        out.pad(match self {
            Self::Timer => "timer",
            Self::Call => "call by another CPU",
            Self::Reschedule => "reschedule",
            Self::Ipi => "knock by another CPU",
            Self::Device => "device",
            Self::NetReceive => "softirq: network",
            Self::Block => "softirq: disk",
        })
    }
}

/// Prepares to count interrupts around an act, which runs on the first of these CPUs. On each of the others a thread of this
/// process spins meanwhile, and each time the act waits until it has seen them running: so there is somebody to interrupt.
///
/// ```
/// use helpers::{Machine, interrupts, interrupts::{Kind, membarrier}};
/// // Does asking the other CPUs for a barrier disturb them?
/// let cpus = Machine::here().some_cpus(2);
/// let asked = interrupts(&cpus).times(100, |()| membarrier());
/// if let Ok(calls) = asked.elsewhere(Kind::Call).count {
///     assert!(calls.0 > 0, "{asked}");
/// }
/// ```
pub fn interrupts(cpus: impl Into<Placement>) -> Counting<'static, ()> {
    static NOTHING: Reading<()> = Ok(());
    Counting { cpus: cpus.into(), kit: &NOTHING }
}

/// Interrupts to be counted; see [`interrupts`](fn@interrupts).
pub struct Counting<'a, T> {
    cpus: Placement,
    kit: &'a Reading<T>,
}

/// What an act comes to: nothing, or whether it could be done.
pub trait Tried {
    /// Whether it was done.
    ///
    /// # Errors
    /// When it could not be: the reason.
    fn tried(self) -> Reading<()>;
}

/// What may be missing, and then knows why.
pub trait OrWhy {
    /// It is missing, for this reason.
    fn or_why(reason: Unavailable) -> Self;
}

impl<T> OrWhy for Reading<T> {
    fn or_why(reason: Unavailable) -> Self {
        Err(reason)
    }
}

impl Tried for () {
    fn tried(self) -> Reading<()> {
        Ok(())
    }
}

impl<T> Tried for Reading<T> {
    fn tried(self) -> Reading<()> {
        self.map(drop)
    }
}

impl<T> Tried for io::Result<T> {
    fn tried(self) -> Reading<()> {
        self.map(drop).map_err(|error| Unavailable::refused("the act", &error))
    }
}

impl Counting<'_, ()> {
    /// What the act needs: a socket, a file. Where there is none, nothing is counted, for its reason.
    pub fn with<T>(self, kit: &Reading<T>) -> Counting<'_, T> {
        Counting { cpus: self.cpus, kit }
    }
}

impl<T> Counting<'_, T> {
    /// Does the act so many times, and counts. It ends at the first that fails, with the reason.
    pub fn times<O: Tried>(self, times: u64, mut act: impl FnMut(&T) -> O) -> Interrupts {
        let repeated = |kit: &T, peers: &Peers| -> Reading<()> {
            for _ in 0..times {
                peers.are_running()?;
                act(kit).tried()?;
            }
            Ok(())
        };
        let (mut counted, done) = self.counted(repeated);
        counted.times = times;
        match done {
            Ok(()) => counted,
            Err(reason) => Interrupts::refused(times, &reason),
        }
    }

    /// Does something once, and counts: what was counted, and what came of it.
    pub fn around<R: OrWhy>(self, act: impl FnOnce(&T) -> R) -> (Interrupts, R) {
        let (counted, result) = self.counted(|kit, _| Ok(act(kit)));
        (counted, result.unwrap_or_else(R::or_why))
    }

    fn counted<R>(self, act: impl FnOnce(&T, &Peers) -> Reading<R>) -> (Interrupts, Reading<R>) {
        let counted = || {
            let kit = self.kit.as_ref().map_err(|reason| *reason)?;
            let [own, others @ ..] = self.cpus.reading()? else {
                return Err(Unavailable::because("no CPU to act on"));
            };
            let _pinned = cpus::pin(*own)?;
            books::are_trusted();
            peers::beside(others, |peers| {
                let (books, ledger) = (Books::open(), Snapshot::take());
                let result = act(kit, peers);
                let ledger = ledger.since();
                let counted = Interrupts {
                    times: 1,
                    elapsed: ledger.elapsed,
                    cpu: Ok(*own),
                    books: books.since(),
                    ledger: Ok(ledger),
                };
                (counted, result)
            })
        };
        counted().unwrap_or_else(|reason| (Interrupts::refused(1, &reason), Err(reason)))
    }
}

/// What interrupted the machine while an act was done so many times.
#[derive(Clone)]
pub struct Interrupts {
    /// How often the act was done.
    pub times: u64,
    /// How long that took.
    pub elapsed: Nanos,
    /// The CPU that it was done on.
    cpu: Reading<usize>,
    books: Books,
    /// What the kernel counted for the thread that did it.
    pub ledger: Reading<Ledger>,
}

/// What several acts interrupted, side by side: for each kind of interrupt, on the CPU that acted and on all others together,
/// how many each act made. For the rows of a chart, with the acts as its columns.
pub fn strips(acts: &[&Interrupts]) -> Vec<(&'static str, Vec<Option<Count>>)> {
    type Which = fn(&Interrupts) -> Counted;
    const ROWS: [(&str, Which); 8] = [
        ("timer, here", |act| act.here(Kind::Timer)),
        ("timer, elsewhere", |act| act.elsewhere(Kind::Timer)),
        ("call, here", |act| act.here(Kind::Call)),
        ("call, elsewhere", |act| act.elsewhere(Kind::Call)),
        ("reschedule, here", |act| act.here(Kind::Reschedule)),
        ("reschedule, elsewhere", |act| act.elsewhere(Kind::Reschedule)),
        ("device, here", |act| act.here(Kind::Device)),
        ("device, elsewhere", |act| act.elsewhere(Kind::Device)),
    ];
    ROWS.iter().map(|(name, which)| (*name, acts.iter().map(|act| which(act).count.ok()).collect())).collect()
}

/// Which CPUs.
#[derive(Clone, Copy)]
enum Where {
    Here,
    Elsewhere,
    Everywhere,
}

impl Interrupts {
    fn refused(times: u64, reason: &Unavailable) -> Self {
        Self {
            times,
            elapsed: nanos(0.0),
            cpu: Err(*reason),
            books: Books::refused(reason),
            ledger: Err(*reason),
        }
    }

    /// How long one act took, the wait for the other CPUs included.
    ///
    /// # Errors
    /// Where nothing was done.
    pub fn each(&self) -> Reading<Nanos> {
        self.cpu.map(|_| Nanos(self.elapsed.0 / self.times.max(1) as f64))
    }

    /// The part of the time that the thread which acted was on its CPU. When it was ready to run and others had the CPU, it
    /// was not waiting for what it had asked for, so that does not count.
    ///
    /// # Errors
    /// Where that is not counted.
    pub fn cpu_share(&self) -> Reading<Share> {
        let ledger = self.ledger.as_ref().map_err(|reason| *reason)?;
        Share::of(&ledger.cpu, &ledger.waited.map(|waited| Nanos(ledger.elapsed.0 - waited.0)))
    }

    /// How many ticks were due meanwhile, at so many in a second.
    ///
    /// # Errors
    /// Where it is not known how many, or nothing was done.
    pub fn due(&self, in_a_second: Reading<Count>) -> Reading<Count> {
        let in_a_second = in_a_second?;
        self.cpu.map(|_| Count((self.elapsed.0 / 1e9 * in_a_second.0 as f64).round() as u64))
    }

    /// How many of this kind came to the CPU that the act was done on.
    pub fn here(&self, kind: Kind) -> Counted {
        self.counted(kind, Where::Here)
    }

    /// How many of this kind came to all the other CPUs.
    pub fn elsewhere(&self, kind: Kind) -> Counted {
        self.counted(kind, Where::Elsewhere)
    }

    /// How many of this kind came to all CPUs.
    pub fn everywhere(&self, kind: Kind) -> Counted {
        self.counted(kind, Where::Everywhere)
    }

    /// How many came from the one device that had most to say.
    pub fn device(&self) -> Counted {
        let busiest = |rows: &[Row]| rows.iter().filter(|row| Kind::Device.counts(row)).map(Row::sum).max();
        let devices = self.books.devices.as_ref().map_err(Clone::clone);
        let none = || Unavailable::because("no device has a row of its own here");
        Counted {
            count: devices.and_then(|rows| busiest(rows).map(Count).ok_or_else(none)),
            total: self.total(),
        }
    }

    /// The name of that device's row: its driver's words.
    ///
    /// # Errors
    /// Where devices have no rows.
    pub fn device_name(&self) -> Reading<String> {
        let rows = self.books.devices.as_ref().map_err(Clone::clone)?;
        let busiest = rows.iter().filter(|row| Kind::Device.counts(row)).max_by_key(|row| row.sum());
        let words = busiest.and_then(|row| row.label.split(' ').next_back().map(str::to_owned));
        words.ok_or_else(|| Unavailable::because("no device has a row of its own here"))
    }

    /// All interrupts of the machine, softirqs apart.
    ///
    /// # Errors
    /// Where nobody counts them.
    pub fn total(&self) -> Reading<Count> {
        self.books.total.map(Count)
    }

    /// The CPUs that are counted.
    pub fn cpus(&self) -> Vec<usize> {
        let rows = self.books.table.as_ref().or(self.books.softirqs.as_ref());
        let widest = rows.ok().and_then(|rows| rows.iter().max_by_key(|row| row.counts.len()));
        widest.map_or_else(Vec::new, |row| row.counts.iter().map(|(cpu, _)| *cpu).collect())
    }

    /// How many of this kind came to one CPU.
    ///
    /// # Errors
    /// Where they are not counted.
    pub fn on(&self, cpu: usize, kind: Kind) -> Reading<Count> {
        let rows = self.rows(kind)?;
        Ok(Count(rows.filter(|row| kind.counts(row)).map(|row| row.on(cpu)).sum()))
    }

    fn rows(&self, kind: Kind) -> Reading<impl Iterator<Item = &Row>> {
        let books = match kind {
            Kind::Device => &self.books.devices,
            kind if kind.is_softirq() => &self.books.softirqs,
            _ => &self.books.table,
        };
        books.as_ref().map(|rows| rows.iter()).map_err(Clone::clone)
    }

    fn counted(&self, kind: Kind, place: Where) -> Counted {
        let count = || {
            let own = self.cpu?;
            let rows = self.rows(kind)?.filter(|row| kind.counts(row));
            let counts = rows.flat_map(|row| row.counts.iter()).filter(|(cpu, _)| match place {
                Where::Here => *cpu == own,
                Where::Elsewhere => *cpu != own,
                Where::Everywhere => true,
            });
            Ok(Count(counts.map(|(_, count)| *count).fold(0, u64::saturating_add)))
        };
        // A softirq is not an interrupt, and not in the total.
        let apart = || Unavailable::because("softirqs are not in the machine's total");
        let total = if kind.is_softirq() { Err(apart()) } else { self.total() };
        Counted { count: count(), total }
    }

    /// The rows that moved: their names, and how often on each CPU.
    fn moved(&self) -> Reading<Vec<&Row>> {
        let table = match &self.books.table {
            Ok(rows) => rows,
            Err(reason) => self.books.devices.as_ref().map_err(|_| *reason)?,
        };
        let softirqs = self.books.softirqs.as_ref().map_or(&[][..], Vec::as_slice);
        Ok(table.iter().chain(softirqs).filter(|row| row.sum() > 0).collect())
    }
}

impl Display for Interrupts {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        const MOST: usize = 6;
        let rows = match self.moved() {
            Ok(rows) => rows,
            Err(reason) => return write!(out, "interrupts not counted here: {reason}"),
        };
        // On a machine with hundreds of CPUs, those on which most happened.
        let on = |cpu: usize| rows.iter().map(|row| row.on(cpu)).fold(0, u64::saturating_add);
        let mut cpus: Vec<usize> = self.cpus();
        cpus.sort_by_key(|cpu| std::cmp::Reverse(on(*cpu)));
        let left_out = cpus.split_off(cpus.len().min(MOST)).len();
        cpus.sort_unstable();
        write!(
            out,
            "In {}, on CPUs {}",
            self.elapsed,
            crate::machine::cpus::ranges(&cpus).replace('–', " to ")
        )?;
        if left_out > 0 {
            write!(out, " and, not listed, {left_out} more")?;
        }
        writeln!(out, ":")?;
        for cpu in &cpus {
            write!(out, "{:>9}", format!("CPU {cpu}"))?;
        }
        for row in rows {
            let words =
                if row.label.is_empty() { format!("softirq {}", row.name) } else { row.label.clone() };
            writeln!(out)?;
            for cpu in &cpus {
                write!(out, "{:>9}", Count(row.on(*cpu)).to_string())?;
            }
            write!(out, "   {words}")?;
        }
        match &self.books.table {
            Ok(_) => Ok(()),
            Err(reason) => write!(out, "\nTimers and CPUs' calls are not listed: {reason}"),
        }
    }
}

/// How often something was counted, and what can be told where it was not.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// The count itself.
    pub count: Reading<Count>,
    /// The count of all interrupts of the machine, the ones meant among them.
    pub total: Reading<Count>,
}

impl From<Reading<Count>> for Counted {
    fn from(count: Reading<Count>) -> Self {
        Self { count, total: Err(Unavailable::because("only this was counted")) }
    }
}

impl From<&Counted> for Counted {
    fn from(counted: &Counted) -> Self {
        counted.clone()
    }
}

impl Words for Counted {
    fn words(&self) -> Reading<String> {
        self.count.words()
    }
}

impl Answer<Count> for Counted {
    fn answer(&self) -> Reading<Count> {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, label: &str, counts: &[(usize, u64)]) -> Row {
        Row { name: name.to_owned(), label: label.to_owned(), counts: counts.to_vec() }
    }

    fn seen(table: Reading<Vec<Row>>) -> Interrupts {
        let devices = Ok(vec![row("36", "PCI-MSIX 1-edge virtio1-req.0", &[(0, 0), (1, 200)])]);
        let softirqs = Ok(vec![row("NET_RX", "", &[(0, 1000), (1, 3)])]);
        let books = Books { table, softirqs, devices, total: Ok(777) };
        Interrupts {
            times: 500,
            elapsed: nanos(1e6),
            cpu: Ok(0),
            books,
            ledger: Err(Unavailable::because("a test")),
        }
    }

    fn x86() -> Vec<Row> {
        vec![
            row("36", "PCI-MSIX 1-edge virtio1-req.0", &[(0, 0), (1, 200)]),
            row("LOC", "Local timer interrupts", &[(0, 5), (1, 7)]),
            row("RES", "Rescheduling interrupts", &[(0, 0), (1, 3)]),
            row("CAL", "Function call interrupts", &[(0, 1), (1, 500)]),
            row("TLB", "TLB shootdowns", &[(0, 0), (1, 400)]),
            row("ERR", "", &[(0, 0)]),
        ]
    }

    #[test]
    fn kinds_are_found_by_their_words_and_places_by_the_act() {
        let seen = seen(Ok(x86()));
        let count = |counted: Counted| counted.count.unwrap().0;
        assert_eq!(count(seen.elsewhere(Kind::Call)), 500, "shootdowns are among the calls, and not added");
        assert_eq!(count(seen.here(Kind::Call)), 1);
        assert_eq!(count(seen.elsewhere(Kind::Ipi)), 503);
        assert_eq!(count(seen.everywhere(Kind::Timer)), 12);
        assert_eq!(count(seen.here(Kind::NetReceive)), 1000);
        assert_eq!((count(seen.device()), seen.device_name()), (200, Ok("virtio1-req.0".to_owned())));
    }

    #[test]
    fn rows_of_arm_are_found_by_the_same_words() {
        let timer = row("11", "GICv3 27 Level arch_timer", &[(0, 9)]);
        assert!(Kind::Timer.counts(&timer) && !Kind::Device.counts(&timer));
        assert!(!Kind::Timer.counts(&row("IPI5", "Timer broadcast interrupts", &[])));
        assert!(Kind::Reschedule.counts(&row("IPI0", "Rescheduling interrupts", &[])));
    }

    #[test]
    fn where_the_table_is_masked_devices_softirqs_and_the_total_remain() {
        let seen = seen(Err(Unavailable::because("masked")));
        let calls = seen.elsewhere(Kind::Call);
        assert_eq!((calls.count, calls.total), (Err(Unavailable::because("masked")), Ok(Count(777))));
        assert_eq!(seen.device().count, Ok(Count(200)));
        assert_eq!(seen.here(Kind::NetReceive).count, Ok(Count(1000)));
        assert!(seen.here(Kind::NetReceive).total.is_err());
        let words = seen.to_string();
        assert!(words.contains("virtio1-req.0") && words.contains("masked"), "{words}");
    }

    #[test]
    fn what_moved_is_listed_on_the_busiest_cpus() {
        let wide: Vec<(usize, u64)> = (0..300).map(|cpu| (cpu, u64::from(cpu % 50 == 7))).collect();
        let words = seen(Ok(vec![row("LOC", "Local timer interrupts", &wide)])).to_string();
        assert!(words.contains("and, not listed, 294 more") && words.contains("CPU 57"), "{words}");
        assert!(words.lines().all(|line| line.len() < 120), "{words}");
    }

    #[test]
    fn what_cannot_be_done_is_not_counted() {
        let one = crate::Machine::here().some_cpus(1);
        let failing = interrupts(&one).times(5, |()| Err::<(), _>(io::Error::from_raw_os_error(libc::EPERM)));
        assert!(failing.everywhere(Kind::Timer).count.unwrap_err().to_string().contains("policy"));
        let nothing: Reading<()> = Err(Unavailable::because("no disk"));
        let reason = interrupts(&one).with(&nothing).times(5, |()| ()).total().unwrap_err();
        assert_eq!(reason.to_string(), "no disk");
        for cpus in [Ok(vec![]), Ok(vec![8191]), Err(Unavailable::because("one CPU"))] {
            assert!(interrupts(cpus).times(1, |()| ()).to_string().contains("not counted"));
        }
    }
}
