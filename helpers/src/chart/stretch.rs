//! Stretches of time above lanes: a bracket with its words.

use super::overlay::{Overlay, Source};
use crate::drawing::pen::Pen;
use crate::drawing::plot::Plot;
use crate::drawing::sheet::Sheet;
use crate::drawing::text::width;
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
    let (x0, x1) = (plot.at(from, 0.0).0, plot.at(to, 0.0).0);
    sheet
        .line(&[(x0, y + 9.0), (x0, y + 4.0), (x1.max(x0 + 1.0), y + 4.0), (x1.max(x0 + 1.0), y + 9.0)], pen);
    let start = centred(words, font, plot, f64::midpoint(x0, x1));
    sheet.label(words, font, (start, y - 1.0), HPos::Left);
}

/// Where words start that stand over a place, moved inwards where they would leave the plot.
pub(crate) fn centred(words: &str, font: Font, plot: &Plot, middle: f64) -> f64 {
    let wide = width(words, font);
    (middle - wide / 2.0).min(plot.frame.x1 - wide).max(plot.frame.x0)
}

/// How long something was expected to take, dashed, from where it began: one below the other from `top` on.
pub(crate) fn expected(sheet: &Sheet, plot: &Plot, top: f64, all: &[(f64, &Overlay)]) {
    let (_, end) = plot.x_ends();
    for (number, (from, overlay)) in all.iter().enumerate() {
        let from = from.min(end);
        let y = top + STRETCH * (number + 1) as f64 - 12.0;
        let to = (from + overlay.value).min(end);
        let beyond = if from + overlay.value > end { " →" } else { "" };
        // No square marks a stretch; what the foot says of other machines begins with one.
        let square = if overlay.source == Source::Reference { "□ " } else { "" };
        let words = format!("{square}{}{beyond}", overlay.words());
        let pen = Pen::line(overlay.hue().mark, 1.5).dashed(4.0, 2.5);
        stretch(sheet, plot, (from, to), &words, (y, overlay.font()), pen);
    }
}
