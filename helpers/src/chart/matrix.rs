//! A table that is read like a chart: acts in rows, what each actor did in columns.

mod layout;
mod traps;

pub use traps::traps;

use super::figure::Table;
use super::kind::{Chart, Kind, chart};
use super::overlay::Beside;
use crate::drawing::sheet::Sheet;
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
    chart(Cells {
        heads: heads.into_iter().map(plain).collect(),
        rows: Vec::new(),
        subject: None,
        what: "",
        found: None,
        conditions: Vec::new(),
    })
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
pub type Matrix = Chart<Cells>;

/// Rows of cells under heads.
#[derive(Clone)]
pub struct Cells {
    heads: Vec<String>,
    rows: Vec<Vec<Cell>>,
    subject: Option<String>,
    /// What is plotted, where that is more than the heads.
    what: &'static str,
    /// What the rows show, where something does.
    found: Option<Result<String, String>>,
    conditions: Vec<String>,
}

impl Matrix {
    /// Adds a row; cells beyond the last column are left out, missing ones stay empty.
    pub fn row<C: Into<Cell>>(mut self, cells: impl IntoIterator<Item = C>) -> Self {
        let mut cells: Vec<Cell> = cells.into_iter().map(Into::into).collect();
        cells.resize(self.kind.heads.len(), cell(""));
        self.kind.rows.push(cells);
        self
    }

    /// The row that the finding is about, by its first cell: its name is heavier and its addresses are accentuated.
    pub fn subject(mut self, name: impl Into<String>) -> Self {
        self.kind.subject = Some(plain(&name.into()));
        self
    }
}

impl Cells {
    fn is_subject(&self, row: &[Cell]) -> bool {
        row.first().is_some_and(|name| Some(name.text.as_str()) == self.subject.as_deref())
    }
}

impl Kind for Cells {
    fn as_kind(&self) -> &dyn Kind {
        self
    }

    fn what(&self) -> String {
        if self.what.is_empty() {
            format!("One row each: {}", self.heads.join(", "))
        } else {
            self.what.to_owned()
        }
    }

    fn found(&self) -> Result<String, String> {
        match (&self.found, self.rows.len()) {
            (Some(found), _) => found.clone(),
            (None, 0) => Err("there is no row".to_owned()),
            (None, _) => Ok(self.heads.join(", ")),
        }
    }

    fn values(&self) -> Vec<String> {
        let value = |row: &Vec<Cell>| {
            let cells = self.heads.iter().zip(row).skip(1).filter(|(_, cell)| !cell.text.is_empty());
            let cells: Vec<String> = cells.map(|(head, cell)| format!("{head} {}", cell.text)).collect();
            let name = row.first().map_or("", |cell| cell.text.as_str());
            format!("{name}: {}", cells.join(", "))
        };
        self.rows.iter().map(value).collect()
    }

    fn table(&self) -> Table {
        let row = |row: &Vec<Cell>| row.iter().map(|cell| cell.text.clone()).collect();
        Table { headers: self.heads.clone(), rows: self.rows.iter().map(row).collect() }
    }

    fn conditions(&self) -> Vec<String> {
        self.conditions.clone()
    }

    fn astray(&self) -> Option<&str> {
        self.subject.as_deref().filter(|_| !self.rows.iter().any(|row| self.is_subject(row)))
    }

    fn is_empty(&self) -> bool {
        self.rows.is_empty() || self.heads.is_empty()
    }

    fn draw(&self, sheet: &Sheet, _: &[Beside]) -> f64 {
        layout::draw(self, sheet)
    }
}
