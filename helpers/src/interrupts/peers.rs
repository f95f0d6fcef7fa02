//! Threads that keep other CPUs busy, so that there is somebody to be interrupted.

use crate::machine::cpus::pin;
use crate::proc::limits::not_started;
use crate::reading::{Reading, Unavailable};
use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{self, Sender};
use std::thread::{self, Builder};
use std::time::{Duration, Instant};

/// A CPU that serves somebody else for longer than this is not ours to interrupt.
const PATIENCE: Duration = Duration::from_millis(250);

/// One spinning thread for each CPU.
pub(super) struct Peers<'a>(&'a [Rounds]);

/// How often a peer has gone round. On a cache line of its own: the peer writes it all the time.
#[repr(align(128))]
#[derive(Default)]
struct Rounds(AtomicU64);

impl Peers<'_> {
    /// Waits until each of them has been seen running. Otherwise it may be off its CPU, and there is nobody to interrupt.
    #[inline]
    pub(super) fn are_running(&self) -> Reading<()> {
        self.0.iter().try_for_each(|rounds| rounds.move_on(Instant::now))
    }
}

impl Rounds {
    #[inline]
    fn move_on(&self, now: impl Fn() -> Instant) -> Reading<()> {
        let seen = self.0.load(Relaxed);
        let start = now();
        while self.0.load(Relaxed) == seen {
            spin_loop();
            if now() - start > PATIENCE {
                return Err(Unavailable::because(format!(
                    "another CPU served others for {} ms on end",
                    PATIENCE.as_millis()
                )));
            }
        }
        Ok(())
    }
}

/// Runs `act` while a thread spins on each of these CPUs. They end with it, also when it panics.
pub(super) fn beside<R>(cpus: &[usize], act: impl FnOnce(&Peers) -> R) -> Reading<R> {
    let rounds: Vec<Rounds> = cpus.iter().map(|_| Rounds::default()).collect();
    let (stop, (standing, standings)) = (AtomicBool::new(false), mpsc::channel());
    let spin = |cpu: usize, rounds: &Rounds, standing: &Sender<Reading<()>>| {
        let pinned = pin(cpu);
        let _ = standing.send(pinned.as_ref().map(|_| ()).map_err(|reason| *reason));
        if pinned.is_err() {
            return;
        }
        while !stop.load(Relaxed) {
            rounds.0.fetch_add(1, Relaxed);
        }
    };
    thread::scope(|scope| {
        let end = EndsWith(&stop);
        for (cpu, rounds) in cpus.iter().zip(&rounds) {
            let (spin, standing) = (&spin, standing.clone());
            let started = Builder::new().spawn_scoped(scope, move || spin(*cpu, rounds, &standing));
            started.map_err(|error| not_started("starting a thread", &error))?;
        }
        // Each says once how it stands.
        standings.iter().take(cpus.len()).collect::<Reading<()>>()?;
        let peers = Peers(&rounds);
        peers.are_running()?;
        let result = act(&peers);
        drop(end);
        Ok(result)
    })
}

/// Tells the peers to stop, whichever way the act ends.
struct EndsWith<'a>(&'a AtomicBool);

impl Drop for EndsWith<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// Asks the kernel that every thread of this process which is running at this moment pass a memory barrier. On the CPUs of
/// those threads it has to knock: that is one interrupt each (`membarrier(2)`, `MEMBARRIER_CMD_PRIVATE_EXPEDITED`).
///
/// # Errors
/// Where the kernel has no such call, or a policy forbids it.
#[cfg(target_os = "linux")]
#[inline]
pub fn membarrier() -> Reading<()> {
    use crate::reading::once;
    use std::sync::OnceLock;
    static REGISTERED: OnceLock<()> = OnceLock::new();
    once(&REGISTERED, || command(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED))?;
    command(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED)
}

/// The same towards every process of this machine that has registered for it: `MEMBARRIER_CMD_GLOBAL_EXPEDITED`.
///
/// # Errors
/// As [`membarrier`].
#[cfg(target_os = "linux")]
#[inline]
pub fn global_membarrier() -> Reading<()> {
    command(libc::MEMBARRIER_CMD_GLOBAL_EXPEDITED)
}

/// Lets this process be interrupted by other processes' [`global_membarrier`].
///
/// # Errors
/// As [`membarrier`].
#[cfg(target_os = "linux")]
pub fn register_for_membarriers() -> Reading<()> {
    command(libc::MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED)
}

#[cfg(target_os = "linux")]
#[inline]
fn command(command: i32) -> Reading<()> {
    // SAFETY: the call takes a command and two numbers, and touches no memory.
    match unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) } {
        0 => Ok(()),
        _ => Err(Unavailable::refused("membarrier", &std::io::Error::last_os_error())),
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use crate::reading::{Reading, Unavailable};

    fn none() -> Reading<()> {
        Err(Unavailable::because("membarrier is a system call of Linux"))
    }

    /// A system call of Linux.
    ///
    /// # Errors
    /// Always.
    pub fn membarrier() -> Reading<()> {
        none()
    }

    /// A system call of Linux.
    ///
    /// # Errors
    /// Always.
    pub fn global_membarrier() -> Reading<()> {
        none()
    }

    /// A system call of Linux.
    ///
    /// # Errors
    /// Always.
    pub fn register_for_membarriers() -> Reading<()> {
        none()
    }
}

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{global_membarrier, membarrier, register_for_membarriers};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::cpus::allowed;

    #[test]
    fn peers_run_while_the_act_does_and_end_with_it() {
        let Ok(cpus) = allowed() else { return };
        let found = beside(&cpus[..1], |peers| peers.are_running().is_ok());
        assert!(found.is_ok(), "{found:?}");
        // Scoped threads that did not end would hold this test up for ever.
        let panics = std::panic::catch_unwind(|| beside(&cpus[..1], |_| panic!("on purpose")));
        assert!(panics.is_err());
    }

    #[test]
    fn a_peer_that_never_runs_is_told() {
        let reason = Rounds::default().move_on(Instant::now).unwrap_err();
        assert!(reason.to_string().contains("served others"), "{reason}");
    }

    #[test]
    fn a_peer_that_cannot_be_kept_on_its_cpu_is_told_with_the_reason() {
        let reason = pin(8191).map(drop).unwrap_err();
        assert_eq!(beside(&[8191], |_| ()), Err(reason));
    }
}
