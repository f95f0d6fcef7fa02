//! Stretches of time above lanes: a bracket with its words.

use super::overlay::{Beside, Source};
use crate::drawing::pen::Pen;
use crate::drawing::plot::Plot;
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::theme::Font;
use plotters_backend::text_anchor::HPos;

/// What a stretch with its words takes.
pub(crate) const STRETCH: f64 = 27.0;

/// A bracket over a stretch of time with words above it.
pub(crate) fn stretch(
    sheet: &Sheet,
    plot: &Plot,
    (from, to): (f64, f64),
    words: &str,
    (y, font): (f64, Font),
    pen: Pen,
) {
    let (x0, x1) = (plot.x(from), plot.x(to));
    let x1 = x1.max(x0 + 1.0);
    sheet.line(&[(x0, y + 9.0), (x0, y + 4.0), (x1, y + 4.0), (x1, y + 9.0)], pen);
    let start = plot.centred(words, font, f64::midpoint(x0, x1));
    sheet.label(words, font, (start, y - 1.0), HPos::Left);
}

/// How long something was expected to take, dashed, from where it began: one below the other from `top` on.
pub(crate) fn expected(sheet: &Sheet, plot: &Plot, top: f64, all: &[(f64, &Beside)]) {
    let (_, end) = plot.x_ends();
    for (number, (from, one)) in all.iter().enumerate() {
        let from = from.min(end);
        let y = top + STRETCH * (number + 1) as f64 - 12.0;
        let to = (from + one.value).min(end);
        let beyond = if from + one.value > end { " →" } else { "" };
        // No square marks a stretch; what the foot says of other machines begins with one.
        let square = if one.source == Source::Reference { "□ " } else { "" };
        let words = format!("{square}{}{beyond}", one.words());
        let pen = Pen::line(one.hue().mark, 1.5).dashed(4.0, 2.5).solid();
        stretch(sheet, plot, (from, to), &words, (y, one.font()), pen);
    }
}

/// How to read dashed stretches, to be said after what is plotted.
pub(crate) const DASHED: &str = "; dashed: what was expected";
