//! The timer, found by what it interrupts.

use super::{Observation, Thread};
use crate::reading::{Reading, Unavailable};
use crate::units::Nanos;
use std::f64::consts::TAU;

impl Observation {
    /// The period of the timer that interrupts a busy CPU: of those that kernels are built with, the longest that the
    /// beginnings of the gaps keep to. Judged by how closely they lie together on a clock face of that period (the mean
    /// resultant length of K. Mardia and P. Jupp, *Directional Statistics*, 2000, section 2.3), which is 1 when all lie at
    /// one hour and near 0 when they are spread evenly. Where ticks are too short to be seen, what is found is the period of
    /// the switches.
    ///
    /// # Errors
    /// When nothing could be watched, or the gaps keep to none of the periods.
    pub fn tick(&self) -> Reading<Nanos> {
        // Weak, as beside much other work, but too strong for chance: of 14 and more, which chance reaches once in a million
        // (Rayleigh's test, section 6.3.1 there).
        const CLOSE: f64 = 0.25;
        const STRONG: f64 = 14.0;
        const FEWEST: usize = 15;
        let threads = self.threads.as_ref().map_err(Clone::clone)?;
        // Each CPU's timer has its own hour.
        let place = |thread: &Thread, from: Nanos| {
            let turn = thread.turns.get(thread.turns.partition_point(|turn| turn.to < from))?;
            turn.cpu.filter(|_| turn.from <= from && from.0 > 0.0)
        };
        let placed = |thread: &'_ Thread| -> Vec<(usize, Nanos)> {
            let gaps = thread.gaps.iter().map(|gap| gap.from);
            gaps.filter_map(|from| Some((place(thread, from)?, from))).collect()
        };
        let mut gaps: Vec<(usize, Nanos)> = threads.iter().flat_map(placed).collect();
        gaps.sort_by_key(|(cpu, _)| *cpu);
        let faces: Vec<&[(usize, Nanos)]> =
            gaps.chunk_by(|one, next| one.0 == next.0).filter(|gaps| gaps.len() >= FEWEST).collect();
        let keep_to = |period: f64| {
            faces.iter().all(|gaps| {
                let angles = gaps.iter().map(|(_, from)| TAU * from.0 / period);
                let (x, y) = angles.fold((0.0, 0.0), |(x, y), angle| (x + angle.cos(), y + angle.sin()));
                let closeness = x.hypot(y) / gaps.len() as f64;
                closeness >= CLOSE && gaps.len() as f64 * closeness * closeness >= STRONG
            })
        };
        let periods = [100.0, 250.0, 300.0, 1000.0].map(|hertz| 1e9 / hertz);
        if faces.is_empty() {
            return Err(Unavailable::because("too few gaps on a CPU that can be named"));
        }
        let found = periods.into_iter().find(|period| keep_to(*period)).map(Nanos);
        found.ok_or_else(|| Unavailable::because("the gaps keep to no timer's period"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Cause, Gap, Turn};
    use super::*;
    use crate::units::{Count, millis};

    fn tick(beginnings: &[u64]) -> Reading<Nanos> {
        let (from, none) = (|at: u64| Nanos(at as f64), Count(0));
        let gap = |at: &u64| Gap {
            from: from(*at),
            to: from(*at + 5_000),
            cause: Cause::Interrupted,
            voluntary: none,
            involuntary: none,
        };
        let thread = Thread {
            name: "thread".to_owned(),
            tid: 0,
            turns: vec![Turn { cpu: Some(1), from: Nanos(0.0), to: millis(1000.0) }],
            gaps: beginnings.iter().map(gap).collect(),
            until: millis(1000.0),
            voluntary: Ok(none),
            involuntary: Ok(none),
            cpu_time: Ok(millis(1000.0)),
        };
        let (elapsed, cost, shortest) = (millis(1000.0), Nanos(20.0), Nanos(2_000.0));
        let (threads, causes, throttling) = (Ok(vec![thread].into()), Ok(()), Ok(()));
        Observation { elapsed, threads, cost, shortest, causes, throttling, begun: 0, step: 1.0 }.tick()
    }

    #[test]
    fn the_longest_period_that_fits_is_the_tick() {
        let every = |period: u64| (1..25).map(|n| n * period + 700_000).collect::<Vec<_>>();
        assert_eq!(tick(&every(4_000_000)), Ok(millis(4.0)));
        assert_eq!(tick(&every(1_000_000)), Ok(millis(1.0)));
        assert_eq!(tick(&every(10_000_000)), Ok(millis(10.0)));
        assert!(tick(&every(2_345_678)).is_err() && tick(&every(4_000_000)[..5]).is_err());
    }

    #[test]
    fn a_tick_is_found_among_as_many_other_gaps() {
        let ticks = (1..50).map(|n| n * 4_000_000);
        let others = (1..50).map(|n| n * 3_456_789 % 200_000_000);
        assert_eq!(tick(&ticks.chain(others).collect::<Vec<_>>()), Ok(millis(4.0)));
    }
}
