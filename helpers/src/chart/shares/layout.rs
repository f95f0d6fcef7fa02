//! Where bars, parts and what was expected of them go.

use super::{Shares, Whole};
use crate::chart::overlay::{Beside, Overlay, RAISED, stack};
use crate::drawing::canvas::Frame;
use crate::drawing::plot::Plot;
use crate::drawing::scale::{Scale, Unit};
use crate::drawing::sheet::Sheet;
use crate::drawing::text::{shorten, widest, width, wrap};
use crate::drawing::theme::{self, Hue};
use crate::units::Share;
use plotters_backend::text_anchor::HPos;

impl Shares {
    /// What stands beside the parts of a whole: where it lies on the axis, and whose it is.
    fn beside<'a>(&'a self, whole: &'a Whole) -> Vec<(f64, &'a Overlay)> {
        let place = |overlay: &'a Overlay| {
            let part = self.parts.iter().position(|part| *part == overlay.name)?;
            let has = whole.sizes.get(part).is_some_and(|size| *size > 0.0);
            has.then(|| ((whole.span(part).0 + overlay.value).clamp(0.0, 1.0), overlay))
        };
        self.overlays.all.iter().filter(|_| whole.missing.is_none()).filter_map(place).collect()
    }

    /// Draws all bars and the axis; returns the lowest baseline.
    pub(super) fn draw(&self, sheet: &Sheet) -> f64 {
        const HIGH: f64 = 28.0;
        let font = theme::LABEL;
        let above = sheet.is_narrow();
        let room = if above { sheet.inner() } else { sheet.inner() * 0.28 };
        let names: Vec<Vec<String>> =
            self.wholes.iter().map(|whole| wrap(&whole.name, font, room, 2)).collect();
        let widest = widest(&names, font);
        let left = sheet.margin + if above { 2.0 } else { widest + 16.0 };
        let totals = self.wholes.iter().map(|whole| width(&whole.unit.words(whole.total()), theme::VALUE));
        let right = sheet.right() - totals.fold(0.0, f64::max).max(12.0) - 12.0;
        let gap = if self.wholes.len() > 12 { 8.0 } else { 16.0 };
        let first = self.legend(sheet);
        let mut y = first;
        let mut bars = Vec::new();
        for (whole, name) in self.wholes.iter().zip(&names) {
            let head = if above { 17.0 * name.len() as f64 + 2.0 } else { 0.0 };
            let top = y + head + RAISED * self.beside(whole).len() as f64;
            bars.push((y, top));
            y = top + HIGH.max(if above { 0.0 } else { 17.0 * name.len() as f64 }) + gap;
        }
        let frame = Frame { x0: left, y0: first, x1: right, y1: y - gap / 2.0 };
        let plot =
            sheet.plot(frame, Scale::linear(0.0, 1.0, Unit::Share), Scale::linear(0.0, 1.0, Unit::Count));
        let last = plot.x_axis(&self.what);
        for ((whole, name), (start, top)) in self.wholes.iter().zip(&names).zip(bars) {
            let middle = top + HIGH / 2.0;
            for (number, line) in name.iter().enumerate() {
                let down = 17.0 * number as f64;
                let (at, anchor) = if above {
                    ((left, start + 12.0 + down), HPos::Left)
                } else {
                    ((left - 14.0, middle + 4.5 + down - 8.5 * (name.len() - 1) as f64), HPos::Right)
                };
                sheet.text(line, font, at, anchor);
            }
            if let Some(reason) = &whole.missing {
                let font = theme::VALUE.colored(theme::FAINT);
                let words = shorten(&format!("unavailable: {reason}"), font, sheet.right() - left - 8.0);
                sheet.label(&words, font, (left + 4.0, middle + 4.0), HPos::Left);
                continue;
            }
            let total = whole.unit.words(whole.total());
            sheet.text(&total, theme::VALUE, (sheet.right(), middle + 4.0), HPos::Right);
            self.bar(sheet, &plot, whole, (top, top + HIGH));
            self.expected(sheet, &plot, whole, (top, top + HIGH));
        }
        last
    }

    /// What was expected of a whole, above its bar.
    fn expected(&self, sheet: &Sheet, plot: &Plot, whole: &Whole, (top, bottom): (f64, f64)) {
        let beside = self.beside(whole).into_iter();
        let all: Vec<Beside> = beside
            .map(|(share, overlay)| Beside { overlay, x: plot.at(share, 0.0).0, words: overlay.words() })
            .collect();
        stack(sheet, &all, &|number| top - RAISED * number as f64 - 6.0, bottom);
    }

    /// The parts of a whole, with their shares where they fit.
    fn bar(&self, sheet: &Sheet, plot: &Plot, whole: &Whole, (top, bottom): (f64, f64)) {
        let font = theme::VALUE.strong();
        for (number, part) in self.parts.iter().enumerate() {
            let (from, to) = whole.span(number);
            if to <= from {
                continue;
            }
            let (x0, x1) = (plot.at(from, 0.0).0, plot.at(to, 0.0).0);
            let share = Share(to - from);
            sheet.group(
                &format!("{}: {part} {share}, {}", whole.name, whole.unit.words(whole.sizes[number])),
                || {
                    // A thin gap parts neighbours, so that colour is not the only sign.
                    let gap = if x1 - x0 > 3.0 { 0.75 } else { 0.0 };
                    let frame = Frame { x0: x0 + gap, y0: top, x1: (x1 - gap).max(x0 + 0.6), y1: bottom };
                    sheet.bars(&[frame], hue(number).mark);
                    let marked = self.beside(whole).iter().any(|(at, _)| {
                        let x = plot.at(*at, 0.0).0;
                        let half = width(&share.to_string(), font) / 2.0 + 4.0;
                        (x - f64::midpoint(x0, x1)).abs() < half
                    });
                    let ink = font.colored(theme::on(hue(number).mark));
                    let named = format!("{part} {share}");
                    let words = if width(&named, font) + 12.0 < x1 - x0 { named } else { share.to_string() };
                    if width(&words, font) + 8.0 < x1 - x0 && !marked {
                        sheet.text(
                            &words,
                            ink,
                            (f64::midpoint(x0, x1), f64::midpoint(top, bottom) + 4.5),
                            HPos::Center,
                        );
                    }
                },
            );
        }
    }

    /// The parts with their colours, above the bars; returns where the bars begin.
    fn legend(&self, sheet: &Sheet) -> f64 {
        let (mut x, mut y) = (sheet.margin, sheet.top + 6.0);
        for (number, part) in self.parts.iter().enumerate() {
            let font = theme::VALUE.colored(hue(number).text);
            let words = shorten(part, font, sheet.inner() - 20.0);
            let wide = 17.0 + width(&words, font);
            if x > sheet.margin && x + wide > sheet.right() {
                x = sheet.margin;
                y += 19.0;
            }
            sheet.bars(&[Frame { x0: x, y0: y - 9.5, x1: x + 11.0, y1: y + 1.5 }], hue(number).mark);
            sheet.text(&words, font, (x + 17.0, y), HPos::Left);
            x += wide + 20.0;
        }
        y + 16.0
    }
}

fn hue(part: usize) -> Hue {
    theme::category(part)
}
