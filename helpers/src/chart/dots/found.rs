//! What a chart of dots has found: its title.

use super::Costs;
use crate::statistics::order;
use crate::units::{Nanos, Ratio};

/// Medians as near as this are about the same.
const ALIKE: f64 = 1.02;

/// A row that was measured.
struct Measured<'a> {
    name: &'a str,
    median: f64,
    is_bound: bool,
}

impl Measured<'_> {
    fn time(&self) -> String {
        format!("{}{}", if self.is_bound { "less than " } else { "" }, Nanos(self.median))
    }

    /// How many times `least` it takes.
    fn times(&self, least: &Self) -> String {
        let times = Ratio(self.median / least.median);
        format!("{}{times} times", if least.is_bound { "more than " } else { "" })
    }
}

/// The finding in a sentence; where there is none, the reason.
pub(super) fn sentence(costs: &Costs) -> Result<String, String> {
    let mut measured: Vec<Measured> = Vec::new();
    for row in &costs.rows {
        if let Ok(s) = &row.found {
            measured.push(Measured { name: &row.name, median: s.median, is_bound: row.is_bound });
        }
    }
    let ends = order(measured.len(), &|number| measured[number].median);
    let [least, most] = [ends.first(), ends.last()].map(|end| end.map(|number| &measured[*number]));
    let subject = measured.iter().find(|one| Some(one.name) == costs.subject.as_deref());
    Ok(match (least, most, subject) {
        (None, ..) => {
            let reason = costs.rows.first().and_then(|row| row.found.as_ref().err());
            return Err(reason.map_or("no timing was given", String::as_str).to_owned());
        }
        (Some(least), _, Some(s)) if least.name != s.name && least.median > 0.0 && !s.is_bound => {
            format!("{} takes {}, {} as long as {}", s.name, s.time(), s.times(least), least.name)
        }
        (Some(least), Some(most), None)
            if least.name != most.name && least.median > 0.0 && !most.is_bound =>
        {
            if most.median / least.median < ALIKE {
                format!("All {} take about {}", measured.len(), Nanos(least.median))
            } else {
                let (low, high) = (least.time(), most.time());
                let times = most.times(least);
                format!("From {low} ({}) to {high} ({}), {times} as long", least.name, most.name)
            }
        }
        (Some(least), Some(most), None) if least.name != most.name && most.is_bound => {
            format!("All {} take {}", measured.len(), most.time())
        }
        (Some(only), _, subject) => {
            let one = subject.unwrap_or(only);
            format!("{} takes {}", one.name, one.time())
        }
    })
}
