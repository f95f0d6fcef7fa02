//! `make bench`: the instruments beside their peers, measured in turn in one run, printed as ratios and written as JSON.
//!
//! A ratio says more than two numbers: it survives the move to another machine. Where a peer is not installed its row says so.

use helpers::statistics::Summary;
use helpers::{Machine, Nanos, Ratio, Reading, Timing, Unavailable, claim, libc, machine::cpus, measure};
use serde::Serialize;
use serde_json::Value;
use std::hint::{black_box, spin_loop};
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
    wanted: &'static str,
    holds: Option<bool>,
}

#[derive(Clone, Copy, Serialize)]
enum Unit {
    Nanoseconds,
    Runs,
}

#[derive(Serialize)]
struct Bench {
    machine: Machine,
    rows: Vec<Row>,
    /// What opening and running the notebooks costs, as the book's own tool measured it.
    notebooks: Reading<Value>,
}

fn main() {
    let bench = Bench {
        machine: Machine::here(),
        rows: vec![system_call(), crowd(), disturbance(), ladder()],
        notebooks: notebooks(),
    };
    println!("{}\n", bench.machine.short());
    for row in &bench.rows {
        println!("{row}");
    }
    match &bench.notebooks {
        Ok(figures) => println!("notebooks: {figures:#}"),
        Err(reason) => println!("notebooks: not measured, {reason}"),
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench.json");
    let written = serde_json::to_string_pretty(&bench).map_err(std::io::Error::from);
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
                Unit::Runs => format!("{value} runs"),
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
            Ok(ratio) => write!(out, "  ratio {} (wanted: {}): {mark}", Ratio(*ratio), self.wanted),
            Err(reason) => write!(out, "  no ratio: {reason}"),
        }
    }
}

impl Row {
    /// Compares the medians of both sides.
    fn of(
        figure: &'static str,
        unit: Unit,
        ours: Reading<f64>,
        peer: Reading<f64>,
        wanted: &'static str,
        good: impl Fn(f64) -> bool,
    ) -> Self {
        let ratio = ours.clone().and_then(|ours| peer.clone().map(|peer| ours / peer));
        let holds = ratio.as_ref().ok().map(|ratio| good(*ratio));
        Self { figure, unit, ours, peer, ratio, wanted, holds }
    }
}

/// `getppid` through libc, beside `perf bench syscall basic`, both on one CPU.
fn system_call() -> Row {
    let pinned = cpus::allowed().and_then(|cpus| cpus::pin(*cpus.last().unwrap_or(&0)));
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut missing = pinned.as_ref().err().cloned();
    for _ in 0..RUNS {
        if let Ok(median) = call().median() {
            ours.push(median.0);
        }
        match perf_bench() {
            Ok(nanos) => theirs.push(nanos),
            Err(reason) => missing = Some(reason),
        }
    }
    let peer = missing.map_or_else(|| median(&theirs), Err);
    Row::of(
        "getppid by libc against perf bench syscall basic",
        Unit::Nanoseconds,
        median(&ours),
        peer,
        "0.95 to 1.05",
        |ratio| (0.95..=1.05).contains(&ratio),
    )
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

/// The same call quiet and beside two CPU hogs: the ratio of the reported medians, in turn.
fn crowd() -> Row {
    let (mut quiet, mut loud) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        quiet.push(call());
        loud.push(beside_hogs(call));
    }
    let middle = |timings: &[Timing]| {
        median(&timings.iter().filter_map(|t| t.median().ok()).map(|m| m.0).collect::<Vec<_>>())
    };
    Row::of(
        "getppid beside two CPU hogs against quiet",
        Unit::Nanoseconds,
        middle(&loud),
        middle(&quiet),
        "0.9 to 1.1",
        |ratio| (0.9..=1.1).contains(&ratio),
    )
}

/// The share of runs in which the disturbance by hogs was noticed. Two hogs fill two CPUs; more CPUs take more hogs.
fn disturbance() -> Row {
    let flagged = (0..RUNS).filter(|_| beside_hogs(call).is_disturbed()).count();
    Row::of(
        "runs beside hogs that say so, of 7",
        Unit::Runs,
        Ok(flagged as f64),
        Ok(RUNS as f64),
        "1",
        |ratio| ratio >= 1.0,
    )
}

/// The share of runs in which the ladder stands in order.
fn ladder() -> Row {
    let ordered = (0..RUNS)
        .filter(|_| {
            let steps = [
                measure("function call", answer),
                measure("clock by vDSO", Instant::now),
                call(),
                measure("fork + wait", fork),
            ];
            claim("in order").ascending(&steps).ruling == helpers::Ruling::Shown
        })
        .count();
    Row::of(
        "runs with function < vDSO < system call < fork, of 7",
        Unit::Runs,
        Ok(ordered as f64),
        Ok(RUNS as f64),
        "1",
        |r| r >= 1.0,
    )
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

fn beside_hogs(act: impl Fn() -> Timing) -> Timing {
    let stop = AtomicBool::new(false);
    let hogs = thread::available_parallelism().map_or(2, |cpus| cpus.get().max(2));
    thread::scope(|scope| {
        for _ in 0..hogs {
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
}

fn median(values: &[f64]) -> Reading<f64> {
    Summary::of(values).map(|s| s.median).ok_or_else(|| Unavailable::because("no run succeeded"))
}

/// What the notebooks cost to open and to run. The book's tool drives real kernels and prints JSON.
fn notebooks() -> Reading<Value> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let output = Command::new(format!("{root}/.venv/bin/python"))
        .args(["-m", "book", "latency"])
        .current_dir(root)
        .output()
        .map_err(|error| Unavailable::refused("the book's Python is not set up; use `make bench`", &error))?;
    serde_json::from_slice(&output.stdout)
        .map_err(|error| Unavailable::because(format!("the book's tool printed no figures: {error}")))
}
