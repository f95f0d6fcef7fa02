//! One value for each pair: CPU by CPU, or CPU by time.

mod layout;

use super::figure::{Figure, Parts, Table, Words, wordy};
use super::overlay::{Overlays, overlaid};
use crate::drawing::text::plain;
use crate::reading::Unavailable;
use crate::units::{Count, Nanos, Quantity, Unit};

/// Starts a heat map: what its rows are, what its columns are, and what each cell tells. The darker, the more; cells carry
/// their value where it fits, and the greatest is outlined.
///
/// ```
/// use helpers::{chart, nanos};
/// // How far are two CPUs from one another?
/// let figure = chart::heat("from", "to", "time one way")
///     .columns(["CPU 0", "CPU 1"])
///     .row("CPU 0", [None, Some(nanos(51.0))])
///     .row("CPU 1", [Some(nanos(49.0)), None])
///     .figure();
/// assert_eq!(figure.title, "Time one way: from 49.0 ns (CPU 1, CPU 0) to 51.0 ns (CPU 0, CPU 1)");
/// ```
pub fn heat(rows: &str, columns: &str, what: &str) -> Heat {
    Heat {
        words: Words::default(),
        overlays: Overlays::default(),
        axes: [plain(rows), plain(columns)],
        what: plain(what),
        unit: Unit::Count,
        columns: Vec::new(),
        over: None,
        rows: Vec::new(),
    }
}

/// One value for each pair; see [`heat`].
#[derive(Clone, Debug)]
pub struct Heat {
    words: Words,
    overlays: Overlays,
    axes: [String; 2],
    what: String,
    unit: Unit,
    columns: Vec<String>,
    over: Option<f64>,
    rows: Vec<Row>,
}

wordy!(Heat);
overlaid!(Heat, reference);

#[derive(Clone, Debug)]
struct Row {
    name: String,
    values: Vec<Option<f64>>,
    missing: Option<String>,
}

/// A cell with its place.
type Spot<'a> = (&'a Row, usize, f64);

impl Heat {
    fn has(&self, name: &str) -> bool {
        self.what == name
    }

    /// Names the columns.
    pub fn columns<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.columns = names.into_iter().map(plain).collect();
        self
    }

    /// The columns are equal parts of this time.
    pub fn over(mut self, time: Nanos) -> Self {
        self.over = Some(time.0).filter(|time| time.is_finite() && *time > 0.0);
        self
    }

    /// Adds a row: a value for each column, or none.
    pub fn row<Q: Quantity>(mut self, name: &str, values: impl IntoIterator<Item = Option<Q>>) -> Self {
        self.unit = Q::UNIT;
        let values =
            values.into_iter().map(|value| value.map(Quantity::size).filter(|size| size.is_finite()));
        self.rows.push(Row { name: plain(name), values: values.collect(), missing: None });
        self
    }

    /// Keeps a row that could not be measured, with the reason.
    pub fn unavailable(mut self, name: &str, reason: &Unavailable) -> Self {
        let missing = Some(plain(&reason.to_string()));
        self.rows.push(Row { name: plain(name), values: Vec::new(), missing });
        self
    }

    /// How many columns there are.
    fn count(&self) -> usize {
        self.rows.iter().map(|row| row.values.len()).max().unwrap_or(0)
    }

    fn values(&self) -> impl Iterator<Item = Spot<'_>> {
        self.rows.iter().flat_map(|row| {
            row.values
                .iter()
                .enumerate()
                .filter_map(move |(column, value)| value.map(|value| (row, column, value)))
        })
    }

    /// The least and the greatest.
    fn ends(&self) -> Option<[Spot<'_>; 2]> {
        let least = self.values().min_by(|a, b| a.2.total_cmp(&b.2))?;
        // The first of several equal ones.
        let most = self.values().reduce(|most, spot| if spot.2 > most.2 { spot } else { most })?;
        Some([least, most])
    }

    fn column(&self, number: usize) -> String {
        match (self.over, self.columns.get(number)) {
            (Some(time), _) => Nanos(time * number as f64 / self.count().max(1) as f64).to_string(),
            (None, Some(name)) => name.clone(),
            (None, None) => (number + 1).to_string(),
        }
    }

    fn drawn(&self, wide: f64) -> Figure {
        let mut notes: Vec<String> = Vec::new();
        for row in &self.rows {
            notes.extend(row.missing.as_ref().map(|reason| format!("{}: unavailable: {reason}", row.name)));
        }
        notes.extend(self.overlaid().notes());
        let count = self.values().count();
        let parts = Parts {
            words: &self.words,
            title: self.words.headline(|| self.found()),
            subtitle: self.reading(),
            values: self.told(),
            notes,
            conditions: if count > 0 { vec![format!("{} cells", Count(count as u64))] } else { Vec::new() },
            table: self.table(),
        };
        let sheet = parts.sheet(wide);
        let bottom = if count == 0 { sheet.top - 20.0 } else { layout::draw(self, &sheet) };
        parts.finish(sheet, bottom)
    }

    fn reading(&self) -> String {
        let what = self.words.subtitle.as_ref().unwrap_or(&self.what);
        let [rows, columns] = &self.axes;
        let what = crate::drawing::text::capital(what);
        if self.ends().is_none() {
            return what;
        }
        format!(
            "{what} by {rows} (rows) and {columns} (columns): the darker, the more; outlined: the most{}",
            self.overlaid().legend()
        )
    }

    fn found(&self) -> String {
        let what = crate::drawing::text::capital(&self.what);
        match self.ends() {
            None => {
                let reason = self.rows.iter().find_map(|row| row.missing.as_deref());
                format!("Not measured here: {}", reason.unwrap_or("there is no cell"))
            }
            Some([least, most]) if least.2 >= most.2 => {
                format!("{what}: {} everywhere", self.unit.words(most.2))
            }
            Some(ends) => {
                let [least, most] = ends.map(|(row, column, value)| {
                    format!("{} ({}, {})", self.unit.words(value), row.name, self.column(column))
                });
                format!("{what}: from {least} to {most}")
            }
        }
    }

    fn told(&self) -> String {
        let mut told: Vec<String> = self
            .rows
            .iter()
            .map(|row| match &row.missing {
                Some(reason) => format!("{}: unavailable, {reason}", row.name),
                None => format!("{}: {}", row.name, self.summary(row).join(", ")),
            })
            .collect();
        told.extend(self.overlaid().told());
        format!("{}.", told.join("; "))
    }

    /// Least, mean and greatest of a row.
    fn summary(&self, row: &Row) -> [String; 3] {
        let values: Vec<f64> = row.values.iter().flatten().copied().collect();
        if values.is_empty() {
            return ["–"; 3].map(str::to_owned);
        }
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        [("least", least), ("mean", mean), ("most", most)]
            .map(|(word, v)| format!("{word} {}", self.unit.words(v)))
    }

    /// Every cell where a person can take them in, else a summary of each row.
    fn table(&self) -> Table {
        const READABLE: usize = 24;
        let mut table = Table::default();
        table.headers.push(self.axes[0].clone());
        let whole = self.count() <= READABLE;
        if whole {
            table.headers.extend((0..self.count()).map(|number| self.column(number)));
        } else {
            table.headers.extend(["cells", "least", "mean", "most"].map(str::to_owned));
        }
        for row in &self.rows {
            let mut cells = vec![row.name.clone()];
            if whole {
                let word =
                    |value: &Option<f64>| value.map_or("–".to_owned(), |value| self.unit.words(value));
                cells.extend(row.values.iter().map(word));
            } else {
                cells.push(Count(row.values.iter().flatten().count() as u64).to_string());
                cells.extend(self.summary(row));
            }
            cells.resize(table.headers.len(), "–".to_owned());
            table.rows.push(cells);
        }
        for [name, value] in self.overlaid().rows() {
            let mut cells = vec![name, value];
            cells.resize(table.headers.len().max(2), "–".to_owned());
            table.headers.resize(cells.len(), String::new());
            table.rows.push(cells);
        }
        table
    }
}
