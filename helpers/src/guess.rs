//! Predictions and votes: a reader who has committed to a number looks differently at the measured one.

mod votes;

use crate::lasting::Lasting;
use crate::measure::{Pair, Timing};
use crate::reading::{Reading, Unavailable};
use crate::statistics::Interval;
use crate::units::{Nanos, Quantity, Ratio, Unit};
use std::fmt::{self, Display, Formatter};

pub use votes::{Choice, Vote, Votes, vote};

/// The reader's prediction of one quantity: unset until the reader sets it. One type for all quantities: each further type of
/// what a notebook keeps costs its readers time, in every cell.
#[derive(Clone, Copy, PartialEq)]
pub struct Guess {
    /// Of what.
    pub name: Lasting<str>,
    /// How much, if the reader has said so.
    value: Option<(f64, Unit)>,
}

/// Asks for a guess before anything is measured. It is unset until [`at`](Guess::at) sets it.
///
/// ```
/// use helpers::{Count, Guess, predict};
/// // Does a guess say how far off it was?
/// let guess: Guess = predict("page faults").at(Count(100));
/// assert_eq!(guess.against(&Count(400)).to_string(), "You said 100 for page faults. Here it is 400: 4.00 times your guess.");
/// // And if nobody guessed?
/// let guess: Guess = predict("page faults");
/// assert!(guess.against(&Count(400)).to_string().starts_with("Here it is 400. "));
/// ```
pub fn predict(name: impl Into<String>) -> Guess {
    Guess { name: name.into().into(), value: None }
}

/// What a guess can be held against: a timing, the difference of a pair, a reading, a quantity.
#[diagnostic::on_unimplemented(message = "a guess cannot be held against `{Self}`")]
pub trait Answer<Q> {
    /// The measured value.
    ///
    /// # Errors
    /// When there is none: the reason.
    fn answer(&self) -> Reading<Q>;

    /// How closely it is known, where that was measured.
    fn interval(&self) -> Option<Interval> {
        None
    }
}

impl Answer<Nanos> for Timing {
    fn answer(&self) -> Reading<Nanos> {
        self.median()
    }

    fn interval(&self) -> Option<Interval> {
        self.range().ok()
    }
}

impl Answer<Nanos> for Pair {
    fn answer(&self) -> Reading<Nanos> {
        self.difference()
    }

    fn interval(&self) -> Option<Interval> {
        self.range().ok()
    }
}

impl<Q: Quantity> Answer<Q> for Reading<Q> {
    fn answer(&self) -> Reading<Q> {
        *self
    }
}

impl<Q: Quantity> Answer<Q> for Q {
    fn answer(&self) -> Reading<Q> {
        Ok(*self)
    }
}

impl Guess {
    /// Sets the guess.
    pub fn at(mut self, value: impl Quantity) -> Self {
        self.value = Some(sized(value));
        self
    }

    /// How much the reader has said, in the base unit of this; nothing, if nothing was said that is a number.
    pub(crate) fn said(&self) -> Option<(f64, Unit)> {
        self.value.filter(|(size, _)| size.is_finite())
    }

    /// Holds the guess against what was measured. Where nothing was guessed, gives the answer and an invitation.
    pub fn against<Q: Quantity>(&self, truth: &impl Answer<Q>) -> Comparison {
        self.compared(Q::UNIT, truth.answer().map(Quantity::size), truth.interval())
    }

    /// What the comparison says, compiled once: all that is generic is compiled in each cell that calls it.
    fn compared(&self, asked: Unit, answer: Reading<f64>, interval: Option<Interval>) -> Comparison {
        let number = |truth: f64| match truth {
            truth if truth.is_finite() => Ok(truth),
            _ => Err(Unavailable::because("the measured value is no number")),
        };
        let words =
            |truth: f64| interval.map_or_else(|| asked.words(truth), |interval| interval.middle_words(asked));
        let guess = self.said().map(|(size, unit)| (unit.words(size), size, unit));
        Comparison(match (guess, answer.and_then(number)) {
            (None, Err(reason)) => format!("Not measured here: {reason}."),
            (None, Ok(truth)) => format!(
                "Here it is {}. What would you have said? Add .at(…) to the guess for {}, and run both cells again.",
                words(truth),
                self.name
            ),
            (Some((guess, ..)), Err(reason)) => {
                format!("You said {guess} for {}. It could not be measured here: {reason}.", self.name)
            }
            (Some((guess, _, unit)), Ok(truth)) if unit != asked => format!(
                "You said {guess} for {}, which is {}. What's asked for is {}: here it is {}.",
                self.name,
                unit.noun(),
                asked.noun(),
                words(truth)
            ),
            (Some((guess, size, _)), Ok(truth)) => format!(
                "You said {guess} for {}. Here it is {}: {}.",
                self.name,
                words(truth),
                compared(size, truth)
            ),
        })
    }
}

/// How far a guess lies from the truth.
fn compared(guess: f64, truth: f64) -> String {
    if guess <= 0.0 || truth <= 0.0 {
        let same = guess.total_cmp(&truth).is_eq();
        return if same { "just as you said" } else { "not as you said" }.to_owned();
    }
    match truth / guess {
        1.0 => "just as you said".to_owned(),
        times if (0.9..=1.1).contains(&times) => "close to your guess".to_owned(),
        times if times > 1.0 => format!("{} times your guess", Ratio(times)),
        _ => format!("your guess was {} times too high", Ratio(guess / truth)),
    }
}

/// A quantity as a number and what it counts.
fn sized<Q: Quantity>(value: Q) -> (f64, Unit) {
    (value.size(), Q::UNIT)
}

impl Display for Guess {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        match self.said() {
            Some((size, unit)) => write!(out, "{}: you say {}", self.name, unit.words(size)),
            None if self.value.is_some() => write!(out, "{}: that's no number; change .at(…)", self.name),
            None => write!(out, "{}: no guess yet; add .at(…)", self.name),
        }
    }
}

impl fmt::Debug for Guess {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        Display::fmt(self, out)
    }
}

impl Guess {
    /// Shows the guess as the output of a cell.
    pub fn evcxr_display(&self) {
        evcxr_runtime::mime_type("text/plain").text(self.to_string());
    }
}

/// A guess and the truth, in one sentence.
#[derive(Clone, PartialEq, Eq)]
pub struct Comparison(String);

impl Display for Comparison {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Count, nanos};

    #[test]
    fn a_guess_is_judged_by_ratio() {
        let guess: Guess = predict("one call").at(nanos(50.0));
        let said = |truth: f64| guess.against(&nanos(truth)).to_string();
        assert_eq!(said(164.0), "You said 50.0 ns for one call. Here it is 164 ns: 3.28 times your guess.");
        assert_eq!(said(52.0), "You said 50.0 ns for one call. Here it is 52.0 ns: close to your guess.");
        assert!(said(5.0).ends_with("Here it is 5.00 ns: your guess was 10.0 times too high."));
        assert!(said(0.0).ends_with("Here it is 0 ns: not as you said."));
        assert!(said(50.0).ends_with("just as you said."));
        assert!(said(f64::NAN).ends_with("could not be measured here: the measured value is no number."));
    }

    #[test]
    fn what_was_not_measured_is_said() {
        let missing: Reading<Nanos> = Err(Unavailable::because("only one CPU"));
        let text = predict("x").at(nanos(1.0)).against(&missing).to_string();
        assert_eq!(text, "You said 1.00 ns for x. It could not be measured here: only one CPU.");
        assert_eq!(predict("x").against(&missing).to_string(), "Not measured here: only one CPU.");
    }

    #[test]
    fn nobody_is_told_what_they_said_who_said_nothing() {
        for unset in [predict("one call"), predict("one call").at(nanos(f64::NAN))] {
            let text = unset.against(&nanos(164.0)).to_string();
            assert!(text.starts_with("Here it is 164 ns. What would you have said?"), "{text}");
            assert!(text.contains(".at(…)") && !text.contains("You said"), "{text}");
        }
    }

    #[test]
    fn a_guess_that_is_no_number_is_not_repeated() {
        for odd in [f64::NAN, f64::INFINITY] {
            let text = predict("one call").at(nanos(odd)).to_string();
            assert_eq!(text, "one call: that's no number; change .at(…)");
        }
        assert_eq!(predict("one call").at(nanos(50.0)).to_string(), "one call: you say 50.0 ns");
        assert_eq!(predict("one call").to_string(), "one call: no guess yet; add .at(…)");
    }

    #[test]
    fn a_guess_in_another_unit_is_told_so() {
        let text = predict("one call").at(Count(5)).against(&nanos(164.0)).to_string();
        assert_eq!(
            text,
            "You said 5 for one call, which is a count. What's asked for is a time: here it is 164 ns."
        );
    }

    #[test]
    fn an_answer_has_no_more_figures_than_its_interval() {
        let wide = Timing::of("call", &[nanos(100.0), nanos(512.0), nanos(900.0)]);
        let text = predict("one call").at(nanos(50.0)).against(&wide).to_string();
        assert!(text.contains("Here it is 500 ns"), "{text}");
    }
}
