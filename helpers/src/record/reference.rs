//! What machines have kept of the whole book: the records that come with it.

use super::{Record, write_json};
use crate::measure::made::thinned;
use crate::reading::{Reading, Unavailable};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// How many samples of a timing a machine's record keeps: enough for its median, its quantiles and its extremes.
const KEPT: usize = 61;

/// Where figures come from that somebody else has published. They were taken by another method: to be set beside, not against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Who published them, and where.
    pub source: String,
    /// When.
    pub date: String,
    /// Under which licence.
    pub licence: String,
    /// How they were measured.
    pub method: String,
}

/// The records of other machines that come with this book, by the names of their files; of what cannot be read, the reason.
///
/// ```
/// // Which machines can this one be compared with?
/// for machine in helpers::references() {
///     println!("{}", machine.map_or_else(|reason| reason.to_string(), |record| record.title()));
/// }
/// ```
pub fn references() -> Vec<Reading<Record>> {
    references_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../records"))
}

fn references_in(folder: &Path) -> Vec<Reading<Record>> {
    let mut files: Vec<PathBuf> = match std::fs::read_dir(folder) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return vec![Err(Unavailable::refused(folder.display(), &error))],
    };
    files.retain(|file| file.extension().is_some_and(|kind| kind == "json"));
    files.sort();
    if files.is_empty() {
        let none = "this copy of the book comes without records of other machines";
        return vec![Err(Unavailable::because(none))];
    }
    files.iter().map(Record::read).collect()
}

impl Record {
    /// What a machine's record calls itself in place of a notebook.
    pub const BOOK: &str = "the whole book";

    /// What to call it: what its owner calls the machine, or else the machine in a line; and who has published it, if the
    /// figures are somebody else's.
    pub fn title(&self) -> String {
        let short = self.machine.short();
        let own = self.label.as_ref().map_or(short.clone(), |label| format!("{label} ({short})"));
        match &self.published {
            Some(Published { source, date, .. }) => format!("{own}, published by {source}, {date}"),
            None => own,
        }
    }

    /// How its figures were taken.
    pub(super) fn method(&self) -> &str {
        self.published.as_ref().map_or("this book's own", |published| &published.method)
    }

    /// One record of a whole machine from those of its notebooks, with fewer samples of each timing. Of a name that several
    /// notebooks use, the first counts.
    ///
    /// # Errors
    /// When there is nothing, or it comes from several machines.
    pub fn of_machine(label: &str, notebooks: &[Self]) -> Reading<Self> {
        let nothing = || Unavailable::because("no notebook has kept a record");
        let first = notebooks.first().ok_or_else(nothing)?;
        let mut whole = first.clone();
        whole.timings.clear();
        whole.verdicts.clear();
        for part in notebooks {
            if part.machine.short() != first.machine.short() {
                return Err(Unavailable::because(format!(
                    "{} was kept on another machine than {}: {} and {}",
                    part.notebook,
                    first.notebook,
                    part.machine.short(),
                    first.machine.short()
                )));
            }
            for timing in &part.timings {
                if whole.timings.iter().all(|other| other.name != timing.name) {
                    let taken = part.taken.get(timing.name.held()).copied().unwrap_or(timing.samples.len());
                    whole.taken.insert(timing.name.into(), taken);
                    whole.timings.push(thinned(timing, KEPT));
                }
            }
            for verdict in &part.verdicts {
                if whole.verdicts.iter().all(|other| other.claim != verdict.claim) {
                    whole.verdicts.push(*verdict);
                }
            }
        }
        Self::BOOK.clone_into(&mut whole.notebook);
        whole.label = Some(label.to_owned());
        Ok(whole)
    }

    /// Writes a machine's record to `path`.
    ///
    /// # Errors
    /// When it could not be written: the reason.
    pub fn write(&self, path: impl AsRef<Path>) -> Reading<()> {
        write_json(path.as_ref(), self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_in_order_and_what_cannot_be_read_says_why() {
        let folder = std::env::temp_dir().join(format!("references-{}", std::process::id()));
        assert!(references_in(&folder)[0].as_ref().unwrap_err().to_string().contains("without records"));
        std::fs::write(&folder, "no folder").unwrap();
        assert!(references_in(&folder)[0].as_ref().unwrap_err().to_string().contains("Not a directory"));
        std::fs::remove_file(&folder).unwrap();
        let record = Record::of_machine("mine", &[Record::of("00", &[], &[])]).unwrap();
        record.write(folder.join("b.json")).unwrap();
        std::fs::write(folder.join("a.json"), "[").unwrap();
        std::fs::write(folder.join("README.md"), "no record").unwrap();
        let read = references_in(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(read.len(), 2);
        assert!(read[0].as_ref().unwrap_err().to_string().contains("a.json"));
        assert_eq!(read[1].as_ref().unwrap(), &record);
        assert!(record.title().starts_with("mine ("));
    }
}
