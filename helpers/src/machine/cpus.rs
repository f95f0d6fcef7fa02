//! Which CPUs there are, which of them this program may use, and how to stay on one.

use crate::proc;
use crate::reading::{Reading, Unavailable};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};
use std::marker::PhantomData;

/// No machine has a CPU with a number this high; a file that says so is not to be believed.
const MOST: usize = 8192;

/// A list of CPUs as the kernel writes it.
///
/// ```
/// use helpers::machine::cpus::list;
/// assert_eq!(list(b"0-2,7\n").unwrap(), [0, 1, 2, 7]);
/// ```
///
/// # Errors
/// When it is empty or anything else than numbers and ranges.
pub fn list(bytes: &[u8]) -> Reading<Vec<usize>> {
    let odd = || Unavailable::because("a list of CPUs like 0-3,7 was expected");
    let number = |text: &str| text.parse().ok().filter(|cpu| *cpu < MOST).ok_or_else(odd);
    let text = std::str::from_utf8(bytes.trim_ascii()).map_err(|_| odd())?;
    let mut cpus = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (number(first)?, number(last)?);
        // Ascending, as the kernel writes it: so a list is never longer than there can be CPUs.
        if first > last || cpus.last().is_some_and(|before| *before >= first) {
            return Err(odd());
        }
        cpus.extend(first..=last);
    }
    Ok(cpus)
}

/// CPUs the short way: `0–2, 7`.
///
/// ```
/// use helpers::machine::cpus::ranges;
/// assert_eq!(ranges(&[0, 1, 2, 7]), "0–2, 7");
/// ```
pub fn ranges(cpus: &[usize]) -> String {
    let groups = cpus.chunk_by(|one, next| one + 1 == *next).map(|group| match group {
        [one] => one.to_string(),
        [one, .., last] => format!("{one}–{last}"),
        [] => String::new(),
    });
    groups.collect::<Vec<_>>().join(", ")
}

/// The CPUs that are switched on.
pub(crate) fn online() -> Reading<Vec<usize>> {
    list(&proc::read_unless("/sys/devices/system/cpu/online", "this system does not list its CPUs there")?)
}

/// Hardware threads that share one core ("hyper-threading").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Siblings {
    /// These groups of CPUs share a core each.
    Visible(Vec<Vec<usize>>),
    /// Each core runs one thread: the hardware cannot do otherwise, or it was switched off.
    Off,
}

impl Display for Siblings {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        match self {
            Self::Off => out.write_str("off: one hardware thread per core"),
            Self::Visible(groups) => {
                let groups: Vec<String> = groups.iter().map(|cpus| ranges(cpus)).collect();
                write!(out, "visible: {} share a core", groups.join(" | "))
            }
        }
    }
}

/// Which CPUs share a core. A hypervisor may hide that: then nothing is to be seen, and that is the reading.
pub(crate) fn siblings(online: &[usize], hypervisor: &Reading<Option<String>>) -> Reading<Siblings> {
    let file = |cpu: &usize| format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
    let mut groups = Vec::new();
    for cpu in online {
        let group = list(&proc::read_unless(&file(cpu), "this kernel shows no topology")?)?;
        if group.len() > 1 && !groups.contains(&group) {
            groups.push(group);
        }
    }
    let hidden = |by: &str| Unavailable::because(format!("every CPU is shown as a core of its own, {by}"));
    match (groups.is_empty(), hypervisor) {
        (false, _) => Ok(Siblings::Visible(groups)),
        (true, Ok(None)) => Ok(Siblings::Off),
        (true, Ok(Some(name))) => Err(hidden(&format!("but {name} may run several of them on one"))),
        (true, Err(_)) => Err(hidden("but a hypervisor may hide the truth")),
    }
}

/// The CPUs that the kernel may run this thread on: its affinity mask.
///
/// ```
/// use helpers::machine::cpus::allowed;
/// // Is there anywhere to run?
/// assert!(allowed().is_ok_and(|cpus| !cpus.is_empty()) || cfg!(not(target_os = "linux")));
/// ```
///
/// # Errors
/// Where there is no such mask, or it may not be read.
pub fn allowed() -> Reading<Vec<usize>> {
    let mask = Mask::get()?;
    Ok((0..MOST).filter(|cpu| mask.0[cpu / 64] >> (cpu % 64) & 1 == 1).collect())
}

/// Keeps this thread on one CPU, until the value is dropped.
///
/// ```
/// use helpers::machine::cpus::{allowed, pin};
/// if let Ok(before) = allowed() {
///     let pinned = pin(before[0]);
///     // Where may this thread run now?
///     assert!(pinned.is_err() || allowed().unwrap() == [before[0]]);
///     drop(pinned);
///     assert_eq!(allowed().unwrap(), before);
/// }
/// ```
///
/// # Errors
/// When the CPU does not exist or is not allowed, or there is no such mask on this system.
pub fn pin(cpu: usize) -> Reading<Pinned> {
    super::remember();
    let before = Mask::get()?;
    let beyond = || Unavailable::because(format!("CPU {cpu}: there is none with this number"));
    let mut only = Mask([0; MOST / 64]);
    *only.0.get_mut(cpu / 64).ok_or_else(beyond)? |= 1 << (cpu % 64);
    only.set().map_err(|reason| {
        let allowed = allowed().map_or_else(|reason| reason.to_string(), |cpus| ranges(&cpus));
        Unavailable::because(format!("CPU {cpu} cannot be used: {reason}; those allowed here: {allowed}"))
    })?;
    Ok(Pinned { cpu, before, stays: PhantomData })
}

/// Runs `act` with this thread kept on one CPU, and lets it go again.
///
/// ```
/// use helpers::machine::cpus::{allowed, on_cpu};
/// let sum = allowed().and_then(|cpus| on_cpu(cpus[0], || 1 + 1));
/// assert!(sum == Ok(2) || cfg!(not(target_os = "linux")));
/// ```
///
/// # Errors
/// As [`pin`].
pub fn on_cpu<R>(cpu: usize, act: impl FnOnce() -> R) -> Reading<R> {
    let _pinned = pin(cpu)?;
    Ok(act())
}

/// A thread that stays on one CPU. Dropping it gives the thread back the CPUs that it had.
#[derive(Debug)]
pub struct Pinned {
    /// The CPU.
    pub cpu: usize,
    before: Mask,
    /// The mask belongs to the thread that set it.
    stays: PhantomData<*const ()>,
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // It was allowed before. If it no longer is, there is nobody left to tell.
        let _ = self.before.set();
    }
}

/// One bit per CPU.
#[derive(Debug)]
struct Mask([u64; MOST / 64]);

#[cfg(target_os = "linux")]
impl Mask {
    fn get() -> Reading<Self> {
        let mut mask = Self([0; MOST / 64]);
        // SAFETY: the kernel writes at most the given number of bytes into the array, whose bits are all meaningful.
        let done = unsafe { libc::sched_getaffinity(0, size_of_val(&mask.0), mask.0.as_mut_ptr().cast()) };
        if done == 0 { Ok(mask) } else { Err(refused("sched_getaffinity")) }
    }

    fn set(&self) -> Reading<()> {
        // SAFETY: the kernel reads the given number of bytes from the array.
        let done = unsafe { libc::sched_setaffinity(0, size_of_val(&self.0), self.0.as_ptr().cast()) };
        if done == 0 { Ok(()) } else { Err(refused("sched_setaffinity")) }
    }
}

#[cfg(target_os = "linux")]
fn refused(call: &str) -> Unavailable {
    Unavailable::refused(call, &std::io::Error::last_os_error())
}

#[cfg(not(target_os = "linux"))]
impl Mask {
    fn get() -> Reading<Self> {
        Err(Unavailable::because("threads cannot be kept on a CPU here: only Linux has affinity masks"))
    }

    fn set(&self) -> Reading<()> {
        Self::get().map(drop)
    }
}
