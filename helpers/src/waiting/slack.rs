//! How much later than asked a thread's sleeps may end.

use crate::measure::Timing;
use crate::reading::{Reading, Unavailable};
use crate::units::Nanos;

/// Runs `act` in a thread of its own whose sleeps may be longer by this much, so that the kernel can wake several sleepers at
/// once: its *timer slack* (`prctl(2)`, `PR_SET_TIMERSLACK`), mostly 50 µs. The caller's own stays as it was.
///
/// # Errors
/// Where there is no such thing.
pub fn with_timer_slack<R: Send>(slack: Nanos, act: impl FnOnce() -> R + Send) -> Reading<R> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| set_slack(slack).map(|()| act()));
        thread.join().unwrap_or_else(|_| Err(Unavailable::because("a thread panicked")))
    })
}

/// Times an operation in a thread whose sleeps may be longer by this much; see [`with_timer_slack`].
///
/// ```
/// use helpers::{nanos, waiting::measure_with_slack};
/// use std::{thread::sleep, time::Duration};
/// // How long does the shortest sleep take, if the kernel must not bundle?
/// println!("{}", measure_with_slack("sleep", nanos(1.0), || sleep(Duration::from_micros(1))));
/// ```
pub fn measure_with_slack<T>(name: &str, slack: Nanos, op: impl FnMut() -> T + Send) -> Timing {
    let timed = with_timer_slack(slack, || crate::measure::measure(name, op));
    timed.unwrap_or_else(|reason| Timing::unavailable(name, reason))
}

#[cfg(target_os = "linux")]
fn set_slack(slack: Nanos) -> Reading<()> {
    // Nothing would mean the default again.
    let slack = slack.0.max(1.0) as libc::c_ulong;
    // SAFETY: the call takes a number.
    match unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, slack) } {
        0 => Ok(()),
        _ => Err(Unavailable::refused("PR_SET_TIMERSLACK", &std::io::Error::last_os_error())),
    }
}

#[cfg(not(target_os = "linux"))]
fn set_slack(_: Nanos) -> Reading<()> {
    Err(Unavailable::because("only Linux lets a thread choose its timer slack"))
}
