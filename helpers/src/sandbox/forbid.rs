//! Forbidding a system call: a child goes on without it, or dies of it.
//!
//! Whether something *needs* a system call is hard to see by counting, since one may come late or seldom. It is easy to see by
//! prohibition. A *seccomp* filter is a short program that the kernel runs at the door, on the number of each call that comes
//! in (`seccomp(2)`); a process that has set itself one can never take it off again, and so only a child does.

use super::decode::Raw;
use super::{Answer, Ending, LIMIT, Outcome, number, run};
use crate::reading::{Reading, Unavailable, once};
use std::sync::OnceLock;

/// Tries an act in a child process for which a system call is forbidden: the child dies by `SIGSYS` if it makes that call, and
/// comes to its end if it does not. Otherwise as [`attempt`](super::attempt).
///
/// The call is named as in its manual page. Known are `futex`, by which threads wait for one another, with its younger
/// variants, `clock_gettime`, which reads a clock, and `getppid`, which nobody needs.
///
/// ```
/// use helpers::{Outcome, attempt_without};
/// use std::sync::Mutex;
/// // Is taking a lock that nobody holds a system call?
/// let lock = Mutex::new(0);
/// let ending = attempt_without("futex", "lock a mutex", move || *lock.lock().unwrap());
/// assert!(matches!(ending.outcome, Outcome::Survived(_) | Outcome::Unavailable(_)));
/// ```
pub fn attempt_without<R: 'static>(call: &str, act: impl Into<String>, body: impl FnOnce() -> R) -> Ending {
    let numbers = numbers(call).and_then(|numbers| is_enforced().map(|()| numbers));
    let mut body = Some(body);
    let raw = numbers
        .and_then(|numbers| run_without(numbers, &mut || body.take().and_then(|body| number(&body()))));
    Ending::of(act.into(), LIMIT, raw)
}

impl Ending {
    /// Whether the act came to its end.
    ///
    /// # Errors
    /// As [`trapped`](Self::trapped).
    pub fn survived(&self) -> Reading<bool> {
        self.own().map(|outcome| matches!(outcome, Outcome::Survived(_)))
    }

    /// Whether the kernel ended the process by this signal: `SIGSYS` for a call that was forbidden.
    ///
    /// # Errors
    /// As [`trapped`](Self::trapped).
    pub fn died_of(&self, name: &str) -> Reading<bool> {
        self.own().map(|outcome| matches!(outcome, Outcome::Killed(signal) if signal.name == name))
    }
}

/// Whether this kernel does as the filter says: some accept one and then look away. A child that was forbidden a harmless call
/// has to die of it.
fn is_enforced() -> Reading<()> {
    static FOUND: OnceLock<Reading<()>> = OnceLock::new();
    once(&FOUND, || {
        let raw = numbers("getppid").and_then(|numbers| run_without(numbers, &mut || Some(getppid())));
        seen(&Ending::of("getppid".to_owned(), LIMIT, raw).outcome)
    })
    .flatten()
}

/// What this child's end says of the kernel. `Err` where it says nothing: a child that could not be made, was killed, or was too
/// slow may fare better the next time.
fn seen(outcome: &Outcome) -> Reading<Reading<()>> {
    match outcome {
        Outcome::Killed(signal) if signal.name == "SIGSYS" => Ok(Ok(())),
        Outcome::Survived(_) => Ok(Err(Unavailable::because(format!(
            "this kernel accepts a seccomp filter but does not follow it: a child that was forbidden getppid {outcome}"
        )))),
        Outcome::Unavailable(reason) => Err(*reason),
        _ => Err(Unavailable::because(format!(
            "whether this kernel follows a seccomp filter could not be tried just now; the child that was to try: {outcome}"
        ))),
    }
}

/// Runs an act in a child that is forbidden the system calls of these numbers, right before it begins.
fn run_without(numbers: &[u32], act: &mut dyn FnMut() -> Option<i64>) -> Reading<Raw> {
    const REFUSED: &str = "the filter was refused";
    let raw = run(LIMIT, true, &mut || match forbid(numbers) {
        Ok(()) => Answer { value: act(), text: String::new() },
        Err(error) => Answer { value: error.raw_os_error().map(i64::from), text: REFUSED.to_owned() },
    })?;
    if raw.text == REFUSED {
        let error = std::io::Error::from_raw_os_error(raw.value.map_or(0, |errno| errno as i32));
        return Err(Unavailable::refused("a seccomp filter, which forbids a system call", &error));
    }
    Ok(raw)
}

fn getppid() -> i64 {
    // SAFETY: getppid has no preconditions and cannot fail.
    i64::from(unsafe { libc::getppid() })
}

/// The numbers of a call and of what stands in for it.
#[cfg(target_os = "linux")]
fn numbers(call: &str) -> Reading<&'static [u32]> {
    /// The last four are `futex_waitv`, `futex_wake`, `futex_wait` and `futex_requeue`: one number each on all architectures.
    const FUTEX: [u32; 5] = [libc::SYS_futex as u32, 449, 454, 455, 456];
    const GETPPID: [u32; 1] = [libc::SYS_getppid as u32];
    const CLOCK_GETTIME: [u32; 1] = [libc::SYS_clock_gettime as u32];
    match call {
        "clock_gettime" => Ok(&CLOCK_GETTIME),
        "futex" => Ok(&FUTEX),
        "getppid" => Ok(&GETPPID),
        _ => Err(Unavailable::because(format!(
            "it is not known here how to forbid {call}; clock_gettime, futex and getppid are"
        ))),
    }
}

#[cfg(not(target_os = "linux"))]
fn numbers(_: &str) -> Reading<&'static [u32]> {
    Err(Unavailable::because("system calls can be forbidden on Linux only (by seccomp)"))
}

/// Forbids the calls of these numbers to this process for good: by a signal that it may see before it dies.
///
/// # Errors
/// When the kernel has no such filters, or a policy forbids to set one.
#[cfg(target_os = "linux")]
fn forbid(numbers: &[u32]) -> std::io::Result<()> {
    // `linux/bpf_common.h`: load a word, jump if equal, return.
    const LOAD: u16 = 0x20;
    const IS: u16 = 0x15;
    const RETURN: u16 = 0x06;
    const NUMBER_OF_THE_CALL: u32 = 0;
    let step = |code, k, jt| libc::sock_filter { code, jt, jf: 0, k };
    let mut filter = vec![step(LOAD, NUMBER_OF_THE_CALL, 0)];
    for (place, number) in numbers.iter().enumerate() {
        // Over the numbers that are left, and over the line that allows.
        filter.push(step(IS, *number, (numbers.len() - place) as u8));
    }
    filter.push(step(RETURN, libc::SECCOMP_RET_ALLOW, 0));
    filter.push(step(RETURN, libc::SECCOMP_RET_TRAP, 0));
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: the kernel copies the filter, which lives until the call returns. Without new privileges nobody can be harmed by
    // a program that finds a call forbidden, so that no privilege is asked for.
    let done = unsafe {
        if libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 {
            libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program)
        } else {
            -1
        }
    };
    if done == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

#[cfg(not(target_os = "linux"))]
fn forbid(_: &[u32]) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::super::Signal;
    use super::*;

    #[test]
    fn only_what_was_seen_is_held_against_the_kernel() {
        let killed = |name: &str, number| Outcome::Killed(Signal { number, name: name.into(), code: None });
        assert_eq!(seen(&killed("SIGSYS", libc::SIGSYS)), Ok(Ok(())));
        let ignored = seen(&Outcome::Survived(None)).unwrap().unwrap_err().to_string();
        assert!(ignored.contains("does not follow it"), "{ignored}");
        let none = Unavailable::because("fork: try again");
        assert_eq!(seen(&Outcome::Unavailable(none)), Err(none));
        for odd in [killed("SIGKILL", libc::SIGKILL), Outcome::TimedOut(LIMIT), Outcome::Exited(1)] {
            let told = seen(&odd).unwrap_err().to_string();
            assert!(told.contains("just now") && !told.contains("does not follow"), "{told}");
        }
    }
}
