//! Results with the machine they came from, as JSON that another machine can read.

mod against;
mod reference;

use crate::machine::Machine;
use crate::measure::Timing;
use crate::measure::made::{SAMPLES, remembered, thinned};
use crate::reading::{Reading, Unavailable};
use crate::verdict::{self, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::io::Read;
use std::path::{Path, PathBuf};

pub use against::{Against, Differing, Shared, against};
pub use reference::{Published, references};

/// The form of the file. A reader of another form is told so instead of misled.
const FORM: u32 = 1;

/// Where a notebook keeps its record: beside it.
const FOLDER: &str = "measured";

/// What one notebook found on one machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    form: u32,
    /// The notebook's name; of a machine's record, [`Record::BOOK`].
    pub notebook: String,
    /// What its owner calls the machine, and what was done to it: `cloud VM, half of one CPU allowed`. In a machine's record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Where it was published, if the figures are somebody else's, taken by another method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
    /// The machine that all of it was measured on.
    pub machine: Machine,
    /// What was timed, under the names that the notebook uses. Of many samples some hundreds are kept, which have the same
    /// median, quantiles and extremes.
    pub timings: Vec<Timing>,
    /// How many samples were taken, by name, where there were more than are kept.
    #[serde(default)]
    pub taken: BTreeMap<String, usize>,
    /// How the claims came out.
    pub verdicts: Vec<Verdict>,
    /// What a later state of this book has written beside these, as it was.
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// Keeps what this notebook has found so far: every timing that was made in this kernel, the last of each name, and every
/// ruling, with the machine, in `measured/NAME.json`. Tells in words what became of it.
///
/// ```no_run
/// use helpers::{Timing, keep, measure};
/// let call: Timing = measure("getppid", || unsafe { libc::getppid() });
/// keep("03-operating-system-and-cpu") // 1 timing and 0 rulings, kept in measured/03-operating-system-and-cpu.json.
/// # ;
/// ```
pub fn keep(notebook: &str) -> Kept {
    let is_name = !notebook.is_empty() && !notebook.contains(['/', '\\', '\0']) && !notebook.starts_with('.');
    if !is_name {
        return Kept(format!("The record was not kept: “{notebook}” is no name for a file."));
    }
    Record::here(notebook).keep(PathBuf::from(FOLDER).join(format!("{notebook}.json")))
}

impl Record {
    /// What this kernel has made so far.
    fn here(notebook: &str) -> Self {
        let made = remembered();
        let many = made.iter().filter(|made| made.taken > made.timing.samples.len());
        let taken = many.map(|made| (made.timing.name.into(), made.taken)).collect();
        let timings = made.iter().map(|made| &made.timing);
        Self { taken, ..Self::of(notebook, timings, &verdict::all()) }
    }

    /// Gathers what a notebook found on this machine.
    pub fn of<'a>(
        notebook: impl Into<String>,
        timings: impl IntoIterator<Item = &'a Timing>,
        verdicts: impl IntoIterator<Item = &'a Verdict>,
    ) -> Self {
        let mut taken = BTreeMap::new();
        let timings = timings.into_iter().map(|timing| {
            if timing.samples.len() > SAMPLES {
                taken.insert(timing.name.into(), timing.samples.len());
            }
            thinned(timing, SAMPLES)
        });
        let timings = timings.collect();
        let verdicts = verdicts.into_iter().copied().collect();
        let (notebook, machine, others) = (notebook.into(), Machine::here(), Map::new());
        let (label, published) = (None, None);
        Self { form: FORM, notebook, label, published, machine, timings, taken, verdicts, others }
    }

    /// Writes the record to `path`, and tells in words what became of it.
    pub fn keep(&self, path: impl AsRef<Path>) -> Kept {
        let path = path.as_ref();
        let counted =
            |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
        Kept(match write_json(path, self) {
            Ok(()) => format!(
                "{} and {}, kept in {}.",
                counted(self.timings.len(), "timing"),
                counted(self.verdicts.len(), "ruling"),
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
        let text = plain_text(path)?;
        let no_record =
            |e: serde_json::Error| Unavailable::because(format!("{} holds no record: {e}", path.display()));
        // The form first: of another one nothing else may be where it is looked for.
        let Form { form } = serde_json::from_str(&text).map_err(no_record)?;
        if form != FORM {
            return Err(Unavailable::because(format!(
                "{} is a record of form {form}, this book reads form {FORM}; measure again",
                path.display(),
            )));
        }
        let record: Self = serde_json::from_str(&text).map_err(no_record)?;
        match record.oddity() {
            Some(oddity) => {
                Err(Unavailable::because(format!("{} holds no record to trust: {oddity}", path.display())))
            }
            None => Ok(record),
        }
    }

    /// What no machine can have measured. (A difference of two times may well be less than nothing.)
    fn oddity(&self) -> Option<String> {
        self.timings.iter().find_map(|timing| {
            let odd = timing.samples.iter().find(|time| time.abs() > LONGEST)?;
            let name: String = timing.name.chars().take(60).collect();
            Some(format!("“{name}” took {odd:e} ns; times are in nanoseconds, and within a day"))
        })
    }
}

/// No act of this book takes longer, in nanoseconds: a day.
const LONGEST: f64 = 86_400e9;

/// No file that this book keeps is larger, in bytes.
const LARGEST: u64 = 64 << 20;

/// The text of a plain file. A device, a pipe or a folder might never end, or not be text at all.
pub(crate) fn plain_text(path: &Path) -> Reading<String> {
    let refused = |e: std::io::Error| Unavailable::refused(format!("reading {}", path.display()), &e);
    let about = std::fs::metadata(path).map_err(refused)?;
    if !about.is_file() {
        return Err(Unavailable::because(format!("{} is no plain file", path.display())));
    }
    let mut text = String::new();
    if about.len() <= LARGEST {
        let file = std::fs::File::open(path).map_err(refused)?;
        // What the kernel makes up as it is read has no length before.
        file.take(LARGEST + 1).read_to_string(&mut text).map_err(refused)?;
    }
    if about.len().max(text.len() as u64) > LARGEST {
        let path = path.display();
        return Err(Unavailable::because(format!("{path} is larger than any file that this book keeps")));
    }
    Ok(text)
}

#[derive(Deserialize)]
struct Form {
    form: u32,
}

/// What became of something that was to be written to a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Kept(String);

impl Display for Kept {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Writes a value as JSON so that a reader finds the old file or the new one, never half of it. Only a plain file is ever
/// replaced: no device, no folder, no link.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Reading<()> {
    let refused = |e: std::io::Error| Unavailable::refused(format!("writing {}", path.display()), &e);
    if path.symlink_metadata().is_ok_and(|there| !there.is_file()) {
        return Err(Unavailable::because(format!(
            "{} is there already, and is no plain file",
            path.display()
        )));
    }
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
