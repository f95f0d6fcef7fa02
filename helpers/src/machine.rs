//! The context card: which machine this is, what it allows, what it hides.
//!
//! Two people measure the same program, get different numbers, and both are right: their machines differ in ways that
//! neither has said. So the machine is a value here. Every chart carries its short form, every record all of it, and what
//! cannot be known is a field with a reason, not a gap.
//!
//! Sources: `proc(5)`, `cgroups(7)`, `sched_setaffinity(2)` and, for `/sys`, the kernel's *ABI* documentation.

pub mod cpus;
pub mod crew;
pub mod host;
pub mod pages;
mod rows;

use crate::proc::{self, cgroup};
use crate::reading::{Reading, Unavailable};
use crate::sandbox::{Outcome, attempt};
use crate::units::{Bytes, Count};
use cpus::Siblings;
use host::{Container, Kernel};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::OnceLock;

pub use rows::Row;

/// A machine as one process sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The CPU's name.
    pub cpu: Reading<String>,
    /// The instruction set that this program was compiled for: `x86_64`, `aarch64`.
    pub architecture: String,
    /// CPUs that are switched on.
    pub online: Reading<Vec<usize>>,
    /// CPUs that this program may use: its affinity mask when it was first asked for.
    pub allowed: Reading<Vec<usize>>,
    /// The CPU time that a cgroup allows, in CPUs: `None` without a limit.
    pub quota: Reading<Option<f64>>,
    /// CPUs that share a core.
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
    /// Who shares out the CPUs.
    pub scheduler: Reading<String>,
    /// What the kernel reads to tell the time.
    pub clock_source: Reading<String>,
    /// Known weaknesses of CPUs, and what the kernel does about each on this one.
    pub mitigations: Reading<BTreeMap<String, String>>,
    /// Whether the CPU and the kernel keep these apart: programs' page tables and the kernel's (`KPTI`), data and code (`NX`),
    /// the kernel and programs' code (`SMEP`) and data (`SMAP`), programs and the tables of the CPU (`UMIP`).
    pub guards: Reading<BTreeMap<String, bool>>,
    /// Whether a seccomp policy judges each system call.
    pub seccomp: Reading<String>,
    /// Whether programs started from here may gain privileges.
    pub no_new_privileges: Reading<bool>,
    /// The effective user: 0 is root.
    pub user: u32,
    /// Root's powers, one bit each, that this process holds (`capabilities(7)`).
    pub capabilities: Reading<u64>,
    /// How far performance counters are closed to ordinary users: −1 open to all, 2 own programs only, above closed.
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

impl Machine {
    /// This machine. What never changes is read once per process; what does change is read at each call.
    ///
    /// ```
    /// use helpers::Machine;
    /// let machine = Machine::here();
    /// // How many CPUs can this program keep busy?
    /// if let Ok(cpus) = machine.effective_cpus() {
    ///     assert!(cpus > 0.0);
    /// }
    /// println!("{}", machine.short());
    /// ```
    pub fn here() -> Self {
        Self { now: Now::read(), ..remember().clone() }
    }

    /// How many CPUs this program can keep busy: those it may run on, or fewer if a quota allows fewer.
    ///
    /// # Errors
    /// Where the allowed CPUs are not known. A quota that cannot be read is taken for none.
    pub fn effective_cpus(&self) -> Reading<f64> {
        let allowed = self.allowed.as_ref().map_err(Clone::clone)?.len() as f64;
        let quota = self.quota.ok().flatten();
        Ok(quota.map_or(allowed, |quota| quota.min(allowed)))
    }

    /// Whether a hypervisor is known to run below.
    pub fn is_virtual(&self) -> bool {
        matches!(self.hypervisor, Ok(Some(_)))
    }

    fn read() -> Self {
        let cpuinfo = proc::read_unless("/proc/cpuinfo", "this system describes its CPUs elsewhere");
        let status = proc::read_unless("/proc/self/status", "this system has no /proc");
        let status = |read: fn(&[u8], &str) -> Reading<u64>, key: &str| {
            status.as_ref().map_err(Clone::clone).and_then(|status| read(status, key))
        };
        let (hypervisor, kernel, online) = (host::hypervisor(), host::kernel(), cpus::online());
        let mitigations = mitigations();
        Self {
            cpu: cpuinfo.as_ref().map_err(Clone::clone).and_then(|cpuinfo| proc::cpu_model(cpuinfo)),
            architecture: std::env::consts::ARCH.to_owned(),
            siblings: online.clone().and_then(|online| cpus::siblings(&online, &hypervisor)),
            online,
            allowed: cpus::allowed(),
            quota: cgroup::quota(),
            product: host::product(),
            hypervisor,
            container: host::container(&kernel),
            tick: host::tick(),
            scheduler: kernel.as_ref().map_err(Clone::clone).and_then(host::scheduler),
            kernel,
            clock_source: line(
                "/sys/devices/system/clocksource/clocksource0/current_clocksource",
                "this system does not name its clock source",
            ),
            guards: cpuinfo.and_then(|cpuinfo| guards(&cpuinfo, &mitigations)),
            mitigations,
            seccomp: status(proc::status_number, "Seccomp").map(|mode| {
                match mode {
                    0 => "off",
                    1 => "strict: only read, write and leaving",
                    2 => "a filter decides on every system call",
                    _ => "an unknown mode",
                }
                .to_owned()
            }),
            no_new_privileges: status(proc::status_number, "NoNewPrivs").map(|set| set != 0),
            user: user(),
            capabilities: status(proc::status_set, "CapEff"),
            perf_event_paranoid: line(
                "/proc/sys/kernel/perf_event_paranoid",
                "this kernel has no performance counters",
            )
            .and_then(|text| {
                text.parse().map_err(|_| Unavailable::because(format!("{text:?} is no level of paranoia")))
            }),
            page: Bytes(page_size() as u64),
            huge_pages: proc::read_unless(
                "/sys/kernel/mm/transparent_hugepage/enabled",
                "this kernel is built without transparent huge pages",
            )
            .and_then(|bytes| proc::choice(&bytes)),
            memory: meminfo("MemTotal"),
            overflow_checks: overflow_checks(),
            debug_assertions: cfg!(debug_assertions),
            now: Now::read(),
        }
    }
}

impl Now {
    fn read() -> Self {
        let load = proc::read_unless("/proc/loadavg", "this system has no /proc");
        let pressure = proc::read_unless(
            "/proc/pressure/cpu",
            "the kernel was built or booted without pressure stall information (boot it with psi=1)",
        );
        Self {
            load: load.and_then(|bytes| proc::load(&bytes)),
            pressure: pressure.and_then(|bytes| proc::pressure(&bytes)),
            stolen: stolen(),
            available: meminfo("MemAvailable"),
        }
    }
}

/// The parts of the card that stay. Read before anything here changes the process, above all its affinity mask.
pub(crate) fn remember() -> &'static Machine {
    static CARD: OnceLock<Machine> = OnceLock::new();
    CARD.get_or_init(Machine::read)
}

/// Bytes in a page of this machine.
pub(crate) fn page_size() -> usize {
    // SAFETY: sysconf only reads a constant of the system.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

/// The effective user.
fn user() -> u32 {
    // SAFETY: takes nothing, changes nothing, and cannot fail.
    unsafe { libc::geteuid() }
}

fn line(path: &str, cause: &str) -> Reading<String> {
    proc::read_unless(path, cause).and_then(|bytes| proc::word(&bytes))
}

fn meminfo(key: &str) -> Reading<Bytes> {
    proc::read_unless("/proc/meminfo", "this system has no /proc").and_then(|bytes| proc::memory(&bytes, key))
}

/// In per cent, to two decimals: more would not come back the same from a record.
fn stolen() -> Reading<f64> {
    let ticks = proc::read_head("/proc/stat", 256).and_then(|bytes| proc::stat(&bytes))?;
    if ticks.total == 0 {
        return Err(Unavailable::because("/proc/stat counts no CPU time at all"));
    }
    Ok((ticks.stolen as f64 / ticks.total as f64 * 1e4).round() / 1e2)
}

/// Every file of the directory: its name with spaces, and what it says.
fn mitigations() -> Reading<BTreeMap<String, String>> {
    const PLACE: &str = "/sys/devices/system/cpu/vulnerabilities";
    let listed = std::fs::read_dir(PLACE).map_err(|error| Unavailable::refused(PLACE, &error))?;
    let state = |entry: std::fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().replace('_', " ");
        Some((name, proc::read(&entry.path().to_string_lossy()).and_then(|bytes| proc::word(&bytes)).ok()?))
    };
    Ok(listed.flatten().filter_map(state).collect())
}

#[cfg(target_arch = "x86_64")]
fn guards(
    cpuinfo: &[u8],
    mitigations: &Reading<BTreeMap<String, String>>,
) -> Reading<BTreeMap<String, bool>> {
    let mut guards = BTreeMap::new();
    for name in ["NX", "SMEP", "SMAP", "UMIP"] {
        guards.insert(name.to_owned(), proc::has_feature(cpuinfo, &name.to_lowercase())?);
    }
    let isolated =
        mitigations.as_ref().ok().and_then(|all| all.get("meltdown")).map(|state| state.contains("PTI"));
    let flagged = || proc::has_feature(cpuinfo, "pti");
    guards.insert("KPTI".to_owned(), isolated.map_or_else(flagged, Ok)?);
    Ok(guards)
}

#[cfg(not(target_arch = "x86_64"))]
fn guards(_: &[u8], _: &Reading<BTreeMap<String, String>>) -> Reading<BTreeMap<String, bool>> {
    Err(Unavailable::because("this architecture does not list them; the mitigations tell some"))
}

/// Lets a sum overflow where it harms nobody.
fn overflow_checks() -> Reading<bool> {
    let ending = attempt("255 + 1", || black_box(u8::MAX) + black_box(1));
    match ending.outcome {
        Outcome::Panicked(_) => Ok(true),
        Outcome::Survived(_) => Ok(false),
        _ => Err(Unavailable::because(ending.to_string())),
    }
}
