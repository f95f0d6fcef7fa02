//! The kernel's timers that send signals, and the handler that notes where it was called from.

use super::{Nanos, Pace, Reading, Rung, Unavailable};
use crate::ledger::counters::cpu_time;
use std::ffi::{c_int, c_void};
use std::mem::zeroed;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, TryLockError};
use std::time::Instant;

const ROOM: usize = 8192;
static PLACES: [AtomicU64; ROOM] = [const { AtomicU64::new(0) }; ROOM];
static COUNT: AtomicUsize = AtomicUsize::new(0);
/// There is one list of places, so one at a time.
static TURN: Mutex<()> = Mutex::new(());

/// Runs between two instructions of whatever the thread was doing: it only stores numbers.
extern "C" fn note(_: c_int, _: *mut libc::siginfo_t, context: *mut c_void) {
    let context = context.cast::<libc::ucontext_t>();
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the kernel hands the handler the registers of the moment.
    let place = unsafe { (*context).uc_mcontext.gregs[libc::REG_RIP as usize] } as u64;
    #[cfg(target_arch = "aarch64")]
    // SAFETY: as above.
    let place = unsafe { (*context).uc_mcontext.pc };
    let number = COUNT.fetch_add(1, Relaxed);
    if let Some(room) = PLACES.get(number) {
        room.store(place, Relaxed);
    }
}

/// A signal that nobody else uses: neither the C library nor the kernel of this notebook.
fn signal() -> c_int {
    libc::SIGRTMIN() + 7
}

fn failed(call: &str) -> Unavailable {
    Unavailable::refused(call, &std::io::Error::last_os_error())
}

/// The handler, until it is dropped.
struct Handler(libc::sigaction);

impl Handler {
    fn install() -> Reading<Self> {
        // SAFETY: every field of sigaction is a number, a set of bits or a pointer, for which zero is a value.
        let (mut action, mut before): (libc::sigaction, libc::sigaction) = unsafe { (zeroed(), zeroed()) };
        action.sa_sigaction = note as extern "C" fn(_, _, _) as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART;
        // SAFETY: the handler only stores numbers, and both structures outlive the call.
        match unsafe { libc::sigaction(signal(), &raw const action, &raw mut before) } {
            0 => Ok(Self(before)),
            _ => Err(failed("sigaction")),
        }
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        // A signal that is still on its way would end the process by default: to ignore it once throws it away.
        // SAFETY: every field of sigaction may be zero, and both structures outlive the calls.
        unsafe {
            let mut ignore: libc::sigaction = zeroed();
            ignore.sa_sigaction = libc::SIG_IGN;
            libc::sigaction(signal(), &raw const ignore, null_mut());
            libc::sigaction(signal(), &raw const self.0, null_mut());
        }
    }
}

struct Timer(libc::timer_t);

impl Timer {
    /// Aimed at this very thread.
    fn start(pace: Pace, every: Nanos) -> Reading<Self> {
        let clock = match pace {
            Pace::Time => libc::CLOCK_MONOTONIC,
            Pace::CpuTime => libc::CLOCK_THREAD_CPUTIME_ID,
        };
        // SAFETY: every field of sigevent is a number, for which zero is a value.
        let mut event: libc::sigevent = unsafe { zeroed() };
        event.sigev_notify = libc::SIGEV_THREAD_ID;
        event.sigev_signo = signal();
        // SAFETY: the call has no preconditions.
        event.sigev_notify_thread_id = unsafe { libc::gettid() };
        let mut timer = null_mut();
        // SAFETY: the kernel reads one structure and writes the other, and both outlive the call.
        if unsafe { libc::timer_create(clock, &raw mut event, &raw mut timer) } != 0 {
            return Err(failed("timer_create"));
        }
        let timer = Self(timer);
        let time = libc::timespec { tv_sec: (every.0 / 1e9) as i64, tv_nsec: (every.0 % 1e9) as i64 };
        let rhythm = libc::itimerspec { it_interval: time, it_value: time };
        // SAFETY: the kernel reads one structure that outlives the call.
        match unsafe { libc::timer_settime(timer.0, 0, &raw const rhythm, null_mut()) } {
            0 => Ok(timer),
            _ => Err(failed("timer_settime")),
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        // SAFETY: made once, deleted here once.
        unsafe { libc::timer_delete(self.0) };
    }
}

pub(super) fn alarms(pace: Pace, every: Nanos, during: Nanos, mut work: impl FnMut()) -> Reading<Rung> {
    // Nobody waits for a turn: it may be `work` itself that asks for one, which would never come.
    let _turn = match TURN.try_lock() {
        Ok(turn) => turn,
        Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
        Err(TryLockError::WouldBlock) => {
            return Err(Unavailable::because(
                "one timer's signals at a time, and another's are being counted",
            ));
        }
    };
    COUNT.store(0, Relaxed);
    let handler = Handler::install()?;
    let timer = Timer::start(pace, every)?;
    let (start, ran) = (Instant::now(), cpu_time());
    while (start.elapsed().as_nanos() as f64) < during.0 {
        work();
    }
    let ran = cpu_time().and_then(|now| ran.map(|before| Nanos(now.0 - before.0)));
    drop(timer);
    drop(handler);
    let count = COUNT.load(Relaxed);
    let places = PLACES[..count.min(ROOM)].iter().map(|place| place.load(Relaxed)).collect();
    Ok(Rung { count: count as u64, ran, places })
}
