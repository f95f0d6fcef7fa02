//! Two statements that seem to contradict each other, settled by what was measured: each is put to the test in the
//! circumstances in which people say it.

mod settlement;
mod side;

use crate::drawing::text::capital;
use crate::guess::{Choice, vote};
use crate::lasting::Lasting;
use crate::record::Record;
use crate::verdict::{Claim, Question, Ruling, Verdict};
use std::fmt::{self, Display, Formatter};
use std::sync::{Mutex, PoisonError};

pub use settlement::Settlement;
pub use side::{Measured, Side};

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
mod tests;
