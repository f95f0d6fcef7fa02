//! What all quantities have in common: a size, in a unit.

use super::{Bytes, Count, Cpus, Nanos, Ratio, Share};
use std::fmt::Display;

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
    /// CPUs, and parts of one.
    Cpus,
}

impl Unit {
    /// What it counts, in words.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Time => "a time",
            Self::Count => "a count",
            Self::Bytes => "memory",
            Self::Ratio => "a ratio",
            Self::Cpus => "a number of CPUs",
            Self::Share => "a share",
        }
    }

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

    /// What sizes as large as this are divided by to be printed, and what follows the number.
    pub(crate) fn scale(self, size: f64) -> (f64, &'static str) {
        let among = |units: &[(f64, &'static str)]| {
            let fitting = units.iter().rev().find(|(unit, _)| size.abs() >= unit * 0.9995);
            *fitting.unwrap_or(&units[0])
        };
        match self {
            Self::Time => among(&TIMES),
            Self::Bytes => among(&MEMORIES),
            Self::Count | Self::Ratio => (1.0, ""),
            Self::Share => (0.01, " %"),
            Self::Cpus => (1.0, " CPUs"),
        }
    }
}

const TIMES: [(f64, &str); 4] = [(1.0, " ns"), (1e3, " µs"), (1e6, " ms"), (1e9, " s")];
const MEMORIES: [(f64, &str); 4] =
    [(1.0, " B"), (1024.0, " KiB"), (1_048_576.0, " MiB"), (1_073_741_824.0, " GiB")];

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

impl Quantity for Cpus {
    const UNIT: Unit = Unit::Cpus;

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

impl Quantity for Bytes {
    const UNIT: Unit = Unit::Bytes;

    fn size(self) -> f64 {
        self.0 as f64
    }
}
