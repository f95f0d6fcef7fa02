//! An estimate with its interval, and how many of its figures can be believed.

use crate::units::{Unit, at_place, magnitude, to_place};

/// An estimate with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end of the interval.
    pub low: f64,
    /// The estimate itself.
    pub middle: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl Interval {
    /// The estimate in no more figures than the interval carries, and in at most three: `164 ns`. Where that leaves only one
    /// it is rough, and the ends of the interval are told as well: `about 5 (2.8 to 11)`.
    ///
    /// ```
    /// use helpers::{statistics::Interval, units::Unit};
    /// // How many times as long is it, if all of 2.8 to 10.9 fits?
    /// let rough = Interval { low: 2.8, middle: 5.26, high: 10.9 };
    /// assert_eq!(rough.words(Unit::Ratio), "about 5 (2.8 to 11)");
    /// let fine = Interval { low: 163.5, middle: 164.07, high: 164.6 };
    /// assert_eq!(fine.words(Unit::Time), "164 ns");
    /// ```
    pub fn words(&self, unit: Unit) -> String {
        if self.is_rough() {
            format!("about {} ({})", self.middle_words(unit), self.ends(unit))
        } else {
            self.middle_words(unit)
        }
    }

    /// The estimate alone, in as many figures as the interval carries.
    pub(crate) fn middle_words(&self, unit: Unit) -> String {
        let (size, name) = unit.scale(self.middle);
        format!("{}{name}", self.number(size))
    }

    fn number(&self, size: f64) -> String {
        let middle = self.middle / size;
        if middle == 0.0 || !middle.is_finite() {
            return middle.to_string().replace("inf", "∞");
        }
        let most = magnitude(middle) - 2;
        let place = self.reach(size).map_or(most, |reach| reach.clamp(most, most + 2));
        // The estimate may lie near an end, and rounding must not carry it past what is said of that.
        let [low, high] = [self.low, self.high].map(|end| {
            let end = end / size;
            if end == 0.0 { end } else { to_place(end, self.end_place(end, size)) }
        });
        let is_between = |place: &i32| (low..=high).contains(&to_place(middle, *place));
        let place = (most..=place).rev().find(is_between).unwrap_or(place);
        // Rounding may carry, and make one figure more.
        let place = place.max(magnitude(to_place(middle, place)) - 2);
        at_place(middle, place)
    }

    /// The power of ten of the last figure that is told of an end.
    fn end_place(&self, value: f64, size: f64) -> i32 {
        let place = magnitude(value) - 1;
        self.reach(size).map_or(place - 1, |reach| reach.min(place))
    }

    /// The power of ten of half of the interval's width; none where it has no width.
    fn reach(&self, size: f64) -> Option<i32> {
        let half = (self.high - self.low) / 2.0 / size;
        if half > 0.0 { Some(if half.is_finite() { magnitude(half) } else { i32::MAX }) } else { None }
    }

    /// Whether a single figure is all that it carries.
    fn is_rough(&self) -> bool {
        self.middle != 0.0 && self.reach(1.0).is_some_and(|reach| reach >= magnitude(self.middle))
    }

    /// From where to where: `2.8 to 11`, with its unit.
    pub(crate) fn ends(&self, unit: Unit) -> String {
        let largest = if self.high.is_finite() { self.high.abs().max(self.low.abs()) } else { self.low };
        let (size, name) = unit.scale(largest);
        let end = |value: f64| {
            let value = value / size;
            if value == 0.0 {
                return "0".to_owned();
            }
            at_place(value, self.end_place(value, size))
        };
        if self.high.is_finite() {
            format!("{} to {}{name}", end(self.low), end(self.high))
        } else {
            format!("{}{name} or more", end(self.low))
        }
    }
}
