//! Who ran at the same time, and what a group had of the whole.

use super::seen::{Observation, Thread};
use crate::reading::Reading;
use crate::units::Share;

impl Observation {
    /// The share of the time in which exactly so many of the threads were on a CPU at once, by their [turns](Thread::turns).
    ///
    /// ```
    /// use helpers::{Observation, millis, observe};
    /// // One CPU, two threads. For how long do both run?
    /// let pair: Observation = observe(2).on_one_cpu().during(millis(30.0));
    /// assert!(pair.running(2).map_or(true, |both| both.0 < 0.01));
    /// ```
    ///
    /// # Errors
    /// When nothing could be watched: the reason.
    pub fn running(&self, threads: usize) -> Reading<Share> {
        let seen = self.threads.as_ref().map_err(Clone::clone)?;
        let until = seen.iter().map(|thread| thread.until.0).fold(f64::INFINITY, f64::min);
        // Where two meet, the one that ends goes first: no instant belongs to both.
        let turns = seen.iter().flat_map(|thread| &thread.turns);
        let mut steps: Vec<(f64, isize)> =
            turns.flat_map(|turn| [(turn.from.0.min(until), 1), (turn.to.0.min(until), -1)]).collect();
        steps.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        steps.push((until, 0));
        let (mut now, mut since, mut time) = (0, 0.0, 0.0);
        for (at, step) in steps {
            if usize::try_from(now) == Ok(threads) {
                time += at - since;
            }
            (now, since) = (now + step, at);
        }
        Ok(Share(if until > 0.0 && until.is_finite() { time / until } else { 0.0 }))
    }

    /// What all the other threads together had of the CPU time that was had at all.
    ///
    /// ```
    /// use helpers::{Observation, millis, observe};
    /// // Three threads beside a fourth, on one CPU. What do the three get?
    /// let four: Observation = observe(4).on_one_cpu().during(millis(60.0));
    /// let three = four.all_but("thread 4");
    /// assert!(three.map_or(true, |three| (0.2..=1.0).contains(&three.0)));
    /// ```
    ///
    /// # Errors
    /// When nothing could be watched, or no thread has this name: the reason.
    pub fn all_but(&self, name: &str) -> Reading<Share> {
        let own = self.ran(name)?;
        let threads = self.threads.as_ref().map_err(Clone::clone)?;
        let all: f64 = threads.iter().map(|thread| Thread::ran(thread).0).sum();
        Ok(Share(1.0 - own.0 / all.max(1.0)))
    }

    /// The longest turn, as a part of the CPU time that was had at all: no share is known more closely.
    ///
    /// # Errors
    /// When nothing could be watched: the reason.
    pub(crate) fn grain(&self) -> Reading<Share> {
        let threads = self.threads.as_ref().map_err(Clone::clone)?;
        let longest = threads.iter().map(|thread| thread.longest_turn().0).fold(0.0, f64::max);
        let all: f64 = threads.iter().map(|thread| Thread::ran(thread).0).sum();
        Ok(Share(longest / all.max(1.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::turn::Turn;
    use super::*;
    use crate::reading::Unavailable;
    use crate::units::{Nanos, nanos};

    fn seen(turns: &[&[(f64, f64)]]) -> Observation {
        let thread = |(number, turns): (usize, &&[(f64, f64)])| Thread {
            name: format!("thread {number}"),
            tid: 0,
            turns: turns
                .iter()
                .map(|(from, to)| Turn { cpu: None, from: nanos(*from), to: nanos(*to) })
                .collect(),
            gaps: Vec::new(),
            until: nanos(100.0),
            voluntary: Err(Unavailable::because("not counted")),
            involuntary: Err(Unavailable::because("not counted")),
            cpu_time: Ok(nanos(0.0)),
        };
        Observation {
            elapsed: nanos(100.0),
            threads: Ok(turns.iter().enumerate().map(thread).collect()),
            cost: Nanos(1.0),
            shortest: Nanos(1.0),
            causes: Ok(()),
            throttling: Ok(()),
            begun: 0,
            step: 1.0,
        }
    }

    #[test]
    #[allow(clippy::float_cmp, reason = "known answers are exact")]
    fn turns_that_only_touch_are_never_together() {
        let turns = seen(&[&[(0.0, 20.0), (60.0, 90.0)], &[(20.0, 60.0), (90.0, 100.0)]]);
        assert_eq!([0, 1, 2].map(|n| turns.running(n).unwrap().0), [0.0, 1.0, 0.0]);
    }

    #[test]
    fn every_instant_has_one_number_of_threads() {
        let three = seen(&[&[(10.0, 50.0)], &[(20.0, 70.0), (80.0, 100.0)], &[(40.0, 45.0)]]);
        let shares = [0, 1, 2, 3].map(|n| three.running(n).unwrap().0);
        for (share, known) in shares.iter().zip([0.20, 0.50, 0.25, 0.05]) {
            assert!((share - known).abs() < 1e-9, "{shares:?}");
        }
    }

    #[test]
    fn a_group_has_what_one_has_not() {
        let three = seen(&[&[(0.0, 25.0)], &[(25.0, 50.0)], &[(50.0, 100.0)]]);
        assert!((three.all_but("thread 2").unwrap().0 - 0.5).abs() < 1e-9);
        assert!(three.all_but("nobody").is_err());
    }

    #[test]
    fn what_was_not_watched_has_no_share() {
        let mut none = seen(&[]);
        assert_eq!(none.running(0), Ok(Share(0.0)));
        none.threads = Err(Unavailable::because("no CPU to keep the threads on"));
        assert!(none.running(2).is_err() && none.all_but("thread 0").is_err());
    }
}
