//! How they are marked, and where their words stand.

use super::{Beside, Source};
use crate::drawing::element::Element;
use crate::drawing::pen::Pen;
use crate::drawing::plot::Plot;
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::{spoken, width};
use crate::drawing::theme::{self, Font, Hue};
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
            Source::Guess => theme::ACCENT,
            Source::Model => Hue { mark: theme::INK, text: theme::INK },
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

/// Draws overlays on lines of their own, so that none covers another: the first nearest to the marks, and from each a dashed
/// line to the far `end` of the marks. Each comes with its place on the axis and its words, which stand on the side where no
/// other's line runs.
pub(crate) fn stack(sheet: &Sheet, all: &[(f64, &Beside, String)], level: &dyn Fn(usize) -> f64, end: f64) {
    for (number, (x, one, _)) in all.iter().enumerate() {
        let line = [(*x, level(number)), (*x, end)];
        sheet.line(&line, Pen::line(theme::GROUND, 3.0));
        sheet.line(&line, Pen::line(one.hue().text, 1.5).dashed(3.0, 2.0));
    }
    for (number, (x, one, words)) in all.iter().enumerate() {
        let y = level(number);
        let wide = width(words, one.font());
        let (behind, before) = (x + 12.0, x - 12.0 - wide);
        let inside = |start: f64| start >= sheet.margin && start + wide <= sheet.right();
        let runs = |start: f64| {
            all[number + 1..].iter().any(|(x, ..)| (start - 3.0..start + wide + 3.0).contains(x))
        };
        let free = [behind, before].into_iter().find(|start| inside(*start) && !runs(*start));
        let start = free.unwrap_or(if inside(behind) { behind } else { before });
        one.mark(sheet, (*x, y - 3.0));
        sheet.label(words, one.font(), (start, y + 1.0), HPos::Left);
    }
}

/// The overlays of a plot at their places on its horizontal axis, for a stack.
pub(crate) fn on_axis<'a>(
    plot: &Plot,
    all: impl Iterator<Item = &'a Beside>,
) -> Vec<(f64, &'a Beside, String)> {
    all.map(|one| (plot.x(one.value), one, one.pointing(plot))).collect()
}
