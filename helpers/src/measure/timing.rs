//! What a measurement returns: its samples, the conditions, and whether they can be trusted.
//!
//! Longer than most modules here by what it says of each figure: what it is, its unit, and when there is none.

use super::disturbance::disturbances;
use super::made;
use crate::clock::{Clock, clock, resolves};
use crate::lasting::Lasting;
use crate::ledger::Ledger;
use crate::reading::{Reading, Unavailable};
use crate::statistics::{self, Interval, Summary};
use crate::units::{Count, Nanos, Ratio, Unit};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt::{self, Display, Formatter, Write as _};

/// The time that one operation took, again and again, with the conditions it was taken under. A kernel remembers each timing
/// that it makes, the last of a name, for [`keep`](crate::keep).
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// What was timed: one name in prose, data and chart.
    pub name: Lasting<str>,
    /// Nanoseconds per call, one sample per batch, in the order of time. Empty when it could not be measured.
    #[serde(deserialize_with = "numbers")]
    pub samples: Lasting<[f64]>,
    /// How many calls make a batch.
    pub calls: u64,
    /// What an empty harness of the same shape takes per call. It is shown beside the result, never subtracted.
    pub empty: Nanos,
    /// The clock that was read.
    pub clock: Clock,
    /// What the kernel counted meanwhile.
    pub ledger: Option<Lasting<Ledger>>,
    /// Whether the result can be trusted.
    pub status: Status,
}

/// Whether a result can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Nothing seen that speaks against it.
    Clean,
    /// Other work got in the way; these are the signs. The median stands, the spread and the mean tell of the disturbance.
    Disturbed(Lasting<[String]>),
    /// Less than twice the empty harness: the operation costs too little to be seen this way.
    BelowResolution(Lasting<str>),
    /// Measured, but so disturbed that nothing can be ruled by it, and how.
    Unsettled(Lasting<str>),
    /// Not measured, and why.
    Unavailable(Unavailable),
}

impl Timing {
    /// An operation that cannot be timed here.
    pub fn unavailable(name: impl Into<String>, reason: Unavailable) -> Self {
        let status = Status::Unavailable(reason);
        let timing = Self {
            name: name.into().into(),
            samples: Lasting::default(),
            calls: 0,
            empty: Nanos(0.0),
            clock: clock(),
            ledger: None,
            status,
        };
        timing.made()
    }

    /// Durations that something else has taken: turns, delays. Each is a sample.
    ///
    /// ```
    /// use helpers::{Timing, millis, nanos};
    /// // How late was the usual heartbeat?
    /// let late = Timing::of("heartbeat", &[millis(1.0), millis(3.0), millis(2.0)]);
    /// assert_eq!(late.median(), Ok(millis(2.0)));
    /// ```
    pub fn of(name: impl Into<String>, durations: &[Nanos]) -> Self {
        Self::given(name.into(), durations)
    }

    fn given(name: String, durations: &[Nanos]) -> Self {
        let samples = durations.iter().map(|duration| duration.0).collect();
        let (name, empty, status) = (name.into(), Nanos(0.0), Status::Clean);
        Self { name, samples, calls: 1, empty, clock: clock(), ledger: None, status }.made()
    }

    /// As [`of`](Self::of), with each duration weighed by how long it is: the samples are those durations that were going on at
    /// moments spread evenly over all of them, as many moments as durations. So half of the *time* is spent in durations
    /// longer than the median, and many short ones do not hide the long ones in which most of the time goes by.
    ///
    /// ```
    /// use helpers::{Timing, micros, millis};
    /// // Three turns of 4 ms were cut short now and then. How long is a turn?
    /// let turns = [millis(4.0), micros(9.0), micros(7.0), millis(4.0), micros(8.0), micros(9.0), millis(4.0)];
    /// assert_eq!(Timing::of("turn", &turns).median(), Ok(micros(9.0)));
    /// assert_eq!(Timing::weighed("turn", &turns).median(), Ok(millis(4.0)));
    /// ```
    pub fn weighed(name: impl Into<String>, durations: &[Nanos]) -> Self {
        Self::of(name, &statistics::weighed(durations))
    }

    /// As [`of`](Self::of), for durations that may not have been taken: then the timing says why.
    pub fn reading(name: impl Into<String>, durations: &Reading<Vec<Nanos>>) -> Self {
        match durations {
            Ok(durations) => Self::of(name, durations),
            Err(reason) => Self::unavailable(name, *reason),
        }
    }

    /// Judges fresh samples by the signs of disturbance.
    pub(super) fn judged(name: String, samples: Vec<f64>, calls: u64, empty: Nanos, ledger: &Ledger) -> Self {
        let signs = disturbances(&samples, ledger);
        let median = Summary::of(&samples).map_or(0.0, |s| s.median);
        let status = if median < 2.0 * empty.0 {
            Status::BelowResolution(format!("an empty harness alone takes {empty}").into())
        } else if signs.is_empty() {
            Status::Clean
        } else {
            Status::Disturbed(signs.into())
        };
        Self {
            name: name.into(),
            samples: samples.into(),
            calls,
            empty,
            clock: clock(),
            ledger: Some(Lasting::new(*ledger)),
            status,
        }
        .made()
    }

    /// A fresh timing as it is handed out: one whose samples are no numbers is none, and the kernel remembers it.
    pub(super) fn made(mut self) -> Self {
        if let Err(reason) = self.faultless() {
            self.samples = Lasting::default();
            self.status = Status::Unavailable(reason);
        }
        made::remember(&self);
        self
    }

    /// Why the samples tell nothing, if they do not.
    fn faultless(&self) -> Reading<()> {
        if let Status::Unavailable(reason) = &self.status {
            return Err(*reason);
        }
        let all = self.samples.len();
        match self.samples.iter().filter(|sample| !sample.is_finite()).count() {
            _ if all == 0 => Err(no_samples()),
            0 => Ok(()),
            odd => Err(Unavailable::because(format!(
                "{} of {} samples are no finite numbers",
                Count(odd as u64),
                Count(all as u64)
            ))),
        }
    }

    /// Median, quartiles, interval and extremes over the batches; `None` when nothing was measured.
    pub fn summary(&self) -> Option<Summary> {
        Summary::of(&self.samples)
    }

    /// The headline: the median of the batches.
    ///
    /// # Errors
    /// When it could not be measured: the reason.
    pub fn median(&self) -> Reading<Nanos> {
        self.range().map(|range| Nanos(range.middle))
    }

    /// The median in words, in no more figures than its interval carries, for a [`finding`](fn@crate::finding).
    ///
    /// ```
    /// use helpers::{Timing, finding, millis};
    /// let turns = Timing::of("turn", &[millis(2.8), millis(4.1), millis(10.9)]);
    /// // How long is a turn, as far as three of them tell?
    /// assert_eq!(finding("A turn lasts {turn}", &[("turn", &turns.figure())]).to_string(), "A turn lasts about 4 ms (2.8 to 11 ms)");
    /// ```
    ///
    /// # Errors
    /// When it could not be measured: the reason.
    pub fn figure(&self) -> Reading<String> {
        self.range().map(|range| range.words(Unit::Time))
    }

    /// The time that a share `p` of the samples stays under: 0.999 for one in a thousand.
    ///
    /// # Errors
    /// When it could not be measured, or `p` lies outside of 0 to 1: the reason.
    pub fn quantile(&self, p: f64) -> Reading<Nanos> {
        self.faultless()?;
        let beyond = || Unavailable::because(format!("a quantile lies between 0 and 1, not at {p}"));
        (0.0..=1.0)
            .contains(&p)
            .then(|| Nanos(statistics::quantile(&statistics::sorted(&self.samples), p)))
            .ok_or_else(beyond)
    }

    /// How long so many of them take: so many medians.
    ///
    /// # Errors
    /// When it could not be measured, or `count` is no number: the reason.
    pub fn repeated(&self, count: f64) -> Reading<Nanos> {
        let time = self.median()?.0 * count;
        let no_number = || Unavailable::because(format!("{count} of them take no time that could be told"));
        time.is_finite().then_some(Nanos(time)).ok_or_else(no_number)
    }

    /// The mean over the batches, to show what disturbance does to it.
    ///
    /// # Errors
    /// When it could not be measured: the reason.
    pub fn mean(&self) -> Reading<Nanos> {
        self.range().and_then(|_| self.summary().map(|s| Nanos(s.mean)).ok_or_else(no_samples))
    }

    /// The median with its 95 % interval, in nanoseconds.
    ///
    /// # Errors
    /// When it could not be measured: the reason.
    pub fn range(&self) -> Reading<Interval> {
        self.faultless()?;
        let s = self.summary().ok_or_else(no_samples)?;
        Ok(Interval { low: s.interval.0, middle: s.median, high: s.interval.1 })
    }

    /// How many times as long as the other it takes: the ratio of their medians.
    ///
    /// # Errors
    /// When one of the two could not be measured, or the other takes less than the clock can tell: the reason.
    pub fn times(&self, other: &Self) -> Reading<Ratio> {
        Ratio::of(&self.median(), &other.median())
    }

    /// The shortest sample: of short runs the one to hold against a model, since strangers only add time.
    ///
    /// # Errors
    /// When it could not be measured: the reason.
    pub fn best(&self) -> Reading<Nanos> {
        self.range().and_then(|_| self.summary().map(|s| Nanos(s.min)).ok_or_else(no_samples))
    }

    /// How often the kernel switched threads for each call, wanted or not.
    ///
    /// ```
    /// use helpers::{Timing, measure};
    /// // Does an addition make anybody wait?
    /// let sum: Timing = measure("addition", || std::hint::black_box(2) + 2);
    /// assert!(sum.switches().map_or(true, |switches| switches.0 < 0.01));
    /// ```
    ///
    /// # Errors
    /// When it could not be measured, or switches are not counted: the reason.
    pub fn switches(&self) -> Reading<Ratio> {
        self.range()?;
        let uncounted = || Unavailable::because("no switches were counted");
        let switches = self.ledger.as_ref().ok_or_else(uncounted)?.switches()?;
        Ok(Ratio(switches.0 as f64 / (self.calls.max(1) as f64 * self.samples.len() as f64)))
    }

    /// What speaks against ruling by it, though it was measured.
    pub(crate) fn doubt(&self) -> Option<&str> {
        match &self.status {
            Status::Unsettled(why) => Some(why),
            Status::Clean | Status::Disturbed(_) | Status::BelowResolution(_) | Status::Unavailable(_) => {
                None
            }
        }
    }

    /// The same, for one of `parts` equal parts of the operation: of a loop's rounds, of a throw to and fro.
    ///
    /// ```
    /// use helpers::{Timing, micros, nanos};
    /// // A thousand multiplications took 3 µs. And one?
    /// assert_eq!(Timing::of("multiplication", &[micros(3.0)]).per(1_000.0).median(), Ok(nanos(3.0)));
    /// ```
    pub fn per(mut self, parts: f64) -> Self {
        self.samples = self.samples.iter().map(|sample| sample / parts).collect();
        self.empty.0 /= parts;
        if !(parts > 0.0 && parts.is_finite()) {
            self.status = Status::Unavailable(Unavailable::because(format!("{parts} is no number of parts")));
        }
        self.made()
    }

    /// Together with the same operation timed at another moment: the samples of both, in equal numbers. So the interval of the
    /// median tells how far the two lie apart, as it must where the machine itself may have changed its speed meanwhile.
    ///
    /// ```
    /// use helpers::{Timing, nanos};
    /// // It took 20 ns, and later 30. What does it take?
    /// let [before, after] = [20.0, 30.0].map(|time| Timing::of("a look", &[nanos(time); 40]));
    /// let range = before.and(&after).range().unwrap();
    /// assert!(range.low <= 20.0 && range.high >= 30.0);
    /// ```
    pub fn and(&self, other: &Self) -> Self {
        if let Some(missing) = [self, other].into_iter().find(|timing| timing.range().is_err()) {
            return Self { name: self.name, ..*missing };
        }
        let count = self.samples.len().min(other.samples.len());
        let some = |timing: &Self| {
            let all = timing.samples;
            (0..count).map(move |number| all[number * all.len() / count])
        };
        let status = if other.doubt().is_some() { other.status } else { self.status };
        // What was counted is of one of the two.
        Self { samples: some(self).chain(some(other)).collect(), status, ledger: None, ..*self }
    }

    /// Whether other work got in the way.
    pub fn is_disturbed(&self) -> bool {
        matches!(self.status, Status::Disturbed(_))
    }

    /// How the samples were taken: `1,000 batches of 609 calls`.
    pub fn sampling(&self) -> String {
        let samples = Count(self.samples.len() as u64);
        if self.calls == 1 {
            format!("{samples} calls")
        } else {
            format!("{samples} batches of {} calls", Count(self.calls))
        }
    }
}

/// Samples as a file has them: what is no number there is none here.
pub(super) fn numbers<'de, D: Deserializer<'de>>(from: D) -> Result<Lasting<[f64]>, D::Error> {
    let samples = Vec::<Option<f64>>::deserialize(from)?;
    Ok(samples.into_iter().map(|sample| sample.unwrap_or(f64::NAN)).collect())
}

pub(super) fn no_samples() -> Unavailable {
    Unavailable::because("no sample was taken")
}

impl Display for Timing {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let known = self.range().and_then(|range| Ok((range, self.summary().ok_or_else(no_samples)?)));
        let (range, s) = match known {
            Ok(known) => known,
            Err(reason) => return write!(out, "{}: unavailable, {reason}", self.name),
        };
        let [q1, q3, low, high, min, p99] = [s.q1, s.q3, range.low, range.high, s.min, s.p99].map(Nanos);
        writeln!(out, "{}: {}", self.name, range.middle_words(Unit::Time))?;
        writeln!(out, "  middle half {q1} to {q3}, best {min}, 99 % under {p99}")?;
        writeln!(out, "  95 % interval of the median {low} to {high}")?;
        if let Some((fast, slow)) = statistics::two_modes(&statistics::sorted(&self.samples)) {
            writeln!(out, "  two modes: {} and {}", Nanos(fast), Nanos(slow))?;
        }
        let mut how = self.sampling();
        let resolution = self.clock.resolution;
        write!(how, ", empty harness {}, {}", self.empty, resolves(resolution, &resolution.to_string()))?;
        writeln!(out, "  {how}")?;
        match &self.status {
            Status::Clean => write!(out, "  undisturbed"),
            Status::Disturbed(signs) => write!(out, "  disturbed: {}", signs.join("; ")),
            Status::BelowResolution(why) => write!(out, "  below resolution: {why}"),
            Status::Unsettled(why) => write!(out, "  unsettled: {why}"),
            Status::Unavailable(_) => Ok(()),
        }
    }
}
