//! One value for each pair, what wholes are made of, and two quantities at once.

use super::{HERE, HOSTILE, LONG, Piece, clean, elsewhere, missing, noise, piece, timing, verdict};
use helpers::chart;
use helpers::{Count, Nanos, Reading, Ruling, Share, Status, Unavailable, millis, nanos, predict};

fn cpus(count: usize) -> Vec<String> {
    (0..count).map(|cpu| format!("CPU {cpu}")).collect()
}

/// Two sockets: near on the diagonal blocks, far between them.
fn latency(count: usize) -> Vec<Vec<Option<Nanos>>> {
    let jitter = noise(3, count * count);
    let between = |row: usize, column: usize| {
        let far = row / (count / 2).max(1) != column / (count / 2).max(1);
        let base = if far { 213.0 } else { 51.0 };
        (row != column).then(|| nanos(base * (0.95 + 0.1 * jitter[row * count + column])))
    };
    (0..count).map(|row| (0..count).map(|column| between(row, column)).collect()).collect()
}

fn map(count: usize) -> chart::Heat {
    let names = cpus(count);
    let chart = chart::heat("from", "to", "time one way").columns(names.iter().map(String::as_str));
    names.iter().zip(latency(count)).fold(chart, |chart, (name, row)| chart.row(name, row))
}

/// Interrupts per slice of time on each CPU.
fn strip(count: usize, slices: usize, seconds: f64) -> chart::Heat {
    let chart = chart::heat("CPU", "time", "interrupts per slice").over(millis(seconds * 1e3));
    cpus(count).iter().enumerate().fold(chart, |chart, (cpu, name)| {
        let rate = noise(cpu as u64 + 40, slices);
        let burst = |i: usize| if i % (slices / 3 + 1) < slices / 12 { 9.0 } else { 1.0 };
        chart.row(name, rate.iter().enumerate().map(|(i, u)| Some(Count((u * 12.0 * burst(i)) as u64))))
    })
}

pub(crate) fn heats() -> Vec<Piece> {
    vec![
        piece("heat-ordinary", |wide| {
            let ruling = verdict(Ruling::Shown, "CPUs of another socket are 4.1 times as far");
            map(4).guess(&predict("one way").at(nanos(100.0))).ruled(&ruling).machine(HERE).figure_at(wide)
        }),
        piece("heat-eight", |wide| map(8).machine(HERE).figure_at(wide)),
        piece("heat-64", |wide| map(64).machine(HERE).figure_at(wide)),
        piece("heat-over-time", |wide| strip(4, 120, 0.3).machine(HERE).figure_at(wide)),
        piece("heat-million", |wide| {
            strip(16, 62_500, 10.0).model("a tick", Count(4)).machine(HERE).figure_at(wide)
        }),
        piece("heat-one-point", |wide| {
            chart::heat("from", "to", "time").row("CPU 0", [Some(nanos(51.0))]).machine(HERE).figure_at(wide)
        }),
        piece("heat-all-equal", |wide| {
            let chart = (0..3).fold(chart::heat("from", "to", "time"), |chart, cpu| {
                chart.row(&format!("CPU {cpu}"), [Some(nanos(51.0)); 3])
            });
            chart.machine(HERE).figure_at(wide)
        }),
        piece("heat-nine-decades", |wide| {
            let row = (0..10).map(|power| Some(nanos(10_f64.powi(power))));
            chart::heat("row", "column", "time").row("one", row).machine(HERE).figure_at(wide)
        }),
        piece("heat-long-names", |wide| {
            let chart = chart::heat(LONG, HOSTILE, LONG).columns([LONG, HOSTILE, "c"]);
            let chart = chart.row(LONG, [Some(nanos(1.0)), None, Some(nanos(3.0))]);
            let reason = Unavailable::because(LONG);
            chart
                .row(HOSTILE, [Some(nanos(2.0)), Some(nanos(5.0)), None])
                .unavailable("third", &reason)
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("heat-unavailable", |wide| {
            let reason = Unavailable::because("only one CPU is allowed here");
            chart::heat("from", "to", "time").unavailable("CPU 1", &reason).machine(HERE).figure_at(wide)
        }),
        piece("heat-empty", |wide| chart::heat("from", "to", "time").machine(HERE).figure_at(wide)),
    ]
}

pub(crate) fn shares() -> Vec<Piece> {
    vec![
        piece("shares-ordinary", |wide| {
            let ruling = verdict(Ruling::Shown, "Nice 0 gets 9.1 times the CPU time of nice 10");
            chart::shares("CPU time of one CPU")
                .whole("both spin", [("nice 0", millis(180.2)), ("nice 10", millis(19.8))])
                .whole(
                    "nice 10 sleeps",
                    [("nice 0", millis(199.0)), ("nice 10", millis(0.4)), ("idle", millis(0.6))],
                )
                .guess(&predict("nice 0").at(Share(0.66)))
                .model("nice 0", Share(0.903))
                .ruled(&ruling)
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("shares-one-part", |wide| {
            chart::shares("time").whole("only", [("all of it", millis(1.0))]).machine(HERE).figure_at(wide)
        }),
        piece("shares-all-equal", |wide| {
            let parts = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|part| (part, Count(5)));
            chart::shares("switches").whole("eight", parts).machine(HERE).figure_at(wide)
        }),
        piece("shares-nine-decades", |wide| {
            let names: Vec<String> = (0..10).map(|power| format!("10 to the {power}")).collect();
            let parts = names.iter().zip(0..).map(|(name, power)| (name.as_str(), nanos(10_f64.powi(power))));
            chart::shares("time").whole("decades", parts).machine(HERE).figure_at(wide)
        }),
        piece("shares-64", |wide| {
            let jitter = noise(9, 64);
            let chart = jitter.iter().enumerate().fold(chart::shares("CPU time"), |chart, (cpu, u)| {
                let parts = [
                    ("runs", millis(50.0 + 50.0 * u)),
                    ("waits", millis(30.0)),
                    ("interrupts", millis(5.0 * u)),
                ];
                chart.whole(&format!("CPU {cpu}"), parts)
            });
            chart.machine(HERE).figure_at(wide)
        }),
        piece("shares-long-names", |wide| {
            let reason = Unavailable::because(LONG);
            chart::shares(LONG)
                .whole(LONG, [(LONG, millis(1.0)), (HOSTILE, millis(2.0))])
                .whole(HOSTILE, [(LONG, millis(0.0))])
                .unavailable(LONG, &reason)
                .guess(&predict(HOSTILE).at(Share(9.0)))
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("shares-unavailable", |wide| {
            let reason =
                Unavailable::because("setpriority: Permission denied; a policy of this machine forbids it");
            chart::shares("CPU time").unavailable("nice −10", &reason).machine(HERE).figure_at(wide)
        }),
        piece("shares-empty", |wide| chart::shares("CPU time").machine(HERE).figure_at(wide)),
    ]
}

pub(crate) fn planes() -> Vec<Piece> {
    let ways = || {
        [
            ("block", 41_000.0, 3_100.0),
            ("epoll", 43_500.0, 4_900.0),
            ("spin", 110.0, 990_000.0),
            ("io_uring", 39_000.0, 2_400.0),
        ]
    };
    vec![
        piece("plane-ordinary", move |wide| {
            let ruling =
                verdict(Ruling::Shown, "Spinning answers 370 times as fast and burns 320 times the CPU");
            let chart = ways()
                .into_iter()
                .fold(chart::plane("latency", "CPU time burned per event"), |chart, (name, x, y)| {
                    chart.thing(name, &clean(name, x, 0.2), &clean(name, y, 0.3))
                });
            let other = elsewhere(&[clean("spin", 95.0, 0.1)]);
            let chart = chart.guess(&predict("spin").at(nanos(5_000.0))).reference(&Ok(other));
            chart.ruled(&ruling).machine(HERE).figure_at(wide)
        }),
        piece("plane-one-point", |wide| {
            let one = timing("only", vec![5.0], Status::Clean);
            chart::plane("latency", "CPU time").thing("only", &one, &one).machine(HERE).figure_at(wide)
        }),
        piece("plane-all-equal", |wide| {
            let same: Reading<Nanos> = Ok(nanos(51.0));
            let chart = (1..=12).fold(chart::plane("latency", "CPU time"), |chart, i| {
                chart.thing(&format!("way {i}"), &same, &same)
            });
            chart.machine(HERE).figure_at(wide)
        }),
        piece("plane-nine-decades", |wide| {
            let chart = (0..10).fold(chart::plane("latency", "share of a CPU"), |chart, power| {
                let share: Reading<Share> = Ok(Share(0.1 * f64::from(power)));
                chart.thing(&format!("10 to the {power}"), &clean("x", 10_f64.powi(power), 0.2), &share)
            });
            chart.machine(HERE).figure_at(wide)
        }),
        piece("plane-64", |wide| {
            let (x, y) = (noise(51, 64), noise(52, 64));
            let chart = x.iter().zip(&y).enumerate().fold(
                chart::plane("latency", "CPU time"),
                |chart, (i, (x, y))| {
                    let [x, y]: [Reading<Nanos>; 2] = [Ok(nanos(50.0 + 50.0 * x)), Ok(nanos(900.0 * y))];
                    chart.thing(&format!("CPU {i}"), &x, &y)
                },
            );
            chart.machine(HERE).figure_at(wide)
        }),
        piece("plane-long-names", |wide| {
            let chart = chart::plane(LONG, HOSTILE).thing(LONG, &clean("a", 5.0, 0.2), &clean("b", 9.0, 0.2));
            let chart = chart.thing(HOSTILE, &clean("a", 7.0, 0.2), &clean("b", 3.0, 0.2));
            chart.thing("third", &missing("x", LONG), &clean("b", 3.0, 0.2)).machine(HERE).figure_at(wide)
        }),
        piece("plane-unavailable", |wide| {
            let reason = missing(
                "io_uring",
                "io_uring_setup: Operation not permitted; a policy of this machine forbids it",
            );
            chart::plane("latency", "CPU time")
                .thing("io_uring", &reason, &reason)
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("plane-empty", |wide| chart::plane("latency", "CPU time").machine(HERE).figure_at(wide)),
    ]
}
