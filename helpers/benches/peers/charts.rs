//! What drawing costs: a million samples, twenty thousand intervals.

use super::{RUNS, Row, Unit};
use helpers::chart::{self, Figure};
use helpers::{Status, Timing, measure, nanos};
use std::time::Instant;

/// Time and size of the largest pictures, each against what a reader should have to wait for.
pub(super) fn rows() -> Vec<Row> {
    const MILLION: usize = 1_000_000;
    let mut timing: Timing = measure("a million samples", || ());
    timing.samples =
        (0..MILLION as u64).map(|i| 164.0 + (i.wrapping_mul(0x9E37_79B9) % 997) as f64 / 50.0).collect();
    timing.status = Status::Clean;
    let touches: Vec<_> = timing.samples.iter().copied().map(nanos).collect();
    let turns = || {
        (0..20_000_u32).fold(chart::timeline(nanos(20_000.0)), |chart, i| {
            let from = f64::from(i);
            chart.interval(["a", "b", "c", "d"][i as usize % 4], "runs", nanos(from), nanos(from + 0.7))
        })
    };
    [
        drawn(
            ["a million samples as a distribution, against 200 ms", "its picture, against 100 KB"],
            1e5,
            || chart::distribution(&timing).figure_at(760.0),
        ),
        drawn(["a million samples as a line, against 200 ms", "its picture, against 100 KB"], 1e5, || {
            chart::line("call", "time").series("all", &touches).figure_at(760.0)
        }),
        drawn(["20,000 intervals as a timeline, against 200 ms", "its picture, against 300 KB"], 3e5, || {
            turns().figure_at(760.0)
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn drawn([time, size]: [&'static str; 2], most: f64, draw: impl Fn() -> Figure) -> [Row; 2] {
    const PATIENCE: f64 = 200e6;
    let mut took = Vec::new();
    let mut bytes = 0.0;
    for _ in 0..RUNS {
        let start = Instant::now();
        bytes = draw().svg.len() as f64;
        took.push(start.elapsed().as_nanos() as f64);
    }
    let runs = Ok(took.into_iter().map(|took| (took, PATIENCE)).collect());
    [
        Row::times(time, &runs, 0.0..=1.0),
        Row::judged(size, Unit::Bytes, Ok(bytes), Ok(most), Ok(bytes / most), 0.0..=1.0),
    ]
}
