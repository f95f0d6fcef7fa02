//! What notebooks keep has nothing to drop: each such variable would make every later cell slower to compile.

use helpers::interrupts::Counted;
use helpers::stages::Journeys;
use helpers::timeline::Beats;
use helpers::waiting::Waited;
use helpers::{
    Contradiction, Ending, Footprint, Guess, Interrupts, Ledger, Litmus, Machine, Observation, Pair,
    Placement, Question, Reading, Timing, Verdict,
};

#[test]
fn what_notebooks_keep_has_nothing_to_drop() {
    macro_rules! plain {
        ($($kind:ty),+ $(,)?) => {
            $(assert!(!std::mem::needs_drop::<$kind>(), "{} is dropped", stringify!($kind));)+
        };
    }
    plain!(
        Beats,
        Contradiction,
        Counted,
        Ending,
        Footprint,
        Guess,
        Interrupts,
        Journeys,
        Ledger,
        Litmus<u32>,
        Machine,
        Observation,
        Pair,
        Placement,
        Question,
        Reading<Timing>,
        Timing,
        Verdict,
        Waited,
        helpers::firmware::Firmware,
    );
}
