//! What one machine writes, another reads; what nobody can read is said.

use crate::alone;
use helpers::{Machine, Record, Ruling, Timing, Unavailable, claim, keep, measure, nanos};
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder of this test's own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    /// Another one each time: the tests run side by side.
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("records-{}-{number}", std::process::id())))
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
    let folder = Folder::new();
    let record = record();
    let kept = record.keep(folder.file()).to_string();
    assert!(kept.starts_with("2 timings and 1 ruling, kept in"), "{kept}");
    assert_eq!(Record::read(folder.file()), Ok(record));
    assert_eq!(fs::read_dir(folder.file().parent().unwrap()).unwrap().count(), 1, "no draft stays behind");
}

#[test]
fn what_is_no_record_is_said_so() {
    let folder = Folder::new();
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

#[test]
fn samples_that_are_no_numbers_make_a_timing_unavailable_and_its_record_readable() {
    let folder = Folder::new();
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let timing = Timing::of("odd", &[nanos(1.0), nanos(odd)]);
        assert_eq!(timing.median().unwrap_err().to_string(), "1 of 2 samples are no finite numbers");
        // Whoever fills in the samples by hand comes no further.
        let by_hand = Timing { samples: vec![1.0, odd].into(), ..measure("by hand", || ()) };
        assert!(by_hand.median().is_err() && by_hand.range().is_err() && by_hand.quantile(0.5).is_err());
        let record = Record::of("00-odd", [&timing, &by_hand], []);
        assert!(record.keep(folder.file()).to_string().contains("kept in"));
        let read = Record::read(folder.file()).unwrap();
        assert_eq!(read.timings[0], timing);
        assert_eq!(read.timings[1].median(), by_hand.median());
    }
}

#[test]
fn nothing_but_a_plain_file_is_replaced() {
    let folder = Folder::new();
    fs::create_dir_all(&folder.0).unwrap();
    let link = folder.0.join("link.json");
    std::os::unix::fs::symlink("/dev/null", &link).unwrap();
    for path in [PathBuf::from("/dev/null"), folder.0.clone(), link] {
        let before = path.symlink_metadata().unwrap().file_type();
        let kept = record().keep(&path).to_string();
        assert!(kept.ends_with("is there already, and is no plain file."), "{kept}");
        assert_eq!(path.symlink_metadata().unwrap().file_type(), before);
    }
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1, "no draft stays behind");
}

#[test]
fn what_a_later_state_has_written_survives() {
    let folder = Folder::new();
    record().keep(folder.file());
    let text = fs::read_to_string(folder.file()).unwrap();
    let later = text.replacen('{', "{\"weather\":{\"sky\":[1.5,\"blue\"]},", 1);
    fs::write(folder.file(), later).unwrap();
    let read = Record::read(folder.file()).unwrap();
    assert_ne!(read, record(), "it differs by what was written beside");
    read.keep(folder.file());
    let again = fs::read_to_string(folder.file()).unwrap();
    assert!(again.contains("\"weather\":{\"sky\":[1.5,\"blue\"]}"), "{again}");
    assert_eq!(Record::read(folder.file()), Ok(read));
}

#[test]
fn a_record_stays_small_and_says_how_much_it_left_out() {
    let many = Timing::of("many", &(1..=50_000).map(|n| nanos(f64::from(n))).collect::<Vec<_>>());
    let record = Record::of("00-many", [&many], []);
    assert_eq!(record.taken["many"], 50_000);
    assert!(record.timings[0].samples.len() < 1_000);
    assert!((record.timings[0].median().unwrap().0 / 25_000.5 - 1.0).abs() < 0.001);
    let again = Record::of("00-many", [&many], []);
    assert_eq!((record.timings, record.taken), (again.timings, again.taken), "the same samples every time");
}

/// In a process of its own, since it changes the working directory.
#[test]
fn a_notebook_keeps_all_that_it_made_without_a_list() {
    let folder = Folder::new();
    fs::create_dir_all(&folder.0).unwrap();
    if std::env::var_os("RECORD_IN").is_none() {
        alone("record::a_notebook_keeps_all_that_it_made_without_a_list", |child| {
            child.env("RECORD_IN", "1").current_dir(&folder.0);
        });
        return;
    }
    let gone = Timing::unavailable("other core", Unavailable::because("only one CPU"));
    let first = measure("nothing", || ());
    let again = measure("nothing", || ());
    Timing::of("many", &[nanos(1.0); 1_000]);
    claim("nothing costs nothing").ratio(&first, &gone).at_most(1.0);
    assert_eq!(keep("00-test").to_string(), "3 timings and 1 ruling, kept in measured/00-test.json.");
    let read = Record::read("measured/00-test.json").unwrap();
    let named = |name: &str| read.timings.iter().find(|timing| timing.name == name).unwrap();
    let (kept, made) = (named("nothing").median().unwrap(), again.median().unwrap());
    assert!((kept.0 / made.0 - 1.0).abs() < 0.01, "{kept} is not {made}, the last of its name");
    assert_eq!(named("other core"), &gone);
    assert_eq!((read.verdicts.len(), read.taken["many"]), (1, 1_000));
    for name in ["", "..", "../up", "a/b", ".hidden"] {
        assert!(keep(name).to_string().contains("is no name for a file"), "{name}");
    }
}

#[test]
fn what_would_never_end_or_cannot_be_true_is_refused_in_time() {
    let folder = Folder::new();
    let path = folder.file();
    record().keep(&path);
    let whole = fs::read_to_string(&path).unwrap();
    let refused = |what: &str, text: String| {
        fs::write(&path, text).unwrap();
        let begun = std::time::Instant::now();
        let reason = Record::read(&path).unwrap_err().to_string();
        assert!(reason.contains("record.json"), "{what}: {reason}");
        assert!(reason.len() < 1_000, "{what}: the reason has {} letters", reason.len());
        assert!(begun.elapsed().as_secs() < 20, "{what}");
    };
    refused("nesting", "[".repeat(10 << 20));
    refused("nested objects", "{\"form\":1,\"x\":".to_owned() + &"{\"a\":".repeat(1 << 20));
    refused("a number too large", whole.replacen("\"samples\":[", "\"samples\":[1e999,", 1));
    refused("no number", whole.replacen("\"samples\":[", "\"samples\":[NaN,", 1));
    refused(
        "seconds as if they were nanoseconds of years",
        whole.replacen("\"samples\":[", "\"samples\":[1e17,", 1),
    );
    refused("words for numbers", whole.replacen("\"samples\":[", "\"samples\":[\"1 ms\",", 1));
    refused("half of it", whole[..whole.len() / 2].to_owned());
    for path in ["/dev/zero", "/dev", "/proc/self/mem"] {
        assert!(Record::read(path).is_err(), "{path}");
    }
}

#[test]
fn what_a_later_state_adds_survives_in_a_machines_record() {
    let folder = Folder::new();
    let path = folder.file();
    record().keep(&path);
    let later =
        fs::read_to_string(&path).unwrap().replacen("{\"form\":1", "{\"form\":1,\"weather\":[\"fine\"]", 1);
    fs::write(&path, later).unwrap();
    let machine = Record::of_machine("mine", &[Record::read(&path).unwrap()]).unwrap();
    machine.write(&path).unwrap();
    assert!(fs::read_to_string(&path).unwrap().contains("\"weather\":[\"fine\"]"));
    assert_eq!(Record::read(&path), Ok(machine));
}

#[test]
fn a_machines_record_gathers_its_notebooks_and_no_other_machines() {
    let timing = |name: &str, time: f64| Timing::of(name, &vec![nanos(time); 200]);
    let first =
        Record::of("00", &[timing("a call", 100.0)], &[claim("so it is").holds(true, "It is so".to_owned())]);
    let second = Record::of("01", &[timing("a call", 300.0), timing("another", 5.0)], &[]);
    let whole = Record::of_machine("a laptop", &[first.clone(), second.clone()]).unwrap();
    let names: Vec<&str> = whole.timings.iter().map(|timing| timing.name.held()).collect();
    assert_eq!(names, ["a call", "another"]);
    assert_eq!(whole.timings[0].median(), Ok(nanos(100.0)));
    assert!(whole.timings.iter().all(|timing| timing.samples.len() < 100));
    assert_eq!(whole.taken["a call"], 200);
    assert_eq!(whole.verdicts.len(), 1);
    assert!(Record::of_machine("none", &[]).is_err());
    let mut foreign = second;
    let mut context = (*Machine::here()).clone();
    context.cpu = Ok("another CPU".to_owned());
    foreign.machine = context.into();
    let reason = Record::of_machine("two", &[first, foreign]).unwrap_err().to_string();
    assert!(reason.contains("another machine"), "{reason}");
}

#[test]
fn the_records_that_come_with_the_book_can_be_read() {
    for record in helpers::references() {
        let record = record.unwrap();
        assert!(record.label.is_some() && !record.timings.is_empty(), "{}", record.title());
    }
}

/// A machine's record as the book wrote it when it first kept any: what is written today must be read for good.
#[test]
fn the_first_record_is_still_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/record.json");
    let first = Record::read(path).unwrap();
    assert_eq!(first.label.as_deref(), Some("a machine of yesterday"));
    assert_eq!(first.timings[0].name, "nothing");
    assert!(first.timings[0].median().is_ok() && first.timings[1].median().is_err());
    assert_eq!(first.verdicts[0].ruling, Ruling::Unavailable);
}

#[test]
fn what_somebody_else_has_published_is_set_beside_and_never_divided() {
    let record = |time: f64| Record::of("mine", &[Timing::of("a call", &[nanos(time)])], &[]);
    let mut theirs = record(50.0);
    theirs.published = Some(helpers::record::Published {
        source: "a paper".to_owned(),
        date: "2012".to_owned(),
        licence: "CC BY 4.0".to_owned(),
        method: "cycles, by hand".to_owned(),
    });
    assert!(theirs.title().ends_with("published by a paper, 2012"), "{}", theirs.title());
    for both in [record(100.0).against(&theirs), theirs.against(&record(100.0))] {
        assert!(both.shared.is_empty());
        assert!(helpers::chart::ratios(&Ok(both.clone())).figure().title.contains("different methods"));
        assert_eq!((both.differing[0].about, both.differing[0].label), ("record", "method"));
    }
    assert_eq!(theirs.against(&theirs).shared.len(), 1, "one method on both sides");
}
