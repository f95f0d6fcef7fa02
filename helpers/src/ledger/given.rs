//! Counting an act that needs something first, which the system may refuse.

use super::{Ledger, count};
use crate::reading::Unavailable;
use crate::units::nanos;

/// Counts what changes in the kernel while `act` runs on what it was given: a pipe, a mapping, a file. How that was made is
/// not counted. Where the system has refused it, `act` doesn't run and every counter says why.
///
/// ```
/// use helpers::ledger::count_given;
/// use std::io::Read;
/// // What does the kernel count while a file is read?
/// let ledger = count_given(std::fs::File::open("/dev/zero"), |mut file| file.read(&mut [0; 9]).is_ok());
/// assert!(ledger.cpu.is_ok() || cfg!(not(target_os = "linux")));
/// // And if there is no such file?
/// let ledger = count_given(std::fs::File::open("/no/such/file"), |file| drop(file));
/// assert!(ledger.cpu.unwrap_err().to_string().contains("No such file"));
/// ```
pub fn count_given<I, E: Into<Unavailable>, R>(input: Result<I, E>, act: impl FnOnce(I) -> R) -> Ledger {
    match input {
        Ok(input) => count(|| act(input)),
        Err(reason) => Ledger::unavailable(reason.into()),
    }
}

impl Ledger {
    /// The books of an act that never ran: every counter says why.
    pub fn unavailable(reason: Unavailable) -> Self {
        Self {
            // No reading, but what no chart draws and no comparison accepts.
            elapsed: nanos(f64::NAN),
            cpu: Err(reason),
            user: Err(reason),
            system: Err(reason),
            waited: Err(reason),
            voluntary: Err(reason),
            involuntary: Err(reason),
            minor_faults: Err(reason),
            major_faults: Err(reason),
            stolen: Err(reason),
            throttled: Err(reason),
            process: Err(reason),
            children: Err(reason),
        }
    }
}
