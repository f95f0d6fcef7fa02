//! Predictions and votes: a reader who has committed to a number looks differently at the measured one.

use crate::measure::Timing;
use crate::reading::{Reading, Unavailable};
use crate::record::{Kept, write_json};
use crate::units::{Nanos, Quantity, Ratio};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::path::Path;

/// The reader's prediction of one quantity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Guess<Q = Nanos> {
    /// Of what.
    pub name: String,
    /// How much.
    pub value: Q,
}

/// Commits to a guess before anything is measured.
///
/// ```
/// use helpers::{Comparison, Count, Guess, predict};
/// // Does a guess say how far off it was?
/// let guess: Guess<Count> = predict("page faults", Count(100));
/// assert_eq!(guess.against(&Ok(Count(400))).to_string(), "You said 100; here it is 400, 4.00 times your guess.");
/// ```
pub fn predict<Q: Quantity>(name: impl Into<String>, value: Q) -> Guess<Q> {
    Guess { name: name.into(), value }
}

/// What a guess can be held against.
pub trait Answer<Q> {
    /// The measured value.
    ///
    /// # Errors
    /// When there is none: the reason.
    fn answer(&self) -> Reading<Q>;
}

impl Answer<Nanos> for Timing {
    fn answer(&self) -> Reading<Nanos> {
        self.median()
    }
}

impl<Q: Quantity> Answer<Q> for Reading<Q> {
    fn answer(&self) -> Reading<Q> {
        self.clone()
    }
}

impl<Q: Quantity> Guess<Q> {
    /// Holds the guess against what was measured.
    pub fn against(&self, truth: &impl Answer<Q>) -> Comparison {
        let text = match truth.answer() {
            Err(reason) => {
                format!("You said {}; it could not be measured here: {reason}.", self.value)
            }
            Ok(truth) => {
                let how = match (self.value.size(), truth.size()) {
                    (guess, truth) if guess <= 0.0 || truth <= 0.0 => {
                        let same = guess.total_cmp(&truth).is_eq();
                        if same { "just as you said" } else { "not as you said" }.to_owned()
                    }
                    (guess, truth) if (0.9..=1.1).contains(&(truth / guess)) => {
                        "close to your guess".to_owned()
                    }
                    (guess, truth) if truth > guess => format!("{} times your guess", Ratio(truth / guess)),
                    (guess, truth) => format!("your guess was {} times too high", Ratio(guess / truth)),
                };
                format!("You said {}; here it is {truth}, {how}.", self.value)
            }
        };
        Comparison(text)
    }
}

/// A guess and the truth, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison(String);

impl Display for Comparison {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Which of two contradicting statements a reader believes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vote {
    /// The first.
    First,
    /// The second.
    Second,
    /// Each is true somewhere.
    Both,
    /// Not made up yet.
    Unsure,
}

/// The reader's votes on pairs of contradicting statements.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ballot(BTreeMap<String, Vote>);

/// Collects votes: each entry holds the two statements and the vote.
///
/// ```
/// use helpers::{Ballot, Vote, ballot};
/// // What was my vote on the cost of a thread?
/// let votes: Ballot = ballot([("a thread costs 1 MB", "a thread costs 60 kB", Vote::Second)]);
/// assert_eq!(votes.on("a thread costs 1 MB", "a thread costs 60 kB"), Some(Vote::Second));
/// ```
pub fn ballot<'a>(votes: impl IntoIterator<Item = (&'a str, &'a str, Vote)>) -> Ballot {
    Ballot(votes.into_iter().map(|(first, second, vote)| (pair(first, second), vote)).collect())
}

fn pair(first: &str, second: &str) -> String {
    format!("{first} / {second}")
}

impl Ballot {
    /// The vote on a pair of statements, if it was cast.
    pub fn on(&self, first: &str, second: &str) -> Option<Vote> {
        self.0.get(&pair(first, second)).copied()
    }

    /// Reads the votes kept at `path`.
    ///
    /// # Errors
    /// When the file cannot be read or holds no votes: the reason, and what to do about it.
    pub fn read(path: impl AsRef<Path>) -> Reading<Self> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path)
            .map_err(|e| Unavailable::refused(format!("reading the votes in {}", path.display()), &e))?;
        serde_json::from_str(&text).map_err(|e| {
            Unavailable::because(format!("{} holds no votes ({e}); delete it and vote again", path.display()))
        })
    }

    /// Keeps these votes at `path`, beside those cast earlier; a new vote on a pair replaces the old one. Tells in words
    /// what became of them: where nothing may be written the votes still stand in the notebook.
    pub fn keep(&self, path: impl AsRef<Path>) -> Kept {
        let path = path.as_ref();
        let mut all = if path.exists() {
            match Self::read(path) {
                Ok(earlier) => earlier,
                Err(reason) => return Kept(format!("Your votes were not kept: {reason}.")),
            }
        } else {
            Self::default()
        };
        all.0.extend(self.0.clone());
        match write_json(path, &all) {
            Ok(()) => Kept(format!(
                "{} votes, {} of them unsure, kept in {}.",
                all.0.len(),
                all.unsure(),
                path.display()
            )),
            Err(reason) => Kept(format!("Your votes were not kept: {reason}.")),
        }
    }

    fn unsure(&self) -> usize {
        self.0.values().filter(|vote| **vote == Vote::Unsure).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::nanos;

    #[test]
    fn a_guess_is_judged_by_ratio() {
        let guess = predict("one call", nanos(50.0));
        let said = |truth: f64| guess.against(&Ok(nanos(truth))).to_string();
        assert_eq!(said(164.0), "You said 50.0 ns; here it is 164 ns, 3.28 times your guess.");
        assert_eq!(said(52.0), "You said 50.0 ns; here it is 52.0 ns, close to your guess.");
        assert_eq!(said(5.0), "You said 50.0 ns; here it is 5.00 ns, your guess was 10.0 times too high.");
        assert_eq!(said(0.0), "You said 50.0 ns; here it is 0 ns, not as you said.");
    }

    #[test]
    fn what_was_not_measured_is_told() {
        let missing: Reading<Nanos> = Err(Unavailable::because("only one CPU"));
        let text = predict("x", nanos(1.0)).against(&missing).to_string();
        assert_eq!(text, "You said 1.00 ns; it could not be measured here: only one CPU.");
    }

    #[test]
    fn votes_are_kept_merged_and_never_overwrite_a_foreign_file() {
        let folder = std::env::temp_dir().join(format!("votes-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("votes.json");
        ballot([("a", "b", Vote::Unsure), ("c", "d", Vote::First)]).keep(&path);
        ballot([("a", "b", Vote::Both)]).keep(&path);
        let all = Ballot::read(&path).unwrap();
        assert_eq!((all.on("a", "b"), all.on("c", "d")), (Some(Vote::Both), Some(Vote::First)));

        std::fs::write(&path, "not votes").unwrap();
        assert!(ballot([("a", "b", Vote::First)]).keep(&path).0.contains("not kept"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "not votes");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn an_unwritable_place_is_told_not_raised() {
        let kept = ballot([("a", "b", Vote::First)]).keep("/proc/nowhere/votes.json");
        assert!(kept.0.starts_with("Your votes were not kept"), "{kept}");
    }
}
