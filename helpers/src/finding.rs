//! Findings: sentences whose numbers were measured, with their units and three significant figures. A sentence that lacks a
//! number is none, and says why.

use crate::lasting::Lasting;
use crate::measure::Timing;
use crate::reading::{Reading, Unavailable};
use crate::units::Quantity;
use std::fmt::{self, Display, Formatter};

/// Something that a sentence can name: a quantity by its size and unit, a timing by its name, words as they are. A reading
/// that failed has no words, only its reason.
pub trait Words {
    /// The words.
    ///
    /// # Errors
    /// When there is nothing to name: the reason.
    fn words(&self) -> Reading<String>;
}

impl<Q: Quantity> Words for Q {
    fn words(&self) -> Reading<String> {
        let size = self.size();
        let no_number = || Unavailable::because("a value of the sentence is no number");
        size.is_finite().then(|| self.to_string()).ok_or_else(no_number)
    }
}

impl<Q: Quantity> Words for Reading<Q> {
    fn words(&self) -> Reading<String> {
        (*self)?.words()
    }
}

impl Words for Reading<String> {
    fn words(&self) -> Reading<String> {
        self.clone()
    }
}

impl Words for Reading<&str> {
    fn words(&self) -> Reading<String> {
        self.map(str::to_owned)
    }
}

impl Words for str {
    fn words(&self) -> Reading<String> {
        Ok(self.to_owned())
    }
}

impl Words for &str {
    fn words(&self) -> Reading<String> {
        Ok((*self).to_owned())
    }
}

impl Words for Lasting<str> {
    fn words(&self) -> Reading<String> {
        Ok(self.into())
    }
}

impl Words for Reading<Lasting<str>> {
    fn words(&self) -> Reading<String> {
        self.map(String::from)
    }
}

impl Words for String {
    fn words(&self) -> Reading<String> {
        Ok(self.clone())
    }
}

impl Words for Timing {
    fn words(&self) -> Reading<String> {
        self.median().map(|_| self.name.into())
    }
}

/// A sentence with its numbers, or why there is none. Give it to a chart as its title or to a claim as its finding: where a
/// number is missing the chart says *not measured here*, and the claim is ruled unavailable.
#[derive(Clone, PartialEq, Eq)]
pub struct Finding(Reading<String>);

/// Writes a finding: each `{name}` of the template becomes the words of the value given under that name.
///
/// ```
/// use helpers::{Nanos, Reading, Unavailable, claim, finding, measure};
/// // How much dearer is it to parse a number than to copy it?
/// let copy = measure("copy", || 42_u64);
/// let parse = measure("parse", || "42".parse::<u64>());
/// let found = finding("To {a} costs {ratio} times what it costs to {b}", &[("a", &parse), ("ratio", &parse.times(&copy)), ("b", &copy)]);
/// assert!(found.to_string().starts_with("To parse costs "));
///
/// // And when there was nothing to measure?
/// let missing: Reading<Nanos> = Err(Unavailable::because("only one CPU"));
/// let found = finding("A hand-over takes {time}", &[("time", &missing)]);
/// assert_eq!(found.to_string(), "Not measured here: only one CPU");
/// assert_eq!(claim("hand-overs are cheap").holds(true, found).to_string(), "unavailable: hand-overs are cheap (only one CPU).");
/// ```
pub fn finding(template: &str, values: &[(&str, &dyn Words)]) -> Finding {
    Finding(filled(template, values))
}

fn filled(template: &str, values: &[(&str, &dyn Words)]) -> Reading<String> {
    let mut sentence = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        sentence.push_str(before);
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| Unavailable::because("a { of the sentence is never closed"))?;
        let value = values.iter().find(|(given, _)| *given == name);
        let (_, value) = value.ok_or_else(|| {
            Unavailable::because(format!("the sentence asks for {name}, which was not given"))
        })?;
        sentence.push_str(&value.words()?);
        rest = after;
    }
    sentence.push_str(rest);
    Ok(sentence)
}

impl Finding {
    /// The sentence.
    ///
    /// # Errors
    /// When a value in it is missing: the reason.
    pub fn sentence(self) -> Reading<String> {
        self.0
    }
}

impl Display for Finding {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        match &self.0 {
            Ok(sentence) => out.write_str(sentence),
            Err(reason) => write!(out, "Not measured here: {reason}"),
        }
    }
}

impl From<Finding> for String {
    fn from(finding: Finding) -> Self {
        finding.to_string()
    }
}

impl From<String> for Finding {
    fn from(sentence: String) -> Self {
        Self(Ok(sentence))
    }
}

impl From<&Finding> for Finding {
    fn from(finding: &Finding) -> Self {
        finding.clone()
    }
}

impl From<&str> for Finding {
    fn from(sentence: &str) -> Self {
        Self(Ok(sentence.to_owned()))
    }
}

/// What a claim was found to be: one computed sentence that reads well either way, or a pair, the sentence if the claim holds
/// and the sentence if not.
#[diagnostic::on_unimplemented(
    message = "a sentence that was typed, `{Self}`, could contradict its ruling",
    note = "compute it, with `finding(\"… {{n}} …\", &[(\"n\", &n)])` or `format!(…)`; or give a pair: (\"the sentence if it holds\", \"the sentence if not\")"
)]
pub trait Found {
    /// The sentence for this outcome.
    fn found(self, holds: bool) -> Finding;
}

impl Found for Finding {
    fn found(self, _: bool) -> Finding {
        self
    }
}

impl Found for &Finding {
    fn found(self, _: bool) -> Finding {
        self.clone()
    }
}

impl Found for String {
    fn found(self, _: bool) -> Finding {
        self.into()
    }
}

impl<A: Into<Finding>, B: Into<Finding>> Found for (A, B) {
    fn found(self, holds: bool) -> Finding {
        if holds { self.0.into() } else { self.1.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Count, Share, nanos};

    #[test]
    fn every_number_has_its_unit_and_three_figures() {
        let found = finding(
            "{n} calls: {time}, {part}",
            &[("n", &Count(2000)), ("time", &nanos(1234.5)), ("part", &Share(0.25))],
        );
        assert_eq!(found.to_string(), "2,000 calls: 1.23 µs, 25.0 %");
    }

    #[test]
    fn what_is_missing_is_said() {
        assert_eq!(
            finding("{x}", &[]).to_string(),
            "Not measured here: the sentence asks for x, which was not given"
        );
        assert_eq!(finding("{x", &[]).to_string(), "Not measured here: a { of the sentence is never closed");
        assert_eq!(finding("no number", &[]).sentence().as_deref(), Ok("no number"));
    }
}
