//! Every kind of chart with values that no instrument should hand out: it ends, shows no sign of them, and says what is missing.

use crate::gallery::{clean, said, timing};
use helpers::chart::{self, Figure};
use helpers::{Nanos, Ratio, Reading, Share, Status, measure_pair, nanos};
use std::sync::mpsc;
use std::time::Duration;

/// What no axis can show.
const NO_NUMBERS: [f64; 5] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN];
/// What an axis can show as next to nothing, or on the other side of zero.
const NUMBERS: [f64; 7] = [f64::MIN_POSITIVE, 5e-324, -f64::MIN_POSITIVE, -0.0, 0.0, -1.0, -1e9];

type Drawn = fn(&[f64]) -> Figure;

/// Every kind of chart, made of these values.
const KINDS: [(&str, Drawn); 17] = [
    ("dots", |values| {
        let all: Vec<_> = values.iter().map(|v| timing("each", vec![*v; 5], Status::Clean)).collect();
        let mixed = timing("together", values.to_vec(), Status::Clean);
        chart::dots(all.iter().chain([&mixed])).means().subject(&all[0]).figure()
    }),
    ("distribution", |values| chart::distribution(&timing("one", values.to_vec(), Status::Clean)).figure()),
    ("distributions", |values| {
        let all: Vec<_> = values.iter().map(|v| timing("each", vec![*v; 40], Status::Clean)).collect();
        chart::distributions(&all).beside(&all[0]).figure()
    }),
    ("difference", |values| {
        let mut pair = measure_pair("one", || 1, "other", || 2);
        pair.differences = values.to_vec().into();
        chart::difference(&pair).figure()
    }),
    ("line", |values| chart::line("call", "time").series("one", &times(values)).figure()),
    ("line at places", |values| {
        chart::line("threads", "time").places(values).series("one", &times(values)).figure()
    }),
    ("ratios", |values| {
        let all: Vec<_> = values.iter().map(|v| timing("each", vec![*v; 5], Status::Clean)).collect();
        chart::line("threads", "speed-up").ratios("one", &all[0], &all).timings("time", &all).figure()
    }),
    ("lanes", |values| {
        let steps = times(values).into_iter().map(Ok).collect::<Vec<Reading<Nanos>>>();
        let start = chart::lanes(["program", "CPU"]).step("CPU", "waits");
        steps.iter().fold(start, |chart, took| chart.measured("program", "asks", took)).figure()
    }),
    ("spans", |values| {
        let all = times(values);
        let ends = all.iter().zip(all.iter().cycle().skip(1));
        let chart = chart::spans().span("reader", "runs", nanos(0.0), nanos(5.0));
        ends.zip(0..)
            .fold(chart, |chart, ((from, to), number)| {
                chart.span(&format!("reader {number}"), "sleeps", *from, *to)
            })
            .figure()
    }),
    ("timeline", |values| {
        let all = times(values);
        let chart = chart::timeline(all[0]).turn("thread 1", 0, all[0], all[all.len() - 1]);
        let chart = all.iter().fold(chart, |chart, at| chart.interval("lane", "waits", nanos(0.0), *at));
        chart.mark("one turn", nanos(0.0), all[0]).subject("waits").figure()
    }),
    ("diary", |values| {
        let entries: Vec<_> = times(values).into_iter().map(|at| ("tick", nanos(1.0), at)).collect();
        chart::diary(&entries).figure()
    }),
    ("folded", |values| {
        let all = times(values);
        let seen: Vec<_> = all.iter().map(|at| ("tick", *at, *at)).collect();
        chart::folded(all[0], &seen).figure()
    }),
    ("bars", |values| {
        let all: Vec<_> = times(values).into_iter().map(|size| ("each", size)).collect();
        chart::bars("spent", &all).figure()
    }),
    ("listing", |values| {
        let all: Vec<_> = values.iter().map(|size| ("add rax, 1", Ratio(*size))).collect();
        chart::listing("signals", &all).figure()
    }),
    ("heat", |values| {
        let row = |values: &[f64]| times(values).into_iter().map(Some).collect::<Vec<_>>();
        chart::heat("from", "to", "time").over(nanos(values[0])).row("CPU 0", row(values)).figure()
    }),
    ("shares", |values| {
        let chart = values.iter().fold(chart::shares("CPU time"), |chart, size| {
            chart
                .whole("each", [("spins", nanos(*size)), ("sleeps", nanos(3.0))])
                .whole("alone", [("spins", nanos(*size))])
        });
        chart.figure()
    }),
    ("facts", |values| {
        let chart = values.iter().fold(chart::facts(), |chart, value| {
            chart.fact("times", "one", &Ok(nanos(*value))).fact("shares", "one", &Ok(Share(*value)))
        });
        chart.title("What is known").figure()
    }),
];

fn times(values: &[f64]) -> Vec<Nanos> {
    values.iter().copied().map(nanos).collect()
}

/// What is wrong with a chart of these values; nothing, if it is as it should be.
fn fault(draw: Drawn, values: &[f64]) -> Option<String> {
    const PATIENCE: Duration = Duration::from_secs(20);
    let (done, drawn) = mpsc::channel();
    let own = values.to_vec();
    // One that does not end is left behind, so that the others are still looked at.
    std::thread::spawn(move || drop(done.send(draw(&own))));
    let figure = match drawn.recv_timeout(PATIENCE) {
        Ok(figure) => figure,
        Err(mpsc::RecvTimeoutError::Timeout) => return Some("does not end".to_owned()),
        Err(mpsc::RecvTimeoutError::Disconnected) => return Some("panics".to_owned()),
    };
    let words = format!("{}\n{}\n{}", figure.text, figure.alt, figure.svg);
    if let Some(bad) =
        ["NaN", "inf ", "inf<", "inf\"", "infinit", "−inf"].into_iter().find(|bad| words.contains(bad))
    {
        let at = words.find(bad).unwrap_or(0);
        let from = words[..at].char_indices().rev().nth(60).map_or(0, |(at, _)| at);
        return Some(format!("shows {bad}: …{}", words[from..].chars().take(90).collect::<String>()));
    }
    if figure.svg.len() > 110_000 {
        return Some(format!("takes {} bytes", figure.svg.len()));
    }
    if words.lines().any(|line| {
        line.len() < 5000 && line.chars().filter(char::is_ascii_digit).count() > 290 && !line.contains('<')
    }) {
        return Some("writes a number of hundreds of digits".to_owned());
    }
    figure.faults().first().cloned()
}

#[test]
fn no_value_spoils_a_chart() {
    let mut faults = Vec::new();
    for (kind, draw) in KINDS {
        for value in NO_NUMBERS.into_iter().chain(NUMBERS) {
            for values in [vec![value], vec![value, 100.0], vec![100.0, value, 250.0]] {
                faults.extend(fault(draw, &values).map(|fault| format!("{kind} of {values:?} {fault}")));
            }
        }
        let all: Vec<f64> = NO_NUMBERS.into_iter().chain(NUMBERS).collect();
        faults.extend(fault(draw, &all).map(|fault| format!("{kind} of all of them {fault}")));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn what_is_no_number_is_missing_and_said_to_be() {
    let mut faults = Vec::new();
    for (kind, draw) in KINDS {
        for value in NO_NUMBERS {
            let figure = draw(&[value]);
            let is_said = ["Not measured here", "navailable", "not a number", "beyond"];
            if !is_said.iter().any(|words| figure.text.contains(words)) {
                faults.push(format!("{kind} of {value:e}: {}", figure.text.replace('\n', " | ")));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn what_stands_beside_spoils_nothing_either() {
    let one = clean("one", 100.0, 0.1);
    for value in NO_NUMBERS.into_iter().chain(NUMBERS) {
        let chart = chart::dots([&one])
            .subject(&one)
            .guess(&said("one", nanos(value)))
            .model("a model", nanos(value));
        let figure = chart.figure();
        assert!(!figure.svg.contains("NaN") && !figure.svg.contains("inf"), "{value:e}: {}", figure.text);
    }
}
