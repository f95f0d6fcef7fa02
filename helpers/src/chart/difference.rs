//! How much longer one operation takes than the other, pair by pair.

use super::bins::{self, Bins};
use super::figure::{Figure, Parts, Table, Words, wordy};
use super::overlay::{Beside, Overlay, Overlays, RAISED, Source, overlaid, stack};
use crate::drawing::canvas::Frame;
use crate::drawing::pen::Pen;
use crate::drawing::plot::Plot;
use crate::drawing::scale::{Scale, Unit};
use crate::drawing::sheet::Sheet;
use crate::drawing::text::{plain, width};
use crate::drawing::theme::{self, Font};
use crate::measure::Pair;
use crate::statistics::Interval;
use crate::statistics::sorted;
use crate::units::{Count, Nanos};
use plotters_backend::text_anchor::HPos;

/// Starts a chart of paired differences, second minus first: each bar counts the pairs of neighbouring batches that differ
/// so much. The median stands with its 95 % interval against the line where there is no difference. A guess or a model is a
/// difference; of another machine it is that of the two medians.
///
/// ```
/// use helpers::{chart, measure_pair};
/// // Does a longer text take longer to parse?
/// let (short, long) = ("7", "7777777777");
/// let pair = measure_pair("1 digit", || short.parse::<u64>(), "10 digits", || long.parse::<u64>());
/// assert!(chart::difference(&pair).figure().subtitle.contains("10 digits"));
/// ```
pub fn difference(pair: &Pair) -> Difference {
    let names = [&pair.first, &pair.second].map(|timing| plain(&timing.name));
    let medians = [&pair.first, &pair.second].map(|timing| timing.median().ok().map(|median| median.0));
    let found = match (pair.range(), sorted(&pair.differences)) {
        (Err(reason), _) => Err(plain(&reason.to_string())),
        (Ok(_), all) if all.is_empty() => Err("no pair was taken".to_owned()),
        (Ok(range), all) => Ok((all, range)),
    };
    Difference {
        words: Words::default(),
        overlays: Overlays::default(),
        names,
        medians,
        calls: pair.first.calls,
        found,
    }
}

/// How much longer one operation takes than the other; see [`difference`].
#[derive(Clone, Debug)]
pub struct Difference {
    words: Words,
    overlays: Overlays,
    names: [String; 2],
    medians: [Option<f64>; 2],
    calls: u64,
    found: Result<(Vec<f64>, Interval), String>,
}

wordy!(Difference);
overlaid!(Difference, reference);

/// A difference with its direction.
fn signed(value: f64) -> String {
    if value > 0.0 { format!("+{}", Nanos(value)) } else { Nanos(value).to_string() }
}

impl Difference {
    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }

    /// What was expected of the difference. Another machine has kept both timings, or cannot be compared.
    fn expected(&self) -> Overlays {
        let mut beside = self.overlaid();
        let (kept, mut own): (Vec<Overlay>, Vec<Overlay>) =
            beside.all.into_iter().partition(|overlay| overlay.source == Source::Reference);
        let of = |name: &String| kept.iter().find(|overlay| overlay.name == *name);
        let [first, second] = &self.names;
        if let (Some(one), Some(other)) = (of(first), of(second)) {
            let (name, value) = (format!("{second} − {first}"), other.value - one.value);
            own.push(Overlay { name, value, ..other.clone() });
        }
        beside.all = own;
        beside
    }

    fn drawn(&self, wide: f64) -> Figure {
        let [first, second] = &self.names;
        let median =
            |place: usize| self.medians[place].map_or("–".to_owned(), |median| Nanos(median).to_string());
        let medians = format!("{first} {}, {second} {}", median(0), median(1));
        let beside = self.expected();
        let mut table = Table::new(&["what", "median", "95 % interval", "pairs"]);
        let values = match &self.found {
            Err(reason) => {
                table.rows.push(vec![
                    format!("{second} − {first}"),
                    "–".to_owned(),
                    "–".to_owned(),
                    reason.clone(),
                ]);
                format!("{reason}.")
            }
            Ok((all, range)) => {
                let interval = format!("{} to {}", signed(range.low), signed(range.high));
                let pairs = Count(all.len() as u64).to_string();
                for (name, median) in self.names.iter().zip([median(0), median(1)]) {
                    table.rows.push(vec![name.clone(), median, "–".to_owned(), pairs.clone()]);
                }
                table.rows.push(vec![
                    format!("{second} − {first}"),
                    signed(range.middle),
                    interval.clone(),
                    pairs,
                ]);
                let mut told = vec![medians.clone()];
                told.push(format!("difference {}, 95 % interval {interval}", signed(range.middle)));
                told.extend(beside.told());
                format!("{}.", told.join("; "))
            }
        };
        for [name, value] in beside.rows() {
            table.rows.push(vec![name, value, String::new(), String::new()]);
        }
        let what =
            self.words.subtitle.as_deref().unwrap_or("Difference within each pair of neighbouring batches");
        let conditions = match &self.found {
            Ok((all, _)) => {
                let pairs = if all.len() == 1 { "pair" } else { "pairs" };
                vec![format!("{} {pairs} of {} calls each", Count(all.len() as u64), Count(self.calls))]
            }
            Err(_) => Vec::new(),
        };
        let parts = Parts {
            words: &self.words,
            title: self.words.headline(|| self.headline()),
            subtitle: if self.found.is_ok() {
                format!("{what}; medians: {medians}{}", beside.legend())
            } else {
                what.to_owned()
            },
            values,
            notes: beside.notes(),
            conditions,
            table,
        };
        let sheet = parts.sheet(wide);
        let bottom = match &self.found {
            Ok((all, range)) => self.draw(all, range, &beside.all, &sheet),
            Err(_) => sheet.top - 20.0,
        };
        parts.finish(sheet, bottom)
    }

    fn headline(&self) -> String {
        let [first, second] = &self.names;
        match &self.found {
            Err(reason) => format!("Not measured here: {reason}"),
            Ok((_, range)) if range.low > 0.0 => {
                format!("{second} takes {} longer than {first}", Nanos(range.middle))
            }
            Ok((_, range)) if range.high < 0.0 => {
                format!("{second} takes {} less than {first}", Nanos(-range.middle))
            }
            Ok((_, range)) if range.low >= range.high => format!("{second} takes as long as {first}"),
            Ok((_, range)) => format!(
                "{first} and {second} cannot be told apart: between {} and {}",
                signed(range.low),
                signed(range.high)
            ),
        }
    }

    fn draw(&self, all: &[f64], range: &Interval, beside: &[Overlay], sheet: &Sheet) -> f64 {
        const PANEL: f64 = 170.0;
        let (low, high, [below, above]) = bins::shown(all, 0.25);
        let (low, high) = (low.min(0.0), high.max(0.0));
        let pad = if high > low { (high - low) * 0.05 } else { 1.0 };
        let scale = Scale::linear(low - pad, high + pad, Unit::Time);
        let reach: Vec<f64> = beside.iter().map(|overlay| overlay.value).collect();
        let scale = scale.reaching(&reach);
        let left = sheet.margin + 46.0;
        // From top to bottom: the median with its interval, the line of no difference, the bars.
        let top = sheet.top + 14.0;
        let frame = Frame { x0: left, y0: top + 42.0, x1: sheet.right() - 14.0, y1: top + 42.0 + PANEL };
        let bins = Bins::of(all, &scale, frame.x1 - frame.x0);
        // Below the bars, what was expected.
        let whole = Frame { y1: frame.y1 + RAISED * beside.len() as f64, ..frame };
        let last = sheet.plot(whole, scale.clone(), bins.scale()).x_axis("");
        let plot = sheet.plot(frame, scale, bins.scale());
        if all.len() >= bins::FEW {
            plot.y_ticks();
            sheet.text("pairs", theme::NOTE, (sheet.margin, frame.y0 - 24.0), HPos::Left);
        }
        bins.draw(sheet, &plot, theme::PLAIN);

        let zero = plot.at(0.0, 0.0).0;
        sheet.line(&[(zero, frame.y0 - 14.0), (zero, frame.y1)], Pen::line(theme::INK, 1.5));
        // On the side where the median is not.
        let (at, anchor) =
            if range.middle < 0.0 { (zero + 6.0, HPos::Left) } else { (zero - 6.0, HPos::Right) };
        sheet.label("equal", theme::TICK.colored(theme::INK), (at, frame.y0 - 4.0), anchor);
        let (x0, x1) = (plot.at(range.low, 0.0).0, plot.at(range.high, 0.0).0);
        let middle = plot.at(range.middle, 0.0).0;
        sheet.rect((x0, top + 8.0), (x1.max(x0 + 1.0), frame.y1), Pen::fill(theme::ACCENT.mark).faint(0.18));
        sheet.line(&[(middle, top + 6.0), (middle, frame.y1)], Pen::line(theme::ACCENT.mark, 1.5));
        let font = theme::VALUE.strong().colored(theme::ACCENT.text);
        let interval = format!("95 % interval {} to {}", signed(range.low), signed(range.high));
        let mut words = format!("{}, {interval}", signed(range.middle));
        if width(&words, font) > sheet.inner() {
            words = signed(range.middle);
        }
        centred(sheet, &words, font, (middle, top), sheet.margin);
        let beside: Vec<Beside> = beside.iter().map(|overlay| Beside::on(&plot, overlay)).collect();
        stack(sheet, &beside, &|number| frame.y1 + RAISED * number as f64 + 16.0, frame.y0);
        self.directions(sheet, &plot, [below, above], last)
    }

    /// Which way is which, below the axis; and how many pairs lie beyond its ends.
    fn directions(&self, sheet: &Sheet, plot: &Plot, beyond: [usize; 2], last: f64) -> f64 {
        let mut last = last + 18.0;
        let words = |side: usize, text: &str| match beyond[side] {
            0 => text.to_owned(),
            count => format!("{text}, {} beyond", Count(count as u64)),
        };
        let short = crate::drawing::text::shorten(&self.names[1], theme::NOTE, sheet.inner() * 0.22);
        let (less, more) =
            (words(0, &format!("← {short} takes less")), words(1, &format!("{short} takes longer →")));
        let tight =
            width(&less, theme::NOTE) + width(&more, theme::NOTE) + 16.0 > plot.frame.x1 - plot.frame.x0;
        sheet.text(&less, theme::NOTE, (plot.frame.x0, last), HPos::Left);
        if tight {
            last += 16.0;
        }
        sheet.text(&more, theme::NOTE, (plot.frame.x1, last), HPos::Right);
        last
    }
}

/// A text centred over a place, moved inwards where it would leave the card.
fn centred(sheet: &Sheet, words: &str, font: Font, (x, y): (f64, f64), left: f64) {
    let wide = width(words, font);
    let start = (x - wide / 2.0).min(sheet.right() - wide).max(left);
    sheet.label(words, font, (start, y), HPos::Left);
}
