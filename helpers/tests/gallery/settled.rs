//! Pairs of statements, and the way of a request.

use super::{HERE, HOSTILE, LONG, Piece, piece};
use helpers::chart;
use helpers::{
    Choice, Contradiction, Nanos, Question, Reading, Timing, Unavailable, contradiction, nanos, question,
};

const CPU: Question = question("What does a CPU do?", "The CPU");
const DOOR: Question = question("What enters the kernel?", "The kernel's door");

/// A pair of which each side is true, false or missing.
fn pair(names: [&str; 2], about: Question, sides: [Option<bool>; 2]) -> Contradiction {
    let value = |side: Option<bool>| -> Reading<Nanos> {
        match side {
            Some(holds) => Ok(nanos(if holds { 10.0 } else { 1_000.0 })),
            None => Err(Unavailable::because("this machine has one CPU")),
        }
    };
    contradiction(names[0], names[1])
        .answers(about, "where you look")
        .first("It takes {value}")
        .reading(&value(sides[0]))
        .at_most(nanos(100.0))
        .second("It takes {value}")
        .reading(&value(sides[1]))
        .at_most(nanos(100.0))
}

fn several() -> Vec<Contradiction> {
    let noisy = Timing::of("noisy", &[nanos(50.0), nanos(90.0), nanos(110.0), nanos(900.0), nanos(95.0)]);
    vec![
        pair(["two CPUs are faster than one", "two CPUs are slower than one"], CPU, [Some(true); 2])
            .voted(Choice::First),
        pair(["hyper-threading gives 30 %", "it gives nothing, or less"], CPU, [None, Some(true)])
            .voted(Choice::Second),
        pair(["every call enters the kernel", "some never do"], DOOR, [Some(false), Some(true)])
            .voted(Choice::Second),
        pair(["a page fault is an error", "a page fault is normal"], DOOR, [Some(true), Some(false)]),
        pair(["it's the first", "it's the second"], DOOR, [Some(false); 2]).voted(Choice::Neither),
        contradiction("a switch is cheap", "a switch is dear")
            .answers(DOOR, "who switches")
            .first("It takes {value}")
            .time(&noisy)
            .at_most(nanos(100.0))
            .second("It takes {value}")
            .time(&noisy)
            .at_least(nanos(100.0)),
    ]
}

pub(crate) fn tables() -> Vec<Piece> {
    vec![
        piece("settled", |wide| chart::settled(&several()).machine(HERE).figure_at(wide)),
        piece("settled-references", |wide| {
            let record = |pairs: &[Contradiction]| {
                let mut record = super::elsewhere(&[]);
                record.verdicts = pairs.iter().flat_map(Contradiction::verdicts).copied().collect();
                Ok(record)
            };
            let all = [
                record(&several()),
                record(&several()[2..4]),
                record(&[]),
                Err(Unavailable::because("it is torn")),
            ];
            chart::settled(&several()).references(&all).machine(HERE).figure_at(wide)
        }),
        piece("settled-one", |wide| chart::settled(&several()[..1]).machine(HERE).figure_at(wide)),
        piece("settled-none", |wide| chart::settled(&[]).machine(HERE).figure_at(wide)),
        piece("settled-hostile", |wide| {
            let all = [
                pair([HOSTILE, LONG], CPU, [Some(true), None]).voted(Choice::Both),
                pair([LONG, HOSTILE], DOOR, [None, None]).voted(Choice::First),
                contradiction("nothing was said", "nothing was measured"),
            ];
            chart::settled(&all).machine(HERE).figure_at(wide)
        }),
        piece("sharing", |wide| {
            let call = Timing::of("ask for the parent", &[nanos(90.0), nanos(91.0), nanos(92.0)]);
            let gone = Timing::unavailable("wake a thread", Unavailable::because("only one CPU"));
            chart::shared_from(HERE, &several(), &[&call, &gone]).machine(HERE).figure_at(wide)
        }),
    ]
}

pub(crate) fn ways() -> Vec<Piece> {
    let timing = |name: &str, ns: f64| Timing::of(name, &[nanos(ns), nanos(ns * 1.01), nanos(ns * 1.02)]);
    vec![
        piece("way", move |wide| {
            chart::way()
                .at("the wire", &timing("through the network stack", 3_100.0))
                .at("device", &timing("1 from the device, read", 71_000.0))
                .at("kernel", &timing("ask for the parent", 101.0))
                .at("kernel", &timing("epoll among 1,000", 640.0))
                .at("scheduler", &timing("wake the reader", 24_000.0))
                .at("thread", &timing("wake a thread, same CPU", 1_600.0))
                .at("executor", &timing("poll a task", 4.2))
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("way-one", move |wide| {
            chart::way().at(".await", &timing("go on", 7.0)).machine(HERE).figure_at(wide)
        }),
        piece("way-none", |wide| chart::way().machine(HERE).figure_at(wide)),
        piece("way-hostile", move |wide| {
            let gone = Timing::unavailable(LONG, Unavailable::because("only one CPU"));
            chart::way()
                .at("device", &gone)
                .at("kernel", &timing(HOSTILE, f64::NAN))
                .at("thread", &timing(LONG, 1e12))
                .at("executor", &timing("nothing", 0.0))
                .machine(HERE)
                .figure_at(wide)
        }),
    ]
}
