//! Claims about a number: its estimate with the interval, and the bound that decides.
//!
//! Longer than most modules here by its examples: each way to end an estimate shows its own.

use super::evidence::{decisive, ordered};
use super::wording::Kind;
use super::{Bound, Claim, Ruling, Verdict};
use crate::finding::{Words, finding};
use crate::measure::{Pair, Status, Timing};
use crate::reading::{Reading, Unavailable};
use crate::statistics::{Interval, interval_of, sorted};
use crate::timeline::Observation;
use crate::units::{Count, Nanos, Quantity, Unit};
use std::fmt::{self, Display, Formatter};

/// A claim with its estimate, waiting for the bound that decides. Shown as it is, it says what it has found so far and which
/// bound is missing.
#[must_use = "an estimate decides nothing before it has a bound: add .at_least(…), .at_most(…) or .within(…, …)"]
#[derive(Clone, PartialEq)]
pub struct Estimate(Box<Parts>);

#[derive(Clone, PartialEq)]
struct Parts {
    claim: Claim,
    known: Known,
    kind: Kind,
    template: String,
    otherwise: Option<String>,
    values: Vec<(String, Reading<String>)>,
    /// What strangers did to the control, where it does not let the claim be refuted.
    strangers: Option<String>,
}

/// What is known of the number.
#[derive(Clone, PartialEq)]
enum Known {
    Number(Interval),
    /// It was measured, but something speaks against relying on it.
    Doubtful(Interval, String),
    /// It was measured, but too coarsely to be one; and why.
    TooCoarse(String),
    Missing(Unavailable),
}

/// How many times the other the one is: both must take what the clock can tell.
fn times(one: &Timing, a: Interval, other: &Timing, b: Interval) -> Known {
    match [(one, a), (other, b)].into_iter().find(|(_, range)| range.middle <= 0.0) {
        Some((timing, _)) => too_short(timing),
        None => quotient(a, b).doubted([one.doubt(), other.doubt()]),
    }
}

fn too_short(timing: &Timing) -> Known {
    Known::TooCoarse(format!("{} takes less than the clock can tell", timing.name))
}

/// How many times the other the one is, as far as both are known.
fn quotient(a: Interval, b: Interval) -> Known {
    Known::Number(Interval {
        low: a.low.max(0.0) / b.high,
        middle: a.middle / b.middle,
        high: if b.low > 0.0 { a.high / b.low } else { f64::INFINITY },
    })
}

impl Known {
    fn doubted(self, doubts: [Option<&str>; 2]) -> Self {
        match (self, doubts.into_iter().flatten().next()) {
            (Self::Number(range), Some(doubt)) => Self::Doubtful(range, doubt.to_owned()),
            (known, _) => known,
        }
    }
}

impl Estimate {
    fn new(claim: Claim, kind: Kind, known: Reading<Known>, template: &str) -> Self {
        let known = known.unwrap_or_else(Known::Missing);
        let known = match known {
            Known::Number(range)
                if !range.middle.is_finite() || range.low.is_nan() || range.high.is_nan() =>
            {
                Known::TooCoarse("what was measured makes no number".to_owned())
            }
            known => known,
        };
        let (template, otherwise, values) = (template.to_owned(), None, Vec::new());
        Self(Box::new(Parts { claim, known, kind, template, otherwise, values, strangers: None }))
    }

    fn value(mut self, name: &str, words: &dyn Words) -> Self {
        self.0.values.push((name.to_owned(), words.words()));
        self
    }

    pub(super) fn ratio(claim: Claim, one: &Timing, other: &Timing) -> Self {
        let known = one.range().and_then(|a| Ok(times(one, a, other, other.range()?)));
        let estimate = Self::new(claim, Kind::Ratio, known, "{a}: {ratio} times as long as {b}");
        estimate.value("a", &one.name).value("b", &other.name)
    }

    /// Strangers only add time. So where they were noticed, it takes no longer than the median says, and no less than the
    /// quickest sample; and what lies between is open.
    pub(super) fn time(claim: Claim, timing: &Timing) -> Self {
        let known = timing.range().map(|range| match (range.middle, &timing.status) {
            (middle, _) if middle <= 0.0 => too_short(timing),
            (_, Status::Disturbed(_)) => {
                let low = timing.best().map_or(range.low, |best| best.0.min(range.low));
                Known::Number(Interval { low, ..range })
            }
            _ => Known::Number(range).doubted([timing.doubt(), None]),
        });
        Self::new(claim, Kind::Reading(Unit::Time), known, "{a} takes {value}").value("a", &timing.name)
    }

    pub(super) fn best(claim: Claim, one: &Timing, other: &Timing) -> Self {
        let range = |timing: &Timing| {
            timing.median()?;
            let times = sorted(&timing.samples);
            let (best, third) = (times[0], times[2.min(times.len() - 1)]);
            Ok(Interval { low: best, middle: best, high: third })
        };
        let known = range(one).and_then(|a| Ok(times(one, a, other, range(other)?)));
        let template = "{a}: the best run takes {ratio} times as long as that of {b}";
        Self::new(claim, Kind::Ratio, known, template).value("a", &one.name).value("b", &other.name)
    }

    pub(super) fn tail(claim: Claim, timing: &Timing, p: f64) -> Self {
        let known = timing.range().and_then(|middle| {
            let rare = rare(timing, p)?;
            Ok(if middle.low > 0.0 {
                Known::Number(Interval {
                    low: rare.low / middle.high,
                    middle: rare.middle / middle.middle,
                    high: rare.high / middle.low,
                })
            } else {
                too_short(timing)
            })
        });
        let template = "{a}: 1 in {n} takes at least {ratio} times the median";
        let one_in = Count((1.0 / (1.0 - p)).round() as u64);
        Self::new(claim, Kind::Ratio, known, template).value("a", &timing.name).value("n", &one_in)
    }

    pub(super) fn reading<Q: Quantity>(claim: Claim, reading: &Reading<Q>) -> Self {
        let known = reading.map(|value| {
            let size = value.size();
            Known::Number(Interval { low: size, middle: size, high: size })
        });
        Self::new(claim, Kind::Reading(Q::UNIT), known, "It is {value}")
    }

    pub(super) fn ran(claim: Claim, seen: &Observation, one: &str, other: &str) -> Self {
        let range = |name: &str| {
            let (ran, turn) = (seen.ran(name)?.0, seen.thread(name)?.longest_turn().0);
            Ok(Interval { low: ran - turn, middle: ran, high: ran + turn })
        };
        let known = range(one).and_then(|a| range(other).map(|b| (a, b))).map(|(a, b)| match b.middle {
            middle if middle > 0.0 => quotient(a, b),
            _ => Known::TooCoarse(format!("{other} did not run")),
        });
        let estimate = Self::new(claim, Kind::Ratio, known, "{a} ran {ratio} times as long as {b}");
        estimate.value("a", &one).value("b", &other)
    }

    pub(super) fn difference(claim: Claim, pair: &Pair) -> Self {
        let least = pair.resolution().0;
        let known = pair.range().map(|range| {
            let known = Known::Number(if range.middle.abs() < least {
                // What lies below the clock's own steps may lie on either side of nothing.
                Interval { low: range.low.min(-least), high: range.high.max(least), ..range }
            } else {
                range
            });
            known.doubted([pair.first.doubt(), pair.second.doubt()])
        });
        let estimate = Self::new(claim, Kind::Difference(least), known, "{b}: {difference} than {a}");
        estimate.value("a", &pair.first.name).value("b", &pair.second.name)
    }

    /// The finding in other words: a template as for [`finding`](fn@finding), with `{a}` and `{b}` for the names in the
    /// order they were given, and `{ratio}` or, of a pair, `{difference}`: `90.0 ns longer`. It is the finding whatever the
    /// ruling, unless [`otherwise`](Self::otherwise) has another one.
    ///
    /// ```
    /// use helpers::{claim, measure};
    /// // How does a finding read best?
    /// let (copy, parse) = (measure("copy", || 42_u64), measure("parse", || "42".parse::<u64>()));
    /// let verdict = claim("parsing is work").ratio(&parse, &copy).worded("A {a} is worth {ratio} {b}s").at_least(0.0);
    /// assert!(verdict.finding.starts_with("A parse is worth "));
    /// ```
    pub fn worded(mut self, template: impl Into<String>) -> Self {
        self.0.template = template.into();
        self
    }

    /// The finding where the claim is not shown, as a template like that of [`worded`](Self::worded).
    pub fn otherwise(mut self, template: impl Into<String>) -> Self {
        self.0.otherwise = Some(template.into());
        self
    }

    /// One more value that the templates may name.
    pub fn with(self, name: &str, value: &dyn Words) -> Self {
        self.value(name, value)
    }

    /// A control: the same without what the claim puts something down to. Where even that came to `bound` or more once, strangers
    /// can have done what would refute the claim, and it stays undecided.
    ///
    /// ```
    /// use helpers::{Ruling, Timing, claim, millis};
    /// // Does a hog hold up a task four times as long as a thread? Here others hold up everybody.
    /// let times = |name: &str, time: f64| Timing::of(name, &[millis(time), millis(1.1 * time), millis(1.2 * time)]);
    /// let (task, thread, alone) = (times("task", 32.0), times("thread", 31.0), times("a thread alone", 24.0));
    /// let verdict = claim("it does").ratio(&task, &thread).control(&alone, millis(4.0)).at_least(4.0);
    /// assert_eq!(verdict.ruling, Ruling::Undecided);
    /// ```
    pub fn control(mut self, control: &Timing, bound: Nanos) -> Self {
        self.0.strangers = match control.quantile(1.0) {
            Ok(worst) if worst < bound => None,
            Ok(worst) => Some(format!("{} came to {worst} too: others had the CPUs", control.name)),
            Err(reason) => Some(format!("there is no control: {reason}")),
        };
        self
    }

    fn sentence(&self, template: &str, number: &str) -> Reading<String> {
        let number = number.to_owned();
        let mut values: Vec<(&str, &dyn Words)> = vec![(self.0.kind.name(), &number)];
        values.extend(self.0.values.iter().map(|(name, words)| (name.as_str(), words as &dyn Words)));
        finding(template, &values).sentence()
    }

    /// What was found, for a ruling.
    fn found(&self, ruling: Ruling, range: Interval) -> Reading<String> {
        let Parts { kind, template, otherwise, .. } = &*self.0;
        let template = match (ruling, otherwise) {
            (Ruling::NotShown, Some(otherwise)) => otherwise,
            _ => template,
        };
        match kind {
            Kind::Difference(least) if range.middle.abs() < *least => {
                self.sentence("{a} and {b} differ by less than the clock can tell", "")
            }
            _ if ruling == Ruling::Undecided => self.sentence(template, &kind.middle(range)),
            _ => self.sentence(template, &kind.words(range)),
        }
    }

    /// Shown when the whole interval lies at or above `bound`: a number, a quantity, or a reading of one.
    pub fn at_least(self, bound: impl Bound) -> Verdict {
        self.decide(bound.bound(), Ok(f64::INFINITY))
    }

    /// Shown when the whole interval lies at or below `bound`.
    pub fn at_most(self, bound: impl Bound) -> Verdict {
        self.decide(Ok(f64::NEG_INFINITY), bound.bound())
    }

    /// Shown when the whole interval lies between these two, and not shown when all of it lies outside.
    pub fn within(self, low: impl Bound, high: impl Bound) -> Verdict {
        self.decide(low.bound(), high.bound())
    }

    fn decide(self, low: Reading<f64>, high: Reading<f64>) -> Verdict {
        let bounds = low.and_then(|low| ordered(decisive(low)?, decisive(high?)?));
        let (range, (least, most)) = match (self.0.known.clone(), bounds) {
            (Known::Missing(reason), _) | (_, Err(reason)) => return self.0.claim.unavailable(reason),
            (Known::TooCoarse(why), Ok(_)) => return self.0.claim.undecided(why),
            (Known::Doubtful(range, doubt), Ok(_)) => {
                return match self.found(Ruling::Undecided, range) {
                    Ok(found) => self.0.claim.undecided(format!("{found}, but {doubt}")),
                    Err(reason) => self.0.claim.unavailable(reason),
                };
            }
            (Known::Number(range), Ok(bounds)) => (range, bounds),
        };
        let ruling = if range.low >= least && range.high <= most {
            Ruling::Shown
        } else if range.high < least || range.low > most {
            Ruling::NotShown
        } else {
            Ruling::Undecided
        };
        match self.found(ruling, range) {
            Err(reason) => self.0.claim.unavailable(reason),
            Ok(found) if ruling == Ruling::Undecided => {
                let ends = self.0.kind.ends(range);
                self.0.claim.undecided(format!("{found}, but anything from {ends} fits this run"))
            }
            Ok(found) => match self.0.strangers {
                Some(strangers) if ruling == Ruling::NotShown => {
                    self.0.claim.undecided(format!("{found}, but {strangers}"))
                }
                _ => self.0.claim.ruled(ruling, found),
            },
        }
    }
}

/// The quantile `p` of a timing with its interval: what a rare call takes at least.
fn rare(timing: &Timing, p: f64) -> Reading<Interval> {
    if !(p > 0.0 && p < 1.0) {
        return Err(Unavailable::because(
            "a tail begins between 0 and 1: at 0.999 for one call in a thousand",
        ));
    }
    let ascending = sorted(&timing.samples);
    let fewest = (1.0 / (1.0 - p)).ceil();
    if (ascending.len() as f64) < fewest {
        let (n, fewest) = (Count(ascending.len() as u64), Count(fewest as u64));
        return Err(Unavailable::because(format!(
            "so rare a call takes {fewest} samples to be seen, and there are {n}"
        )));
    }
    let (low, high) = interval_of(&ascending, p);
    let at = |place: Option<usize>| place.map(|place| ascending[place]);
    Ok(Interval {
        low: at(low).unwrap_or(ascending[0]),
        middle: timing.quantile(p)?.0,
        high: at(high).unwrap_or(f64::INFINITY),
    })
}

impl Display for Estimate {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let Parts { claim, known, kind, template, .. } = &*self.0;
        write!(out, "not ruled on: {}. ", claim.text)?;
        match known {
            Known::Missing(reason) => write!(out, "It could not be measured here: {reason}. ")?,
            Known::TooCoarse(why) => write!(out, "It was not measured well enough: {why}. ")?,
            Known::Doubtful(_, doubt) => write!(out, "It is doubtful: {doubt}. ")?,
            Known::Number(range) if range.low.total_cmp(&range.high).is_eq() => {
                match self.sentence(template, &kind.middle(*range)) {
                    Ok(found) => write!(out, "{found}. ")?,
                    Err(reason) => write!(out, "It could not be measured here: {reason}. ")?,
                }
            }
            Known::Number(range) => match self.sentence(template, &kind.middle(*range)) {
                Ok(found) => write!(out, "{found}; anything from {} fits this run. ", kind.ends(*range))?,
                Err(reason) => write!(out, "It could not be measured here: {reason}. ")?,
            },
        }
        let example = kind.bounds();
        write!(out, "The bound that decides is missing: add one, such as {example}.")
    }
}
