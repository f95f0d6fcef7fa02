//! The atlas of traps: every act is refused, and in the way that the architecture has for it.

use helpers::sandbox::Ending;
use helpers::{Outcome, forbidden_acts, kinds, same};

/// The signals that the acts must end in, in their order.
fn expected() -> [&'static str; 9] {
    if cfg!(target_arch = "x86_64") {
        let mut all = ["SIGSEGV"; 9];
        all[8] = "SIGILL";
        all
    } else {
        ["SIGSEGV", "SIGSEGV", "SIGSEGV", "SIGILL", "SIGILL", "SIGILL", "SIGILL", "SIGILL", "SIGILL"]
    }
}

fn signal(ending: &Ending) -> String {
    match &ending.outcome {
        Outcome::Killed(signal) => signal.name.into(),
        other => panic!("{}: {other}", ending.act),
    }
}

#[test]
fn every_act_is_refused_and_a_second_round_tells_the_same() {
    let (first, second) = (forbidden_acts(), forbidden_acts());
    assert_eq!(first.iter().map(signal).collect::<Vec<_>>(), expected());
    assert!(first.iter().all(|ending| ending.trapped() == Ok(true)));
    assert_eq!(same(&first, &second), Ok(true));
    let kinds = kinds(&first).unwrap().0;
    assert!((2..=4).contains(&kinds), "{kinds}");
}

/// An emulator may tell a refusal by other bits than the CPU.
mod native {
    use super::*;

    #[test]
    fn a_write_and_a_run_are_refused_on_pages_that_are_there() {
        let acts = forbidden_acts();
        for (number, word) in [(1, "write"), (2, "fetch")] {
            let trap = acts[number].trap.unwrap();
            assert!(trap.number.is_none() || trap.bits.contains(word), "{}", acts[number]);
            assert!(trap.number.is_none() || !trap.bits.contains("not present"), "{}", acts[number]);
        }
    }
}
