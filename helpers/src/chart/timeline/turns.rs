//! An observation as a timeline.

use super::{Timeline, timeline};
use crate::timeline::{Cause, Observation, Thread};
use crate::units::{Count, Nanos};

/// Starts a timeline of threads that were watched: who ran where and when. What a quota or an interruption took away has a
/// colour of its own; an interruption too short to be seen at this scale stays part of its turn.
///
/// ```
/// use helpers::{chart, millis, observe};
/// // Who runs when two threads want one CPU?
/// let seen = observe(2).on_one_cpu().during(millis(20.0));
/// let figure = chart::turns(&seen).figure();
/// assert!(figure.text.contains("a look costs") || seen.threads.is_err());
/// ```
pub fn turns(seen: &Observation) -> Timeline {
    let chart = timeline(seen.elapsed);
    match &seen.threads {
        Err(reason) => chart.unavailable("threads", reason),
        Ok(threads) => {
            let known = threads
                .iter()
                .filter_map(|thread| Some(thread.voluntary.ok()?.0 + thread.involuntary.ok()?.0));
            let switches = match &seen.causes {
                Ok(()) => format!("{} switches", Count(known.sum())),
                Err(reason) => format!("why a thread was away is unknown: {reason}"),
            };
            let chart = threads.iter().fold(chart, |chart, thread| drawn(chart, thread, seen.elapsed));
            chart.condition(switches).condition(format!("a look costs {}", seen.cost))
        }
    }
}

/// The lane of one thread.
fn drawn(mut chart: Timeline, thread: &Thread, elapsed: Nanos) -> Timeline {
    const SEEN: f64 = 500.0;
    let is_seen = |length: Nanos| length.0 * SEEN >= elapsed.0;
    let mut breaks = thread
        .gaps
        .iter()
        .filter(|gap| match gap.cause {
            Cause::SwitchedOut => false,
            Cause::Throttled => true,
            Cause::Unknown => is_seen(gap.length()),
        })
        .peekable();
    let run = |chart: Timeline, cpu: Option<usize>, from, to| match cpu {
        Some(cpu) => chart.turn(&thread.name, cpu, from, to),
        None => chart.interval(&thread.name, &thread.name, from, to),
    };
    for turn in &thread.turns {
        let mut from = turn.from;
        while let Some(gap) = breaks.next_if(|gap| gap.from < turn.to) {
            if gap.from > from {
                chart = run(chart, turn.cpu, from, gap.from);
            }
            chart = chart.interval(&thread.name, &gap.cause.to_string(), gap.from, gap.to);
            from = if gap.to > from { gap.to } else { from };
        }
        if turn.to > from {
            chart = run(chart, turn.cpu, from, turn.to);
        }
    }
    for gap in breaks {
        chart = chart.interval(&thread.name, &gap.cause.to_string(), gap.from, gap.to);
    }
    if thread.until < elapsed {
        chart = chart.interval(&thread.name, "no room to note more", thread.until, elapsed);
    }
    chart
}
