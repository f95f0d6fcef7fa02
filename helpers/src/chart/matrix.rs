//! A table that is read like a chart: acts in rows, what each actor did in columns.

mod layout;
mod traps;

pub use traps::traps;

use super::figure::{Figure, Parts, Table, Words, wordy};
use crate::drawing::text::plain;

/// Starts a matrix with these column heads. The first column names the rows.
///
/// ```
/// use helpers::chart::{self, cell};
/// // Which of these does the kernel hear of?
/// let figure = chart::matrix(["act", "enters the kernel", "seen as"])
///     .row([cell("add two numbers"), cell("no").category(0), cell("–")])
///     .row([cell("open a file"), cell("yes").category(1), cell("openat").mono()])
///     .title("Only one of these two enters the kernel")
///     .figure();
/// assert_eq!(figure.table.rows.len(), 2);
/// ```
pub fn matrix<'a>(heads: impl IntoIterator<Item = &'a str>) -> Matrix {
    Matrix {
        words: Words::default(),
        heads: heads.into_iter().map(plain).collect(),
        rows: Vec::new(),
        subject: None,
        reading: "",
        finding: None,
        conditions: Vec::new(),
    }
}

/// A cell with this text.
pub fn cell(text: impl Into<String>) -> Cell {
    Cell { text: plain(&text.into()), dot: None, mono: false, strong: false, quiet: false }
}

/// A cell of a [`matrix`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    text: String,
    dot: Option<Dot>,
    mono: bool,
    strong: bool,
    quiet: bool,
}

/// What stands before a cell's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dot {
    Category(usize),
    Grey,
}

impl Cell {
    /// A dot before the text in the colour of this category; the text tells the same without it.
    pub fn category(mut self, number: usize) -> Self {
        self.dot = Some(Dot::Category(number));
        self
    }

    /// A grey dot: none of the categories.
    pub fn uncategorised(mut self) -> Self {
        self.dot = Some(Dot::Grey);
        self
    }

    /// Letters of equal width, for addresses, bits and names in code.
    pub fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    /// Heavier.
    pub fn strong(mut self) -> Self {
        self.strong = true;
        self
    }

    /// Grey: detail, or missing.
    pub fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        cell(text)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        cell(text)
    }
}

/// A table that is read like a chart; see [`matrix`] and [`traps`].
#[derive(Clone, Debug)]
pub struct Matrix {
    words: Words,
    heads: Vec<String>,
    rows: Vec<Vec<Cell>>,
    subject: Option<String>,
    reading: &'static str,
    finding: Option<String>,
    conditions: Vec<String>,
}

wordy!(Matrix);

impl Matrix {
    /// Adds a row; cells beyond the last column are left out, missing ones stay empty.
    pub fn row<C: Into<Cell>>(self, cells: impl IntoIterator<Item = C>) -> Self {
        self.with(cells.into_iter().map(Into::into).collect())
    }

    fn with(mut self, mut cells: Vec<Cell>) -> Self {
        cells.resize(self.heads.len(), cell(""));
        self.rows.push(cells);
        self
    }

    /// The row that the finding is about, by its first cell: its name is heavier and its addresses are accentuated.
    pub fn subject(mut self, name: impl Into<String>) -> Self {
        self.subject = Some(plain(&name.into()));
        self
    }

    fn is_subject(&self, row: &[Cell]) -> bool {
        row.first().is_some_and(|name| Some(name.text.as_str()) == self.subject.as_deref())
    }

    fn drawn(&self, wide: f64) -> Figure {
        let mut table = Table { headers: self.heads.clone(), rows: Vec::new() };
        table.rows = self.rows.iter().map(|row| row.iter().map(|cell| cell.text.clone()).collect()).collect();
        let rows = self.rows.iter().map(|row| {
            let cells = self.heads.iter().zip(row).skip(1).filter(|(_, cell)| !cell.text.is_empty());
            let told: Vec<String> = cells.map(|(head, cell)| format!("{head} {}", cell.text)).collect();
            let name = row.first().map_or("", |cell| cell.text.as_str());
            format!("{name}: {}", told.join(", "))
        });
        let heads = self.heads.join(", ");
        let parts = Parts {
            words: &self.words,
            title: self.words.headline(|| self.found()),
            subtitle: self.words.subtitle.clone().unwrap_or_else(|| {
                if self.reading.is_empty() {
                    format!("One row each: {heads}")
                } else {
                    self.reading.to_owned()
                }
            }),
            values: format!("{}.", rows.collect::<Vec<_>>().join("; ")),
            notes: Vec::new(),
            conditions: self.conditions.clone(),
            table,
        };
        let sheet = parts.sheet(wide);
        let bottom = layout::draw(self, &sheet);
        parts.finish(sheet, bottom)
    }

    fn found(&self) -> String {
        match (&self.finding, self.rows.len()) {
            (Some(finding), _) => finding.clone(),
            (None, 0) => "Not measured here: there is no row".to_owned(),
            (None, _) => self.heads.join(", "),
        }
    }
}
