//! How much longer one operation takes than the other, pair by pair.

use super::bins::{self, Bins};
use super::figure::Table;
use super::kind::{Axis, Chart, Comparable, Kind, chart};
use super::overlay::{Beside, RAISED, Source, on_axis, stack};
use crate::drawing::canvas::Frame;
use crate::drawing::pen::Pen;
use crate::drawing::plot::Plot;
use crate::drawing::scale::{Scale, Unit};
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::{centred, plain, shorten, width};
use crate::drawing::theme;
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
    chart(Differences { names, medians, calls: pair.first.calls, found })
}

/// A chart of how much longer one operation takes than the other; see [`difference`].
pub type Difference = Chart<Differences>;

/// How much longer one operation takes than the other, pair by pair.
#[derive(Clone)]
pub struct Differences {
    names: [String; 2],
    medians: [Option<f64>; 2],
    calls: u64,
    found: Result<(Vec<f64>, Interval), String>,
}

/// A difference with its direction.
fn signed(value: f64) -> String {
    if value > 0.0 { format!("+{}", Nanos(value)) } else { Nanos(value).to_string() }
}

/// The median of differences; where the interval holds zero, no figure of it means anything.
fn middle(range: &Interval) -> String {
    if range.low <= 0.0 && range.high >= 0.0 && range.low < range.high {
        "about 0".to_owned()
    } else {
        signed(range.middle)
    }
}

impl Differences {
    /// Both names with their medians.
    fn both(&self) -> [(&str, String); 2] {
        [0, 1].map(|place| {
            let median = self.medians[place].map_or("–".to_owned(), |median| Nanos(median).to_string());
            (self.names[place].as_str(), median)
        })
    }

    fn name(&self) -> String {
        format!("{} − {}", self.names[1], self.names[0])
    }
}

impl Comparable for Differences {}

impl Kind for Differences {
    fn what(&self) -> String {
        "Difference within each pair of neighbouring batches".to_owned()
    }

    fn how(&self) -> String {
        let [(first, one), (second, other)] = self.both();
        format!("; medians: {first} {one}, {second} {other}")
    }

    fn found(&self) -> Result<String, String> {
        let [first, second] = &self.names;
        let (_, range) = self.found.as_ref().map_err(Clone::clone)?;
        Ok(if range.low > 0.0 {
            format!("{second} takes {} longer than {first}", Nanos(range.middle))
        } else if range.high < 0.0 {
            format!("{second} takes {} less than {first}", Nanos(-range.middle))
        } else if range.low >= range.high {
            format!("{second} takes as long as {first}")
        } else {
            let (low, high) = (signed(range.low), signed(range.high));
            format!("{first} and {second} cannot be told apart: between {low} and {high}")
        })
    }

    fn values(&self) -> Vec<String> {
        match &self.found {
            Err(reason) => vec![reason.clone()],
            Ok((_, range)) => {
                let [(first, one), (second, other)] = self.both();
                let (low, high) = (signed(range.low), signed(range.high));
                vec![
                    format!("{first} {one}, {second} {other}"),
                    format!("difference {}, 95 % interval {low} to {high}", middle(range)),
                ]
            }
        }
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["what", "median", "95 % interval", "pairs"]);
        let dash = || "–".to_owned();
        match &self.found {
            Err(reason) => table.rows.push(vec![self.name(), dash(), dash(), reason.clone()]),
            Ok((all, range)) => {
                let pairs = || Count(all.len() as u64).to_string();
                for (name, median) in self.both() {
                    table.rows.push(vec![name.to_owned(), median, dash(), pairs()]);
                }
                let interval = format!("{} to {}", signed(range.low), signed(range.high));
                table.rows.push(vec![self.name(), signed(range.middle), interval, pairs()]);
            }
        }
        table
    }

    fn conditions(&self) -> Vec<String> {
        let count = self.found.as_ref().map_or(0, |(all, _)| all.len());
        match count {
            0 => Vec::new(),
            1 => vec![format!("1 pair of {} calls each", Count(self.calls))],
            _ => vec![format!("{} pairs of {} calls each", Count(count as u64), Count(self.calls))],
        }
    }

    fn axis(&self) -> Option<Axis> {
        let [first, second] = self.names.clone();
        Some(Axis { unit: Unit::Time, things: vec![first, second, self.name()], subject: Some(2) })
    }

    /// Another machine has kept both timings, or cannot be compared; all else is a difference.
    fn settled(&self, beside: Vec<Beside>) -> Vec<Beside> {
        let (kept, mut own): (Vec<Beside>, Vec<Beside>) =
            beside.into_iter().partition(|one| one.source == Source::Reference);
        let of = |thing: usize| kept.iter().find(|one| one.thing == thing);
        if let (Some(first), Some(second)) = (of(0), of(1)) {
            let value = second.value - first.value;
            own.push(Beside { thing: 2, of: self.name(), value, ..second.clone() });
        }
        own
    }

    fn draw(&self, sheet: &Sheet, beside: &[Beside]) -> f64 {
        match &self.found {
            Ok((all, range)) => self.drawn(sheet, beside, all, range),
            Err(_) => sheet.top,
        }
    }
}

impl Differences {
    fn drawn(&self, sheet: &Sheet, beside: &[Beside], all: &[f64], range: &Interval) -> f64 {
        const PANEL: f64 = 170.0;
        let (low, high, [below, above]) = bins::shown(all, 0.25);
        let (low, high) = (low.min(0.0), high.max(0.0));
        let pad = if high > low { (high - low) * 0.05 } else { 1.0 };
        let scale = Scale::linear(low - pad, high + pad, Unit::Time);
        let reach: Vec<f64> = beside.iter().map(|one| one.value).collect();
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
        bins.draw(&plot, theme::PLAIN);

        Self::equal(sheet, &plot, range);
        let high = plot.y_ends().1;
        plot.rect((range.low, high), (range.high, 0.0), Pen::fill(theme::ACCENT.mark).faint(0.18));
        for end in [range.low, range.high] {
            plot.line(&[(end, high), (end, 0.0)], Pen::line(theme::ACCENT.mark, 0.8));
        }
        sheet.line(
            &[(plot.x(range.middle), top + 6.0), (plot.x(range.middle), frame.y1)],
            Pen::line(theme::ACCENT.mark, 1.5),
        );
        let font = theme::VALUE.strong().colored(theme::ACCENT.text);
        let interval = format!("95 % interval {} to {}", signed(range.low), signed(range.high));
        let mut words = format!("{}, {interval}", middle(range));
        if width(&words, font) > sheet.inner() {
            words = middle(range);
        }
        let start = centred(width(&words, font), plot.x(range.middle), (sheet.margin, sheet.right()));
        sheet.label(&words, font, (start, top), HPos::Left);
        stack(
            sheet,
            &on_axis(&plot, beside.iter()),
            &|number| frame.y1 + RAISED * number as f64 + 16.0,
            frame.y0,
        );
        self.directions(sheet, &plot, [below, above], last)
    }

    /// The line of no difference, with its word on the side where the median is not.
    fn equal(sheet: &Sheet, plot: &Plot, range: &Interval) {
        let (zero, Frame { y0, y1, .. }) = (plot.x(0.0), plot.frame);
        sheet.line(&[(zero, y0 - 14.0), (zero, y1)], Pen::line(theme::INK, 1.5));
        let (at, anchor) =
            if range.middle < 0.0 { (zero + 6.0, HPos::Left) } else { (zero - 6.0, HPos::Right) };
        sheet.label("equal", theme::TICK.colored(theme::INK), (at, y0 - 4.0), anchor);
    }

    /// Which way is which, below the axis; and how many pairs lie beyond its ends.
    fn directions(&self, sheet: &Sheet, plot: &Plot, beyond: [usize; 2], last: f64) -> f64 {
        let mut last = last + 18.0;
        let words = |side: usize, text: &str| match beyond[side] {
            0 => text.to_owned(),
            count => format!("{text}, {} beyond", Count(count as u64)),
        };
        let short = shorten(&self.names[1], theme::NOTE, sheet.inner() * 0.22);
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
