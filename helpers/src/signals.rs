//! A timer's signals, and where in a program they land: the program's own interrupts.
//!
//! `timer_create(2)` lets the kernel send a thread a signal again and again. The thread then leaves its program between two
//! instructions and runs a handler, which is told where it was. That is how a profiler works, and all it knows.

use crate::interrupts::OrWhy;
use crate::reading::{Reading, Unavailable};
use crate::units::{Count, Nanos, Share};
use std::fmt::{self, Display, Formatter};

/// Which clock a timer goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Time as it passes.
    Time,
    /// The CPU time of the thread: the kernel looks at that only now and then.
    CpuTime,
}

/// Signals that came while something ran; or why none could.
#[derive(Clone)]
pub struct Alarms(Reading<Rung>);

#[derive(Clone, Debug, PartialEq)]
struct Rung {
    count: u64,
    /// For how long the thread was on a CPU meanwhile.
    ran: Reading<Nanos>,
    /// The address of the instruction that each kept waiting.
    places: Vec<u64>,
}

/// A loop of instructions that are told apart by their addresses; made by [`listing!`](crate::listing!).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The instructions, as they were written, and the way back to the first.
    pub lines: &'static [&'static str],
    /// Where the first one lies.
    pub start: u64,
}

/// How far apart the instructions of a listing lie. None is longer.
const APART: u64 = 16;

/// Lets a timer send this thread a signal once in `every`, and does `work` again and again for as long as `during`. The
/// signal's old handler is put back.
///
/// ```
/// use helpers::{millis, signals::{Pace, alarms}};
/// // How often does a timer of one millisecond ring in 20?
/// let rung = alarms(Pace::Time, millis(1.0), millis(20.0), || std::hint::spin_loop()).count();
/// assert!(rung.is_err() || (1..=40).contains(&rung.unwrap().0));
/// ```
pub fn alarms<R>(pace: Pace, every: Nanos, during: Nanos, mut work: impl FnMut() -> R) -> Alarms {
    if !(every.0 >= 1e4 && during.0 > 0.0 && during.0 <= 1e10) {
        return Alarms(Err(Unavailable::because("a timer of at least 10 µs, for at most 10 s")));
    }
    let work = || {
        std::hint::black_box(work());
    };
    Alarms(timers::alarms(pace, every, during, work))
}

impl OrWhy for Alarms {
    fn or_why(reason: Unavailable) -> Self {
        Self(Err(reason))
    }
}

impl Alarms {
    /// How many.
    ///
    /// # Errors
    /// Where there are no such timers, or a policy forbids them. So with what follows.
    pub fn count(&self) -> Reading<Count> {
        self.0.as_ref().map(|rung| Count(rung.count)).map_err(|reason| *reason)
    }

    /// How many ticks the thread was there for, at so many in a second.
    ///
    /// # Errors
    /// As [`count`](Self::count), and where it is not known how many there are, or for how long it ran.
    pub fn ticks(&self, in_a_second: Reading<Count>) -> Reading<Count> {
        let rung = self.0.as_ref().map_err(|reason| *reason)?;
        Ok(Count((rung.ran?.0 / 1e9 * in_a_second?.0 as f64).round() as u64))
    }

    /// Before which instruction of the listing each of them landed.
    pub fn landed(&self, listing: &Reading<Listing>) -> Landings {
        let landed = || {
            let (rung, listing) = (self.0.as_ref().map_err(|reason| *reason)?, (*listing)?);
            Ok(listing.landings(&rung.places))
        };
        Landings(landed())
    }
}

impl Listing {
    fn landings(&self, places: &[u64]) -> Vec<(&'static str, Count)> {
        let lines = self.lines.len() as u64;
        let mut counts = vec![0; self.lines.len()];
        for place in places {
            let Some(offset) = place.checked_sub(self.start) else { continue };
            // Behind an instruction lies nothing but padding until the next one: that is the one which waits.
            let line = offset.div_ceil(APART);
            // The way back is two instructions.
            if let Some(count) = counts.get_mut(line.min(lines - u64::from(line == lines)) as usize) {
                *count += 1;
            }
        }
        self.lines.iter().copied().zip(counts.into_iter().map(Count)).collect()
    }
}

/// How many signals landed before which instruction; or why none did.
#[derive(Clone)]
pub struct Landings(Reading<Vec<(&'static str, Count)>>);

impl Landings {
    /// Each instruction, in order, and how many found it waiting.
    ///
    /// # Errors
    /// When no signals could be sent.
    pub fn lines(&self) -> Reading<&[(&'static str, Count)]> {
        self.0.as_ref().map(Vec::as_slice).map_err(|reason| *reason)
    }

    /// How many landed in the listing at all.
    ///
    /// # Errors
    /// As [`lines`](Self::lines).
    pub fn all(&self) -> Reading<Count> {
        self.lines().map(|lines| Count(lines.iter().map(|(_, count)| count.0).sum()))
    }

    /// The part of them that landed right behind this instruction: it was the last that had been completed.
    ///
    /// # Errors
    /// As [`lines`](Self::lines), and when there is no such instruction, or fewer than twenty have landed.
    pub fn behind(&self, instruction: &str) -> Reading<Share> {
        const FEWEST: u64 = 20;
        let (lines, all) = (self.lines()?, self.all()?.0);
        if all < FEWEST {
            return Err(Unavailable::because(format!("only {all} signals landed in the listing")));
        }
        let place = lines.iter().position(|(line, _)| line.starts_with(instruction));
        let place = place.ok_or_else(|| Unavailable::because(format!("the listing has no {instruction}")))?;
        let (_, count) = lines[(place + 1) % lines.len()];
        Ok(Share(count.0 as f64 / all as f64))
    }
}

/// A function that runs a listing, so many rounds, and tells what it has run.
pub type Loop = fn(u64) -> Reading<Listing>;

impl Display for Alarms {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        match self.count() {
            Ok(count) => write!(out, "{count} signals"),
            Err(reason) => write!(out, "no signals: {reason}"),
        }
    }
}

/// The listing, with a bar beside each instruction: how many signals found it waiting.
impl Display for Landings {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        const WIDEST: f64 = 40.0;
        let lines = match self.lines() {
            Ok(lines) => lines,
            Err(reason) => return write!(out, "no signals: {reason}"),
        };
        let wide = lines.iter().map(|(line, _)| line.len()).max().unwrap_or(0);
        let most = lines.iter().map(|(_, count)| count.0).max().unwrap_or(0).max(1) as f64;
        for (number, (line, count)) in lines.iter().enumerate() {
            let bar = "█".repeat((count.0 as f64 / most * WIDEST).round() as usize);
            let (end, space) = (if number == 0 { "" } else { "\n" }, if bar.is_empty() { "" } else { " " });
            write!(out, "{end}{line:wide$}  {bar}{space}{count}")?;
        }
        Ok(())
    }
}

/// Makes a function of some instructions, which runs them in a loop, so many rounds, and returns their [`Listing`]. They may
/// use `rax`, `rcx`, `rdx`, `rsi` and `r8` to `r11`, or `x0` to `x11`; the way back is added. Each is put at an address of its
/// own that can be told from the next, sixteen bytes on, with padding that does nothing between.
///
/// ```
/// use helpers::{listing, signals::Loop};
/// let two: Loop = listing! {
///     x86_64: "mov rax, 7", "add rax, rax";
///     aarch64: "mov x0, #7", "add x0, x0, x0";
/// };
/// // How many are there to land on?
/// assert_eq!(two(10).map(|listing| listing.lines.len()).unwrap_or(3), 3);
/// ```
#[macro_export]
macro_rules! listing {
    (x86_64: $($x86:literal),+; aarch64: $($arm:literal),+;) => {{
        #[allow(unused_mut, unused_variables, unused_assignments)]
        #[inline(never)]
        fn run(mut rounds: u64) -> $crate::Reading<$crate::signals::Listing> {
            #[cfg(target_arch = "x86_64")]
            const LINES: &[&str] = &[$($x86),+, "back to the first"];
            #[cfg(not(target_arch = "x86_64"))]
            const LINES: &[&str] = &[$($arm),+, "back to the first"];
            let mut start: u64 = 0;
            // SAFETY: the instructions use the registers that they were given and touch no memory.
            #[cfg(target_arch = "x86_64")]
            unsafe {
                ::core::arch::asm!(
                    "lea {start}, [rip + 2f]", ".p2align 4", "2:",
                    $($x86, ".p2align 4",)+
                    "dec {rounds}", "jnz 2b",
                    start = out(reg) start, rounds = inout(reg) rounds,
                    out("rax") _, out("rcx") _, out("rdx") _, out("rsi") _,
                    out("r8") _, out("r9") _, out("r10") _, out("r11") _, options(nomem, nostack),
                );
            }
            // SAFETY: as above.
            #[cfg(target_arch = "aarch64")]
            unsafe {
                ::core::arch::asm!(
                    "adr {start}, 2f", ".p2align 4", "2:",
                    $($arm, ".p2align 4",)+
                    "subs {rounds}, {rounds}, #1", "b.ne 2b",
                    start = out(reg) start, rounds = inout(reg) rounds,
                    out("x0") _, out("x1") _, out("x2") _, out("x3") _, out("x4") _, out("x5") _,
                    out("x6") _, out("x7") _, out("x8") _, out("x9") _, out("x10") _, out("x11") _,
                    options(nomem, nostack),
                );
            }
            if start == 0 {
                return Err($crate::Unavailable::because("these instructions are of x86-64 and aarch64"));
            }
            Ok($crate::signals::Listing { lines: LINES, start })
        }
        run
    }};
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod timers {
    use super::{Nanos, Pace, Reading, Rung, Unavailable};
    use crate::ledger::counters::cpu_time;
    use std::ffi::{c_int, c_void};
    use std::mem::zeroed;
    use std::ptr::null_mut;
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
    use std::sync::{Mutex, PoisonError};
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
            let (mut action, mut before): (libc::sigaction, libc::sigaction) =
                unsafe { (zeroed(), zeroed()) };
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
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
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
}

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod timers {
    use super::{Nanos, Pace, Reading, Rung, Unavailable};

    pub(super) fn alarms(_: Pace, _: Nanos, _: Nanos, _: impl FnMut()) -> Reading<Rung> {
        Err(Unavailable::because("timers send signals to a thread on Linux, on x86-64 and aarch64, only"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::millis;

    #[test]
    fn signals_land_in_the_loop_and_the_old_handler_is_put_back() {
        let three: Loop = listing! {
            x86_64: "mov rax, 7", "add rax, rax", "xor rdx, rdx";
            aarch64: "mov x0, #7", "add x0, x0, x0", "mov x1, #0";
        };
        let Ok(listing) = three(1) else { return };
        // SAFETY: every field of sigaction may be zero; the kernel fills in the structure, which outlives the call.
        #[cfg(target_os = "linux")]
        let handler = || unsafe {
            let mut now: libc::sigaction = std::mem::zeroed();
            libc::sigaction(libc::SIGRTMIN() + 7, std::ptr::null(), &raw mut now);
            now.sa_sigaction
        };
        #[cfg(target_os = "linux")]
        let before = handler();
        let alarms = alarms(Pace::Time, millis(1.0), millis(60.0), || three(10_000));
        let Ok(count) = alarms.count() else { return };
        assert!((5..=61).contains(&count.0), "{count}");
        let landed = alarms.landed(&Ok(listing));
        assert_eq!((landed.lines().unwrap().len(), landed.lines().unwrap()[3].0), (4, "back to the first"));
        assert!(landed.all().unwrap().0 * 2 > count.0, "{:?}", landed.lines());
        #[cfg(target_os = "linux")]
        assert_eq!(handler(), before);
    }

    #[test]
    fn padding_belongs_to_the_instruction_that_follows() {
        let listing = Listing { lines: &["a", "b", "back to the first"], start: 0x1000 };
        let places = vec![0x1000, 0x1003, 0x1010, 0x1011, 0x1020, 0x1025, 0x0fff, 0x2000];
        let alarms = Alarms(Ok(Rung { count: 8, ran: Ok(Nanos(2e9)), places }));
        let landed = alarms.landed(&Ok(listing));
        assert_eq!(landed.lines().unwrap().iter().map(|(_, count)| count.0).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(alarms.ticks(Ok(Count(250))), Ok(Count(500)));
        assert!(landed.behind("a").unwrap_err().to_string().contains("only 6"));
        assert!(alarms.landed(&Err(Unavailable::because("no loop"))).all().is_err());
        let landed = Landings(Ok(vec![("a", Count(2)), ("b", Count(80)), ("back to the first", Count(18))]));
        assert_eq!((landed.behind("a"), landed.behind("back")), (Ok(Share(0.8)), Ok(Share(0.02))));
        assert!(landed.behind("nowhere").is_err());
        for (every, during) in [(0.0, 1e6), (f64::NAN, 1e6), (1e6, 0.0), (1e6, f64::INFINITY)] {
            assert!(super::alarms(Pace::Time, Nanos(every), Nanos(during), || ()).count().is_err());
        }
    }
}
