//! A forbidden act in a child process, and how it ended.
//!
//! The child is a copy of this process made by `fork(2)`, so the act sees the memory, the code and the limits that a cell
//! sees. When the CPU refuses an instruction, it enters the kernel by a *trap*; the kernel turns the trap into a *signal*.
//! The child catches the signal only to write down what the kernel knows of the trap, puts the default back, and lets the
//! instruction run again: so the child truly dies by the signal, while this process and its variables stay whole.
//!
//! Only the calling thread lives on in the child. An act that waits for another thread, or needs a lock which another
//! thread holds at that moment, never ends. It is killed after two seconds, and reported so.
//!
//! Sources: *Intel 64 and IA-32 Architectures Software Developer's Manual*, volume 3A, chapter 6; *Arm Architecture Reference
//! Manual for A-profile*, `ESR_EL1`; `sigaction(2)`; `signal-safety(7)`.

#[cfg(target_os = "linux")]
mod child;
mod decode;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod report;
mod words;

use crate::reading::{Reading, Unavailable};
use crate::units::{Count, Nanos, millis};
use decode::Raw;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};

/// No act here takes longer, unless it never ends.
const LIMIT: Nanos = millis(2000.0);

/// An act and how it ended.
#[derive(Clone, Serialize, Deserialize)]
pub struct Ending {
    /// What was tried.
    pub act: String,
    /// What became of the child.
    pub outcome: Outcome,
    /// How the CPU refused, if it did.
    pub trap: Option<Trap>,
    /// From the beginning of the act until the signal arrived in the same process.
    pub until_signal: Reading<Nanos>,
    /// From the beginning of the act until the parent knew of the end. The parent looks every 50 µs at first, then less
    /// often, up to every 2 ms.
    pub until_known: Reading<Nanos>,
}

/// What became of the child that tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The act came to its end, and returned this.
    Survived(Option<Returned>),
    /// The act itself ended the process, with this status.
    Exited(i32),
    /// The act panicked, with this message.
    Panicked(String),
    /// The kernel ended the process by this signal.
    Killed(Signal),
    /// The act did not end within this time.
    TimedOut(Nanos),
    /// The act could not be tried.
    Unavailable(Unavailable),
}

/// What an act returned, where that is a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// The number.
    pub value: i64,
    /// What `errno` says, if the number is −1: so C functions report that a system call failed.
    pub error: Option<String>,
}

/// The signal that ended a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Its number.
    pub number: i32,
    /// Its name, as `SIGSEGV`.
    pub name: String,
    /// Why the kernel sent it (`si_code`), as `SEGV_MAPERR`; `None` where the process had no chance to see it.
    pub code: Option<String>,
}

/// How the CPU refused an instruction.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trap {
    /// The vector on x86-64, the exception class on aarch64. `None` where the kernel hands over none: then the rest is
    /// judged by the signal.
    pub number: Option<u32>,
    /// What the CPU's manual calls it: "page fault", "general protection", "data abort".
    pub name: String,
    /// The error code on x86-64, the instruction-specific syndrome on aarch64.
    pub error: Option<u64>,
    /// The error in words: "user · read · not present". What is "present" is the page's entry in the child's own tables, and
    /// a child starts without the entries for pages of files: read such a page before writing to it, to tell the two apart.
    pub bits: String,
    /// The address that was refused; only faults of memory have one. The same act meets the same address again if it
    /// uses an address of its own choice, or one that was mapped before the act.
    pub address: Option<u64>,
    /// Where the instruction lies. It depends on where the program was loaded.
    pub instruction: u64,
}

/// Tries an act in a child process, and tells how it ended.
///
/// An act that returns an integer or a `bool` has it handed back, with the meaning of `errno` if it is −1. What the child
/// prints is lost, and it leaves no core dump, no zombie and no open file.
///
/// ```
/// use helpers::{Outcome, attempt};
/// // Nobody mapped this address. Who stops us?
/// let pointer = 99_999_999_999_999 as *const u8;
/// let ending = attempt("read", move || unsafe { pointer.read_volatile() });
/// if let Some(trap) = &ending.trap {
///     assert_eq!(trap.address, Some(99_999_999_999_999)); // the CPU did
/// }
/// // And if the kernel reads from it for us?
/// let ending = attempt("write", move || unsafe { libc::write(1, pointer.cast(), 1) });
/// if let Outcome::Survived(Some(returned)) = ending.outcome {
///     assert_eq!(returned.value, -1); // then it declines politely: Bad address
/// }
/// ```
pub fn attempt<R: 'static>(act: impl Into<String>, body: impl FnOnce() -> R) -> Ending {
    attempt_within(LIMIT, act, body)
}

/// Like [`attempt`], with a limit of its own for an act that may take longer, or is known never to end.
///
/// ```
/// use helpers::{Outcome, millis, sandbox::attempt_within};
/// // How does an endless loop end?
/// let ending = attempt_within(millis(20.0), "spin", || loop {});
/// assert!(matches!(ending.outcome, Outcome::TimedOut(_) | Outcome::Unavailable(_)));
/// ```
pub fn attempt_within<R: 'static>(limit: Nanos, act: impl Into<String>, body: impl FnOnce() -> R) -> Ending {
    let raw = run(limit, true, || Answer { value: number(&body()), text: String::new() });
    Ending::of(act.into(), limit, raw)
}

/// Whether this act is allowed here at all: a child tries it first.
///
/// # Errors
/// When the child did not survive it, with the way it ended.
///
/// ```
/// use helpers::sandbox::survives;
/// assert!(survives(|| 1 + 1).is_ok());
/// // Which acts should be tried in a child first?
/// assert!(survives(|| std::process::abort()).is_err());
/// ```
pub fn survives<R>(body: impl FnOnce() -> R) -> Reading<()> {
    let raw = run(LIMIT, true, || {
        std::mem::forget(body());
        Answer::default()
    });
    let ending = Ending::of("the child that tried it first".to_owned(), LIMIT, raw);
    match ending.outcome {
        Outcome::Survived(_) => Ok(()),
        Outcome::Unavailable(reason) => Err(reason),
        _ => Err(Unavailable::because(ending.to_string())),
    }
}

/// Lets a child process find something out, and hands its answer back: a copy of this process, with memory of its own.
///
/// # Errors
/// When no child could be made, it did not survive, or its answer is longer than 60 kB.
///
/// ```
/// use helpers::sandbox::in_child;
/// // A child changes a variable. Does its parent see that?
/// let mut drinks = 1;
/// let childs = in_child(|| {
///     drinks += 1;
///     drinks
/// });
/// if let Ok(childs) = childs {
///     assert_eq!((childs, drinks), (2, 1));
/// }
/// ```
pub fn in_child<T: Serialize + DeserializeOwned>(body: impl FnOnce() -> T) -> Reading<T> {
    let answer = || Answer { value: None, text: serde_json::to_string(&body()).unwrap_or_default() };
    let raw = run(LIMIT, false, answer)?;
    let text = raw.text.clone();
    let ending = Ending::of("the child that was asked".to_owned(), LIMIT, Ok(raw));
    match ending.outcome {
        Outcome::Survived(_) => serde_json::from_str(&text).map_err(|error| {
            Unavailable::because(format!("the child's answer did not arrive whole: {error}"))
        }),
        _ => Err(Unavailable::because(ending.to_string())),
    }
}

/// What the child hands back.
#[derive(Default)]
#[cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "there are no children to hand anything back")
)]
pub(crate) struct Answer {
    value: Option<i64>,
    text: String,
}

#[cfg(target_os = "linux")]
fn run(limit: Nanos, forbidden: bool, body: impl FnOnce() -> Answer) -> Reading<Raw> {
    process::run(std::time::Duration::from_nanos(limit.0.max(0.0) as u64), forbidden, body)
}

#[cfg(not(target_os = "linux"))]
fn run(_: Nanos, _: bool, _: impl FnOnce() -> Answer) -> Reading<Raw> {
    Err(Unavailable::because(
        "acts are tried in a child process on Linux only; open this notebook on Linux or Binder",
    ))
}

/// The value, if it is a number: what an act may return is free, and most return nothing.
fn number(value: &dyn Any) -> Option<i64> {
    macro_rules! among {
        ($($kind:ty),*) => {
            $(if let Some(value) = value.downcast_ref::<$kind>() { return i64::try_from(*value).ok(); })*
        };
    }
    among!(i64, i32, isize, u64, u32, usize, i16, u16, i8, u8, bool);
    None
}

impl Ending {
    fn of(act: String, limit: Nanos, raw: Reading<Raw>) -> Self {
        match raw {
            Err(reason) => {
                let (until_signal, until_known) = (Err(reason), Err(reason));
                Self { act, outcome: Outcome::Unavailable(reason), trap: None, until_signal, until_known }
            }
            Ok(raw) => Self {
                act,
                outcome: decode::outcome(&raw, limit),
                trap: decode::trap(&raw),
                until_signal: raw.until_signal.ok_or_else(|| Unavailable::because("no signal was caught")),
                until_known: raw.until_known.ok_or_else(|| Unavailable::because("the act never began")),
            },
        }
    }

    /// How the act ended, if it began and came to an end of its own: what a claim about it may be ruled by.
    ///
    /// # Errors
    /// When there was no child to try it, the child was killed for not ending, or by somebody else: the reason.
    fn own(&self) -> Reading<&Outcome> {
        match &self.outcome {
            Outcome::Unavailable(reason) => Err(*reason),
            Outcome::TimedOut(limit) => Err(Unavailable::because(format!(
                "{}: it did not end within {limit}, and how it would have ended is not known",
                self.act
            ))),
            // No trap ends in this signal: the kernel sends it when memory runs out, or somebody by hand.
            Outcome::Killed(signal) if signal.number == libc::SIGKILL => {
                Err(Unavailable::because(format!("{}: somebody killed it from outside ({signal})", self.act)))
            }
            outcome => Ok(outcome),
        }
    }

    /// Whether the CPU refused the act.
    ///
    /// # Errors
    /// When the act never began, or did not come to an end of its own: the reason.
    pub fn trapped(&self) -> Reading<bool> {
        self.own().map(|_| self.trap.is_some())
    }

    /// Whether the CPU refused the act at this very address.
    ///
    /// # Errors
    /// As [`trapped`](Self::trapped).
    pub fn faulted_at(&self, address: u64) -> Reading<bool> {
        self.own().map(|_| self.trap.as_ref().and_then(|trap| trap.address) == Some(address))
    }

    /// Whether the act came to its end and returned this number.
    ///
    /// # Errors
    /// As [`trapped`](Self::trapped).
    pub fn gave(&self, number: i64) -> Reading<bool> {
        let outcome = self.own()?;
        Ok(matches!(outcome, Outcome::Survived(Some(returned)) if returned.value == number))
    }

    /// How many signals the act met: one or none.
    ///
    /// # Errors
    /// As [`trapped`](Self::trapped).
    pub fn signals(&self) -> Reading<Count> {
        self.own().map(|outcome| Count(u64::from(matches!(outcome, Outcome::Killed(_)))))
    }

    /// The address that was refused.
    ///
    /// # Errors
    /// As [`trapped`](Self::trapped), and when no address was refused.
    pub fn address(&self) -> Reading<u64> {
        self.own()?;
        let none = || Unavailable::because(format!("{}: no address was refused; {}", self.act, self.outcome));
        self.trap.as_ref().and_then(|trap| trap.address).ok_or_else(none)
    }

    /// The number that the act returned.
    ///
    /// # Errors
    /// As [`trapped`](Self::trapped), and when it returned none.
    pub fn returned(&self) -> Reading<i64> {
        match self.own()? {
            Outcome::Survived(Some(returned)) => Ok(returned.value),
            outcome => Err(Unavailable::because(format!("{}: no number was returned; {outcome}", self.act))),
        }
    }

    /// How the act ended, in words: `SIGSEGV (SEGV_MAPERR)`.
    ///
    /// # Errors
    /// As [`trapped`](Self::trapped).
    pub fn end(&self) -> Reading<String> {
        self.own().map(ToString::to_string)
    }
}

/// How many kinds of trap these acts ended in.
///
/// # Errors
/// When one of them never began, or did not come to an end of its own: the reason.
///
/// ```
/// use helpers::{Compare, Count, attempt, sandbox::kinds};
/// let nowhere = 99_999_999_999_999 as *const u8;
/// let acts = [attempt("read", move || unsafe { nowhere.read_volatile() }), attempt("think", || 42)];
/// // How many of them did the CPU refuse, and in how many ways?
/// assert!(kinds(&acts).is_err() || kinds(&acts) == Ok(Count(1)));
/// ```
pub fn kinds(endings: &[Ending]) -> Reading<Count> {
    let mut names = BTreeSet::new();
    for ending in endings {
        ending.own()?;
        names.extend(ending.trap.as_ref().map(|trap| &trap.name));
    }
    if endings.is_empty() { Err(nothing_tried()) } else { Ok(Count(names.len() as u64)) }
}

/// Whether the same acts ended in the same way twice, however long that took. Endings of acts that never began are no
/// comparison.
///
/// # Errors
/// As [`kinds`].
pub fn same(first: &[Ending], second: &[Ending]) -> Reading<bool> {
    for ending in first.iter().chain(second) {
        ending.own()?;
    }
    if first.is_empty() && second.is_empty() {
        return Err(nothing_tried());
    }
    let alike = |(one, other): (&Ending, &Ending)| {
        (&one.act, &one.outcome, &one.trap) == (&other.act, &other.outcome, &other.trap)
    };
    Ok(first.len() == second.len() && first.iter().zip(second).all(alike))
}

fn nothing_tried() -> Unavailable {
    Unavailable::because("nothing was tried")
}

impl Trap {
    /// Name and number: "page fault (14)".
    pub fn title(&self) -> String {
        self.number.map_or_else(|| self.name.clone(), |number| format!("{} ({number})", self.name))
    }
}

impl Display for Ending {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        write!(out, "{}: ", self.act)?;
        if let Some(trap) = &self.trap {
            write!(out, "{trap}, then ")?;
        }
        write!(out, "{}", self.outcome)
    }
}

impl Display for Trap {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        write!(out, "{}, {}", self.title(), self.bits)?;
        self.address.map_or(Ok(()), |address| write!(out, ", at {address:#x}"))
    }
}

impl Display for Outcome {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        match self {
            Self::Survived(None) => out.write_str("survived"),
            Self::Survived(Some(returned)) => write!(out, "survived, {returned}"),
            Self::Exited(status) => write!(out, "exited with status {status}"),
            Self::Panicked(message) => write!(out, "panicked: {message}"),
            Self::Killed(signal) => write!(out, "{signal}"),
            Self::TimedOut(limit) => write!(out, "killed for not ending within {limit}"),
            Self::Unavailable(reason) => write!(out, "unavailable: {reason}"),
        }
    }
}

impl Display for Returned {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let value = self.value.to_string().replace('-', "−");
        match &self.error {
            Some(error) => write!(out, "returned {value}: {error}"),
            None => write!(out, "returned {value}"),
        }
    }
}

impl Display for Signal {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        match &self.code {
            Some(code) => write!(out, "{} ({code})", self.name),
            None => out.write_str(&self.name),
        }
    }
}
