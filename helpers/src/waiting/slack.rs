//! How much later than asked a thread's sleeps may end.

use crate::measure::Timing;
use crate::proc::limits::not_started;
use crate::reading::{Reading, Unavailable};
use crate::units::Nanos;
use std::ops::RangeInclusive;
use std::thread::{self, Builder};

/// Less than this would mean the default again, and nobody sleeps more loosely than by the other.
const SLACKS: RangeInclusive<Nanos> = Nanos(1.0)..=Nanos(1e9);

/// Runs `act` in a thread of its own whose sleeps may be longer by this much, so that the kernel can wake several sleepers at
/// once: its *timer slack* (`prctl(2)`, `PR_SET_TIMERSLACK`), mostly 50 µs. The caller's own stays as it was.
///
/// # Errors
/// Where there is no such thing, the thread can't be started or panics, or the slack isn't one of 1 ns to 1 s.
pub fn with_timer_slack<R: Send>(slack: Nanos, act: impl FnOnce() -> R + Send) -> Reading<R> {
    if !SLACKS.contains(&slack) {
        return Err(Unavailable::because(format!("{slack} is no timer slack: 1 ns at least, 1 s at most")));
    }
    thread::scope(|scope| {
        let thread = Builder::new().spawn_scoped(scope, || set_slack(slack).map(|()| act()));
        let thread = thread.map_err(|error| not_started("starting a thread", &error))?;
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
    // SAFETY: the call takes a number.
    match unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, slack.0 as libc::c_ulong) } {
        0 => Ok(()),
        _ => Err(Unavailable::refused("PR_SET_TIMERSLACK", &std::io::Error::last_os_error())),
    }
}

#[cfg(not(target_os = "linux"))]
fn set_slack(_: Nanos) -> Reading<()> {
    Err(Unavailable::because("only Linux lets a thread choose its timer slack"))
}
