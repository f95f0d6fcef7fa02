//! What stands beside the measured values on the same axes: the reader's guess, a model, another machine.

use crate::drawing::pen::Pen;
use crate::drawing::plot::Plot;
use crate::drawing::sheet::{Point, Sheet};
use crate::drawing::text::{plain, told, width};
use crate::drawing::theme::{self, Font, Hue};
use crate::guess::Guess;
use crate::reading::Reading;
use crate::record::Record;
use crate::units::{Quantity, Unit};
use plotters::style::RGBColor;
use plotters_backend::text_anchor::HPos;

/// Where a value comes from that was not measured in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The reader's guess: a diamond.
    Guess,
    /// A model or closed form: a bar across.
    Model,
    /// Another machine: a hollow square.
    Reference,
}

/// One such value.
#[derive(Clone, Debug)]
pub(crate) struct Overlay {
    pub(crate) source: Source,
    /// What it is about: a row, a series, a part.
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) unit: Unit,
}

/// All of them on one chart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overlays {
    pub(crate) all: Vec<Overlay>,
    machines: Vec<Result<String, String>>,
}

impl Overlays {
    pub(crate) fn guess<Q: Quantity>(&mut self, guess: &Guess<Q>) {
        if let Some(value) = guess.value {
            self.push(Source::Guess, &guess.name, value);
        }
    }

    pub(crate) fn model<Q: Quantity>(&mut self, name: &str, value: Q) {
        self.push(Source::Model, name, value);
    }

    pub(crate) fn reference(&mut self, record: &Reading<Record>) {
        match record {
            Err(reason) => self.machines.push(Err(plain(&reason.to_string()))),
            Ok(record) => {
                self.machines.push(Ok(plain(&record.machine.short())));
                for timing in &record.timings {
                    if let Ok(median) = timing.median() {
                        self.push(Source::Reference, &timing.name, median);
                    }
                }
            }
        }
    }

    /// What of it stands on a chart of these names. What another machine has kept besides is left out.
    pub(crate) fn among(&self, is_here: &dyn Fn(&str) -> bool) -> Self {
        let mut here = self.clone();
        here.all.retain(|overlay| overlay.source != Source::Reference || is_here(&overlay.name));
        here
    }

    fn push<Q: Quantity>(&mut self, source: Source, name: &str, value: Q) {
        if value.size().is_finite() {
            self.all.push(Overlay { source, name: plain(name), value: value.size(), unit: Q::UNIT });
        }
    }

    /// How to read the marks, to be said after what is plotted.
    pub(crate) fn legend(&self) -> String {
        let has = |source| self.all.iter().any(|overlay| overlay.source == source);
        let guess = if has(Source::Guess) { "; your guess (diamond)" } else { "" };
        let model = if has(Source::Model) { "; the model (bar across)" } else { "" };
        let reference = if has(Source::Reference) { "; another machine (hollow square)" } else { "" };
        format!("{guess}{model}{reference}")
    }

    /// Which machine the hollow squares come from, or why there are none.
    pub(crate) fn notes(&self) -> Vec<String> {
        let any = self.all.iter().any(|overlay| overlay.source == Source::Reference);
        let note = |machine: &Result<String, String>| match machine {
            Ok(name) if any => format!("□ {name}"),
            Ok(name) => format!("□ {name} has kept none of these"),
            Err(reason) => format!("□ no other machine to compare with: {reason}"),
        };
        self.machines.iter().map(note).collect()
    }

    /// The values as sentences.
    pub(crate) fn told(&self) -> Vec<String> {
        let sentence = |overlay: &Overlay| {
            let value = overlay.unit.words(overlay.value);
            match overlay.source {
                Source::Guess => format!("your guess for {}: {value}", overlay.name),
                Source::Model => format!("the model for {}: {value}", overlay.name),
                Source::Reference => format!("another machine for {}: {value}", overlay.name),
            }
        };
        self.all.iter().map(sentence).collect()
    }

    /// Name and value of each, for the data table.
    pub(crate) fn rows(&self) -> impl Iterator<Item = [String; 2]> {
        self.all.iter().map(|overlay| {
            let whose = match overlay.source {
                Source::Guess => "your guess",
                Source::Model => "model",
                Source::Reference => "another machine",
            };
            [format!("{whose}: {}", overlay.name), overlay.unit.words(overlay.value)]
        })
    }
}

impl Overlay {
    /// What stands beside its mark.
    pub(crate) fn words(&self) -> String {
        let value = self.unit.words(self.value);
        match self.source {
            Source::Guess => format!("you said {}", told(&value)),
            Source::Model => format!("model {}", told(&value)),
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

    /// Its mark.
    pub(crate) fn mark(&self, sheet: &Sheet, (x, y): Point) {
        const HALF: f64 = 5.0;
        match self.source {
            Source::Guess => sheet.diamond((x, y)),
            Source::Model => {
                let bar = [(x, y - 8.0), (x, y + 8.0)];
                sheet.line(&bar, Pen::line(theme::GROUND, 5.0));
                sheet.line(&bar, Pen::line(theme::INK, 2.2).solid());
            }
            Source::Reference => {
                let (from, to) = ((x - HALF, y - HALF), (x + HALF, y + HALF));
                sheet.rect(from, to, Pen::fill(theme::GROUND));
                sheet.rect(from, to, Pen::line(self.color(), 1.6).solid());
            }
        }
    }

    fn color(&self) -> RGBColor {
        self.hue().mark
    }
}

/// An overlay at its place on an axis, with its words.
pub(crate) struct Beside<'a> {
    pub(crate) overlay: &'a Overlay,
    pub(crate) x: f64,
    pub(crate) words: String,
}

impl<'a> Beside<'a> {
    /// At its value, or with an arrow at the end of the axis that lies nearer.
    pub(crate) fn on(plot: &Plot, overlay: &'a Overlay) -> Self {
        let (low, high) = plot.x_ends();
        let words = overlay.words();
        let words = match overlay.value {
            value if value < low => format!("← {words}"),
            value if value > high => format!("{words} →"),
            _ => words,
        };
        Self { overlay, x: plot.at(overlay.value, 0.0).0, words }
    }
}

/// What one overlay of a stack takes.
pub(crate) const RAISED: f64 = 21.0;

/// Draws overlays on lines of their own, so that none covers another: the first nearest to the marks, and from each a dashed
/// line to the far `end` of the marks. Words stand on the side where no other's line runs.
pub(crate) fn stack(sheet: &Sheet, all: &[Beside], level: &dyn Fn(usize) -> f64, end: f64) {
    for (number, one) in all.iter().enumerate() {
        let line = [(one.x, level(number)), (one.x, end)];
        sheet.line(&line, Pen::line(theme::GROUND, 3.0));
        sheet.line(&line, Pen::line(one.overlay.hue().text, 1.5).dashed(3.0, 2.0));
    }
    for (number, Beside { overlay, x, words }) in all.iter().enumerate() {
        let y = level(number);
        let wide = width(words, overlay.font());
        let (behind, before) = (x + 12.0, x - 12.0 - wide);
        let inside = |start: f64| start >= sheet.margin && start + wide <= sheet.right();
        let runs = |start: f64| {
            all[number + 1..].iter().any(|other| (start - 3.0..start + wide + 3.0).contains(&other.x))
        };
        let free = [behind, before].into_iter().find(|start| inside(*start) && !runs(*start));
        let start = free.unwrap_or(if inside(behind) { behind } else { before });
        overlay.mark(sheet, (*x, y - 3.0));
        sheet.label(words, overlay.font(), (start, y + 1.0), HPos::Left);
    }
}

/// Gives a kind of chart what can stand beside its values. The kind has a field `overlays`; where it shows timings, which
/// another machine may have kept as well, it also has a method `has(&self, name)`.
macro_rules! overlaid {
    ($kind:ty, reference) => {
        overlaid!($kind);

        impl $kind {
            /// What another machine has kept under the same names; where its record cannot be read the chart says why.
            pub fn reference(mut self, record: &$crate::reading::Reading<$crate::record::Record>) -> Self {
                self.overlays.reference(record);
                self
            }

            fn overlaid(&self) -> $crate::chart::overlay::Overlays {
                self.overlays.among(&|name| self.has(name))
            }
        }
    };
    ($kind:ty) => {
        impl $kind {
            /// What the reader guessed, beside what it is about.
            pub fn guess<Q: $crate::units::Quantity>(mut self, guess: &$crate::guess::Guess<Q>) -> Self {
                self.overlays.guess(guess);
                self
            }

            /// What a model or a closed form says of `name`.
            pub fn model<Q: $crate::units::Quantity>(mut self, name: &str, value: Q) -> Self {
                self.overlays.model(name, value);
                self
            }
        }
    };
}
pub(crate) use overlaid;
