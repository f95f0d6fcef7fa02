//! Rulings on claims: shown, not shown, undecided, unavailable. Computed from what was measured, never typed.

use crate::finding::{Finding, Told, finding};
use crate::measure::{Pair, Timing};
use crate::reading::Reading;
use crate::statistics::Interval;
use crate::units::{Count, Nanos, Ratio};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};
use std::sync::{Mutex, PoisonError};

/// How a claim came out on this machine, in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ruling {
    /// Measured, and it holds here.
    Shown,
    /// Measured, and it does not hold here.
    NotShown,
    /// Measured, but too noisy to tell.
    Undecided,
    /// Cannot be measured here.
    Unavailable,
}

impl Display for Ruling {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        out.pad(match self {
            Self::Shown => "shown",
            Self::NotShown => "not shown",
            Self::Undecided => "undecided",
            Self::Unavailable => "unavailable",
        })
    }
}

/// A claim with its ruling and the finding that led to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// What was claimed.
    pub claim: String,
    /// How it came out.
    pub ruling: Ruling,
    /// What was found, with its numbers; or why nothing could be.
    pub finding: String,
}

impl Verdict {
    /// The sentence that stands over a chart: the finding, or that there is none.
    pub fn headline(&self) -> String {
        match self.ruling {
            Ruling::Shown | Ruling::NotShown => self.finding.clone(),
            Ruling::Undecided => format!("Undecided: {}", self.finding),
            Ruling::Unavailable => format!("Not measured here: {}", self.finding),
        }
    }
}

impl Display for Verdict {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        write!(out, "{}: {}. {}.", self.ruling, self.claim, self.finding)
    }
}

/// Every ruling so far, in the order of the claims; of a claim that was ruled on more than once, the last. The kernel loads
/// this crate once, so a notebook's last cell sees what all its cells have ruled.
///
/// ```
/// use helpers::{Ruling, claim, rulings};
/// // It was noisy at first. What stands in the end?
/// claim("light is fast").undecided("too noisy");
/// claim("light is fast").holds(true, "300 m in 1 µs");
/// assert_eq!(rulings().iter().find(|v| v.claim == "light is fast").unwrap().ruling, Ruling::Shown);
/// ```
pub fn rulings() -> Vec<Verdict> {
    RULINGS.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

static RULINGS: Mutex<Vec<Verdict>> = Mutex::new(Vec::new());

/// Puts a claim up for a ruling.
///
/// ```
/// use helpers::{Ruling, claim};
/// // Two children were started and two came back. Was each of them reaped?
/// let verdict = claim("no child stays behind").holds(2 == 2, "2 of 2 children were reaped");
/// assert_eq!(verdict.ruling, Ruling::Shown);
/// ```
pub fn claim(text: impl Into<String>) -> Claim {
    Claim(text.into())
}

/// A claim that waits for its evidence.
#[derive(Clone, Debug)]
pub struct Claim(String);

impl Claim {
    /// Rules by an exact observation: shown if `it_does`; unavailable where the finding lacks a number.
    pub fn holds(self, it_does: bool, found: impl Into<Finding>) -> Verdict {
        match found.into().sentence() {
            Ok(sentence) if it_does => self.ruled(Ruling::Shown, sentence),
            Ok(sentence) => self.ruled(Ruling::NotShown, sentence),
            Err(reason) => self.unavailable(reason),
        }
    }

    /// Rules by a reading: `judge` tells whether it holds and what was found. A missing reading makes it unavailable.
    ///
    /// ```
    /// use helpers::{Count, Reading, claim, finding};
    /// // Did the second touch of these pages bring a fault?
    /// let faults: Reading<Count> = Ok(Count(0));
    /// let verdict = claim("the second touch brings no fault")
    ///     .judged(&faults, |n| (n.0 == 0, finding("{n} faults", &[("n", n)])));
    /// assert_eq!(verdict.to_string(), "shown: the second touch brings no fault. 0 faults.");
    /// ```
    pub fn judged<T, F: Into<Finding>>(
        self,
        reading: &Reading<T>,
        judge: impl FnOnce(&T) -> (bool, F),
    ) -> Verdict {
        match reading {
            Ok(value) => {
                let (holds, found) = judge(value);
                self.holds(holds, found)
            }
            Err(reason) => self.unavailable(reason),
        }
    }

    /// Cannot be measured here, and why.
    pub fn unavailable(self, reason: impl Display) -> Verdict {
        self.ruled(Ruling::Unavailable, reason.to_string())
    }

    /// Measured, but too noisy to tell, and how noisy.
    pub fn undecided(self, reason: impl Into<String>) -> Verdict {
        self.ruled(Ruling::Undecided, reason)
    }

    /// Looks at how many times `one` takes as long as `other`: the ratio of their medians.
    pub fn ratio(self, one: &Timing, other: &Timing) -> Estimate {
        let range = one.range().and_then(|a| other.range().map(|b| (a, b))).map(|(a, b)| Interval {
            low: a.low / b.high,
            middle: a.middle / b.middle,
            high: a.high / b.low,
        });
        let (subject, object) = (one.name.clone(), other.name.clone());
        Estimate {
            claim: self,
            range,
            template: "One {a} takes {ratio} times as long as one {b}".to_owned(),
            names: vec![("a", subject), ("b", object)],
            value: ("ratio", Box::new(|ratio| Ratio(ratio).to_string())),
            counted: " times",
        }
    }

    /// Looks at how many times the usual time a rare call takes: the quantile `p` of the samples over their median.
    pub fn tail(self, timing: &Timing, p: f64) -> Estimate {
        let usual = timing.range();
        let range =
            usual.and_then(|usual| timing.quantile(p).map(|rare| (usual, rare.0))).map(|(usual, rare)| {
                Interval { low: rare / usual.high, middle: rare / usual.middle, high: rare / usual.low }
            });
        let (name, one_in) = (timing.name.clone(), Count((1.0 / (1.0 - p)).round() as u64));
        Estimate {
            claim: self,
            range,
            template: "One {a} in {n} takes at least {ratio} times the usual time".to_owned(),
            names: vec![("a", name), ("n", one_in.to_string())],
            value: ("ratio", Box::new(|ratio| Ratio(ratio).to_string())),
            counted: " times",
        }
    }

    /// Looks at how much longer the second of a pair takes than the first: the median of their paired differences, in
    /// nanoseconds.
    pub fn difference(self, pair: &Pair) -> Estimate {
        let (first, second) = (pair.first.name.clone(), pair.second.name.clone());
        Estimate {
            claim: self,
            range: pair.range(),
            template: "One {b} takes {difference} than one {a}".to_owned(),
            names: vec![("a", first), ("b", second)],
            value: ("difference", Box::new(longer)),
            counted: "",
        }
    }

    /// Rules whether each of these takes longer than the one before it.
    pub fn ascending<'a>(self, steps: impl IntoIterator<Item = &'a Timing>) -> Verdict {
        let steps: Vec<&Timing> = steps.into_iter().collect();
        let mut medians = Vec::new();
        for step in &steps {
            match step.range() {
                Ok(range) => medians.push(range),
                Err(reason) => return self.unavailable(reason),
            }
        }
        let chain: Vec<String> =
            steps.iter().zip(&medians).map(|(s, m)| format!("{} {}", s.name, Nanos(m.middle))).collect();
        let finding = chain.join(" < ");
        if medians.windows(2).all(|pair| pair[0].high < pair[1].low) {
            self.ruled(Ruling::Shown, finding)
        } else if medians.windows(2).any(|pair| pair[0].low > pair[1].high) {
            self.ruled(Ruling::NotShown, chain.join(", then "))
        } else {
            self.undecided(format!("two of these lie too close to order them: {}", chain.join(", ")))
        }
    }

    fn ruled(self, ruling: Ruling, finding: impl Into<String>) -> Verdict {
        let verdict = Verdict { claim: self.0, ruling, finding: finding.into() };
        let mut rulings = RULINGS.lock().unwrap_or_else(PoisonError::into_inner);
        match rulings.iter_mut().find(|earlier| earlier.claim == verdict.claim) {
            Some(earlier) => earlier.clone_from(&verdict),
            None => rulings.push(verdict.clone()),
        }
        verdict
    }
}

/// A claim with its estimate, waiting for the bound that decides.
pub struct Estimate {
    claim: Claim,
    range: Reading<Interval>,
    template: String,
    names: Vec<(&'static str, String)>,
    /// The placeholder of the estimate, and how a value of it is written.
    value: (&'static str, Box<dyn Fn(f64) -> String>),
    /// What follows the value where it stands alone.
    counted: &'static str,
}

/// A difference with its direction.
fn longer(ns: f64) -> String {
    let word = if ns < 0.0 { "less" } else { "longer" };
    format!("{} {word}", Nanos(ns.abs()))
}

impl Estimate {
    /// The finding in other words: a template as for [`finding`](fn@finding), with `{a}` and `{b}` for the names in the
    /// order they were given, and `{ratio}` or, of a pair, `{difference}`: `90.0 ns longer`.
    ///
    /// ```
    /// use helpers::{claim, measure};
    /// // How does a finding read best?
    /// let (copy, parse) = (measure("copy", || 42_u64), measure("parse", || "42".parse::<u64>()));
    /// let verdict = claim("parsing is work").ratio(&parse, &copy).worded("A {a} is worth {ratio} {b}s").at_least(0.0);
    /// assert!(verdict.finding.starts_with("A parse is worth "));
    /// ```
    pub fn worded(mut self, template: impl Into<String>) -> Self {
        self.template = template.into();
        self
    }

    fn sentence(&self, value: f64) -> Reading<String> {
        let words = (self.value.1)(value);
        let mut values: Vec<(&str, &dyn Told)> = vec![(self.value.0, &words)];
        for (name, words) in &self.names {
            values.push((name, words));
        }
        finding(&self.template, &values).sentence()
    }

    /// Shown when the whole interval lies at or above `bound`.
    pub fn at_least(self, bound: f64) -> Verdict {
        self.decide(&|range| (range.low >= bound, range.high < bound))
    }

    /// Shown when the whole interval lies at or below `bound`.
    pub fn at_most(self, bound: f64) -> Verdict {
        self.decide(&|range| (range.high <= bound, range.low > bound))
    }

    fn decide(self, test: &dyn Fn(Interval) -> (bool, bool)) -> Verdict {
        let found = self.range.clone().and_then(|range| Ok((range, self.sentence(range.middle)?)));
        match found {
            Err(reason) => self.claim.unavailable(reason),
            Ok((range, found)) => match test(range) {
                (true, _) => self.claim.ruled(Ruling::Shown, found),
                (_, true) => self.claim.ruled(Ruling::NotShown, found),
                _ => {
                    let [low, high] = [range.low, range.high].map(|end| (self.value.1)(end) + self.counted);
                    self.claim.undecided(format!("{found}, but anything from {low} to {high} fits this run"))
                }
            },
        }
    }
}
