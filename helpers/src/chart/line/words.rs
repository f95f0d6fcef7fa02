//! What a chart of series says: its table, its trends, and how to read it.

use super::{Sequences, Series, layout};
use crate::chart::figure::Table;
use crate::units::{Count, significant};

impl Sequences {
    /// A row for each place, a column for each series.
    pub(super) fn points(&self, longest: usize) -> Table {
        let mut table = Table::new(&[&self.counted]);
        table.headers.extend(self.series.iter().map(|series| series.name.clone()));
        let value = |series: &Series, number: usize| match (&series.summary, series.values.get(number)) {
            (Err(reason), _) => format!("unavailable: {reason}"),
            (Ok(_), Some(value)) if value.is_finite() => {
                let words = self.unit.words(*value);
                match series.band[number] {
                    (low, high) if low < high => {
                        format!("{words} ({} to {})", self.unit.words(low), self.unit.words(high))
                    }
                    _ => words,
                }
            }
            _ => "–".to_owned(),
        };
        for number in 0..longest.max(1) {
            let mut row = vec![if longest > 0 { whole(self.place(number)) } else { "–".to_owned() }];
            row.extend(self.series.iter().map(|series| value(series, number)));
            table.rows.push(row);
        }
        table
    }

    /// More points than a person takes in: a row for each series.
    pub(super) fn summaries(&self) -> Table {
        let mut table =
            Table::new(&["series", "median", "n", "middle half", "best", "99 %", "worst", "remark"]);
        for series in &self.series {
            let mut row = vec![series.name.clone()];
            match &series.summary {
                Err(reason) => {
                    row.resize(table.headers.len() - 1, "–".to_owned());
                    row.push(format!("unavailable: {reason}"));
                }
                Ok(s) => {
                    let [median, q1, q3, min, p99, max] =
                        [s.median, s.q1, s.q3, s.min, s.p99, s.max].map(|value| self.unit.words(value));
                    let remark = if series.is_model { "model" } else { "" };
                    row.extend([
                        median,
                        Count(s.n as u64).to_string(),
                        format!("{q1} to {q3}"),
                        min,
                        p99,
                        max,
                    ]);
                    row.push(remark.to_owned());
                }
            }
            table.rows.push(row);
        }
        table
    }

    /// Where a series begins and ends, and where it is largest if that is in between.
    pub(super) fn trend(&self, series: &Series) -> String {
        let known: Vec<(f64, f64)> =
            series.values.iter().enumerate().map(|(n, value)| (self.place(n), *value)).collect();
        let known: Vec<(f64, f64)> = known.into_iter().filter(|(_, value)| value.is_finite()).collect();
        let at = |(place, value): (f64, f64)| format!("{} at {}", self.unit.words(value), whole(place));
        let (Some(first), Some(last)) = (known.first(), known.last()) else { return series.name.clone() };
        let most = known.iter().copied().reduce(|most, point| if point.1 > most.1 { point } else { most });
        let between = most.filter(|most| most.1 > first.1 && most.1 > last.1);
        let between = between.map_or(String::new(), |most| format!(" over {}", at(most)));
        format!("{}: from {}{between} to {} ({})", series.name, at(*first), at(*last), self.counted)
    }

    /// What the values follow one another by.
    pub(super) fn order(&self) -> String {
        if self.places.is_empty() {
            format!("{0} by {0}", self.counted)
        } else {
            format!("by {}", self.counted)
        }
    }

    /// How to read what lies around a line.
    pub(super) fn bands(&self) -> String {
        let has = |series: &&Series| series.band.iter().any(|(low, high)| low < high);
        match self.series.iter().find(has) {
            Some(series) => format!("; band: {}", series.around),
            None if self.series.iter().any(|series| series.values.len() > layout::LONG) => {
                "; band: from the least to the most".to_owned()
            }
            None => String::new(),
        }
    }
}

/// A place as people write it: `8`, `0.5`.
pub(super) fn whole(place: f64) -> String {
    if place.is_nan() {
        return "–".to_owned();
    }
    if place.fract() == 0.0 && place >= 0.0 { Count(place as u64).to_string() } else { significant(place) }
}
