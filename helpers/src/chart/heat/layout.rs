//! Where cells, their words and the colour bar go.

use super::{Grid, Row};
use crate::chart::overlay::Beside;
use crate::drawing::canvas::Frame;
use crate::drawing::element::Place;
use crate::drawing::pen::Pen;
use crate::drawing::scale::{Scale, Unit};
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::{centred, shorten, widest, width, wrap};
use crate::drawing::theme::{self, Font};
use plotters::style::RGBColor;
use plotters_backend::text_anchor::HPos;

/// Steps between the lightest and the darkest colour.
const LEVELS: usize = 24;
/// From light to dark: one hue, so that it reads the same without colour.
const RAMP: [[f64; 3]; 3] = [[234.0, 243.0, 251.0], [79.0, 159.0, 212.0], [8.0, 48.0, 107.0]];
/// No more cells than this are drawn, so that the picture stays small.
const MOST: usize = 6000;

/// Draws bar, cells and names; returns the lowest baseline.
pub(super) fn draw(heat: &Grid, beside: &[Beside], sheet: &Sheet) -> f64 {
    let mut values: Vec<f64> = heat.cells().map(|(_, _, value)| value).collect();
    values.extend(beside.iter().map(|one| one.value));
    let scale = Scale::fitting(&values, heat.unit);
    let top = bar(heat, sheet, &scale, beside);
    let cells = Cells::of(heat, sheet, top);
    let words = shorten(&heat.axes[0], theme::NOTE, sheet.inner());
    sheet.text(&words, theme::NOTE, (sheet.margin, top - 8.0), HPos::Left);
    cells.draw(heat, sheet, &scale);
    cells.outline(heat, sheet);
    let bottom = cells.names(heat, sheet);
    match heat.ends() {
        Some([least, most]) if least.2 < most.2 && !cells.fits(heat) => {
            let [low, high] = [least, most].map(|(.., value)| heat.unit.words(value));
            let note = format!("Outlined: {high}; the least of all: {low}");
            sheet.paragraph(&note, theme::NOTE, (sheet.margin, bottom + 20.0), sheet.inner(), 3)
        }
        _ => bottom,
    }
}

/// The step of the ramp at a share of the scale.
fn level(share: f64) -> usize {
    ((share * LEVELS as f64) as usize).min(LEVELS - 1)
}

fn color(level: usize) -> RGBColor {
    let level = level as f64 / (LEVELS as f64 - 1.0);
    let (from, to, part) =
        if level < 0.5 { (RAMP[0], RAMP[1], level * 2.0) } else { (RAMP[1], RAMP[2], level * 2.0 - 1.0) };
    let mix = |i: usize| (from[i] + (to[i] - from[i]) * part).round() as u8;
    RGBColor(mix(0), mix(1), mix(2))
}

/// The colour bar with its ticks, and on it what was expected; returns where the cells may begin.
fn bar(heat: &Grid, sheet: &Sheet, scale: &Scale, beside: &[Beside]) -> f64 {
    const HIGH: f64 = 10.0;
    let (left, wide) = (sheet.margin + 14.0, (sheet.inner() * 0.7).min(300.0));
    let mut y = sheet.top + 4.0;
    let words = if scale.log { format!("{}, logarithmic", heat.what) } else { heat.what.clone() };
    sheet.text(&shorten(&words, theme::NOTE, sheet.inner()), theme::NOTE, (sheet.margin, y), HPos::Left);
    // Each on a line of its own above the bar.
    let middle = y + 17.0 * beside.len() as f64 + 16.0;
    let frame = Frame { x0: left, y0: middle - HIGH / 2.0, x1: left + wide, y1: middle + HIGH / 2.0 };
    let plot = sheet.rows(frame, scale.clone());
    let step = |level: usize| scale.at(level as f64 / LEVELS as f64);
    for level in 0..LEVELS {
        let (from, to) = ((step(level), frame.y0), (step(level + 1), frame.y1));
        plot.rect(from, to, Pen::fill(color(level)).graded());
    }
    for (number, one) in beside.iter().enumerate() {
        let at = plot.x(one.value);
        y += 17.0;
        let foot = middle - 8.0;
        if number + 1 < beside.len() {
            sheet.line(&[(at, y + 4.0), (at, foot)], Pen::line(one.hue().mark, 1.0).dashed(2.0, 2.0).solid());
        }
        let start = centred(width(&one.words(), one.font()), at, (sheet.margin, sheet.right()));
        sheet.label(&one.words(), one.font(), (start, y), HPos::Left);
        one.mark(&plot, (one.value, middle));
    }
    for at in plot.x_labels(middle + 21.0, sheet.margin, 60.0) {
        sheet.line(&[(at, middle + 5.0), (at, middle + 8.0)], Pen::line(theme::MARK, 1.0));
    }
    middle + 54.0
}

/// Where the cells lie.
struct Cells {
    origin: Place,
    /// Width and height of a cell.
    cell: (f64, f64),
    /// How many columns of the data share one of the picture.
    merged: usize,
    columns: usize,
    names: Vec<Vec<String>>,
    font: Font,
}

impl Cells {
    fn of(heat: &Grid, sheet: &Sheet, top: f64) -> Self {
        let rows = heat.rows.len();
        let font = if rows > 24 { theme::TICK } else { theme::LABEL };
        let room = (sheet.inner() * if sheet.is_narrow() { 0.34 } else { 0.28 }).max(60.0);
        let names: Vec<Vec<String>> =
            heat.rows.iter().map(|row| wrap(&row.name, font, room, if rows > 12 { 1 } else { 2 })).collect();
        let widest = widest(&names, font);
        let left = sheet.margin + widest + 10.0;
        let available = sheet.right() - left - 4.0;
        let most = ((available / 2.0) as usize).min(MOST / rows.max(1)).max(1);
        let merged = heat.count().div_ceil(most);
        let columns = heat.count().div_ceil(merged).max(1);
        let widest_cell = if heat.over.is_some() { f64::INFINITY } else { 110.0 };
        let wide = (available / columns as f64).min(widest_cell);
        let tallest = if names.iter().any(|lines| lines.len() > 1) { 38.0 } else { 34.0 };
        let high = match rows {
            0..=12 => tallest,
            13..=24 => 20.0,
            _ => 14.0,
        };
        Self { origin: (left, top), cell: (wide, high), merged, columns, names, font }
    }

    fn frame(&self, row: usize, column: usize) -> Frame {
        let ((x, y), (wide, high)) = (self.origin, self.cell);
        let (x0, y0) = (x + wide * column as f64, y + high * row as f64);
        // A thin gap where cells are wide enough to stand alone.
        let gap = if wide > 6.0 { 0.5 } else { 0.0 };
        Frame { x0: x0 + gap, y0: y0 + 0.5, x1: x0 + wide - gap, y1: y0 + high - 0.5 }
    }

    /// The mean of the values that share a cell.
    fn value(&self, row: &Row, column: usize) -> Option<f64> {
        let from = (column * self.merged).min(row.values.len());
        let those = &row.values[from..(from + self.merged).min(row.values.len())];
        let known: Vec<f64> = those.iter().flatten().copied().collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    }

    /// Whether cells have room for their values.
    fn fits(&self, heat: &Grid) -> bool {
        let all = heat.cells().map(|(_, _, value)| width(&heat.unit.words(value), theme::TICK));
        self.merged == 1 && self.cell.1 >= 18.0 && all.fold(0.0, f64::max) + 8.0 <= self.cell.0
    }

    fn draw(&self, heat: &Grid, sheet: &Sheet, scale: &Scale) {
        let font = theme::TICK;
        let text = |value: f64| heat.unit.words(value);
        let fits = self.fits(heat);
        self.areas(heat, sheet, scale);
        for (number, row) in heat.rows.iter().enumerate() {
            if let Some(reason) = &row.missing {
                let font = theme::TICK.colored(theme::FAINT);
                let frame = self.frame(number, 0);
                let room = sheet.right() - frame.x0 - 4.0;
                let words = shorten(&format!("unavailable: {reason}"), font, room);
                sheet.text(
                    &words,
                    font,
                    (frame.x0 + 4.0, f64::midpoint(frame.y0, frame.y1) + 4.0),
                    HPos::Left,
                );
                continue;
            }
            for column in (0..self.columns).filter(|_| fits) {
                let frame = self.frame(number, column);
                let at = (f64::midpoint(frame.x0, frame.x1), f64::midpoint(frame.y0, frame.y1) + 4.0);
                match self.value(row, column) {
                    Some(value) => {
                        let ink = theme::on(color(level(scale.share(value))));
                        sheet.text(&text(value), font.colored(ink), at, HPos::Center);
                    }
                    None if heat.is_spared(number, column) => {}
                    None => sheet.text("–", font, at, HPos::Center),
                }
            }
        }
    }

    /// The areas of all cells: few tell their value under the pointer, many are one element for each colour.
    fn areas(&self, heat: &Grid, sheet: &Sheet, scale: &Scale) {
        const FEW: usize = 400;
        let mut levels: Vec<Vec<Frame>> = vec![Vec::new(); LEVELS];
        let measured = heat.rows.iter().enumerate().filter(|(_, row)| row.missing.is_none());
        for (number, row) in measured {
            for column in 0..self.columns {
                let frame = self.frame(number, column);
                let Some(value) = self.value(row, column) else {
                    if heat.is_spared(number, column) && self.merged == 1 {
                        continue;
                    }
                    // Struck through: nothing was measured here.
                    let stroke = [(frame.x0 + 1.0, frame.y1 - 1.0), (frame.x1 - 1.0, frame.y0 + 1.0)];
                    sheet.line(&stroke, Pen::line(theme::MARK, 1.0));
                    continue;
                };
                let level = level(scale.share(value));
                if heat.rows.len() * self.columns > FEW {
                    let frames = &mut levels[level];
                    match frames.last_mut() {
                        Some(last) if last.y0 >= frame.y0 && last.x1 >= frame.x0 - 1e-6 => last.x1 = frame.x1,
                        _ => frames.push(frame),
                    }
                    continue;
                }
                let detail = format!(
                    "{}, {}: {}",
                    row.name,
                    heat.column(column * self.merged),
                    heat.unit.words(value)
                );
                sheet.group(&detail, || sheet.bars(&[frame], color(level)));
            }
        }
        for (level, frames) in levels.iter().enumerate() {
            sheet.bars(frames, color(level));
        }
    }

    /// What the columns are.
    fn across(&self, heat: &Grid) -> String {
        let name = &heat.axes[1];
        if self.merged > 1 { format!("{name}, each cell the mean of {}", self.merged) } else { name.clone() }
    }

    /// A frame around the greatest.
    fn outline(&self, heat: &Grid, sheet: &Sheet) {
        let Some([least, most]) = heat.ends() else { return };
        let Some(row) = heat.rows.iter().position(|row| std::ptr::eq(row, most.0)) else { return };
        if least.2 < most.2 {
            let frame = self.frame(row, most.1 / self.merged);
            sheet.rect((frame.x0, frame.y0), (frame.x1, frame.y1), Pen::line(theme::ACCENT.mark, 2.2));
        }
    }

    /// Names of rows and columns; returns the lowest baseline.
    fn names(&self, heat: &Grid, sheet: &Sheet) -> f64 {
        const LEADING: f64 = 15.0;
        for (number, lines) in self.names.iter().enumerate() {
            let frame = self.frame(number, 0);
            let first = f64::midpoint(frame.y0, frame.y1) + 4.5 - LEADING / 2.0 * (lines.len() - 1) as f64;
            for (line, words) in lines.iter().enumerate() {
                let place = (self.origin.0 - 8.0, first + LEADING * line as f64);
                sheet.text(words, self.font, place, HPos::Right);
            }
        }
        let (left, bottom) = (self.origin.0, self.origin.1 + self.cell.1 * heat.rows.len() as f64);
        let right = left + self.cell.0 * self.columns as f64;
        let mut last = bottom + 17.0;
        if let Some(time) = heat.over {
            let scale = Scale::linear(0.0, time, Unit::Time);
            let frame = Frame { x0: left, y0: bottom, x1: right, y1: bottom + 4.0 };
            let plot = sheet.rows(frame, scale);
            return plot.x_axis(&self.across(heat));
        }
        let font = theme::TICK;
        let names: Vec<String> = (0..self.columns).map(|column| heat.column(column * self.merged)).collect();
        let widest = names.iter().map(|name| width(name, font)).fold(0.0, f64::max);
        let roomy = self.cell.0 >= 56.0;
        let every =
            if roomy { 1 } else { ((widest.min(110.0) + 10.0) / self.cell.0).ceil().max(1.0) as usize };
        for (number, name) in names.iter().enumerate().filter(|(number, _)| number % every == 0) {
            let room = self.cell.0 * every as f64 - 6.0;
            let middle = left + self.cell.0 * (number as f64 + 0.5);
            let lines = wrap(name, font, room, if roomy { 3 } else { 1 });
            for (line, words) in lines.iter().enumerate() {
                let half = width(words, font) / 2.0;
                let place = middle.clamp(sheet.margin + half, sheet.right() - half);
                let y = bottom + 17.0 + LEADING * line as f64;
                sheet.text(words, font, (place, y), HPos::Center);
                last = last.max(y);
            }
        }
        let words = shorten(&self.across(heat), theme::NOTE, sheet.inner());
        let place = right.max(left + width(&words, theme::NOTE)).min(sheet.right());
        sheet.text(
            &words,
            theme::NOTE,
            (place.max(sheet.margin + width(&words, theme::NOTE)), last + 17.0),
            HPos::Right,
        );
        last + 17.0
    }
}
