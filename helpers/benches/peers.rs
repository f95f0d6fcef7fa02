//! `make bench`: the instruments beside their peers, measured in turn in one run, printed as ratios and written as JSON.
//!
//! A ratio says more than two numbers: it survives the move to another machine. Where a peer is not installed its row says so.
//! What the notebooks cost to open and to run is added to the same file afterwards, by the tool that drives their kernels.

#[path = "peers/charts.rs"]
mod charts;
#[path = "peers/timeline.rs"]
mod timeline;

use helpers::statistics::Summary;
use helpers::{
    Bytes, Machine, Nanos, Ratio, Reading, Ruling, Timing, Unavailable, claim, libc, machine::cpus, measure,
};
use serde::Serialize;
use std::hint::{black_box, spin_loop};
use std::ops::RangeInclusive;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

/// How often each comparison is repeated, ours and the peer's in turn.
const RUNS: usize = 7;

/// One comparison.
#[derive(Serialize)]
struct Row {
    figure: &'static str,
    unit: Unit,
    ours: Reading<f64>,
    peer: Reading<f64>,
    ratio: Reading<f64>,
    wanted: RangeInclusive<f64>,
    holds: Option<bool>,
}

#[derive(Clone, Copy, Serialize)]
enum Unit {
    Nanoseconds,
    Bytes,
    Runs,
    Intervals,
}

#[derive(Serialize)]
struct Bench {
    machine: Machine,
    rows: Vec<Row>,
}

fn main() {
    let bench = Bench {
        machine: Machine::here(),
        rows: [system_call(), crowd(), disturbance(), ladder()]
            .into_iter()
            .chain(timeline::rows())
            .chain(charts::rows())
            .collect(),
    };
    println!("{}\n", bench.machine.short());
    for row in &bench.rows {
        println!("{row}");
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench.json");
    let written = serde_json::to_string_pretty(&bench).map_err(std::io::Error::other);
    match written.and_then(|text| std::fs::write(path, text + "\n")) {
        Ok(()) => println!("\nwritten to target/bench.json"),
        Err(error) => println!("\nnot written to target/bench.json: {error}"),
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        let number = |value: &Reading<f64>| match value {
            Ok(value) => match self.unit {
                Unit::Nanoseconds => Nanos(*value).to_string(),
                Unit::Bytes => Bytes(*value as u64).to_string(),
                Unit::Runs => format!("{value} runs"),
                Unit::Intervals => format!("{value} intervals"),
            },
            Err(reason) => format!("({reason})"),
        };
        let mark = match self.holds {
            Some(true) => "holds",
            Some(false) => "DOES NOT HOLD",
            None => "not compared",
        };
        writeln!(out, "{}", self.figure)?;
        writeln!(out, "  ours {}, peer {}", number(&self.ours), number(&self.peer))?;
        match &self.ratio {
            Ok(ratio) => {
                let (low, high) = (self.wanted.start(), self.wanted.end());
                write!(out, "  ratio {} (wanted: {low} to {high}): {mark}", Ratio(*ratio))
            }
            Err(reason) => write!(out, "  no ratio: {reason}"),
        }
    }
}

impl Row {
    /// Compares what both sides took in each run. The ratio is the median of the runs' ratios: whatever changes the speed of
    /// the machine between two runs leaves it alone.
    fn times(figure: &'static str, runs: &Reading<Vec<(f64, f64)>>, wanted: RangeInclusive<f64>) -> Self {
        let middle = |value: fn(&(f64, f64)) -> f64| {
            runs.clone().and_then(|runs| median(&runs.iter().map(value).collect::<Vec<_>>()))
        };
        let (ours, peer) = (middle(|run| run.0), middle(|run| run.1));
        Self::judged(figure, Unit::Nanoseconds, ours, peer, middle(|run| run.0 / run.1), wanted)
    }

    /// In how many of the runs something was so.
    fn runs(figure: &'static str, so: usize) -> Self {
        let (so, all) = (so as f64, RUNS as f64);
        Self::judged(figure, Unit::Runs, Ok(so), Ok(all), Ok(so / all), 1.0..=1.0)
    }

    fn judged(
        figure: &'static str,
        unit: Unit,
        ours: Reading<f64>,
        peer: Reading<f64>,
        ratio: Reading<f64>,
        wanted: RangeInclusive<f64>,
    ) -> Self {
        let holds = ratio.as_ref().ok().map(|ratio| wanted.contains(ratio));
        Self { figure, unit, ours, peer, ratio, wanted, holds }
    }
}

/// Ours and the peer's, run by run, one right after the other.
fn in_turn(ours: impl Fn() -> Reading<f64>, peer: impl Fn() -> Reading<f64>) -> Reading<Vec<(f64, f64)>> {
    (0..RUNS).map(|_| Ok((ours()?, peer()?))).collect()
}

/// `getppid` through libc, beside `perf bench syscall basic`, both on one CPU.
fn system_call() -> Row {
    let runs = cpus::allowed().and_then(|cpus| {
        let _pinned = cpus::pin(*cpus.last().unwrap_or(&0))?;
        in_turn(|| call().median().map(|median| median.0), perf_bench)
    });
    Row::times("getppid by libc against perf bench syscall basic", &runs, 0.95..=1.05)
}

/// Nanoseconds per call as `perf bench` reports them: a mean over a million calls.
fn perf_bench() -> Reading<f64> {
    let output = Command::new("perf")
        .args(["bench", "-f", "default", "syscall", "basic", "--loop", "1000000"])
        .stderr(Stdio::null())
        .output()
        .map_err(|error| Unavailable::refused("perf is not installed", &error))?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .find_map(|line| line.trim().strip_suffix("usecs/op")?.trim().parse::<f64>().ok())
        .map(|micros| micros * 1e3)
        .ok_or_else(|| Unavailable::because("perf bench printed no figure; it may not fit this kernel"))
}

/// A look at the clock beside two CPU hogs, and quiet: the ratio of the reported medians.
fn crowd() -> Row {
    let runs = in_turn(|| beside_hogs(look)?.median().map(|m| m.0), || look().median().map(|m| m.0));
    Row::times("a look at the clock beside two hogs on its CPU, against quiet", &runs, 0.9..=1.1)
}

/// In how many runs the disturbance by hogs was noticed.
fn disturbance() -> Row {
    Row::runs(
        "runs beside hogs that say so, of 7",
        (0..RUNS).filter(|_| beside_hogs(look).is_ok_and(|timing| timing.is_disturbed())).count(),
    )
}

/// In how many runs the ladder stands in order.
fn ladder() -> Row {
    let in_order = |_: &usize| {
        let steps = [measure("function call", answer), look(), call(), measure("fork + wait", fork)];
        claim("in order").ascending(&steps).ruling == Ruling::Shown
    };
    Row::runs("runs with function < vDSO < system call < fork, of 7", (0..RUNS).filter(in_order).count())
}

fn look() -> Timing {
    measure("clock by vDSO", Instant::now)
}

fn call() -> Timing {
    // SAFETY: getppid has no preconditions and cannot fail.
    measure("getppid by libc", || unsafe { libc::getppid() })
}

#[inline(never)]
fn answer() -> u32 {
    black_box(42)
}

fn fork() {
    // SAFETY: the child leaves at once, the parent waits for exactly this child.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            libc::_exit(0);
        }
        libc::waitpid(child, std::ptr::null_mut(), 0);
    }
}

/// Runs `act` while two hogs want the CPU that it is on: threads begin where the thread that starts them is kept.
fn beside_hogs(act: impl Fn() -> Timing) -> Reading<Timing> {
    let cpu = cpus::allowed().map(|cpus| *cpus.last().unwrap_or(&0))?;
    let stop = AtomicBool::new(false);
    cpus::on_cpu(cpu, || {
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !stop.load(Relaxed) {
                        spin_loop();
                    }
                });
            }
            let timing = act();
            stop.store(true, Relaxed);
            timing
        })
    })
}

fn median(values: &[f64]) -> Reading<f64> {
    Summary::of(values).map(|s| s.median).ok_or_else(|| Unavailable::because("no run succeeded"))
}
