use super::*;
use std::cell::Cell;

/// A clock that shows what it is told: each look the next entry, and the last for ever.
#[derive(Clone, Copy)]
struct Script(&'static [(u64, u32)]);

thread_local!(static LOOKS: Cell<usize> = const { Cell::new(0) });

impl Look for Script {
    fn look(self) -> (u64, u32) {
        let look = LOOKS.get();
        LOOKS.set(look + 1);
        self.0[look.min(self.0.len() - 1)]
    }
}

fn recorded(script: &'static [(u64, u32)], room: usize) -> Notes {
    LOOKS.set(0);
    let no_quota = Err(Unavailable::because("no quota"));
    let recorder = Recorder::new(Script(script), plan(room, no_quota), Vec::new());
    recorder.record(Times { begin: 0, end: 100_000 }, 0)
}

fn plan(room: usize, throttling: Reading<&Throttling>) -> Plan<'_> {
    Plan { work: None, notable: 2_000, step: 1.0, counts_switches: true, room, throttling }
}

fn ends(notes: &Notes) -> Vec<(u64, u64)> {
    notes.raw_gaps.iter().map(|raw_gap| (raw_gap.from, raw_gap.to)).collect()
}

#[test]
fn what_is_longer_than_a_look_is_noted_once() {
    let notes = recorded(&[(10, 0), (30, 0), (50, 0), (9_050, 0), (9_070, 0), (100_000, 0)], 9);
    // The first look finds out where the thread is.
    assert_eq!(ends(&notes), [(0, 10), (50, 9_050), (9_070, 100_000)]);
    assert_eq!(notes.until, 100_000);
}

#[test]
fn gaps_without_a_look_between_them_are_one() {
    let notes = recorded(&[(10, 0), (30, 0), (5_030, 0), (9_030, 0), (9_050, 0), (100_040, 0)], 9);
    assert_eq!(ends(&notes), [(0, 10), (30, 9_030), (9_050, 100_040)]);
}

#[test]
fn another_cpu_is_noted_without_a_gap() {
    let notes = recorded(&[(10, 0), (30, 0), (50, 3), (70, 3), (90, 3), (101_000, 3)], 9);
    assert_eq!(ends(&notes)[1], (30, 50));
    assert_eq!(notes.raw_gaps.iter().map(|raw_gap| raw_gap.cpu).collect::<Vec<_>>(), [0, 3, 3]);
}

#[test]
fn without_room_for_more_it_ends_where_the_last_note_does() {
    let notes = recorded(&[(10, 0), (30, 0), (5_030, 0), (5_050, 0), (60_000, 0), (60_020, 0)], 2);
    assert_eq!((ends(&notes), notes.until), (vec![(0, 10), (30, 5_030)], 5_050));
}

#[test]
fn throttling_that_cannot_be_told_is_not_none() {
    let group = std::env::temp_dir().join(format!("throttling-{}", std::process::id()));
    std::fs::create_dir_all(&group).unwrap();
    let counts = |text: &str| std::fs::write(group.join("cpu.stat"), text).unwrap();
    counts("throttled_usec 50\n");
    let counters = Throttling::of(std::slice::from_ref(&group)).unwrap();
    let recorder = || Recorder::new(Script(&[(100_000, 0)]), plan(9, Ok(&counters)), Vec::new());
    let told = |recorder: Recorder<Script>| recorder.record(Times { begin: 0, end: 100_000 }, 0).throttling;
    let (mut steady, mut backwards, mut lost) = (recorder(), recorder(), recorder());
    counts("throttled_usec 70\n");
    assert_eq!((Nanos(steady.throttled()), told(steady)), (Nanos(20_000.0), Ok(())));
    counts("throttled_usec 10\n");
    assert_eq!(Nanos(backwards.throttled()), Nanos(0.0));
    assert!(told(backwards).unwrap_err().to_string().contains("backwards"));
    std::fs::remove_dir_all(&group).unwrap();
    assert_eq!(Nanos(lost.throttled()), Nanos(0.0));
    assert!(told(lost).is_err() && told(recorder()).is_err());
}
