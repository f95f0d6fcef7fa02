//! Where each line of the card is read.

use super::{Context, Now, container, cpus, guards, host, hypervisor, page_size, topology};
use crate::proc::{self, cgroup, counts, cpuinfo};
use crate::reading::{Reading, Unavailable};
use crate::sandbox::{Outcome, attempt};
use crate::units::Bytes;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::OnceLock;

impl Context {
    /// Reads all of it, but for what no process can see change: that is read until it could be.
    pub(crate) fn read() -> Self {
        let status = proc::read_in("/proc/self", "status", "");
        let status = |read: fn(&[u8], &str) -> Reading<u64>, key: &str| {
            status.as_ref().map_err(Clone::clone).and_then(|status| read(status, key))
        };
        let (hypervisor, kernel, mitigations) = (hypervisor(), host::kernel(), guards::mitigations());
        let (cpu, guards) = of_cpuinfo(&mitigations);
        let (online, allowed, user) = (topology::online(), cpus::of_program(), effective_user());
        Self {
            cpu,
            architecture: std::env::consts::ARCH.to_owned(),
            siblings: topology::siblings(&online, &allowed, &hypervisor),
            online,
            allowed,
            quota: cgroup::quota(),
            product: product(),
            hypervisor,
            container: container::container(&kernel),
            tick: host::tick(),
            tickless: host::tickless(),
            scheduler: kernel.as_ref().map_err(Clone::clone).and_then(host::scheduler),
            user_outside: guards::user_outside(&kernel, user),
            kernel,
            clock_source: proc::read_in(
                "/sys/devices/system/clocksource/clocksource0",
                "current_clocksource",
                "this kernel does not name its clock source",
            )
            .and_then(|bytes| proc::word(&bytes)),
            guards,
            mitigations,
            seccomp: status(proc::status_number, "Seccomp").and_then(guards::seccomp),
            no_new_privileges: status(proc::status_number, "NoNewPrivs").map(|set| set != 0),
            user,
            capabilities: status(proc::status_set, "CapEff"),
            perf_event_paranoid: perf_event_paranoid(),
            page: Bytes(page_size() as u64),
            huge_pages: proc::read_in(
                "/sys/kernel/mm",
                "transparent_hugepage/enabled",
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
        let load = proc::read_in("/proc", "loadavg", "");
        let pressure = proc::read_in(
            "/proc",
            "pressure/cpu",
            "the kernel was built or booted without pressure stall information: boot it with psi=1",
        );
        Self {
            load: load.and_then(|bytes| proc::load(&bytes)),
            pressure: pressure.and_then(|bytes| proc::pressure(&bytes)),
            stolen: stolen(),
            available: meminfo("MemAvailable"),
        }
    }
}

/// What `read` found, kept from the first time that it found something: a failure may pass, as a shortage of descriptors does.
fn kept<T: Clone>(kept: &'static OnceLock<T>, read: impl FnOnce() -> Reading<T>) -> Reading<T> {
    if let Some(found) = kept.get() {
        return Ok(found.clone());
    }
    read().map(|found| kept.get_or_init(|| found).clone())
}

type Guards = BTreeMap<String, bool>;

/// Name and guards of the CPU. The file is long where there are many CPUs, and costs each of them an interrupt.
fn of_cpuinfo(mitigations: &Reading<BTreeMap<String, String>>) -> (Reading<String>, Reading<Guards>) {
    static CPU: OnceLock<String> = OnceLock::new();
    static GUARDS: OnceLock<Guards> = OnceLock::new();
    let isolated = |guards| guards::with_isolation(guards, mitigations);
    if let (Some(cpu), Some(guards)) = (CPU.get(), GUARDS.get()) {
        return (Ok(cpu.clone()), Ok(isolated(guards.clone())));
    }
    let cpuinfo = proc::read_in("/proc", "cpuinfo", "");
    let cpuinfo = || cpuinfo.as_ref().map_err(Clone::clone);
    let cpu = kept(&CPU, || cpuinfo().and_then(|cpuinfo| cpuinfo::cpu_model(cpuinfo)));
    (cpu, kept(&GUARDS, || cpuinfo().and_then(|cpuinfo| guards::guards(cpuinfo))).map(isolated))
}

fn product() -> Reading<String> {
    static PRODUCT: OnceLock<String> = OnceLock::new();
    kept(&PRODUCT, host::product)
}

/// Asking makes the CPU leave the virtual machine, which costs some microseconds.
fn hypervisor() -> Reading<Option<String>> {
    static HYPERVISOR: OnceLock<Option<String>> = OnceLock::new();
    kept(&HYPERVISOR, hypervisor::hypervisor)
}

fn effective_user() -> u32 {
    // SAFETY: takes nothing, changes nothing, and cannot fail.
    unsafe { libc::geteuid() }
}

fn perf_event_paranoid() -> Reading<i64> {
    let level =
        proc::read_in("/proc/sys/kernel", "perf_event_paranoid", "this kernel has no performance counters");
    let text = level.and_then(|bytes| proc::word(&bytes))?;
    text.parse().map_err(|_| Unavailable::because(format!("{text:?} is no level of paranoia")))
}

fn meminfo(key: &str) -> Reading<Bytes> {
    proc::read_in("/proc", "meminfo", "").and_then(|bytes| proc::memory(&bytes, key))
}

/// In per cent, to two decimals: more would not come back the same from a record.
fn stolen() -> Reading<f64> {
    let ticks = proc::read_in("/proc", "stat", "").and_then(|bytes| counts::stat(&bytes))?;
    if ticks.total == 0 {
        return Err(Unavailable::because("/proc/stat counts no CPU time at all"));
    }
    Ok((ticks.stolen as f64 / ticks.total as f64 * 1e4).round() / 1e2)
}

/// Lets a sum overflow where it harms nobody.
fn overflow_checks() -> Reading<bool> {
    static CHECKS: OnceLock<bool> = OnceLock::new();
    kept(&CHECKS, || {
        let ending = attempt("255 + 1", || black_box(u8::MAX) + black_box(1));
        match ending.outcome {
            Outcome::Panicked(_) => Ok(true),
            Outcome::Survived(_) => Ok(false),
            _ => Err(Unavailable::because(ending.to_string())),
        }
    })
}
