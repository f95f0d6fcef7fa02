//! The signs that other work got in the way of a measurement.

use super::{Status, Timing};
use crate::ledger::Ledger;
use crate::reading::Reading;
use crate::statistics::{self, Summary};
use crate::units::Nanos;

/// The signs that other work got in the way, each with its size. A twentieth of the time counts.
pub(super) fn disturbances(samples: &[f64], ledger: &Ledger) -> Vec<String> {
    const NOTABLE: f64 = 0.05;
    let mut signs = Vec::new();
    let elapsed = ledger.elapsed.0.max(1.0);
    let mut share = |time: &Reading<Nanos>, what: &str| {
        if let Ok(time) = time
            && time.0 / elapsed > NOTABLE
        {
            signs.push(format!("{what} for {:.0} % of the time", 100.0 * time.0 / elapsed));
        }
    };
    share(&ledger.waited, "the thread waited for a CPU");
    share(&ledger.throttled, "a quota held the thread back");
    // Told in steps of 10 ms, so a single step may stand for next to nothing.
    let stolen = ledger.stolen.as_ref().map(|time| Nanos(time.0 - 1e7)).map_err(Clone::clone);
    share(&stolen, "the hypervisor gave CPUs to others");
    if let Some(s) = Summary::of(samples)
        && (s.q3 - s.q1) / s.median > NOTABLE
    {
        let resemblance = statistics::lag_one(samples);
        if resemblance > 0.5 {
            signs.push(format!(
                "neighbouring batches resemble each other (lag-1 autocorrelation {resemblance:.2})"
            ));
        }
        let drift = statistics::drift(samples);
        if drift > NOTABLE {
            signs.push(format!("the second half differs from the first by {:.0} %", 100.0 * drift));
        }
    }
    signs
}

impl Timing {
    /// The same, where samples were left out that a switch of threads had disturbed: if nobody counts those, that's a sign too.
    pub(crate) fn unless_counted(self, counted: Reading<()>) -> Self {
        match (counted, self.status) {
            (Err(reason), Status::Clean) => {
                let sign = format!("whether a thread lost its CPU isn't known: {reason}");
                Self { status: Status::Disturbed(vec![sign].into()), ..self }.made()
            }
            _ => self,
        }
    }
}
