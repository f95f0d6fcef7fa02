//! Ledgers: made to happen, then found counted.

use crate::here;
use helpers::Count;
use helpers::ledger::{Ledger, Snapshot, children, count, open_files};
use std::hint::black_box;
use std::time::{Duration, Instant};

#[test]
fn a_sleep_is_a_voluntary_switch() {
    const SLEEPS: u64 = 10;
    let ledger = count(|| (0..SLEEPS).for_each(|_| std::thread::sleep(Duration::from_millis(1))));
    if let Some(Count(switches)) = here(ledger.voluntary) {
        // Not exactly: a hypervisor may stop the CPU until the time is over before the thread has left it, and an emulator
        // waits for its own threads now and then.
        assert!((SLEEPS - 2..SLEEPS * 3).contains(&switches), "{ledger}");
    }
    assert!(ledger.elapsed.0 >= 1e6 * SLEEPS as f64, "{ledger}");
}

#[test]
fn sleeping_costs_time_but_next_to_no_cpu_time() {
    let ledger = count(|| std::thread::sleep(Duration::from_millis(30)));
    if let Some(cpu) = here(ledger.cpu) {
        assert!(cpu.0 < ledger.elapsed.0 / 3.0, "{ledger}");
    }
}

#[test]
fn cpu_time_and_waiting_fit_into_the_time_that_passed() {
    let spin = || {
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(20) {}
    };
    let ledger = count(spin);
    if let (Some(cpu), Some(waited)) = (here(ledger.cpu), here(ledger.waited)) {
        assert!(cpu.0 > 0.0 && cpu.0 + waited.0 <= ledger.elapsed.0 * 1.01, "{ledger}");
    }
}

#[test]
fn every_fresh_page_is_a_minor_fault() {
    const PAGES: usize = 1_024;
    // 64 MiB: more than the allocator ever keeps of what tests before have touched. A page is at most 64 KiB.
    let mut memory: Vec<u8> = Vec::with_capacity(PAGES << 16);
    let ledger = count(|| {
        for page in 0..PAGES {
            memory.spare_capacity_mut()[page << 16].write(1);
        }
        black_box(&mut memory);
    });
    if let Some(Count(faults)) = here(ledger.minor_faults) {
        // Huge pages serve 512 small ones at once: there may be fewer faults than pages, but not none.
        assert!((1..=PAGES as u64 + 8).contains(&faults), "{ledger}");
    }
}

#[test]
fn an_empty_act_is_charged_with_nothing() {
    let quietest = (0..50).map(|_| count(|| ())).min_by(|a, b| a.elapsed.0.total_cmp(&b.elapsed.0)).unwrap();
    assert!(quietest.elapsed.0 < 50_000.0, "{quietest}");
    for counter in [&quietest.voluntary, &quietest.involuntary, &quietest.major_faults] {
        assert_eq!(here(*counter).unwrap_or(Count(0)), Count(0), "{quietest}");
    }
}

#[test]
fn a_childs_work_is_on_the_childrens_account() {
    let ledger = count(|| std::process::Command::new("true").status());
    if let Some(children) = here(ledger.children) {
        assert!(children.minor_faults > Count(0), "{ledger}");
    }
}

#[test]
fn a_snapshot_is_cheap() {
    let cost = |take: &dyn Fn()| {
        let mut costs: Vec<Duration> = std::iter::repeat_with(|| {
            let start = Instant::now();
            take();
            start.elapsed()
        })
        .take(200)
        .collect();
        costs.sort();
        costs[costs.len() / 2]
    };
    let before = Snapshot::take();
    println!("take {:?}, since {:?}", cost(&|| _ = Snapshot::take()), cost(&|| _ = before.since()));
    // A bound for emulators too: the point is that nobody makes it milliseconds unnoticed.
    assert!(cost(&|| _ = Snapshot::take()) < Duration::from_millis(5));
}

#[test]
fn a_ledger_survives_being_written_down() {
    let ledger = count(|| ());
    let text = serde_json::to_string(&ledger).unwrap();
    assert_eq!(serde_json::from_str::<Ledger>(&text).unwrap(), ledger);
}

#[test]
fn every_line_has_a_label_and_a_unit_or_a_reason() {
    let ledger = count(|| ());
    assert_eq!(ledger.to_string().lines().count(), ledger.rows().len());
    assert!(ledger.rows().iter().all(|(label, value)| !label.is_empty() && !value.is_empty()));
}

#[test]
fn open_files_and_children_are_counted() {
    // Other tests of this process open files and start children meanwhile: look for a lower bound only.
    let held: Vec<_> = (0..100).filter_map(|_| std::fs::File::open("/dev/null").ok()).collect();
    if let Some(open) = here(open_files()) {
        assert!(open >= Count(held.len() as u64));
    }
    let mut child = std::process::Command::new("sleep").arg("1").spawn().unwrap();
    let seen = children();
    child.kill().unwrap();
    child.wait().unwrap();
    if let Some(seen) = here(seen) {
        assert!(seen >= Count(1));
    }
}
