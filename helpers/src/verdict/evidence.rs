//! What a claim is ruled by: a truth, or a reading of one.

use crate::reading::{Reading, Unavailable};
use crate::units::Quantity;

/// What [`holds`](super::Claim::holds) rules by: a `bool`, a reading of one, or several, all of which must hold.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no evidence",
    note = "evidence is a `bool`, a `Reading<bool>` (`seen.is(…)`, `.at_least(…)`, `.at_most(…)`, `.within(…)`), or an array of these"
)]
pub trait Evidence {
    /// Whether it holds.
    ///
    /// # Errors
    /// Where that could not be observed: the reason.
    fn evidence(self) -> Reading<bool>;
}

impl Evidence for bool {
    fn evidence(self) -> Reading<bool> {
        Ok(self)
    }
}

impl Evidence for Reading<bool> {
    fn evidence(self) -> Reading<bool> {
        self
    }
}

impl Evidence for &Reading<bool> {
    fn evidence(self) -> Reading<bool> {
        *self
    }
}

impl<E: Evidence, const N: usize> Evidence for [E; N] {
    fn evidence(self) -> Reading<bool> {
        all(self)
    }
}

impl<E: Evidence> Evidence for Vec<E> {
    fn evidence(self) -> Reading<bool> {
        all(self)
    }
}

fn all<E: Evidence>(evidence: impl IntoIterator<Item = E>) -> Reading<bool> {
    // All of them first: what was seen to fail does not make up for what could not be seen.
    let seen: Vec<bool> = evidence.into_iter().map(Evidence::evidence).collect::<Reading<_>>()?;
    let nothing = || Unavailable::because("nothing was observed");
    (!seen.is_empty()).then(|| seen.into_iter().all(|holds| holds)).ok_or_else(nothing)
}

/// Asks a reading: the answer is a reading too, and carries the reason where there is none.
///
/// ```
/// use helpers::{Compare, Count, Reading, Unavailable};
/// let switches: Reading<Count> = Ok(Count(1_000));
/// assert_eq!(switches.at_least(Count(30)), Ok(true));
/// // What if nobody counted?
/// let switches: Reading<Count> = Err(Unavailable::because("switches are not counted"));
/// assert!(switches.at_least(Count(30)).is_err());
/// ```
pub trait Compare<Q: Quantity> {
    /// What is asked.
    ///
    /// # Errors
    /// Where it could not be read, or is no number: the reason.
    fn number(&self) -> Reading<Q>;

    /// Whether it is just this.
    ///
    /// # Errors
    /// As [`number`](Self::number).
    fn is(&self, value: Q) -> Reading<bool> {
        Ok(self.number()?.size().total_cmp(&number(value)?).is_eq())
    }

    /// Whether it is this or more.
    ///
    /// # Errors
    /// As [`number`](Self::number).
    fn at_least(&self, value: Q) -> Reading<bool> {
        Ok(self.number()?.size() >= number(value)?)
    }

    /// Whether it is this or less.
    ///
    /// # Errors
    /// As [`number`](Self::number).
    fn at_most(&self, value: Q) -> Reading<bool> {
        Ok(self.number()?.size() <= number(value)?)
    }

    /// Whether it lies between these, or is one of them.
    ///
    /// # Errors
    /// As [`number`](Self::number), and when nothing lies between them.
    fn within(&self, low: Q, high: Q) -> Reading<bool> {
        let (low, high) = ordered(number(low)?, number(high)?)?;
        Ok((low..=high).contains(&self.number()?.size()))
    }

    /// Shows the reading as the output of a cell: its value, or that it is unavailable, and why.
    fn evcxr_display(&self) {
        let words = match self.number() {
            Ok(value) => value.to_string(),
            Err(reason) => format!("unavailable: {reason}"),
        };
        evcxr_runtime::mime_type("text/plain").text(words);
    }
}

impl<Q: Quantity> Compare<Q> for Reading<Q> {
    fn number(&self) -> Reading<Q> {
        let value = (*self)?;
        number(value).map(|_| value)
    }
}

fn number<Q: Quantity>(value: Q) -> Reading<f64> {
    let size = value.size();
    if size.is_finite() {
        Ok(size)
    } else {
        Err(Unavailable::because(format!("{size} is no number to compare with")))
    }
}

/// What decides, if it is a number.
pub(super) fn decisive(bound: f64) -> Reading<f64> {
    if bound.is_nan() { Err(Unavailable::because("the bound is no number")) } else { Ok(bound) }
}

/// Two bounds with room between them.
pub(super) fn ordered(low: f64, high: f64) -> Reading<(f64, f64)> {
    let reversed = || Unavailable::because("the lower bound is above the upper");
    (low <= high).then_some((low, high)).ok_or_else(reversed)
}

/// What an [`Estimate`](super::Estimate) is held against: a number, a quantity, or a reading of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no bound",
    note = "a bound is a number (10.0), a quantity (nanos(5.0)) or a reading of one"
)]
pub trait Bound {
    /// Its size, in the base unit.
    ///
    /// # Errors
    /// Where it could not be read: the reason.
    fn bound(self) -> Reading<f64>;
}

impl Bound for f64 {
    #[inline]
    fn bound(self) -> Reading<f64> {
        Ok(self)
    }
}

impl<Q: Quantity> Bound for Q {
    #[inline]
    fn bound(self) -> Reading<f64> {
        Ok(self.size())
    }
}

impl<Q: Quantity> Bound for Reading<Q> {
    #[inline]
    fn bound(self) -> Reading<f64> {
        Ok(self?.size())
    }
}

impl<Q: Quantity> Bound for &Reading<Q> {
    #[inline]
    fn bound(self) -> Reading<f64> {
        Ok((*self)?.size())
    }
}
