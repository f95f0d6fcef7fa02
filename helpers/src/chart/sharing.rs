//! A card to hand on: one machine in a few facts.

use super::card::{Card, facts};
use crate::contradiction::{Contradiction, Settlement};
use crate::machine::Machine;
use crate::measure::Timing;
use crate::reading::Reading;

/// A card to hand on: this machine, what surprised its reader, and some numbers that matter.
///
/// ```
/// use helpers::{Timing, chart, micros};
/// let wake = Timing::of("wake a thread", &[micros(2.0)]);
/// assert!(chart::sharing(&[], [&wake]).figure().alt.contains("wake a thread"));
/// ```
pub fn sharing<'a>(pairs: &[Contradiction], numbers: impl IntoIterator<Item = &'a Timing>) -> Card {
    shared_from(&Machine::here().short(), pairs, &numbers.into_iter().collect::<Vec<_>>())
}

/// The same card from a machine of this name.
pub fn shared_from(machine: &str, pairs: &[Contradiction], numbers: &[&Timing]) -> Card {
    const MOST: usize = 6;
    let machine: Reading<&str> = Ok(machine);
    let mut card = facts().fact("my machine", "what it is", &machine);
    let voted = pairs.iter().filter(|pair| pair.vote().is_some() && pair.settled().is_settled()).count();
    let surprises: Vec<&Contradiction> = pairs.iter().filter(|pair| pair.is_surprise()).collect();
    for timing in numbers {
        card = card.fact("what things cost here", &timing.name, &timing.figure());
    }
    for pair in surprises.iter().take(MOST) {
        let [first, second] = pair.statements();
        let true_here: Reading<String> = Ok(match pair.settled() {
            Settlement::First => format!("it's the first: {first}"),
            Settlement::Second => format!("it's the second: {second}"),
            Settlement::Both => format!("both are true, it depends on {}", pair.context()),
            _ => "neither is true".to_owned(),
        });
        card = card.fact("what surprised me", &format!("{first}, or {second}?"), &true_here);
    }
    card.title(match (voted, surprises.len()) {
        (0, _) => "What things cost on my machine".to_owned(),
        (voted, 0) => format!("My machine does as I said, in all of {voted} votes"),
        (voted, surprises) => format!("My machine surprised me in {surprises} of {voted} votes"),
    })
    .subtitle("Measured with Concurrency, Measured")
}
