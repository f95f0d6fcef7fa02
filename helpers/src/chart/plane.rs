//! Two quantities of each thing at once: what it gains on the one is seen against what it costs on the other.

mod layout;

use super::figure::Table;
use super::kind::{Axis, Chart, Comparable, Kind, chart};
use super::overlay::Beside;
use crate::drawing::sheet::Sheet;
use crate::drawing::text::plain;
use crate::measure::Timing;
use crate::reading::Reading;
use crate::statistics::Interval;
use crate::units::{NO_NUMBER, Quantity, Unit, told};

/// Starts a comparison on two axes: what is across, what is upwards. Each thing is a dot at its medians with a cross over its
/// middle halves, and its name beside it. The nearer to the lower left, the better on both.
///
/// ```
/// use helpers::{Reading, Nanos, chart, micros, nanos};
/// // What does a quick answer cost in CPU time?
/// let (slow, quick): (Reading<Nanos>, Reading<Nanos>) = (Ok(micros(41.0)), Ok(nanos(110.0)));
/// let (idle, busy): (Reading<Nanos>, Reading<Nanos>) = (Ok(micros(3.0)), Ok(micros(990.0)));
/// let figure = chart::plane("latency", "CPU time burned").thing("blocking", &slow, &idle).thing("spinning", &quick, &busy).figure();
/// assert_eq!(figure.title, "spinning has the least latency, blocking the least CPU time burned");
/// ```
pub fn plane(across: &str, upwards: &str) -> Plane {
    chart(Points { axes: [plain(across), plain(upwards)], units: [Unit::Time; 2], things: Vec::new() })
}

/// A chart of two quantities of each thing; see [`plane`].
pub type Plane = Chart<Points>;

/// Two quantities of each thing.
#[derive(Clone)]
pub struct Points {
    axes: [String; 2],
    units: [Unit; 2],
    things: Vec<Thing>,
}

#[derive(Clone)]
struct Thing {
    name: String,
    /// Quartiles and median on both axes.
    found: Result<[Interval; 2], String>,
}

/// What a plane can show: a timing with its middle half, or a single reading.
pub trait Extent {
    /// Lower quartile, median and upper quartile in the base unit.
    ///
    /// # Errors
    /// When it could not be measured: the reason.
    fn extent(&self) -> Reading<Interval>;

    /// What it counts.
    fn unit(&self) -> Unit;
}

impl Extent for Timing {
    fn extent(&self) -> Reading<Interval> {
        let range = self.range()?;
        let half = self.summary().map(|s| Interval { low: s.q1, middle: s.median, high: s.q3 });
        Ok(half.unwrap_or(range))
    }

    fn unit(&self) -> Unit {
        Unit::Time
    }
}

impl<Q: Quantity> Extent for Reading<Q> {
    fn extent(&self) -> Reading<Interval> {
        self.as_ref()
            .map(|value| value.size())
            .map(|at| Interval { low: at, middle: at, high: at })
            .map_err(Clone::clone)
    }

    fn unit(&self) -> Unit {
        Q::UNIT
    }
}

impl Plane {
    /// Adds a thing by its name, with what it takes across and upwards.
    pub fn thing(mut self, name: &str, across: &impl Extent, upwards: &impl Extent) -> Self {
        self.kind.units = [across.unit(), upwards.unit()];
        let both = across.extent().and_then(|x| upwards.extent().map(|y| [x, y]));
        let is_told = |both: &[Interval; 2]| {
            both.iter()
                .all(|range| [range.low, range.middle, range.high].into_iter().all(|end| told(end).is_some()))
        };
        let found = both.map_err(|reason| plain(&reason.to_string()));
        let found = found.and_then(|both| if is_told(&both) { Ok(both) } else { Err(NO_NUMBER.to_owned()) });
        self.kind.things.push(Thing { name: plain(name), found });
        self
    }
}

impl Points {
    /// The medians on both axes.
    fn words(&self, found: &[Interval; 2]) -> [String; 2] {
        [0, 1].map(|axis| self.units[axis].words(found[axis].middle))
    }

    fn measured(&self) -> impl Iterator<Item = (&Thing, &[Interval; 2])> {
        self.things.iter().filter_map(|thing| thing.found.as_ref().ok().map(|found| (thing, found)))
    }
}

impl Comparable for Points {}

impl Kind for Points {
    fn as_kind(&self) -> &dyn Kind {
        self
    }

    fn what(&self) -> String {
        let [across, upwards] = &self.axes;
        format!("{upwards} against {across}")
    }

    fn how(&self) -> String {
        ": dots at the medians, crosses over the middle halves".to_owned()
    }

    fn found(&self) -> Result<String, String> {
        let least =
            |axis: usize| self.measured().min_by(|a, b| a.1[axis].middle.total_cmp(&b.1[axis].middle));
        let [across, upwards] = &self.axes;
        Ok(match (least(0), least(1)) {
            (Some((one, both)), _) if self.measured().count() == 1 => {
                let [x, y] = self.words(both);
                format!("{}: {across} {x}, {upwards} {y}", one.name)
            }
            (Some((one, _)), Some((other, _))) if one.name == other.name => {
                format!("{} has the least {across} and the least {upwards}", one.name)
            }
            (Some((one, _)), Some((other, _))) => {
                format!("{} has the least {across}, {} the least {upwards}", one.name, other.name)
            }
            _ => {
                let reason = self.things.iter().find_map(|thing| thing.found.as_ref().err());
                return Err(reason.map_or("there is nothing to compare", String::as_str).to_owned());
            }
        })
    }

    fn values(&self) -> Vec<String> {
        let [across, upwards] = &self.axes;
        let value = |thing: &Thing| match &thing.found {
            Err(reason) => format!("{}: unavailable, {reason}", thing.name),
            Ok(both) => {
                let [x, y] = self.words(both);
                format!("{}: {across} {x}, {upwards} {y}", thing.name)
            }
        };
        self.things.iter().map(value).collect()
    }

    fn notes(&self) -> Vec<String> {
        let missing = |thing: &Thing| {
            thing.found.as_ref().err().map(|reason| format!("{}: unavailable: {reason}", thing.name))
        };
        self.things.iter().filter_map(missing).collect()
    }

    /// What is across is guessed.
    fn axis(&self) -> Option<Axis> {
        let things = self.measured().map(|(thing, _)| thing.name.clone()).collect();
        Some(Axis { unit: self.units[0], things, subject: None })
    }

    fn draw(&self, sheet: &Sheet, beside: &[Beside]) -> f64 {
        layout::draw(self, beside, sheet)
    }

    fn table(&self) -> Table {
        let [across, upwards] = &self.axes;
        let mut table = Table::new(&["name", across, "middle half", upwards, "middle half", "remark"]);
        for thing in &self.things {
            let mut row = vec![thing.name.clone()];
            if let Ok(both) = &thing.found {
                for (range, unit) in both.iter().zip(self.units) {
                    row.push(unit.words(range.middle));
                    row.push(format!("{} to {}", unit.words(range.low), unit.words(range.high)));
                }
            }
            row.resize(table.headers.len() - 1, "–".to_owned());
            row.push(
                thing.found.as_ref().err().map_or(String::new(), |reason| format!("unavailable: {reason}")),
            );
            table.rows.push(row);
        }
        table
    }
}
