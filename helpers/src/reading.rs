//! What was read, or why it could not be.

use serde::{Deserialize, Deserializer, Serialize};
use std::collections::HashSet;
use std::fmt::{self, Debug, Display, Formatter};
use std::sync::Mutex;

/// Why something cannot be measured or known here: the one error of this crate. It names the cause and, where there is
/// one, the remedy.
///
/// It is copied like a number, and so is a [`Reading`] of a number: a cell that hands one on still has it when it is run
/// again. For this each reason that occurs is kept once, for good; there are few, and they are short.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Unavailable(&'static str);

/// What was read, or why it could not be.
pub type Reading<T> = Result<T, Unavailable>;

/// What an act comes to: nothing, or whether it could be done.
pub trait Tried {
    /// Whether it was done.
    ///
    /// # Errors
    /// When it could not be: the reason.
    fn tried(self) -> Reading<()>;
}

/// What may be missing, and then knows why.
pub trait OrWhy {
    /// It is missing, for this reason.
    fn or_why(reason: Unavailable) -> Self;
}

impl<T> OrWhy for Reading<T> {
    fn or_why(reason: Unavailable) -> Self {
        Err(reason)
    }
}

impl Tried for () {
    fn tried(self) -> Reading<()> {
        Ok(())
    }
}

impl<T> Tried for Reading<T> {
    fn tried(self) -> Reading<()> {
        self.map(drop)
    }
}

impl<T> Tried for std::io::Result<T> {
    fn tried(self) -> Reading<()> {
        self.map(drop).map_err(|error| Unavailable::refused("the act", &error))
    }
}

static WORDS: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);

impl Unavailable {
    /// Because of this.
    pub fn because(reason: impl Into<String>) -> Self {
        Self(interned(reason.into()))
    }

    /// The system refused `act`: its own words, and whether that is a policy or an absence.
    ///
    /// ```
    /// use helpers::Unavailable;
    /// let error = std::io::Error::from_raw_os_error(1);
    /// assert!(Unavailable::refused("perf_event_open", &error).to_string().contains("policy"));
    /// ```
    pub fn refused(act: impl Display, error: &std::io::Error) -> Self {
        let meaning = match error.raw_os_error() {
            Some(libc::EPERM | libc::EACCES) => "; a policy of this machine forbids it",
            Some(libc::ENOSYS) => "; this kernel does not have it",
            _ => "",
        };
        Self::because(format!("{act}: {error}{meaning}"))
    }
}

/// Words that are kept once, for good. Not generic: what is, is compiled again in each cell that uses it.
pub(crate) fn interned(words: String) -> &'static str {
    // In a forked child nobody may be left to let go of the lock: then the words are kept once more.
    let Ok(mut all) = WORDS.try_lock() else { return words.leak() };
    let all = all.get_or_insert_default();
    if let Some(kept) = all.get(words.as_str()) {
        return kept;
    }
    let words: &'static str = words.leak();
    all.insert(words);
    words
}

impl<'de> Deserialize<'de> for Unavailable {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self::because)
    }
}

impl Display for Unavailable {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        out.write_str(self.0)
    }
}

impl Debug for Unavailable {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        write!(out, "unavailable: {}", self.0)
    }
}

impl std::error::Error for Unavailable {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_kept_once_and_comes_back_from_json() {
        let one = Unavailable::because("only one CPU");
        assert!(std::ptr::eq(one.0, Unavailable::because("only one CPU".to_owned()).0));
        assert_eq!(serde_json::to_string(&one).unwrap(), "\"only one CPU\"");
        assert_eq!(serde_json::from_str::<Unavailable>("\"only one CPU\"").unwrap(), one);
    }

    #[test]
    fn many_threads_may_fail_at_once() {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for number in 0..100 {
                        let words = format!("reason {number}");
                        assert_eq!(Unavailable::because(&words), Unavailable::because(words));
                    }
                });
            }
        });
    }
}
