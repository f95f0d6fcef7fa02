//! The text of `/proc` and `/sys`, taken apart: pure functions from bytes to readings.
//!
//! A kernel writes these files, but not always the kernel whose manual we read: a container runtime may fake them, a
//! sandbox may cut them short. So no parser trusts its input; none panics, none allocates more than its input is long.

pub mod cgroup;

use crate::reading::{Reading, Unavailable};
use crate::units::{Bytes, Count, Nanos, micros, nanos};
use std::io::Read;

/// No file read here is longer where its contents make sense: `/proc/cpuinfo` of 512 CPUs is under a megabyte.
const CAP: u64 = 1 << 20;

/// No line shown here is longer.
const LINE: usize = 300;

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

/// Like [`read`]; where there is no such file, `cause` says what that means.
pub(crate) fn read_unless(path: &str, cause: &str) -> Reading<Vec<u8>> {
    read(path).map_err(|reason| {
        let missing = !std::path::Path::new(path).exists();
        if missing { Unavailable::because(format!("{reason}; {cause}")) } else { reason }
    })
}

/// The first line of a small file, trimmed, and cut where it is longer than anyone would read.
///
/// # Errors
/// When it is empty.
pub fn word(bytes: &[u8]) -> Reading<String> {
    let text = String::from_utf8_lossy(bytes);
    let line: String = text.lines().next().unwrap_or_default().trim().chars().take(LINE).collect();
    if line.is_empty() { Err(Unavailable::because("the file is empty")) } else { Ok(line) }
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
/// use helpers::proc::schedstat;
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
/// use helpers::proc::stat;
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

/// The name of the CPU in `/proc/cpuinfo`: its own words on x86-64, made from implementer and part on aarch64.
///
/// ```
/// use helpers::proc::cpu_model;
/// assert_eq!(cpu_model(b"model name\t: AMD EPYC\n").unwrap(), "AMD EPYC");
/// // An aarch64 kernel prints numbers. Whose core is this?
/// assert_eq!(cpu_model(b"CPU implementer\t: 0x41\nCPU part\t: 0xd0c\n").unwrap(), "Arm Neoverse N1");
/// ```
///
/// # Errors
/// When the file names neither.
pub fn cpu_model(cpuinfo: &[u8]) -> Reading<String> {
    if let Some(name) = field(cpuinfo, "model name").filter(|name| !name.is_empty()) {
        return word(name);
    }
    let number = |key| {
        let text = std::str::from_utf8(field(cpuinfo, key)?).ok()?;
        u32::from_str_radix(text.trim_start_matches("0x"), 16).ok()
    };
    match (number("CPU implementer"), number("CPU part")) {
        (Some(implementer), Some(part)) => Ok(arm_core(implementer, part)),
        _ => Err(Unavailable::because("/proc/cpuinfo names no CPU")),
    }
}

/// Arm's register of implementers and parts (`MIDR_EL1`), the cores that run Linux servers, boards and laptops.
fn arm_core(implementer: u32, part: u32) -> String {
    let core = match (implementer, part) {
        (0x41, 0xD03) => "Arm Cortex-A53",
        (0x41, 0xD05) => "Arm Cortex-A55",
        (0x41, 0xD07) => "Arm Cortex-A57",
        (0x41, 0xD08) => "Arm Cortex-A72",
        (0x41, 0xD0B) => "Arm Cortex-A76",
        (0x41, 0xD0C) => "Arm Neoverse N1",
        (0x41, 0xD40) => "Arm Neoverse V1",
        (0x41, 0xD49) => "Arm Neoverse N2",
        (0x41, 0xD4F) => "Arm Neoverse V2",
        (0x41, 0xD84) => "Arm Neoverse V3",
        (0x61, _) => "Apple silicon",
        (0xC0, 0xAC3) => "AmpereOne",
        (0xC0, _) => "Ampere",
        _ => return format!("CPU of implementer {implementer:#x}, part {part:#x}"),
    };
    core.to_owned()
}

/// Whether `/proc/cpuinfo` lists a feature, among the `flags` (x86-64) or `Features` (aarch64) of its first CPU.
///
/// # Errors
/// When it lists no features at all.
pub fn has_feature(cpuinfo: &[u8], feature: &str) -> Reading<bool> {
    let listed = field(cpuinfo, "flags").or_else(|| field(cpuinfo, "Features"));
    let listed = listed.ok_or_else(|| Unavailable::because("/proc/cpuinfo lists no features"))?;
    Ok(listed.split(u8::is_ascii_whitespace).any(|one| one == feature.as_bytes()))
}

/// A whole number of `/proc/self/status`.
///
/// # Errors
/// When there is no such line, or no number on it.
pub fn status_number(status: &[u8], key: &str) -> Reading<u64> {
    let missing = || Unavailable::because(format!("/proc/self/status has no number {key}"));
    field(status, key).and_then(integer).ok_or_else(missing)
}

/// A set of capabilities in `/proc/self/status`, written as hexadecimal digits.
///
/// # Errors
/// When there is no such line, or it holds anything else.
pub fn status_set(status: &[u8], key: &str) -> Reading<u64> {
    let digits = field(status, key).and_then(|value| std::str::from_utf8(value).ok());
    let missing = || Unavailable::because(format!("/proc/self/status has no set {key}"));
    digits.and_then(|digits| u64::from_str_radix(digits, 16).ok()).ok_or_else(missing)
}

/// How many threads were running or ready to run, averaged over 1, 5 and 15 minutes.
///
/// ```
/// use helpers::proc::load;
/// // Are there more programs that want to run than one CPU can serve?
/// assert!(load(b"1.80 0.84 0.77 2/119 17582\n").unwrap()[0] > 1.0);
/// ```
///
/// # Errors
/// When the file does not begin with three numbers.
pub fn load(loadavg: &[u8]) -> Reading<[f64; 3]> {
    let mut fields = loadavg.split(u8::is_ascii_whitespace).map_while(decimal);
    match (fields.next(), fields.next(), fields.next()) {
        (Some(one), Some(five), Some(fifteen)) => Ok([one, five, fifteen]),
        _ => Err(Unavailable::because("/proc/loadavg: three numbers were expected")),
    }
}

/// The share of the last ten seconds in which some thread waited for a CPU, in per cent: "pressure stall information".
///
/// # Errors
/// When the file has no such line.
pub fn pressure(bytes: &[u8]) -> Reading<f64> {
    let value = field(bytes, "some").and_then(|line| {
        line.split(u8::is_ascii_whitespace).find_map(|one| one.strip_prefix(b"avg10=")).and_then(decimal)
    });
    value.ok_or_else(|| {
        Unavailable::because("pressure: a line \u{201c}some avg10=\u{2026}\u{201d} was expected")
    })
}

/// An amount in `/proc/meminfo`, which counts in kibibytes.
///
/// # Errors
/// When there is no such line.
pub fn memory(meminfo: &[u8], key: &str) -> Reading<Bytes> {
    let number =
        field(meminfo, key).and_then(|value| value.split(u8::is_ascii_whitespace).next()).and_then(integer);
    let missing = || Unavailable::because(format!("/proc/meminfo has no line {key}"));
    number.map(|kibibytes| Bytes(kibibytes.saturating_mul(1024))).ok_or_else(missing)
}

/// The choice in brackets.
///
/// ```
/// use helpers::proc::choice;
/// // Who gets huge pages without asking?
/// assert_eq!(choice(b"always [madvise] never\n").unwrap(), "madvise"); // nobody
/// ```
///
/// # Errors
/// When nothing is in brackets.
pub fn choice(bytes: &[u8]) -> Reading<String> {
    let line = word(bytes)?;
    let chosen = line.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let chosen = chosen.map(|(chosen, _)| chosen.to_owned());
    chosen.ok_or_else(|| Unavailable::because(format!("no choice is marked in {line:?}")))
}

/// A field that is a number that can be counted with: finite and not negative.
fn decimal(field: &[u8]) -> Option<f64> {
    let number: f64 = std::str::from_utf8(field).ok()?.parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number)
}
