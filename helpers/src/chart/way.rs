//! The way of a request with what was measured at each of its stations.

use super::figure::Table;
use super::kind::{Chart, Kind, chart};
use super::overlay::Beside;
use crate::drawing::element::Place;
use crate::drawing::pen::Pen;
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::{plain, wrap};
use crate::drawing::theme;
use crate::measure::Timing;
use crate::units::Nanos;
use plotters_backend::text_anchor::HPos;

/// The stations, as the map at the top of each notebook has them.
const STATIONS: [&str; 8] =
    ["the wire", "device", "interrupt", "kernel", "scheduler", "thread", "executor", ".await"];

const LEADING: f64 = 15.0;

/// Starts the map of a request's way, to be filled with what things cost.
///
/// ```
/// use helpers::{Timing, chart, micros};
/// // What does it cost to get a thread going?
/// let wake = Timing::of("wake a thread", &[micros(2.0)]);
/// let figure = chart::way().at("scheduler", &wake).figure();
/// assert_eq!(figure.title, "The dearest step of the way takes 2.00 µs: wake a thread");
/// ```
pub fn way() -> Way {
    chart(Stations { costs: Vec::new() })
}

/// The map of a request's way; see [`way`].
pub type Way = Chart<Stations>;

/// What was measured at the stations.
#[derive(Clone)]
pub struct Stations {
    costs: Vec<Cost>,
}

#[derive(Clone)]
struct Cost {
    station: String,
    name: String,
    /// The median, and in words.
    median: Result<(f64, String), String>,
}

impl Way {
    /// Puts a timing at a station.
    pub fn at(mut self, station: &str, timing: &Timing) -> Self {
        let words = |median: Nanos| timing.figure().map(|words| (median.0, words));
        self.kind.costs.push(Cost {
            station: plain(station),
            name: plain(&timing.name),
            median: timing.median().and_then(words).map_err(|reason| plain(&reason.to_string())),
        });
        self
    }
}

impl Cost {
    fn value(&self) -> String {
        self.median.as_ref().map_or("–".to_owned(), |(_, words)| words.clone())
    }
}

impl Stations {
    fn of(&self, station: &str) -> impl Iterator<Item = &Cost> {
        self.costs.iter().filter(move |cost| cost.station == station)
    }

    /// One line of circles with their numbers below, for a page.
    fn row(&self, sheet: &Sheet) -> f64 {
        let wide = sheet.inner() / STATIONS.len() as f64;
        let at = |number: usize| sheet.margin + wide * (number as f64 + 0.5);
        let top = sheet.top + 10.0;
        let mut bottom = top;
        for (number, station) in STATIONS.iter().enumerate() {
            let x = at(number);
            if number > 0 {
                sheet.line(&[(at(number - 1) + 14.0, top), (x - 14.0, top)], Pen::line(theme::RULE, 2.0));
            }
            self.circle(sheet, (x, top), station);
            sheet.text(station, theme::LABEL.strong(), (x, top + 32.0), HPos::Center);
            let mut y = top + 36.0;
            for cost in self.of(station) {
                y += 19.0;
                let value = theme::VALUE.colored(theme::INK).strong();
                sheet.text(&cost.value(), value, (x, y), HPos::Center);
                for line in wrap(&cost.name, theme::TICK, wide - 8.0, 5) {
                    y += LEADING;
                    sheet.text(&line, theme::TICK, (x, y), HPos::Center);
                }
            }
            bottom = bottom.max(y);
        }
        bottom
    }

    /// Stations one below the other, for a telephone.
    fn block(&self, sheet: &Sheet) -> f64 {
        let (x, left) = (sheet.margin + 8.0, sheet.margin + 26.0);
        let room = sheet.right() - left;
        let mut y = sheet.top - 2.0;
        let mut before: Option<f64> = None;
        for station in STATIONS {
            y += 24.0;
            if let Some(before) = before {
                sheet.line(&[(x, before + 11.0), (x, y - 16.0)], Pen::line(theme::RULE, 2.0));
            }
            before = Some(y - 4.5);
            self.circle(sheet, (x, y - 4.5), station);
            sheet.text(station, theme::LABEL.strong(), (left, y), HPos::Left);
            for cost in self.of(station) {
                y += 4.0;
                let words = format!("{} {}", cost.value(), cost.name);
                for line in wrap(&words, theme::VALUE, room, 4) {
                    y += LEADING + 1.0;
                    sheet.text(&line, theme::VALUE, (left, y), HPos::Left);
                }
            }
        }
        y
    }

    /// Filled where something was measured.
    fn circle(&self, sheet: &Sheet, at: Place, station: &str) {
        if self.of(station).any(|cost| cost.median.is_ok()) {
            sheet.circle(at, 8.0, Pen::fill(theme::ACCENT.mark).solid());
        } else {
            sheet.circle(at, 7.2, Pen::line(theme::MARK, 1.6).solid());
        }
    }
}

impl Kind for Stations {
    fn as_kind(&self) -> &dyn Kind {
        self
    }

    fn what(&self) -> String {
        "The way of a request, and what its steps take here".to_owned()
    }

    fn how(&self) -> String {
        ": medians; filled circles have a number".to_owned()
    }

    fn found(&self) -> Result<String, String> {
        let measured = self.costs.iter().filter_map(|cost| Some((cost, cost.median.as_ref().ok()?)));
        if let Some((cost, (_, words))) = measured.max_by(|(_, a), (_, b)| a.0.total_cmp(&b.0)) {
            return Ok(format!("The dearest step of the way takes {words}: {}", cost.name));
        }
        let reason = self.costs.iter().find_map(|cost| cost.median.as_ref().err());
        Err(reason.map_or("nothing was measured on the way", String::as_str).to_owned())
    }

    fn values(&self) -> Vec<String> {
        self.costs.iter().map(|cost| format!("{}: {} {}", cost.station, cost.name, cost.value())).collect()
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["station", "median", "what", "remark"]);
        for cost in &self.costs {
            let remark = match &cost.median {
                Ok(_) if STATIONS.contains(&cost.station.as_str()) => String::new(),
                Ok(_) => "no station of the way".to_owned(),
                Err(reason) => format!("unavailable: {reason}"),
            };
            table.rows.push(vec![cost.station.clone(), cost.value(), cost.name.clone(), remark]);
        }
        table
    }

    fn notes(&self) -> Vec<String> {
        let missing =
            |cost: &Cost| cost.median.as_ref().err().map(|reason| format!("{}: {reason}", cost.name));
        self.costs.iter().filter_map(missing).take(3).collect()
    }

    fn is_empty(&self) -> bool {
        self.costs.is_empty()
    }

    fn astray(&self) -> Option<&str> {
        self.costs.iter().map(|cost| cost.station.as_str()).find(|station| !STATIONS.contains(station))
    }

    fn draw(&self, sheet: &Sheet, _: &[Beside]) -> f64 {
        if sheet.is_narrow() { self.block(sheet) } else { self.row(sheet) }
    }
}
