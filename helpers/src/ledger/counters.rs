//! The counters themselves, and whether they count.

use super::Usage;
use crate::machine::barrier::together;
use crate::machine::cpus;
use crate::proc::cgroup::{Throttled, Throttling};
use crate::proc::{self, counts};
use crate::reading::{Reading, Unavailable, once};
use crate::units::{Count, Nanos, nanos};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Which counters move when something is made to happen.
#[derive(Clone)]
pub(crate) struct Trust {
    pub(crate) switches: Reading<()>,
    pub(crate) involuntary: Reading<()>,
    pub(crate) faults: Reading<()>,
    pub(crate) waits: Reading<()>,
    pub(crate) ticks: Reading<()>,
}

impl Trust {
    /// Switches of both kinds.
    pub(crate) fn all_switches(&self) -> Reading<()> {
        self.switches.and(self.involuntary)
    }

    /// All that is counted of a whole process.
    pub(crate) fn usage(&self) -> Reading<()> {
        self.all_switches().and(self.faults)
    }
}

/// What is found of a counter: whether it moves. `Err` where that could not be tried just now.
type Found = Reading<Reading<()>>;

/// Makes switches and a fault happen, and looks whether they are counted. That is done once per process, but for what could not
/// be tried: the reason may pass, as a shortage of descriptors or of threads does.
pub(crate) fn trust() -> Trust {
    static SWITCHES_AND_FAULTS: OnceLock<[Reading<()>; 2]> = OnceLock::new();
    static INVOLUNTARY: OnceLock<Reading<()>> = OnceLock::new();
    static WAITS: OnceLock<Reading<()>> = OnceLock::new();
    static TICKS: OnceLock<Reading<()>> = OnceLock::new();
    let [switches, faults] =
        once(&SWITCHES_AND_FAULTS, switches_and_faults).unwrap_or_else(|reason| [Err(reason), Err(reason)]);
    let waits = || Ok(moved(schedstat()?.slices.0, 0, "turns on a CPU", "while running"));
    let ticks = || Ok(moved(ticks()?.total, 0, "CPU ticks", "since boot"));
    let one = |kept, find: &dyn Fn() -> Found| once(kept, find).and_then(|found| found);
    Trust {
        switches,
        involuntary: one(&INVOLUNTARY, &involuntary_switches),
        faults,
        waits: one(&WAITS, &waits),
        ticks: one(&TICKS, &ticks),
    }
}

fn moved(after: u64, before: u64, what: &str, made: &str) -> Reading<()> {
    let still = || {
        Unavailable::because(format!("{what} read zero here even {made}: this kernel does not count them"))
    };
    (after > before).then_some(()).ok_or_else(still)
}

fn switches_and_faults() -> Reading<[Reading<()>; 2]> {
    let before = usage(Whose::Thread)?;
    std::thread::sleep(Duration::from_millis(1));
    touch_fresh_page();
    let after = usage(Whose::Thread)?;
    let (slept, touched) = ("after a sleep", "after the first touch of a page");
    Ok([
        moved(after.voluntary.0, before.voluntary.0, "context switches", slept),
        moved(after.minor_faults.0, before.minor_faults.0, "page faults", touched),
    ])
}

/// Lets two threads on one CPU hand it to one another (`sched_yield(2)`). Neither waits for anything, so the kernel counts each
/// of these switches as one that nobody asked for; some sandboxes never do.
fn involuntary_switches() -> Found {
    let cpu = *cpus::of_program()?.last().ok_or_else(|| Unavailable::because("no CPU to switch on"))?;
    let (rivals_turns, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let act = |who: usize, (), ()| {
        if who == 0 {
            let found = switches_beside(&rivals_turns);
            is_over.store(true, Relaxed);
            return found;
        }
        while !is_over.load(Relaxed) {
            rivals_turns.fetch_add(1, Relaxed);
            std::thread::yield_now();
        }
        Ok((0, 0))
    };
    let ((), mut found) = together(&[Some(cpu); 2], |_| (), || (), act)?;
    let (counted, alternated) = found.swap_remove(0)?;
    involuntary_judged(counted, alternated)
}

/// Gives the CPU away until that is counted, or the rival has had its turns without a count: how often either was seen.
fn switches_beside(rivals_turns: &AtomicU64) -> Reading<(u64, u64)> {
    const LONGEST: Duration = Duration::from_millis(50);
    let (before, start) = (usage(Whose::Thread)?.involuntary.0, Instant::now());
    let (mut seen, mut alternated) = (rivals_turns.load(Relaxed), 0);
    loop {
        std::thread::yield_now();
        let counted = usage(Whose::Thread)?.involuntary.0.saturating_sub(before);
        let now = rivals_turns.load(Relaxed);
        alternated += u64::from(now != seen);
        seen = now;
        if counted > 0 || alternated >= PROVEN || start.elapsed() > LONGEST {
            return Ok((counted, alternated));
        }
    }
}

/// As often as this two threads must have taken turns before a count of zero is held against the kernel.
const PROVEN: u64 = 10;

/// Of the switches that were counted, and how often the other thread was seen to have run in between.
fn involuntary_judged(counted: u64, alternated: u64) -> Found {
    if counted == 0 && alternated < PROVEN {
        return Err(Unavailable::because(
            "two threads on one CPU did not take turns just now, so nothing is proven",
        ));
    }
    Ok(moved(counted, 0, "switches that no thread asks for", "while two threads took turns on one CPU"))
}

fn schedstat() -> Reading<counts::SchedStat> {
    proc::read_head("/proc/thread-self/schedstat", 128).and_then(|bytes| counts::schedstat(&bytes))
}

fn ticks() -> Reading<counts::CpuTicks> {
    proc::read_head("/proc/stat", 256).and_then(|bytes| counts::stat(&bytes))
}

pub(crate) fn waited() -> Reading<Nanos> {
    schedstat().map(|stat| stat.waited)
}

pub(crate) fn stolen() -> Reading<Nanos> {
    // SAFETY: sysconf only reads a constant of the system.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) }.max(1) as f64;
    ticks().map(|ticks| nanos(ticks.stolen as f64 / per_second * 1e9))
}

/// The throttling counted so far, and the counters to ask again: those of the groups that the process is in now.
#[derive(Clone, Debug)]
pub(crate) struct ThrottledSoFar {
    counters: Throttling,
    counted: Throttled,
}

impl ThrottledSoFar {
    pub(crate) fn now() -> Reading<Self> {
        let counters = Throttling::here()?;
        let counted = counters.counted()?;
        Ok(Self { counters, counted })
    }

    pub(crate) fn since(&self) -> Reading<Nanos> {
        self.counters.counted()?.since(&self.counted)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_of_zero_is_held_against_the_kernel_only_when_threads_took_turns() {
        assert_eq!(involuntary_judged(1, 0), Ok(Ok(())));
        let uncounted = involuntary_judged(0, PROVEN).unwrap().unwrap_err();
        assert!(uncounted.to_string().contains("does not count them"));
        assert!(involuntary_judged(0, PROVEN - 1).is_err());
    }

    #[test]
    fn what_could_not_be_tried_is_tried_again() {
        static KEPT: OnceLock<u8> = OnceLock::new();
        assert!(once(&KEPT, || Err(Unavailable::because("too many open files"))).is_err());
        assert_eq!(once(&KEPT, || Ok(1)), Ok(1));
        assert_eq!(once(&KEPT, || Ok(2)), Ok(1));
    }
}
