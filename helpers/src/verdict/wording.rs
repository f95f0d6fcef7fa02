//! How the number of an estimate is put into words: in no more figures than it carries, with its direction and its ends.

use crate::statistics::Interval;
use crate::units::Unit;

/// What kind of number it is, and so how it is put into words.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Ratio,
    /// A quantity that was read.
    Reading(Unit),
    /// With the least that the clock can tell, in nanoseconds.
    Difference(f64),
}

impl Kind {
    /// The name that a template has for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ratio => "ratio",
            Self::Reading(_) => "value",
            Self::Difference(_) => "difference",
        }
    }

    /// What a bound of it may look like.
    pub(super) fn bounds(self) -> &'static str {
        match self {
            Self::Reading(_) => ".at_least(…), .at_most(…) or .within(…, …)",
            Self::Ratio => ".at_least(2.0), .at_most(1.1) or .within(0.9, 1.1)",
            Self::Difference(_) => {
                ".at_least(nanos(5.0)), .at_most(nanos(1.0)) or .within(nanos(0.0), nanos(1.0))"
            }
        }
    }

    /// The estimate alone.
    pub(super) fn middle(self, range: Interval) -> String {
        match self {
            Self::Ratio => range.middle_words(Unit::Ratio),
            Self::Reading(unit) => range.middle_words(unit),
            Self::Difference(_) => longer(range.middle, &unsigned(range).middle_words(Unit::Time)),
        }
    }

    /// In as many figures as the interval carries, and with the interval where those are few.
    pub(super) fn words(self, range: Interval) -> String {
        match self {
            Self::Ratio => range.words(Unit::Ratio),
            Self::Reading(unit) => range.words(unit),
            Self::Difference(_) if range.low * range.high < 0.0 => {
                format!("about {} ({})", self.middle(range), self.ends(range))
            }
            Self::Difference(_) => longer(range.middle, &unsigned(range).words(Unit::Time)),
        }
    }

    /// From where to where anything fits.
    pub(super) fn ends(self, range: Interval) -> String {
        match self {
            Self::Ratio => format!("{} times", range.ends(Unit::Ratio)),
            Self::Reading(unit) => range.ends(unit),
            Self::Difference(_) if range.low * range.high < 0.0 => {
                let end = |value: f64| {
                    let alone = Interval { low: range.low, middle: value, high: range.high };
                    longer(value, &unsigned(alone).middle_words(Unit::Time))
                };
                format!("{} to {}", end(range.low), end(range.high))
            }
            Self::Difference(_) => longer(range.middle, &unsigned(range).ends(Unit::Time)),
        }
    }
}

/// A difference with its direction.
fn longer(ns: f64, words: &str) -> String {
    format!("{words} {}", if ns < 0.0 { "less" } else { "longer" })
}

/// The same distance, counted from zero upwards.
fn unsigned(range: Interval) -> Interval {
    if range.middle < 0.0 {
        Interval { low: -range.high, middle: -range.middle, high: -range.low }
    } else {
        range
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_said_with_its_direction_and_no_more_figures_than_it_carries() {
        let kind = Kind::Difference(0.1);
        let said = |low, middle, high| kind.words(Interval { low, middle, high });
        assert_eq!(said(89.8, 90.04, 90.3), "90.0 ns longer");
        assert_eq!(said(-90.3, -90.04, -89.8), "90.0 ns less");
        assert_eq!(said(2.0, 5.2, 9.0), "about 5 ns (2.0 to 9.0 ns) longer");
        assert_eq!(said(-0.4, 0.3, 1.2), "about 0.3 ns longer (0.4 ns less to 1.2 ns longer)");
    }
}
