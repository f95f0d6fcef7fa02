//! What comes back: moments laid over one another by a period, as a strip that shows at which hour of it each falls.

use super::figure::Table;
use super::kind::{Chart, Kind, chart};
use super::overlay::Beside;
use crate::drawing::canvas::Frame;
use crate::drawing::key::{Entry, key};
use crate::drawing::plot;
use crate::drawing::scale::{Scale, Unit};
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::plain;
use crate::drawing::theme;
use crate::units::{Count, Nanos, told};
use std::collections::BTreeSet;

/// Starts a strip of what was noted (for which cause, from when to when), folded on a period: across the time since the period
/// began, upwards the time since the first. What follows the period stands in a column, what does not is strewn.
///
/// ```
/// use helpers::{chart, millis};
/// // Does the tick come every 4 ms?
/// let seen: Vec<_> = (0..50).map(|n| ("tick", millis(4.0 * n as f64 + 1.0), millis(4.0 * n as f64 + 1.01))).collect();
/// let figure = chart::folded(millis(4.0), &seen).figure();
/// assert_eq!(figure.title, "tick: 50 of 50 at the same hundredth of 4.00 ms");
/// ```
pub fn folded<N: AsRef<str>, T: Copy + Into<Nanos>>(period: Nanos, seen: &[(N, T, T)]) -> Folded {
    let mut strip =
        Strip { period: told(period.0).unwrap_or(0.0), causes: Vec::new(), seen: Vec::new(), lost: 0 };
    for (cause, from, to) in seen {
        strip.push(cause.as_ref(), (*from).into(), (*to).into());
    }
    chart(strip)
}

/// A strip folded on a period; see [`folded`].
pub type Folded = Chart<Strip>;

/// Moments and their causes.
#[derive(Clone)]
pub struct Strip {
    period: f64,
    causes: Vec<String>,
    /// Cause, beginning, end.
    seen: Vec<(usize, f64, f64)>,
    /// How many had no beginning or no end, or ended before they began.
    lost: usize,
}

/// The strip is drawn in so many columns and rows at most, so that the picture stays small; an event takes two columns.
const COLUMNS: f64 = 300.0;
const ROWS: f64 = 70.0;

impl Strip {
    fn push(&mut self, cause: &str, from: Nanos, to: Nanos) {
        let cause = plain(cause);
        let number = self.causes.iter().position(|other| *other == cause).unwrap_or_else(|| {
            self.causes.push(cause);
            self.causes.len() - 1
        });
        match (told(from.0), told(to.0)) {
            (Some(from), Some(to)) if (0.0..=to).contains(&from) => self.seen.push((number, from, to)),
            _ => self.lost += 1,
        }
    }

    fn is_foldable(&self) -> bool {
        self.period.is_finite() && self.period > 0.0 && !self.seen.is_empty()
    }

    /// How many of a cause begin within the hundredth of the period in which most do, and how many there are.
    fn densest(&self, cause: usize) -> (usize, usize) {
        let own = self.seen.iter().filter(|(other, ..)| *other == cause);
        let mut hours: Vec<f64> = own.map(|(_, from, _)| (from / self.period).fract()).collect();
        hours.sort_by(f64::total_cmp);
        let count = hours.len();
        // Once around: the end of the period is its beginning.
        let around: Vec<f64> = hours.iter().copied().chain(hours.iter().map(|hour| hour + 1.0)).collect();
        let within =
            |first: usize| around[first..first + count].partition_point(|hour| *hour <= around[first] + 0.01);
        ((0..count).map(within).max().unwrap_or(0), count)
    }

    fn words(&self, cause: usize) -> String {
        let (most, all) = self.densest(cause);
        let [most, all] = [most, all].map(|count| Count(count as u64));
        format!("{}: {most} of {all} at the same hundredth", self.causes[cause])
    }

    fn end(&self) -> f64 {
        self.seen.iter().map(|(_, _, to)| *to).fold(0.0, f64::max)
    }

    /// The areas of a cause, in columns as narrow as they may be without more of them than a page can carry.
    fn areas(&self, cause: usize) -> Vec<Frame> {
        const MOST: usize = 1_000;
        let mut columns = COLUMNS;
        loop {
            let areas = self.areas_in(columns, cause);
            if areas.len() <= MOST || columns <= 1.0 {
                return areas;
            }
            columns /= 2.0;
        }
    }

    /// Each in the columns and the row that it falls into.
    fn areas_in(&self, columns: f64, cause: usize) -> Vec<Frame> {
        let high = (self.end() / ROWS).max(self.period);
        let wide = self.period / columns;
        let mut cells = BTreeSet::new();
        for (_, from, to) in self.seen.iter().filter(|(other, ..)| *other == cause) {
            let begin = from % self.period;
            let last = (begin + to - from).min(self.period * 0.999);
            for column in (begin / wide) as usize..=(last / wide) as usize {
                cells.insert(((from / high) as usize, column));
            }
        }
        // Neighbours are one area.
        let mut frames: Vec<Frame> = Vec::new();
        for (row, column) in cells {
            let (x, y) = (column as f64 * wide, row as f64 * high);
            match frames.last_mut() {
                Some(last) if last.y1 >= y && x <= last.x1 => last.x1 = (x + wide * 2.0).min(self.period),
                _ => frames.push(Frame { x0: x, y0: y + high, x1: (x + wide * 2.0).min(self.period), y1: y }),
            }
        }
        frames
    }
}

impl Kind for Strip {
    fn as_kind(&self) -> &dyn Kind {
        self
    }

    fn what(&self) -> String {
        "What happened when".to_owned()
    }

    fn how(&self) -> String {
        let period = Nanos(self.period);
        format!(", folded on {period}: across, the time since each {period} began; upwards, the whole time")
    }

    fn found(&self) -> Result<String, String> {
        if !self.is_foldable() {
            return Err("nothing was seen that could be folded".to_owned());
        }
        Ok(format!("{} of {}", self.words(0), Nanos(self.period)))
    }

    fn notes(&self) -> Vec<String> {
        let lost = Count(self.lost as u64);
        if self.lost > 0 { vec![format!("unavailable: the moments of {lost} more")] } else { Vec::new() }
    }

    fn values(&self) -> Vec<String> {
        (0..self.causes.len()).map(|cause| self.words(cause)).collect()
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["cause", "how many", "most in one hundredth"]);
        for (cause, name) in self.causes.iter().enumerate() {
            let (most, all) = self.densest(cause);
            table.rows.push(vec![
                name.clone(),
                Count(all as u64).to_string(),
                Count(most as u64).to_string(),
            ]);
        }
        table
    }

    fn conditions(&self) -> Vec<String> {
        if self.is_foldable() {
            vec![format!("{} in {}", Count(self.seen.len() as u64), Nanos(self.end()))]
        } else {
            Vec::new()
        }
    }

    fn draw(&self, sheet: &Sheet, _: &[Beside]) -> f64 {
        const HIGH: f64 = 220.0;
        let words: Vec<String> = self.values();
        let entry = |(cause, words)| Entry { words, hue: theme::category(cause), high: 1.0 };
        let top = key(sheet, words.iter().map(String::as_str).enumerate().map(entry)) + 34.0;
        let y = Scale::linear(0.0, self.end().max(self.period), Unit::Time);
        let left = sheet.margin + plot::y_labels(&y, HIGH);
        let frame = Frame { x0: left, y0: top, x1: sheet.right() - 14.0, y1: top + HIGH };
        let plot = sheet.plot(frame, Scale::linear(0.0, self.period, Unit::Time), y);
        plot.y_axis("time");
        let last = plot.x_axis("time since the period began");
        for (cause, name) in self.causes.iter().enumerate() {
            sheet.group(name, || plot.bars(&self.areas(cause), theme::category(cause).mark));
        }
        last
    }
}
