//! One value for each pair: CPU by CPU, or CPU by time.

mod layout;

use super::figure::Table;
use super::kind::{Axis, Chart, Comparable, Kind, chart};
use super::overlay::Beside;
use crate::drawing::sheet::Sheet;
use crate::drawing::text::{capital, plain};
use crate::reading::Unavailable;
use crate::units::{Count, Nanos, Quantity, Ratio, Unit, told};

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
/// assert_eq!(figure.title, "Time one way: at most 51.0 ns (CPU 0, CPU 1), 1.04 times the least");
/// ```
pub fn heat(rows: &str, columns: &str, what: &str) -> Heat {
    chart(Grid {
        axes: [plain(rows), plain(columns)],
        what: plain(what),
        unit: Unit::Count,
        columns: Vec::new(),
        over: None,
        rows: Vec::new(),
    })
}

/// A chart of one value for each pair; see [`heat`].
pub type Heat = Chart<Grid>;

/// One value for each pair.
#[derive(Clone)]
pub struct Grid {
    axes: [String; 2],
    what: String,
    unit: Unit,
    columns: Vec<String>,
    over: Option<f64>,
    rows: Vec<Row>,
}

#[derive(Clone)]
struct Row {
    name: String,
    values: Vec<Option<f64>>,
    missing: Option<String>,
}

/// A cell with its place.
type Spot<'a> = (&'a Row, usize, f64);

impl Heat {
    /// Names the columns.
    pub fn columns<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.kind.columns = names.into_iter().map(plain).collect();
        self
    }

    /// The columns are equal parts of this time.
    pub fn over(mut self, time: Nanos) -> Self {
        self.kind.over = told(time.0).filter(|time| *time > 0.0);
        self
    }

    /// Adds a row: a value for each column, or none.
    pub fn row<Q: Quantity>(mut self, name: &str, values: impl IntoIterator<Item = Option<Q>>) -> Self {
        self.kind.unit = Q::UNIT;
        let values = values.into_iter().map(|value| value.map(Quantity::size).and_then(told));
        self.kind.rows.push(Row { name: plain(name), values: values.collect(), missing: None });
        self
    }

    /// Keeps a row that could not be measured, with the reason.
    pub fn unavailable(mut self, name: &str, reason: &Unavailable) -> Self {
        let missing = Some(plain(&reason.to_string()));
        self.kind.rows.push(Row { name: plain(name), values: Vec::new(), missing });
        self
    }
}

impl Grid {
    /// Whether a cell is empty because the same pair has its value elsewhere, or is none: of a way there and back one half says all.
    fn is_spared(&self, row: usize, column: usize) -> bool {
        let value = |row: usize, column: usize| self.rows.get(row).and_then(|row| *row.values.get(column)?);
        row == column || value(column, row).is_some()
    }

    /// How many columns there are.
    fn count(&self) -> usize {
        self.rows.iter().map(|row| row.values.len()).max().unwrap_or(0)
    }

    fn cells(&self) -> impl Iterator<Item = Spot<'_>> {
        self.rows.iter().flat_map(|row| {
            row.values
                .iter()
                .enumerate()
                .filter_map(move |(column, value)| value.map(|value| (row, column, value)))
        })
    }

    /// The least and the greatest.
    fn ends(&self) -> Option<[Spot<'_>; 2]> {
        let least = self.cells().min_by(|a, b| a.2.total_cmp(&b.2))?;
        // The first of several equal ones.
        let most = self.cells().reduce(|most, spot| if spot.2 > most.2 { spot } else { most })?;
        Some([least, most])
    }

    fn column(&self, number: usize) -> String {
        match (self.over, self.columns.get(number)) {
            (Some(time), _) => Nanos(time * number as f64 / self.count().max(1) as f64).to_string(),
            (None, Some(name)) => name.clone(),
            (None, None) => (number + 1).to_string(),
        }
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
}

impl Comparable for Grid {}

impl Kind for Grid {
    fn as_kind(&self) -> &dyn Kind {
        self
    }

    fn what(&self) -> String {
        self.what.clone()
    }

    fn how(&self) -> String {
        let differ = self.ends().is_some_and(|[least, most]| least.2 < most.2);
        if differ { ": the darker, the more; outlined: the most" } else { "" }.to_owned()
    }

    fn found(&self) -> Result<String, String> {
        let what = capital(&self.what);
        match self.ends() {
            None => {
                let reason = self.rows.iter().find_map(|row| row.missing.as_deref());
                Err(reason.unwrap_or("there is no cell").to_owned())
            }
            Some([least, most]) if least.2 >= most.2 => {
                let everywhere = if self.cells().count() > 1 { " everywhere" } else { "" };
                Ok(format!("{what}: {}{everywhere}", self.unit.words(most.2)))
            }
            Some([least, (row, column, most)]) => {
                let place = match self.over {
                    Some(_) => row.name.clone(),
                    None => format!("{}, {}", row.name, self.column(column)),
                };
                let times = Ratio(most / least.2);
                let times = if least.2 > 0.0 { format!(", {times} times the least") } else { String::new() };
                Ok(format!("{what}: at most {} ({place}){times}", self.unit.words(most)))
            }
        }
    }

    fn values(&self) -> Vec<String> {
        let value = |row: &Row| match &row.missing {
            Some(reason) => format!("{}: unavailable, {reason}", row.name),
            None => format!("{}: {}", row.name, self.summary(row).join(", ")),
        };
        self.rows.iter().map(value).collect()
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
        table
    }

    fn notes(&self) -> Vec<String> {
        let missing =
            |row: &Row| row.missing.as_ref().map(|reason| format!("{}: unavailable: {reason}", row.name));
        self.rows.iter().filter_map(missing).collect()
    }

    fn conditions(&self) -> Vec<String> {
        match self.cells().count() {
            0 => Vec::new(),
            1 => vec!["1 cell".to_owned()],
            count => vec![format!("{} cells", Count(count as u64))],
        }
    }

    /// Of the row of that name, and else of all: the colours are the same.
    fn axis(&self) -> Option<Axis> {
        let rows = self.rows.iter().map(|row| row.name.clone());
        let things: Vec<String> = rows.chain([self.what.clone()]).collect();
        Some(Axis { unit: self.unit, subject: Some(things.len() - 1), things })
    }

    fn draw(&self, sheet: &Sheet, beside: &[Beside]) -> f64 {
        layout::draw(self, beside, sheet)
    }
}
