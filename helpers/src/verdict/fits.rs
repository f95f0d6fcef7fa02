//! Claims that a model says how long something takes.

use super::{Claim, Ruling, Verdict};
use crate::measure::Timing;
use crate::statistics::Interval;
use crate::units::{Nanos, Unit};

impl Claim {
    /// Rules whether a model says how long some short runs take, to within `part` of it: the best run of each timing is held
    /// against what the model says of it.
    ///
    /// Strangers who want the same CPUs only ever add time. So a run that is *faster* than the model by more than that refutes
    /// it, and one that is slower leaves it undecided.
    ///
    /// ```
    /// use helpers::{Ruling, Timing, claim, millis};
    /// // Ten beers at 2 ms each. Does it come out?
    /// let evening = Timing::of("ten beers", &[millis(21.0), millis(35.0), millis(20.4)]);
    /// let ruled = |model| claim("the model is right").fits(&[(&evening, millis(model))], 0.1).ruling;
    /// assert_eq!(ruled(20.0), Ruling::Shown);
    /// assert_eq!([ruled(15.0), ruled(30.0)], [Ruling::Undecided, Ruling::NotShown]);
    /// ```
    pub fn fits(self, runs: &[(&Timing, Nanos)], part: f64) -> Verdict {
        let times = |(timing, model): &(&Timing, Nanos)| timing.best().map(|best| best.0 / model.0);
        let times: Vec<f64> = match runs.iter().map(times).collect() {
            Ok(times) => times,
            Err(reason) => return self.unavailable(reason),
        };
        let low = times.iter().copied().fold(f64::INFINITY, f64::min);
        let high = times.iter().copied().fold(0.0, f64::max);
        if times.is_empty() || !(low > 0.0 && high.is_finite()) {
            return self.unavailable("there is no time to hold against the model");
        }
        let ends = Interval { low, middle: low, high }.ends(Unit::Ratio);
        let found = match times.as_slice() {
            [_] => format!("The best run takes {ends} times as long as the model says"),
            _ => format!("The best runs take {ends} times as long as the model says"),
        };
        if low < 1.0 - part {
            self.ruled(Ruling::NotShown, found)
        } else if high > 1.0 + part {
            self.undecided(format!("{found}: the model is wrong, or others used the CPUs in every run"))
        } else {
            self.ruled(Ruling::Shown, found)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Unavailable;
    use crate::units::millis;
    use crate::verdict::claim;

    fn runs(best: f64) -> Timing {
        Timing::of("runs", &[millis(3.0 * best), millis(best), millis(7.0 * best)])
    }

    #[test]
    fn strangers_can_leave_a_model_undecided_but_never_refute_it() {
        let fits = |times: &[f64]| {
            let timings: Vec<Timing> = times.iter().map(|time| runs(*time)).collect();
            let pairs: Vec<(&Timing, Nanos)> = timings.iter().map(|timing| (timing, millis(1.0))).collect();
            claim("it fits").fits(&pairs, 0.1)
        };
        assert_eq!(fits(&[0.95, 1.0, 1.09]).ruling, Ruling::Shown);
        assert_eq!(fits(&[0.95, 1.0, 1.5]).ruling, Ruling::Undecided);
        // Whatever the strangers do to the others: nobody can be faster than the model by their doing.
        assert_eq!(fits(&[0.5, 1.0, 9.0]).ruling, Ruling::NotShown);
        assert!(fits(&[1.05]).finding.starts_with("The best run takes 1.05 times"), "{}", fits(&[1.05]));
    }

    #[test]
    fn without_runs_or_without_a_model_there_is_no_ruling() {
        let missing = Timing::unavailable("runs", Unavailable::because("only one CPU"));
        let verdict = claim("it fits").fits(&[(&runs(1.0), millis(1.0)), (&missing, millis(1.0))], 0.1);
        assert_eq!((verdict.ruling, verdict.finding.as_str()), (Ruling::Unavailable, "only one CPU"));
        assert_eq!(claim("it fits").fits(&[], 0.1).ruling, Ruling::Unavailable);
        assert_eq!(claim("it fits").fits(&[(&runs(1.0), millis(0.0))], 0.1).ruling, Ruling::Unavailable);
    }
}
