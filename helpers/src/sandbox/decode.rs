//! From the numbers that a child left behind to words.

use super::ending::{Ending, Outcome, Returned, Signal, Trap};
use super::words::{ISS, SI_KERNEL, aarch64, code, has_error_code, signal, x86_64};
use crate::reading::{Reading, Unavailable};
use crate::units::Nanos;

/// What a child left behind: its wait status, and what it wrote down before it ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Raw {
    /// From `waitpid(2)`; `None` for a child that had to be killed.
    pub(super) status: Option<i32>,
    /// The signal that the child caught, if any.
    pub(super) caught: Option<Caught>,
    /// How far it came by itself.
    pub(super) progress: Progress,
    pub(super) value: Option<i64>,
    pub(super) errno: i32,
    /// The child's answer, or the message of its panic.
    pub(super) text: String,
    /// From the beginning of the act until the signal arrived.
    pub(super) until_signal: Option<Nanos>,
    /// From the beginning of the act until the parent knew of the end.
    pub(super) until_known: Option<Nanos>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "there are no children that make progress"))]
pub(super) enum Progress {
    #[default]
    Unfinished,
    Finished,
    Panicked,
}

/// What a signal handler is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Caught {
    pub(super) signal: i32,
    pub(super) code: i32,
    /// `si_addr`.
    pub(super) address: u64,
    /// The x86-64 vector, or the whole aarch64 syndrome; `None` where the kernel hands over none.
    pub(super) trap: Option<u64>,
    pub(super) error: u64,
    pub(super) instruction: u64,
}

impl Ending {
    pub(super) fn of(act: String, limit: Nanos, raw: Reading<Raw>) -> Self {
        match raw {
            Err(reason) => {
                let (until_signal, until_known) = (Err(reason), Err(reason));
                let act = act.into();
                Self { act, outcome: Outcome::Unavailable(reason), trap: None, until_signal, until_known }
            }
            Ok(raw) => Self {
                act: act.into(),
                outcome: outcome(&raw, limit),
                trap: trap(&raw),
                until_signal: raw.until_signal.ok_or_else(|| Unavailable::because("no signal was caught")),
                until_known: raw.until_known.ok_or_else(|| Unavailable::because("the act never began")),
            },
        }
    }
}

fn outcome(raw: &Raw, limit: Nanos) -> Outcome {
    let Some(status) = raw.status else { return Outcome::TimedOut(limit) };
    if libc::WIFSIGNALED(status) {
        let number = libc::WTERMSIG(status);
        let code = raw
            .caught
            .filter(|caught| caught.signal == number)
            .map(|caught| code(number, caught.code).into());
        return Outcome::Killed(Signal { number, name: signal(number).into(), code });
    }
    match raw.progress {
        Progress::Finished => Outcome::Survived(raw.value.map(|value| {
            let failed = value == -1 && raw.errno != 0;
            let error = failed.then(|| std::io::Error::from_raw_os_error(raw.errno).to_string().into());
            Returned { value, error }
        })),
        Progress::Panicked => Outcome::Panicked(raw.text.as_str().into()),
        Progress::Unfinished => Outcome::Exited(libc::WEXITSTATUS(status)),
    }
}

/// The trap behind the signal, if it was the CPU that gave cause for it.
fn trap(raw: &Raw) -> Option<Trap> {
    let caught = raw.caught?;
    let by_cpu =
        matches!(caught.signal, libc::SIGSEGV | libc::SIGBUS | libc::SIGILL | libc::SIGFPE | libc::SIGTRAP)
            && caught.code > 0;
    if !by_cpu {
        return None;
    }
    let of_memory = matches!(caught.signal, libc::SIGSEGV | libc::SIGBUS) && caught.code < SI_KERNEL;
    let address = of_memory.then_some(caught.address);
    let instruction = caught.instruction;
    let by_signal = || Trap {
        number: None,
        name: judged(&caught).into(),
        error: None,
        bits: match (of_memory, caught.code) {
            (true, 1) => "not present, by the signal",
            (true, 2) => "present, by the signal",
            _ => "no details from this kernel",
        }
        .into(),
        address,
        instruction,
    };
    Some(match caught.trap {
        None => by_signal(),
        // Vector 0 is the divide error: with another signal it means that this kernel leaves the field empty.
        Some(0) if cfg!(target_arch = "x86_64") && caught.signal != libc::SIGFPE => by_signal(),
        Some(vector) if cfg!(target_arch = "x86_64") => {
            let (name, bits) = x86_64(vector, caught.error);
            let error = has_error_code(vector).then_some(caught.error);
            let (number, name, bits) = (u32::try_from(vector).ok(), name.into(), bits.into());
            Trap { number, name, error, bits, address: address.filter(|_| vector == 14), instruction }
        }
        Some(syndrome) => {
            let (class, name, bits) = aarch64(syndrome);
            let error = Some(syndrome & ISS);
            Trap { number: Some(class), name: name.into(), error, bits: bits.into(), address, instruction }
        }
    })
}

/// What the trap must have been, where only the signal is known.
fn judged(caught: &Caught) -> &'static str {
    let x86_64 = cfg!(target_arch = "x86_64");
    match (caught.signal, caught.code) {
        (libc::SIGSEGV, SI_KERNEL) if x86_64 => "general protection",
        (libc::SIGSEGV, _) if x86_64 => "page fault",
        (libc::SIGSEGV, _) if caught.address == caught.instruction => "instruction abort",
        (libc::SIGSEGV, _) => "data abort",
        (libc::SIGBUS, 1) => "alignment fault",
        (libc::SIGBUS, _) => "memory error",
        (libc::SIGILL, _) if x86_64 => "invalid opcode",
        (libc::SIGILL, _) => "undefined instruction",
        (libc::SIGFPE, _) => "arithmetic error",
        _ => "breakpoint",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_that_somebody_sent_is_no_trap() {
        let sent = Caught { signal: libc::SIGSEGV, code: 0, trap: Some(14), ..Caught::default() };
        assert_eq!(trap(&Raw { caught: Some(sent), ..Raw::default() }), None);
    }

    #[test]
    fn a_kernel_that_hands_over_no_trap_number_is_not_taken_for_a_division() {
        let silent = Caught { signal: libc::SIGSEGV, code: 1, address: 8, trap: None, ..Caught::default() };
        let trap = trap(&Raw { caught: Some(silent), ..Raw::default() }).unwrap();
        assert_eq!((trap.number, trap.address), (None, Some(8)));
        assert_eq!(trap.bits, "not present, by the signal");
    }
}
