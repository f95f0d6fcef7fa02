//! Which CPUs this program may use, and how to stay on one.

use crate::reading::{Reading, Unavailable};
use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

/// No machine has a CPU with a number this high; a file that says so is not to be believed.
const MOST: usize = 8192;

/// A list of CPUs as the kernel writes it: `0-3,7`.
///
/// # Errors
/// When it is empty or anything else than numbers and ranges.
pub(crate) fn list(bytes: &[u8]) -> Reading<Vec<usize>> {
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
pub(crate) fn ranges(cpus: &[usize]) -> String {
    let groups = cpus.chunk_by(|one, next| one + 1 == *next).map(|group| match group {
        [one] => one.to_string(),
        [one, .., last] => format!("{one}–{last}"),
        [] => String::new(),
    });
    groups.collect::<Vec<_>>().join(", ")
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
    Mask::of(THIS_THREAD).map(|mask| mask.cpus())
}

/// The CPUs that this program may use, now: those of its first thread, but for what [`pin`] does to it for a while. Threads
/// that are kept on a CPU elsewhere say nothing of the program.
pub(crate) fn of_program() -> Reading<Vec<usize>> {
    let pinned = FIRST_BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, before)) = &*pinned {
        return Ok(before.cpus());
    }
    Mask::of(std::process::id()).map(|mask| mask.cpus())
}

/// The mask that the program's first thread had before it was pinned, and how many pins it is under.
static FIRST_BEFORE: Mutex<Option<(usize, Mask)>> = Mutex::new(None);

/// What the kernel takes for the calling thread.
const THIS_THREAD: u32 = 0;

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
    let before = Mask::of(THIS_THREAD)?;
    let beyond = || Unavailable::because(format!("CPU {cpu}: there is none with this number"));
    Mask::only(cpu).ok_or_else(beyond)?.set().map_err(|reason| {
        let allowed = allowed().map_or_else(|reason| reason.to_string(), |cpus| ranges(&cpus));
        Unavailable::because(format!("CPU {cpu} cannot be used: {reason}; those allowed here: {allowed}"))
    })?;
    let is_first = is_first_thread();
    if is_first {
        let mut pinned = FIRST_BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
        pinned.get_or_insert_with(|| (0, before.clone())).0 += 1;
    }
    let number = PINS.with_borrow_mut(|pins| pins.add(cpu, before));
    Ok(Pinned { cpu, number, is_first, stays: PhantomData })
}

thread_local!(static PINS: RefCell<Pins> = const { RefCell::new(Pins { live: Vec::new(), before: None }) });

/// The pins that a thread is under. Nobody says that the last of them is dropped first: `pinned = pin(1)` makes one before it
/// drops the other.
struct Pins {
    /// Each with its number, and the newest last.
    live: Vec<(usize, usize)>,
    /// The CPUs that the thread had before the first.
    before: Option<Mask>,
}

impl Pins {
    /// The number of the new one.
    fn add(&mut self, cpu: usize, before: Mask) -> usize {
        if self.live.is_empty() {
            self.before = Some(before);
        }
        let number = self.live.last().map_or(0, |(newest, _)| newest + 1);
        self.live.push((number, cpu));
        number
    }

    /// What the thread is left with.
    fn remove(&mut self, number: usize) -> Option<Mask> {
        self.live.retain(|(other, _)| *other != number);
        match self.live.last() {
            Some((_, cpu)) => Mask::only(*cpu),
            None => self.before.take(),
        }
    }
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

/// A thread that stays on one CPU. Dropping it gives the thread back the CPUs that it had, or leaves it to the newest of the
/// others that it is under.
#[derive(Debug)]
pub struct Pinned {
    /// The CPU.
    pub cpu: usize,
    number: usize,
    is_first: bool,
    /// The mask belongs to the thread that set it.
    stays: PhantomData<*const ()>,
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // It was allowed before. If it no longer is, or the thread is ending, there is nobody left to tell.
        if let Ok(Some(left)) = PINS.try_with(|pins| pins.borrow_mut().remove(self.number)) {
            let _ = left.set();
        }
        if self.is_first {
            let mut pinned = FIRST_BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
            *pinned = pinned.take().filter(|(pins, _)| *pins > 1).map(|(pins, before)| (pins - 1, before));
        }
    }
}

/// One bit per CPU.
#[derive(Clone, Debug)]
struct Mask([u64; MOST / 64]);

impl Mask {
    /// None where no machine has such a CPU.
    fn only(cpu: usize) -> Option<Self> {
        let mut only = Self([0; MOST / 64]);
        *only.0.get_mut(cpu / 64)? |= 1 << (cpu % 64);
        Some(only)
    }

    fn cpus(&self) -> Vec<usize> {
        (0..MOST).filter(|cpu| self.0[cpu / 64] >> (cpu % 64) & 1 == 1).collect()
    }
}

#[cfg(target_os = "linux")]
impl Mask {
    /// Of a thread, by the kernel's number of it.
    fn of(thread: u32) -> Reading<Self> {
        let mut mask = Self([0; MOST / 64]);
        let size = size_of_val(&mask.0);
        // SAFETY: the kernel writes at most the given number of bytes into the array, whose bits are all meaningful.
        let done = unsafe { libc::sched_getaffinity(thread.cast_signed(), size, mask.0.as_mut_ptr().cast()) };
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

/// Whether this is the thread that the program began with.
#[cfg(target_os = "linux")]
fn is_first_thread() -> bool {
    // SAFETY: takes nothing, changes nothing, and cannot fail.
    unsafe { libc::gettid() }.cast_unsigned() == std::process::id()
}

#[cfg(not(target_os = "linux"))]
fn is_first_thread() -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
impl Mask {
    fn of(_: u32) -> Reading<Self> {
        Err(Unavailable::because("threads cannot be kept on a CPU here: only Linux has affinity masks"))
    }

    fn set(&self) -> Reading<()> {
        Self::of(THIS_THREAD).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_cpus_is_ascending_and_bounded() {
        assert_eq!(list(b"0").unwrap(), [0]);
        assert_eq!(list(b"0-1,4,6-7\n").unwrap(), [0, 1, 4, 6, 7]);
        for odd in
            ["", "3-1", "0,0", "1,0", "0-", "-1", "a", "0-8192", "0-99999999999999999999", "0,,1", "0-1-2"]
        {
            assert!(list(odd.as_bytes()).is_err(), "{odd}");
        }
        for cpus in [vec![], vec![5], vec![0, 1], vec![0, 2, 3, 4, 9]] {
            let text = ranges(&cpus).replace('–', "-").replace(' ', "");
            assert_eq!(list(text.as_bytes()).unwrap_or_default(), cpus);
        }
        crate::proc::tests::withstands(b"0-3,7\n", |bytes| list(bytes).is_ok());
    }
}
