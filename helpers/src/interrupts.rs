//! What interrupted the machine while something ran: the kernel's own count of it, by CPU and by cause.
//!
//! `/proc/interrupts` counts hardware's interrupts and those that CPUs send each other, `/proc/softirqs` the work that was put
//! off until after one (both in `proc_pid_*(5)` and the kernel's `filesystems/proc`). Rows are found by the words of their
//! label, since their names differ from architecture to architecture. Container runtimes hand out an empty
//! `/proc/interrupts`; then devices are still counted by `/sys/kernel/irq` and everything together by `/proc/stat`, and a
//! [`Account`](crate::account::Account) says so. Strangers are counted too: a machine is never alone. Nothing here needs privilege.

mod books;
mod counting;
mod kind;
mod peers;
mod table;

use crate::finding::Words;
use crate::guess::Answer;
use crate::lasting::Lasting;
use crate::ledger::Ledger;
use crate::reading::{Reading, Unavailable};
use crate::units::{Count, Nanos, Share, nanos};
use books::Books;
use std::fmt::{self, Display, Formatter};

pub use counting::{Counting, interrupts};
pub use kind::Kind;
pub use peers::{global_membarrier, membarrier, register_for_membarriers};
pub use table::{Row, table, total};

/// What interrupted the machine while an act was done so many times.
#[derive(Clone, Copy)]
pub struct Interrupts {
    /// How often the act was done.
    pub times: u64,
    /// How long that took.
    pub elapsed: Nanos,
    /// The CPU that it was done on.
    cpu: Reading<usize>,
    books: Lasting<Books>,
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
            books: Lasting::new(Books::refused(reason)),
            ledger: Err(*reason),
        }
    }

    /// How long one act took, the wait for the other CPUs included.
    ///
    /// # Errors
    /// Where nothing was done.
    pub fn each(&self) -> Reading<Nanos> {
        self.cpu.map(|_| Nanos(self.elapsed.0 / self.times as f64))
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

    /// How often the thread that acted gave its CPU up, to wait for something.
    ///
    /// # Errors
    /// Where that is not counted.
    pub fn waits(&self) -> Reading<Count> {
        self.ledger.as_ref().map_err(|reason| *reason)?.voluntary
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
    /// Where they are not counted, or not on this CPU.
    pub fn on(&self, cpu: usize, kind: Kind) -> Reading<Count> {
        let rows = self.rows(kind)?;
        if !rows.iter().flat_map(|row| &row.counts).any(|(at, _)| *at == cpu) {
            return Err(Unavailable::because(format!("{kind}: CPU {cpu} isn't counted here")));
        }
        Ok(Count(rows.iter().map(|row| row.on(cpu)).fold(0, u64::saturating_add)))
    }

    /// The rows that count this kind: one at least, since where nobody counts there's no zero.
    fn rows(&self, kind: Kind) -> Reading<Vec<&Row>> {
        let books = match kind {
            Kind::Device => &self.books.devices,
            kind if kind.is_softirq() => &self.books.softirqs,
            _ => &self.books.table,
        };
        let rows = books.as_ref().map_err(|reason| *reason)?.iter();
        let rows: Vec<&Row> = rows.filter(|row| kind.counts(row)).collect();
        let none = || Unavailable::because(format!("{kind}: no row of this kernel's tables counts it"));
        if rows.is_empty() { Err(none()) } else { Ok(rows) }
    }

    fn counted(&self, kind: Kind, place: Where) -> Counted {
        let count = || {
            let here = self.on(self.cpu?, kind)?;
            let all = self.rows(kind)?.into_iter().map(Row::sum).fold(0, u64::saturating_add);
            Ok(match place {
                Where::Here => here,
                Where::Elsewhere => Count(all.saturating_sub(here.0)),
                Where::Everywhere => Count(all),
            })
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
#[derive(Clone, Copy, Debug, PartialEq)]
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
        *counted
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
mod tests;
