//! A timer's signals, and where in a program they land: the program's own interrupts.
//!
//! `timer_create(2)` lets the kernel send a thread a signal again and again. The thread then leaves its program between two
//! instructions and runs a handler, which is told where it was. That is how a profiler works, and all it knows.

use crate::reading::{OrWhy, Reading, Unavailable};
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
/// signal's old handler is put back. Signals are counted for one timer at a time: within `work`, there is none to be had.
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
pub struct Landings(pub(crate) Reading<Vec<(&'static str, Count)>>);

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
        let place = self.place_behind(instruction)?;
        Ok(self.parts()?[place].1)
    }

    /// The fullest of all other places: the instruction that was waiting there, and the part of the signals that found it so.
    ///
    /// # Errors
    /// As [`behind`](Self::behind).
    pub fn elsewhere(&self, instruction: &str) -> Reading<(&'static str, Share)> {
        let (behind, mut others) = (self.place_behind(instruction)?, self.parts()?);
        others.remove(behind);
        let most = others.into_iter().max_by(|a, b| a.1.0.total_cmp(&b.1.0));
        most.ok_or_else(|| Unavailable::because("the listing has no other instruction"))
    }

    /// Each instruction, and the part of the signals that found it waiting.
    fn parts(&self) -> Reading<Vec<(&'static str, Share)>> {
        const FEWEST: u64 = 20;
        let (lines, all) = (self.lines()?, self.all()?.0);
        if all < FEWEST {
            return Err(Unavailable::because(format!("only {all} signals landed in the listing")));
        }
        Ok(lines.iter().map(|(line, count)| (*line, Share(count.0 as f64 / all as f64))).collect())
    }

    fn place_behind(&self, instruction: &str) -> Reading<usize> {
        let lines = self.lines()?;
        let place = lines.iter().position(|(line, _)| line.starts_with(instruction));
        let place = place.ok_or_else(|| Unavailable::because(format!("the listing has no {instruction}")))?;
        Ok((place + 1) % lines.len())
    }
}

/// A function that runs a listing, so many rounds but one at least, and tells what it has run.
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

/// Makes a function of some instructions, which runs them in a loop, so many rounds but one at least, and returns their
/// [`Listing`]. They may use `rax`, `rcx`, `rdx`, `rsi` and `r8` to `r11`, or `x0` to `x11`; the way back is added. Each is put
/// at an address of its own that can be told from the next, sixteen bytes on, with padding that does nothing between.
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
        fn run(rounds: u64) -> $crate::Reading<$crate::signals::Listing> {
            #[cfg(target_arch = "x86_64")]
            const LINES: &[&str] = &[$($x86),+, "back to the first"];
            #[cfg(not(target_arch = "x86_64"))]
            const LINES: &[&str] = &[$($arm),+, "back to the first"];
            let mut start: u64 = 0;
            // Counted down after a round: from none it would go on for some centuries.
            let mut rounds: u64 = rounds.max(1);
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
mod timers;

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod timers {
    use super::{Nanos, Pace, Reading, Rung, Unavailable};

    pub(super) fn alarms(_: Pace, _: Nanos, _: Nanos, _: impl FnMut()) -> Reading<Rung> {
        Err(Unavailable::because("timers send signals to a thread on Linux, on x86-64 and aarch64, only"))
    }
}

#[cfg(test)]
mod tests;
