//! What holds on every machine: orders, flags and reasons. Never absolute times.

use helpers::machine::cpus;
use helpers::statistics::Summary;
use helpers::{
    Ruling, Status, Timing, claim, libc, measure, measure_each, measure_fallible, measure_if_survivable,
    measure_pair, measure_with,
};
use std::hint::{black_box, spin_loop};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

#[inline(never)]
fn answer() -> u32 {
    black_box(42)
}

fn call() -> Timing {
    // SAFETY: getppid has no preconditions and cannot fail.
    measure("getppid by libc", || unsafe { libc::getppid() })
}

#[test]
fn a_failing_operation_is_unavailable_with_the_systems_own_words() {
    let never = measure_fallible("open", || std::fs::File::open("/no/such/file"));
    assert!(never.median().unwrap_err().to_string().contains("No such file"));
    assert!(never.samples.is_empty() && never.to_string().contains("No such file"), "{never}");

    let mut calls = 0;
    let later = measure_fallible("weary", || {
        calls += 1;
        if calls > 50 { Err(io::Error::from_raw_os_error(libc::EAGAIN)) } else { Ok(()) }
    });
    assert!(later.median().unwrap_err().to_string().contains("while it was being timed"), "{later}");
}

#[test]
fn what_kills_is_tried_in_a_child_first() {
    // SAFETY: it ends the process that runs it, which is the child's.
    let deadly = measure_if_survivable("abort", || unsafe { libc::raise(libc::SIGKILL) });
    assert!(deadly.median().is_err(), "{deadly}");
    let harmless = measure_if_survivable("answer", answer);
    assert!(harmless.median().is_ok(), "{harmless}");
}

#[test]
fn a_timing_survives_json() {
    let call = call();
    let text = serde_json::to_string(&call).unwrap();
    assert_eq!(serde_json::from_str::<Timing>(&text).unwrap(), call);
    let gone = measure_fallible("open", || std::fs::File::open("/no/such/file"));
    let text = serde_json::to_string(&gone).unwrap();
    assert_eq!(serde_json::from_str::<Timing>(&text).unwrap(), gone);
}

/// Comparisons of times. They mean nothing under an emulator, where they are skipped by this name.
mod times {
    use super::*;

    #[test]
    fn a_function_call_is_shorter_than_a_system_call_and_that_shorter_than_a_file() {
        let steps = [
            measure("function", answer),
            call(),
            measure_fallible("open", || std::fs::File::open("/dev/null")),
        ];
        let verdict = claim("in order").ascending(&steps);
        assert_eq!(verdict.ruling, Ruling::Shown, "{verdict}");
    }

    #[test]
    fn twice_the_work_takes_about_twice_as_long() {
        // Each step needs the one before it and no memory, so that nothing but the number of steps can matter.
        let work = |from: u64| (0..1_000).fold(from, |number, _| number.wrapping_mul(number) | 1);
        let pair =
            measure_pair("once", || work(black_box(3)), "twice", || work(black_box(work(black_box(3)))));
        // Pair by pair: neighbours, and a machine that changes its speed, slow both of a pair alike.
        let ratios: Vec<f64> =
            pair.first.samples.iter().zip(&pair.second.samples).map(|(a, b)| b / a).collect();
        let ratio = Summary::of(&ratios).unwrap().median;
        assert!((1.5..3.0).contains(&ratio), "{ratio} {pair}");
        assert_eq!(pair.first.samples.len(), pair.differences.len());
    }

    #[test]
    fn a_crowd_is_flagged_and_moves_the_mean_more_than_the_median() {
        // All on one CPU: free hogs may all be put on another one, and leave the timed thread alone.
        let _pinned = cpus::allowed().and_then(|cpus| cpus::pin(cpus[0]));
        let stop = AtomicBool::new(false);
        let crowded = thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !stop.load(Relaxed) {
                        spin_loop();
                    }
                });
            }
            let timing = call();
            stop.store(true, Relaxed);
            timing
        });
        if crowded.ledger.as_ref().is_some_and(|ledger| ledger.waited.is_err()) {
            println!("skipped: this kernel does not tell how long a thread waited for a CPU");
            return;
        }
        assert!(crowded.is_disturbed(), "{crowded}");
        assert!(crowded.mean().unwrap() > crowded.median().unwrap(), "{crowded}");
    }

    #[test]
    fn nothing_is_below_resolution() {
        let nothing = measure("nothing", || ());
        assert!(matches!(nothing.status, Status::BelowResolution(_)), "{nothing}");
        let each = measure_each("nothing, each", || ());
        assert!(matches!(each.status, Status::BelowResolution(_)), "{each}");
        assert!(each.samples.len() > 100 && each.calls == 1);
    }

    #[test]
    fn the_making_of_an_input_is_not_timed() {
        let make = || (0..10_000_u64).map(black_box).collect::<Vec<u64>>();
        let start = Instant::now();
        black_box(make());
        let making = start.elapsed().as_nanos() as f64;
        let touch = measure_with("first element", make, |list| black_box(list[0]));
        assert!(touch.median().unwrap().0 < making, "{touch}");
    }
}
