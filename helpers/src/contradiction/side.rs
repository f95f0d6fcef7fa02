//! A statement on its way to a ruling: what was found, and then the evidence.

use super::Contradiction;
use crate::account::Expected;
use crate::finding::{Words, finding};
use crate::interrupts::Counted;
use crate::measure::Timing;
use crate::reading::Reading;
use crate::units::{Count, Quantity};
use crate::verdict::{Bound, Claim, Estimate, Evidence, Verdict, claim};

/// One of the two statements, waiting for its evidence.
#[must_use = "a statement is ruled on by its evidence: add .holds(…), .ratio(…), …"]
pub struct Side {
    whole: Contradiction,
    place: usize,
    found: String,
    values: Vec<(String, Reading<String>)>,
}

impl Side {
    pub(super) fn new(whole: Contradiction, place: usize, found: &str) -> Self {
        Self { whole, place, found: found.to_owned(), values: Vec::new() }
    }

    /// A value that the sentence names.
    pub fn with(mut self, name: &str, value: &dyn Words) -> Self {
        self.values.push((name.to_owned(), value.words()));
        self
    }

    /// Ruled by exact observations, all of which must hold.
    pub fn holds(self, it_does: impl Evidence) -> Contradiction {
        let it_does = it_does.evidence();
        let values: Vec<(&str, &dyn Words)> =
            self.values.iter().map(|(name, words)| (name.as_str(), words as &dyn Words)).collect();
        let found = finding(&self.found, &values);
        self.ruled(|claim| claim.holds(it_does, found))
    }

    /// Ruled by whether it was ever seen: shown if it was, and undecided if not. The sentence calls the number `{n}`.
    pub fn occurs(self, seen: &Reading<Count>) -> Contradiction {
        let found = self.found.clone();
        self.ruled(|claim| claim.occurs(seen, &found))
    }

    /// Ruled by how many times `one` takes as long as `other`: the sentence calls it `{ratio}`.
    pub fn ratio(self, one: &Timing, other: &Timing) -> Measured {
        self.measured(|claim| claim.ratio(one, other))
    }

    /// As [`ratio`](Self::ratio), of the best runs of each.
    pub fn best(self, one: &Timing, other: &Timing) -> Measured {
        self.measured(|claim| claim.best(one, other))
    }

    /// Ruled by how long something takes: the sentence calls it `{value}`.
    pub fn time(self, timing: &Timing) -> Measured {
        self.measured(|claim| claim.time(timing))
    }

    /// Ruled by a quantity that was read: the sentence calls it `{value}`.
    pub fn reading<Q: Quantity>(self, reading: &Reading<Q>) -> Measured {
        self.measured(|claim| claim.reading(reading))
    }

    /// Ruled by whether something was counted as often as it should have been: the sentence calls the two `{n}` and
    /// `{expected}`.
    pub fn comes_to(self, counted: impl Into<Counted>, expected: impl Expected) -> Contradiction {
        let found = self.found.clone();
        self.ruled(|claim| claim.comes_to(counted, expected).worded(&found).otherwise(&found).ruled())
    }

    fn claim(&self) -> Claim {
        let claim = claim(self.whole.claim_of(self.place));
        match self.whole.question {
            Some(question) => claim.answers(question),
            None => claim,
        }
    }

    pub(super) fn ruled(self, rule: impl FnOnce(Claim) -> Verdict) -> Contradiction {
        let verdict = rule(self.claim());
        self.settled_by(verdict)
    }

    fn settled_by(mut self, verdict: Verdict) -> Contradiction {
        self.whole.verdicts[self.place] = Some(verdict);
        self.whole.keep();
        self.whole
    }

    fn measured(self, estimate: impl FnOnce(Claim) -> Estimate) -> Measured {
        let estimate = estimate(self.claim()).worded(&self.found);
        let with = |estimate: Estimate, (name, words): &(String, Reading<String>)| estimate.with(name, words);
        Measured { estimate: self.values.iter().fold(estimate, with), side: self }
    }
}

/// One of the two statements with a number, waiting for the bound that decides.
#[must_use = "a number decides nothing before it has a bound: add .at_least(…), .at_most(…) or .within(…, …)"]
pub struct Measured {
    side: Side,
    estimate: Estimate,
}

impl Measured {
    /// True where the whole interval lies at or above `bound`.
    pub fn at_least(self, bound: impl Bound) -> Contradiction {
        self.side.settled_by(self.estimate.at_least(bound))
    }

    /// True where the whole interval lies at or below `bound`.
    pub fn at_most(self, bound: impl Bound) -> Contradiction {
        self.side.settled_by(self.estimate.at_most(bound))
    }

    /// True where the whole interval lies between these two.
    pub fn within(self, low: impl Bound, high: impl Bound) -> Contradiction {
        self.side.settled_by(self.estimate.within(low, high))
    }
}
