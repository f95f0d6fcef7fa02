//! What a timeline says in words.

use super::{Lane, Turns, layout, percent};
use crate::chart::figure::Table;
use crate::chart::kind::{Axis, Comparable, Kind};
use crate::chart::overlay::{Beside, Placement};
use crate::chart::stretch::DASHED;
use crate::drawing::sheet::Sheet;
use crate::statistics::order;
use crate::units::{Count, Nanos, Share, Unit};

impl Comparable for Turns {}

impl Kind for Turns {
    fn as_kind(&self) -> &dyn Kind {
        self
    }

    fn what(&self) -> String {
        let on_cpus = self.lanes.iter().any(|lane| lane.cpu.is_some());
        if on_cpus { "Who ran when" } else { "What happened when" }.to_owned()
    }

    fn how(&self) -> String {
        let on_cpus = self.lanes.iter().any(|lane| lane.cpu.is_some());
        let named = self.explained().next().is_some();
        match (on_cpus, named) {
            (true, true) => ": areas are turns on a CPU, and what else is named; below, the same by CPU",
            (true, false) => {
                ": each area is a turn on a CPU, the gaps are waiting; below, the same turns by CPU"
            }
            (false, true) => ": each lane shows what happened in it from left to right",
            (false, false) => ": each area lasts from its beginning to its end",
        }
        .to_owned()
    }

    fn found(&self) -> Result<String, String> {
        let shares: Vec<(&Lane, Option<usize>, Share)> = self
            .threads()
            .filter(|lane| !lane.intervals.is_empty())
            .filter_map(|lane| self.shown(lane).map(|(cause, share)| (lane, cause, share)))
            .collect();
        let order = order(shares.len(), &|number| -shares[number].2.0);
        let observed = Nanos(self.observed);
        let (Some(top), Some(end)) = (order.first(), order.last()) else {
            let reason = self.lanes.iter().find_map(|lane| lane.missing.as_deref());
            return Err(reason.unwrap_or("nothing was seen").to_owned());
        };
        let ((most, cause, high), (least, _, low)) = (&shares[*top], &shares[*end]);
        let what = match cause.map(|cause| self.causes[cause].as_str()) {
            Some(cause) if cause != most.name => format!("{}: {cause} for", most.name),
            _ if self.lanes.iter().any(|lane| lane.cpu.is_some()) => format!("{} ran for", most.name),
            _ => format!("{} takes", most.name),
        };
        let rest =
            if shares.len() > 1 { format!(", {} for {}", least.name, percent(*low)) } else { String::new() };
        Ok(format!("{what} {} of {observed}{rest}", percent(*high)))
    }

    fn values(&self) -> Vec<String> {
        let mut values = Vec::new();
        for lane in &self.lanes {
            if let Some(reason) = &lane.missing {
                values.push(format!("{}: unavailable, {reason}", lane.name));
            }
            for (number, cause) in self.causes.iter().enumerate() {
                let share = self.share(lane, Some(number));
                if share > 0.0 && *cause == lane.name {
                    values.push(format!("{cause}: {}", Share(share)));
                } else if share > 0.0 {
                    values.push(format!("{}: {cause} {}", lane.name, Share(share)));
                }
            }
        }
        values
            .extend(self.marks.iter().map(|mark| format!("{}: {}", mark.words, Nanos(mark.to - mark.from))));
        values
    }

    fn notes(&self) -> Vec<String> {
        self.odd_marks.clone()
    }

    fn conditions(&self) -> Vec<String> {
        let count: usize = self.threads().map(|lane| lane.intervals.len()).sum();
        let noun = if count == 1 { "interval" } else { "intervals" };
        let words = format!("{} {noun} in {}", Count(count as u64), Nanos(self.observed));
        if count > 0 { vec![words] } else { Vec::new() }
    }

    /// The time.
    fn column(&self) -> usize {
        3
    }

    fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    fn astray(&self) -> Option<&str> {
        self.subject.as_deref().filter(|name| self.causes.iter().all(|cause| cause != name))
    }

    /// A duration belongs to a stretch that has a name; to the first, unless it is of another.
    fn axis(&self) -> Option<Axis> {
        let mut things: Vec<String> = self.marks.iter().map(|mark| mark.words.clone()).collect();
        if things.is_empty() {
            things.push("the observation".to_owned());
        }
        Some(Axis { unit: Unit::Time, things, subject: Some(0) })
    }

    fn marked(&self, placement: &Placement) -> String {
        if placement.beside.is_empty() { String::new() } else { DASHED.to_owned() }
    }

    fn draw(&self, sheet: &Sheet, beside: &[Beside]) -> f64 {
        layout::draw(self, beside, sheet)
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["lane", "what", "intervals", "time", "share", "longest"]);
        for lane in &self.lanes {
            if let Some(reason) = &lane.missing {
                let mut row = vec![lane.name.clone(), format!("unavailable: {reason}")];
                row.resize(table.headers.len(), "–".to_owned());
                table.rows.push(row);
            }
            for (number, cause) in self.causes.iter().enumerate() {
                let those = || lane.intervals.iter().filter(move |interval| interval.cause == number);
                let time: f64 = those().map(|interval| interval.to - interval.from).sum();
                let longest = those().map(|interval| interval.to - interval.from).fold(0.0, f64::max);
                let count = those().count() as u64;
                if count > 0 {
                    table.rows.push(vec![
                        lane.name.clone(),
                        cause.clone(),
                        Count(count).to_string(),
                        Nanos(time).to_string(),
                        Share(self.share(lane, Some(number))).to_string(),
                        Nanos(longest).to_string(),
                    ]);
                }
            }
        }
        table
    }
}
