//! Results with the machine they came from, as JSON that another machine can read.

use crate::machine::Machine;
use crate::measure::Timing;
use crate::reading::{Reading, Unavailable};
use crate::verdict::Verdict;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};
use std::path::Path;

/// The form of the file. A reader of another form is told so instead of misled.
const FORM: u32 = 1;

/// What one notebook found on one machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    form: u32,
    /// The notebook's name.
    pub notebook: String,
    /// The machine that all of it was measured on.
    pub machine: Machine,
    /// What was timed, under the names that the notebook uses.
    pub timings: Vec<Timing>,
    /// How the claims came out.
    pub verdicts: Vec<Verdict>,
}

impl Record {
    /// Gathers what a notebook found on this machine.
    pub fn of<'a>(
        notebook: impl Into<String>,
        timings: impl IntoIterator<Item = &'a Timing>,
        verdicts: impl IntoIterator<Item = &'a Verdict>,
    ) -> Self {
        Self {
            form: FORM,
            notebook: notebook.into(),
            machine: Machine::here(),
            timings: timings.into_iter().cloned().collect(),
            verdicts: verdicts.into_iter().cloned().collect(),
        }
    }

    /// Writes the record to `path`, and tells in words what became of it.
    pub fn keep(&self, path: impl AsRef<Path>) -> Kept {
        let path = path.as_ref();
        Kept(match write_json(path, self) {
            Ok(()) => format!(
                "{} timings and {} verdicts kept in {}.",
                self.timings.len(),
                self.verdicts.len(),
                path.display()
            ),
            Err(reason) => format!("The record was not kept: {reason}."),
        })
    }

    /// Reads a record that this or another machine has kept.
    ///
    /// # Errors
    /// When there is no such file, or it holds no record, or one of another form.
    pub fn read(path: impl AsRef<Path>) -> Reading<Self> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path)
            .map_err(|e| Unavailable::refused(format!("reading {}", path.display()), &e))?;
        let record: Self = serde_json::from_str(&text)
            .map_err(|e| Unavailable::because(format!("{} holds no record: {e}", path.display())))?;
        if record.form == FORM {
            Ok(record)
        } else {
            Err(Unavailable::because(format!(
                "{} is a record of form {}, this book reads form {FORM}; measure again",
                path.display(),
                record.form
            )))
        }
    }
}

/// What became of something that was to be written to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept(pub(crate) String);

impl Display for Kept {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Writes a value as JSON so that a reader finds the old file or the new one, never half of it.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Reading<()> {
    let refused = |e: std::io::Error| Unavailable::refused(format!("writing {}", path.display()), &e);
    let text = serde_json::to_string(value).map_err(|e| refused(std::io::Error::other(e)))?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(refused)?;
    }
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    std::fs::write(&draft, text + "\n").and_then(|()| std::fs::rename(&draft, path)).map_err(|e| {
        let _ = std::fs::remove_file(&draft);
        refused(e)
    })
}
