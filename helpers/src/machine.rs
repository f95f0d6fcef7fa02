//! The context card: which machine this is, what it allows, what it hides.
//!
//! Two people measure the same program, get different numbers, and both are right: their machines differ in ways that
//! neither has said. So the machine is a value here. Every chart carries its short form, every record all of it, and what
//! cannot be known is a field with a reason, not a gap.
//!
//! Sources: `proc(5)`, `cgroups(7)`, `sched_setaffinity(2)` and, for `/sys`, the kernel's *ABI* documentation.

pub(crate) mod barrier;
pub mod container;
pub mod cpus;
mod granted;
mod guards;
pub mod host;
pub(crate) mod hypervisor;
pub mod memory;
pub mod pages;
pub(crate) mod placement;
mod rows;
mod survey;
pub mod topology;

use crate::lasting::Lasting;
use crate::proc::cgroup;
use crate::reading::{Reading, Unavailable};
use crate::units::{Bytes, Count, Cpus};
use container::Container;
use host::Kernel;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::ops::Deref;
use topology::Siblings;

pub use granted::own_slice;
pub use rows::Row;

/// What results depend on: a machine as one process sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Context {
    /// The CPU's name.
    pub cpu: Reading<String>,
    /// The instruction set that this program was compiled for: `x86_64`, `aarch64`.
    pub architecture: String,
    /// CPUs that are switched on.
    pub online: Reading<Vec<usize>>,
    /// CPUs that this program may use: the affinity mask of its first thread, before this crate pins it anywhere.
    pub allowed: Reading<Vec<usize>>,
    /// The CPU time that the cgroups of this process allow, as far as they are shown to it: `None` without a limit.
    pub quota: Reading<Option<Cpus>>,
    /// CPUs that share a core, of those that are online or allowed.
    pub siblings: Reading<Siblings>,
    /// What the firmware calls the machine.
    pub product: Reading<String>,
    /// The hypervisor below the kernel: `None` on hardware.
    pub hypervisor: Reading<Option<String>>,
    /// The container around the process: `None` if no sign of one was found.
    pub container: Reading<Option<Container>>,
    /// The kernel's name and version.
    pub kernel: Reading<Kernel>,
    /// Timer ticks per second on a busy CPU (`HZ`), judged by the step of the coarse clock.
    pub tick: Reading<Count>,
    /// CPUs on which that tick stops while one thread has the CPU to itself (`nohz_full`).
    #[serde(default = "untold")]
    pub tickless: Reading<Vec<usize>>,
    /// Who shares out the CPUs.
    pub scheduler: Reading<String>,
    /// What the kernel reads to tell the time.
    pub clock_source: Reading<String>,
    /// Known weaknesses of CPUs, and what the kernel does about each on this one.
    pub mitigations: Reading<BTreeMap<String, String>>,
    /// Whether the CPU and the kernel keep these apart: programs' page tables and the kernel's (`KPTI`), data and code (`NX`),
    /// the kernel and programs' code (`SMEP`) and data (`SMAP`), programs and the tables of the CPU (`UMIP`). One that is not told
    /// is not among them.
    pub guards: Reading<BTreeMap<String, bool>>,
    /// Whether a seccomp policy judges each system call.
    pub seccomp: Reading<String>,
    /// Whether programs started from here may gain privileges.
    pub no_new_privileges: Reading<bool>,
    /// The effective user: 0 is root.
    pub user: u32,
    /// That user's number outside of the user namespace around this process: `None` where there is none, so that root is root of
    /// the machine.
    #[serde(default = "untold")]
    pub user_outside: Reading<Option<u32>>,
    /// Root's powers, one bit each, that this process holds (`capabilities(7)`).
    pub capabilities: Reading<u64>,
    /// How far performance counters are closed to ordinary users: from −1, all open, by way of 2, own programs without the
    /// kernel, to closed.
    pub perf_event_paranoid: Reading<i64>,
    /// Bytes in a page.
    pub page: Bytes,
    /// Whether the kernel gives out huge pages unasked.
    pub huge_pages: Reading<String>,
    /// Memory of the machine.
    pub memory: Reading<Bytes>,
    /// Whether this build checks sums for overflow; tried, not asked.
    pub overflow_checks: Reading<bool>,
    /// Whether this build checks `debug_assert!`.
    pub debug_assertions: bool,
    /// What was going on when the card was read.
    pub now: Now,
}

/// What changes while one looks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Now {
    /// Threads running or ready to run, averaged over 1, 5 and 15 minutes.
    pub load: Reading<[f64; 3]>,
    /// The share of the last ten seconds in which some thread waited for a CPU, in per cent.
    pub pressure: Reading<f64>,
    /// The share of all CPU time since boot that the hypervisor gave to others, in per cent. Zero also where it is silent.
    pub stolen: Reading<f64>,
    /// Memory that could be given out without swapping.
    pub available: Reading<Bytes>,
}

/// A machine, as one process sees it, to be copied like a number. Its fields are those of [`Context`].
#[derive(Clone, Copy)]
pub struct Machine {
    context: Lasting<Context>,
    /// Whether it is the one that this program runs on.
    is_this: bool,
}

impl Machine {
    /// This machine, now. What can change is read at each call: quota, group, load, the CPUs that this program may use.
    ///
    /// ```
    /// use helpers::{Cpus, Machine};
    /// let machine = Machine::here();
    /// // How many CPUs can this program keep busy?
    /// if let Ok(cpus) = machine.effective_cpus() {
    ///     assert!(cpus > Cpus(0.0));
    /// }
    /// println!("{}", machine.short());
    /// ```
    pub fn here() -> Self {
        Self { is_this: true, ..Self::from(Context::read()) }
    }

    /// How many CPUs this program can keep busy: those it may run on, or fewer if a quota allows fewer. On this machine it is
    /// asked anew, since both may change.
    ///
    /// # Errors
    /// Where the allowed CPUs or the quota are not known.
    pub fn effective_cpus(&self) -> Reading<Cpus> {
        let quota = if self.is_this { cgroup::quota() } else { self.quota };
        effective(&self.allowed_now(), &quota)
    }
}

impl Context {
    /// Whether a hypervisor is known to run below.
    pub fn is_virtual(&self) -> bool {
        matches!(self.hypervisor, Ok(Some(_)))
    }
}

/// So many CPUs can be kept busy with these allowed and under this quota.
fn effective(allowed: &Reading<Vec<usize>>, quota: &Reading<Option<Cpus>>) -> Reading<Cpus> {
    let allowed = Cpus(allowed.as_ref().map_err(Clone::clone)?.len() as f64);
    let quota = quota.as_ref().map_err(Clone::clone)?;
    Ok(quota.filter(|quota| *quota < allowed).unwrap_or(allowed))
}

impl Deref for Machine {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.context
    }
}

impl From<Context> for Machine {
    fn from(context: Context) -> Self {
        Self { context: Lasting::new(context), is_this: false }
    }
}

impl PartialEq for Machine {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Serialize for Machine {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Machine {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Context::deserialize(from).map(Self::from)
    }
}

/// What an older record has no field for.
fn untold<T>() -> Reading<T> {
    Err(Unavailable::because("the record is older than this question"))
}

/// Bytes in a page of this machine.
pub(crate) fn page_size() -> usize {
    // SAFETY: sysconf only reads a constant of the system.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}
