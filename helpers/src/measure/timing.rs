//! What a measurement returns: its samples, the conditions, and whether they can be trusted.

use super::made;
use crate::clock::{Clock, clock};
use crate::ledger::Ledger;
use crate::reading::{Reading, Unavailable};
use crate::statistics::{self, Interval, Summary};
use crate::units::{Count, Nanos, Ratio, Share, Unit};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt::{self, Display, Formatter, Write as _};

/// The time that one operation took, again and again, with the conditions it was taken under. A kernel remembers each timing
/// that it makes, the last of a name, for [`keep`](crate::keep).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// What was timed: one name in prose, data and chart.
    pub name: String,
    /// Nanoseconds per call, one sample per batch, in the order of time. Empty when it could not be measured.
    #[serde(deserialize_with = "numbers")]
    pub samples: Vec<f64>,
    /// How many calls make a batch.
    pub calls: u64,
    /// What an empty harness of the same shape takes per call. It is shown beside the result, never subtracted.
    pub empty: Nanos,
    /// The clock that was read.
    pub clock: Clock,
    /// What the kernel counted meanwhile.
    pub ledger: Option<Box<Ledger>>,
    /// Whether the result can be trusted.
    pub status: Status,
}

/// Whether a result can be trusted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Nothing seen that speaks against it.
    Clean,
    /// Other work got in the way; these are the signs. The median stands, the spread and the mean tell of the disturbance.
    Disturbed(Vec<String>),
    /// Less than twice the empty harness: the operation costs too little to be seen this way.
    BelowResolution(String),
    /// Not measured, and why.
    Unavailable(Unavailable),
}

impl Timing {
    /// An operation that cannot be timed here.
    pub fn unavailable(name: impl Into<String>, reason: Unavailable) -> Self {
        let status = Status::Unavailable(reason);
        let timing = Self {
            name: name.into(),
            samples: Vec::new(),
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
        let samples: Vec<f64> = durations.iter().map(|duration| duration.0).collect();
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
    pub(super) fn judged(name: String, samples: Vec<f64>, calls: u64, empty: Nanos, ledger: Ledger) -> Self {
        let signs = disturbances(&samples, &ledger);
        let median = Summary::of(&samples).map_or(0.0, |s| s.median);
        let status = if median < 2.0 * empty.0 {
            Status::BelowResolution(format!("an empty harness alone takes {empty}"))
        } else if signs.is_empty() {
            Status::Clean
        } else {
            Status::Disturbed(signs)
        };
        Self { name, samples, calls, empty, clock: clock(), ledger: Some(Box::new(ledger)), status }.made()
    }

    /// A fresh timing as it is handed out: one whose samples are no numbers is none, and the kernel remembers it.
    pub(super) fn made(mut self) -> Self {
        if let Err(reason) = self.faultless() {
            self.samples.clear();
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

    /// What speaks against ruling by it, though it was measured.
    pub(crate) fn doubt(&self) -> Option<&str> {
        match &self.status {
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
        self.samples.iter_mut().for_each(|sample| *sample /= parts);
        self.empty.0 /= parts;
        if !(parts > 0.0 && parts.is_finite()) {
            self.status = Status::Unavailable(Unavailable::because(format!("{parts} is no number of parts")));
        }
        self.made()
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
fn numbers<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
    let samples = Vec::<Option<f64>>::deserialize(from)?;
    Ok(samples.into_iter().map(|sample| sample.unwrap_or(f64::NAN)).collect())
}

fn no_samples() -> Unavailable {
    Unavailable::because("no sample was taken")
}

/// The signs that other work got in the way, each with its size. A twentieth of the time counts.
fn disturbances(samples: &[f64], ledger: &Ledger) -> Vec<String> {
    const NOTABLE: f64 = 0.05;
    let mut signs = Vec::new();
    let elapsed = ledger.elapsed.0.max(1.0);
    let mut share = |time: &Reading<Nanos>, what: &str| {
        if let Ok(time) = time
            && time.0 / elapsed > NOTABLE
        {
            signs.push(format!("{what} for {:.0} % of the time", 100.0 * time.0 / elapsed));
        }
    };
    share(&ledger.waited, "the thread waited for a CPU");
    share(&ledger.throttled, "a quota held the thread back");
    // Told in steps of 10 ms, so a single step may stand for next to nothing.
    let stolen = ledger.stolen.as_ref().map(|time| Nanos(time.0 - 1e7)).map_err(Clone::clone);
    share(&stolen, "the hypervisor gave CPUs to others");
    if let Some(s) = Summary::of(samples)
        && (s.q3 - s.q1) / s.median > NOTABLE
    {
        let resemblance = statistics::lag_one(samples);
        if resemblance > 0.5 {
            signs.push(format!(
                "neighbouring batches resemble each other (lag-1 autocorrelation {resemblance:.2})"
            ));
        }
        let drift = statistics::drift(samples);
        if drift > NOTABLE {
            signs.push(format!("the second half differs from the first by {:.0} %", 100.0 * drift));
        }
    }
    signs
}

impl Display for Timing {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let (range, Some(s)) = (self.range(), self.summary()) else {
            return write!(out, "{}: unavailable, {}", self.name, no_samples());
        };
        let range = match range {
            Ok(range) => range,
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
        write!(how, ", empty harness {}, clock resolves {}", self.empty, self.clock.resolution)?;
        writeln!(out, "  {how}")?;
        match &self.status {
            Status::Clean => write!(out, "  undisturbed"),
            Status::Disturbed(signs) => write!(out, "  disturbed: {}", signs.join("; ")),
            Status::BelowResolution(why) => write!(out, "  below resolution: {why}"),
            Status::Unavailable(_) => Ok(()),
        }
    }
}

/// Two operations timed in turn, so that whatever happens to the machine happens to both.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// The one that was named first.
    pub first: Timing,
    /// The other.
    pub second: Timing,
    /// Second minus first in nanoseconds per call, one for each pair of neighbouring batches.
    #[serde(deserialize_with = "numbers")]
    pub differences: Vec<f64>,
}

impl Pair {
    /// The median of the paired differences with its 95 % interval, in nanoseconds.
    ///
    /// # Errors
    /// When one of the two could not be measured: the reason.
    pub fn range(&self) -> Reading<Interval> {
        self.first.range()?;
        self.second.range()?;
        let s = Summary::of(&self.differences).ok_or_else(no_samples)?;
        Ok(Interval { low: s.interval.0, middle: s.median, high: s.interval.1 })
    }

    /// The least difference of one call that the clock can tell: one of its steps, shared out over the calls of a batch.
    pub fn resolution(&self) -> Nanos {
        Nanos(self.first.clock.resolution.0.max(0.0) / self.first.calls.max(1) as f64)
    }

    /// A part of the difference: half of it is `part(Share(0.5))`.
    ///
    /// # Errors
    /// As [`range`](Self::range), and when there is no such part.
    pub fn part(&self, part: Share) -> Reading<Nanos> {
        let time = self.difference()?.0 * part.0;
        let no_number = || Unavailable::because(format!("{part} of the difference is no time"));
        time.is_finite().then_some(Nanos(time)).ok_or_else(no_number)
    }

    /// How much longer the second takes than the first: the median of the paired differences.
    ///
    /// # Errors
    /// When one of the two could not be measured: the reason.
    pub fn difference(&self) -> Reading<Nanos> {
        self.range().map(|range| Nanos(range.middle))
    }
}

impl Display for Pair {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        writeln!(out, "{}\n{}", self.first, self.second)?;
        match self.range() {
            Ok(range) if range.middle.abs() < self.resolution().0 => {
                write!(out, "second − first: less than the clock can tell, {}", self.resolution())
            }
            Ok(range) => write!(
                out,
                "second − first: {} (95 % interval {} to {}), {} pairs",
                Nanos(range.middle),
                Nanos(range.low),
                Nanos(range.high),
                Count(self.differences.len() as u64)
            ),
            Err(reason) => write!(out, "no difference: {reason}"),
        }
    }
}
