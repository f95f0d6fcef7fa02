//! Who ran when.

use super::{HERE, HOSTILE, LONG, Piece, clean, elsewhere, noise, piece, verdict};
use helpers::chart::{self, Timeline};
use helpers::{Ruling, Unavailable, millis, nanos, predict};

/// Threads take turns on one CPU, most of them 4 ms long.
fn turns(threads: usize, observed: f64) -> Timeline {
    let lengths = noise(31, 4096);
    let (mut now, mut chart) = (0.0, chart::timeline(millis(observed)));
    for (number, u) in lengths.iter().enumerate() {
        let thread = (number * 7 + (u * 3.0) as usize) % threads + 1;
        let took = if *u < 0.3 { 4.0 * u / 0.3 } else { 3.98 };
        chart = chart.turn(&format!("thread {thread}"), 1, millis(now), millis(now + took));
        now += took;
        if now > observed {
            break;
        }
    }
    chart
}

/// A CPU that is interrupted: long stretches of running, cut by the tick and by others.
fn cuts(mut chart: Timeline, lane: &str, seed: u64, count: usize, observed: f64) -> Timeline {
    let mut now = 0.0;
    for (number, u) in noise(seed, count).iter().enumerate() {
        let cause = ["interrupt", "other thread", "unknown"][number % 7 % 3];
        let (ran, cut) = (observed / count as f64 * (0.4 + u), observed / count as f64 * 0.1 * u);
        chart = chart.interval(lane, "runs", millis(now), millis(now + ran));
        chart = chart.interval(lane, cause, millis(now + ran), millis(now + ran + cut));
        now += ran + cut;
    }
    chart
}

pub(crate) fn timelines() -> Vec<Piece> {
    vec![
        piece("timeline-ordinary", |wide| {
            let ruling = verdict(Ruling::Shown, "Four threads share one CPU in turns of 3.98 ms");
            turns(4, 100.0)
                .mark("one turn", millis(30.0), millis(33.98))
                .ruled(&ruling)
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("timeline-guess", |wide| {
            let said = predict("one turn").at(millis(10.0));
            let chart = turns(2, 60.0).mark("one turn", millis(4.0), millis(7.98)).guess(&said);
            chart.model("one turn", millis(4.0)).machine(HERE).figure_at(wide)
        }),
        piece("timeline-expected", |wide| {
            let other = elsewhere(&[clean("one tick", 1e6, 0.01), clean("fork + wait", 3e5, 0.1)]);
            let chart = turns(2, 60.0).mark("one turn", millis(4.0), millis(7.98));
            let chart = chart.mark("one tick", millis(20.0), millis(24.0)).reference(&Ok(other));
            chart.guess(&predict("one tick").at(millis(10.0))).machine(HERE).figure_at(wide)
        }),
        piece("timeline-causes", |wide| {
            let chart = cuts(chart::timeline(millis(50.0)), "CPU 0", 5, 40, 50.0);
            let chart = cuts(chart, "CPU 1", 6, 12, 50.0).subject("interrupt");
            chart.machine(HERE).figure_at(wide)
        }),
        piece("timeline-twenty-thousand", |wide| {
            let lanes = ["CPU 0", "CPU 1", "CPU 2", "CPU 3"];
            let chart = lanes.iter().zip(1..).fold(chart::timeline(millis(1000.0)), |chart, (lane, seed)| {
                cuts(chart, lane, seed, 2500, 1000.0)
            });
            chart.subject("interrupt").machine(HERE).figure_at(wide)
        }),
        piece("timeline-one-interval", |wide| {
            let chart = chart::timeline(millis(10.0)).turn("only", 0, millis(2.0), millis(2.0));
            chart.machine(HERE).figure_at(wide)
        }),
        piece("timeline-all-equal", |wide| {
            let chart = (0..10).fold(chart::timeline(millis(10.0)), |chart, i| {
                let at = f64::from(i);
                chart.turn(if i % 2 == 0 { "even" } else { "odd" }, 0, millis(at), millis(at + 1.0))
            });
            chart.machine(HERE).figure_at(wide)
        }),
        piece("timeline-nine-decades", |wide| {
            let chart = (0..=9).fold(chart::timeline(nanos(1.2e9)), |chart, power| {
                let at = 10_f64.powi(power);
                chart.turn(
                    &format!("turn of 10 to the {power}"),
                    power as usize % 2,
                    nanos(at / 10.0),
                    nanos(at),
                )
            });
            chart.machine(HERE).figure_at(wide)
        }),
        piece("timeline-64-lanes", |wide| {
            let chart = (0..64).fold(chart::timeline(millis(400.0)), |chart, cpu| {
                cuts(chart, &format!("CPU {cpu}"), cpu + 1, 300, 400.0)
            });
            chart.subject("other thread").machine(HERE).figure_at(wide)
        }),
        piece("timeline-long-names", |wide| {
            let chart = chart::timeline(millis(10.0))
                .interval(LONG, HOSTILE, millis(0.0), millis(4.0))
                .interval(HOSTILE, LONG, millis(2.0), millis(9.0))
                .unavailable("third", &Unavailable::because(LONG))
                .mark(LONG, millis(9.0), millis(10.0));
            chart.machine(HERE).figure_at(wide)
        }),
        piece("timeline-unavailable", |wide| {
            let reason = Unavailable::because("only one CPU is allowed here");
            chart::timeline(millis(100.0)).unavailable("CPU 1", &reason).machine(HERE).figure_at(wide)
        }),
        piece("timeline-empty", |wide| chart::timeline(millis(100.0)).machine(HERE).figure_at(wide)),
    ]
}
