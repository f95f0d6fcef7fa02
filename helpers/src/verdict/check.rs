//! The check of an exercise: right, or not yet. It is no ruling, and answers no question of the notebook.

use super::Evidence;
use crate::reading::Reading;
use std::fmt::{self, Display, Formatter};

/// Whether an exercise is solved, as far as can be told.
#[derive(Clone, PartialEq, Eq)]
pub struct Check {
    task: String,
    holds: Reading<bool>,
    hint: String,
}

/// Checks an exercise: what was to be done, whether it is, and what to look at next if not.
///
/// ```
/// use helpers::check;
/// // Is the heartbeat early enough?
/// let late_ms = 0.4;
/// let found = check("late by less than half a millisecond", late_ms < 0.5, "Give way more often.");
/// assert_eq!(found.to_string(), "Right: late by less than half a millisecond.");
/// let found = check("late by less than half a millisecond", late_ms < 0.1, "Give way more often.");
/// assert_eq!(found.to_string(), "Not yet: late by less than half a millisecond. Give way more often.");
/// ```
pub fn check(task: impl Into<String>, it_does: impl Evidence, hint: impl Into<String>) -> Check {
    Check { task: task.into(), holds: it_does.evidence(), hint: hint.into() }
}

impl Display for Check {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let Self { task, holds, hint } = self;
        match holds {
            Ok(true) => write!(out, "Right: {task}."),
            Ok(false) => write!(out, "Not yet: {task}. {hint}"),
            Err(reason) => write!(out, "It cannot be told here: {task}. {reason}."),
        }
    }
}
