//! Timing an operation that needs something first, which the system may refuse.

use super::{Pair, Timing, measure};
use crate::reading::Unavailable;
use crate::units::Nanos;
use std::io;

/// Times an operation on what it was given, as [`measure`] does: a mapping, an open file. Where the system has refused that,
/// the timing is unavailable and says why.
///
/// ```
/// use helpers::measure::measure_given;
/// use std::{fs::File, io::Read};
/// // What does one byte cost, read from a file that is open already?
/// let read = measure_given("read", File::open("/dev/zero"), |file| file.read(&mut [0]).is_ok());
/// assert!(read.median().is_ok());
/// // And if there is no such file?
/// let read = measure_given("read", File::open("/no/such/file"), |file| file.read(&mut [0]).is_ok());
/// assert!(read.median().unwrap_err().to_string().contains("No such file"));
/// ```
#[inline]
pub fn measure_given<I, E: Into<Unavailable>, T>(
    name: impl Into<String>,
    input: Result<I, E>,
    mut op: impl FnMut(&mut I) -> T,
) -> Timing {
    match input {
        Ok(mut input) => measure(name, || op(&mut input)),
        Err(reason) => Timing::unavailable(name, reason.into()),
    }
}

/// What the system refused to give, in its own words.
impl From<io::Error> for Unavailable {
    fn from(error: io::Error) -> Self {
        Self::refused("what this needs was refused", &error)
    }
}

impl Pair {
    /// How much longer the second takes than the first, as a timing of its own: a sample for each pair of batches.
    pub fn extra(&self) -> Timing {
        let name = format!("{}, against {}", self.second.name, self.first.name);
        let extra: Vec<Nanos> = self.differences.iter().copied().map(Nanos).collect();
        Timing::reading(name, &self.difference().map(|_| extra))
    }
}
