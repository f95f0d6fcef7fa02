//! One machine against another: what differs between the two, then what the same acts took on each.

use super::Record;
use crate::reading::Reading;
use crate::statistics::Interval;
use crate::units::Nanos;

/// Two records beside each other.
#[derive(Clone, Debug)]
pub struct Against {
    /// What the first machine is called.
    pub one: String,
    /// What the second machine is called.
    pub other: String,
    /// What is not the same on both: read it before any ratio.
    pub differing: Vec<Differing>,
    /// What was timed on both, from the least ratio to the greatest.
    pub shared: Vec<Shared>,
}

/// A fact that differs between two machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// What it belongs to, as on the context card: `CPU`, `kernel`, …
    pub about: &'static str,
    /// What it is called there.
    pub label: &'static str,
    /// On the first machine.
    pub one: String,
    /// On the second.
    pub other: String,
}

/// Something that was timed on both machines.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    /// What was timed.
    pub name: String,
    /// The median on the first machine.
    pub one: Nanos,
    /// The median on the second.
    pub other: Nanos,
    /// How many times as long it takes on the second, with the widest interval that those of the two medians allow.
    pub ratio: Interval,
}

/// Two records that were read beside each other, the second one's times as multiples of the first one's.
///
/// ```
/// use helpers::{Record, against, chart};
/// // What if there is no such file?
/// let both = against(&Record::read("mine.json"), &Record::read("theirs.json"));
/// assert!(chart::ratios(&both).figure().title.contains("mine.json"));
/// ```
///
/// # Errors
/// When one of the two could not be read: the reason.
pub fn against(one: &Reading<Record>, other: &Reading<Record>) -> Reading<Against> {
    let read = |record: &Reading<Record>| record.as_ref().map_err(|reason| *reason).cloned();
    Ok(read(one)?.against(&read(other)?))
}

impl Record {
    /// This record against another one, the other one's times as multiples of these.
    ///
    /// ```
    /// use helpers::{Record, Timing, nanos};
    /// // What takes twice as long?
    /// let record = |time: f64| Record::of("mine", &[Timing::of("a call", &[nanos(time)])], &[]);
    /// let against = record(100.0).against(&record(200.0));
    /// assert_eq!(against.shared[0].ratio.middle, 2.0);
    /// assert!(against.differing.is_empty());
    /// ```
    pub fn against(&self, other: &Self) -> Against {
        let rows = |record: &Self| record.machine.rows();
        let differing = rows(self).into_iter().filter_map(|row| {
            let same = |their: &crate::machine::Row| (their.group, their.label) == (row.group, row.label);
            let their = rows(other).into_iter().find(same)?;
            // What is so at this moment only says nothing about the machine.
            (row.group != "now" && row.value != their.value).then(|| Differing {
                about: row.group,
                label: row.label,
                one: row.value.clone(),
                other: their.value,
            })
        });
        let shared = self.timings.iter().filter_map(|timing| {
            let their = other.timings.iter().find(|their| their.name == timing.name)?;
            let (one, two) = (timing.range().ok()?, their.range().ok()?);
            let is_number = one.low > 0.0 && two.middle > 0.0 && two.high.is_finite();
            is_number.then(|| Shared {
                name: timing.name.into(),
                one: Nanos(one.middle),
                other: Nanos(two.middle),
                ratio: Interval {
                    low: two.low.max(0.0) / one.high,
                    middle: two.middle / one.middle,
                    high: two.high / one.low,
                },
            })
        });
        let mut shared: Vec<Shared> = shared.collect();
        let mut differing: Vec<Differing> = differing.collect();
        if self.method() != other.method() {
            // The method is part of every number: such figures are set beside each other, and never divided.
            shared.clear();
            let [one, other] = [self, other].map(|record| record.method().to_owned());
            differing.insert(0, Differing { about: "record", label: "method", one, other });
        }
        shared.sort_by(|a, b| a.ratio.middle.total_cmp(&b.ratio.middle));
        Against { one: self.title(), other: other.title(), differing, shared }
    }
}
