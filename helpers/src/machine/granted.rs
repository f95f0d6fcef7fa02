//! What the kernel has to give, and how much of it at a time: its CPUs, and a thread's slice.

use super::Machine;
use crate::reading::{Reading, Unavailable};
use crate::units::{Count, Cpus, Nanos};

/// The CPU time after which this thread has to stand back if another one of the ordinary kind is waiting. Linux tells it since
/// 6.12 (`sched_setattr(2)` also lets a thread ask for another one; `Documentation/scheduler/sched-eevdf.rst`).
///
/// ```
/// // How long may I go on?
/// match helpers::own_slice() {
///     Ok(slice) => assert!(slice.0 > 1e4 && slice.0 < 1e9, "{slice}"),
///     Err(reason) => println!("{reason}"),
/// }
/// ```
///
/// # Errors
/// Where the kernel does not tell it.
pub fn own_slice() -> Reading<Nanos> {
    match attributes()?.runtime {
        0 => Err(Unavailable::because(
            "this kernel does not tell how long a thread's slice is; Linux does since 6.12",
        )),
        slice => Ok(Nanos(slice as f64)),
    }
}

impl Machine {
    /// How many CPUs the kernel sees, whoever may use them.
    ///
    /// # Errors
    /// Where it does not list them.
    pub fn online_cpus(&self) -> Reading<Cpus> {
        counted(&self.online)
    }

    /// So much time and one tick more: by then a kernel that looks at each tick has noticed that the time is over.
    ///
    /// # Errors
    /// Where the time, or how often the kernel's timer ticks, is not known.
    pub fn a_tick_after(&self, time: Reading<Nanos>) -> Reading<Nanos> {
        later(time, &self.tick)
    }
}

fn counted(cpus: &Reading<Vec<usize>>) -> Reading<Cpus> {
    cpus.as_ref().map(|cpus| Cpus(cpus.len() as f64)).map_err(Clone::clone)
}

fn later(time: Reading<Nanos>, tick: &Reading<Count>) -> Reading<Nanos> {
    Ok(Nanos(time?.0 + 1e9 / tick.as_ref().map_err(Clone::clone)?.0 as f64))
}

/// `struct sched_attr` in its first version, which every kernel that has the call can fill in.
#[repr(C)]
#[derive(Default)]
struct Attributes {
    size: u32,
    policy: u32,
    flags: u64,
    nice: i32,
    priority: u32,
    runtime: u64,
    deadline: u64,
    period: u64,
}

#[cfg(target_os = "linux")]
fn attributes() -> Reading<Attributes> {
    const SIZE: u32 = size_of::<Attributes>() as u32;
    let mut attributes = Attributes::default();
    // SAFETY: the kernel writes at most SIZE bytes to a structure of that size, which lives until the call returns.
    let refused = unsafe { libc::syscall(libc::SYS_sched_getattr, 0, &raw mut attributes, SIZE, 0) } != 0;
    if refused {
        return Err(Unavailable::refused("sched_getattr", &std::io::Error::last_os_error()));
    }
    Ok(attributes)
}

#[cfg(not(target_os = "linux"))]
fn attributes() -> Reading<Attributes> {
    Err(Unavailable::because("only Linux tells a thread's slice"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::millis;

    #[test]
    fn a_tick_is_added_or_the_reason_handed_on() {
        let reason = Unavailable::because("not told");
        assert_eq!(later(Ok(millis(1.0)), &Ok(Count(250))), Ok(millis(5.0)));
        assert_eq!(later(Err(reason), &Ok(Count(250))), Err(reason));
        assert_eq!(later(Ok(millis(1.0)), &Err(reason)), Err(reason));
    }

    #[test]
    fn cpus_are_counted_or_the_reason_handed_on() {
        let reason = Unavailable::because("not listed");
        assert_eq!(counted(&Ok(vec![0, 2, 3])), Ok(Cpus(3.0)));
        assert_eq!(counted(&Err(reason)), Err(reason));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_slice_is_the_one_that_was_asked_for() {
        let Ok(before) = attributes() else { return };
        let asked =
            Attributes { size: size_of::<Attributes>() as u32, runtime: 3_000_000, ..Attributes::default() };
        // SAFETY: the kernel reads a structure whose size it is told; only this thread, which ends with the test, is changed.
        let set = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const asked, 0) } == 0;
        // A kernel before 6.12 ignores the wish and tells no slice.
        if set && before.runtime > 0 && before.policy == 0 {
            assert_eq!(own_slice(), Ok(millis(3.0)));
        }
    }
}
