//! Quantities with their unit: typed, ordered, printed with three significant figures.

mod figures;
mod phrases;
mod quantity;

use crate::reading::{Reading, Unavailable};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};

pub use figures::significant;
pub(crate) use figures::{at_place, magnitude, to_place};
pub(crate) use phrases::{phrases, unparted};
pub use quantity::{Quantity, Unit};

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
        let (unit, name) = Unit::Time.scale(self.0);
        write!(out, "{}{name}", significant(self.0 / unit))
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
        match Unit::Bytes.scale(self.0 as f64) {
            (1.0, _) => write!(out, "{} B", self.0),
            (unit, name) => write!(out, "{}{name}", significant(self.0 as f64 / unit)),
        }
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

impl Ratio {
    /// How many times the other the one is.
    ///
    /// ```
    /// use helpers::{Ratio, Reading, Unavailable, millis};
    /// // How many ticks of 4 ms make a turn of 12 ms?
    /// assert_eq!(Ratio::of(&Ok(millis(12.0)), &Ok(millis(4.0))), Ok(Ratio(3.0)));
    /// assert!(Ratio::of(&Ok(millis(12.0)), &Ok(millis(0.0))).is_err());
    /// ```
    ///
    /// # Errors
    /// When one of the two could not be read, or there is nothing to divide by: the reason.
    pub fn of<Q: Quantity>(one: &Reading<Q>, other: &Reading<Q>) -> Reading<Self> {
        let (one, other) = ((*one)?, (*other)?);
        divided(one.size(), other.size()).map(Self).ok_or_else(|| {
            Unavailable::because(format!("{one} against {other} makes no ratio that could be told"))
        })
    }
}

impl Display for Ratio {
    /// As [`significant`] has it, but nobody reads seven zeros: a ratio below a ten-thousandth is only said to be that.
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        if self.0 > 0.0 && self.0 < 0.000_1 {
            return out.write_str("less than 0.0001");
        }
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

impl Share {
    /// Which part of the whole it is.
    ///
    /// # Errors
    /// When one of the two could not be read, or the whole is nothing: the reason.
    pub fn of<Q: Quantity>(part: &Reading<Q>, whole: &Reading<Q>) -> Reading<Self> {
        let (part, whole) = ((*part)?, (*whole)?);
        divided(part.size(), whole.size()).map(Self).ok_or_else(|| {
            Unavailable::because(format!("{part} of {whole} makes no share that could be told"))
        })
    }
}

/// A size that can be told and drawn: a number, and none so large that what is reckoned with it is no number any more. Next to
/// nothing is nothing. Every kind of chart asks this of whatever it is given.
pub(crate) fn told(size: f64) -> Option<f64> {
    const MOST: f64 = 1e24;
    const LEAST: f64 = 1e-24;
    (size.abs() <= MOST).then_some(if size.abs() < LEAST { 0.0 } else { size })
}

/// What is said of a size that cannot be told.
pub(crate) const NO_NUMBER: &str = "not a number that could be measured";

/// A quotient, if it is a number.
fn divided(one: f64, other: f64) -> Option<f64> {
    let quotient = one / other;
    (other > 0.0 && one.is_finite() && quotient.is_finite()).then_some(quotient)
}

impl Display for Share {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        write!(out, "{} %", significant(self.0 * 100.0))
    }
}

/// How many CPUs, or how much of one: half of each tenth of a second on one CPU is half a CPU.
///
/// ```
/// use helpers::Cpus;
/// assert_eq!([Cpus(2.0), Cpus(1.0), Cpus(0.5)].map(|cpus| cpus.to_string()), ["2 CPUs", "1 CPU", "0.5 CPUs"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cpus(pub f64);

impl Display for Cpus {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let number = significant(self.0);
        let number =
            if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { &number };
        write!(out, "{number} {}", if number == "1" { "CPU" } else { "CPUs" })
    }
}

#[cfg(test)]
mod tests;
