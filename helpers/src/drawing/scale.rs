//! Axes that people can read: linear or logarithmic, ticks at decades or at 1, 2 and 5, labelled in real units.

use crate::units::Count;
pub(crate) use crate::units::Unit;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use std::ops::Range;

/// How values become places. Any value is taken to the nearest end when it lies outside.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scale {
    low: f64,
    high: f64,
    /// Equal ratios take equal room.
    pub(crate) log: bool,
    unit: Unit,
}

/// A place on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    /// Where.
    pub(crate) value: f64,
    /// What to write; none where labels would come too close.
    pub(crate) label: Option<String>,
}

impl Scale {
    /// From one value to another in equal steps.
    pub(crate) fn linear(low: f64, high: f64, unit: Unit) -> Self {
        let (low, high) = if low < high { (low, high) } else { (low - 0.5, low + 0.5) };
        Self { low, high, log: false, unit }
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
            return Self { low: round_down(smallest), high: round_up(high), log: true, unit };
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
        let Self { low, high, log, unit } = self;
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
            return Self { low: round_down(least), high: round_up(most), log, unit };
        }
        let pad = (most - least) * 0.03;
        let least = if least < low { least - pad } else { least };
        Self {
            low: if low >= 0.0 { least.max(0.0) } else { least },
            high: if most > high { most + pad } else { most },
            log,
            unit,
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

    /// Ticks for an axis of that length in pixels, with labels about that far apart.
    pub(crate) fn ticks(&self, length: f64, apart: f64) -> Vec<Tick> {
        let fitting = (length / apart).max(2.0);
        match (self.log, self.unit) {
            (false, _) => self.steps(fitting),
            (true, Unit::Bytes) => self.powers_of_four(fitting),
            (true, _) => self.decades(fitting),
        }
    }

    fn steps(&self, fitting: f64) -> Vec<Tick> {
        let largest = self.low.abs().max(self.high.abs());
        // 1, 2 and 5 of the unit that is written: 200 KiB, not 204,800 B.
        let size = Reading::of(self.unit, largest, 1.0).size;
        let mut step = step_over((self.high - self.low) / fitting / size) * size;
        if self.unit == Unit::Count {
            step = step.max(1.0);
        }
        // A little slack, so that a tick exactly at an end is not lost to rounding.
        let slack = step * 1e-9;
        let first = ((self.low - slack) / step).ceil() as i64;
        let last = ((self.high + slack) / step).floor() as i64;
        let unit = Reading::of(self.unit, largest, step);
        (first..=last)
            .map(|i| i as f64 * step)
            .map(|value| Tick { value, label: Some(unit.label(value)) })
            .collect()
    }

    /// Memory is dealt out in powers of two: a tick at every fourth of them or fewer.
    fn powers_of_four(&self, fitting: f64) -> Vec<Tick> {
        let first = (self.low.log2() / 2.0 - 1e-9).ceil() as i32;
        let last = (self.high.log2() / 2.0 + 1e-9).floor() as i32;
        let every = (f64::from(last - first) / fitting).ceil().max(1.0) as i32;
        (first..=last)
            .map(|power| {
                let value = 4_f64.powi(power);
                let label =
                    (power.rem_euclid(every) == 0).then(|| Reading::of(self.unit, value, value).label(value));
                Tick { value, label }
            })
            .collect()
    }

    fn decades(&self, fitting: f64) -> Vec<Tick> {
        let (first, last) = (exponent(self.low * 0.999), exponent(self.high * 1.001));
        let span = (self.high / self.low).log10();
        // Labels at 1, 2 and 5 of each decade where there is room; else at every decade, every second, third ...
        let fine = span * 3.0 <= fitting;
        let every = (span / fitting).ceil().max(1.0) as i32;
        let mut ticks = Vec::new();
        for decade in first..=last {
            let mantissas: &[f64] = if fine { &[1.0, 2.0, 5.0] } else { &[1.0] };
            for mantissa in mantissas {
                let value = mantissa * 10_f64.powi(decade);
                if value < self.low * 0.999 || value > self.high * 1.001 {
                    continue;
                }
                let labelled = decade.rem_euclid(every) == 0;
                let reading = Reading::of(self.unit, value, value);
                ticks.push(Tick { value, label: labelled.then(|| reading.label(value)) });
            }
        }
        ticks
    }
}

/// plotters' view of the scale: one concrete type for every axis, so that drawing code is compiled once.
impl Ranged for Scale {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        (f64::from(from) + f64::from(to - from) * self.share(*value)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        self.ticks(hint.max_num_points() as f64, 1.0).into_iter().map(|tick| tick.value).collect()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Scale {
    fn format_ext(&self, value: &f64) -> String {
        Reading::of(self.unit, *value, *value).label(*value)
    }
}

/// A unit that suits the size of the largest value, and the decimals that tell one step from the next.
struct Reading {
    size: f64,
    name: &'static str,
    decimals: usize,
}

impl Reading {
    fn of(unit: Unit, largest: f64, step: f64) -> Self {
        let (size, name) = match unit {
            Unit::Count | Unit::Ratio | Unit::Cpus => (1.0, ""),
            Unit::Share => (0.01, " %"),
            Unit::Bytes => match largest.abs() {
                v if v >= 1_073_741_824.0 => (1_073_741_824.0, " GiB"),
                v if v >= 1_048_576.0 => (1_048_576.0, " MiB"),
                v if v >= 1024.0 => (1024.0, " KiB"),
                _ => (1.0, " B"),
            },
            Unit::Time => match largest.abs() {
                v if v >= 0.9995e9 => (1e9, " s"),
                v if v >= 0.9995e6 => (1e6, " ms"),
                v if v >= 0.9995e3 => (1e3, " µs"),
                _ => (1.0, " ns"),
            },
        };
        let decimals = usize::try_from(-exponent(step / size * 1.000_001)).unwrap_or(0).min(12);
        Self { size, name, decimals }
    }

    fn label(&self, value: f64) -> String {
        let scaled = value / self.size;
        let text = if self.decimals == 0 {
            let sign = if scaled <= -0.5 { "−" } else { "" };
            format!("{sign}{}", Count(scaled.abs().round() as u64))
        } else {
            format!("{scaled:.*}", self.decimals).replace('-', "−")
        };
        format!("{text}{}", self.name)
    }
}

fn exponent(value: f64) -> i32 {
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
mod tests {
    use super::*;

    fn labels(scale: &Scale, length: f64) -> Vec<String> {
        scale.ticks(length, 60.0).into_iter().filter_map(|tick| tick.label).collect()
    }

    #[test]
    fn decades_are_written_in_their_own_unit() {
        let scale = Scale::fitting(&[1.46, 301e3], Unit::Time);
        assert!(scale.log);
        assert_eq!(labels(&scale, 500.0), ["1 ns", "10 ns", "100 ns", "1 µs", "10 µs", "100 µs"]);
    }

    #[test]
    fn two_decades_are_split_at_two_and_five() {
        let scale = Scale::fitting(&[10.0, 1000.0], Unit::Time);
        assert_eq!(labels(&scale, 500.0), ["10 ns", "20 ns", "50 ns", "100 ns", "200 ns", "500 ns", "1 µs"]);
    }

    #[test]
    fn nine_decades_stay_apart() {
        let ticks = Scale::fitting(&[1.0, 1e9], Unit::Time).ticks(300.0, 60.0);
        assert_eq!(ticks.len(), 10);
        let shown: Vec<_> = ticks.iter().filter_map(|t| t.label.as_deref()).collect();
        assert_eq!(shown, ["1 ns", "100 ns", "10 µs", "1 ms", "100 ms"]);
    }

    #[test]
    fn a_linear_axis_has_one_unit_and_starts_at_zero_unless_values_are_close() {
        assert_eq!(
            labels(&Scale::fitting(&[80.0, 164.0], Unit::Time), 300.0),
            ["0 ns", "50 ns", "100 ns", "150 ns"]
        );
        assert_eq!(labels(&Scale::linear(0.0, 1e8, Unit::Time), 500.0)[1], "20 ms");
        assert_eq!(labels(&Scale::fitting(&[163.2, 164.1], Unit::Time), 300.0), ["163.5 ns", "164.0 ns"]);
        assert_eq!(
            labels(&Scale::linear(-20.0, 20.0, Unit::Time), 300.0),
            ["−20 ns", "−10 ns", "0 ns", "10 ns", "20 ns"]
        );
    }

    #[test]
    fn memory_shares_and_ratios_have_ticks_of_their_own() {
        let memory = Scale::linear(0.0, 600.0 * 1024.0, Unit::Bytes);
        assert_eq!(labels(&memory, 300.0), ["0 KiB", "200 KiB", "400 KiB", "600 KiB"]);
        let wide = Scale::fitting(&[4096.0, 1_073_741_824.0], Unit::Bytes);
        assert_eq!(labels(&wide, 600.0)[..3], ["4 KiB", "16 KiB", "64 KiB"]);
        assert_eq!(labels(&Scale::linear(0.0, 1.0, Unit::Share), 200.0), ["0 %", "50 %", "100 %"]);
        assert_eq!(labels(&Scale::linear(0.0, 2.0, Unit::Ratio), 300.0), ["0.0", "0.5", "1.0", "1.5", "2.0"]);
    }

    #[test]
    fn no_data_breaks_a_scale() {
        for values in [
            vec![],
            vec![0.0],
            vec![5.0; 3],
            vec![f64::NAN],
            vec![0.0, 1e12],
            vec![-1.0, 1.0],
            vec![1e-9, 1e9],
        ] {
            let scale = Scale::fitting(&values, Unit::Time);
            let ticks = scale.ticks(500.0, 60.0);
            assert!((2..40).contains(&ticks.len()), "{values:?}: {ticks:?}");
            assert!(values.iter().filter(|v| v.is_finite()).all(|v| (0.0..=1.0).contains(&scale.share(*v))));
        }
    }
}
