//! The kernel's own record of its switches, and how an observation compares with it.
//!
//! The event `sched_switch` is written by the scheduler itself, at the very switch, here with the CPU's counter as its clock:
//! the same counter that watched threads read. It takes root and a mounted tracefs. Source: the kernel's documentation,
//! `trace/ftrace` and `trace/events`.

use helpers::timeline::{Cause, Gap, Thread};
use helpers::{Observation, Reading, Unavailable};
use std::fs;
use std::path::{Path, PathBuf};

/// What runs and what stops at one switch.
struct Switch {
    cpu: usize,
    at: u64,
    out: u32,
    into: u32,
}

/// A trace of our own: whatever else is traced on this machine goes on undisturbed. Dropping it takes it away.
pub(crate) struct Trace(PathBuf);

impl Trace {
    /// Begins to record.
    ///
    /// # Errors
    /// Where the kernel's trace cannot be used: the reason, and the remedy.
    pub(crate) fn begin() -> Reading<Self> {
        let places = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"].map(Path::new);
        let place = places.into_iter().find(|place| place.join("trace_clock").exists()).ok_or_else(|| {
            Unavailable::because("no tracefs; as root: mount -t tracefs nodev /sys/kernel/tracing")
        })?;
        let own = place.join("instances").join(format!("concurrency-measured-{}", std::process::id()));
        fs::create_dir(&own).map_err(|error| Unavailable::refused("a trace of one's own", &error))?;
        let trace = Self(own);
        for (file, value) in [
            ("trace_clock", "x86-tsc"),
            ("buffer_size_kb", "16384"),
            ("events/sched/sched_switch/enable", "1"),
            ("tracing_on", "1"),
        ] {
            trace.set(file, value)?;
        }
        Ok(trace)
    }

    fn set(&self, file: &str, value: &str) -> Reading<()> {
        fs::write(self.0.join(file), value)
            .map_err(|error| Unavailable::refused(format!("{file} := {value}"), &error))
    }

    /// Ends, and returns what was recorded.
    fn switches(self) -> Reading<Vec<Switch>> {
        self.set("tracing_on", "0")?;
        let text = fs::read_to_string(self.0.join("trace"))
            .map_err(|error| Unavailable::refused("reading the trace", &error))?;
        if let Some(lost) = text.lines().find(|line| line.contains("LOST")) {
            return Err(Unavailable::because(format!("the trace has holes: {lost}")));
        }
        Ok(text.lines().filter_map(switch).collect())
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

/// One line: `name-1 [000] d..2. 123456: sched_switch: prev_comm=a prev_pid=1 … ==> next_comm=b next_pid=2 next_prio=120`.
fn switch(line: &str) -> Option<Switch> {
    let (head, what) = line.split_once(": sched_switch: ")?;
    let (_, at) = head.rsplit_once(' ')?;
    let (_, cpu) = head.rsplit_once('[')?;
    let number = |key: &str| {
        let (_, value) = what.rsplit_once(key)?;
        value.split_ascii_whitespace().next()?.parse().ok()
    };
    let cpu = cpu.split_once(']')?.0.parse().ok()?;
    Some(Switch { cpu, at: at.parse().ok()?, out: number(" prev_pid=")?, into: number(" next_pid=")? })
}

/// How far an observation agrees with the kernel. Times in nanoseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Agreement {
    /// Times off the CPU of more than 50 µs, by the kernel.
    pub(crate) intervals: usize,
    /// Those that no gap covers.
    pub(crate) missed: Vec<String>,
    /// Gaps of more than 50 µs, said to be switches, in which the kernel switched nothing.
    pub(crate) invented: Vec<String>,
    /// Times for which the kernel does not say when a thread came back. They are left out of the comparison.
    pub(crate) silences: usize,
    /// Turns seen on another CPU than the kernel's.
    pub(crate) misplaced: Vec<String>,
    /// Time off the CPU: as seen, and by the kernel.
    pub(crate) off: (f64, f64),
    /// By how much each gap begins too early, and ends too late.
    pub(crate) early: Vec<f64>,
    pub(crate) late: Vec<f64>,
}

const NOTABLE: f64 = 50_000.0;
/// Two readings of one counter on two CPUs may differ by this much.
const SLACK: f64 = 1_000.0;

/// Watches under the kernel's eyes, and compares.
///
/// # Errors
/// Where there is no such trace, or the observation failed.
pub(crate) fn compare(watch: impl FnOnce() -> Observation) -> Reading<(Observation, Agreement)> {
    let trace = Trace::begin()?;
    let seen = watch();
    let switches = trace.switches()?;
    let threads = seen.threads?;
    let times = switches.iter().map(|switch| switch.at);
    if !(times.clone().min() <= Some(seen.begun) && Some(seen.begun) <= times.max()) {
        return Err(Unavailable::because("the threads read another clock than the kernel's trace"));
    }
    let mut found = Agreement::default();
    for thread in &threads {
        let stays = stays(&switches, thread, &seen);
        if stays.is_empty() {
            return Err(Unavailable::because(
                "the kernel numbers threads otherwise: in a container, perhaps",
            ));
        }
        found.add(thread, &stays);
    }
    Ok((seen, found))
}

/// A stretch of time that a thread spent on a CPU, by the kernel.
struct Stay {
    /// Its beginning; none where the kernel tells only of its end. It keeps silent on what some of its own servants do, so
    /// that a switch away from one of those may be missing.
    from: Option<f64>,
    to: f64,
    cpu: usize,
}

/// When the kernel had the thread on which CPU, in nanoseconds since the beginning of the observation.
fn stays(switches: &[Switch], thread: &Thread, seen: &Observation) -> Vec<Stay> {
    let at = |count: u64| (count as f64 - seen.begun as f64) * seen.step;
    let mut stays = Vec::new();
    let mut since = None;
    let mut ordered: Vec<&Switch> = switches.iter().collect();
    ordered.sort_by_key(|switch| switch.at);
    for switch in ordered {
        if switch.out == thread.tid {
            stays.push(Stay { from: since.take(), to: at(switch.at), cpu: switch.cpu });
        }
        if switch.into == thread.tid {
            since = Some(at(switch.at));
        }
    }
    stays
}

/// Whether a switch came between the last look of all and the count that follows it. It's told of the gap that this look
/// ends, since no later look draws the line between the two.
fn follows(look: f64, switch: f64) -> bool {
    (look..look + NOTABLE).contains(&switch)
}

impl Agreement {
    fn add(&mut self, thread: &Thread, stays: &[Stay]) {
        let end = thread.until.0;
        let before = std::iter::once(f64::NEG_INFINITY).chain(stays.iter().map(|stay| stay.to));
        let absences: Vec<(f64, Option<f64>)> = before
            .zip(stays.iter().map(|stay| stay.from).chain([Some(f64::INFINITY)]))
            .map(|(from, to)| (from.max(0.0), to.map(|to| to.min(end))))
            .filter(|(from, to)| *from < end && to.is_none_or(|to| to > *from))
            .collect();
        // Where the kernel does not say when the thread came back, nothing can be compared until it left again.
        let silences: Vec<(f64, f64)> = absences
            .iter()
            .filter(|(_, to)| to.is_none())
            .map(|(from, _)| {
                let left = stays.iter().find(|stay| stay.to > *from).map_or(end, |stay| stay.to);
                (*from, left)
            })
            .collect();
        self.silences += silences.len();
        let is_told = |gap: &&Gap| !silences.iter().any(|(from, to)| *from < gap.to.0 && gap.from.0 < *to);
        let told = || thread.gaps.iter().filter(|gap| gap.cause != Cause::Interrupted).filter(is_told);
        let known: Vec<(f64, f64)> = absences.iter().filter_map(|(from, to)| Some((*from, (*to)?))).collect();
        let untold: Vec<&Gap> = thread.gaps.iter().filter(|gap| !is_told(gap)).collect();
        for (from, to) in &known {
            if !untold.iter().any(|gap| gap.from.0 < *to && *from < gap.to.0) {
                self.off.1 += to - from;
            }
            if to - from <= NOTABLE {
                continue;
            }
            self.intervals += 1;
            match thread.gaps.iter().find(|gap| gap.from.0 <= from + SLACK && gap.to.0 >= to - SLACK) {
                Some(gap) if gap.cause != Cause::Interrupted => {
                    self.early.push(from - gap.from.0);
                    self.late.push(gap.to.0 - to);
                }
                found => self.missed.push(format!("{}: {from:.0} to {to:.0}, {found:?}", thread.name)),
            }
        }
        for gap in told() {
            self.off.0 += gap.length().0;
            let is_real = known.iter().any(|(from, to)| *from < gap.to.0 + SLACK && *to > gap.from.0 - SLACK)
                || (gap.to.0 >= end && stays.iter().any(|stay| follows(gap.to.0, stay.to)));
            if gap.length().0 > NOTABLE && !is_real {
                self.invented.push(format!("{}: {gap:?}", thread.name));
            }
        }
        for turn in &thread.turns {
            let middle = f64::midpoint(turn.from.0, turn.to.0);
            let stay =
                stays.iter().find(|stay| stay.from.is_some_and(|from| from <= middle) && middle <= stay.to);
            if let Some(stay) = stay.filter(|stay| Some(stay.cpu) != turn.cpu) {
                self.misplaced.push(format!("{}: {turn:?} was on CPU {}", thread.name, stay.cpu));
            }
        }
    }
}
