//! Names of rows: left of a plot, or above their rows where the screen is small.

use super::sheet::{Draw, Sheet};
use super::text::{widest, wrap};
use super::theme::Font;
use plotters_backend::text_anchor::HPos;

/// Between the lines of a name.
pub(crate) const LEADING: f64 = 16.5;
/// From the names to the plot.
const GUTTER: f64 = 16.0;

/// The names of all rows, broken into lines.
pub(crate) struct Names {
    lines: Vec<Vec<String>>,
    /// Whether each stands above its row.
    pub(crate) above: bool,
    /// Where the plot begins.
    pub(crate) left: f64,
}

impl Names {
    /// Breaks names, none of which takes more than `most` lines; `font` is the heaviest that any of them is written in.
    pub(crate) fn of<'a>(
        sheet: &Sheet,
        names: impl Iterator<Item = &'a str>,
        font: Font,
        most: usize,
    ) -> Self {
        let above = sheet.is_narrow();
        let room = if above { sheet.inner() } else { sheet.inner() * 0.3 };
        let lines: Vec<Vec<String>> = names.map(|name| wrap(name, font, room, most)).collect();
        let left = sheet.margin + if above { 2.0 } else { widest(&lines, font) + GUTTER };
        Self { lines, above, left }
    }

    /// How much higher a row is since its name stands above it.
    pub(crate) fn head(&self, row: usize) -> f64 {
        if self.above { LEADING * self.lines[row].len() as f64 + 2.0 } else { 0.0 }
    }

    /// How high a row must be for the name beside it.
    pub(crate) fn beside(&self, row: usize) -> f64 {
        if self.above { 0.0 } else { LEADING * self.lines[row].len() as f64 }
    }

    /// Writes the name of a row that begins at `top` and whose marks lie at `middle`.
    pub(crate) fn write(&self, sheet: &Sheet, row: usize, font: Font, (top, middle): (f64, f64)) {
        let lines = &self.lines[row];
        let (x, first, anchor) = if self.above {
            (self.left, top + 13.0, HPos::Left)
        } else {
            let first = middle + 4.5 - LEADING / 2.0 * (lines.len() - 1) as f64;
            (self.left - GUTTER + 2.0, first, HPos::Right)
        };
        for (number, line) in lines.iter().enumerate() {
            sheet.text(line, font, (x, first + LEADING * number as f64), anchor);
        }
    }
}
