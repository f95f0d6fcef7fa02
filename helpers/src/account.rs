//! Claims about exact counts: so many acts, so many interrupts. Integers persuade, but a machine is never alone, so strangers
//! may add to them, and what is nearly right is undecided.

use crate::finding::{Finding, finding};
use crate::interrupts::Counted;
use crate::reading::Reading;
use crate::signals::Landings;
use crate::timeline::Beats;
use crate::units::Count;
use crate::verdict::{Claim, Verdict};
use std::fmt::{self, Display, Formatter};

/// How much of the count may be missing or be a stranger's: one in fifty.
const NEAR: f64 = 0.02;
/// Of a small count so many, but no more than one in ten: one more than one is twice as many.
const FEW: (f64, f64) = (2.0, 0.1);
/// Where only the machine's total is known, all that happens meanwhile is in it.
const BY_TOTAL: f64 = 0.15;

/// How often something should be counted: a number, or a sum of what was counted elsewhere.
pub trait Expected {
    /// The number.
    ///
    /// # Errors
    /// When a part of the sum is missing: the reason.
    fn expected(self) -> Reading<Count>;
}

impl Expected for u64 {
    fn expected(self) -> Reading<Count> {
        Ok(Count(self))
    }
}

impl<const PARTS: usize> Expected for [Reading<Count>; PARTS] {
    fn expected(self) -> Reading<Count> {
        self.into_iter().try_fold(Count(0), |sum, part| Ok(Count(sum.0.saturating_add(part?.0))))
    }
}

impl Claim {
    /// Looks whether something was counted as often as it should have been, one time in fifty more or less, and of fewer than a
    /// hundred two, but no more than one in ten. It is not shown when it was counted less than half as often; everything
    /// between is undecided, and so is more, since strangers add. Where nothing is expected, nothing is decided.
    ///
    /// ```
    /// use helpers::{Count, Ruling, claim, interrupts::Counted};
    /// // A thousand letters were sent, and so many times the bell rang:
    /// let rang = |count| Counted { count: Ok(Count(count)), total: Ok(Count(9_999)) };
    /// let rule = |count| claim("one letter, one ring").comes_to(&rang(count), 1_000).worded("{n} rings").ruled().ruling;
    /// assert_eq!([rule(1_003), rule(1_200), rule(800), rule(20)].map(|ruling| ruling == Ruling::Shown), [true, false, false, false]);
    /// assert_eq!(rule(20), Ruling::NotShown);
    /// ```
    pub fn comes_to(self, counted: impl Into<Counted>, expected: impl Expected) -> Account {
        let counted = counted.into();
        let expected = expected.expected();
        let (by_total, count) = match (&counted.count, &counted.total) {
            (Err(_), Ok(total)) => (true, Ok(*total)),
            (count, _) => (false, *count),
        };
        let worded = "{n} of {expected}".to_owned();
        Account { claim: self, count, by_total, strangers: true, expected, otherwise: worded.clone(), worded }
    }
}

impl Claim {
    /// Looks whether something beats: shown when most of the beats that were due were felt and no other hour of that clock face
    /// is half as full; not shown when hardly any were felt. A beat of another period leaves its marks at several hours of this
    /// face, and is neither.
    ///
    /// ```
    /// use helpers::{Count, Ruling, claim, millis, observe};
    /// let second = observe(1).on_one_cpu().during(millis(50.0));
    /// let beats = second.beats("thread 1", Ok(Count(250))).rest(Count(100));
    /// // Five rounds are too few to tell anything of.
    /// assert_ne!(claim("a host is heard").beats(&beats).ruling, Ruling::Shown);
    /// ```
    pub fn beats(self, beats: &Beats) -> Verdict {
        const ENOUGH: u64 = 20;
        let told = || -> Reading<_> {
            Ok((beats.count()?, beats.due()?, beats.others()?, beats.elsewhere()?, beats.period()?))
        };
        let (count, due, others, elsewhere, period) = match told() {
            Ok(told) => told,
            Err(reason) => return self.unavailable(reason),
        };
        if due.0 < ENOUGH {
            return self.undecided(format!("only {due} beats were due while anybody listened"));
        }
        // How many were due is known by the share of the time that somebody listened. More than those were no beats.
        let (count, others) = (Count(count.0.min(due.0)), Count(others.0 + count.0.saturating_sub(due.0)));
        let heard = count.0 as f64 / due.0 as f64;
        let found = format!(
            "{count} of {due} beats of {period} were felt, and {others} gaps came at other hours, at most {elsewhere} of \
             them at one"
        );
        if heard >= 0.7 && elsewhere.0 * 2 <= count.0 {
            self.holds(true, found)
        } else if heard < 0.15 && beats.has_listened() == Ok(true) {
            self.holds(false, found)
        } else {
            self.undecided(found)
        }
    }
}

impl Claim {
    /// Looks whether signals land right behind an instruction more often than anywhere else, by more than chance would have it:
    /// three standard deviations of the difference. It is not shown when another place leads as clearly.
    ///
    /// ```
    /// use helpers::{claim, listing, millis, signals::{Loop, Pace, alarms}};
    /// let three: Loop = listing! {
    ///     x86_64: "mov rax, -1", "xor rdx, rdx", "div rax";
    ///     aarch64: "mov x0, #-1", "mov x1, #7", "udiv x0, x0, x1";
    /// };
    /// let rung = alarms(Pace::Time, millis(1.0), millis(100.0), || three(10_000));
    /// println!("{}", claim("the next one is blamed").lands_behind("div", &rung.landed(&three(1))));
    /// ```
    pub fn lands_behind(self, instruction: &str, landed: &Landings) -> Verdict {
        let told = || -> Reading<_> {
            Ok((landed.behind(instruction)?, landed.elsewhere(instruction)?, landed.all()?))
        };
        let (behind, (place, most), all) = match told() {
            Ok(told) => told,
            Err(reason) => return self.unavailable(reason),
        };
        let found = format!(
            "{behind} of {all} signals landed right behind {instruction}; the fullest other place, {place}, has {most}"
        );
        let lead = all.0 as f64 * (behind.0 - most.0);
        let chance = 3.0 * (all.0 as f64 * (behind.0 + most.0)).sqrt();
        if lead.abs() > chance { self.holds(lead > 0.0, found) } else { self.undecided(found) }
    }
}

/// A claim with its count, waiting for its words.
#[derive(Clone)]
pub struct Account {
    claim: Claim,
    count: Reading<Count>,
    by_total: bool,
    /// Whether anybody else may add to the count.
    strangers: bool,
    expected: Reading<Count>,
    worded: String,
    otherwise: String,
}

impl Account {
    /// The finding: a template with `{n}`, the count, and `{expected}`.
    pub fn worded(mut self, template: &str) -> Self {
        template.clone_into(&mut self.worded);
        self
    }

    /// The finding where it is not shown.
    pub fn otherwise(mut self, template: &str) -> Self {
        template.clone_into(&mut self.otherwise);
        self
    }

    /// Nobody else adds to this count: so twice as many are not shown, too.
    pub fn alone(mut self) -> Self {
        self.strangers = false;
        self
    }

    /// Rules.
    pub fn ruled(self) -> Verdict {
        let count = match &self.count {
            Ok(count) => *count,
            Err(reason) => return self.claim.unavailable(reason),
        };
        let expected = match self.expected {
            Ok(expected) => expected,
            Err(reason) => return self.claim.unavailable(reason),
        };
        let found =
            |template: &str| -> Finding { finding(template, &[("n", &count), ("expected", &expected)]) };
        let told = |template: &str| found(template).to_string();
        let (n, should) = (count.0 as f64, expected.0 as f64);
        let near = if self.by_total { BY_TOTAL } else { NEAR };
        let is_near = (n - should).abs() <= (near * should).max(FEW.0.min(FEW.1 * should));
        if expected.0 == 0 {
            self.claim.undecided(format!("{}, where none were expected", told("{n}")))
        } else if n < should / 2.0 || (!self.strangers && n > should * 2.0) {
            self.claim.holds(false, told(&self.otherwise))
        } else if is_near && self.by_total {
            let by_total = format!("{}, by the count of all interrupts of this machine", told(&self.worded));
            self.claim.holds(true, by_total)
        } else if is_near {
            self.claim.holds(true, told(&self.worded))
        } else if n > should {
            let by = match (self.by_total, self.strangers) {
                (true, _) => ": all that this machine counted is in it",
                (false, true) => ": strangers may have added to it",
                (false, false) => "",
            };
            self.claim.undecided(format!("{}, where {expected} were expected{by}", told("{n}")))
        } else {
            self.claim.undecided(format!("{}, where {expected} were expected", told("{n}")))
        }
    }
}

impl Display for Account {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        out.write_str("A count without a ruling: end it with .ruled()")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Unavailable;
    use crate::verdict::Ruling;

    fn ruled(count: Reading<u64>, total: Reading<u64>) -> Verdict {
        let counted = Counted { count: count.map(Count), total: total.map(Count) };
        let account = claim_of("an account").comes_to(counted, 500);
        account.worded("{n} calls for {expected}").otherwise("only {n} calls for {expected}").ruled()
    }

    fn claim_of(text: &str) -> Claim {
        crate::verdict::claim(text)
    }

    #[test]
    fn a_count_is_shown_near_undecided_off_and_not_shown_far_below() {
        let rule = |n| ruled(Ok(n), Ok(9_999)).ruling;
        assert_eq!([490, 500, 510].map(rule), [Ruling::Shown; 3]);
        assert_eq!([489, 511, 300, 5_000].map(rule), [Ruling::Undecided; 4]);
        assert_eq!([0, 249].map(rule), [Ruling::NotShown; 2]);
        assert_eq!(ruled(Ok(0), Ok(0)).finding, "only 0 calls for 500");
        let alone =
            |n| claim_of("an account of one's own").comes_to(Ok(Count(n)), 500).alone().ruled().ruling;
        assert_eq!([2_000, 700, 505].map(alone), [Ruling::NotShown, Ruling::Undecided, Ruling::Shown]);
        assert!(ruled(Ok(700), Ok(0)).finding.contains("strangers"));
    }

    #[test]
    fn a_small_count_is_not_near_what_is_twice_as_much() {
        let rule = |n, should: u64| claim_of("x").comes_to(Ok(Count(n)), should).ruled().ruling;
        let (shown, open, not) = (Ruling::Shown, Ruling::Undecided, Ruling::NotShown);
        assert_eq!([rule(1, 1), rule(10, 10), rule(19, 20), rule(18, 20)], [shown; 4]);
        assert_eq!([rule(3, 1), rule(1, 2), rule(8, 10), rule(17, 20), rule(0, 0), rule(5, 0)], [open; 6]);
        assert_eq!([rule(0, 1), rule(0, 2), rule(4, 9)], [not; 3]);
        let alone = claim_of("x").comes_to(Ok(Count(3)), 1).alone().ruled();
        assert_eq!(alone.ruling, not);
        let all = [Ok(Count(u64::MAX)), Ok(Count(u64::MAX))];
        assert_eq!(claim_of("x").comes_to(Ok(Count(7)), all).ruled().ruling, not);
    }

    #[test]
    fn without_a_count_the_total_decides_more_widely_and_says_so() {
        let masked = || Err(Unavailable::because("masked"));
        let verdict = ruled(masked(), Ok(560));
        assert!(verdict.ruling == Ruling::Shown && verdict.finding.contains("all interrupts"), "{verdict}");
        assert_eq!(ruled(masked(), Ok(900)).ruling, Ruling::Undecided);
        assert_eq!(ruled(masked(), Ok(20)).ruling, Ruling::NotShown);
        let verdict = ruled(masked(), masked());
        assert_eq!((verdict.ruling, verdict.finding.held()), (Ruling::Unavailable, "masked"));
    }

    #[test]
    fn signals_have_a_favourite_place_or_none() {
        let ruled = |counts: [u64; 3]| {
            let lines = ["xor", "div", "add"].into_iter().zip(counts.map(Count)).collect();
            claim_of("behind").lands_behind("div", &Landings(Ok(lines)))
        };
        assert_eq!(ruled([114, 30, 171]).ruling, Ruling::Shown);
        assert_eq!(ruled([171, 30, 114]).ruling, Ruling::NotShown);
        assert_eq!(ruled([120, 30, 130]).ruling, Ruling::Undecided);
        assert_eq!(ruled([5, 3, 8]).ruling, Ruling::Unavailable, "too few to tell");
        assert!(ruled([114, 30, 171]).finding.contains("the fullest other place, xor, has 36.2 %"));
    }
}
