//! What a program noted of itself, as a timeline.

use super::{Timeline, timeline};
use crate::units::{Nanos, told};

/// Starts a timeline of what a program has noted itself: who, from when to when. The list is the cell's own.
///
/// ```
/// use helpers::{chart, millis};
/// // Does B begin before A has ended?
/// let diary = [("A", millis(0.0), millis(2.0)), ("B", millis(2.0), millis(4.0)), ("A", millis(4.0), millis(6.0))];
/// let figure = chart::diary(&diary).title("A and B take turns").figure();
/// assert_eq!(figure.table.rows[0][..4], ["A", "A", "2", "4.00 ms"]);
/// ```
pub fn diary<N: AsRef<str>, T: Copy + Into<Nanos>>(entries: &[(N, T, T)]) -> Timeline {
    let plain: Vec<(&str, Nanos, Nanos)> =
        entries.iter().map(|(who, from, to)| (who.as_ref(), (*from).into(), (*to).into())).collect();
    of(&plain)
}

fn of(entries: &[(&str, Nanos, Nanos)]) -> Timeline {
    let ends = entries.iter().filter_map(|(_, from, to)| told(from.0).zip(told(to.0)));
    let end = ends.map(|(from, to)| from.max(to)).fold(0.0, f64::max);
    entries.iter().fold(timeline(Nanos(end)), |chart, (who, from, to)| chart.interval(who, who, *from, *to))
}
