//! Estimators that a few bad samples cannot move, and the signs that samples were disturbed.
//!
//! Operating systems disturb measurements in one direction only, sometimes by a factor of thousands. So the middle of the
//! batches is reported, never their mean; see Hoefler and Belli, *Scientific Benchmarking of Parallel Computing Systems*
//! (SC 2015), rules 5 to 7.

mod interval;
mod modes;

use crate::reading::{Reading, Unavailable};
use crate::units::{Nanos, told};
use serde::{Deserialize, Serialize};

pub use interval::Interval;
pub use modes::two_modes;

/// What is kept of many samples of one quantity, in the unit of the samples.
///
/// ```
/// use helpers::statistics::Summary;
/// // One batch met an interrupt. What happens to its mean and to its median?
/// let summary = Summary::of(&[10.0, 10.0, 11.0, 10.0, 9000.0]).unwrap();
/// assert_eq!(summary.median, 10.0);
/// assert!(summary.mean > 1000.0);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// How many samples.
    pub n: usize,
    /// Best seen.
    pub min: f64,
    /// One sample in a hundred is below.
    pub p1: f64,
    /// One quarter is below.
    pub q1: f64,
    /// One half is below.
    pub median: f64,
    /// Three quarters are below.
    pub q3: f64,
    /// One sample in a hundred is above.
    pub p99: f64,
    /// Worst seen.
    pub max: f64,
    /// The arithmetic mean: shown beside the median where the two tell different stories, never alone.
    pub mean: f64,
    /// 95 % interval of the median.
    pub interval: (f64, f64),
}

impl Summary {
    /// Summarises the samples; `None` when there are none. Samples that are no numbers are left out.
    pub fn of(samples: &[f64]) -> Option<Self> {
        let sorted = sorted(samples);
        let n = sorted.len();
        (n > 0).then(|| Self {
            n,
            min: sorted[0],
            p1: quantile(&sorted, 0.01),
            q1: quantile(&sorted, 0.25),
            median: quantile(&sorted, 0.5),
            q3: quantile(&sorted, 0.75),
            p99: quantile(&sorted, 0.99),
            max: sorted[n - 1],
            mean: sorted.iter().sum::<f64>() / n as f64,
            interval: median_interval(&sorted),
        })
    }
}

/// The median of some durations.
///
/// # Errors
/// When there is none.
///
/// ```
/// use helpers::{nanos, statistics::median};
/// // One touch in three was slow. What is the usual one?
/// assert_eq!(median(&[nanos(20.0), nanos(900.0), nanos(22.0)]), Ok(nanos(22.0)));
/// ```
pub fn median(durations: &[Nanos]) -> Reading<Nanos> {
    let samples: Vec<f64> = durations.iter().map(|duration| duration.0).collect();
    Summary::of(&samples)
        .map(|summary| Nanos(summary.median))
        .ok_or_else(|| Unavailable::because("no sample was taken"))
}

/// Of durations in the order of time, those that were going on at moments spread evenly over all of them, as many as there are:
/// each is there as often as it is long.
pub(crate) fn weighed(durations: &[Nanos]) -> Vec<Nanos> {
    let total: f64 = durations.iter().map(|duration| duration.0).sum();
    if !(total.is_finite() && total > 0.0) {
        return durations.to_vec();
    }
    let step = total / durations.len() as f64;
    let (mut moment, mut end) = (step / 2.0, 0.0);
    let mut met = Vec::with_capacity(durations.len());
    for duration in durations {
        end += duration.0;
        while moment < end && met.len() < durations.len() {
            met.push(*duration);
            moment += step;
        }
    }
    met
}

/// The samples that are numbers, in ascending order.
pub fn sorted(samples: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = samples.iter().copied().filter_map(told).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The numbers 0 to `count` in the ascending order of their keys; equal ones stay in their order. One sort for everything
/// that charts put in order: each type that is sorted costs a compiler as much as a small module.
pub(crate) fn order(count: usize, key: &dyn Fn(usize) -> f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| key(*a).total_cmp(&key(*b)));
    order
}

/// The quantile `p` of ascending samples, linear between neighbours: type 7 of Hyndman and Fan, *Sample Quantiles in
/// Statistical Packages* (1996). No number (NaN) where there are no samples, or where `p` lies outside of 0 to 1.
pub fn quantile(ascending: &[f64], p: f64) -> f64 {
    if ascending.is_empty() || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    let place = p * (ascending.len() - 1) as f64;
    let (below, above) = (ascending[place.floor() as usize], ascending[place.ceil() as usize]);
    // Between equal neighbours the difference is exactly zero, and so the quantile exactly theirs.
    below + (above - below) * place.fract()
}

/// The 95 % interval of the median of ascending samples, by their ranks: exact for any distribution, without resampling
/// and so without a seed (Conover, *Practical Nonparametric Statistics*, 3.2). Below six samples it is the whole range; of
/// none, no numbers (NaN).
pub fn median_interval(ascending: &[f64]) -> (f64, f64) {
    let (low, high) = interval_of(ascending, 0.5);
    let end = |place: Option<usize>, or: Option<&f64>| {
        place.map(|place| ascending[place]).or(or.copied()).unwrap_or(f64::NAN)
    };
    (end(low, ascending.first()), end(high, ascending.last()))
}

/// The ranks between which the quantile `p` of what was sampled lies, at 95 %, counted from 0. An end that lies beyond all
/// samples has none. The same source, 3.2.
pub(crate) fn interval_of(ascending: &[f64], p: f64) -> (Option<usize>, Option<usize>) {
    const Z_95: f64 = 1.96;
    let n = ascending.len() as f64;
    let reach = Z_95 * (n * p * (1.0 - p)).sqrt();
    let [low, high] = [(n * p - reach).floor(), (n * p + reach).ceil()];
    ((low >= 0.0 && low < n).then_some(low as usize), (high < n).then_some(high as usize))
}

/// How much a sample resembles the one before, −1 to 1: near 0 when they are independent. A slow disturbance (another
/// program, a changing CPU frequency) brings it towards 1. Box and Jenkins, *Time Series Analysis* (1976), chapter 2.
pub fn lag_one(series: &[f64]) -> f64 {
    let n = series.len();
    if n < 3 {
        return 0.0;
    }
    let mean = series.iter().sum::<f64>() / n as f64;
    let variance: f64 = series.iter().map(|x| (x - mean).powi(2)).sum();
    let product: f64 = series.windows(2).map(|w| (w[0] - mean) * (w[1] - mean)).sum();
    if variance > 0.0 { product / variance } else { 0.0 }
}

/// How far the median of the second half lies from that of the first, as a share of the whole median.
pub fn drift(series: &[f64]) -> f64 {
    let middle = |part: &[f64]| Summary::of(part).map(|s| s.median);
    let (early, late) = series.split_at(series.len() / 2);
    match (middle(early), middle(late), middle(series)) {
        (Some(early), Some(late), Some(whole)) if whole != 0.0 => (late - early).abs() / whole.abs(),
        _ => 0.0,
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "known answers are exact")]
pub(super) mod tests {
    use super::*;

    /// A fixed sequence that looks random (xorshift, Marsaglia 2003): tests repeat exactly.
    pub(super) fn noise(n: usize) -> Vec<f64> {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        std::iter::repeat_with(next).take(n).collect()
    }

    #[test]
    fn quantiles_of_known_samples() {
        let five = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!([0.0, 0.25, 0.5, 0.9, 1.0].map(|p| quantile(&five, p)), [1.0, 2.0, 3.0, 4.6, 5.0]);
        assert_eq!(quantile(&[7.0], 0.99), 7.0);
    }

    #[test]
    fn a_summary_is_ordered_whatever_the_samples() {
        for n in 1..200 {
            let s = Summary::of(&noise(n)).unwrap();
            let ladder = [s.min, s.p1, s.q1, s.median, s.q3, s.p99, s.max];
            assert!(ladder.is_sorted(), "{s:?}");
            assert!(s.interval.0 <= s.median && s.median <= s.interval.1, "{s:?}");
        }
        assert_eq!(Summary::of(&[]), None);
        assert_eq!(Summary::of(&[f64::NAN, f64::INFINITY]), None);
    }

    #[test]
    fn scaling_the_samples_scales_the_summary() {
        let one = Summary::of(&noise(501)).unwrap();
        let thousand = Summary::of(&noise(501).iter().map(|x| x * 1000.0).collect::<Vec<_>>()).unwrap();
        assert!((thousand.median / one.median - 1000.0).abs() < 1e-6);
        assert!((thousand.interval.1 / one.interval.1 - 1000.0).abs() < 1e-6);
    }

    #[test]
    fn the_interval_covers_the_true_median_about_95_times_in_100() {
        let all = noise(400 * 101);
        let covered = all
            .chunks(101)
            .filter(|chunk| {
                let (low, high) = median_interval(&sorted(chunk));
                low <= 0.5 && 0.5 <= high
            })
            .count();
        assert!((370..=396).contains(&covered), "{covered} of 400");
    }

    #[test]
    fn one_batch_in_ten_disturbed_leaves_the_median() {
        let mut samples = noise(1000).iter().map(|x| 100.0 + x).collect::<Vec<_>>();
        let quiet = Summary::of(&samples).unwrap();
        samples.iter_mut().step_by(10).for_each(|x| *x += 1e6);
        let loud = Summary::of(&samples).unwrap();
        assert!(loud.median / quiet.median < 1.01);
        assert!(loud.mean / quiet.mean > 100.0);
    }

    #[test]
    fn independent_samples_do_not_resemble_their_neighbours_but_a_slope_does() {
        assert!(lag_one(&noise(2000)).abs() < 0.1);
        let slope: Vec<f64> = (0..2000).map(f64::from).collect();
        assert!(lag_one(&slope) > 0.99);
        assert_eq!(lag_one(&[5.0; 50]), 0.0);
        assert!(drift(&slope) > 0.9);
        assert_eq!(drift(&[]), 0.0);
    }

    #[test]
    fn no_samples_and_no_quantile_make_no_numbers_and_no_panic() {
        const ODD: [f64; 8] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0, 5e-324, f64::MAX, 99.9];
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..5_000 {
            let samples: Vec<f64> = (0..random.usize(..40)).map(|_| ODD[random.usize(..8)]).collect();
            let (p, ascending) = (ODD[random.usize(..8)], sorted(&samples));
            assert_eq!(quantile(&ascending, p).is_nan(), ascending.is_empty() || !(0.0..=1.0).contains(&p));
            let (low, high) = median_interval(&ascending);
            assert!(low <= high || ascending.is_empty());
            let _ = (lag_one(&samples), drift(&samples), two_modes(&ascending), Summary::of(&samples));
            let durations: Vec<Nanos> = samples.iter().copied().map(Nanos).collect();
            assert!(weighed(&durations).len() <= durations.len());
            assert_eq!(median(&durations).is_err(), ascending.is_empty());
            for middle in &samples {
                let words = Interval { low, middle: *middle, high }.words(crate::units::Unit::Time);
                assert!(words.ends_with('s') || words.ends_with(')'), "{words}");
            }
        }
    }

    #[test]
    fn what_is_weighed_is_there_as_often_as_it_is_long() {
        let turns = [1.0, 7.0, 1.0, 1.0].map(Nanos);
        assert_eq!(weighed(&turns), [7.0, 7.0, 7.0, 1.0].map(Nanos));
        assert_eq!(weighed(&[]), []);
        assert_eq!(weighed(&[Nanos(0.0); 2]), [Nanos(0.0); 2]);
    }
}
