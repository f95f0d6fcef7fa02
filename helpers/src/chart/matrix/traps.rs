//! The trap atlas: forbidden acts, how the CPU refused each, and what the process heard.

use super::{Cell, Matrix, cell, matrix};
use crate::sandbox::{Ending, Outcome};

/// Starts a matrix of forbidden acts: the trap that the CPU raised with its error bits and the refused address, and what
/// the process heard of it from the kernel.
///
/// ```
/// use helpers::{attempt, chart};
/// // Who refuses, when a pointer leads nowhere?
/// let bad = 99_999_999_999_999 as *const u8;
/// let read = attempt("read 99999999999999", move || unsafe { bad.read_volatile() });
/// let add = attempt("add", || 1 + 1);
/// assert_eq!(chart::traps([&read, &add]).subject("read 99999999999999").figure().table.rows.len(), 2);
/// ```
pub fn traps<'a>(endings: impl IntoIterator<Item = &'a Ending>) -> Matrix {
    of(&endings.into_iter().collect::<Vec<_>>())
}

fn of(endings: &[&Ending]) -> Matrix {
    let mut kinds: Vec<&str> = Vec::new();
    let mut chart = matrix(["act", "trap (CPU)", "error bits (CPU)", "address", "heard"]);
    let (mut tried, mut refused) = (0, 0);
    for ending in endings {
        let [trap, bits, address] = match &ending.trap {
            None => ["none", "–", "–"].map(|text| cell(text).quiet()),
            Some(trap) => {
                if !kinds.contains(&trap.name.held()) {
                    kinds.push(&trap.name);
                }
                let kind = kinds.iter().position(|kind| trap.name == *kind).unwrap_or(0);
                let number = trap.number.map_or(String::new(), |number| format!("{number} "));
                let bits = if trap.bits.is_empty() { "–" } else { &trap.bits };
                let address =
                    trap.address.map_or_else(|| cell("–").quiet(), |a| cell(format!("{a:#x}")).mono());
                [cell(format!("{number}{}", trap.name)).category(kind), cell(bits).quiet(), address.quiet()]
            }
        };
        tried += usize::from(!matches!(ending.outcome, Outcome::Unavailable(_)));
        refused += usize::from(ending.trap.is_some());
        let trap = match (&ending.trap, &ending.outcome) {
            (_, Outcome::Unavailable(_)) => cell("–").quiet(),
            (None, _) => trap.uncategorised(),
            _ => trap,
        };
        chart = chart.row([cell(ending.act), trap, bits, address, heard(&ending.outcome)]);
    }
    chart.kind.what =
        "Each act tried in a child of its own: the trap that the CPU raised, and what the child heard";
    let ways = match kinds.len() {
        1 => "one way".to_owned(),
        ways => format!("{ways} ways"),
    };
    chart.kind.found = match (tried, endings.first().map(|e| &e.outcome)) {
        (0, Some(Outcome::Unavailable(reason))) => Some(Err(reason.to_string())),
        (0, _) => None,
        (1, _) if refused == 1 => Some(Ok("The CPU refused the act".to_owned())),
        _ if refused == 0 => Some(Ok("The CPU refused none of the acts".to_owned())),
        _ => Some(Ok(format!("The CPU refused {refused} of {tried} acts, in {ways}"))),
    };
    if tried > 0 {
        chart.kind.conditions.push(if tried == 1 {
            "1 child".to_owned()
        } else {
            format!("{tried} children")
        });
    }
    chart
}

/// What the process heard of its act.
fn heard(outcome: &Outcome) -> Cell {
    match outcome {
        Outcome::Killed(signal) => cell(signal.name),
        Outcome::Survived(None) => cell("nothing").quiet(),
        Outcome::Survived(Some(returned)) => match &returned.error {
            Some(error) => cell(error),
            None => cell(format!("returned {}", returned.value)).quiet(),
        },
        Outcome::Exited(status) => cell(format!("exit status {status}")),
        Outcome::Panicked(message) => cell(format!("panic: {message}")),
        Outcome::TimedOut(limit) => cell(format!("no end within {limit}")),
        Outcome::Unavailable(reason) => cell(format!("unavailable: {reason}")).quiet(),
    }
}
