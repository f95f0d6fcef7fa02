//! Intervals as areas: each its own where it is wide enough to be seen; where many are narrower than that, columns that are
//! filled from below as far as each cause took their time.

/// From when to when, and why; in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Interval {
    pub(crate) cause: usize,
    pub(crate) from: f64,
    pub(crate) to: f64,
}

/// What a lane is drawn from, in pixels.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Pieces {
    /// Wide enough to be seen: left, right, which interval.
    pub(crate) wide: Vec<(f64, f64, usize)>,
    /// Too narrow, but alone: left, right, and its cause.
    pub(crate) lone: Vec<(f64, f64, usize)>,
    /// Columns shared by several: left, right, cause, and the shares at which its part begins and ends.
    pub(crate) shared: Vec<(f64, f64, usize, f64, f64)>,
}

/// Sorts intervals into pieces. `place` maps a time to pixels; columns are `step` wide.
pub(crate) fn pieces(
    intervals: &[Interval],
    place: impl Fn(f64) -> f64,
    (left, right): (f64, f64),
    step: f64,
) -> Pieces {
    let mut pieces = Pieces::default();
    let count = (((right - left) / step).ceil() as usize).max(1);
    let causes = intervals.iter().map(|interval| interval.cause + 1).max().unwrap_or(0);
    // Pixels of each column that each cause takes, and how many intervals are in it.
    let mut taken = vec![0.0; count * causes];
    let mut crowd = vec![0_usize; count];
    let mut narrow = Vec::new();
    let column = |x: f64| (((x - left) / step) as usize).min(count - 1);
    for (number, interval) in intervals.iter().enumerate() {
        let (x0, x1) = (place(interval.from), place(interval.to));
        if x1 - x0 >= 2.0 * step {
            pieces.wide.push((x0, x1, number));
            continue;
        }
        let (first, last) = (column(x0), column(x1));
        for at in first..=last {
            let (from, to) = (left + step * at as f64, left + step * (at + 1) as f64);
            taken[at * causes + interval.cause] += (x1.min(to) - x0.max(from)).max(0.0);
        }
        crowd[column(f64::midpoint(x0, x1))] += 1;
        narrow.push((x0, x1, interval.cause));
    }
    let is_alone = |at: usize| {
        let around = at.saturating_sub(1)..=(at + 1).min(count - 1);
        around.map(|place| crowd[place]).sum::<usize>() <= 1
    };
    for (x0, x1, cause) in narrow {
        let middle = f64::midpoint(x0, x1);
        if is_alone(column(middle)) {
            pieces.lone.push((x0, x1, cause));
            for at in column(x0)..=column(x1) {
                taken[at * causes + cause] = 0.0;
            }
        }
    }
    pieces.shared = shared(&taken, causes, left, step);
    pieces
}

/// Parts of columns, joined where neighbours look the same.
fn shared(taken: &[f64], causes: usize, left: f64, step: f64) -> Vec<(f64, f64, usize, f64, f64)> {
    const FINE: f64 = 50.0;
    let mut parts: Vec<(f64, f64, usize, f64, f64)> = Vec::new();
    for cause in 0..causes {
        let start = parts.len();
        for (at, column) in taken.chunks(causes).enumerate() {
            let whole = column.iter().sum::<f64>().max(step);
            // What any other cause shows next to nothing of still shows.
            let share = |pixels: f64| (pixels / whole * FINE).ceil() / FINE;
            let below: f64 = column[..cause].iter().map(|pixels| share(*pixels)).sum();
            let (from, to) = (below.min(1.0), (below + share(column[cause])).min(1.0));
            let (x0, x1) = (left + step * at as f64, left + step * (at + 1) as f64);
            if to <= from {
                continue;
            }
            match parts[start..].last_mut() {
                Some(last) if (last.1 - x0).abs() < 1e-6 && (last.3, last.4) == (from, to) => last.1 = x1,
                _ => parts.push((x0, x1, cause, from, to)),
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(cause: usize, from: f64, to: f64) -> Interval {
        Interval { cause, from, to }
    }

    #[test]
    fn what_can_be_seen_stands_alone_and_what_cannot_is_summed_honestly() {
        let one = pieces(&[interval(0, 0.0, 40.0), interval(1, 60.0, 60.2)], |t| t, (0.0, 100.0), 1.0);
        assert_eq!(one.wide, [(0.0, 40.0, 0)]);
        assert_eq!(one.lone.len(), 1);
        assert!(one.shared.is_empty());

        // Ten intervals in each pixel, a third of the time in all.
        let many: Vec<Interval> =
            (0..1000).map(|i| f64::from(i) / 10.0).map(|t| interval(0, t, t + 0.1 / 3.0)).collect();
        let crowded = pieces(&many, |t| t, (0.0, 100.0), 1.0);
        assert!(crowded.wide.is_empty() && crowded.lone.is_empty());
        let area: f64 = crowded.shared.iter().map(|(x0, x1, _, from, to)| (x1 - x0) * (to - from)).sum();
        assert!((area - 34.0).abs() < 1.0, "{area}");
        assert!(crowded.shared.len() < 20, "{}", crowded.shared.len());
    }
}
