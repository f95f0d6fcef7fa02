//! Interrupts: provoked and then found counted; and gaps held against the kernel's own trace of what interrupted it.

use crate::here;
use helpers::dents::{Votes, overhear, wait_until};
use helpers::interrupts::{Kind, global_membarrier, membarrier};
use helpers::io::{Disk, Home, Ring, both};
use helpers::ledger::{children, open_files};
use helpers::stages::{self, journeys, stamp};
use helpers::{
    Bytes, Count, Machine, Nanos, Observation, Reading, Ruling, claim, interrupts, micros, millis, observe,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often at least, where strangers only add and others may take the CPU away.
fn nearly(counted: Reading<Count>, expected: u64) {
    if let Some(Count(count)) = here(counted) {
        assert!(count * 10 >= expected * 8, "{count} of {expected}");
    }
}

#[test]
fn what_is_provoked_is_counted() {
    let machine = Machine::here();
    let (one, two) = (machine.some_cpus(1), machine.some_cpus(2));
    let asked = interrupts(two).times(300, |()| membarrier());
    nearly(asked.elsewhere(Kind::Call).count, 300);
    let alone = interrupts(one).times(300, |()| membarrier());
    if let Some(Count(calls)) = here(alone.elsewhere(Kind::Call).count) {
        assert!(calls < 150, "{alone}");
    }
    let home = Home::new();
    let letters = interrupts(one).with(&home).times(500, |home| home.send(b"x").and(home.take()));
    nearly(letters.here(Kind::NetReceive).count, 500);
    let send_bundle = |home: &Home| home.send_in_pieces(&[7; 5_000], 100).and(home.take_all(50));
    let bundles = interrupts(one).with(&home).times(10, send_bundle);
    if let Some(Count(softirqs)) = here(bundles.here(Kind::NetReceive).count) {
        assert!((8..250).contains(&softirqs), "{bundles}");
    }
}

#[test]
fn a_disk_is_read_and_nothing_of_it_is_left() {
    let one = Machine::here().some_cpus(1);
    let before = here(open_files());
    {
        let (disk, ring) = (Disk::past_the_cache(Bytes(1 << 20)), Ring::new(8));
        let reads = interrupts(one).with(&disk).times(50, |disk| disk.read(disk.somewhere(), 4096));
        // Some devices have nobody to interrupt: what was read is what counts.
        println!("{reads}");
        let together = |(ring, disk): &(&Ring, &Disk)| {
            (0..8).for_each(|_| ring.read(*disk, 4096, disk.somewhere()));
            ring.wait(8, millis(1_000.0))
        };
        let batches = interrupts(one).with(&both(&ring, &disk)).times(5, together);
        assert!(batches.total().is_ok() || disk.is_err() || ring.is_err(), "{batches}");
    }
    assert_eq!(here(open_files()), before);
    let left = |folder: &str| {
        fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
            let own = format!(".concurrency-measured-{}-", std::process::id());
            entry.file_name().to_string_lossy().starts_with(&own)
        })
    };
    assert!(!left(".") && !left("/var/tmp") && !left("/tmp"));
}

#[test]
fn every_datagram_is_followed_and_its_stretches_add_up() {
    const LETTERS: usize = 200;
    const WAY: [(&str, &str); 5] = [
        (stages::SENT, "system call"),
        (stages::QUEUED, "network stack"),
        (stages::HANDED, "loopback device"),
        (stages::RECEIVED, "wake-up"),
        ("recv returns", ""),
    ];
    let (files, kids) = (here(open_files()), here(children()));
    let cpus = Machine::here().some_cpus(1);
    let followed = journeys(
        cpus,
        LETTERS,
        &WAY,
        |out| out.send(b"x"),
        |inbox| {
            for _ in 0..LETTERS {
                let _ = inbox.wait() && inbox.recv(&mut [0; 8]).is_ok();
                stamp("recv returns");
            }
        },
    );
    if let Some(Count(in_order)) = here(followed.in_order()) {
        assert_eq!(in_order, LETTERS as u64, "{followed}");
        for letter in 0..LETTERS {
            let sum: f64 = followed.stretches.iter().map(|stretch| stretch.took.samples[letter]).sum();
            assert!((sum - followed.whole.samples[letter]).abs() < 0.5);
        }
    }
    // A receiver that takes nothing, or panics, ends it all the same.
    for letters in [3, usize::MAX] {
        let lazy = journeys(cpus, letters, &WAY, |out| out.send(b"x"), |_| ());
        assert_eq!(lazy.in_order().unwrap_or(Count(0)), Count(0));
    }
    let panics = journeys(cpus, 3, &WAY, |out| out.send(b"x"), |_| panic!("on purpose"));
    assert!(panics.whole.median().is_err());
    assert_eq!((here(open_files()), here(children())), (files, kids));
}

#[test]
fn a_word_arrives_whole_or_not_at_all() {
    const SLOT: Duration = Duration::from_micros(500);
    // "OK", by the bits of its bytes: dents and silence for a one, silence and dents for a zero.
    let bits = b"OK".iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
    let slots: Vec<bool> = bits.flat_map(|one| [one, !one]).collect();
    let (cpus, kids) = (Machine::here().some_cpus(2), here(children()));
    let mut votes = Votes::on(slots.len());
    while votes.are_open() && votes.rounds() < 12 {
        votes.add(overhear(cpus, micros(500.0), slots.len(), |start| {
            for (slot, _) in (0..).zip(&slots).filter(|(_, dents)| **dents) {
                for knock in 1..=8 {
                    wait_until(start + SLOT * slot + SLOT / 10 * knock);
                    let _ = global_membarrier();
                }
            }
        }));
    }
    let verdict = claim("a test's word arrives").spelt(&votes, "OK");
    println!("{verdict}");
    assert_ne!(verdict.ruling, Ruling::NotShown);
    assert_eq!(here(children()), kids);
}

/// What the kernel writes down of its own interruptions; a trace of our own, taken away when it is dropped.
struct Trace(PathBuf);

impl Trace {
    const EVENTS: [&str; 9] = [
        "irq_vectors/local_timer",
        "irq_vectors/reschedule",
        "irq_vectors/call_function",
        "irq_vectors/call_function_single",
        "irq_vectors/irq_work",
        "irq/irq_handler",
        "irq/softirq",
        "sched/sched_switch",
        "irq_vectors/x86_platform_ipi",
    ];

    fn begin() -> Option<Self> {
        let places = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"].map(Path::new);
        let place = places.into_iter().find(|place| place.join("trace_clock").exists())?;
        let own = place.join("instances").join(format!("concurrency-interrupts-{}", std::process::id()));
        fs::create_dir(&own).ok()?;
        let trace = Self(own);
        fs::write(trace.0.join("trace_clock"), "x86-tsc").ok()?;
        fs::write(trace.0.join("buffer_size_kb"), "16384").ok()?;
        for event in Self::EVENTS {
            for end in ["", "_entry", "_exit"] {
                let _ = fs::write(trace.0.join(format!("events/{event}{end}/enable")), "1");
            }
        }
        fs::write(trace.0.join("tracing_on"), "1").ok()?;
        Some(trace)
    }

    /// When, on which CPU, which event, and its words.
    fn lines(self) -> Option<Vec<(u64, usize, String, String)>> {
        fs::write(self.0.join("tracing_on"), "0").ok()?;
        let text = fs::read_to_string(self.0.join("trace")).ok()?;
        let line = |line: &str| {
            let (head, words) = line.split_once(": ")?;
            let (event, words) = words.split_once(':').unwrap_or((words, ""));
            let cpu = head.rsplit_once('[')?.1.split_once(']')?.0.parse().ok()?;
            let at = head.rsplit_once(' ')?.1.parse().ok()?;
            Some((at, cpu, event.to_owned(), words.to_owned()))
        };
        let mut lines: Vec<_> = text.lines().filter_map(line).collect();
        lines.sort_by_key(|line| line.0);
        Some(lines)
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

/// From the first entry to the last exit, for each time that the kernel was entered while the thread had the CPU.
fn interruptions(lines: &[(u64, usize, String, String)], seen: &Observation) -> Vec<(f64, f64)> {
    let thread = seen.thread("thread 1").unwrap();
    let cpu = thread.turns.iter().find_map(|turn| turn.cpu).unwrap();
    let at = |count: u64| (count as f64 - seen.begun as f64) * seen.step;
    let (mut found, mut depth, mut since, mut runs) = (Vec::new(), 0_i32, 0.0, false);
    for (count, _, event, words) in lines.iter().filter(|line| line.1 == cpu) {
        if event == "sched_switch" {
            runs = words.contains(&format!("next_pid={} ", thread.tid));
            depth = 0;
        } else if runs && event.ends_with("_entry") {
            if depth == 0 {
                since = at(*count);
            }
            depth += 1;
        } else if runs && event.ends_with("_exit") && depth > 0 {
            depth -= 1;
            if depth == 0 {
                found.push((since, at(*count)));
            }
        }
    }
    found.retain(|(from, to)| *from > 0.0 && *to < thread.until.0);
    found
}

/// An emulator is interrupted by nobody that the kernel would tell of: there it's passed over by this name.
mod native {
    use super::*;

    #[test]
    fn every_interruption_that_the_kernel_knows_lies_in_a_gap() {
        let Some(trace) = Trace::begin() else {
            println!("passed over: this takes root and a mounted tracefs");
            return;
        };
        let seen = observe(1).on_one_cpu().during(millis(800.0));
        let Some(lines) = trace.lines() else { return };
        let thread = seen.thread("thread 1").unwrap();
        let known = interruptions(&lines, &seen);
        // Two readings of one counter may differ by so much, and the trace writes its line a little after the entry.
        let slack = 1_500.0;
        let covered = |(from, to): &&(f64, f64)| {
            thread.gaps.iter().any(|gap| gap.from.0 <= from + slack && gap.to.0 >= to - slack)
        };
        let long: Vec<_> = known.iter().filter(|(from, to)| to - from >= seen.shortest.0).collect();
        let missed: Vec<_> = long.iter().copied().filter(|one| !covered(one)).collect();
        println!(
            "{} interruptions, {} of them longer than {}; missed {missed:?}",
            known.len(),
            long.len(),
            seen.shortest
        );
        assert!(missed.is_empty(), "{missed:?}\n{seen}");
        let away: f64 = known.iter().map(|(from, to)| to - from).sum();
        println!("handlers alone took {}", Nanos(away));
        assert!(known.len() > 50 || thread.ran().0 < 3e8, "{} interruptions in {seen}", known.len());
    }
}
