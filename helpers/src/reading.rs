//! What was read, or why it could not be.

use crate::lasting::Lasting;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Debug, Display, Formatter};
use std::sync::OnceLock;

/// Why something cannot be measured or known here: the one error of this crate. It names the cause and, where there is
/// one, the remedy.
///
/// It is copied like a number, and so is a [`Reading`] of a number: a cell that hands one on still has it when it is run
/// again ([`Lasting`]).
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unavailable(Lasting<str>);

/// What was read, or why it could not be.
pub type Reading<T> = Result<T, Unavailable>;

/// What was found the first time that it could be tried.
pub(crate) fn once<T: Clone>(kept: &'static OnceLock<T>, find: impl FnOnce() -> Reading<T>) -> Reading<T> {
    if let Some(found) = kept.get() {
        return Ok(found.clone());
    }
    find().map(|found| kept.get_or_init(|| found).clone())
}

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

impl Unavailable {
    /// Because of this.
    pub fn because(reason: impl Into<String>) -> Self {
        Self(reason.into().into())
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
            // "Permission denied" (EACCES) is mostly that of a file, and says all there is to say.
            Some(libc::EPERM) => "; a policy of this machine forbids it",
            Some(libc::ENOSYS) => "; this kernel does not have it",
            _ => "",
        };
        Self::because(format!("{act}: {error}{meaning}"))
    }
}

impl Display for Unavailable {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        out.write_str(&self.0)
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
    fn a_reason_comes_back_from_json() {
        let one = Unavailable::because("only one CPU");
        assert_eq!(serde_json::to_string(&one).unwrap(), "\"only one CPU\"");
        assert_eq!(serde_json::from_str::<Unavailable>("\"only one CPU\"").unwrap(), one);
    }
}
