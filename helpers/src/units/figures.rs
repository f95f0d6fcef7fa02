//! Numbers in words: rounded to figures that mean something, in plain notation.

use super::Count;

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
    if !(1e-24..1e24).contains(&value.abs()) {
        return format!("{value:.2e}").replace('-', "−");
    }
    // Round first: 9.999 has the magnitude of 10.0, and one decimal less.
    let rounded = to_place(value, magnitude(value) - 2);
    at_place(rounded, magnitude(rounded) - 2)
}

/// The power of ten of a number's first digit.
pub(crate) fn magnitude(value: f64) -> i32 {
    value.abs().log10().floor() as i32
}

/// A number rounded to a multiple of this power of ten.
pub(crate) fn to_place(value: f64, place: i32) -> f64 {
    let step = 10_f64.powi(place);
    // Beyond the smallest and the largest step there is nothing to round.
    if step.is_normal() && (value / step).is_finite() { (value / step).round() * step } else { value }
}

/// A number whose last digit counts this power of ten, in plain notation.
pub(crate) fn at_place(value: f64, place: i32) -> String {
    let rounded = to_place(value, place);
    let sign = if rounded < 0.0 { "−" } else { "" };
    if rounded.abs() >= 1000.0 && rounded.abs() < u64::MAX as f64 {
        return format!("{sign}{}", Count(rounded.abs().round() as u64));
    }
    format!("{sign}{:.*}", usize::try_from(-place).unwrap_or(0), rounded.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_magnitude_keeps_three_figures() {
        let printed = [0.000_123_4, 0.0456, 0.999_6, 1.0, 23.04, 999.4, 999.6, 1_234_567.0].map(significant);
        assert_eq!(printed, ["0.000123", "0.0456", "1.00", "1.00", "23.0", "999", "1,000", "1,230,000"]);
    }
}
