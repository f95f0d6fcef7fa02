//! Where dots go, and where their names find room: beside them, or as numbers with a key below.

use super::{Points, Thing};
use crate::chart::overlay::Beside;
use crate::drawing::canvas::{ASCENT, DESCENT, Frame};
use crate::drawing::element::Place;
use crate::drawing::pen::Pen;
use crate::drawing::plot::{self, Plot};
use crate::drawing::scale::Scale;
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::{shorten, width};
use crate::drawing::theme::{self, Font, Hue};
use crate::statistics::Interval;
use plotters_backend::text_anchor::HPos;

/// From a dot to its name.
const GAP: f64 = 10.0;
/// Up to so many dots have their values beside them.
const FEW: usize = 8;
/// No more dots than this are numbered.
const MOST: usize = 20;

/// Draws both axes and all things, and where names found no room, their key; returns the lowest baseline.
pub(super) fn draw(plane: &Points, beside: &[Beside], sheet: &Sheet) -> f64 {
    const HIGH: f64 = 290.0;
    const NUMBERS: f64 = 26.0;
    let titles = titles(plane, sheet);
    let things: Vec<(&str, &[Interval; 2])> =
        titles.iter().map(|(name, found)| (name.as_str(), *found)).collect();
    let [x, y] = [0, 1].map(|axis| scale(plane, beside, axis));
    let high = HIGH.max(15.0 * things.len() as f64);
    let top = sheet.top + 22.0;
    let left = sheet.margin + plot::y_labels(&y, high);
    let frame = Frame { x0: left, y0: top, x1: sheet.right() - NUMBERS - 8.0, y1: top + high };
    let plot = sheet.plot(frame, x, y);
    plot.y_axis(&plane.axes[1]);
    let mut last = plot.x_axis(&plane.axes[0]);
    let mut taken: Vec<Frame> = Vec::new();
    for (_, found) in &things {
        taken.extend(cross(&plot, found));
    }
    for one in beside {
        taken.push(around(plot.at(one.value, things[one.thing].1[1].middle), 9.0));
    }
    let area = Frame { x0: left + 2.0, y0: top - 4.0, x1: sheet.right(), y1: top + high - 2.0 };
    let names: Option<Vec<Place>> = places(sheet, &plot, &things, taken.clone(), area);
    for (number, (name, found)) in things.iter().enumerate() {
        let hue = theme::category(number);
        let [x, y] = plane.words(found);
        sheet.group(&format!("{name}: {x}, {y}"), || mark(&plot, found, hue));
        if let Some(names) = &names {
            let words = shortened(sheet, name);
            led(sheet, plot.at(found[0].middle, found[1].middle), names[number], (&words, hue));
        }
    }
    for (number, at) in names.iter().flatten().enumerate() {
        let wide = width(&shortened(sheet, things[number].0), theme::VALUE.strong());
        taken.push(Frame { x0: at.0, y0: at.1 - 11.0, x1: at.0 + wide, y1: at.1 + 4.0 });
    }
    for one in beside {
        let value = (one.value, things[one.thing].1[1].middle);
        one.mark(&plot, value);
        labelled(sheet, one, plot.at(value.0, value.1), area, &mut taken);
    }
    let key = match (&names, things.len()) {
        (Some(_), _) => return last,
        (None, 0..=MOST) => numbered(sheet, &plot, &things),
        (None, many) => format!("The names of all {many} dots are in the data table"),
    };
    last += 8.0;
    sheet.paragraph(&key, theme::NOTE, (sheet.margin, last + 16.0), sheet.inner(), 3)
}

/// What stands beside each dot: its name, and where there are few, its values.
fn titles<'a>(plane: &'a Points, sheet: &Sheet) -> Vec<(String, &'a [Interval; 2])> {
    let few = plane.things.len() <= FEW && !sheet.is_narrow();
    let title = |(thing, found): (&Thing, _)| {
        let [x, y] = plane.words(found);
        (if few { format!("{} {x}, {y}", thing.name) } else { thing.name.clone() }, found)
    };
    plane.measured().map(title).collect()
}

/// The scale of an axis: what was expected stands on the one that goes across.
fn scale(plane: &Points, beside: &[Beside], axis: usize) -> Scale {
    let mut values: Vec<f64> = Vec::new();
    for (_, found) in plane.measured() {
        values.extend([found[axis].low, found[axis].middle, found[axis].high]);
    }
    if axis == 0 {
        values.extend(beside.iter().map(|one| one.value));
    }
    Scale::fitting(&values, plane.units[axis])
}

/// Writes what was expected beside its mark, wherever there is room.
fn labelled(sheet: &Sheet, one: &Beside, (x, y): Place, area: Frame, taken: &mut Vec<Frame>) {
    let wide = width(&one.words(), one.font());
    let lies = |(x, y): Place| Frame { x0: x - 2.0, y0: y - 10.0, x1: x + wide + 2.0, y1: y + 4.0 };
    let near = [
        (x + 12.0, y + 4.0),
        (x - 12.0 - wide, y + 4.0),
        (x - wide / 2.0, y - 12.0),
        (x - wide / 2.0, y + 22.0),
    ];
    let is_free =
        |at: &Place| area.holds(&lies(*at)) && !taken.iter().any(|other| other.overlaps(&lies(*at)));
    if let Some(at) = near.into_iter().find(is_free) {
        taken.push(lies(at));
        sheet.label(&one.words(), one.font(), at, HPos::Left);
    }
}

/// Writes a name, and draws a line to its dot where it lies further away.
fn led(sheet: &Sheet, (x, y): Place, at: Place, (words, hue): (&str, Hue)) {
    let wide = width(words, font(hue));
    let is_level = (at.1 - 4.5 - y).abs() < 1.0;
    let end = if at.0 > x { at.0 - 2.0 } else { at.0 + wide + 2.0 };
    if !is_level && !(at.0..at.0 + wide).contains(&x) {
        let side = if at.0 > x { 5.0 } else { -5.0 };
        sheet.line(&[(end, at.1 - 4.0), (x + side, y)], Pen::line(hue.mark, 1.0));
    }
    sheet.label(words, font(hue), at, HPos::Left);
}

fn font(hue: Hue) -> Font {
    theme::VALUE.strong().colored(hue.text)
}

fn shortened(sheet: &Sheet, name: &str) -> String {
    shorten(name, theme::VALUE.strong(), sheet.inner() * 0.5)
}

fn around((x, y): Place, reach: f64) -> Frame {
    Frame { x0: x - reach, y0: y - reach, x1: x + reach, y1: y + reach }
}

/// The places that the marks of a thing take.
fn cross(plot: &Plot, found: &[Interval; 2]) -> [Frame; 3] {
    let [x, y] = found;
    let ((x0, y0), (x1, y1)) = (plot.at(x.low, y.low), plot.at(x.high, y.high));
    let middle = plot.at(x.middle, y.middle);
    [
        around(middle, 7.0),
        Frame { x0, y0: middle.1 - 1.0, x1, y1: middle.1 + 1.0 },
        Frame { x0: middle.0 - 1.0, y0: y1, x1: middle.0 + 1.0, y1: y0 },
    ]
}

fn mark(plot: &Plot, found: &[Interval; 2], hue: Hue) {
    let [x, y] = found;
    let pen = Pen::line(hue.mark, 2.0).round(0.0);
    plot.line(&[(x.low, y.middle), (x.high, y.middle)], pen);
    plot.line(&[(x.middle, y.low), (x.middle, y.high)], pen);
    plot.circle((x.middle, y.middle), 6.6, Pen::fill(theme::GROUND));
    plot.circle((x.middle, y.middle), 5.4, Pen::fill(hue.mark).solid());
}

/// Where each name starts: right of its dot, left, above or below, wherever nothing else is; none if one finds no room.
fn places(
    sheet: &Sheet,
    plot: &Plot,
    things: &[(&str, &[Interval; 2])],
    mut taken: Vec<Frame>,
    area: Frame,
) -> Option<Vec<Place>> {
    let mut places = Vec::new();
    for (name, found) in things {
        let font = theme::VALUE.strong();
        let wide = width(&shortened(sheet, name), font);
        let [dot, across, upwards] = cross(plot, found);
        let (x, y) = plot.at(found[0].middle, found[1].middle);
        let level = y + 4.5;
        let (after, before) = (across.x1.max(dot.x1) + GAP - 4.0, across.x0.min(dot.x0) - GAP + 4.0 - wide);
        let near = [
            (dot.x1 + GAP - 4.0, level),
            (after, level),
            (dot.x0 - GAP + 4.0 - wide, level),
            (before, level),
            (x - wide / 2.0, upwards.y0.min(dot.y0) - 6.0),
            (x - wide / 2.0, upwards.y1.max(dot.y1) + 14.0),
        ];
        // Further away with a line to the dot.
        let far = (1..=8).flat_map(|step| {
            let down = 9.0 * f64::from(step);
            [(before, level + down), (before, level - down), (after, level + down), (after, level - down)]
        });
        let candidates = near.into_iter().chain(far);
        let lies = |(x, y): Place| Frame {
            x0: x - 3.0,
            y0: y - ASCENT * font.size - 1.0,
            x1: x + wide + 3.0,
            y1: y + DESCENT * font.size + 1.0,
        };
        let is_free =
            |at: &Place| area.holds(&lies(*at)) && !taken.iter().any(|other| other.overlaps(&lies(*at)));
        let mut candidates = candidates;
        let place = candidates.find(is_free)?;
        taken.push(lies(place));
        places.push(place);
    }
    Some(places)
}

/// Numbers at the right edge with a line to each dot; returns what they stand for.
fn numbered(sheet: &Sheet, plot: &Plot, things: &[(&str, &[Interval; 2])]) -> String {
    let wanted: Vec<(f64, f64)> =
        things.iter().map(|(_, found)| (plot.at(found[0].middle, found[1].middle).1, 11.0)).collect();
    let starts = plot::spread(&wanted, 3.0, (plot.frame.y0 - 4.0, plot.frame.y1 + 4.0));
    let mut key = Vec::new();
    for (number, (name, found)) in things.iter().enumerate() {
        let hue = theme::category(number);
        let (x, y) = plot.at(found[0].middle, found[1].middle);
        let at = (plot.frame.x1 + 14.0, starts[number] + 9.5);
        sheet.line(
            &[(x + 7.0, y), (plot.frame.x1 + 1.0, y), (at.0 - 3.0, at.1 - 4.0)],
            Pen::line(theme::RULE, 1.0),
        );
        sheet.text(&(number + 1).to_string(), theme::NOTE.colored(hue.text), at, HPos::Left);
        key.push(format!("{} {name}", number + 1));
    }
    key.join(" · ")
}
