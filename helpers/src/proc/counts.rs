//! What the kernel counts: time on a CPU, time waiting for one, time taken away.

use super::{field, integer};
use crate::reading::{Reading, Unavailable};
use crate::units::{Count, Nanos, micros, nanos};

/// The whole numbers of the first line, from its first number on.
fn numbers(bytes: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty()).map_while(integer)
}

/// What `/proc/<pid>/schedstat` says of a thread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SchedStat {
    /// Time spent on a CPU.
    pub(crate) ran: Nanos,
    /// Time spent ready to run, waiting for a CPU.
    pub(crate) waited: Nanos,
    /// How often it was given a CPU.
    pub(crate) slices: Count,
}

/// Three numbers: time on the CPU, time waiting for one, turns.
///
/// # Errors
/// When there are not three numbers.
pub(crate) fn schedstat(bytes: &[u8]) -> Reading<SchedStat> {
    let mut numbers = numbers(bytes);
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(ran), Some(waited), Some(slices)) => {
            Ok(SchedStat { ran: nanos(ran as f64), waited: nanos(waited as f64), slices: Count(slices) })
        }
        _ => Err(Unavailable::because("schedstat: three numbers were expected")),
    }
}

/// The ticks of all CPUs since boot, from the first line of `/proc/stat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CpuTicks {
    /// Of everything: user, nice, system, idle, iowait, irq, softirq and steal.
    pub(crate) total: u64,
    /// In which a virtual CPU was ready to run and the hypervisor ran something else.
    pub(crate) stolen: u64,
}

/// The line `cpu …` of `/proc/stat`. Guest time is left out of the total, since user time already holds it.
///
/// # Errors
/// When the line is missing, ends before the steal field, or holds a count below zero: some hypervisors let the stolen time
/// run backwards, and the kernel writes what is then less than nothing as nearly 2⁶⁴.
pub(crate) fn stat(bytes: &[u8]) -> Reading<CpuTicks> {
    let line =
        field(bytes, "cpu").ok_or_else(|| Unavailable::because("/proc/stat has no line for all CPUs"))?;
    let ticks: Vec<u64> = numbers(line).take(8).collect();
    let &[.., stolen] = &ticks[..] else { return Err(Unavailable::because("/proc/stat counts no CPU time")) };
    if ticks.len() < 8 {
        return Err(Unavailable::because("/proc/stat: the line for all CPUs has no steal field"));
    }
    if let Some(below) = ticks.iter().find(|ticks| i64::try_from(**ticks).is_err()) {
        return Err(Unavailable::because(format!(
            "/proc/stat counts {} ticks of some kind, and time cannot be less than nothing",
            below.cast_signed()
        )));
    }
    Ok(CpuTicks { total: ticks.iter().fold(0, |sum, tick| sum.saturating_add(*tick)), stolen })
}

/// The throttled time in a cgroup's `cpu.stat`: `throttled_usec` in version 2, `throttled_time` (nanoseconds) in version 1.
///
/// # Errors
/// When the file has neither.
pub(crate) fn throttled(bytes: &[u8]) -> Reading<Nanos> {
    let number = |key| field(bytes, key).and_then(integer).map(|value| value as f64);
    number("throttled_usec").map(micros).or_else(|| number("throttled_time").map(nanos)).ok_or_else(|| {
        Unavailable::because("cpu.stat counts no throttling: this cgroup has no CPU controller")
    })
}
