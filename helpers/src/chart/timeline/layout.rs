//! Where lanes, areas, stretches and shares go.

use super::columns::pieces;
use super::{Lane, Turns, percent};
use crate::chart::overlay::Beside;
use crate::chart::stretch::{STRETCH, expected, stretch};
use crate::drawing::canvas::Frame;
use crate::drawing::element::Element;
use crate::drawing::key::{Entry, key};
use crate::drawing::pen::Pen;
use crate::drawing::plot::Plot;
use crate::drawing::rows::Names;
use crate::drawing::scale::{Scale, Unit};
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::{shorten, width};
use crate::drawing::theme::{self, Font, Hue};
use crate::units::Nanos;
use plotters_backend::text_anchor::HPos;

/// Draws all lanes and the axis; returns the lowest baseline.
pub(super) fn draw(chart: &Turns, beside: &[Beside], sheet: &Sheet) -> f64 {
    let size = Size::of(chart, sheet);
    let mut top = legend(chart, sheet, &size) + 10.0;
    let right = sheet.right() - size.share - if size.share > 0.0 { 12.0 } else { 8.0 };
    let guesses: Vec<(f64, &Beside)> = beside.iter().map(|one| (chart.begins(one.thing), one)).collect();
    let stretches = f64::from(u8::from(!chart.marks.is_empty())) + guesses.len() as f64;
    let head = stretches * STRETCH + if stretches > 0.0 || size.share > 0.0 { 14.0 } else { 4.0 };
    let head_at = top + 8.0;
    top += head;
    let parted = if chart.lanes.iter().any(|lane| lane.cpu.is_some()) { 7.0 } else { 0.0 };
    let starts: Vec<f64> = chart
        .lanes
        .iter()
        .enumerate()
        .scan(top, |y, (number, lane)| {
            let start = *y + if lane.cpu.is_some() { parted } else { 0.0 };
            *y += size.pitch + size.names.head(number);
            Some(start)
        })
        .collect();
    let bottom = starts.last().map_or(top, |start| start + size.pitch + size.names.head(starts.len() - 1));
    let frame = Frame { x0: size.names.left, y0: top, x1: right, y1: bottom };
    let plot = sheet.rows(frame, Scale::linear(0.0, chart.observed.max(1.0), Unit::Time));
    let last = plot.x_axis("time since the beginning");
    if size.share > 0.0 {
        let words = chart.share_cause().map_or("share", |cause| chart.causes[cause].as_str());
        let words = shorten(words, theme::TICK, size.share);
        sheet.text(&words, theme::TICK, (sheet.right(), top - 7.0), HPos::Right);
    }
    expected(sheet, &plot, head_at, &guesses);
    named(chart, sheet, &plot, top - 12.0);
    let mut merged = false;
    for (number, (lane, start)) in chart.lanes.iter().zip(starts).enumerate() {
        merged |= size.lane(chart, sheet, &plot, lane, (number, start));
    }
    if !merged {
        return last;
    }
    let note = "Where many are too short to be seen each, an area is as high as their share of its time";
    sheet.paragraph(note, theme::NOTE, (sheet.margin, last + 20.0), sheet.inner(), 3)
}

/// Names stretches of time above the lanes, those that find room.
fn named(chart: &Turns, sheet: &Sheet, plot: &Plot, y: f64) {
    let font = theme::TICK.colored(theme::INK);
    let mut free = f64::NEG_INFINITY;
    for mark in &chart.marks {
        let words = format!("{}, {}", mark.words, Nanos(mark.to - mark.from));
        let words = shorten(&words, font, plot.frame.x1 - plot.frame.x0);
        let (x0, x1) = (plot.x(mark.from), plot.x(mark.to));
        let start = plot.centred(&words, font, f64::midpoint(x0, x1));
        if start > free && x0 > free {
            stretch(sheet, plot, (mark.from, mark.to), &words, (y, font), Pen::line(theme::INK, 1.2));
            free = (start + width(&words, font)).max(x1) + 12.0;
        }
    }
}

/// Causes with their colours, above the lanes; returns the last baseline.
fn legend(chart: &Turns, sheet: &Sheet, size: &Size) -> f64 {
    let entry = |(cause, words)| Entry { words, hue: size.hues[cause], high: size.heights[cause] };
    key(sheet, chart.explained().map(entry))
}

/// How high the areas of each cause are, as shares of a full one, so that colour is not the only sign: what fills most of the
/// time lies low, all else stands out of it; lanes that have a colour of their own are full.
fn heights(chart: &Turns) -> Vec<f64> {
    let mut heights = vec![1.0; chart.causes.len()];
    let ground = chart.ground();
    let low = if ground.is_some() { 0.76 } else { 0.6 };
    let others = chart.explained().map(|(cause, _)| cause).filter(|cause| Some(*cause) != ground);
    for (number, cause) in others.enumerate() {
        heights[cause] = if number % 2 == 1 { low } else { 1.0 };
    }
    if let Some(ground) = ground {
        heights[ground] = 0.5;
    }
    heights
}

/// The colour of every cause: lanes in their order, then what is explained above them.
fn hues(chart: &Turns) -> Vec<Hue> {
    let mut hues = vec![theme::PLAIN; chart.causes.len()];
    let lanes =
        chart.lanes.iter().filter_map(|lane| chart.causes.iter().position(|cause| *cause == lane.name));
    let order: Vec<usize> = lanes.chain(chart.explained().map(|(cause, _)| cause)).collect();
    let ground = chart.ground();
    for (number, cause) in order.into_iter().filter(|cause| Some(*cause) != ground).enumerate() {
        hues[cause] = theme::category(number);
    }
    hues
}

/// How large lanes are and where their words go.
struct Size {
    names: Names,
    share: f64,
    pitch: f64,
    high: f64,
    font: Font,
    /// How wide a column of pixels is in which intervals are merged.
    step: f64,
    hues: Vec<Hue>,
    heights: Vec<f64>,
}

impl Size {
    fn of(chart: &Turns, sheet: &Sheet) -> Self {
        let lanes = chart.lanes.len();
        let (pitch, high, font) = match lanes {
            0..=10 => (38.0, 26.0, theme::LABEL),
            11..=24 => (25.0, 17.0, theme::LABEL),
            _ => (17.0, 12.0, theme::TICK),
        };
        let names = chart.lanes.iter().map(|lane| lane.name.as_str());
        let names = Names::of(sheet, names, font.strong(), if lanes > 10 { 1 } else { 2 });
        let values = chart.lanes.iter().filter_map(|lane| chart.shown(lane));
        let share =
            values.map(|(_, share)| width(&percent(share), theme::VALUE.strong())).fold(0.0, f64::max);
        let head = chart.share_cause().map_or("share", |cause| chart.causes[cause].as_str());
        let share = if share > 0.0 { share.max(width(head, theme::TICK).min(80.0)) } else { 0.0 };
        // So that a picture stays small, however many lanes, colours and intervals there are.
        let colors = chart.causes.len().clamp(1, 4) as f64;
        let step = ((sheet.inner() - names.left) * lanes as f64 * colors / 6000.0).max(1.0);
        Self { names, share, pitch, high, font, step, hues: hues(chart), heights: heights(chart) }
    }

    /// Draws a lane; returns whether intervals in it had to be merged.
    fn lane(
        &self,
        chart: &Turns,
        sheet: &Sheet,
        plot: &Plot,
        lane: &Lane,
        (number, top): (usize, f64),
    ) -> bool {
        let Frame { x0, x1, .. } = plot.frame;
        let middle = top + self.names.head(number) + self.pitch / 2.0;
        let font = if lane.cpu.is_some() { self.font.strong() } else { self.font };
        self.names.write(sheet, number, font, (top, middle));
        if let Some(reason) = &lane.missing {
            let font = theme::TICK.colored(theme::FAINT);
            let words = shorten(&format!("unavailable: {reason}"), font, x1 - x0 - 6.0);
            sheet.label(&words, font, (x0 + 4.0, middle + 4.0), HPos::Left);
            return false;
        }
        if let Some((cause, share)) = chart.shown(lane) {
            let color = cause.map_or(theme::QUIET, |cause| self.hues[cause].text);
            let font = Font { size: self.font.size.min(theme::VALUE.size), ..theme::VALUE.colored(color) };
            sheet.text(&percent(share), font.strong(), (sheet.right(), middle + 4.5), HPos::Right);
        }
        plot.line(&[(0.0, middle), (plot.x_ends().1, middle)], Pen::line(theme::RULE, 2.0));
        sheet.group(&lane.name, || self.areas(chart, sheet, plot, lane, middle))
    }

    fn areas(&self, chart: &Turns, sheet: &Sheet, plot: &Plot, lane: &Lane, middle: f64) -> bool {
        const FEW: usize = 150;
        let Frame { x0, x1, .. } = plot.frame;
        let place = |time: f64| plot.x(time);
        let pieces = pieces(&lane.intervals, place, (x0, x1), self.step);
        let (top, low) = (middle - self.high / 2.0, middle + self.high / 2.0);
        let inset = |cause: usize| self.high / 2.0 * (1.0 - self.heights[cause]);
        let few = pieces.wide.len() <= FEW && chart.lanes.len() <= 24;
        let mut frames: Vec<Vec<Frame>> = vec![Vec::new(); chart.causes.len()];
        for (left, right, number) in pieces.wide {
            let interval = &lane.intervals[number];
            let inset = inset(interval.cause);
            let frame = Frame { x0: left, y0: top + inset, x1: right, y1: low - inset };
            if !few {
                frames[interval.cause].push(frame);
                continue;
            }
            let took = Nanos(interval.to - interval.from);
            let detail = format!("{}: {took} from {}", chart.causes[interval.cause], Nanos(interval.from));
            sheet.group(&detail, || {
                let corner = if lane.cpu.is_some() || right - left < 5.0 { 0.0 } else { 2.0 };
                let pen = Pen::fill(self.hues[interval.cause].mark).round(corner);
                plot.draw(&Element::block((interval.from, frame.y0), (interval.to, frame.y1), pen));
            });
        }
        let merged = !pieces.shared.is_empty();
        for (left, right, cause, from, to) in pieces.shared {
            let y = |share: f64| low - self.high * share;
            frames[cause].push(Frame { x0: left, y0: y(to), x1: right.min(x1), y1: y(from) });
        }
        for (left, right, cause) in pieces.lone {
            // What happened once is never narrower than can be seen.
            let left = left.min(x1 - 1.0);
            let (y0, y1) = (top + inset(cause), low - inset(cause));
            frames[cause].push(Frame { x0: left, y0, x1: right.max(left + 1.0), y1 });
        }
        for (cause, frames) in frames.iter().enumerate() {
            sheet.bars(frames, self.hues[cause].mark);
        }
        merged
    }
}
