//! What was seen, and what follows from it.

use super::recorder::Notes;
use super::turn::{Cause, Gap, Turn};
use crate::clock::counter::NOWHERE;
use crate::lasting::Lasting;
use crate::measure::Timing;
use crate::reading::{Reading, Unavailable};
use crate::units::{Count, Nanos, Share};
use std::fmt::{self, Display, Formatter};

/// Who ran where and when, for a time; see [`observe`](super::observe). All times are since its beginning.
#[derive(Clone, Copy, PartialEq)]
pub struct Observation {
    /// How long it went on.
    pub elapsed: Nanos,
    /// The threads that were watched; or why they could not be.
    pub threads: Reading<Lasting<[Thread]>>,
    /// What watching costs: one look at the clock, in each round of a thread's loop.
    pub cost: Nanos,
    /// Gaps shorter than this are not seen.
    pub shortest: Nanos,
    /// Whether it can be told why a thread was away; if not, every gap's cause is unknown, and each ends a turn.
    pub causes: Reading<()>,
    /// Whether it can be told how long a quota stopped the threads; if not, such a time is taken for a rival's turn.
    pub throttling: Reading<()>,
    /// The clock's count at the beginning, and how long one count is: to lay another record of the same clock beside this
    /// one, such as the kernel's trace with its clock `x86-tsc`.
    pub begun: u64,
    /// See `begun`, in nanoseconds.
    pub step: f64,
}

/// One thread, watched.
#[derive(Clone, Debug, PartialEq)]
pub struct Thread {
    /// Its name: in prose, data and chart.
    pub name: String,
    /// The kernel's number of it; 0 where it has none.
    pub tid: u32,
    /// From when to when it ran, and where, in the order of time.
    pub turns: Vec<Turn>,
    /// When it was away, and why, in the order of time. Those that the kernel knows nothing of lie within a turn.
    pub gaps: Vec<Gap>,
    /// Up to when it was watched: earlier than the end where it was away so often that there was no more room to note it.
    pub until: Nanos,
    /// How often it gave up its CPU by itself, as the kernel counts; the wait for the common beginning is one.
    pub voluntary: Reading<Count>,
    /// How often it was taken off its CPU, as the kernel counts.
    pub involuntary: Reading<Count>,
    /// How long it ran, as the kernel counts.
    pub cpu_time: Reading<Nanos>,
}

impl Observation {
    /// Makes turns and gaps of one thread's notes.
    pub(super) fn thread_of(&self, name: &str, notes: &Notes) -> Thread {
        let at = |count: u64| count.min(notes.until).saturating_sub(self.begun) as f64 * self.step;
        let place = |cpu: u32| (cpu != NOWHERE).then_some(cpu as usize);
        let (mut turns, mut gaps): (Vec<Turn>, Vec<Gap>) = (Vec::new(), Vec::new());
        let (mut since, mut cpu) = (0.0, NOWHERE);
        let mut turn = |cpu: u32, from: f64, to: f64| {
            if to > from {
                turns.push(Turn { cpu: place(cpu), from: Nanos(from), to: Nanos(to) });
            }
        };
        for raw_gap in &notes.raw_gaps {
            let to = at(raw_gap.to);
            // From the end backwards: before that the thread was at work.
            let off = raw_gap.off - (raw_gap.to - raw_gap.to.min(notes.until)) as f64 * self.step;
            let from = at(raw_gap.from).max(to - off.max(0.0)).min(to);
            let cause = match &self.causes {
                Ok(()) => Gap::cause_of(raw_gap, to - from),
                Err(_) => Cause::Unknown,
            };
            // Where nobody counts switches, every time away may have been one.
            let has_switched = cause != Cause::Interrupted;
            if matches!(cause, Cause::SwitchedOut | Cause::Throttled) || to - from >= self.shortest.0 {
                let [voluntary, involuntary] =
                    [raw_gap.voluntary, raw_gap.involuntary].map(|count| Count(u64::from(count)));
                gaps.push(Gap { from: Nanos(from), to: Nanos(to), cause, voluntary, involuntary });
            }
            if has_switched || (cpu != raw_gap.cpu && cpu != NOWHERE) {
                turn(cpu, since, from);
                since = to;
            }
            cpu = raw_gap.cpu;
        }
        turn(cpu, since, at(notes.until));
        let counted = |count: Count| self.causes.map(|()| count);
        Thread {
            name: name.to_owned(),
            tid: notes.tid,
            turns,
            gaps,
            until: Nanos(at(notes.until)),
            voluntary: counted(notes.voluntary),
            involuntary: counted(notes.involuntary),
            cpu_time: notes.cpu_time,
        }
    }

    /// Whether switches that no thread asked for are counted. Some kernels answer zero; threads that share a CPU then seem to
    /// run all the time, against the kernel's own account of it.
    pub(super) fn counts_switches(&self) -> Reading<()> {
        const NOTABLE: f64 = 1e7;
        self.causes?;
        let threads = self.threads.as_ref().map_err(Clone::clone)?;
        let away = |thread: &Thread| {
            let away = thread.ran().0 - thread.cpu_time.as_ref().map_or(f64::INFINITY, |time| time.0);
            (away > NOTABLE.max(0.1 * thread.until.0)).then_some(Nanos(away))
        };
        let is_counted = threads.iter().any(|thread| thread.involuntary != Ok(Count(0)));
        match threads.iter().find_map(away).filter(|_| !is_counted) {
            None => Ok(()),
            Some(away) => Err(Unavailable::because(format!(
                "a thread was off the CPU for {away}, and no switch was counted: this kernel counts only those that a \
                 thread asks for"
            ))),
        }
    }

    /// One of the threads, by its name.
    ///
    /// # Errors
    /// When nothing could be watched, or no thread has this name: the reason.
    pub fn thread(&self, name: &str) -> Reading<&Thread> {
        let threads = self.threads.as_ref().map_err(Clone::clone)?;
        threads
            .iter()
            .find(|thread| thread.name == name)
            .ok_or_else(|| Unavailable::because(format!("no thread named {name} was watched")))
    }

    /// The part of the time that a thread was on a CPU, as the kernel sees it: interruptions and what a hypervisor stole count
    /// as its own.
    ///
    /// # Errors
    /// As [`thread`](Self::thread).
    pub fn share(&self, name: &str) -> Reading<Share> {
        let thread = self.thread(name)?;
        Ok(Share(thread.ran().0 / thread.until.0.max(1.0)))
    }

    /// The share of the thread that was on a CPU for the least time.
    ///
    /// # Errors
    /// When nothing could be watched: the reason.
    pub fn least_share(&self) -> Reading<Share> {
        let threads = self.threads.as_ref().map_err(Clone::clone)?;
        let shares = threads.iter().map(|thread| thread.ran().0 / thread.until.0.max(1.0));
        Ok(Share(shares.fold(1.0, f64::min)))
    }

    /// The part that a thread got of the time that it and these others together were on a CPU: how they shared it out among
    /// themselves, whoever else was there.
    ///
    /// ```
    /// use helpers::{Compare, Share, millis, observe};
    /// let seen = observe(3).on_one_cpu().during(millis(50.0));
    /// // Does one of three get all of it?
    /// let part = seen.share_of("thread 1", ["thread 2", "thread 3"]);
    /// assert!(part.is_err() || part.at_most(Share(0.99)) == Ok(true), "{seen}");
    /// ```
    ///
    /// # Errors
    /// As [`thread`](Self::thread), and when none of them ran.
    pub fn share_of<'n>(&self, name: &str, others: impl IntoIterator<Item = &'n str>) -> Reading<Share> {
        let own = self.ran(name)?;
        let others = others.into_iter().filter(|other| *other != name);
        let rest: f64 = others.map(|other| self.ran(other).map(|ran| ran.0)).sum::<Reading<f64>>()?;
        Share::of(&Ok(own), &Ok(Nanos(own.0 + rest)))
    }

    /// How long a thread was on a CPU, as [`share`](Self::share) counts it.
    ///
    /// # Errors
    /// As [`thread`](Self::thread).
    pub fn ran(&self, name: &str) -> Reading<Nanos> {
        self.thread(name).map(Thread::ran)
    }

    /// How often a thread gave up its CPU by itself, as the kernel counts.
    ///
    /// # Errors
    /// As [`thread`](Self::thread), and where the kernel does not count it.
    pub fn voluntary(&self, name: &str) -> Reading<Count> {
        self.thread(name)?.voluntary
    }

    /// How often a thread was taken off its CPU, as the kernel counts.
    ///
    /// # Errors
    /// As [`voluntary`](Self::voluntary).
    pub fn involuntary(&self, name: &str) -> Reading<Count> {
        self.thread(name)?.involuntary
    }

    /// Both kinds of switches of a thread, as parts of a whole.
    pub fn switches(&self, name: &str) -> [(&'static str, Reading<Count>); 2] {
        [("voluntary", self.voluntary(name)), ("involuntary", self.involuntary(name))]
    }

    /// How long the turns of all threads were: those that began and ended while they were watched, each weighed by how long it
    /// was ([`Timing::weighed`]). A turn that a stranger cut short counts for the moment that it lasted.
    pub fn turns(&self) -> Timing {
        const NAME: &str = "turn on a CPU";
        match &self.threads {
            Err(reason) => Timing::unavailable(NAME, *reason),
            Ok(threads) => {
                let whole = |thread: &'_ Thread| {
                    let until = thread.until;
                    let whole = thread.turns.iter().filter(move |turn| turn.from.0 > 0.0 && turn.to < until);
                    whole.map(Turn::length).collect::<Vec<_>>()
                };
                Timing::weighed(NAME, &threads.iter().flat_map(whole).collect::<Vec<_>>())
            }
        }
    }
}

impl Thread {
    /// How long it was on a CPU, by what itself has seen.
    pub fn ran(&self) -> Nanos {
        Nanos(self.turns.iter().map(|turn| turn.length().0).sum())
    }

    /// The longest of its turns.
    pub(crate) fn longest_turn(&self) -> Nanos {
        Nanos(self.turns.iter().map(|turn| turn.length().0).fold(0.0, f64::max))
    }

    /// How often it went on on another CPU than before.
    ///
    /// # Errors
    /// Where a thread cannot tell on which CPU it is.
    pub fn migrations(&self) -> Reading<Count> {
        if self.turns.iter().any(|turn| turn.cpu.is_none()) {
            return Err(Unavailable::because("a thread cannot tell here on which CPU it is"));
        }
        let moved = self.turns.windows(2).filter(|pair| pair[0].cpu != pair[1].cpu);
        Ok(Count(moved.count() as u64))
    }
}

impl Display for Observation {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let threads = match &self.threads {
            Ok(threads) => threads,
            Err(reason) => return write!(out, "not watched: {reason}"),
        };
        for thread in threads {
            let Thread { name, turns, gaps, .. } = thread;
            let share = Share(thread.ran().0 / thread.until.0.max(1.0));
            write!(
                out,
                "{name}: on a CPU for {share} of {}, in {} turns",
                thread.until,
                Count(turns.len() as u64)
            )?;
            for cause in [Cause::SwitchedOut, Cause::Throttled, Cause::Interrupted, Cause::Unknown] {
                let of = || gaps.iter().filter(|gap| gap.cause == cause);
                if of().next().is_some() {
                    let time = Nanos(of().map(|gap| gap.length().0).sum());
                    write!(out, "; {cause} {} times, {time}", Count(of().count() as u64))?;
                }
            }
            match (&thread.voluntary, &thread.involuntary) {
                (Ok(voluntary), Ok(involuntary)) => {
                    writeln!(out, "; {voluntary} voluntary and {involuntary} involuntary switches")?;
                }
                (Err(reason), _) | (_, Err(reason)) => writeln!(out, "; switches unknown: {reason}")?,
            }
        }
        write!(out, "one look costs {}; gaps under {} are not seen", self.cost, self.shortest)
    }
}

#[cfg(test)]
mod tests;
