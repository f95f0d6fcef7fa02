//! Observations beside the kernel's own record of its switches.

#[path = "../../tests/trace/mod.rs"]
mod trace;

use super::{Row, Unit, median};
use helpers::{Unavailable, machine::cpus, millis, observe};
use trace::{Agreement, compare};

/// What an observation found of what the kernel did, and what it cost.
pub(super) fn rows() -> Vec<Row> {
    let threads = 4 * cpus::allowed().map_or(1, |cpus| cpus.len());
    let compared = compare(|| observe(threads).during(millis(3000.0)));
    let found = compared.as_ref().map(|(_, found)| found).map_err(Clone::clone);
    let count = |of: fn(&Agreement) -> usize| found.map(|found| of(found) as f64);
    let all = count(|found| found.intervals);
    let against_the_kernel =
        |figure, ours: helpers::Reading<f64>, kernel: &helpers::Reading<f64>, unit, wanted| {
            let ratio = ours.and_then(|ours| Ok(ours / (*kernel)?));
            Row::judged(figure, unit, ours, *kernel, ratio, wanted)
        };
    let alone = |figure, bias: fn(&Agreement) -> &[f64]| {
        let none = || Err(Unavailable::because("the kernel's own time is the zero"));
        let median = found.and_then(|found| median(bias(found)));
        Row::judged(figure, Unit::Nanoseconds, median, none(), none(), 0.0..=0.0)
    };
    let found_of = |figure, ours: fn(&Agreement) -> usize| {
        against_the_kernel(figure, count(ours), &all, Unit::Intervals, 1.0..=1.0)
    };
    vec![
        found_of("times off the CPU over 50 µs that an observation finds, of the kernel's", |found| {
            found.intervals - found.missed.len()
        }),
        found_of("the same with those that the kernel knows nothing of", |found| {
            found.intervals + found.invented.len()
        }),
        found_of("the same with those told for another CPU", |found| found.intervals + found.misplaced.len()),
        against_the_kernel(
            "time off the CPU in all, against the kernel's",
            found.map(|found| found.off.0),
            &found.map(|found| found.off.1),
            Unit::Nanoseconds,
            0.98..=1.02,
        ),
        alone("a gap begins too early by (median)", |found| &found.early),
        alone("a gap ends too late by (median)", |found| &found.late),
        against_the_kernel(
            "one look at the clock in the loop of an observation, against 25 ns",
            Ok(observe(1).during(millis(1.0)).cost.0),
            &Ok(25.0),
            Unit::Nanoseconds,
            0.0..=1.0,
        ),
    ]
}
