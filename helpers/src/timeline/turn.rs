//! When a thread was on a CPU, when it was away, and why.

use super::recorder::RawGap;
use crate::units::{Count, Nanos};
use std::fmt::{self, Display, Formatter};

/// A stretch of time on a CPU.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    /// The CPU; none where that cannot be told.
    pub cpu: Option<usize>,
    /// Its beginning.
    pub from: Nanos,
    /// Its end.
    pub to: Nanos,
}

/// A stretch of time without a look at the clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gap {
    /// The last look before it.
    pub from: Nanos,
    /// The first look after it.
    pub to: Nanos,
    /// Why.
    pub cause: Cause,
    /// How often at least the thread gave up its CPU, since the gap before. A switch too short to be seen is counted with the
    /// next gap, and can make an interruption look like a switch.
    pub voluntary: Count,
    /// How often at least it was taken off its CPU, likewise.
    pub involuntary: Count,
}

/// Why a thread was away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The kernel gave its CPU to another thread, or it waited for something.
    SwitchedOut,
    /// The quota of its cgroup, or of one around it, was used up. The counter that tells is the group's, of all its CPUs together: where several
    /// threads of the group are busy on several CPUs, the turn of a rival may be taken for throttling.
    Throttled,
    /// It was never switched, yet did not run: an interrupt had its CPU, or a hypervisor. No one inside can tell which.
    Interrupted,
    /// It was away, and switches are not counted here: it may have been any of these.
    Unknown,
}

impl Display for Cause {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        out.pad(match self {
            Self::SwitchedOut => "switched out",
            Self::Throttled => "throttled",
            Self::Interrupted => "interrupted or stolen",
            Self::Unknown => "away, nobody counts why",
        })
    }
}

impl Turn {
    /// How long it was.
    pub fn length(&self) -> Nanos {
        Nanos(self.to.0 - self.from.0)
    }
}

impl Gap {
    /// How long it was.
    pub fn length(&self) -> Nanos {
        Nanos(self.to.0 - self.from.0)
    }

    pub(super) fn cause_of(raw_gap: &RawGap, length: f64) -> Cause {
        match raw_gap.voluntary + raw_gap.involuntary {
            0 => Cause::Interrupted,
            // A quota stops a thread on one CPU while its brother on another still runs, so some throttling may fall into
            // the turn of a rival. Half of the gap has to be throttling.
            _ if raw_gap.throttled > 0.0 && raw_gap.throttled >= length / 2.0 => Cause::Throttled,
            _ => Cause::SwitchedOut,
        }
    }
}
