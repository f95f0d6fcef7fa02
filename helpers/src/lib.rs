//! The instruments of *Concurrency, Measured*: what a notebook's cell calls, while the operation under study stays in the
//! cell itself.
//!
//! | module | one job |
//! |---|---|
//! | [`units`] | quantities with their unit |
//! | [`mod@clock`] | reading time; its cost and resolution, measured |
//! | [`mod@machine`] | the context card: which machine this is, what it allows, what it hides |
//! | [`mod@measure`] | timing one operation: in batches, call by call, in pairs, with an input |
//! | [`statistics`] | median, quantiles, intervals, signs of disturbance |
//! | [`ledger`] | what the kernel counted before and after |
//! | [`lasting`] | what lasts as long as the kernel, and is copied like a number |
//! | [`mod@interrupts`] | what interrupted the machine, by CPU and cause |
//! | [`io`] | the kernel's ways to wait and to read, thin and safe |
//! | [`timeline`] | who ran where and when, and why not |
//! | [`signals`], [`waiting`], [`sound`] | a timer's signals; ways to wait; something to be heard |
//! | [`dents`], [`firmware`] | what another process's interrupts do to the clock; what the firmware says is there |
//! | [`stages`] | the way of a datagram, stamped stage by stage |
//! | [`sandbox`] | a forbidden act in a child process, and how it ended |
//! | [`guess`], [`verdict`] | predictions and rulings |
//! | [`mod@contradiction`] | two statements, each put to the test, and what becomes of them |
//! | [`account`] | claims about exact counts |
//! | [`mod@finding`] | sentences whose numbers were measured |
//! | [`record`] | results with their machine, as JSON |
//! | [`chart`] | drawings that state their finding |
//!
//! Nothing here returns an error to a cell: what cannot be measured is a value that says why ([`Unavailable`]), and
//! guesses, verdicts and charts carry it through.

pub mod account;
pub mod chart;
pub mod clock;
pub mod contradiction;
pub mod dents;
mod drawing;
pub mod finding;
pub mod firmware;
pub mod guess;
pub mod interrupts;
pub mod io;
pub mod lasting;
pub mod ledger;
pub mod machine;
pub mod measure;
mod panics;
mod proc;
pub mod reading;
pub mod record;
pub mod sandbox;
pub mod signals;
pub mod sound;
pub mod stages;
pub mod statistics;
pub mod timeline;
pub mod units;
pub mod verdict;
pub mod waiting;

pub use clock::{Clock, clock};
pub use contradiction::{Contradiction, Settlement, contradiction, contradictions};
pub use finding::{Finding, Words, finding};
pub use guess::{Choice, Comparison, Guess, Vote, Votes, predict, vote};
pub use interrupts::{Interrupts, interrupts};
pub use lasting::Lasting;
pub use ledger::{Footprint, Ledger, Snapshot, Usage, count, count_given, footprint_of_each};
pub use libc;
pub use machine::barrier::on_cpus;
pub use machine::cpus::{on_cpu, pin};
pub use machine::memory::{Memory, Ring, is_shared};
pub use machine::pages::{Page, page_of};
pub use machine::placement::Placement;
pub use machine::{Machine, own_slice};
pub use measure::{
    Litmus, Pair, Status, Timing, litmus, measure, measure_each, measure_fallible, measure_given,
    measure_hand_over, measure_if_survivable, measure_pair, measure_runs, measure_together, measure_with,
    work,
};
pub use reading::{Reading, Unavailable};
pub use record::{Against, Kept, Record, against, keep, references};
pub use sandbox::atlas::forbidden_acts;
pub use sandbox::{Ending, Outcome, Trap, attempt, attempt_without, in_child, kinds, same};
pub use timeline::{Observation, observe};
pub use units::{Bytes, Count, Cpus, Nanos, Quantity, Ratio, Share, micros, millis, nanos};
pub use verdict::{
    Check, Compare, Estimate, Question, Ruling, Rulings, Verdict, check, claim, question, rulings,
};

/// How a value appears as the last expression of a cell: its words, as text.
macro_rules! shown_as_text {
    ($($kind:ty),+ $(,)?) => {$(
        impl $kind {
            /// Shows the value as the output of a cell.
            pub fn evcxr_display(&self) {
                evcxr_runtime::mime_type("text/plain").text(self.to_string());
            }
        }
    )+};
}

/// The same words where a kernel falls back to the debugging form, as it does when a cell's last expression moves a variable:
/// what is meant to be read has no other form.
macro_rules! debugged_as_text {
    ($($kind:ty),+ $(,)?) => {$(
        impl std::fmt::Debug for $kind {
            fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
                std::fmt::Display::fmt(self, out)
            }
        }
    )+};
}

shown_as_text!(
    Timing,
    Pair,
    Comparison,
    Kept,
    Verdict,
    Interrupts,
    account::Account,
    Contradiction,
    dents::Votes,
    signals::Alarms,
    signals::Landings,
    stages::Journeys,
    timeline::Beats,
    waiting::Waited,
    Ledger,
    Footprint,
    Machine,
    Placement,
    Page,
    Ending,
    Trap,
    Finding,
    Observation,
    Estimate,
    Vote,
    verdict::Claim,
    Check,
    Nanos,
    Bytes,
    Count,
    Ratio,
    Share,
    Cpus,
);

debugged_as_text!(
    Interrupts,
    account::Account,
    Contradiction,
    dents::Votes,
    signals::Alarms,
    signals::Landings,
    sound::Sound,
    stages::Journeys,
    timeline::Beats,
    waiting::Waited,
    Timing,
    Pair,
    Comparison,
    Kept,
    Verdict,
    Ledger,
    Machine,
    Placement,
    Page,
    Ending,
    Trap,
    Finding,
    Observation,
    Estimate,
    Vote,
    verdict::Claim,
    Check,
);
