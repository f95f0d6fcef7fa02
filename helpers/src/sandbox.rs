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
mod finite;
mod forbid;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod reaping;
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

pub use forbid::attempt_without;

/// No act here takes longer, unless it never ends.
const LIMIT: Nanos = millis(2000.0);
/// Longer than this nobody waits for a child.
const LONGEST: Nanos = Nanos(60e9);

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

/// Like [`attempt`], with a limit of its own for an act that may take longer, or is known never to end: a minute at most.
///
/// ```
/// use helpers::{Outcome, millis, sandbox::attempt_within};
/// // How does an endless loop end?
/// let ending = attempt_within(millis(20.0), "spin", || loop {});
/// assert!(matches!(ending.outcome, Outcome::TimedOut(_) | Outcome::Unavailable(_)));
/// ```
pub fn attempt_within<R: 'static>(limit: Nanos, act: impl Into<String>, body: impl FnOnce() -> R) -> Ending {
    let mut body = Some(body);
    let raw = waits_for(limit).and_then(|()| {
        run(limit, true, &mut || Answer {
            value: body.take().and_then(|body| number(&body())),
            text: String::new(),
        })
    });
    Ending::of(act.into(), limit, raw)
}

fn waits_for(limit: Nanos) -> Reading<()> {
    if limit > Nanos(0.0) && limit <= LONGEST {
        return Ok(());
    }
    Err(Unavailable::because(format!("a child can't be waited for within {limit}: at most {LONGEST}")))
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
    let mut body = Some(body);
    let raw = run(LIMIT, true, &mut || {
        std::mem::forget(body.take().map(|body| body()));
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
/// When no child could be made, it did not survive, or its answer is longer than 60 kB or holds what JSON cannot carry, such
/// as a number that isn't finite.
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
    let mut body = Some(body);
    let raw = run(LIMIT, false, &mut || match body.take().map(|body| finite::written(&body())) {
        Some(Ok(text)) => Answer { value: None, text },
        Some(Err(error)) => Answer { value: Some(NOT_WRITTEN), text: error.to_string() },
        None => Answer::default(),
    })?;
    let text = raw.text.clone();
    let ending = Ending::of("the child that was asked".to_owned(), LIMIT, Ok(raw));
    match ending.outcome {
        Outcome::Survived(Some(_)) => {
            Err(Unavailable::because(format!("the child's answer holds what JSON cannot carry: {text}")))
        }
        Outcome::Survived(None) => serde_json::from_str(&text).map_err(|error| {
            let what = if error.is_data() { "can't be read back" } else { "did not arrive whole" };
            Unavailable::because(format!("the child's answer {what}: {error}"))
        }),
        _ => Err(Unavailable::because(ending.to_string())),
    }
}

/// Beside the text of an answer: it isn't the answer, but why there is none.
const NOT_WRITTEN: i64 = 0;

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

/// What the child does, once. Not generic, so that forking and supervising aren't compiled again in each cell that tries
/// something; not boxed, since to free a box could change the errno that the act has left.
pub(crate) type Body<'a> = &'a mut dyn FnMut() -> Answer;

#[cfg(target_os = "linux")]
fn run(limit: Nanos, forbidden: bool, body: Body) -> Reading<Raw> {
    process::run(std::time::Duration::from_nanos(limit.0 as u64), forbidden, body)
}

#[cfg(not(target_os = "linux"))]
fn run(_: Nanos, _: bool, _: Body) -> Reading<Raw> {
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
