//! Axes that people can read: linear or logarithmic, ticks at decades or at 1, 2 and 5, labelled in real units.

mod label;

pub(crate) use crate::units::Unit;
use label::Label;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged};
use std::ops::Range;

/// How values become places. Any value is taken to the nearest end when it lies outside.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scale {
    low: f64,
    high: f64,
    /// Equal ratios take equal room.
    pub(crate) log: bool,
    unit: Unit,
    /// Where the axis is ruled, if not at round numbers: at the places that were measured.
    places: Vec<f64>,
}

impl Scale {
    /// From one value to another in equal steps.
    pub(crate) fn linear(low: f64, high: f64, unit: Unit) -> Self {
        let (low, high) = if low < high { (low, high) } else { (low - 0.5, low + 0.5) };
        Self { low, high, log: false, unit, places: Vec::new() }
    }

    /// The places of a sweep, ascending: ruled there, in equal steps where each is a multiple of the one before.
    pub(crate) fn of_places(places: &[f64], unit: Unit) -> Self {
        const STEP: f64 = 1.9;
        let (low, high) = (places[0], places[places.len() - 1]);
        let steps: Vec<f64> = places.windows(2).map(|pair| pair[1] / pair[0]).collect();
        let log = low > 0.0 && steps.len() > 1 && steps.iter().all(|step| *step >= STEP);
        let places = places.to_vec();
        if log {
            // A little air on both sides, so that the first and the last point lie inside.
            let air = (high / low).powf(0.03);
            return Self { low: low / air, high: high * air, log, unit, places };
        }
        let air = if high > low { (high - low) * 0.03 } else { 0.5 };
        Self { low: low - air, high: high + air, log, unit, places }
    }

    /// Fits values: logarithmic when they span two decades or more, otherwise linear; from zero, unless they all lie so
    /// close together that nothing could be told apart.
    pub(crate) fn fitting(values: &[f64], unit: Unit) -> Self {
        const TWO_DECADES: f64 = 100.0;
        const CLOSE: f64 = 1.3;
        let (mut low, mut high, mut smallest) = (f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY);
        for value in values.iter().copied().filter(|value| value.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
            smallest = if value > 0.0 { smallest.min(value) } else { smallest };
        }
        if low > high {
            return Self::linear(0.0, 1.0, unit);
        }
        if low >= 0.0 && high / smallest >= TWO_DECADES {
            return Self {
                low: round_down(smallest),
                high: round_up(high),
                log: true,
                unit,
                places: Vec::new(),
            };
        }
        if high <= low {
            let reach = if low == 0.0 { 1.0 } else { low.abs() * 0.1 };
            return Self::linear(low - reach, high + reach, unit);
        }
        let pad = (high - low) * 0.06;
        if low >= 0.0 && high / low > CLOSE {
            return Self::linear(0.0, high + pad, unit);
        }
        Self::linear(low - pad, high + pad, unit)
    }

    /// Also reaches what was expected, unless that lies so far off that nothing measured could be told apart.
    pub(crate) fn reaching(self, expected: &[f64]) -> Self {
        let Self { low, high, log, unit, .. } = self;
        let reach = |value: f64| if log { value.ln() } else { value };
        let span = reach(high) - reach(low);
        let near = |value: &f64| {
            (!log || *value > 0.0) && (reach(low) - span..=reach(high) + span).contains(&reach(*value))
        };
        let (mut least, mut most) = (low, high);
        for value in expected.iter().copied().filter(near) {
            (least, most) = (least.min(value), most.max(value));
        }
        if (least, most) == (low, high) {
            return self;
        }
        if log {
            return Self { low: round_down(least), high: round_up(most), log, unit, places: Vec::new() };
        }
        let pad = (most - least) * 0.03;
        let least = if least < low { least - pad } else { least };
        Self {
            low: if low >= 0.0 { least.max(0.0) } else { least },
            high: if most > high { most + pad } else { most },
            log,
            unit,
            places: Vec::new(),
        }
    }

    /// The least and the greatest value.
    pub(crate) fn ends(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// The share of the axis at which a value lies, 0 to 1.
    pub(crate) fn share(&self, value: f64) -> f64 {
        let value = value.clamp(self.low, self.high);
        if self.log {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }

    /// The value at a share of the axis: the other way round.
    pub(crate) fn at(&self, share: f64) -> f64 {
        if self.log {
            self.low * (self.high / self.low).powf(share)
        } else {
            self.low + (self.high - self.low) * share
        }
    }

    /// Values at which an axis is ruled, and whether each has a label, where at most so many labels fit.
    fn ticks(&self, most: usize) -> Vec<(f64, bool)> {
        match (self.log, self.unit) {
            _ if !self.places.is_empty() => self.places.iter().map(|place| (*place, true)).collect(),
            (false, _) => self.steps(most),
            (true, Unit::Bytes) => self.powers_of_four(most as f64),
            (true, _) => self.decades(most as f64),
        }
    }

    /// The labels of an axis that has room for so many.
    pub(crate) fn labels(&self, most: usize) -> Vec<String> {
        let labelled = self.ticks(most).into_iter().filter(|(_, labelled)| *labelled);
        labelled.map(|(value, _)| self.label(value, most)).collect()
    }

    /// How a value is written on an axis that has room for so many labels: all of a linear one in the same unit.
    pub(crate) fn label(&self, value: f64, most: usize) -> String {
        if self.log || !self.places.is_empty() {
            // Zero has no magnitude to go by.
            let written = if value == 0.0 { 1.0 } else { value };
            return Label::of(self.unit, written, written).write(value);
        }
        Label::of(self.unit, self.largest(), self.step(most)).write(value)
    }

    fn largest(&self) -> f64 {
        self.low.abs().max(self.high.abs())
    }

    /// 1, 2 or 5 of the unit that is written: 200 KiB, not 204,800 B.
    fn step(&self, most: usize) -> f64 {
        let size = Label::of(self.unit, self.largest(), 1.0).size;
        let step = step_over((self.high - self.low) / most as f64 / size) * size;
        if self.unit == Unit::Count { step.max(1.0) } else { step }
    }

    fn steps(&self, most: usize) -> Vec<(f64, bool)> {
        let step = self.step(most);
        // A little slack, so that a tick exactly at an end is not lost to rounding.
        let slack = step * 1e-9;
        let first = ((self.low - slack) / step).ceil() as i64;
        let last = ((self.high + slack) / step).floor() as i64;
        (first..=last).map(|i| (i as f64 * step, true)).collect()
    }

    /// Memory is dealt out in powers of two: a tick at every fourth of them or fewer.
    fn powers_of_four(&self, most: f64) -> Vec<(f64, bool)> {
        let first = (self.low.log2() / 2.0 - 1e-9).ceil() as i32;
        let last = (self.high.log2() / 2.0 + 1e-9).floor() as i32;
        let every = (f64::from(last - first) / most).ceil().max(1.0) as i32;
        (first..=last).map(|power| (4_f64.powi(power), power.rem_euclid(every) == 0)).collect()
    }

    /// Labels at 1, 2 and 5 of each decade where there is room; else at every decade, every second, third ... and at the ends, so
    /// that every mark lies between two labels.
    fn decades(&self, most: f64) -> Vec<(f64, bool)> {
        let (first, last) = (exponent(self.low * 0.999), exponent(self.high * 1.001));
        let span = (self.high / self.low).log10();
        let fine = span * 3.0 <= most;
        let every = (span / most).ceil().max(1.0) as i32;
        let mantissas: &[f64] = if fine { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let mut ticks = Vec::new();
        for decade in first..=last {
            for mantissa in mantissas {
                let value = mantissa * 10_f64.powi(decade);
                if value >= self.low * 0.999 && value <= self.high * 1.001 {
                    ticks.push((value, decade.rem_euclid(every) == 0));
                }
            }
        }
        for (end, first) in [(self.low, true), (self.high, false)] {
            let free = |other: &(f64, bool)| (self.share(other.0) - self.share(end)).abs() > 0.8 / most;
            let at = |other: &(f64, bool)| (other.0 / end - 1.0).abs() < 0.01;
            if let Some(own) = ticks.iter().position(at) {
                let alone =
                    ticks.iter().enumerate().all(|(number, other)| number == own || !other.1 || free(other));
                ticks[own].1 |= alone;
            } else if ticks.iter().filter(|other| other.1).all(free) {
                ticks.insert(if first { 0 } else { ticks.len() }, (end, true));
            }
        }
        ticks
    }
}

/// plotters' view of the scale: one concrete type for every axis, so that drawing code is compiled once. Key points are where
/// the mesh draws its lines; of those that plotters calls bold each has a label.
impl Ranged for Scale {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        (f64::from(from) + f64::from(to - from) * self.share(*value)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.max_num_points() == 0 {
            return Vec::new();
        }
        let all = hint.weight().allow_light_points();
        let ticks = self.ticks(hint.max_num_points()).into_iter();
        ticks.filter(|(_, labelled)| all || *labelled).map(|(value, _)| value).collect()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

pub(super) fn exponent(value: f64) -> i32 {
    value.abs().max(f64::MIN_POSITIVE).log10().floor() as i32
}

/// The largest of 1, 2 and 5 times a power of ten that is not above the value.
fn round_down(value: f64) -> f64 {
    let power = 10_f64.powi(exponent(value));
    [5.0, 2.0].into_iter().map(|m| m * power).find(|v| *v <= value).unwrap_or(power)
}

/// The smallest that is not below.
fn round_up(value: f64) -> f64 {
    let power = 10_f64.powi(exponent(value));
    [1.0, 2.0, 5.0].into_iter().map(|m| m * power).find(|v| *v >= value).unwrap_or(10.0 * power)
}

fn step_over(least: f64) -> f64 {
    round_up(least.max(f64::MIN_POSITIVE))
}

#[cfg(test)]
mod tests;
