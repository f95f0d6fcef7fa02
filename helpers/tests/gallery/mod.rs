//! Fixed data for every kind of chart in every regime that it must survive.

mod against;
mod dots;
mod settled;
mod spread;
mod tables;
mod time;
mod turns;
mod wholes;

use helpers::chart::Figure;
use helpers::machine::Context;
use helpers::{
    Clock, Guess, Machine, Quantity, Ratio, Record, Ruling, Status, Timing, Unavailable, Verdict, nanos,
    predict,
};

/// One chart of the gallery, at any width.
pub(crate) struct Piece {
    /// The name of its picture.
    pub(crate) name: &'static str,
    /// Draws it that wide.
    pub(crate) draw: Box<dyn Fn(f64) -> Figure>,
}

pub(crate) fn piece(name: &'static str, draw: impl Fn(f64) -> Figure + 'static) -> Piece {
    Piece { name, draw: Box::new(draw) }
}

/// The whole gallery.
pub(crate) fn pieces() -> Vec<Piece> {
    [
        dots::dots(),
        tables::matrices(),
        tables::cards(),
        spread::distributions(),
        spread::differences(),
        time::lines(),
        time::lanes(),
        time::spans(),
        turns::timelines(),
        turns::strips(),
        settled::tables(),
        settled::ways(),
        wholes::heats(),
        wholes::shares(),
        wholes::planes(),
        wholes::bars(),
        against::machines(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(crate) const HERE: &str = "AMD EPYC · 2 CPUs · KVM · Linux 6.18";

/// Numbers between 0 and 1 that look random and never change.
pub(crate) fn noise(seed: u64, n: usize) -> Vec<f64> {
    let mut random = fastrand::Rng::with_seed(seed);
    std::iter::repeat_with(|| random.f64()).take(n).collect()
}

/// What the reader guessed.
pub(crate) fn said(name: &str, value: impl Quantity) -> Guess {
    predict(name).at(value)
}

/// Samples around a middle with a long tail to the right, as operating systems give them. Only operations that every
/// machine rounds alike.
pub(crate) fn samples(middle: f64, spread: f64, n: usize) -> Vec<f64> {
    let tail = |u: f64| (1.0 / (1.0 - u)).sqrt() * (1.0 / (1.0 - u)).sqrt().sqrt();
    let seed = middle.to_bits() ^ n as u64;
    noise(seed, n).into_iter().map(|u| middle * (1.0 + spread * (tail(u) - 1.7))).collect()
}

/// A timing with these samples.
pub(crate) fn timing(name: &str, samples: Vec<f64>, status: Status) -> Timing {
    Timing {
        name: name.into(),
        samples: samples.into(),
        calls: 5000,
        empty: nanos(0.3),
        clock: Clock { cost: nanos(23.0), resolution: nanos(10.0) },
        ledger: None,
        status,
    }
}

pub(crate) fn clean(name: &str, middle: f64, spread: f64) -> Timing {
    timing(name, samples(middle, spread, 200), Status::Clean)
}

pub(crate) fn missing(name: &str, reason: &str) -> Timing {
    Timing {
        clock: Clock { cost: nanos(23.0), resolution: nanos(10.0) },
        ..Timing::unavailable(name, Unavailable::because(reason))
    }
}

/// What another machine has kept of these timings.
pub(crate) fn elsewhere(timings: &[Timing]) -> Record {
    let mut record = Record::of("03", timings, []);
    let machine = Context {
        cpu: Ok("Cortex-A76".to_owned()),
        online: Ok(vec![0, 1, 2, 3]),
        allowed: Ok(vec![0, 1, 2, 3]),
        quota: Ok(None),
        hypervisor: Ok(None),
        container: Ok(None),
        kernel: Err(Unavailable::because("not kept")),
        ..(*Machine::here()).clone()
    };
    record.machine = machine.into();
    record
}

/// A ruling with its finding, which is made of the data.
pub(crate) fn verdict(ruling: Ruling, finding: impl Into<String>) -> Verdict {
    let claim = "a system call costs more than 50 function calls".to_owned();
    Verdict { claim: claim.into(), ruling, finding: Into::<String>::into(finding).into(), question: None }
}

/// How many times the median of one timing is that of the other.
pub(crate) fn times(one: &Timing, other: &Timing) -> Ratio {
    one.times(other).expect("both were measured")
}

pub(crate) const LONG: &str = "read one byte from /dev/zero through a buffered reader of 8k";
pub(crate) const HOSTILE: &str = "<script>alert('x')</script> & \"quoted\"\n]]> EVCXR_END_CONTENT";
