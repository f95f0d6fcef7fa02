//! What was read, or why it could not be.

use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};

/// Why something cannot be measured or known here: the one error of this crate. It names the cause and, where there is
/// one, the remedy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unavailable(String);

/// What was read, or why it could not be.
pub type Reading<T> = Result<T, Unavailable>;

impl Unavailable {
    /// Because of this.
    pub fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
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
        Self(format!("{act}: {error}{meaning}"))
    }
}

impl Display for Unavailable {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Unavailable {}
