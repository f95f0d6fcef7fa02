//! Who ran where and when: threads that watch themselves being scheduled, without privilege.
//!
//! A thread cannot see itself stop. But one that looks at the clock without pause can see that it *has* stopped: between two
//! looks lies more time than a look takes. How long such a gap is does not tell why it was (an interrupt can last longer
//! than another thread's turn), so after each the thread asks the kernel how often it has been switched
//! (`getrusage(2)`, `RUSAGE_THREAD`). If the count has moved, the thread was off its CPU, at least that often; if it has
//! not, something else had the CPU: an interrupt, a hypervisor. Where the cgroup has a quota, its `cpu.stat` tells whether
//! the gap was throttling. Held against the kernel's own record of its switches (the event `sched_switch`) by
//! `tests/timeline.rs`, which also says how far the beginnings and ends of gaps lie off.
//!
//! The clock is never read again after a gap was noted; doing so would lose what happens meanwhile ("hiccup" meters do).

mod beats;
mod overlap;
mod recorder;
mod seen;
mod tick;
mod turn;

use crate::clock::counter::{Anchor, Counter, Look, Steady};
use crate::lasting::Lasting;
use crate::ledger::counters::trust;
use crate::machine::barrier::together;
use crate::machine::cpus;
use crate::machine::placement::Placement;
use crate::proc::cgroup::Throttling;
use crate::reading::{Reading, Unavailable};
use crate::units::Nanos;
use recorder::{NOTABLE, Notes, Plan, RawGap, Recorder, Times, cost_of_a_look, cost_of_a_note, room};

pub use beats::Beats;
pub use seen::{Observation, Thread};
pub use turn::{Cause, Gap, Turn};

/// Gaps that are kept for each millisecond of each thread, where memory allows; ten times as many as are usual.
const GAPS: f64 = 20.0;
/// What all threads together may use for them.
const MEMORY: usize = 32 << 20;

/// Prepares to watch some threads, which do nothing but look at the clock, where the kernel puts them, unless told
/// otherwise. Nothing runs before [`Watch::during`].
///
/// ```
/// use helpers::{Observation, millis, observe};
/// // Do two threads that share one CPU run at the same time?
/// let seen: Observation = observe(2).on_one_cpu().during(millis(50.0));
/// if let (Ok(one), Ok(other)) = (seen.share("thread 1"), seen.share("thread 2")) {
///     assert!(one.0 + other.0 < 1.1, "{seen}");
/// }
/// ```
pub fn observe<'a>(threads: usize) -> Watch<'a> {
    let names = (1..=threads.min(MOST + 1)).map(|number| format!("thread {number}")).collect();
    Watch { names, place: Place::Anywhere, first: None, work: None }
}

/// More threads than this tell nobody anything.
const MOST: usize = 1024;
/// Longer than this no one waits for a picture.
const LONGEST: Nanos = Nanos(60e9);

/// Threads to be watched; see [`observe`].
pub struct Watch<'a> {
    names: Vec<String>,
    place: Place,
    first: Option<Box<dyn Fn(usize) + Sync + 'a>>,
    work: Option<Box<dyn Fn(usize) + Sync + 'a>>,
}

/// Where the threads are kept.
enum Place {
    Anywhere,
    OneCpu,
    Cpus(Placement),
}

impl<'a> Watch<'a> {
    /// Calls the threads by these names, in their order.
    pub fn named<'n>(mut self, names: impl IntoIterator<Item = &'n str>) -> Self {
        for (own, name) in self.names.iter_mut().zip(names) {
            name.clone_into(own);
        }
        self
    }

    /// Keeps all threads on one CPU: the last of those that this program may use.
    pub fn on_one_cpu(mut self) -> Self {
        self.place = Place::OneCpu;
        self
    }

    /// Keeps each thread on a CPU of its own, in this order; where there are more threads than CPUs, from the beginning.
    pub fn on_cpus(mut self, cpus: impl Into<Placement>) -> Self {
        self.place = Place::Cpus(cpus.into());
        self
    }

    /// What each thread does once before it is watched; it is told its number, counted from 0.
    pub fn first(mut self, act: impl Fn(usize) + Sync + 'a) -> Self {
        self.first = Some(Box::new(act));
        self
    }

    /// What each thread does again and again between two looks; it is told its number, counted from 0. The shorter this is,
    /// the closer one can look: the times off the CPU during one call are told by their sum, at the end of the call, and
    /// interruptions in it not at all. A call that does not return holds up the whole observation.
    pub fn doing(mut self, work: impl Fn(usize) + Sync + 'a) -> Self {
        self.work = Some(Box::new(work));
        self
    }

    /// Starts the threads, watches them for this time, and returns what was seen once all have ended.
    pub fn during(self, time: Nanos) -> Observation {
        match Counter::here() {
            Ok(counter) => self.watched_by(counter, time),
            Err(_) => self.watched_by(Steady::new(), time),
        }
    }

    fn watched_by(self, look: impl Look, time: Nanos) -> Observation {
        let throttling = Throttling::by_quota();
        let throttling = throttling.as_ref().map_err(|reason| *reason);
        let anchor = Anchor::drop(look);
        let (cost, note) = (cost_of_a_look(look), cost_of_a_note(throttling));
        let step = anchor.step(Anchor::drop(look)).0.max(1e-3);
        let shortest = Nanos(NOTABLE.0.max(4.0 * note.0));
        let causes = trust().all_switches();
        let most = MEMORY / self.names.len().max(1) / size_of::<RawGap>();
        let plan = Plan {
            work: self.work.as_deref(),
            notable: (shortest.0 / step) as u64,
            step,
            counts_switches: causes.is_ok(),
            room: most.min((time.0 / 1e6 * GAPS) as usize).max(256),
            throttling,
        };
        let mut seen = Observation {
            elapsed: time,
            threads: Ok(Lasting::default()),
            cost,
            shortest,
            causes,
            throttling: throttling.map(|_| ()),
            begun: 0,
            step,
        };
        match self.run(look, plan, time) {
            Err(reason) => seen.threads = Err(reason),
            Ok((Times { begin, end }, notes)) => {
                // Now that much time has passed, the length of a step is known far better.
                (seen.begun, seen.step) = (begin, anchor.step(Anchor::drop(look)).0);
                seen.elapsed = Nanos((end - begin) as f64 * seen.step);
                let threads = |seen: &Observation| -> Lasting<[Thread]> {
                    self.names.iter().zip(&notes).map(|(name, notes)| seen.thread_of(name, notes)).collect()
                };
                seen.threads = Ok(threads(&seen));
                seen.throttling = notes.iter().try_for_each(|notes| notes.throttling);
                if let Err(reason) = seen.counts_switches() {
                    seen.causes = Err(reason);
                    seen.threads = Ok(threads(&seen));
                }
            }
        }
        seen
    }

    fn cpus(&self) -> Reading<Vec<Option<usize>>> {
        let cpus = match &self.place {
            Place::Anywhere => return Ok(vec![None; self.names.len()]),
            Place::OneCpu => vec![*cpus::allowed()?.last().ok_or_else(no_cpu)?],
            Place::Cpus(cpus) => match cpus.reading()? {
                [] => return Err(no_cpu()),
                cpus => cpus.to_vec(),
            },
        };
        Ok(cpus.into_iter().map(Some).cycle().take(self.names.len()).collect())
    }

    /// Brings the threads up, lets them go together, and gathers what they noted, with the first and the last count.
    fn run(&self, look: impl Look, plan: Plan, time: Nanos) -> Reading<(Times, Vec<Notes>)> {
        if !(time.0 > 0.0 && time <= LONGEST) {
            return Err(Unavailable::because(format!("{time} cannot be watched: at most {LONGEST}")));
        }
        if self.names.is_empty() || self.names.len() > MOST {
            return Err(Unavailable::because(format!("1 to {MOST} threads can be watched")));
        }
        let ready = |number: usize| {
            if let Some(first) = &self.first {
                first(number);
            }
            Recorder::new(look, plan, room(plan.room))
        };
        let signal = || {
            let (begin, _) = look.look();
            Times { begin, end: begin + (time.0 / plan.step) as u64 }
        };
        together(&self.cpus()?, ready, signal, |number, recorder, times| recorder.record(times, number))
    }
}

fn no_cpu() -> Unavailable {
    Unavailable::because("no CPU to keep the threads on")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::millis;

    #[test]
    fn the_systems_clock_serves_as_well() {
        let seen = observe(3).watched_by(Steady::new(), millis(30.0));
        let threads = seen.threads.as_ref().unwrap();
        assert!((seen.step - 1.0).abs() < 0.01 && seen.cost > Nanos(0.0), "{seen:?}");
        assert!((seen.elapsed.0 / 30e6 - 1.0).abs() < 0.01, "{seen}");
        let ran: f64 = threads.iter().map(|thread| thread.ran().0).sum();
        assert!(ran > 0.0 && ran < 3.0 * seen.elapsed.0, "{seen}");
    }
}
