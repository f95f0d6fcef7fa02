//! What was followed: each datagram's times, and what they come to.

use super::{Stamp, between};
use crate::lasting::Lasting;
use crate::measure::Timing;
use crate::reading::{OrWhy, Reading, Unavailable};
use crate::units::{Count, Nanos, Share};
use std::fmt::{self, Display, Formatter};

/// Datagrams that were followed from stage to stage; see [`journeys`](super::journeys).
#[derive(Clone, Copy)]
pub struct Journeys {
    /// How many were to be followed.
    pub letters: usize,
    /// The stretches of the way: each begins at one stage and ends at the next. How long each took, letter by letter.
    pub stretches: Lasting<[Stretch]>,
    /// From the first stage to the last.
    pub whole: Timing,
    /// Of how many every stage is known, in order.
    in_order: Reading<Count>,
    /// Of the letter with the median whole: when each stage was reached, since the first.
    middle: Lasting<[Nanos]>,
}

/// From one stage to the next.
#[derive(Clone, Copy)]
pub struct Stretch {
    /// Who has it meanwhile.
    pub name: &'static str,
    /// Where it begins and ends.
    pub stages: [&'static str; 2],
    /// How long it took.
    pub took: Timing,
}

/// What the sender has stamped, letter by letter, and what the receiver has.
pub(super) type Sides = (Vec<Vec<Stamp>>, Vec<Vec<Stamp>>);

impl Journeys {
    pub(super) fn of(letters: usize, way: &[(&'static str, &'static str)], sides: Reading<Sides>) -> Self {
        let asked =
            || if letters == 0 { Err(Unavailable::because("no datagram was asked for")) } else { Ok(()) };
        let rows = sides.and_then(|(sent, received)| asked().map(|()| rows(way, &sent, &received)));
        let in_order = rows.as_ref().map(|rows| Count(rows.len() as u64)).map_err(|reason| *reason);
        let found = rows.and_then(|rows| {
            let none = || Unavailable::because("no datagram was followed through all its stages");
            if rows.is_empty() { Err(none()) } else { Ok(rows) }
        });
        let timing = |name: String, times: &dyn Fn(&[u64]) -> Nanos| match &found {
            Ok(rows) => Timing::of(name, &rows.iter().map(|row| times(row)).collect::<Vec<_>>()),
            Err(reason) => Timing::unavailable(name, *reason),
        };
        let stretch = |(number, pair): (usize, &[(&'static str, &'static str)])| Stretch {
            name: pair[0].1,
            stages: [pair[0].0, pair[1].0],
            took: timing(pair[0].1.to_owned(), &|row| between(row[number], row[number + 1])),
        };
        let stretches = way.windows(2).enumerate().map(stretch).collect();
        let whole = timing("the whole way".to_owned(), &|row| between(row[0], row[row.len() - 1]));
        let middle = found.map(|mut rows| {
            rows.sort_by_key(|row| row[row.len() - 1] - row[0]);
            let row = &rows[rows.len() / 2];
            row.iter().map(|at| between(row[0], *at)).collect()
        });
        Self { letters, stretches, whole, in_order, middle: middle.unwrap_or_default() }
    }

    /// With a name for the whole way, which tells it from others.
    pub fn named(mut self, name: &str) -> Self {
        self.whole.name = name.into();
        self
    }

    /// Of how many letters every stage is known, and none was reached before the one before it. The stretches of such a letter
    /// add up to its whole way.
    ///
    /// # Errors
    /// Where nothing could be followed.
    pub fn in_order(&self) -> Reading<Count> {
        self.in_order
    }

    /// Whether that is so for all of them.
    ///
    /// # Errors
    /// As [`in_order`](Self::in_order).
    pub fn all_in_order(&self) -> Reading<bool> {
        self.in_order.map(|count| count.0 == self.letters as u64)
    }

    /// How long one stretch took.
    pub fn stretch(&self, name: &str) -> Timing {
        let none = || Timing::unavailable(name, Unavailable::because(format!("no stretch is called {name}")));
        self.stretches.iter().find(|stretch| stretch.name == name).map_or_else(none, |one| one.took)
    }

    /// How long several stretches took together, letter by letter.
    pub fn together(&self, name: &str, stretches: &[&str]) -> Timing {
        let parts: Vec<Timing> = stretches.iter().map(|stretch| self.stretch(stretch)).collect();
        if let Some(reason) = parts.iter().find_map(|part| part.median().err()) {
            return Timing::unavailable(name, reason);
        }
        let sum = |letter: usize| Nanos(parts.iter().filter_map(|part| part.samples.get(letter)).sum());
        let letters = parts.first().map_or(0, |part| part.samples.len());
        Timing::of(name, &(0..letters).map(sum).collect::<Vec<_>>())
    }

    /// The stretch that takes longest, by its median.
    ///
    /// # Errors
    /// Where nothing could be followed.
    pub fn longest(&self) -> Reading<&Stretch> {
        let median = |stretch: &&Stretch| stretch.took.median().map_or(0.0, |time| time.0);
        let longest = self.stretches.iter().max_by(|one, other| median(one).total_cmp(&median(other)));
        let none = || Unavailable::because("the way has no stretches");
        let longest = longest.ok_or_else(none)?;
        longest.took.median().map(|_| longest)
    }

    /// The part that one stretch took of the way of the [middle](Self::middle) letter.
    ///
    /// # Errors
    /// Where nothing could be followed, no stretch has this name, or the way took no time that the clock could tell.
    pub fn share(&self, name: &str) -> Reading<Share> {
        self.stretch(name).median()?;
        let middle = self.middle();
        let part: f64 =
            middle.iter().filter(|(one, ..)| *one == name).map(|(_, from, to)| to.0 - from.0).sum();
        let whole = middle.last().map_or(0.0, |(_, _, to)| to.0);
        Share::of(&Ok(Nanos(part)), &Ok(Nanos(whole)))
    }

    /// One letter, the one with the median whole way: each stretch's name, and from when to when it took.
    pub fn middle(&self) -> Vec<(&'static str, Nanos, Nanos)> {
        let names = self.stretches.iter().map(|stretch| stretch.name);
        names.zip(self.middle.windows(2)).map(|(name, ends)| (name, ends[0], ends[1])).collect()
    }
}

impl OrWhy for Journeys {
    fn or_why(reason: Unavailable) -> Self {
        Self::of(0, &[], Err(reason))
    }
}

/// When each letter reached each stage; those of which all are known, in order.
fn rows(way: &[(&'static str, &'static str)], sent: &[Vec<Stamp>], received: &[Vec<Stamp>]) -> Vec<Vec<u64>> {
    let row = |(sent, received): (&Vec<Stamp>, &Vec<Stamp>)| -> Option<Vec<u64>> {
        let at = |stage: &str| {
            let mut found = sent.iter().chain(received).filter(|(name, _)| *name == stage);
            // Reached twice, and nobody knows which of them is meant.
            let first = found.next().map(|(_, at)| *at);
            first.filter(|_| found.next().is_none())
        };
        let times: Option<Vec<u64>> = way.iter().map(|(stage, _)| at(stage)).collect();
        times.filter(|times| times.is_sorted())
    };
    if way.len() < 2 { Vec::new() } else { sent.iter().zip(received).filter_map(row).collect() }
}

impl Display for Journeys {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let count = match self.in_order {
            Ok(count) => count,
            Err(reason) => return write!(out, "not followed: {reason}"),
        };
        write!(
            out,
            "{count} of {} datagrams followed through all their stages, in order",
            Count(self.letters as u64)
        )?;
        for stretch in &self.stretches {
            let median =
                stretch.took.median().map_or_else(|reason| reason.to_string(), |time| time.to_string());
            let [from, to] = stretch.stages;
            write!(out, "\n{median:>10}   {}: from “{from}” to “{to}”", stretch.name)?;
        }
        let whole = self.whole.median().map_or_else(|reason| reason.to_string(), |time| time.to_string());
        write!(out, "\n{whole:>10}   the whole way")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAY: [(&str, &str); 3] = [("a", "first"), ("b", "second"), ("c", "")];

    fn letter(times: &[(&'static str, u64)]) -> Vec<Stamp> {
        times.to_vec()
    }

    #[test]
    fn stretches_add_up_to_the_whole_of_each_letter() {
        let sent = vec![letter(&[("a", 100), ("b", 130)]), letter(&[("a", 900), ("b", 910)])];
        let received = vec![letter(&[("c", 400)]), letter(&[("c", 1000)])];
        let seen = Journeys::of(2, &WAY, Ok((sent, received)));
        assert_eq!((seen.in_order(), seen.all_in_order()), (Ok(Count(2)), Ok(true)));
        assert_eq!(seen.stretch("first").samples, [30.0, 10.0]);
        assert_eq!(seen.together("both", &["first", "second"]).samples, seen.whole.samples);
        assert_eq!(seen.longest().unwrap().name, "second");
        assert_eq!((seen.share("first"), seen.share("none").is_err()), (Ok(Share(0.1)), true));
        assert_eq!(
            seen.middle(),
            [("first", Nanos(0.0), Nanos(30.0)), ("second", Nanos(30.0), Nanos(300.0))]
        );
    }

    #[test]
    fn what_is_out_of_order_missing_or_twice_is_not_counted() {
        let sent = vec![
            letter(&[("a", 100), ("b", 90)]),
            letter(&[("a", 100)]),
            letter(&[("a", 100), ("b", 120), ("b", 130)]),
            letter(&[("a", 100), ("b", 120)]),
        ];
        let received = vec![letter(&[("c", 400)]); 3];
        let seen = Journeys::of(4, &WAY, Ok((sent, received)));
        assert_eq!((seen.in_order(), seen.all_in_order()), (Ok(Count(0)), Ok(false)));
        assert!(seen.whole.median().is_err() && seen.middle().is_empty() && seen.longest().is_err());
        assert!(Journeys::of(1, &[], Ok((vec![], vec![]))).whole.median().is_err());
        let reason = Unavailable::because("one CPU");
        assert!(Journeys::of(1, &WAY, Err(reason)).to_string().contains("one CPU"));
    }

    #[test]
    fn of_no_datagram_nothing_can_be_said() {
        let none = Journeys::of(0, &WAY, Ok((vec![], vec![])));
        assert!(none.all_in_order().unwrap_err().to_string().contains("no datagram was asked for"));
        assert!(none.in_order().is_err() && none.to_string().contains("not followed"));
        let reason = Unavailable::because("one CPU");
        assert_eq!(Journeys::of(0, &[], Err(reason)).in_order(), Err(reason));
        let at_once = vec![letter(&[("a", 7), ("b", 7), ("c", 7)])];
        let at_once = Journeys::of(1, &WAY, Ok((at_once, vec![letter(&[])])));
        assert!(at_once.all_in_order() == Ok(true) && at_once.share("first").is_err());
    }
}
