//! Claims about what a machine does when it is left alone, or what a rule says of it.

use super::evidence::decisive;
use super::{Claim, Estimate, Ruling, Verdict};
use crate::measure::Timing;
use crate::reading::{Reading, Unavailable};
use crate::statistics::Interval;
use crate::timeline::Observation;
use crate::units::{Nanos, Ratio, Share, Unit};

impl Claim {
    /// Looks at how many times as long the best run of one takes as the best of the other. Strangers only add time, and a short
    /// run escapes them now and then: as far as the three best of each agree, the ratio is known.
    ///
    /// ```
    /// use helpers::{Ruling, Timing, claim, millis};
    /// // Most runs of the second were disturbed. Is it twice as fast all the same?
    /// let one = Timing::of("one by one", &[millis(8.1), millis(8.0), millis(8.1), millis(12.0)]);
    /// let all = Timing::of("at once", &[millis(1.0), millis(9.0), millis(1.1), millis(1.0), millis(20.0)]);
    /// assert_eq!(claim("it is").best(&one, &all).at_least(4.0).ruling, Ruling::Shown);
    /// ```
    pub fn best(self, one: &Timing, other: &Timing) -> Estimate {
        Estimate::best(self, one, other)
    }

    /// Rules whether something holds up these runs for at least so long, more often than not, beside runs without it. Strangers
    /// make things later, and change what becomes ready together. So nothing is decided where they made the runs without it
    /// late too; and only where none of those was late, and none of these held up, it is refuted.
    ///
    /// ```
    /// use helpers::{Ruling, Timing, claim, millis};
    /// // A sleeper holds up a clock for 30 ms. Does it?
    /// let calm = Timing::of("calm", &[millis(2.0), millis(2.1), millis(2.2)]);
    /// let late = Timing::of("beside a sleeper", &[millis(29.0), millis(29.5), millis(41.0)]);
    /// assert_eq!(claim("it does").holds_up(&late, &calm, millis(20.0)).ruling, Ruling::Shown);
    /// assert_eq!(claim("it does").holds_up(&calm, &calm, millis(20.0)).ruling, Ruling::NotShown);
    /// ```
    pub fn holds_up(self, runs: &Timing, calm: &Timing, bound: Nanos) -> Verdict {
        let known =
            || -> Reading<_> { Ok((runs.median()?, calm.median()?, calm.quantile(1.0)?, time(bound)?)) };
        let (late, usual, worst, bound) = match known() {
            Ok(known) => known,
            Err(reason) => return self.unavailable(reason),
        };
        let held = runs.samples.iter().filter(|time| **time >= bound.0).count();
        let all = runs.samples.len();
        let found = format!("{}: {late}, held up in {held} of {all} runs. {}: {usual}", runs.name, calm.name);
        if late >= bound && usual.0 < bound.0 / 2.0 {
            self.ruled(Ruling::Shown, found)
        } else if held == 0 && worst.0 < bound.0 / 2.0 {
            self.ruled(Ruling::NotShown, found)
        } else {
            self.undecided(format!("{found}; others had the CPUs"))
        }
    }

    /// Rules whether something holds up these runs for *less* than so long. One run that is on time shows it. It is refuted only
    /// where all runs without it were on time, and so nobody else was in the way.
    ///
    /// ```
    /// use helpers::{Ruling, Timing, claim, millis};
    /// // Most runs of the cure were disturbed. Does it cure?
    /// let calm = Timing::of("calm", &[millis(2.0), millis(2.1), millis(19.0)]);
    /// let cured = Timing::of("cured", &[millis(22.0), millis(2.5), millis(41.0)]);
    /// assert_eq!(claim("it does").lets_go(&cured, &calm, millis(20.0)).ruling, Ruling::Shown);
    /// ```
    pub fn lets_go(self, runs: &Timing, calm: &Timing, bound: Nanos) -> Verdict {
        let known = || -> Reading<_> { Ok((runs.best()?, calm.quantile(1.0)?, time(bound)?)) };
        let (best, worst, bound) = match known() {
            Ok(known) => known,
            Err(reason) => return self.unavailable(reason),
        };
        let found = format!("{}: at best {best}. {}: at worst {worst}", runs.name, calm.name);
        match (best < bound, worst.0 < bound.0 / 2.0) {
            (true, _) => self.ruled(Ruling::Shown, found),
            (false, true) => self.ruled(Ruling::NotShown, found),
            (false, false) => self.undecided(format!("{found}; others had the CPUs")),
        }
    }

    /// Rules whether all threads but the named one have had that part of the CPU time which a rule says, to within `give`, in
    /// each of some observations. A turn more or less of somebody is chance: where the longest turn is more than `give` of what
    /// was had, or could bring the share back to the rule, nothing is decided.
    ///
    /// ```
    /// use helpers::{Observation, Ruling, Share, claim, millis, observe};
    /// // Two threads beside a third on one CPU: do they get two thirds?
    /// let three: Observation = observe(3).on_one_cpu().during(millis(100.0));
    /// let verdict = claim("they do").beside("thread 3", &[(&three, Share(2.0 / 3.0))], 0.07);
    /// assert_ne!(verdict.ruling, Ruling::NotShown, "{verdict}");
    /// ```
    pub fn beside(self, name: &str, seen: &[(&Observation, Share)], give: f64) -> Verdict {
        let known = |(seen, rule): &(&Observation, Share)| -> Reading<[f64; 3]> {
            Ok([seen.all_but(name)?.0, rule.0, seen.grain()?.0])
        };
        let known = tolerance(give).and_then(|()| seen.iter().map(known).collect::<Reading<Vec<_>>>());
        let known = match known {
            Ok(known) => known,
            Err(reason) => return self.unavailable(reason),
        };
        if known.iter().flatten().any(|number| number.is_nan()) {
            return self.unavailable("a share or its rule is no number");
        }
        let off = |[share, rule, _]: &[f64; 3]| (share - rule).abs();
        let Some(worst) = known.iter().max_by(|a, b| off(a).total_cmp(&off(b))) else {
            return self.unavailable("nothing was observed");
        };
        let found = format!(
            "All but {name} get {} where the rule says {}, and are nowhere farther from it",
            Share(worst[0]),
            Share(worst[1])
        );
        let coarse = known.iter().map(|[.., grain]| *grain).fold(0.0, f64::max);
        if known.iter().any(|one| off(one) - one[2] > give) {
            self.ruled(Ruling::NotShown, found)
        } else if off(worst) > give || coarse > give {
            let turn = Share(coarse);
            self.undecided(format!(
                "{found}; but one turn more or less is {turn} of all the CPU time that was had"
            ))
        } else {
            self.ruled(Ruling::Shown, found)
        }
    }

    /// Rules whether two of the threads were on a CPU at the same time, for a noticeable part of it. They may not have been
    /// because others had the CPUs; then nothing is decided.
    ///
    /// ```
    /// use helpers::{Observation, Ruling, claim, millis, observe};
    /// // Can two threads run at once on one CPU?
    /// let pair: Observation = observe(2).on_one_cpu().during(millis(50.0));
    /// assert_ne!(claim("they can").ran_together(&pair).ruling, Ruling::Shown);
    /// ```
    pub fn ran_together(self, seen: &Observation) -> Verdict {
        const NOTICEABLE: f64 = 0.002;
        let known = seen.running(2).and_then(|both| Ok((both, seen.running(1)?, seen.running(0)?)));
        match known {
            Err(reason) => self.unavailable(reason),
            Ok((both, ..)) if both.0 >= NOTICEABLE => {
                self.ruled(Ruling::Shown, format!("Two threads ran at the same time for {both} of it"))
            }
            Ok((both, one, none)) if none.0 + one.0 / 2.0 > 0.6 => self.undecided(format!(
                "Two threads ran at the same time for {both} of it, but others had the CPUs for most of it"
            )),
            Ok((both, ..)) => self
                .ruled(Ruling::NotShown, format!("Two threads ran at the same time for only {both} of it")),
        }
    }

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
        let times = tolerance(part).and_then(|()| runs.iter().map(times).collect::<Reading<Vec<_>>>());
        let times = match times {
            Ok(times) => times,
            Err(reason) => return self.unavailable(reason),
        };
        let low = times.iter().copied().fold(f64::INFINITY, f64::min);
        let high = times.iter().copied().fold(0.0, f64::max);
        if times.is_empty() || times.iter().any(|time| !(*time > 0.0 && time.is_finite())) {
            return self.unavailable("there is no time to hold against the model");
        }
        let ends = Interval { low, middle: low, high }.ends(Unit::Ratio);
        let found = match times.as_slice() {
            [one] => format!("The best run takes {} times as long as the model says", Ratio(*one)),
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

/// A time that something can be held up for.
fn time(bound: Nanos) -> Reading<Nanos> {
    decisive(bound.0)?;
    let none = || Unavailable::because(format!("nothing is held up for {bound}: name a time above zero"));
    (bound.0 > 0.0).then_some(bound).ok_or_else(none)
}

/// Whether something can be off by so much, and no more.
fn tolerance(part: f64) -> Reading<()> {
    let none = || Unavailable::because(format!("{part} is no tolerance: name a part such as 0.1"));
    (part >= 0.0 && part.is_finite()).then_some(()).ok_or_else(none)
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn lateness_is_held_against_runs_that_nobody_disturbed() {
        use Ruling::{NotShown, Shown, Undecided};

        let late = |best: f64| Timing::of("late", &[millis(best), millis(best + 1.0), millis(best + 30.0)]);
        let calm = |all: [f64; 3]| Timing::of("calm", &all.map(millis));
        let up = |best, all| claim("it holds up").holds_up(&late(best), &calm(all), millis(20.0)).ruling;
        let go = |best, all| claim("it lets go").lets_go(&late(best), &calm(all), millis(20.0)).ruling;
        let (quiet, crowded) = ([2.0, 2.0, 3.0], [15.0, 20.0, 40.0]);
        assert_eq!([up(29.0, quiet), up(29.0, crowded), up(2.0, crowded)], [Shown, Undecided, Undecided]);
        // On time in all runs but one, which was 30 ms late: that one is not nothing.
        assert_eq!([up(2.0, quiet), up(-20.0, quiet)], [Undecided, NotShown]);
        assert_eq!([go(2.0, crowded), go(29.0, crowded), go(29.0, quiet)], [Shown, Undecided, NotShown]);
        let missing = Timing::unavailable("late", Unavailable::because("no threads"));
        assert_eq!(claim("x").holds_up(&missing, &late(1.0), millis(1.0)).ruling, Ruling::Unavailable);
    }

    #[test]
    fn without_runs_or_without_a_model_there_is_no_ruling() {
        let missing = Timing::unavailable("runs", Unavailable::because("only one CPU"));
        let verdict = claim("it fits").fits(&[(&runs(1.0), millis(1.0)), (&missing, millis(1.0))], 0.1);
        assert_eq!((verdict.ruling, verdict.finding.held()), (Ruling::Unavailable, "only one CPU"));
        assert_eq!(claim("it fits").fits(&[], 0.1).ruling, Ruling::Unavailable);
        assert_eq!(claim("it fits").fits(&[(&runs(1.0), millis(0.0))], 0.1).ruling, Ruling::Unavailable);
        let some = [(&runs(1.0), millis(1.0)), (&runs(1.0), millis(f64::NAN))];
        assert_eq!(claim("it fits").fits(&some, 0.1).ruling, Ruling::Unavailable);
    }

    #[test]
    fn what_is_no_bound_and_no_tolerance_rules_nothing() {
        let (some, alone) = (runs(1.0), crate::timeline::observe(1).during(millis(5.0)));
        for odd in [f64::NAN, -1.0] {
            for verdict in [
                claim("x").fits(&[(&some, millis(1.0))], odd),
                claim("x").beside("another", &[(&alone, Share(1.0))], odd),
                claim("x").holds_up(&some, &some, Nanos(odd)),
                claim("x").lets_go(&some, &some, Nanos(odd)),
            ] {
                assert_eq!(verdict.ruling, Ruling::Unavailable, "{verdict}");
            }
        }
        let verdict = claim("x").beside("another", &[(&alone, Share(f64::NAN))], 0.1);
        assert_eq!(verdict.ruling, Ruling::Unavailable, "{verdict}");
    }
}
