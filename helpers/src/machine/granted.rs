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
/// Where the kernel does not tell it, or this thread is not of the ordinary kind.
pub fn own_slice() -> Reading<Nanos> {
    let Attributes { policy, runtime, .. } = attributes()?;
    slice_of(policy, runtime)
}

/// Of a thread's policy (`sched(7)`), and of what stands where those of the ordinary kind have their slice.
fn slice_of(policy: u32, runtime: u64) -> Reading<Nanos> {
    let reason = match (policy, runtime) {
        (OTHER | BATCH | IDLE, 0) => {
            "this kernel does not tell how long a thread's slice is; Linux does since 6.12".to_owned()
        }
        (OTHER | BATCH | IDLE, slice) => return Ok(Nanos(slice as f64)),
        (FIFO, _) => {
            "a thread under SCHED_FIFO has no slice: it goes on until it waits or gives way".to_owned()
        }
        (other, _) => {
            let name = if other == RR { "SCHED_RR".to_owned() } else { format!("policy {other}") };
            format!(
                "this thread is under {name}, and only for those of the ordinary kind is the slice told here"
            )
        }
    };
    Err(Unavailable::because(reason))
}

/// The kernel's numbers of its policies.
const OTHER: u32 = 0;
const FIFO: u32 = 1;
const RR: u32 = 2;
const BATCH: u32 = 3;
const IDLE: u32 = 5;

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

    #[test]
    fn a_thread_of_another_kind_has_a_reason_of_its_own() {
        let reason = |policy, runtime| slice_of(policy, runtime).map_err(|reason| reason.to_string());
        assert_eq!([slice_of(OTHER, 3_000_000), slice_of(BATCH, 3_000_000)], [Ok(millis(3.0)); 2]);
        for (policy, runtime, sign) in
            [(OTHER, 0, "since 6.12"), (FIFO, 0, "FIFO"), (RR, 0, "RR"), (6, 9, "policy 6")]
        {
            assert!(reason(policy, runtime).is_err_and(|why| why.contains(sign)), "{policy}");
        }
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
