//! Histograms: how often each value occurred.

use crate::drawing::canvas::Frame;
use crate::drawing::element::Element;
use crate::drawing::pen::Pen;
use crate::drawing::plot::Plot;
use crate::drawing::scale::{Scale, Unit};
use crate::drawing::sheet::Draw;
use crate::drawing::theme::Hue;
use crate::statistics::{quantile, sorted};

/// Samples counted in bins of equal width on their axis.
pub(crate) struct Bins {
    /// Where bins begin and end, one more than there are bins.
    pub(crate) edges: Vec<f64>,
    /// How many samples fell into each.
    pub(crate) counts: Vec<usize>,
    /// The samples themselves, where there are few.
    single: Vec<f64>,
    /// Each bin is one step of a coarse clock: between them there is nothing.
    teeth: bool,
}

/// Pixels that a tooth and the gap behind it take at least.
const TOOTH: f64 = 5.0;
/// Fewer samples than this are drawn one by one.
pub(crate) const FEW: usize = 40;

impl Bins {
    /// Counts ascending samples along a scale. Values that a coarse clock repeats get bins that are whole steps wide, so
    /// that no comb appears where there is none.
    pub(crate) fn of(ascending: &[f64], scale: &Scale, pixels: f64) -> Self {
        let wanted = ((ascending.len() as f64).sqrt() * 2.0).clamp(8.0, pixels / 7.0).round();
        let (low, high) = scale.ends();
        let step = step(ascending).filter(|_| !scale.log);
        // As many as can be seen, each a step of the clock; else as many whole steps as make bins wide enough.
        let seen = |step: f64| (high - low) / step * TOOTH <= pixels;
        let teeth = step.is_some_and(seen);
        let edges: Vec<f64> = match step {
            Some(step) => {
                let steps = if teeth { 1.0 } else { ((high - low) / wanted / step).ceil().max(1.0) };
                let width = step * steps;
                let first = ascending[0] - step / 2.0;
                let from = first - ((first - low) / width).ceil() * width;
                let bins = (((high - from) / width).ceil() as usize).clamp(1, 10_000);
                (0..=bins).map(|edge| from + width * edge as f64).collect()
            }
            None => (0..=wanted as usize).map(|edge| scale.at(edge as f64 / wanted)).collect(),
        };
        let mut counts = vec![0; edges.len() - 1];
        for value in ascending.iter().filter(|value| (low..=high).contains(*value)) {
            let bin = edges.partition_point(|edge| edge <= value).saturating_sub(1);
            let last = counts.len() - 1;
            counts[bin.min(last)] += 1;
        }
        let single = if ascending.len() < FEW { ascending.to_vec() } else { Vec::new() };
        Self { edges, counts, single, teeth }
    }

    /// The scale of the counts.
    pub(crate) fn scale(&self) -> Scale {
        let most = self.counts.iter().copied().max().unwrap_or(0).max(1);
        Scale::linear(0.0, most as f64 * 1.04, Unit::Count)
    }

    /// Draws the bars; few samples as dots, one for each.
    pub(crate) fn draw(&self, plot: &Plot, hue: Hue) {
        let bin = self.edges.windows(2).next().map_or(0.0, |edges| plot.x(edges[1]) - plot.x(edges[0]));
        let gap = if self.teeth { bin * 0.2 } else { 0.5 };
        // A single sample among thousands still shows.
        let (_, most) = plot.y_ends();
        let least = most / (plot.frame.y1 - plot.frame.y0);
        let filled = self.edges.windows(2).zip(&self.counts).filter(|(_, count)| **count > 0);
        for (edges, count) in filled.filter(|_| self.single.is_empty()) {
            let bar =
                Element::block((edges[0], (*count as f64).max(least)), (edges[1], 0.0), Pen::fill(hue.mark));
            plot.draw(&bar.inset(gap, 0.0));
        }
        self.dots(plot, hue);
        let (from, to) = plot.x_ends();
        plot.line(&[(from, 0.0), (to, 0.0)], Pen::line(crate::drawing::theme::RULE, 1.0));
    }

    /// One dot for each of few samples, piled up where they would hide one another.
    fn dots(&self, plot: &Plot, hue: Hue) {
        const RADIUS: f64 = 4.2;
        let Frame { y0, y1, .. } = plot.frame;
        // Higher than the plot they overlap rather than leave it.
        let pitch = (RADIUS * 2.0 + 0.8).min((y1 - y0) / self.single.len() as f64);
        let mut last = (f64::NEG_INFINITY, 0.0, 0.0);
        for value in &self.single {
            let x = plot.x(*value);
            last = if x - last.0 < RADIUS * 2.0 { (last.0, last.1, last.2 + 1.0) } else { (x, *value, 0.0) };
            let centre = -RADIUS - 1.5 - pitch * last.2;
            plot.draw(&Element::disc((last.1, 0.0), RADIUS, Pen::fill(hue.mark)).lowered(centre));
        }
    }
}

/// The step between neighbouring values, where few different ones occur again and again.
fn step(ascending: &[f64]) -> Option<f64> {
    const DIFFERENT: usize = 200;
    let gaps: Vec<f64> =
        ascending.windows(2).map(|pair| pair[1] - pair[0]).filter(|gap| *gap > 0.0).collect();
    if gaps.is_empty() || gaps.len() > DIFFERENT || gaps.len() * 3 > ascending.len() {
        return None;
    }
    let gaps = sorted(&gaps);
    // Rounding makes near-zero gaps of what is one value.
    gaps.iter().copied().find(|gap| *gap > quantile(&gaps, 0.5) * 1e-6)
}

/// The part of ascending samples that a linear axis shows, and how many lie beyond on each side. Far outliers would press
/// everything else into one bar: they are counted in words. The axis reaches at least to the quantiles `tail` and 1 − `tail`, and
/// never beyond one in a thousand.
pub(crate) fn shown(ascending: &[f64], tail: f64) -> (f64, f64, [usize; 2]) {
    const REACH: f64 = 4.0;
    let [q1, median, q3] = [0.25, 0.5, 0.75].map(|p| quantile(ascending, p));
    let spread = (q3 - q1).max(median.abs() * 0.01);
    let low = quantile(ascending, tail).min(q1 - REACH * spread).max(ascending[0]);
    let high = quantile(ascending, 1.0 - tail).max(q3 + REACH * spread).min(cut(ascending));
    let below = ascending.partition_point(|value| *value < low);
    let above = ascending.len() - ascending.partition_point(|value| *value <= high);
    (low, high, [below, above])
}

/// Where tails are cut: one sample in a thousand lies beyond, if there are so many.
pub(crate) fn cut(ascending: &[f64]) -> f64 {
    quantile(ascending, 0.999).max(quantile(ascending, 0.75))
}
