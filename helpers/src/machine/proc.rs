//! The text of `/proc` and `/sys`, taken apart: pure functions from bytes to readings.
//!
//! A kernel writes these files, but not always the kernel whose manual we read: a container runtime may fake them, a
//! sandbox may cut them short. So no parser trusts its input; none panics, none allocates more than its input is long.

use crate::units::{Count, Nanos, micros, nanos};
use crate::verdict::{Reading, Unavailable};
use std::io::Read;

/// No file read here is longer where its contents make sense: `/proc/cpuinfo` of 512 CPUs is under a megabyte.
const CAP: u64 = 1 << 20;

/// The contents of a file of the kernel, up to a mebibyte of them.
pub(crate) fn read(path: &str) -> Reading<Vec<u8>> {
    read_head(path, CAP)
}

/// The first `cap` bytes of a file of the kernel.
pub(crate) fn read_head(path: &str, cap: u64) -> Reading<Vec<u8>> {
    let refused = |error: std::io::Error| Unavailable::refused(path, &error);
    let mut bytes = Vec::with_capacity(512);
    std::fs::File::open(path).map_err(refused)?.take(cap).read_to_end(&mut bytes).map_err(refused)?;
    Ok(bytes)
}

/// The first line of a small file, trimmed.
///
/// # Errors
/// When it is empty.
pub fn word(bytes: &[u8]) -> Reading<String> {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().next().unwrap_or_default().trim();
    if line.is_empty() { Err(Unavailable::because("the file is empty")) } else { Ok(line.to_owned()) }
}

/// The whole numbers of the first line, from its first number on.
fn numbers(bytes: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty()).map_while(integer)
}

/// A field that is a whole number and nothing else.
pub(crate) fn integer(field: &[u8]) -> Option<u64> {
    std::str::from_utf8(field).ok()?.trim().parse().ok()
}

/// The value of a line `key value` (or `key: value`, or `key = value`), the first with this key.
pub(crate) fn field<'a>(bytes: &'a [u8], key: &str) -> Option<&'a [u8]> {
    bytes.split(|byte| *byte == b'\n').find_map(|line| {
        let rest = line.strip_prefix(key.as_bytes())?;
        let value = rest.trim_ascii_start();
        let value = value.strip_prefix(b":").or(value.strip_prefix(b"=")).unwrap_or(value);
        // "cpu" is not the key of "cpu0 1 2": something must end it.
        rest.first()
            .is_none_or(|next| !next.is_ascii_alphanumeric() && *next != b'_')
            .then(|| value.trim_ascii())
    })
}

/// What `/proc/<pid>/schedstat` says of a thread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SchedStat {
    /// Time spent on a CPU.
    pub ran: Nanos,
    /// Time spent ready to run, waiting for a CPU.
    pub waited: Nanos,
    /// How often it was given a CPU.
    pub slices: Count,
}

/// Three numbers: time on the CPU, time waiting for one, turns.
///
/// ```
/// use helpers::machine::proc::schedstat;
/// // How long did this thread wait for a CPU?
/// assert_eq!(schedstat(b"3512956 1500 7\n").unwrap().waited, helpers::micros(1.5));
/// ```
///
/// # Errors
/// When there are not three numbers.
pub fn schedstat(bytes: &[u8]) -> Reading<SchedStat> {
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
pub struct CpuTicks {
    /// Of everything: user, nice, system, idle, iowait, irq, softirq and steal.
    pub total: u64,
    /// In which a virtual CPU was ready to run and the hypervisor ran something else.
    pub stolen: u64,
}

/// The line `cpu …` of `/proc/stat`. Guest time is left out of the total, since user time already holds it.
///
/// ```
/// use helpers::machine::proc::stat;
/// // What share of the time did the hypervisor give to somebody else?
/// let ticks = stat(b"cpu  50 0 20 920 0 0 0 10 0 0\n").unwrap();
/// assert_eq!((ticks.stolen, ticks.total), (10, 1000));
/// ```
///
/// # Errors
/// When the line is missing or ends before the steal field.
pub fn stat(bytes: &[u8]) -> Reading<CpuTicks> {
    let line =
        field(bytes, "cpu").ok_or_else(|| Unavailable::because("/proc/stat has no line for all CPUs"))?;
    let ticks: Vec<u64> = numbers(line).take(8).collect();
    match ticks[..] {
        [.., stolen] if ticks.len() == 8 => {
            Ok(CpuTicks { total: ticks.iter().fold(0, |sum, tick| sum.saturating_add(*tick)), stolen })
        }
        _ => Err(Unavailable::because("/proc/stat: the line for all CPUs has no steal field")),
    }
}

/// The throttled time in a cgroup's `cpu.stat`: `throttled_usec` in version 2, `throttled_time` (nanoseconds) in version 1.
///
/// # Errors
/// When the file has neither.
pub fn throttled(bytes: &[u8]) -> Reading<Nanos> {
    let number = |key| field(bytes, key).and_then(integer).map(|value| value as f64);
    number("throttled_usec").map(micros).or_else(|| number("throttled_time").map(nanos)).ok_or_else(|| {
        Unavailable::because("cpu.stat counts no throttling: this cgroup has no CPU controller")
    })
}
