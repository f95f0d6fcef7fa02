//! What the kernel counted while something ran: switches, faults, time on a CPU and time waiting for one.
//!
//! Integers persuade where nanoseconds do not: one sleep is one voluntary switch, on every machine. The counters come
//! from `getrusage(2)`, `clock_gettime(2)` and `/proc` (`proc_pid_schedstat` in the kernel's *Scheduler Statistics*,
//! `proc_stat(5)`), and from the `cpu.stat` of the own cgroup. Nothing here needs privilege.
//!
//! Longer than most modules here by its fields and their words: what each counter counts, for whom, and who may refuse it.

pub(crate) mod counters;
mod footprint;
mod given;
mod held;

use crate::reading::{Reading, Unavailable};
use crate::units::{Count, Nanos, Share, nanos};
use counters::{ThrottledSoFar, Whose, cpu_time, stolen, trust, usage, waited};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};
use std::marker::PhantomData;
use std::time::Instant;

pub use footprint::{Footprint, footprint_of_each};
pub use given::count_given;
pub use held::{children, open_files};

/// What the kernel counted between two moments. Seen from one thread, unless a field says otherwise.
///
/// A counter that this machine does not keep says why. Some kernels answer zero to questions they do not keep books
/// about: counters found standing still while something was made to happen are reported as unavailable too.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
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
    /// Time for which the quota of the own cgroup, or of one around it, stopped its threads: of the one that did for longest.
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
    throttled: Reading<ThrottledSoFar>,
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
        let (stolen, throttled, waited) = (stolen(), ThrottledSoFar::now(), waited());
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
        let throttled = self.throttled.as_ref().map_err(Clone::clone).and_then(ThrottledSoFar::since);
        let (waited, stolen) = (waited(), stolen());
        let more = |of: fn(Usage) -> Count| changed(&self.thread.map(of), &thread.map(of), grown);
        let time = |of: fn(Usage) -> Nanos| changed(&self.thread.map(of), &thread.map(of), later);
        let ran = changed(&self.cpu, &cpu, later);
        let trust = trust();
        Ledger {
            elapsed,
            cpu: ran,
            user: time(|usage| usage.user),
            system: time(|usage| usage.system),
            waited: vouched(&trust.waits, changed(&self.waited, &waited, later))
                .map(|waited| fitting(waited, elapsed, &ran)),
            voluntary: vouched(&trust.switches, more(|usage| usage.voluntary)),
            involuntary: vouched(&trust.involuntary, more(|usage| usage.involuntary)),
            minor_faults: vouched(&trust.faults, more(|usage| usage.minor_faults)),
            major_faults: vouched(&trust.faults, more(|usage| usage.major_faults)),
            stolen: vouched(&trust.ticks, changed(&self.stolen, &stolen, later)),
            throttled,
            process: vouched(&trust.usage(), changed(&self.process, &process, Usage::since)),
            children: vouched(&trust.usage(), changed(&self.children, &children, Usage::since)),
        }
    }
}

impl Ledger {
    /// Of several threads, whose switches alone were counted: voluntary, then involuntary.
    pub(crate) fn of_switches(elapsed: Nanos, [voluntary, involuntary]: [Reading<Count>; 2]) -> Self {
        fn none<T>() -> Reading<T> {
            Err(Unavailable::because("only switches were counted, of several threads together"))
        }
        Self {
            elapsed,
            cpu: none(),
            user: none(),
            system: none(),
            waited: none(),
            voluntary,
            involuntary,
            minor_faults: none(),
            major_faults: none(),
            stolen: none(),
            throttled: none(),
            process: none(),
            children: none(),
        }
    }

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

    /// The time that this thread was on no CPU: asleep, or waiting for one.
    ///
    /// # Errors
    /// Where the time on a CPU is not counted.
    pub fn off_cpu(&self) -> Reading<Nanos> {
        // Taking stock is no part of the elapsed time, and some of the time on a CPU.
        self.cpu.map(|cpu| nanos((self.elapsed.0 - cpu.0).max(0.0)))
    }

    /// The time that went by, in its two parts: on a CPU and off it.
    pub fn parts(&self) -> [(&'static str, Reading<Nanos>); 2] {
        [("on a CPU", self.cpu), ("off it", self.off_cpu())]
    }

    /// Page faults of the children that ended meanwhile, settled from memory.
    ///
    /// # Errors
    /// Where they are not counted, and where no child ended: each has some.
    pub fn child_faults(&self) -> Reading<Count> {
        let faults = self.children?.minor_faults;
        let none = || Unavailable::because("no child ended meanwhile");
        (faults > Count(0)).then_some(faults).ok_or_else(none)
    }

    /// What was counted, line by line: label and value with its unit, or why there is none.
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        // An act that never ran took no time either.
        let elapsed = match &self.cpu {
            Err(reason) if self.elapsed.0.is_nan() => format!("unavailable: {reason}"),
            _ => self.elapsed.to_string(),
        };
        vec![
            ("elapsed", elapsed),
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
    fn since(self, before: Self) -> Reading<Self> {
        Ok(Self {
            user: later(self.user, before.user)?,
            system: later(self.system, before.system)?,
            voluntary: grown(self.voluntary, before.voluntary)?,
            involuntary: grown(self.involuntary, before.involuntary)?,
            minor_faults: grown(self.minor_faults, before.minor_faults)?,
            major_faults: grown(self.major_faults, before.major_faults)?,
        })
    }
}

impl Display for Usage {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let Self { user, system, voluntary, involuntary, minor_faults, major_faults } = self;
        write!(out, "{user} in programs, {system} in the kernel; {voluntary} voluntary and {involuntary} ")?;
        write!(out, "involuntary switches; {minor_faults} minor and {major_faults} major page faults")
    }
}

fn shown<T: Display>(reading: &Reading<T>) -> String {
    reading.as_ref().map_or_else(|reason| format!("unavailable: {reason}"), ToString::to_string)
}

/// The change of a counter, if it could be read both times.
fn changed<T: Copy>(
    before: &Reading<T>,
    after: &Reading<T>,
    since: impl Fn(T, T) -> Reading<T>,
) -> Reading<T> {
    match (before, after) {
        (Ok(before), Ok(after)) => since(*after, *before),
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

/// Time never runs backwards, but a rescaled counter may seem to; and then it's unknown how much went by.
fn later(after: Nanos, before: Nanos) -> Reading<Nanos> {
    let backwards = || Unavailable::because(format!("this counter ran backwards, from {before} to {after}"));
    (after >= before).then(|| nanos(after.0 - before.0)).ok_or_else(backwards)
}

/// The same of a number.
fn grown(after: Count, before: Count) -> Reading<Count> {
    let backwards = || Unavailable::because(format!("this counter ran backwards, from {before} to {after}"));
    after.0.checked_sub(before.0).map(Count).ok_or_else(backwards)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_that_runs_backwards_tells_nothing() {
        let mut ahead = Snapshot::take();
        ahead.cpu = ahead.cpu.map(|time| nanos(time.0 + 1e15));
        ahead.thread = ahead.thread.map(|usage| Usage { voluntary: Count(u64::MAX), ..usage });
        let ledger = ahead.since();
        for reason in [ledger.cpu.map(drop), ledger.voluntary.map(drop)] {
            assert!(ahead.cpu.is_err() || reason.unwrap_err().to_string().contains("backwards"), "{ledger}");
        }
        assert!(ahead.thread.is_err() || ledger.system.is_ok(), "{ledger}");
    }
}
