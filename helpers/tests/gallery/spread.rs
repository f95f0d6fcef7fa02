//! Distributions and paired differences.

use super::{
    HERE, HOSTILE, LONG, Piece, clean, elsewhere, missing, noise, piece, said, samples, times, timing,
    verdict,
};
use helpers::chart;
use helpers::{Nanos, Pair, Ruling, Status, Timing, Unavailable, nanos};

pub(crate) fn distributions() -> Vec<Piece> {
    let pipes = || -> Timing {
        let samples = noise(7, 300).into_iter().enumerate();
        let samples =
            samples.map(|(i, x)| if i % 3 == 0 { 43_000.0 } else { 5_000.0 } * (1.0 + x / 6.0)).collect();
        Timing { calls: 1, ..timing("pipe round trip, unpinned", samples, Status::Clean) }
    };
    vec![
        piece("distribution-ordinary", |wide| {
            let call = timing("getppid, libc", samples(164.0, 0.03, 2000), Status::Clean);
            chart::distribution(&call).machine(HERE).figure_at(wide)
        }),
        piece("distribution-log", |wide| {
            let mut slow = samples(1600.0, 0.3, 5000);
            slow.iter_mut().step_by(50).for_each(|x| *x *= 80.0);
            let touch = Timing { calls: 1, ..timing("first touch", slow, Status::Clean) };
            chart::distribution(&touch).subtitle("Time per page").machine(HERE).figure_at(wide)
        }),
        piece("distribution-two-modes", move |wide| {
            chart::distribution(&pipes()).machine(HERE).figure_at(wide)
        }),
        piece("distribution-beside", |wide| {
            let one = timing("getppid, raw asm", samples(118.0, 0.03, 1000), Status::Clean);
            let other = timing("getppid, libc", samples(164.0, 0.03, 1000), Status::Clean);
            let ruling = verdict(
                Ruling::Shown,
                format!("The library call takes {} times as long", times(&other, &one)),
            );
            chart::distribution(&one).beside(&other).ruled(&ruling).machine(HERE).figure_at(wide)
        }),
        piece("distribution-beside-missing", |wide| {
            let one = timing(LONG, samples(118.0, 0.03, 1000), Status::Clean);
            chart::distribution(&one).beside(&missing(HOSTILE, LONG)).machine(HERE).figure_at(wide)
        }),
        piece("distribution-expected", |wide| {
            let call = timing("getppid, libc", samples(164.0, 0.03, 2000), Status::Clean);
            let other = elsewhere(&[clean("getppid, libc", 171.0, 0.02), clean("fork + wait", 3e5, 0.1)]);
            let chart = chart::distribution(&call).guess(&said("one system call", nanos(50.0)));
            chart.model("getppid, libc", nanos(160.0)).reference(&Ok(other)).machine(HERE).figure_at(wide)
        }),
        piece("distribution-expected-log", |wide| {
            let mut slow = samples(1600.0, 0.3, 5000);
            slow.iter_mut().step_by(50).for_each(|x| *x *= 80.0);
            let [first, second] = [slow, samples(23.0, 0.1, 5000)];
            let touch = Timing { calls: 1, ..timing("first touch", first, Status::Clean) };
            let chart = chart::distribution(&touch).beside(&timing("second touch", second, Status::Clean));
            let unread = Err(Unavailable::because("records/arm.json is a record of form 9"));
            let strange = elsewhere(&[clean("fork + wait", 3e5, 0.1)]);
            let chart = chart.reference(&unread).reference(&Ok(strange));
            let chart = chart
                .guess_of("second touch", &said("second touch", nanos(2.0)))
                .model("first touch", nanos(0.0));
            chart.guess(&said("first touch", nanos(9e13))).machine(HERE).figure_at(wide)
        }),
        piece("distribution-several", |wide| {
            let ways = [("block", 26_000.0), ("epoll", 31_000.0), ("io_uring", 29_000.0), ("spin", 620.0)]
                .map(|(name, middle)| Timing {
                    calls: 1,
                    ..timing(name, samples(middle, 0.2, 400), Status::Clean)
                });
            let chart = chart::distributions(&ways).guess_of(&ways[3], &said("spin", nanos(5_000.0)));
            chart.machine(HERE).figure_at(wide)
        }),
        piece("distribution-coarse-clock", |wide| {
            let ticks: Vec<f64> =
                noise(3, 3000).iter().map(|u| 1000.0 + 42.0 * (u * u * 9.0).floor()).collect();
            let coarse = Timing { calls: 1, ..timing("a clock of 42 ns steps", ticks, Status::Clean) };
            chart::distribution(&coarse).machine(HERE).figure_at(wide)
        }),
        piece("distribution-few", |wide| {
            let few =
                Timing { calls: 1, ..timing("fork + wait", samples(301_000.0, 0.1, 17), Status::Clean) };
            chart::distribution(&few).machine(HERE).figure_at(wide)
        }),
        piece("distribution-one-point", |wide| {
            let one = Timing { calls: 1, ..timing("fork + wait", vec![301_000.0], Status::Clean) };
            chart::distribution(&one).machine(HERE).figure_at(wide)
        }),
        piece("distribution-all-equal", |wide| {
            chart::distribution(&timing("equal", vec![100.0; 500], Status::Clean))
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("distribution-nine-decades", |wide| {
            let all = noise(9, 4000).iter().map(|u| 10_f64.powf(u * 9.0)).collect();
            chart::distribution(&timing("anything", all, Status::Clean)).machine(HERE).figure_at(wide)
        }),
        piece("distribution-million", |wide| {
            let call = Timing { calls: 1, ..timing(LONG, samples(164.0, 0.04, 1_000_000), Status::Clean) };
            chart::distribution(&call).machine(HERE).figure_at(wide)
        }),
        piece("distribution-unavailable", |wide| {
            chart::distribution(&missing("x", "only one CPU is allowed here")).machine(HERE).figure_at(wide)
        }),
    ]
}

fn pair(first: &str, second: &str, differences: Vec<f64>) -> Pair {
    let n = differences.len();
    let one = samples(118.0, 0.02, n);
    let other: Vec<f64> = one.iter().zip(&differences).map(|(one, more)| one + more).collect();
    Pair {
        first: timing(first, one, Status::Clean),
        second: timing(second, other, Status::Clean),
        differences: differences.into(),
    }
}

fn around(middle: f64, spread: f64, n: usize) -> Vec<f64> {
    let (one, other) = (noise(5, n), noise(6, n));
    one.iter().zip(&other).map(|(a, b)| middle + spread * (a + b - 1.0)).collect()
}

pub(crate) fn differences() -> Vec<Piece> {
    vec![
        piece("difference-ordinary", |wide| {
            let mut all = around(45.6, 8.0, 600);
            all.iter_mut().step_by(60).for_each(|x| *x += 900.0);
            chart::difference(&pair("getppid, raw asm", "getppid, libc", all)).machine(HERE).figure_at(wide)
        }),
        piece("difference-expected", |wide| {
            let pair = pair("getppid, raw asm", "getppid, libc", around(45.6, 8.0, 600));
            let other =
                elsewhere(&[clean("getppid, libc", 171.0, 0.02), clean("getppid, raw asm", 140.0, 0.02)]);
            let chart = chart::difference(&pair).guess(&said("the wrapper", nanos(1.0)));
            let chart = chart.model("one return", nanos(46.0)).reference(&Ok(other));
            chart.machine(HERE).figure_at(wide)
        }),
        piece("difference-guess-far", |wide| {
            let pair = pair("one", "the same", around(0.0, 4.0, 400));
            let other = elsewhere(&[clean("one", 171.0, 0.02)]);
            let chart = chart::difference(&pair).guess(&said("the same", nanos(-5e6))).reference(&Ok(other));
            chart.model("the same", nanos(9e9)).machine(HERE).figure_at(wide)
        }),
        piece("difference-less", |wide| {
            let pair = pair("getppid, raw asm", "getppid, libc", around(-3.2, 5.0, 300));
            let less = Nanos(-pair.difference().unwrap().0);
            let ruling = verdict(
                Ruling::NotShown,
                format!("The library call takes {less} less than the bare instruction"),
            );
            chart::difference(&pair).ruled(&ruling).machine(HERE).figure_at(wide)
        }),
        piece("difference-none", |wide| {
            chart::difference(&pair("one", "the same", around(0.0, 4.0, 400))).machine(HERE).figure_at(wide)
        }),
        piece("difference-far", |wide| {
            chart::difference(&pair(LONG, HOSTILE, around(1e6, 5.0, 400))).machine(HERE).figure_at(wide)
        }),
        piece("difference-one-point", |wide| {
            chart::difference(&pair("a", "b", vec![12.0])).machine(HERE).figure_at(wide)
        }),
        piece("difference-all-equal", |wide| {
            chart::difference(&pair("a", "b", vec![0.0; 300])).machine(HERE).figure_at(wide)
        }),
        piece("difference-unavailable", |wide| {
            let absent = missing("int 0x80", "this kernel was built without 32-bit emulation");
            let pair =
                Pair { first: clean("syscall", 118.0, 0.02), second: absent, differences: Vec::new().into() };
            chart::difference(&pair).machine(HERE).figure_at(wide)
        }),
    ]
}
