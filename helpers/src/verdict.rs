//! Rulings on claims: shown, not shown, undecided, unavailable. Computed from what was measured, never typed.

mod check;
mod estimate;
mod evidence;
mod fits;
mod question;
mod wording;

use crate::finding::{Finding, Found, finding};
use crate::lasting::Lasting;
use crate::measure::{Pair, Timing};
use crate::reading::Reading;
use crate::statistics::Interval;
use crate::timeline::Observation;
use crate::units::{Count, Quantity, Unit};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};
use std::sync::{Mutex, PoisonError};

pub use check::{Check, check};
pub use estimate::Estimate;
pub use evidence::{Bound, Compare, Evidence};
pub use question::{Question, Rulings, question, rulings};

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

impl Ruling {
    /// Its mark in a table: ● ○ ◐ –.
    pub fn mark(self) -> char {
        match self {
            Self::Shown => '●',
            Self::NotShown => '○',
            Self::Undecided => '◐',
            Self::Unavailable => '–',
        }
    }
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
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// What was claimed.
    pub claim: Lasting<str>,
    /// How it came out.
    pub ruling: Ruling,
    /// What was found, with its numbers; or why nothing could be.
    pub finding: Lasting<str>,
    /// The question that it helps to answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Lasting<str>>,
}

impl Verdict {
    /// The sentence that stands over a chart: the finding, or that there is none.
    pub fn headline(&self) -> String {
        match self.ruling {
            Ruling::Shown | Ruling::NotShown => self.finding.into(),
            Ruling::Undecided => format!("Undecided: {}", self.finding),
            Ruling::Unavailable => format!("Not measured here: {}", self.finding),
        }
    }
}

impl Display for Verdict {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let Self { ruling, claim, finding, .. } = self;
        match ruling {
            // A reason, which is no sentence of its own.
            Ruling::Unavailable => write!(out, "{ruling}: {claim} ({finding})."),
            _ => write!(out, "{ruling}: {claim}. {finding}."),
        }
    }
}

/// Puts a claim up for a ruling.
///
/// ```
/// use helpers::{Ruling, claim};
/// // Two children were started and two came back. Was each of them reaped?
/// let (started, reaped) = (2, 2);
/// let verdict = claim("no child stays behind").holds(started == reaped, format!("{reaped} of {started} children were reaped"));
/// assert_eq!(verdict.ruling, Ruling::Shown);
/// ```
pub fn claim(text: impl Into<String>) -> Claim {
    Claim { text: text.into(), question: None }
}

/// A claim that waits for its evidence.
#[must_use = "a claim is ruled on by its evidence: add .holds(…), .ratio(…), …"]
#[derive(Clone, PartialEq)]
pub struct Claim {
    text: String,
    question: Option<Question>,
}

impl Display for Claim {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        write!(
            out,
            "not ruled on: {}. Its evidence is missing: add .holds(…), .ratio(…), .difference(…), …",
            self.text
        )
    }
}

impl Claim {
    /// Names the question that the claim helps to answer: [`rulings`] shows it there.
    pub fn answers(mut self, question: Question) -> Self {
        self.question = Some(question);
        self
    }

    /// Rules by an exact observation: shown if `it_does`, which is a `bool`, a reading of one, or several, all of which must
    /// hold. What was found is computed ([`finding`](fn@crate::finding), `format!`) and reads well either way; or it is a
    /// pair: the sentence if the claim holds, and the sentence if not. Where evidence is missing, or a number of the
    /// sentence, the claim is unavailable.
    ///
    /// ```
    /// use helpers::{Compare, Count, Reading, claim, finding};
    /// // Did the second touch of these pages bring a fault?
    /// let faults: Reading<Count> = Ok(Count(0));
    /// let verdict = claim("the second touch brings no fault")
    ///     .holds(faults.is(Count(0)), finding("The second touch brought {n} faults", &[("n", &faults)]));
    /// assert_eq!(verdict.to_string(), "shown: the second touch brings no fault. The second touch brought 0 faults.");
    /// ```
    ///
    /// A sentence that was typed could contradict its ruling:
    /// ```compile_fail
    /// # use helpers::claim;
    /// claim("light is fast").holds(true, "Light is fast");
    /// ```
    pub fn holds(self, it_does: impl Evidence, found: impl Found) -> Verdict {
        let holds = it_does.evidence();
        let found = found.found(holds.unwrap_or(false));
        self.judged(holds, found)
    }

    /// Apart from the generic part, which is compiled again in each cell that uses it.
    fn judged(self, holds: Reading<bool>, found: Finding) -> Verdict {
        match holds.and_then(|holds| Ok((holds, found.sentence()?))) {
            Ok((true, sentence)) => self.ruled(Ruling::Shown, sentence),
            Ok((false, sentence)) => self.ruled(Ruling::NotShown, sentence),
            Err(reason) => self.unavailable(reason),
        }
    }

    /// Cannot be measured here, and why.
    pub fn unavailable(self, reason: impl Display) -> Verdict {
        self.ruled(Ruling::Unavailable, reason.to_string())
    }

    /// Measured, but too noisy to tell, and how noisy.
    pub fn undecided(self, reason: impl Into<String>) -> Verdict {
        self.ruled(Ruling::Undecided, reason.into())
    }

    /// Looks at how many times `one` takes as long as `other`: the ratio of their medians.
    pub fn ratio(self, one: &Timing, other: &Timing) -> Estimate {
        Estimate::ratio(self, one, other)
    }

    /// Looks at how long something takes: its median; a template calls it `{value}`.
    pub fn time(self, timing: &Timing) -> Estimate {
        Estimate::time(self, timing)
    }

    /// Rules whether something ever happens: shown when it was seen once. Never to have seen it decides nothing.
    ///
    /// ```
    /// use helpers::{Count, Reading, Ruling, claim};
    /// // In 20,000 rounds it wasn't seen. Does it never happen?
    /// let seen: Reading<Count> = Ok(Count(0));
    /// assert_eq!(claim("it happens").occurs(&seen, "It was seen {n} times in 20,000 rounds").ruling, Ruling::Undecided);
    /// ```
    pub fn occurs(self, seen: &Reading<Count>, sentence: &str) -> Verdict {
        match seen.and_then(|seen| Ok((seen, finding(sentence, &[("n", &seen)]).sentence()?))) {
            Err(reason) => self.unavailable(reason),
            Ok((Count(0), sentence)) => self.undecided(sentence),
            Ok((_, sentence)) => self.ruled(Ruling::Shown, sentence),
        }
    }

    /// Looks at how much longer the second of a pair takes than the first: the median of their paired differences.
    pub fn difference(self, pair: &Pair) -> Estimate {
        Estimate::difference(self, pair)
    }

    /// Looks at how many times the median a rare call takes: the quantile `p` of the samples over their median.
    pub fn tail(self, timing: &Timing, p: f64) -> Estimate {
        Estimate::tail(self, timing, p)
    }

    /// Looks at a quantity that was read; a template calls it `{value}`.
    ///
    /// ```
    /// use helpers::{Reading, Share, claim};
    /// // Is nobody left out?
    /// let least: Reading<Share> = Ok(Share(0.24));
    /// let verdict = claim("nobody is left out").reading(&least).worded("The last of them gets {value}").at_least(Share(0.05));
    /// assert_eq!(verdict.to_string(), "shown: nobody is left out. The last of them gets 24.0 %.");
    /// ```
    pub fn reading<Q: Quantity>(self, reading: &Reading<Q>) -> Estimate {
        Estimate::reading(self, reading)
    }

    /// Looks at how many times as long as the other one thread was on a CPU. Where an observation ends is chance, so each time
    /// may be longer or shorter by the longest turn of its thread.
    pub fn ran(self, seen: &Observation, one: &str, other: &str) -> Estimate {
        Estimate::ran(self, seen, one, other)
    }

    /// Rules whether each of these takes longer than the one before it.
    pub fn ascending<'a>(self, steps: impl IntoIterator<Item = &'a Timing>) -> Verdict {
        self.in_order(&steps.into_iter().collect::<Vec<&Timing>>())
    }

    fn in_order(self, steps: &[&Timing]) -> Verdict {
        let medians: Vec<Interval> = match steps.iter().map(|step| step.range()).collect() {
            Ok(medians) => medians,
            Err(reason) => return self.unavailable(reason),
        };
        if steps.len() < 2 {
            return self.unavailable("an order takes two timings at least");
        }
        if let Some((step, doubt)) = steps.iter().find_map(|step| Some((step, step.doubt()?))) {
            return self.undecided(format!("{}: {doubt}", step.name));
        }
        let chain: Vec<String> = steps
            .iter()
            .zip(&medians)
            .map(|(s, m)| format!("{} {}", s.name, m.middle_words(Unit::Time)))
            .collect();
        // What the clock rounds to zero has no place in an order.
        if let Some((step, _)) = steps.iter().zip(&medians).find(|(_, median)| median.middle <= 0.0) {
            return self.undecided(format!("{} takes less than the clock can tell", step.name));
        }
        if medians.windows(2).all(|pair| pair[0].high < pair[1].low) {
            self.ruled(Ruling::Shown, chain.join(" < "))
        } else if medians.windows(2).any(|pair| pair[0].low > pair[1].high) {
            self.ruled(Ruling::NotShown, chain.join(", then "))
        } else {
            self.undecided(format!("two of these lie too close to order them: {}", chain.join(", ")))
        }
    }

    fn ruled(self, ruling: Ruling, finding: String) -> Verdict {
        let question = self.question.map(|question| question.asks.into());
        let verdict = Verdict { claim: self.text.into(), ruling, finding: finding.into(), question };
        let mut rulings = RULINGS.lock().unwrap_or_else(PoisonError::into_inner);
        match rulings.iter_mut().find(|earlier| earlier.claim == verdict.claim) {
            Some(earlier) => *earlier = verdict,
            None => rulings.push(verdict),
        }
        verdict
    }
}

static RULINGS: Mutex<Vec<Verdict>> = Mutex::new(Vec::new());

/// Every ruling so far, in the order of the claims; of a claim that was ruled on more than once, the last. The kernel loads
/// this crate once, so a notebook's last cell sees what all its cells have ruled.
///
/// ```
/// use helpers::{Ruling, claim, verdict};
/// // It was noisy at first. What stands in the end?
/// claim("light is fast").undecided("too noisy");
/// claim("light is fast").holds(true, format!("{} m in 1 µs", 300));
/// assert_eq!(verdict::all().iter().find(|v| v.claim == "light is fast").unwrap().ruling, Ruling::Shown);
/// ```
pub fn all() -> Vec<Verdict> {
    RULINGS.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
