//! Columns as wide as their words, or as narrow as they must be; on a small screen one block for each row.

use super::{Cell, Cells, Dot};
use crate::drawing::element::Place;
use crate::drawing::pen::Pen;
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::{self, width, wrap};
use crate::drawing::theme::{self, Font};
use crate::units::phrases;
use plotters_backend::text_anchor::HPos;

const LEADING: f64 = 16.0;
/// Room for a category's dot before its words.
const DOT: f64 = 15.0;
const GAP: f64 = 14.0;
const WIDEST_GAP: f64 = 52.0;

/// Draws all rows; returns the lowest line.
pub(super) fn draw(matrix: &Cells, sheet: &Sheet) -> f64 {
    if sheet.is_narrow() { blocks(matrix, sheet) } else { columns(matrix, sheet) }
}

fn columns(matrix: &Cells, sheet: &Sheet) -> f64 {
    let rooms = rooms(matrix, sheet.inner());
    let count = rooms.len() as f64;
    let spare = sheet.inner() - rooms.iter().sum::<f64>();
    let gap = if count > 1.0 { (spare / (count - 1.0)).min(WIDEST_GAP) } else { 0.0 };
    let after = |x: &mut f64, room: &f64| Some(std::mem::replace(x, *x + room + gap));
    let starts: Vec<f64> = rooms.iter().scan(sheet.margin, after).collect();

    let mut y = sheet.top + 8.0;
    let heads: Vec<Vec<String>> =
        matrix.heads.iter().zip(&rooms).map(|(head, room)| wrap(head, theme::TICK, *room, 2)).collect();
    let tall = heads.iter().map(Vec::len).max().unwrap_or(1);
    for (lines, x) in heads.iter().zip(&starts) {
        // Heads stand on the rule, however many lines they have.
        let top = y + LEADING * (tall - lines.len()) as f64;
        for (number, line) in lines.iter().enumerate() {
            sheet.text(line, theme::TICK, (*x, top + LEADING * number as f64), HPos::Left);
        }
    }
    y += LEADING * (tall - 1) as f64 + 9.0;
    rule(sheet, y, theme::RULE);
    for (number, row) in matrix.rows.iter().enumerate() {
        let is_subject = matrix.is_subject(row);
        let cells: Vec<(Font, Vec<String>)> = row
            .iter()
            .enumerate()
            .map(|(column, cell)| {
                let font = font(cell, column == 0, is_subject);
                (font, wrap(&cell.text, font, rooms[column] - indent(cell), 8))
            })
            .collect();
        let lines = cells.iter().map(|(_, lines)| lines.len()).max().unwrap_or(1);
        let next = y + LEADING * lines as f64 + 14.0;
        let detail: Vec<&str> =
            row.iter().map(|cell| cell.text.as_str()).filter(|text| !text.is_empty()).collect();
        sheet.group(&detail.join(" · "), || {
            for ((cell, (font, lines)), x) in row.iter().zip(&cells).zip(&starts) {
                written(sheet, cell, (*font, lines), (*x, y + 19.5));
            }
        });
        y = next;
        if number + 1 < matrix.rows.len() {
            rule(sheet, y, theme::GRID);
        }
    }
    y
}

/// One block for each row: its name, and below it head and text of every other cell.
fn blocks(matrix: &Cells, sheet: &Sheet) -> f64 {
    let heads = matrix.heads.iter().skip(1).map(|head| width(head, theme::TICK));
    let column = heads.fold(0.0, f64::max).min(sheet.inner() * 0.42) + 14.0;
    let mut y = sheet.top - 6.0;
    for (number, row) in matrix.rows.iter().enumerate() {
        if number > 0 {
            y += 12.0;
            rule(sheet, y, theme::GRID);
        }
        let is_subject = matrix.is_subject(row);
        for line in wrap(&row[0].text, theme::LABEL.strong(), sheet.inner(), 3) {
            y += 20.0;
            sheet.text(&line, theme::LABEL.strong(), (sheet.margin, y), HPos::Left);
        }
        for (head, cell) in matrix.heads.iter().zip(row).skip(1) {
            let font = font(cell, false, is_subject);
            let lines = wrap(&cell.text, font, sheet.inner() - column - indent(cell), 6);
            let head = wrap(head, theme::TICK, column - 14.0, 2);
            y += 19.0;
            for (number, line) in head.iter().enumerate() {
                sheet.text(line, theme::TICK, (sheet.margin, y + LEADING * number as f64), HPos::Left);
            }
            written(sheet, cell, (font, &lines), (sheet.margin + column, y));
            y += LEADING * (lines.len().max(head.len()) - 1) as f64;
        }
    }
    y + 4.0
}

fn rule(sheet: &Sheet, y: f64, color: plotters::style::RGBColor) {
    sheet.line(&[(sheet.margin, y), (sheet.right(), y)], Pen::line(color, 1.0));
}

fn written(sheet: &Sheet, cell: &Cell, (font, lines): (Font, &[String]), (x, y): Place) {
    if let Some(dot) = cell.dot {
        let color = match dot {
            Dot::Category(number) => theme::category(number).mark,
            Dot::Grey => theme::MARK,
        };
        sheet.circle((x + 4.5, y - 4.2), 4.5, Pen::fill(color).solid());
    }
    for (number, line) in lines.iter().enumerate() {
        sheet.text(line, font, (x + indent(cell), y + LEADING * number as f64), HPos::Left);
    }
}

fn indent(cell: &Cell) -> f64 {
    if cell.dot.is_some() { DOT } else { 0.0 }
}

fn font(cell: &Cell, is_name: bool, is_subject: bool) -> Font {
    let base = if is_name { theme::LABEL } else { theme::VALUE.colored(theme::INK) };
    let base = if cell.quiet { base.colored(theme::QUIET) } else { base };
    let base = if cell.mono { base.mono() } else { base };
    let accent = is_subject && cell.mono;
    let base = if accent { base.colored(theme::ACCENT.text) } else { base };
    if cell.strong || accent || (is_subject && is_name) { base.strong() } else { base }
}

/// How wide each column is: as its widest cell wants. Where that is too much, cells break into lines, those first that
/// make the table least taller.
fn rooms(matrix: &Cells, inner: f64) -> Vec<f64> {
    const STEPS: usize = 12;
    let count = matrix.heads.len();
    let available = inner - GAP * (count - 1) as f64;
    let mut rooms: Vec<f64> = (0..count).map(|column| widest(matrix, column, f64::INFINITY)).collect();
    let words: Vec<f64> = (0..count).map(|column| longest_word(matrix, column)).collect();
    loop {
        let excess = rooms.iter().sum::<f64>() - available;
        if excess <= 0.0 {
            return rooms;
        }
        let tall = lines(matrix, &rooms);
        let mut best: Option<(f64, Vec<f64>)> = None;
        for column in 0..count {
            let mut narrower = rooms.clone();
            // A small step may cost as many lines as a large one: look some steps ahead.
            for _ in 0..STEPS {
                narrower[column] = widest(matrix, column, narrower[column] - 1.0);
                let gained = (rooms[column] - narrower[column]).min(excess);
                if gained <= 0.0 || narrower[column] < words[column] {
                    break;
                }
                let cost = (lines(matrix, &narrower) - tall) as f64 / gained;
                if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                    best = Some((cost, narrower.clone()));
                }
            }
        }
        match best {
            Some((_, narrower)) => rooms = narrower,
            None => return squeezed(rooms, available),
        }
    }
}

/// Where words must break, the widest columns give way to the same width.
fn squeezed(rooms: Vec<f64>, available: f64) -> Vec<f64> {
    let (mut low, mut high) = (0.0, available);
    while high - low > 0.5 {
        let most = f64::midpoint(low, high);
        let taken: f64 = rooms.iter().map(|room| room.min(most)).sum();
        if taken > available { high = most } else { low = most }
    }
    rooms.into_iter().map(|room| room.min(low)).collect()
}

/// The widest line of a column when its cells break at `room`.
fn widest(matrix: &Cells, column: usize, room: f64) -> f64 {
    let lines = texts(matrix, column).into_iter().map(|(text, font, indent)| {
        text::widest(&[wrap(text, font, room - indent, usize::MAX)], font) + indent
    });
    lines.fold(0.0, f64::max) + 0.5
}

/// What a column needs so that no word must break, unless it is a monster.
fn longest_word(matrix: &Cells, column: usize) -> f64 {
    const MONSTER: f64 = 150.0;
    let words = texts(matrix, column)
        .into_iter()
        .map(|(text, font, indent)| text::widest(&[phrases(text)], font) + indent);
    words.fold(0.0, f64::max).min(MONSTER)
}

/// Head and cells of a column, each with its font and the room before its words.
fn texts(matrix: &Cells, column: usize) -> Vec<(&str, Font, f64)> {
    let cells = matrix.rows.iter().map(|row| {
        let cell = &row[column];
        (cell.text.as_str(), font(cell, column == 0, matrix.is_subject(row)), indent(cell))
    });
    std::iter::once((matrix.heads[column].as_str(), theme::TICK, 0.0)).chain(cells).collect()
}

/// How many lines the whole table takes.
fn lines(matrix: &Cells, rooms: &[f64]) -> usize {
    let columns: Vec<Vec<usize>> = (0..rooms.len())
        .map(|column| {
            let texts = texts(matrix, column).into_iter();
            texts
                .map(|(text, font, indent)| wrap(text, font, rooms[column] - indent, usize::MAX).len())
                .collect()
        })
        .collect();
    (0..=matrix.rows.len()).map(|row| columns.iter().map(|column| column[row]).max().unwrap_or(1)).sum()
}
