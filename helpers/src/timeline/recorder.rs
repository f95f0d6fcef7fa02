//! The loop that a watched thread runs: look at the clock, again and again, and note each gap between two looks.

use crate::clock::counter::{Look, NOWHERE};
use crate::ledger::counters::{Whose, cpu_time, usage};
use crate::proc::cgroup::{Throttled, Throttling};
use crate::reading::{Reading, Unavailable};
use crate::statistics::sorted;
use crate::units::{Count, Nanos};
use std::hint::black_box;
use std::time::Instant;

/// A shorter distance between two looks is taken for the loop itself.
pub(super) const NOTABLE: Nanos = Nanos(2_000.0);

/// A gap as it is noted while the loop runs: in counts of the clock.
#[derive(Clone, Copy)]
pub(super) struct RawGap {
    /// The last look before it.
    pub(super) from: u64,
    /// The first look after it.
    pub(super) to: u64,
    /// How much of it, from its end backwards, was not spent on a CPU, in nanoseconds.
    pub(super) off: f64,
    /// How long the cgroup was throttled meanwhile, in nanoseconds.
    pub(super) throttled: f64,
    pub(super) voluntary: u32,
    pub(super) involuntary: u32,
    /// The CPU of the first look after it.
    pub(super) cpu: u32,
}

impl RawGap {
    const NONE: Self = Self {
        from: 0,
        to: 0,
        off: f64::INFINITY,
        throttled: 0.0,
        voluntary: 0,
        involuntary: 0,
        cpu: NOWHERE,
    };
}

/// What a recorder is to do; one for all threads.
#[derive(Clone, Copy)]
pub(super) struct Plan<'a> {
    /// What the thread does between two looks, told its own number; nothing, if it only spins.
    pub(super) work: Option<&'a (dyn Fn(usize) + Sync)>,
    /// The distance between two looks from which on the thread was away, in counts.
    pub(super) notable: u64,
    /// Nanoseconds in one count, closely.
    pub(super) step: f64,
    /// Whether the kernel counts switches, so that it can be told whether the thread was away or at work.
    pub(super) counts_switches: bool,
    /// How many gaps there is room for.
    pub(super) room: usize,
    /// What counts the throttling of this process, where a quota limits it; or why nothing does.
    pub(super) throttling: Reading<&'a Throttling>,
}

/// Room for so many gaps, in memory that has been touched: the first touch of a page would be one more of them.
pub(super) fn room(raw_gaps: usize) -> Vec<RawGap> {
    let mut room = vec![RawGap::NONE; raw_gaps];
    black_box(room.as_mut_slice());
    room.clear();
    room
}

/// The kernel's counts of one thread's switches.
#[derive(Clone, Copy, Default)]
struct Switches {
    voluntary: u64,
    involuntary: u64,
}

impl Switches {
    /// Zero where nobody counts them: then they never change.
    fn now() -> Self {
        usage(Whose::Thread).map_or_else(
            |_| Self::default(),
            |usage| {
                let (Count(voluntary), Count(involuntary)) = (usage.voluntary, usage.involuntary);
                Self { voluntary, involuntary }
            },
        )
    }

    fn since(self, earlier: Self) -> [u32; 2] {
        [self.voluntary - earlier.voluntary, self.involuntary - earlier.involuntary].map(|count| count as u32)
    }
}

/// One thread's notes.
pub(super) struct Recorder<'a, L> {
    look: L,
    plan: Plan<'a>,
    raw_gaps: Vec<RawGap>,
    last: u64,
    cpu: u32,
    /// The counters at the last note, and when that was.
    counted: Counted,
    noted: u64,
    begun: Counted,
    /// Whether throttling could be told at each note.
    throttling: Reading<()>,
    /// The count at the common beginning.
    begin: u64,
}

/// What is compared from one note to the next.
#[derive(Clone)]
struct Counted {
    switches: Switches,
    cpu_time: f64,
    throttled: Reading<Throttled>,
}

/// From which count to which threads are watched.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) begin: u64,
    pub(super) end: u64,
}

/// What one thread brings home.
pub(super) struct Notes {
    /// The kernel's number of the thread; 0 where it has none.
    pub(super) tid: u32,
    pub(super) raw_gaps: Vec<RawGap>,
    /// Up to which count they reach: earlier than the end where there was no room for more.
    pub(super) until: u64,
    /// What the kernel counted for the thread, the wait for the common beginning included.
    pub(super) voluntary: Count,
    pub(super) involuntary: Count,
    pub(super) cpu_time: Reading<Nanos>,
    /// Whether all throttling of the thread is told of.
    pub(super) throttling: Reading<()>,
}

impl<'a, L: Look> Recorder<'a, L> {
    /// Takes stock of the thread's counters.
    pub(super) fn new(look: L, plan: Plan<'a>, raw_gaps: Vec<RawGap>) -> Self {
        let begun =
            Counted { throttled: throttled(plan.throttling), cpu_time: spent(), switches: Switches::now() };
        Self {
            look,
            plan,
            raw_gaps,
            last: 0,
            cpu: NOWHERE,
            counted: begun.clone(),
            noted: 0,
            throttling: begun.throttled.as_ref().map(|_| ()).map_err(|reason| *reason),
            begun,
            begin: 0,
        }
    }

    /// Looks from `begin` to `end`, and does its work in between. What comes before the first look is a gap too.
    pub(super) fn record(mut self, Times { begin, end }: Times, thread: usize) -> Notes {
        (self.last, self.noted, self.begin) = (begin, begin, begin);
        match self.plan.work {
            None => while self.step() < end {},
            Some(work) => {
                while self.step() < end {
                    work(thread);
                }
            }
        }
        let (until, total) = (self.last.min(end), Switches::now());
        let cpu_time = cpu_time().map(|time| Nanos(time.0 - self.begun.cpu_time));
        let [voluntary, involuntary] = total.since(self.begun.switches).map(|count| Count(u64::from(count)));
        let Self { raw_gaps, throttling, .. } = self;
        Notes { tid: tid(), raw_gaps, until, voluntary, involuntary, cpu_time, throttling }
    }

    /// One look. The time that it tells is kept as it is, and the clock never read again: whatever happens after it belongs
    /// to the next step.
    #[inline]
    fn step(&mut self) -> u64 {
        let (now, cpu) = self.look.look();
        if now.saturating_sub(self.last) >= self.plan.notable || cpu != self.cpu {
            return self.note(now, cpu);
        }
        self.last = now;
        now
    }

    /// Notes a gap, and returns the time that the loop goes on from; where there is no more room, a time after every end, so that the loop stops.
    #[cold]
    #[inline(never)]
    fn note(&mut self, now: u64, cpu: u32) -> u64 {
        let switches = Switches::now();
        let [voluntary, involuntary] = switches.since(self.counted.switches);
        let mut raw_gap = RawGap { from: self.last, to: now, voluntary, involuntary, cpu, ..RawGap::NONE };
        self.counted.switches = switches;
        let mut was_away = true;
        if self.plan.work.is_some() {
            let spent = spent();
            let ran = spent - self.counted.cpu_time;
            self.counted.cpu_time = spent;
            // Since the last note the thread has been on a CPU for all the time but this one. Before its first look it has not
            // been at work at all.
            if self.last != self.begin {
                let passed = now.saturating_sub(self.noted) as f64 * self.plan.step;
                raw_gap.off = (passed - ran).max(0.0);
                // A switch between the look and the count before this one was counted there: the time tells.
                let is_off = raw_gap.off > NOTABLE.0.max(passed / 1_000.0);
                was_away = is_off || (self.plan.counts_switches && voluntary + involuntary > 0);
            }
        }
        if self.plan.throttling.is_ok() && voluntary + involuntary > 0 {
            raw_gap.throttled = self.throttled();
        }
        // No look lies between the two, so no one can tell which of them a switch belongs to: the thread may have been taken
        // off its CPU between its look and its count. After the last look of all, the switch is told of the gap before it.
        let adjoining = self.raw_gaps.last_mut().filter(|last| last.to == raw_gap.from);
        if let (None, Some(earlier)) = (self.plan.work, adjoining) {
            raw_gap.from = earlier.from;
            raw_gap.voluntary += earlier.voluntary;
            raw_gap.involuntary += earlier.involuntary;
            raw_gap.throttled += earlier.throttled;
            *earlier = raw_gap;
        } else if was_away || cpu != self.cpu {
            if self.raw_gaps.len() == self.plan.room {
                return u64::MAX;
            }
            self.raw_gaps.push(raw_gap);
        }
        (self.last, self.noted, self.cpu) = (now, now, cpu);
        now
    }

    /// For how long the cgroup was throttled since it was asked before, in nanoseconds. Where that can't be told, it is nothing,
    /// and the notes say why.
    fn throttled(&mut self) -> f64 {
        let now = throttled(self.plan.throttling);
        let since = match (&now, &self.counted.throttled) {
            (Ok(now), Ok(before)) => now.since(before),
            (Err(reason), _) | (_, Err(reason)) => Err(*reason),
        };
        self.counted.throttled = now;
        self.throttling = self.throttling.and(since.map(drop));
        since.map_or(0.0, |time| time.0)
    }
}

/// What looking costs: the median over batches of steps that note nothing, in nanoseconds a step.
pub(super) fn cost_of_a_look(look: impl Look) -> Nanos {
    const STEPS: u32 = 500;
    let throttling = Err(Unavailable::because("nobody asks"));
    let plan = Plan { work: None, notable: u64::MAX, step: 1.0, counts_switches: true, room: 0, throttling };
    let batches: Vec<f64> = (0..101)
        .map(|_| {
            let mut recorder = Recorder::new(look, plan, Vec::new());
            recorder.cpu = look.look().1;
            let start = Instant::now();
            for _ in 0..STEPS {
                black_box(recorder.step());
            }
            start.elapsed().as_nanos() as f64 / f64::from(STEPS)
        })
        .collect();
    Nanos(sorted(&batches)[50])
}

/// What noting one gap costs: the median of a hundred readings of the counters.
pub(super) fn cost_of_a_note(throttling: Reading<&Throttling>) -> Nanos {
    let times: Vec<f64> = (0..101)
        .map(|_| {
            let start = Instant::now();
            let _ = black_box((Switches::now(), spent(), throttled(throttling)));
            start.elapsed().as_nanos() as f64
        })
        .collect();
    Nanos(sorted(&times)[50])
}

fn tid() -> u32 {
    #[cfg(target_os = "linux")]
    // SAFETY: the call has no preconditions.
    return u32::try_from(unsafe { libc::gettid() }).unwrap_or(0);
    #[cfg(not(target_os = "linux"))]
    0
}

fn spent() -> f64 {
    cpu_time().map_or(0.0, |time| time.0)
}

fn throttled(counters: Reading<&Throttling>) -> Reading<Throttled> {
    counters?.counted()
}

#[cfg(test)]
mod tests;
