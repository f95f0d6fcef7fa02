//! What the kernel counted while something ran: switches, faults, time on a CPU and time waiting for one.
//!
//! Integers persuade where nanoseconds do not: one sleep is one voluntary switch, on every machine. The counters come
//! from `getrusage(2)`, `clock_gettime(2)` and `/proc` (`proc_pid_schedstat` in the kernel's *Scheduler Statistics*,
//! `proc_stat(5)`), and from the `cpu.stat` of the own cgroup. Nothing here needs privilege.

pub(crate) mod counters;

use crate::proc;
use crate::reading::{Reading, Unavailable};
use crate::units::{Count, Nanos, Share, nanos};
use counters::{Whose, cpu_time, stolen, throttled, trust, usage, waited};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};
use std::marker::PhantomData;
use std::time::Instant;

/// What the kernel counted between two moments. Seen from one thread, unless a field says otherwise.
///
/// A counter that this machine does not keep says why. Some kernels answer zero to questions they do not keep books
/// about: counters found standing still while something was made to happen are reported as unavailable too.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// Time that passed on the wall.
    pub elapsed: Nanos,
    /// Time this thread spent on a CPU.
    pub cpu: Reading<Nanos>,
    /// The part of it in the program's own code. Kernels that sample this split at timer ticks are rough below 10 ms.
    pub user: Reading<Nanos>,
    /// The part of it inside the kernel, sampled likewise.
    pub system: Reading<Nanos>,
    /// Time this thread was ready to run but waited for a CPU.
    pub waited: Reading<Nanos>,
    /// How often this thread gave up its CPU, to wait for something.
    pub voluntary: Reading<Count>,
    /// How often this thread was taken off its CPU, for something else to run.
    pub involuntary: Reading<Count>,
    /// Page faults of this thread settled from memory.
    pub minor_faults: Reading<Count>,
    /// Page faults of this thread that had to wait for a device.
    pub major_faults: Reading<Count>,
    /// Time the hypervisor took from all CPUs of the machine, in clock ticks (mostly 10 ms). Zero also where it is silent.
    pub stolen: Reading<Nanos>,
    /// Time for which the quota of the own cgroup stopped its threads.
    pub throttled: Reading<Nanos>,
    /// The same counters for all threads of the process together.
    pub process: Reading<Usage>,
    /// The same counters for the children that ended and were waited for meanwhile.
    pub children: Reading<Usage>,
}

/// The counters of `getrusage(2)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// CPU time in programs.
    pub user: Nanos,
    /// CPU time in the kernel.
    pub system: Nanos,
    /// Switches to wait for something.
    pub voluntary: Count,
    /// Switches to let something else run.
    pub involuntary: Count,
    /// Page faults settled from memory.
    pub minor_faults: Count,
    /// Page faults that waited for a device.
    pub major_faults: Count,
}

/// Counts what changes in the kernel while `act` runs. What `act` returns is dropped after the last reading.
///
/// Taking stock costs some microseconds on each side, outside of what is counted.
///
/// ```
/// use helpers::ledger::count;
/// use std::{thread::sleep, time::Duration};
/// // Who decides that a sleeping thread leaves its CPU?
/// let ledger = count(|| sleep(Duration::from_millis(20)));
/// if let Ok(switches) = ledger.voluntary {
///     assert!(switches >= helpers::Count(1)); // the thread itself
/// }
/// ```
pub fn count<R>(act: impl FnOnce() -> R) -> Ledger {
    let before = Snapshot::take();
    let result = act();
    let ledger = before.since();
    drop(result);
    ledger
}

/// The counters at one moment. It stays with its thread, because it holds that thread's counters.
///
/// ```compile_fail,E0277
/// // Can another thread finish what this one began to count?
/// let before = helpers::ledger::Snapshot::take();
/// std::thread::spawn(move || before.since());
/// ```
#[derive(Clone, Debug)]
pub struct Snapshot {
    stolen: Reading<Nanos>,
    throttled: Reading<Nanos>,
    waited: Reading<Nanos>,
    children: Reading<Usage>,
    process: Reading<Usage>,
    thread: Reading<Usage>,
    cpu: Reading<Nanos>,
    at: Instant,
    stays: PhantomData<*const ()>,
}

impl Snapshot {
    /// Reads the counters, the cheapest last: so the act that follows is charged for next to nothing of the reading.
    pub fn take() -> Self {
        trust();
        let (stolen, throttled, waited) = (stolen(), throttled(), waited());
        let (children, process) = (usage(Whose::Children), usage(Whose::Process));
        let (thread, cpu) = (usage(Whose::Thread), cpu_time());
        let (at, stays) = (Instant::now(), PhantomData);
        Self { stolen, throttled, waited, children, process, thread, cpu, at, stays }
    }

    /// What has changed from then until now.
    pub fn since(&self) -> Ledger {
        // The mirror image of `take`: what the reading itself costs stays outside.
        let elapsed = nanos(self.at.elapsed().as_nanos() as f64);
        let (cpu, thread) = (cpu_time(), usage(Whose::Thread));
        let (process, children) = (usage(Whose::Process), usage(Whose::Children));
        let (waited, throttled, stolen) = (waited(), throttled(), stolen());
        let thread = changed(&self.thread, &thread, Usage::since);
        let ran = changed(&self.cpu, &cpu, later);
        let trust = trust();
        Ledger {
            elapsed,
            cpu: ran,
            user: thread.map(|usage| usage.user),
            system: thread.map(|usage| usage.system),
            waited: vouched(&trust.waits, changed(&self.waited, &waited, later))
                .map(|waited| fitting(waited, elapsed, &ran)),
            voluntary: vouched(&trust.switches, thread.map(|usage| usage.voluntary)),
            involuntary: vouched(&trust.switches, thread.map(|usage| usage.involuntary)),
            minor_faults: vouched(&trust.faults, thread.map(|usage| usage.minor_faults)),
            major_faults: vouched(&trust.faults, thread.map(|usage| usage.major_faults)),
            stolen: vouched(&trust.ticks, changed(&self.stolen, &stolen, later)),
            throttled: changed(&self.throttled, &throttled, later),
            process: vouched(&trust.both(), changed(&self.process, &process, Usage::since)),
            children: vouched(&trust.both(), changed(&self.children, &children, Usage::since)),
        }
    }
}

impl Ledger {
    /// All switches of this thread, wanted or not.
    ///
    /// # Errors
    /// Where switches are not counted.
    pub fn switches(&self) -> Reading<Count> {
        Ok(Count(self.voluntary?.0 + self.involuntary?.0))
    }

    /// The part of the time that this thread was on a CPU.
    ///
    /// # Errors
    /// Where the time on a CPU is not counted.
    pub fn cpu_share(&self) -> Reading<Share> {
        Share::of(&self.cpu, &Ok(self.elapsed))
    }

    /// What was counted, line by line: label and value with its unit, or why there is none.
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        vec![
            ("elapsed", self.elapsed.to_string()),
            ("on a CPU", shown(&self.cpu)),
            ("in the program", shown(&self.user)),
            ("in the kernel", shown(&self.system)),
            ("waiting for a CPU", shown(&self.waited)),
            ("voluntary switches", shown(&self.voluntary)),
            ("involuntary switches", shown(&self.involuntary)),
            ("minor page faults", shown(&self.minor_faults)),
            ("major page faults", shown(&self.major_faults)),
            ("stolen by the hypervisor, all CPUs", shown(&self.stolen)),
            ("throttled by the quota", shown(&self.throttled)),
            ("whole process", shown(&self.process)),
            ("children waited for", shown(&self.children)),
        ]
    }
}

impl Display for Ledger {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let rows = self.rows();
        let width = rows.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
        let lines: Vec<String> =
            rows.iter().map(|(label, value)| format!("{label:width$}  {value}")).collect();
        out.write_str(&lines.join("\n"))
    }
}

impl Usage {
    fn since(self, before: Self) -> Self {
        let more = |now: Count, then: Count| Count(now.0.saturating_sub(then.0));
        Self {
            user: later(self.user, before.user),
            system: later(self.system, before.system),
            voluntary: more(self.voluntary, before.voluntary),
            involuntary: more(self.involuntary, before.involuntary),
            minor_faults: more(self.minor_faults, before.minor_faults),
            major_faults: more(self.major_faults, before.major_faults),
        }
    }
}

impl Display for Usage {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let Self { user, system, voluntary, involuntary, minor_faults, major_faults } = self;
        write!(out, "{user} in programs, {system} in the kernel; {voluntary} voluntary and {involuntary} ")?;
        write!(out, "involuntary switches; {minor_faults} minor and {major_faults} major page faults")
    }
}

/// How many files this process has open: the same before and after, if nothing leaks.
///
/// ```
/// use helpers::ledger::open_files;
/// // Does a dropped file stay open?
/// let before = open_files();
/// drop(std::fs::File::open("/dev/null"));
/// assert_eq!(open_files(), before);
/// ```
///
/// # Errors
/// Where `/proc/self/fd` cannot be listed.
pub fn open_files() -> Reading<Count> {
    let listed =
        std::fs::read_dir("/proc/self/fd").map_err(|error| Unavailable::refused("/proc/self/fd", &error))?;
    // The listing itself holds one file open.
    Ok(Count((listed.count() as u64).saturating_sub(1)))
}

/// How many children this process has, the dead and not yet reaped ("zombies") included.
///
/// ```
/// use helpers::ledger::children;
/// // Is a child that has ended and was waited for still there?
/// let before = children();
/// let _ = std::process::Command::new("true").status();
/// assert_eq!(children(), before);
/// ```
///
/// # Errors
/// Where the kernel keeps no such list (it is built without `PROC_CHILDREN`) or has no `/proc`.
pub fn children() -> Reading<Count> {
    let refused = |error| Unavailable::refused("/proc/self/task", &error);
    let mut sum = 0;
    for task in std::fs::read_dir("/proc/self/task").map_err(refused)?.flatten() {
        match proc::read(&task.path().join("children").to_string_lossy()) {
            Ok(bytes) => {
                sum += bytes.split(u8::is_ascii_whitespace).filter(|pid| !pid.is_empty()).count() as u64;
            }
            // The thread itself has ended since it was listed.
            Err(_) if !task.path().exists() => {}
            Err(reason) => {
                return Err(Unavailable::because(format!(
                    "{reason}; the kernel is built without PROC_CHILDREN"
                )));
            }
        }
    }
    Ok(Count(sum))
}

fn shown<T: Display>(reading: &Reading<T>) -> String {
    reading.as_ref().map_or_else(|reason| format!("unavailable: {reason}"), ToString::to_string)
}

/// The change of a counter, if it could be read both times.
fn changed<T: Copy>(before: &Reading<T>, after: &Reading<T>, since: impl Fn(T, T) -> T) -> Reading<T> {
    match (before, after) {
        (Ok(before), Ok(after)) => Ok(since(*after, *before)),
        (Err(reason), _) | (_, Err(reason)) => Err(*reason),
    }
}

/// The reading, if its counter is known to move at all.
fn vouched<T>(trust: &Reading<()>, reading: Reading<T>) -> Reading<T> {
    reading.and_then(|value| (*trust).map(|()| value))
}

/// A thread that is taken off its CPU while its counters are read has waited before or after the time that is counted. A
/// thread either runs, or waits for a CPU, or sleeps: what does not fit into the time is not of this time.
fn fitting(waited: Nanos, elapsed: Nanos, ran: &Reading<Nanos>) -> Nanos {
    let room = elapsed.0 - ran.as_ref().map_or(0.0, |ran| ran.0);
    nanos(waited.0.min(room.max(0.0)))
}

/// Time never runs backwards, but a rescaled counter may seem to.
fn later(after: Nanos, before: Nanos) -> Nanos {
    nanos((after.0 - before.0).max(0.0))
}
