//! Histograms: how often each value occurred.

use crate::drawing::canvas::Frame;
use crate::drawing::pen::Pen;
use crate::drawing::plot::Plot;
use crate::drawing::scale::{Scale, Unit};
use crate::drawing::sheet::Sheet;
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
}

/// Fewer samples than this are drawn one by one.
pub(crate) const FEW: usize = 40;

impl Bins {
    /// Counts ascending samples along a scale. Values that a coarse clock repeats get bins that are whole steps wide, so
    /// that no comb appears where there is none.
    pub(crate) fn of(ascending: &[f64], scale: &Scale, pixels: f64) -> Self {
        let wanted = ((ascending.len() as f64).sqrt() * 2.0).clamp(8.0, pixels / 7.0).round();
        let (low, high) = scale.ends();
        let edges: Vec<f64> = match step(ascending).filter(|_| !scale.log) {
            Some(step) => {
                let width = step * ((high - low) / wanted / step).ceil().max(1.0);
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
        Self { edges, counts, single }
    }

    /// The scale of the counts.
    pub(crate) fn scale(&self) -> Scale {
        let most = self.counts.iter().copied().max().unwrap_or(0).max(1);
        Scale::linear(0.0, most as f64 * 1.04, Unit::Count)
    }

    /// Draws the bars; few samples as dots, one for each.
    pub(crate) fn draw(&self, sheet: &Sheet, plot: &Plot, hue: Hue) {
        let filled = self.edges.windows(2).zip(&self.counts).filter(|(_, count)| **count > 0);
        for (edges, count) in filled.filter(|_| self.single.is_empty()) {
            let (left, top) = plot.at(edges[0], *count as f64);
            let (right, bottom) = plot.at(edges[1], 0.0);
            let gap = if right - left > 3.0 { 0.5 } else { 0.0 };
            // A single sample among thousands still shows.
            sheet.rect((left + gap, top.min(bottom - 1.0)), (right - gap, bottom), Pen::fill(hue.mark));
        }
        self.dots(sheet, plot, hue);
        let Frame { x0, x1, y1, .. } = plot.frame;
        sheet.line(&[(x0, y1), (x1, y1)], Pen::line(crate::drawing::theme::RULE, 1.0));
    }
}

impl Bins {
    /// One dot for each of few samples, piled up where they would hide one another.
    fn dots(&self, sheet: &Sheet, plot: &Plot, hue: Hue) {
        const RADIUS: f64 = 4.2;
        let mut piles: Vec<(f64, usize)> = Vec::new();
        for value in &self.single {
            let (x, bottom) = plot.at(*value, 0.0);
            let place = match piles.last_mut() {
                Some((at, high)) if x - *at < RADIUS * 2.0 => {
                    *high += 1;
                    (*at, *high)
                }
                _ => {
                    piles.push((x, 0));
                    (x, 0)
                }
            };
            // Higher than the plot they overlap rather than leave it.
            let pitch = (RADIUS * 2.0 + 0.8).min((plot.frame.y1 - plot.frame.y0) / self.single.len() as f64);
            let y = bottom - RADIUS - 1.5 - pitch * place.1 as f64;
            sheet.circle((place.0, y), RADIUS, Pen::fill(hue.mark));
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
/// everything else into one bar: they are counted in words. The axis reaches at least to the quantiles `tail` and 1 − `tail`.
pub(crate) fn shown(ascending: &[f64], tail: f64) -> (f64, f64, [usize; 2]) {
    const REACH: f64 = 4.0;
    let [q1, median, q3] = [0.25, 0.5, 0.75].map(|p| quantile(ascending, p));
    let spread = (q3 - q1).max(median.abs() * 0.01);
    let low = quantile(ascending, tail).min(q1 - REACH * spread).max(ascending[0]);
    let high = quantile(ascending, 1.0 - tail).max(q3 + REACH * spread).min(ascending[ascending.len() - 1]);
    let below = ascending.partition_point(|value| *value < low);
    let above = ascending.len() - ascending.partition_point(|value| *value <= high);
    (low, high, [below, above])
}
