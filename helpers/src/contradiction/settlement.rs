//! What two rulings come to.

use crate::guess::Choice;
use crate::verdict::Ruling;
use std::fmt::{self, Display, Formatter};

/// What becomes of two statements on one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The first is true here, and the second isn't.
    First,
    /// The second is true here, and the first isn't.
    Second,
    /// Each of them is true here, in its own circumstances.
    Both,
    /// Neither of them is true here.
    Neither,
    /// One of them, or both, was too noisy to tell.
    Undecided,
    /// One of them, or both, can't be measured here.
    Unavailable,
}

impl Settlement {
    /// What two rulings come to. What is missing settles nothing, and what is undecided doesn't either.
    pub fn of(first: Ruling, second: Ruling) -> Self {
        use Ruling::{NotShown, Shown, Unavailable, Undecided};
        match (first, second) {
            (Unavailable, _) | (_, Unavailable) => Self::Unavailable,
            (Undecided, _) | (_, Undecided) => Self::Undecided,
            (Shown, Shown) => Self::Both,
            (Shown, NotShown) => Self::First,
            (NotShown, Shown) => Self::Second,
            (NotShown, NotShown) => Self::Neither,
        }
    }

    /// Whether something was decided.
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Undecided | Self::Unavailable)
    }

    /// Whether it contradicts what was voted. What isn't settled contradicts nobody.
    pub fn surprises(self, vote: Choice) -> bool {
        match self {
            Self::Undecided | Self::Unavailable => false,
            Self::First => vote != Choice::First,
            Self::Second => vote != Choice::Second,
            Self::Both => vote != Choice::Both,
            Self::Neither => vote != Choice::Neither,
        }
    }
}

impl Display for Settlement {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        out.pad(match self {
            Self::First => "the first",
            Self::Second => "the second",
            Self::Both => "both",
            Self::Neither => "neither",
            Self::Undecided => "undecided",
            Self::Unavailable => "unavailable",
        })
    }
}
