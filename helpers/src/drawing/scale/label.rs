//! Numbers as an axis writes them.

use super::{Unit, exponent};
use crate::units::Count;

/// A unit that suits the size of the largest value, and the decimals that tell one step from the next.
pub(super) struct Label {
    pub(super) size: f64,
    name: &'static str,
    decimals: usize,
}

impl Label {
    pub(super) fn of(unit: Unit, largest: f64, step: f64) -> Self {
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

    /// The value in this unit.
    pub(super) fn write(&self, value: f64) -> String {
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
