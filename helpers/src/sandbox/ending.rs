//! How an act ended, and what a claim about it may be ruled by.

use crate::lasting::Lasting;
use crate::reading::{Reading, Unavailable};
use crate::units::{Count, Nanos};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};

/// An act and how it ended.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Ending {
    /// What was tried.
    pub act: Lasting<str>,
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
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The act came to its end, and returned this.
    Survived(Option<Returned>),
    /// The act itself ended the process, with this status.
    Exited(i32),
    /// The act panicked, with this message.
    Panicked(Lasting<str>),
    /// The kernel ended the process by this signal.
    Killed(Signal),
    /// The act did not end within this time.
    TimedOut(Nanos),
    /// The act could not be tried.
    Unavailable(Unavailable),
}

/// What an act returned, where that is a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// The number.
    pub value: i64,
    /// What `errno` says, if the number is −1: so C functions report that a system call failed.
    pub error: Option<Lasting<str>>,
}

/// The signal that ended a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Its number.
    pub number: i32,
    /// Its name, as `SIGSEGV`.
    pub name: Lasting<str>,
    /// Why the kernel sent it (`si_code`), as `SEGV_MAPERR`; `None` where the process had no chance to see it.
    pub code: Option<Lasting<str>>,
}

/// How the CPU refused an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trap {
    /// The vector on x86-64, the exception class on aarch64. `None` where the kernel hands over none: then the rest is
    /// judged by the signal.
    pub number: Option<u32>,
    /// What the CPU's manual calls it: "page fault", "general protection", "data abort".
    pub name: Lasting<str>,
    /// The error code on x86-64, the instruction-specific syndrome on aarch64.
    pub error: Option<u64>,
    /// The error in words: "user · read · not present". What is "present" is the page's entry in the child's own tables, and
    /// a child starts without the entries for pages of files: read such a page before writing to it, to tell the two apart.
    pub bits: Lasting<str>,
    /// The address that was refused; only faults of memory have one. The same act meets the same address again if it
    /// uses an address of its own choice, or one that was mapped before the act.
    pub address: Option<u64>,
    /// Where the instruction lies. It depends on where the program was loaded.
    pub instruction: u64,
}

impl Ending {
    /// How the act ended, if it began and came to an end of its own: what a claim about it may be ruled by.
    ///
    /// # Errors
    /// When there was no child to try it, the child was killed for not ending, or by somebody who isn't known: the reason.
    pub(super) fn own(&self) -> Reading<&Outcome> {
        match &self.outcome {
            Outcome::Unavailable(reason) => Err(*reason),
            Outcome::TimedOut(limit) => Err(Unavailable::because(format!(
                "{}: it did not end within {limit}, and how it would have ended is not known",
                self.act
            ))),
            // No trap ends in this signal: the kernel sends it when memory runs out, or somebody by hand, or the act itself.
            // It can't be caught, and so nobody is told who sent it.
            Outcome::Killed(signal) if signal.number == libc::SIGKILL => {
                let act = &self.act;
                Err(Unavailable::because(format!(
                    "{act}: it was killed by {signal}, and who sent that isn't known"
                )))
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
        names.extend(ending.trap.map(|trap| trap.name.held()));
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
        self.number.map_or_else(|| self.name.into(), |number| format!("{} ({number})", self.name))
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
