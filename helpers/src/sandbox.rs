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

pub mod atlas;
#[cfg(target_os = "linux")]
mod child;
mod decode;
mod ending;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod report;
mod words;

use crate::reading::{Reading, Unavailable};
use crate::units::{Nanos, millis};
use decode::Raw;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::Any;

pub use ending::{Ending, Outcome, Returned, Signal, Trap, kinds, same};

/// No act here takes longer, unless it never ends.
const LIMIT: Nanos = millis(2000.0);

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
