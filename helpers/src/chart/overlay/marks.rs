//! How they are marked, and where their words stand.

use super::{Beside, Source};
use crate::drawing::element::Element;
use crate::drawing::pen::Pen;
use crate::drawing::plot::Plot;
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::{spoken, width};
use crate::drawing::theme::{self, Font, Hue};
use crate::statistics::order;
use plotters_backend::text_anchor::HPos;

impl Beside {
    /// What stands beside its mark.
    pub(crate) fn words(&self) -> String {
        let value = self.unit.words(self.value);
        match self.source {
            Source::Guess => format!("you said {}", spoken(&value)),
            Source::Model if self.name == self.of => format!("model {}", spoken(&value)),
            Source::Model => format!("{} {}", self.name, spoken(&value)),
            Source::Reference => value,
        }
    }

    pub(crate) fn hue(&self) -> Hue {
        match self.source {
            Source::Guess | Source::Model => theme::EXPECTED,
            Source::Reference => Hue { mark: theme::QUIET, text: theme::QUIET },
        }
    }

    pub(crate) fn font(&self) -> Font {
        theme::TICK.colored(self.hue().text)
    }

    /// Draws its mark.
    pub(crate) fn mark(&self, on: &dyn Draw, at: (f64, f64)) {
        const REACH: f64 = 7.0;
        const HALF: f64 = 5.0;
        let ground = Pen::fill(theme::GROUND);
        let shapes = match self.source {
            Source::Guess => {
                let corners = [(0.0, -REACH), (REACH, 0.0), (0.0, REACH), (-REACH, 0.0), (0.0, -REACH)];
                let rim = Pen::line(self.hue().mark, 2.0).solid();
                vec![(corners[..4].to_vec(), ground), (corners.to_vec(), rim)]
            }
            Source::Model => {
                let bar = vec![(0.0, -8.0), (0.0, 8.0)];
                vec![(bar.clone(), Pen::line(theme::GROUND, 5.0)), (bar, Pen::line(theme::INK, 2.2).solid())]
            }
            Source::Reference => {
                let corners = [(-HALF, -HALF), (HALF, -HALF), (HALF, HALF), (-HALF, HALF), (-HALF, -HALF)];
                let rim = Pen::line(self.hue().mark, 1.6).solid();
                vec![(corners[..4].to_vec(), ground), (corners.to_vec(), rim)]
            }
        };
        on.draw(&Element::mark(at, shapes));
    }

    /// Its words, with an arrow where its value lies beyond an end of the axis.
    pub(crate) fn pointing(&self, plot: &Plot) -> String {
        let (low, high) = plot.x_ends();
        match self.value {
            value if value < low => format!("← {}", self.words()),
            value if value > high => format!("{} →", self.words()),
            _ => self.words(),
        }
    }
}

/// What one overlay of a stack takes.
pub(crate) const RAISED: f64 = 21.0;
/// From the middle of a mark to its words.
const GAP: f64 = 12.0;

/// In which order marks are stacked, the first nearest to what they belong to, and where the words of each start. From every mark
/// a line runs past those that are nearer; words stand where none of these lines runs, if there is such a place.
pub(crate) fn arranged(all: &[(f64, f64)], (left, right): (f64, f64)) -> Vec<(usize, f64)> {
    let rising = order(all.len(), &|number| all[number].0);
    let falling: Vec<usize> = rising.iter().rev().copied().collect();
    let mut best: Option<(usize, Vec<(usize, f64)>)> = None;
    for order in [(0..all.len()).collect(), falling, rising] {
        let mut crossed = 0;
        let mut placed = Vec::new();
        for (level, number) in order.iter().enumerate() {
            let (x, wide) = all[*number];
            let crossing = |start: &f64| {
                let beyond = usize::from(*start < left || start + wide > right) * all.len();
                let runs = |other: &&usize| (start - 3.0..start + wide + 3.0).contains(&all[**other].0);
                beyond + order[level + 1..].iter().filter(runs).count()
            };
            let (behind, before) = (x + GAP, x - GAP - wide);
            let start = if crossing(&behind) <= crossing(&before) { behind } else { before };
            crossed += crossing(&start);
            placed.push((*number, start.min(right - wide).max(left)));
        }
        if best.as_ref().is_none_or(|(least, _)| crossed < *least) {
            best = Some((crossed, placed));
        }
    }
    best.map_or(Vec::new(), |(_, placed)| placed)
}

/// Draws overlays on lines of their own, so that none covers another, and from each a dashed line to the far `end` of the marks
/// that they belong to. Each comes with its place on the axis and its words.
pub(crate) fn stack(sheet: &Sheet, all: &[(f64, &Beside, String)], level: &dyn Fn(usize) -> f64, end: f64) {
    let sizes: Vec<(f64, f64)> = all.iter().map(|(x, one, words)| (*x, width(words, one.font()))).collect();
    let placed = arranged(&sizes, (sheet.margin, sheet.right()));
    for (number, (which, _)) in placed.iter().enumerate() {
        let (x, one, _) = &all[*which];
        let line = [(*x, level(number)), (*x, end)];
        sheet.line(&line, Pen::line(theme::GROUND, 3.0));
        sheet.line(&line, Pen::line(one.hue().text, 1.5).dashed(3.0, 2.0).solid());
    }
    for (number, (which, start)) in placed.iter().enumerate() {
        let (x, one, words) = &all[*which];
        one.mark(sheet, (*x, level(number) - 3.0));
        sheet.label(words, one.font(), (*start, level(number) + 1.0), HPos::Left);
    }
}

/// The overlays of a plot at their places on its horizontal axis, for a stack.
pub(crate) fn on_axis<'a>(
    plot: &Plot,
    all: impl Iterator<Item = &'a Beside>,
) -> Vec<(f64, &'a Beside, String)> {
    all.map(|one| (plot.x(one.value), one, one.pointing(plot))).collect()
}
