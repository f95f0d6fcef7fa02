//! The clock for a loop that looks at it without pause: the CPU's own counter where it can be trusted, else the system's
//! clock. A look tells the time and the CPU in one go, as far as this machine allows.

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
use crate::proc;
use crate::reading::Reading;
#[cfg(not(all(target_arch = "aarch64", target_os = "linux")))]
use crate::reading::Unavailable;
use crate::units::Nanos;
use std::time::Instant;

/// A clock that counts in steps of its own, and tells which CPU it was read on.
pub(crate) trait Look: Copy + Send + Sync {
    /// The count, and the CPU; [`NOWHERE`] where that cannot be told.
    fn look(self) -> (u64, u32);
}

/// The CPU that nobody can name.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// The counter in the CPU: `rdtscp` on x86-64, which also tells the CPU; `cntvct_el0` on aarch64, where the C library tells
/// the CPU, from memory that the kernel shares with it or, in old ones, by a system call. All CPUs count alike, from the same
/// beginning. The CPU may read it some instructions early; the gaps looked for are longer by far.
#[derive(Clone, Copy)]
pub(crate) struct Counter(());

/// The system's steady clock, in nanoseconds since it was first read here.
#[derive(Clone, Copy)]
pub(crate) struct Steady(Instant);

impl Counter {
    /// The counter, if it runs at one speed on all CPUs and programs may read it.
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    pub(crate) fn here() -> Reading<Self> {
        let cpuinfo = proc::read("/proc/cpuinfo")?;
        let text = String::from_utf8_lossy(&cpuinfo);
        let flags: Vec<&str> = text
            .lines()
            .find(|line| line.starts_with("flags"))
            .map_or_else(Vec::new, |line| line.split_ascii_whitespace().collect());
        if let Some(missing) =
            ["rdtscp", "constant_tsc", "nonstop_tsc"].into_iter().find(|f| !flags.contains(f))
        {
            return Err(Unavailable::because(format!("the CPU's counter is not steady: it lacks {missing}")));
        }
        // The kernel takes its own tests of the counter, and strikes it from this list when it fails them.
        let sources = proc::read("/sys/devices/system/clocksource/clocksource0/available_clocksource")?;
        if !String::from_utf8_lossy(&sources).split_ascii_whitespace().any(|source| source == "tsc") {
            return Err(Unavailable::because("the kernel does not trust the CPU's counter"));
        }
        Ok(Self(()))
    }

    /// The architecture promises one counter for all CPUs.
    #[cfg(all(target_arch = "aarch64", target_os = "linux"))]
    #[allow(clippy::unnecessary_wraps, reason = "another architecture may refuse")]
    pub(crate) fn here() -> Reading<Self> {
        Ok(Self(()))
    }

    #[cfg(not(all(any(target_arch = "x86_64", target_arch = "aarch64"), target_os = "linux")))]
    pub(crate) fn here() -> Reading<Self> {
        Err(Unavailable::because("the CPU's counter is read on Linux, on x86-64 and aarch64, only"))
    }
}

impl Look for Counter {
    #[cfg(target_arch = "x86_64")]
    #[inline]
    fn look(self) -> (u64, u32) {
        let mut cpu = 0;
        // SAFETY: the instruction exists, or there would be no value of this type; it writes to one variable.
        let count = unsafe { core::arch::x86_64::__rdtscp(&raw mut cpu) };
        // Linux keeps the CPU's number in the low twelve bits, its node of memory above.
        (count, cpu & 0xfff)
    }

    #[cfg(target_arch = "aarch64")]
    #[inline]
    fn look(self) -> (u64, u32) {
        let count: u64;
        // SAFETY: reads a register that programs may read.
        unsafe { core::arch::asm!("mrs {}, cntvct_el0", out(reg) count, options(nomem, nostack)) };
        (count, cpu())
    }

    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    fn look(self) -> (u64, u32) {
        unreachable!("there is no value of this type here")
    }
}

impl Steady {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }
}

impl Look for Steady {
    #[inline]
    fn look(self) -> (u64, u32) {
        (self.0.elapsed().as_nanos() as u64, cpu())
    }
}

#[cfg(target_os = "linux")]
fn cpu() -> u32 {
    // SAFETY: the call has no preconditions.
    u32::try_from(unsafe { libc::sched_getcpu() }).unwrap_or(NOWHERE)
}

#[cfg(not(target_os = "linux"))]
fn cpu() -> u32 {
    NOWHERE
}

/// The count at one moment of the system's clock. Two of them, some milliseconds apart, tell how long a step of the count is.
#[derive(Clone, Copy)]
pub(crate) struct Anchor {
    at: Instant,
    count: u64,
}

impl Anchor {
    /// Reads the count between two looks at the clock, a hundred times, and keeps the reading with the least time around it.
    pub(crate) fn drop(look: impl Look) -> Self {
        let bracketed = || {
            let before = Instant::now();
            let (count, _) = look.look();
            let around = before.elapsed();
            (around, Self { at: before + around / 2, count })
        };
        let first = bracketed();
        (1..100).map(|_| bracketed()).fold(first, |best, next| if next.0 < best.0 { next } else { best }).1
    }

    /// Nanoseconds in one step of the count, between then and now.
    pub(crate) fn step(self, later: Self) -> Nanos {
        let counts = later.count.saturating_sub(self.count).max(1);
        Nanos((later.at - self.at).as_nanos() as f64 / counts as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn keeps_time(look: impl Look) {
        let before = Anchor::drop(look);
        std::thread::sleep(Duration::from_millis(20));
        let (count, _) = look.look();
        let after = Anchor::drop(look);
        let slept = (count - before.count) as f64 * before.step(after).0;
        assert!((20e6..2e9).contains(&slept), "{slept} ns");
    }

    #[test]
    fn both_clocks_keep_time() {
        keeps_time(Steady::new());
        match Counter::here() {
            Ok(counter) => keeps_time(counter),
            Err(reason) => println!("passed over: {reason}"),
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_look_tells_the_cpu() {
        let cpus = crate::machine::cpus::allowed().unwrap();
        for cpu in cpus {
            crate::machine::cpus::on_cpu(cpu, || {
                let looks = [Some(Steady::new().look()), Counter::here().ok().map(Look::look)];
                assert!(looks.iter().flatten().all(|(_, seen)| *seen as usize == cpu), "{looks:?} on {cpu}");
            })
            .unwrap();
        }
    }
}
