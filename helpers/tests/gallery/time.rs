//! Series, steps and spans.

use super::{HERE, HOSTILE, LONG, Piece, clean, elsewhere, noise, piece, samples, verdict};
use helpers::chart;
use helpers::{Nanos, Ratio, Reading, Ruling, Unavailable, nanos, predict};

fn durations(values: impl IntoIterator<Item = f64>) -> Vec<Nanos> {
    values.into_iter().map(Nanos).collect()
}

/// What the pages of a fresh mapping cost: every sixteenth is dear, since the kernel maps its neighbours with it.
fn touches(pages: usize) -> (Vec<Nanos>, Vec<Nanos>) {
    let first = noise(11, pages).into_iter().enumerate();
    let first = first.map(|(i, u)| if i % 16 == 0 { 2400.0 + 900.0 * u } else { 120.0 + 60.0 * u });
    (durations(first), durations(samples(23.0, 0.1, pages)))
}

pub(crate) fn lines() -> Vec<Piece> {
    vec![
        piece("line-ordinary", |wide| {
            let (first, second) = touches(256);
            let chart = chart::line("page", "time per touch").series("first touch", &first);
            let ruling = verdict(Ruling::Shown, "The first touch of a page costs up to 140 times the second");
            chart.series("second touch", &second).ruled(&ruling).machine(HERE).figure_at(wide)
        }),
        piece("line-sweep", |wide| {
            let threads = [1, 2, 3, 4, 6, 8];
            let speed: Vec<Ratio> =
                threads.iter().map(|n| Ratio(*n as f64 / (1.0 + 0.12 * (*n as f64 - 1.0)))).collect();
            let ideal: Vec<Ratio> = threads.iter().map(|n| Ratio(*n as f64)).collect();
            let chart = chart::line("threads", "speed-up").places(&threads).series("own counters", &speed);
            let chart = chart.series("one shared counter", &[1.0, 0.6, 0.5, 0.45, 0.4, 0.38].map(Ratio));
            let chart = chart.curve("ideal", &ideal).guess(&predict("8 threads").at(Ratio(6.0)));
            chart.machine(HERE).figure_at(wide)
        }),
        piece("line-timings", |wide| {
            let descriptors = [1, 10, 100, 1000];
            let timings = |slope: f64| descriptors.map(|n| clean("x", 900.0 + slope * n as f64, 0.3));
            let chart = chart::line("descriptors", "time per event").places(&descriptors);
            let chart = chart.timings("epoll", &timings(0.02)).timings("poll", &timings(14.0));
            let other = super::elsewhere(&[clean("epoll", 700.0, 0.1)]);
            chart.model("epoll", nanos(950.0)).reference(&Ok(other)).machine(HERE).figure_at(wide)
        }),
        piece("line-64", |wide| {
            let chart = (0..64).fold(chart::line("step", "time per step"), |chart, cpu| {
                chart.series(format!("CPU {cpu}"), &durations(samples(100.0 + f64::from(cpu % 3), 0.05, 30)))
            });
            chart.machine(HERE).figure_at(wide)
        }),
        piece("line-few", |wide| {
            let (first, second) = touches(40);
            let chart = chart::line("page", "time per touch").series("first touch", &first);
            chart.series("second touch", &second).machine(HERE).figure_at(wide)
        }),
        piece("line-close", |wide| {
            let chart = chart::line("page", "time per touch");
            let chart = chart.series("4 KiB", &durations(samples(100.0, 0.05, 300)));
            let chart = chart.series(LONG, &durations(samples(101.0, 0.05, 300)));
            chart.series("1 GiB", &durations(samples(99.0, 0.05, 300))).machine(HERE).figure_at(wide)
        }),
        piece("line-million", |wide| {
            let chart = chart::line("call", "time per call");
            chart
                .series("getppid, libc", &durations(samples(164.0, 0.2, 1_000_000)))
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("line-nine-decades", |wide| {
            let values = (0..200).map(|i| 10_f64.powf(f64::from(i) * 9.0 / 200.0));
            chart::line("step", "time per step")
                .series("growing", &durations(values))
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("line-one-point", |wide| {
            chart::line("page", "time per touch")
                .series("only", &[Nanos(1600.0)])
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("line-all-equal", |wide| {
            let chart = chart::line(HOSTILE, HOSTILE).series(HOSTILE, &[Nanos(1600.0); 100]);
            chart.machine(HERE).figure_at(wide)
        }),
        piece("line-half-missing", |wide| {
            let (first, _) = touches(100);
            let reason = Unavailable::because("madvise(MADV_HUGEPAGE): Invalid argument");
            let chart = chart::line("page", "time per touch").series("4 KiB", &first);
            chart.unavailable("2 MiB", &reason).machine(HERE).figure_at(wide)
        }),
        piece("line-empty", |wide| chart::line("page", "time per touch").machine(HERE).figure_at(wide)),
    ]
}

pub(crate) fn lanes() -> Vec<Piece> {
    let took = |ns: f64| -> Reading<Nanos> { Ok(Nanos(ns)) };
    let actors = ["program", "CPU", "kernel", "shell"];
    vec![
        piece("lanes-ordinary", move |wide| {
            chart::lanes(actors)
                .step("program", "loads from 99999999999999")
                .step("CPU", "finds no page for it, raises trap 14")
                .measured("kernel", "finds no mapping either, sends SIGSEGV", &took(1_430.0))
                .step("program", "has no handler and is ended")
                .measured("kernel", "tears the process down", &took(182_000.0))
                .step("shell", "prints “Segmentation fault”")
                .title("The CPU raises, the kernel decides, the shell prints")
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("lanes-same-lane", move |wide| {
            chart::lanes(["program", "kernel"])
                .measured("program", "write() with the same pointer", &took(120.0))
                .measured(
                    "kernel",
                    "copies from the address, faults",
                    &Err(Unavailable::because("no tracer is allowed here")),
                )
                .step("kernel", "finds its own list of places that may fault")
                .measured("program", "hears EFAULT", &took(90.0))
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("lanes-long", move |wide| {
            let reason = Err(Unavailable::because(LONG));
            let chart = chart::lanes(["a", LONG, HOSTILE, "b", "c"])
                .step("a", LONG)
                .measured(HOSTILE, HOSTILE, &reason);
            chart.measured("c", "x".repeat(80), &took(1.0)).step(LONG, "ends").machine(HERE).figure_at(wide)
        }),
        piece("lanes-one", move |wide| {
            chart::lanes(["CPU"]).step("CPU", "waits").machine(HERE).figure_at(wide)
        }),
        piece("lanes-empty", move |wide| chart::lanes(actors).machine(HERE).figure_at(wide)),
    ]
}

pub(crate) fn spans() -> Vec<Piece> {
    let us = |us: f64| Nanos(us * 1e3);
    vec![
        piece("spans-blocking-read", move |wide| {
            let ruling = verdict(Ruling::Shown, "The reader sleeps for 5.00 ms of 5.04 ms and takes no CPU");
            chart::spans()
                .span("reader", "runs", us(0.0), us(212.0))
                .span("reader", "sleeps", us(212.0), us(4812.0))
                .span("reader", "runs", us(4812.0), us(5030.0))
                .span("writer", "sleeps", us(10.0), us(4700.0))
                .span("writer", "runs", us(4700.0), us(5030.0))
                .ruled(&ruling)
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("spans-expected", move |wide| {
            let other = elsewhere(&[clean("sleeps", 4.9e6, 0.01), clean("fork + wait", 3e5, 0.1)]);
            let chart = chart::spans()
                .span("reader", "runs", us(100.0), us(212.0))
                .span("reader", "sleeps", us(212.0), us(4812.0))
                .span("reader", "runs", us(4812.0), us(5030.0))
                .guess(&predict("reader runs").at(us(20.0)))
                .model("reader sleeps", us(4600.0))
                .reference(&Ok(other));
            chart.guess(&predict("the whole").at(us(9e6))).machine(HERE).figure_at(wide)
        }),
        piece("spans-many", move |wide| {
            let turns = noise(21, 400);
            let mut now = 0.0;
            let chart = turns.iter().enumerate().fold(chart::spans(), |chart, (i, u)| {
                let from = now;
                now += 0.2 + 3.0 * u;
                chart.span(
                    &format!("thread {}", i % 4 + 1),
                    if i % 3 == 0 { "waits" } else { "runs" },
                    us(from),
                    us(now),
                )
            });
            chart.machine(HERE).figure_at(wide)
        }),
        piece("spans-long", move |wide| {
            let chart =
                chart::spans().span(LONG, HOSTILE, us(0.0), us(1.0)).span(HOSTILE, LONG, us(1.0), us(1.0));
            chart.machine(HERE).figure_at(wide)
        }),
        piece("spans-empty", move |wide| chart::spans().machine(HERE).figure_at(wide)),
    ]
}
