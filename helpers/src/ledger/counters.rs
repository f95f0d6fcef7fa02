//! The counters themselves, and whether they count.

use super::Usage;
use crate::proc::{self, cgroup};
use crate::reading::{Reading, Unavailable};
use crate::units::{Count, Nanos, nanos};
use std::sync::OnceLock;
use std::time::Duration;

/// Which counters move when something is made to happen.
pub(crate) struct Trust {
    pub(crate) switches: Reading<()>,
    pub(crate) faults: Reading<()>,
    pub(crate) waits: Reading<()>,
    pub(crate) ticks: Reading<()>,
}

impl Trust {
    pub(crate) fn both(&self) -> Reading<()> {
        self.switches.and(self.faults)
    }
}

/// Makes a switch and a fault happen, once per process, and looks whether they are counted.
pub(crate) fn trust() -> &'static Trust {
    static FOUND: OnceLock<Trust> = OnceLock::new();
    FOUND.get_or_init(|| {
        let moved = |after: u64, before: u64, what: &str, made: &str| {
            let still = || {
                Unavailable::because(format!(
                    "{what} read zero here even {made}: this kernel does not count them"
                ))
            };
            (after > before).then_some(()).ok_or_else(still)
        };
        let before = usage(Whose::Thread);
        std::thread::sleep(Duration::from_millis(1));
        touch_fresh_page();
        let after = usage(Whose::Thread);
        let both = before.and_then(|before| after.map(|after| (before, after)));
        let switches = both.and_then(|(before, after)| {
            moved(after.voluntary.0, before.voluntary.0, "context switches", "after a sleep")
        });
        let faults = both.and_then(|(before, after)| {
            moved(
                after.minor_faults.0,
                before.minor_faults.0,
                "page faults",
                "after the first touch of a page",
            )
        });
        let waits = schedstat().and_then(|stat| moved(stat.slices.0, 0, "turns on a CPU", "while running"));
        let ticks = ticks().and_then(|ticks| moved(ticks.total, 0, "CPU ticks", "since boot"));
        Trust { switches, faults, waits, ticks }
    })
}

fn schedstat() -> Reading<proc::SchedStat> {
    proc::read_head("/proc/thread-self/schedstat", 128).and_then(|bytes| proc::schedstat(&bytes))
}

fn ticks() -> Reading<proc::CpuTicks> {
    proc::read_head("/proc/stat", 256).and_then(|bytes| proc::stat(&bytes))
}

pub(crate) fn waited() -> Reading<Nanos> {
    schedstat().map(|stat| stat.waited)
}

pub(crate) fn stolen() -> Reading<Nanos> {
    // SAFETY: sysconf only reads a constant of the system.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) }.max(1) as f64;
    ticks().map(|ticks| nanos(ticks.stolen as f64 / per_second * 1e9))
}

pub(crate) fn throttled() -> Reading<Nanos> {
    proc::read_head(cgroup::throttle_file()?, 1024).and_then(|bytes| proc::throttled(&bytes))
}

pub(crate) fn cpu_time() -> Reading<Nanos> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel fills in the one structure it is given, which outlives the call.
    let done = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    if done != 0 {
        let error = std::io::Error::last_os_error();
        return Err(Unavailable::refused("clock_gettime(CLOCK_THREAD_CPUTIME_ID)", &error));
    }
    Ok(nanos(time.tv_sec as f64 * 1e9 + time.tv_nsec as f64))
}

#[derive(Clone, Copy)]
pub(crate) enum Whose {
    Thread,
    Process,
    Children,
}

pub(crate) fn usage(whose: Whose) -> Reading<Usage> {
    let who = match whose {
        #[cfg(target_os = "linux")]
        Whose::Thread => libc::RUSAGE_THREAD,
        #[cfg(not(target_os = "linux"))]
        Whose::Thread => return Err(Unavailable::because("only Linux counts switches and faults by thread")),
        Whose::Process => libc::RUSAGE_SELF,
        Whose::Children => libc::RUSAGE_CHILDREN,
    };
    // SAFETY: every field of rusage is a number, for which zero is a value.
    let mut raw: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel fills in the one structure it is given, which outlives the call.
    if unsafe { libc::getrusage(who, &raw mut raw) } != 0 {
        return Err(Unavailable::refused("getrusage", &std::io::Error::last_os_error()));
    }
    let time = |time: libc::timeval| nanos(time.tv_sec as f64 * 1e9 + time.tv_usec as f64 * 1e3);
    let count = |value: libc::c_long| Count(u64::try_from(value).unwrap_or(0));
    Ok(Usage {
        user: time(raw.ru_utime),
        system: time(raw.ru_stime),
        voluntary: count(raw.ru_nvcsw),
        involuntary: count(raw.ru_nivcsw),
        minor_faults: count(raw.ru_minflt),
        major_faults: count(raw.ru_majflt),
    })
}

/// Writes to a page that nobody has touched before.
fn touch_fresh_page() {
    const PAGE: usize = 4096;
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANON);
    // SAFETY: a new private mapping, at an address the kernel chooses, overlaps nothing.
    let page = unsafe { libc::mmap(std::ptr::null_mut(), PAGE, access, kind, -1, 0) };
    if page != libc::MAP_FAILED {
        // SAFETY: the page was just mapped for writing and is unmapped here once, with nothing pointing into it.
        unsafe {
            page.cast::<u8>().write_volatile(1);
            libc::munmap(page, PAGE);
        }
    }
}
