//! Quantities with their unit: typed, ordered, printed with three significant figures.

use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};

/// A duration in nanoseconds, fractions included: a function call takes less than one clock tick.
///
/// ```
/// use helpers::{millis, nanos};
/// // How is a duration printed?
/// assert_eq!(nanos(1.4567).to_string(), "1.46 ns");
/// assert_eq!(millis(3.98).to_string(), "3.98 ms");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nanos(pub f64);

/// So many nanoseconds.
pub const fn nanos(value: f64) -> Nanos {
    Nanos(value)
}

/// So many microseconds (1,000 ns each).
pub const fn micros(value: f64) -> Nanos {
    Nanos(value * 1e3)
}

/// So many milliseconds (1,000,000 ns each).
pub const fn millis(value: f64) -> Nanos {
    Nanos(value * 1e6)
}

impl From<std::time::Duration> for Nanos {
    fn from(duration: std::time::Duration) -> Self {
        Self(duration.as_nanos() as f64)
    }
}

impl Display for Nanos {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let (scaled, unit) = scale(self.0, &[(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")]);
        write!(out, "{} {unit}", significant(scaled))
    }
}

/// An amount of memory in bytes.
///
/// ```
/// use helpers::Bytes;
/// assert_eq!(Bytes(8 << 20).to_string(), "8.00 MiB");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(pub u64);

impl Display for Bytes {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        const UNITS: [(f64, &str); 4] =
            [(1.0, "B"), (1024.0, "KiB"), (1_048_576.0, "MiB"), (1_073_741_824.0, "GiB")];
        let (scaled, unit) = scale(self.0 as f64, &UNITS);
        if unit == "B" { write!(out, "{} B", self.0) } else { write!(out, "{} {unit}", significant(scaled)) }
    }
}

/// How many, exactly: switches, faults, calls. Printed with a comma between thousands.
///
/// ```
/// use helpers::Count;
/// assert_eq!(Count(1_000_000).to_string(), "1,000,000");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Count(pub u64);

impl Display for Count {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let digits = self.0.to_string();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                out.write_str(",")?;
            }
            write!(out, "{digit}")?;
        }
        Ok(())
    }
}

/// How many times one thing is the other.
///
/// ```
/// use helpers::Ratio;
/// assert_eq!(Ratio(112.3).to_string(), "112");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ratio(pub f64);

impl Display for Ratio {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        out.write_str(&significant(self.0))
    }
}

/// A part of a whole: 0.24 of it is printed as `24.0 %`.
///
/// ```
/// use helpers::Share;
/// assert_eq!(Share(0.24).to_string(), "24.0 %");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Share(pub f64);

impl Display for Share {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        write!(out, "{} %", significant(self.0 * 100.0))
    }
}

/// CPUs, as counted by the time that they give: a quota may allow half of one.
///
/// ```
/// use helpers::Cpus;
/// assert_eq!(Cpus(2.0).to_string(), "2 CPUs");
/// assert_eq!(Cpus(0.5).to_string(), "0.5 CPUs");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cpus(pub f64);

impl Display for Cpus {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        if self.0.fract() == 0.0 {
            let count = format!("{:.0}", self.0);
            return write!(out, "{count} {}", if count == "1" { "CPU" } else { "CPUs" });
        }
        let figures = significant(self.0);
        let figures = if figures.contains('.') { figures.trim_end_matches('0') } else { &figures };
        write!(out, "{} CPUs", figures.trim_end_matches('.'))
    }
}

/// What a quantity counts, and so how its axis is labelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds.
    Time,
    /// Whole things, with no unit of their own.
    Count,
    /// Memory.
    Bytes,
    /// How many times one thing is the other.
    Ratio,
    /// A part of a whole.
    Share,
    /// CPUs, fractions included.
    Cpus,
}

impl Unit {
    /// A size in this unit, as its quantity prints it.
    pub(crate) fn words(self, size: f64) -> String {
        match self {
            Self::Time => Nanos(size).to_string(),
            Self::Count if size.fract() == 0.0 && size >= 0.0 => Count(size as u64).to_string(),
            Self::Bytes => Bytes(size.max(0.0).round() as u64).to_string(),
            Self::Count | Self::Ratio => Ratio(size).to_string(),
            Self::Share => Share(size).to_string(),
            Self::Cpus => Cpus(size).to_string(),
        }
    }
}

/// Something that can be measured, guessed and drawn: it has a size and prints with its unit.
pub trait Quantity: Copy + Display {
    /// What it counts.
    const UNIT: Unit;

    /// The size, in the base unit.
    fn size(self) -> f64;
}

impl Quantity for Nanos {
    const UNIT: Unit = Unit::Time;

    fn size(self) -> f64 {
        self.0
    }
}

impl Quantity for Ratio {
    const UNIT: Unit = Unit::Ratio;

    fn size(self) -> f64 {
        self.0
    }
}

impl Quantity for Share {
    const UNIT: Unit = Unit::Share;

    fn size(self) -> f64 {
        self.0
    }
}

impl Quantity for Count {
    const UNIT: Unit = Unit::Count;

    fn size(self) -> f64 {
        self.0 as f64
    }
}

impl Quantity for Cpus {
    const UNIT: Unit = Unit::Cpus;

    fn size(self) -> f64 {
        self.0
    }
}

impl Quantity for Bytes {
    const UNIT: Unit = Unit::Bytes;

    fn size(self) -> f64 {
        self.0 as f64
    }
}

/// Three significant figures in plain notation: `0.0123`, `1.46`, `112`, `12,300`.
///
/// ```
/// use helpers::units::significant;
/// assert_eq!(significant(9.999), "10.0");
/// assert_eq!(significant(12_345.0), "12,300");
/// assert_eq!(significant(0.0), "0");
/// ```
pub fn significant(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if !value.is_finite() {
        return value.to_string();
    }
    // Round first: 9.999 has the magnitude of 10.0, and one decimal less.
    let exponent = value.abs().log10().floor() as i32;
    let step = 10_f64.powi(exponent - 2);
    let rounded = (value / step).round() * step;
    let exponent = rounded.abs().log10().floor() as i32;
    if exponent >= 3 {
        let sign = if rounded < 0.0 { "−" } else { "" };
        return format!("{sign}{}", Count(rounded.abs().round() as u64));
    }
    format!("{rounded:.*}", usize::try_from(2 - exponent).unwrap_or(0)).replace('-', "−")
}

/// The value in the largest unit that leaves at least one, after rounding to three figures.
fn scale<'a>(value: f64, units: &[(f64, &'a str)]) -> (f64, &'a str) {
    let (size, unit) = units.iter().rev().find(|(size, _)| value.abs() >= size * 0.9995).unwrap_or(&units[0]);
    (value / size, unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_magnitude_keeps_three_figures() {
        let printed = [0.000_123_4, 0.0456, 0.999_6, 1.0, 23.04, 999.4, 999.6, 1_234_567.0].map(significant);
        assert_eq!(printed, ["0.000123", "0.0456", "1.00", "1.00", "23.0", "999", "1,000", "1,230,000"]);
    }

    #[test]
    fn a_duration_moves_up_a_unit_exactly_when_it_rounds_to_one() {
        assert_eq!(nanos(999.4).to_string(), "999 ns");
        assert_eq!(nanos(999.6).to_string(), "1.00 µs");
        assert_eq!(nanos(0.3).to_string(), "0.300 ns");
        assert_eq!(nanos(-1500.0).to_string(), "−1.50 µs");
        assert_eq!(nanos(0.0).to_string(), "0 ns");
    }

    #[test]
    fn cpus_carry_no_empty_decimals() {
        let said =
            [0.5, 1.0, 1.5, 2.0, 0.125, 1.0 / 3.0, 0.001, 64.0, 0.0, 2.9999].map(|n| Cpus(n).to_string());
        let expected =
            ["0.5", "1", "1.5", "2", "0.125", "0.333", "0.001", "64", "0", "3"].map(
                |figures| match figures {
                    "1" => "1 CPU".to_owned(),
                    figures => format!("{figures} CPUs"),
                },
            );
        assert_eq!(said, expected);
    }

    #[test]
    fn bytes_below_a_kibibyte_are_counted() {
        assert_eq!(
            [Bytes(0), Bytes(1000), Bytes(8192)].map(|b| b.to_string()),
            ["0 B", "1000 B", "8.00 KiB"]
        );
    }
}
