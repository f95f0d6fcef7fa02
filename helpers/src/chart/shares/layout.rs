//! Where bars, parts and what was expected of them go.

use super::{Breakdown, Whole};
use crate::chart::overlay::{Beside, RAISED, stack};
use crate::drawing::canvas::Frame;
use crate::drawing::element::Element;
use crate::drawing::key::{Entry, key};
use crate::drawing::pen::Pen;
use crate::drawing::plot::Plot;
use crate::drawing::rows::Names;
use crate::drawing::scale::{Scale, Unit};
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::{shorten, width};
use crate::drawing::theme;
use crate::units::Share;
use plotters_backend::text_anchor::HPos;

const HIGH: f64 = 28.0;

/// Draws all bars and the axis; returns the lowest baseline.
pub(super) fn draw(chart: &Breakdown, beside: &[Beside], sheet: &Sheet) -> f64 {
    let names = Names::of(sheet, chart.wholes.iter().map(|whole| whole.name.as_str()), theme::LABEL, 2);
    let totals = chart.wholes.iter().map(|whole| width(&whole.unit.words(whole.total()), theme::VALUE));
    let right = sheet.right() - totals.fold(0.0, f64::max).max(12.0) - 12.0;
    let gap = if chart.wholes.len() > 12 { 8.0 } else { 16.0 };
    let parts = chart.parts.iter().enumerate();
    let first =
        key(sheet, parts.map(|(part, words)| Entry { words, hue: theme::category(part), high: 1.0 })) + 16.0;
    let scale = Scale::linear(0.0, 1.0, Unit::Share);
    let mut y = first;
    let mut bars = Vec::new();
    for (number, whole) in chart.wholes.iter().enumerate() {
        let own: Vec<(f64, &Beside)> =
            beside.iter().filter_map(|one| whole.ends(one).map(|end| (end, one))).collect();
        let top = y + names.head(number) + RAISED * own.len() as f64;
        let frame = Frame { x0: names.left, y0: top, x1: right, y1: top + HIGH };
        let plot = sheet.rows(frame, scale.clone());
        let lines: Vec<f64> = own.iter().map(|(end, _)| plot.x(*end)).collect();
        let below = (0..chart.parts.len()).any(|part| chart.is_below(&plot, whole, part, &lines));
        bars.push((y, top, own));
        y = top + HIGH.max(names.beside(number)) + if below { 18.0 } else { 0.0 } + gap;
    }
    let frame = Frame { x0: names.left, y0: first, x1: right, y1: y - gap / 2.0 };
    let plot = sheet.rows(frame, scale);
    let last = plot.x_axis(&chart.what);
    for (number, (whole, (start, top, own))) in chart.wholes.iter().zip(bars).enumerate() {
        let middle = top + HIGH / 2.0;
        names.write(sheet, number, theme::LABEL, (start, middle));
        if let Some(reason) = &whole.missing {
            let font = theme::VALUE.colored(theme::FAINT);
            let words = shorten(&format!("unavailable: {reason}"), font, sheet.right() - names.left - 8.0);
            sheet.label(&words, font, (names.left + 4.0, middle + 4.0), HPos::Left);
            continue;
        }
        let total = whole.unit.words(whole.total());
        sheet.text(&total, theme::VALUE, (sheet.right(), middle + 4.0), HPos::Right);
        let own: Vec<(f64, &Beside, String)> =
            own.into_iter().map(|(end, one)| (plot.x(end), one, one.words())).collect();
        let lines: Vec<f64> = own.iter().map(|(x, ..)| *x).collect();
        chart.bar(sheet, &plot, whole, top, &lines);
        stack(sheet, &own, &|number| top - RAISED * number as f64 - 6.0, top + HIGH);
    }
    last
}

impl Whole {
    /// Where a part should end of which this was expected; none where the whole has no such part.
    fn ends(&self, one: &Beside) -> Option<f64> {
        let has = self.sizes.get(one.thing).is_some_and(|size| *size > 0.0);
        has.then(|| (self.span(one.thing).0 + one.value).clamp(0.0, 1.0))
    }
}

impl Whole {
    /// How large a part is: things are counted, all else has a share.
    pub(super) fn words(&self, part: usize) -> String {
        let (from, to) = self.span(part);
        if self.unit == Unit::Count {
            self.unit.words(self.sizes[part])
        } else {
            Share(to - from).to_string()
        }
    }
}

impl Breakdown {
    /// The parts of a whole with their sizes: within the part where they fit and no line of what was expected runs, and else below
    /// it.
    fn bar(&self, sheet: &Sheet, plot: &Plot, whole: &Whole, top: f64, lines: &[f64]) {
        let font = theme::VALUE.strong();
        for (number, part) in self.parts.iter().enumerate() {
            let (from, to) = whole.span(number);
            if to <= from {
                continue;
            }
            let hue = theme::category(number);
            let share = Share(to - from);
            let detail = format!("{}: {part} {share}, {}", whole.name, whole.unit.words(whole.sizes[number]));
            sheet.group(&detail, || {
                // A thin gap parts neighbours, so that colour is not the only sign.
                let block = Element::block((from, top), (to, top + HIGH), Pen::fill(hue.mark));
                plot.draw(&block.inset(0.75, 0.0));
                if let Some(words) = self.within(plot, whole, number, lines) {
                    let ink = font.colored(theme::on(hue.mark));
                    let middle = plot.x(f64::midpoint(from, to));
                    sheet.text(&words, ink, (middle, top + HIGH / 2.0 + 4.5), HPos::Center);
                }
            });
        }
        // From the right: the last parts are often the least.
        let mut free = sheet.right();
        for number in (0..self.parts.len()).rev().filter(|number| self.is_below(plot, whole, *number, lines))
        {
            let font = theme::TICK.colored(theme::category(number).text);
            let words = format!("{} {}", self.parts[number], whole.words(number));
            let words = shorten(&words, font, sheet.inner());
            let end = (plot.x(whole.span(number).1) + 2.0).max(plot.frame.x0 + width(&words, font)).min(free);
            if end - width(&words, font) >= sheet.margin {
                sheet.text(&words, font, (end, top + HIGH + 14.0), HPos::Right);
                free = end - width(&words, font) - 10.0;
            }
        }
    }

    /// What is written within a part.
    fn within(&self, plot: &Plot, whole: &Whole, part: usize, lines: &[f64]) -> Option<String> {
        let font = theme::VALUE.strong();
        let (from, to) = whole.span(part);
        let (wide, middle) = (plot.x(to) - plot.x(from), plot.x(f64::midpoint(from, to)));
        let size = whole.words(part);
        let fits = |words: &String| {
            let half = width(words, font) / 2.0 + 4.0;
            2.0 * half < wide && lines.iter().all(|x| (x - middle).abs() >= half)
        };
        [format!("{} {size}", self.parts[part]), size].into_iter().find(fits)
    }

    fn is_below(&self, plot: &Plot, whole: &Whole, part: usize, lines: &[f64]) -> bool {
        let (from, to) = whole.span(part);
        to > from && self.within(plot, whole, part, lines).is_none()
    }
}
