//! Two statements that seem to contradict each other, settled by what was measured: each is put to the test in the
//! circumstances in which people say it.

use crate::account::Expected;
use crate::drawing::text::capital;
use crate::finding::{Words, finding};
use crate::guess::{Choice, vote};
use crate::interrupts::Counted;
use crate::lasting::Lasting;
use crate::measure::Timing;
use crate::reading::Reading;
use crate::record::Record;
use crate::units::{Count, Quantity};
use crate::verdict::{Bound, Claim, Estimate, Evidence, Question, Ruling, Verdict, claim};
use std::fmt::{self, Display, Formatter};
use std::sync::{Mutex, PoisonError};

/// What becomes of two statements on one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The first is true here, and the second isn't.
    First,
    /// The second is true here, and the first isn't.
    Second,
    /// Each of them is true here, in its own circumstances.
    Both,
    /// Neither of them is true here.
    Neither,
    /// One of them, or both, was too noisy to tell.
    Undecided,
    /// One of them, or both, can't be measured here.
    Unavailable,
}

impl Settlement {
    /// What two rulings come to. What is missing settles nothing, and what is undecided doesn't either.
    pub fn of(first: Ruling, second: Ruling) -> Self {
        use Ruling::{NotShown, Shown, Unavailable, Undecided};
        match (first, second) {
            (Unavailable, _) | (_, Unavailable) => Self::Unavailable,
            (Undecided, _) | (_, Undecided) => Self::Undecided,
            (Shown, Shown) => Self::Both,
            (Shown, NotShown) => Self::First,
            (NotShown, Shown) => Self::Second,
            (NotShown, NotShown) => Self::Neither,
        }
    }

    /// Whether something was decided.
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Undecided | Self::Unavailable)
    }

    /// Whether it contradicts what was voted. What isn't settled contradicts nobody.
    pub fn surprises(self, vote: Choice) -> bool {
        match self {
            Self::Undecided | Self::Unavailable => false,
            Self::First => vote != Choice::First,
            Self::Second => vote != Choice::Second,
            Self::Both => vote != Choice::Both,
            Self::Neither => vote != Choice::Neither,
        }
    }
}

impl Display for Settlement {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        out.pad(match self {
            Self::First => "the first",
            Self::Second => "the second",
            Self::Both => "both",
            Self::Neither => "neither",
            Self::Undecided => "undecided",
            Self::Unavailable => "unavailable",
        })
    }
}

/// Two statements, what was measured about each, and what it depends on which of them is true.
#[must_use = "nothing is settled before both statements have their evidence: add .first(…) and .second(…)"]
#[derive(Clone, Copy, PartialEq)]
pub struct Contradiction {
    statements: [Lasting<str>; 2],
    context: Lasting<str>,
    question: Option<Question>,
    verdicts: [Option<Verdict>; 2],
    /// What the reader is said to have voted, whatever is kept.
    voted: Option<Choice>,
}

static SETTLED: Mutex<Vec<Contradiction>> = Mutex::new(Vec::new());

/// Every contradiction of this kernel that has its evidence, in the order in which they were settled.
pub fn contradictions() -> Vec<Contradiction> {
    SETTLED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Starts to settle two statements that seem to contradict each other. Each gets its evidence: what was found, as a sentence
/// that reads well either way, and what was measured.
///
/// ```
/// use helpers::{Compare, Count, Question, Reading, Settlement, contradiction, question};
/// const RACE: Question = question("Who races?", "Races");
/// // Two tasks of one thread each add 1 to a number a hundred times. Is any addition lost?
/// let (at_once, with_a_pause): (Reading<Count>, Reading<Count>) = (Ok(Count(200)), Ok(Count(100)));
/// let race = contradiction("one thread can't race", "it can")
///     .answers(RACE, "whether there's an .await in between")
///     .first("Without a pause, 200 additions make {n}")
///     .with("n", &at_once)
///     .holds(at_once.is(Count(200)))
///     .second("With a pause, 200 additions make {n}")
///     .with("n", &with_a_pause)
///     .holds(with_a_pause.at_most(Count(199)));
/// assert_eq!(race.settled(), Settlement::Both);
/// assert!(race.to_string().starts_with("Both are true here. It depends on whether there's an .await in between."));
/// ```
pub fn contradiction(first: &str, second: &str) -> Contradiction {
    Contradiction {
        statements: [first, second].map(Lasting::from),
        context: Lasting::from(""),
        question: None,
        verdicts: [None, None],
        voted: None,
    }
}

impl Contradiction {
    /// The question of the notebook that it helps to answer, and what goes unsaid when people say either, in a few words.
    pub fn answers(mut self, question: Question, depends_on: &str) -> Self {
        self.question = Some(question);
        self.context = depends_on.into();
        self
    }

    /// What was found about the first statement, in the circumstances in which people say it: a sentence as of
    /// [`finding`](fn@crate::finding), for the evidence that comes next.
    pub fn first(self, found: &str) -> Side {
        Side::new(self, 0, found)
    }

    /// What was found about the second statement, in its own circumstances.
    pub fn second(self, found: &str) -> Side {
        Side::new(self, 1, found)
    }

    /// Puts the first statement up for a ruling of any other kind.
    pub fn first_by(self, rule: impl FnOnce(Claim) -> Verdict) -> Self {
        Side::new(self, 0, "").ruled(rule)
    }

    /// Puts the second statement up for a ruling of any other kind.
    pub fn second_by(self, rule: impl FnOnce(Claim) -> Verdict) -> Self {
        Side::new(self, 1, "").ruled(rule)
    }

    /// The claim that stands for a statement in a notebook's rulings and in a record.
    fn claim_of(&self, place: usize) -> String {
        let [first, second] = &self.statements;
        if place == 0 {
            format!("“{first}”")
        } else {
            format!("“{second}”, where others say “{first}”")
        }
    }

    /// The two statements.
    pub fn statements(&self) -> [&str; 2] {
        [&self.statements[0], &self.statements[1]]
    }

    /// What it depends on.
    pub fn context(&self) -> &str {
        &self.context
    }

    /// The question that it helps to answer, if it was said.
    pub fn question(&self) -> Option<Question> {
        self.question
    }

    /// How each statement was ruled here. A statement without evidence is unavailable.
    pub fn rulings(&self) -> [Ruling; 2] {
        [0, 1]
            .map(|place| self.verdicts[place].as_ref().map_or(Ruling::Unavailable, |verdict| verdict.ruling))
    }

    /// How each statement was ruled where this record was made.
    pub fn rulings_of(&self, record: &Record) -> [Ruling; 2] {
        [0, 1].map(|place| {
            let claim = self.claim_of(place);
            let theirs = record.verdicts.iter().find(|verdict| verdict.claim == claim);
            theirs.map_or(Ruling::Unavailable, |verdict| verdict.ruling)
        })
    }

    /// The rulings themselves, as far as there are any.
    pub fn verdicts(&self) -> impl Iterator<Item = &Verdict> {
        self.verdicts.iter().flatten()
    }

    /// What becomes of the two here.
    pub fn settled(&self) -> Settlement {
        let [first, second] = self.rulings();
        Settlement::of(first, second)
    }

    /// What the reader has voted, in this notebook or in the one that casts it.
    pub fn vote(&self) -> Option<Choice> {
        self.voted.or_else(|| vote(&self.statements[0], &self.statements[1]).choice())
    }

    /// Somebody else's vote, in place of the one that is kept.
    pub fn voted(mut self, choice: Choice) -> Self {
        self.voted = Some(choice);
        self
    }

    /// Keeps it for [`contradictions`], once both statements have their evidence.
    fn keep(&self) {
        if self.verdicts.iter().all(Option::is_some) {
            let mut all = SETTLED.lock().unwrap_or_else(PoisonError::into_inner);
            match all.iter_mut().find(|kept| kept.statements == self.statements) {
                Some(kept) => *kept = *self,
                None => all.push(*self),
            }
        }
    }

    /// Whether the reader has voted otherwise than it was settled.
    pub fn is_surprise(&self) -> bool {
        self.vote().is_some_and(|vote| self.settled().surprises(vote))
    }

    /// The whole of it as a ruling, to stand at a chart: what was settled is shown.
    pub fn verdict(&self) -> Verdict {
        let ruling = match self.settled() {
            Settlement::Undecided => Ruling::Undecided,
            Settlement::Unavailable => Ruling::Unavailable,
            _ => Ruling::Shown,
        };
        let [first, second] = self.statements();
        let claim = match self.settled() {
            Settlement::First => format!("“{first}”, not “{second}”"),
            Settlement::Second => format!("“{second}”, not “{first}”"),
            Settlement::Both => format!("“{first}” and “{second}” are both true"),
            Settlement::Neither => format!("neither “{first}” nor “{second}”"),
            Settlement::Undecided | Settlement::Unavailable => format!("“{first}” or “{second}”"),
        };
        Verdict {
            claim: claim.into(),
            ruling,
            finding: self.findings(ruling).into(),
            question: self.question.map(|question| question.text().into()),
        }
    }

    /// What was found about either; where something is missing or undecided, about that alone.
    fn findings(&self, ruling: Ruling) -> String {
        let all: Vec<&Verdict> = self.verdicts.iter().flatten().collect();
        if all.len() < 2 {
            return "one of the two statements has no evidence".to_owned();
        }
        let told = all.iter().filter(|verdict| match ruling {
            Ruling::Undecided | Ruling::Unavailable => verdict.ruling == ruling,
            Ruling::Shown | Ruling::NotShown => true,
        });
        let mut told: Vec<&str> = told.map(|verdict| verdict.finding.held()).collect();
        told.dedup();
        told.join(". ")
    }

    /// The first line of what is shown.
    fn sentence(&self) -> String {
        let depends = match self.context.held() {
            "" => String::new(),
            context => format!(" It depends on {context}."),
        };
        match self.settled() {
            Settlement::First => "The first is true here, the second isn't.".to_owned() + &depends,
            Settlement::Second => "The second is true here, the first isn't.".to_owned() + &depends,
            Settlement::Both => "Both are true here.".to_owned() + &depends,
            Settlement::Neither => "Neither is true here.".to_owned() + &depends,
            Settlement::Undecided => "Undecided in this run.".to_owned(),
            Settlement::Unavailable => "It can't be settled here.".to_owned(),
        }
    }
}

/// One of the two statements, waiting for its evidence.
#[must_use = "a statement is ruled on by its evidence: add .holds(…), .ratio(…), …"]
pub struct Side {
    whole: Contradiction,
    place: usize,
    found: String,
    values: Vec<(String, Reading<String>)>,
}

impl Side {
    fn new(whole: Contradiction, place: usize, found: &str) -> Self {
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

    fn ruled(self, rule: impl FnOnce(Claim) -> Verdict) -> Contradiction {
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

impl Display for Contradiction {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        write!(out, "{}", self.sentence())?;
        for (statement, verdict) in self.statements.iter().zip(&self.verdicts) {
            match verdict {
                Some(Verdict { ruling: ruling @ Ruling::Shown, finding, .. }) => {
                    write!(out, "\n  {} “{statement}”: {finding}.", ruling.mark())?;
                }
                Some(Verdict { ruling, finding, .. }) => {
                    write!(out, "\n  {} “{statement}”: {ruling} here. {}.", ruling.mark(), capital(finding))?;
                }
                None => write!(out, "\n  – “{statement}”: no evidence yet; add .first(…) and .second(…)")?,
            }
        }
        match self.vote() {
            None => Ok(()),
            Some(vote) => {
                let voted = match vote {
                    Choice::First => "for the first",
                    Choice::Second => "for the second",
                    Choice::Both => "for both",
                    Choice::Neither => "for neither",
                };
                write!(out, "\n  You voted {voted}.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Unavailable;
    use crate::units::{Nanos, nanos};

    fn settled(first: Reading<bool>, second: Reading<bool>) -> Contradiction {
        contradiction("it's dear", "it's cheap")
            .first("So it is")
            .holds(first)
            .second("So it is")
            .holds(second)
    }

    #[test]
    fn two_rulings_come_to_one_settlement() {
        use Settlement::{Both, First, Neither, Second};
        let all = [(true, true), (true, false), (false, true), (false, false)];
        let come_to = all.map(|(first, second)| settled(Ok(first), Ok(second)).settled());
        assert_eq!(come_to, [Both, First, Second, Neither]);
    }

    #[test]
    fn nothing_is_settled_without_evidence_for_both() {
        let missing = || Err(Unavailable::because("only one CPU"));
        for holds in [true, false] {
            for pair in
                [settled(missing(), Ok(holds)), settled(Ok(holds), missing()), settled(missing(), missing())]
            {
                assert_eq!(pair.settled(), Settlement::Unavailable);
                assert_eq!(pair.verdict().ruling, Ruling::Unavailable);
                assert_eq!(pair.verdict().finding, "only one CPU");
            }
        }
        let half = contradiction("it's dear", "it's cheap").first("So it is").holds(true);
        assert_eq!(half.settled(), Settlement::Unavailable);
        assert!(half.to_string().contains("no evidence yet"), "{half}");
        assert_eq!(contradiction("a", "b").settled(), Settlement::Unavailable);
    }

    #[test]
    fn what_overlaps_is_undecided_and_surprises_nobody() {
        let near = Timing::of("near", &[50.0, 90.0, 100.0, 110.0, 300.0].map(nanos));
        let pair = contradiction("it takes 100 ns at most", "it takes more")
            .first("It takes {value}")
            .time(&near)
            .at_most(nanos(100.0))
            .second("It takes {value}")
            .reading(&Ok(nanos(400.0)))
            .at_least(nanos(100.0));
        assert_eq!(pair.settled(), Settlement::Undecided);
        for vote in [Choice::First, Choice::Second, Choice::Both, Choice::Neither] {
            assert!(!pair.voted(vote).is_surprise());
            assert!(!Settlement::Unavailable.surprises(vote));
        }
        assert!(settled(Ok(true), Ok(false)).voted(Choice::Second).is_surprise());
        assert!(!settled(Ok(true), Ok(false)).voted(Choice::First).is_surprise());
    }

    #[test]
    fn a_number_that_is_none_settles_nothing() {
        for number in [f64::NAN, f64::INFINITY] {
            let reading: Reading<Nanos> = Ok(nanos(number));
            let pair = contradiction("a", "b")
                .first("It takes {value}")
                .reading(&reading)
                .at_most(nanos(1.0))
                .second("It takes {value}")
                .reading(&reading)
                .at_least(nanos(1.0));
            assert!(!pair.settled().is_settled(), "{pair}");
        }
    }

    #[test]
    fn strangers_may_make_a_time_longer_and_never_shorter() {
        let mut timing =
            Timing::of("nap", &[nanos(60.0), nanos(900.0), nanos(910.0), nanos(950.0), nanos(990.0)]);
        timing.status = crate::measure::Status::Disturbed(vec!["the thread waited".to_owned()].into());
        let rule = |pair: Side, bound: f64| pair.time(&timing).at_most(nanos(bound)).rulings()[0];
        let at_most = |bound| rule(contradiction("a", "b").first("{value}"), bound);
        assert_eq!(
            [at_most(2_000.0), at_most(100.0), at_most(50.0)],
            [Ruling::Shown, Ruling::Undecided, Ruling::NotShown]
        );
    }

    #[test]
    fn a_record_tells_what_it_was_ruled_elsewhere() {
        let pair = settled(Ok(true), Ok(false));
        let timings: [&Timing; 0] = [];
        let record = Record::of("05", timings, pair.verdicts());
        assert_eq!(pair.rulings_of(&record), [Ruling::Shown, Ruling::NotShown]);
        assert_eq!(contradiction("x", "y").rulings_of(&record), [Ruling::Unavailable; 2]);
    }
}
