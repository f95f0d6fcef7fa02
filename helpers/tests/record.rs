//! What one machine writes, another reads; what nobody can read is said.

use helpers::{Machine, Record, Ruling, Timing, Unavailable, claim, measure};
use std::fs;
use std::path::PathBuf;

/// A folder of this test's own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("records-{name}-{}", std::process::id())))
    }

    fn file(&self) -> PathBuf {
        self.0.join("deep/record.json")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn record() -> Record {
    let timings =
        [measure("nothing", || ()), Timing::unavailable("other core", Unavailable::because("only one CPU"))];
    let verdicts = [claim("nothing costs nothing").ratio(&timings[0], &timings[1]).at_most(1.0)];
    assert_eq!(verdicts[0].ruling, Ruling::Unavailable);
    Record::of("00-test", &timings, &verdicts)
}

#[test]
fn a_record_comes_back_as_it_was_kept() {
    let folder = Folder::new("same");
    let record = record();
    let kept = record.keep(folder.file()).to_string();
    assert!(kept.starts_with("2 timings and 1 verdicts kept in"), "{kept}");
    assert_eq!(Record::read(folder.file()), Ok(record));
    assert_eq!(fs::read_dir(folder.file().parent().unwrap()).unwrap().count(), 1, "no draft stays behind");
}

#[test]
fn what_is_no_record_is_said_so() {
    let folder = Folder::new("other");
    let path = folder.file();
    assert!(Record::read(&path).unwrap_err().to_string().contains("No such file"));
    record().keep(&path);
    let whole = fs::read(&path).unwrap();
    for text in [&b""[..], b"{}", b"\xff\xfe", b"null", &whole[..whole.len() / 2]] {
        fs::write(&path, text).unwrap();
        let reason = Record::read(&path).unwrap_err().to_string();
        assert!(reason.contains("record.json"), "{reason}");
    }
    let other = String::from_utf8(whole).unwrap().replace("\"form\":1", "\"form\":99");
    fs::write(&path, other).unwrap();
    assert!(Record::read(&path).unwrap_err().to_string().contains("form 99"));
}

#[test]
fn a_place_that_cannot_be_written_is_told() {
    let kept = record().keep("/proc/nowhere/record.json").to_string();
    assert!(kept.starts_with("The record was not kept: "), "{kept}");
}

#[test]
fn a_record_names_its_machine() {
    assert_eq!(record().machine.short(), Machine::here().short());
}
