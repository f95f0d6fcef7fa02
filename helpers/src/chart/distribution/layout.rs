//! Where histograms, tails and their words go.

use super::{DURATION, Group};
use crate::chart::bins::{self, Bins};
use crate::chart::overlay::{Beside, RAISED, on_axis, stack};
use crate::drawing::canvas::Frame;
use crate::drawing::key::{Entry, key};
use crate::drawing::pen::Pen;
use crate::drawing::plot::Plot;
use crate::drawing::scale::{Scale, Unit};
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::{shorten, width};
use crate::drawing::theme::{self, Hue};
use crate::statistics::{order, quantile, sorted};
use crate::units::{Count, Nanos};
use plotters_backend::text_anchor::HPos;

/// Height of a histogram.
const PANEL: f64 = 104.0;
/// Height of the tail panel for each step from one in ten to one in a hundred ...
const DECADE: f64 = 34.0;
/// ... and what it shows below one half.
const BELOW: f64 = 0.45;

/// Draws a histogram for each group and their tails below, all on one axis; returns the lowest baseline.
pub(super) fn draw(expected: &[(&Group, Vec<&Beside>)], bars: bool, sheet: &Sheet) -> f64 {
    let groups: Vec<&Group> = expected.iter().map(|(group, _)| *group).collect();
    let groups = groups.as_slice();
    let (scale, beyond) = axis(groups);
    let mut reach: Vec<f64> = Vec::new();
    for (_, beside) in expected {
        reach.extend(beside.iter().map(|one| one.value));
    }
    let scale = scale.reaching(&reach);
    let left = sheet.margin + if sheet.is_narrow() { 46.0 } else { 58.0 };
    let values = groups.iter().map(|group| {
        let wide =
            group.levels().map(|(_, _, value)| width(&Nanos(value).to_string(), theme::VALUE.strong()));
        wide.fold(0.0, f64::max) + 10.0
    });
    // Lines of more than two have no values beside them.
    let right = sheet.right() - if groups.len() > 2 { 24.0 } else { values.sum::<f64>().max(20.0) };
    let mut y = if bars {
        histograms(expected, sheet, &scale, beyond, (left, right))
    } else {
        let words: Vec<String> = groups.iter().map(|group| group.half()).collect();
        let entry = |(number, words)| Entry { words, hue: hue(number, groups.len()), high: 0.4 };
        let last = key(sheet, words.iter().map(String::as_str).enumerate().map(entry));
        last + 16.0 + RAISED * expected.iter().map(|(_, own)| own.len()).sum::<usize>() as f64
    };
    let rarest = groups.iter().flat_map(|group| group.levels()).map(|(p, ..)| rarity(p));
    let top = rarest.fold(0.5, f64::max) + 0.2;
    y += 18.0;
    let raised: f64 =
        if bars { 0.0 } else { RAISED * expected.iter().map(|(_, own)| own.len()).sum::<usize>() as f64 };
    let decade = if bars { DECADE } else { DECADE * 2.0 };
    let frame = Frame { x0: left, y0: y, x1: right, y1: y + decade * (top + BELOW) };
    let plot = sheet.plot(frame, scale, Scale::linear(-BELOW, top, Unit::Count));
    let axis = if groups[0].sample == DURATION { "time" } else { "time per call" };
    let last = plot.x_axis(axis);
    tails(groups, sheet, &plot, y - 7.0 - raised);
    if !bars {
        let all = expected.iter().flat_map(|(_, own)| own.iter().copied());
        stack(sheet, &on_axis(&plot, all), &|level| y - 9.0 - RAISED * level as f64, frame.y1);
    }
    last
}

/// Draws a histogram for each group with what was expected of it below; returns where the last one ends.
fn histograms(
    expected: &[(&Group, Vec<&Beside>)],
    sheet: &Sheet,
    scale: &Scale,
    beyond: Option<(usize, f64)>,
    (left, right): (f64, f64),
) -> f64 {
    let count = expected.len();
    let mut y = sheet.top + 6.0;
    for (number, (group, beside)) in expected.iter().enumerate() {
        let Some(ascending) = group.samples() else { continue };
        // The name, the median or the modes, and what lies beyond stand above the bars.
        let head = y + 12.0;
        let frame = Frame { x0: left, y0: y + 24.0, x1: right, y1: y + 24.0 + PANEL };
        let bins = Bins::of(ascending, scale, right - left);
        let below = RAISED * beside.len() as f64;
        let plot = sheet.plot(frame, scale.clone(), bins.scale());
        sheet.plot(Frame { y1: frame.y1 + below, ..frame }, scale.clone(), bins.scale()).x_grid();
        if ascending.len() >= bins::FEW {
            plot.y_ticks();
        }
        bins.draw(&plot, hue(number, count));
        let is_last = number + 1 == count;
        let name = (count > 1).then(|| hue(number, count));
        heading(group, sheet, &plot, head, name, beyond.filter(|_| is_last));
        let beside = on_axis(&plot, beside.iter().copied());
        stack(sheet, &beside, &|number| frame.y1 + RAISED * number as f64 + 16.0, frame.y0);
        y = frame.y1 + below + 14.0;
    }
    y
}

/// The axis for all groups, and what lies beyond its right end.
fn axis(groups: &[&Group]) -> (Scale, Option<(usize, f64)>) {
    let mut all: Vec<f64> = Vec::new();
    for group in groups {
        all.extend(group.samples().unwrap_or_default());
    }
    let all = sorted(&all);
    let worst = all[all.len() - 1];
    // Tails are cut, so that the shape fills the plot, and so is what decides how equal steps are drawn.
    let ends = groups.iter().filter_map(|group| group.samples()).map(bins::cut);
    let end = ends.fold(f64::NEG_INFINITY, f64::max);
    let scale = Scale::fitting(&[all[0], end], Unit::Time);
    if scale.log {
        let (_, high) = scale.ends();
        let beyond = all.len() - all.partition_point(|value| *value <= high);
        return (scale, (beyond > 0).then_some((beyond, worst)));
    }
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for group in groups {
        let (from, to, _) = bins::shown(group.samples().unwrap_or_default(), 0.01);
        (low, high) = (low.min(from), high.max(to));
    }
    let beyond = all.len() - all.partition_point(|value| *value <= high);
    let pad = if high > low { (high - low) * 0.03 } else { low.abs().max(1.0) * 0.1 };
    let lowest = if low >= 0.0 { (low - pad).max(0.0) } else { low - pad };
    (Scale::linear(lowest, high + pad, Unit::Time), (beyond > 0).then_some((beyond, worst)))
}

/// The colour of a group: two are told apart by colour, by their order and by the dash of their line.
fn hue(number: usize, groups: usize) -> Hue {
    if groups > 1 { theme::category(number) } else { theme::PLAIN }
}

/// What stands above a histogram: what its bars count, its name where there are two, the median or the modes, and what the
/// axis cuts off.
fn heading(
    group: &Group,
    sheet: &Sheet,
    plot: &Plot,
    y: f64,
    name: Option<Hue>,
    beyond: Option<(usize, f64)>,
) {
    let Ok((_, s)) = &group.found else { return };
    let mut free = sheet.margin;
    if let Some(hue) = name {
        let font = theme::VALUE.strong().colored(hue.text);
        let name = shorten(&group.name, font, sheet.inner() * 0.4);
        sheet.text(&name, font, (free, y), HPos::Left);
        free += width(&name, font) + 12.0;
    } else if s.n >= bins::FEW {
        let counted = group.sample[1];
        sheet.text(counted, theme::NOTE, (free, y), HPos::Left);
        free += width(counted, theme::NOTE) + 12.0;
    }
    let font = theme::TICK.colored(theme::ACCENT.text).strong();
    let marks: Vec<(f64, String)> = match group.modes {
        Some((fast, slow)) => {
            vec![(fast, format!("fast mode {}", Nanos(fast))), (slow, format!("slow mode {}", Nanos(slow)))]
        }
        None => vec![(s.median, format!("median {}", Nanos(s.median)))],
    };
    for (value, words) in marks {
        let at = plot.x(value);
        let wide = width(&words, font);
        let start = (at - wide / 2.0).min(sheet.right() - wide).max(free);
        if start + wide > sheet.right() {
            continue;
        }
        sheet.line(&[(at, y + 6.0), (at, plot.frame.y1)], Pen::line(theme::ACCENT.mark, 1.5));
        sheet.label(&words, font, (start, y), HPos::Left);
        free = start + wide + 14.0;
    }
    if let Some((count, worst)) = beyond {
        let words = format!("{} beyond, up to {} →", Count(count as u64), Nanos(worst));
        if free + width(&words, theme::NOTE) <= sheet.right() {
            sheet.label(&words, theme::NOTE, (sheet.right(), y), HPos::Right);
        }
    }
}

/// How rare it is to lie above this share: 1 for one in ten, 2 for one in a hundred.
fn rarity(share: f64) -> f64 {
    -(1.0 - share).log10()
}

/// The share of samples that took no longer, each step of rarity as high as the next, with the value at every level.
fn tails(groups: &[&Group], sheet: &Sheet, plot: &Plot, head: f64) {
    const POINTS: usize = 240;
    let Frame { x0, .. } = plot.frame;
    let (lowest, highest) = plot.x_ends();
    let Some(most) = groups.iter().max_by_key(|group| group.levels().count()) else { return };
    let hue = |number: usize| if groups.len() > 1 { hue(number, groups.len()) } else { theme::ACCENT };
    for (p, name, _) in most.levels() {
        plot.line(&[(lowest, rarity(p)), (highest, rarity(p))], Pen::line(theme::GRID, 1.0));
        sheet.text(name, theme::TICK, (x0 - 8.0, plot.y(rarity(p)) + 4.0), HPos::Right);
    }
    sheet.text("share that took no longer", theme::NOTE, (sheet.margin, head), HPos::Left);
    for (number, group) in groups.iter().enumerate() {
        let Some(ascending) = group.samples() else { continue };
        let rarest = rarity(1.0 - 1.0 / ascending.len().max(2) as f64).min(plot.y_ends().1);
        let curve: Vec<(f64, f64)> = (0..=POINTS)
            .map(|i| rarest * i as f64 / POINTS as f64)
            .map(|level| (quantile(ascending, 1.0 - 10_f64.powf(-level)), level))
            .take_while(|(value, _)| *value <= highest)
            .collect();
        let pen = Pen::line(hue(number).mark, 2.0).round(0.0);
        let pen = match number % 3 {
            0 => pen,
            1 => pen.dashed(6.0, 3.0),
            _ => pen.dashed(1.5, 3.5),
        };
        sheet.group(&group.name, || plot.clipped(|plot| plot.line(&curve, pen)));
    }
    for (p, ..) in most.levels().filter(|_| groups.len() <= 2) {
        let values = groups.iter().enumerate().filter_map(|(number, group)| {
            let at_level = group.levels().find(|(level, ..)| level.total_cmp(&p).is_eq());
            at_level.map(|(_, _, value)| (value, hue(number)))
        });
        level(sheet, plot, p, &values.collect::<Vec<_>>());
    }
}

/// The values at one level: below and right of their marks, where no curve runs, and one behind the other.
fn level(sheet: &Sheet, plot: &Plot, p: f64, values: &[(f64, Hue)]) {
    let (_, highest) = plot.x_ends();
    let mut free = 0.0;
    for number in order(values.len(), &|number| values[number].0) {
        let (value, hue) = values[number];
        let (x, y) = plot.at(value, rarity(p));
        let font = theme::VALUE.strong().colored(hue.text);
        let words = Nanos(value).to_string();
        let (words, start) = if value > highest {
            (format!("→ {words}"), plot.frame.x1 - 10.0)
        } else {
            plot.circle((value, rarity(p)), 4.8, Pen::fill(theme::GROUND));
            plot.circle((value, rarity(p)), 3.6, Pen::fill(hue.mark).solid());
            (words, x + 6.0)
        };
        let start = f64::max(start, free);
        sheet.label(&words, font, (start, y + 14.0), HPos::Left);
        free = start + width(&words, font) + 10.0;
    }
}
