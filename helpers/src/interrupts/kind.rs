//! What interrupts are for, and by which rows of the kernel's tables they are counted.

use super::books::is_number;
use super::table::Row;
use std::fmt::{self, Display, Formatter};

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
    pub(super) fn is_softirq(self) -> bool {
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
