//! One machine against another: how many times as long each act takes there.

use super::card::{Card, facts};
use super::figure::Table;
use super::kind::{Chart, Kind, chart};
use super::overlay::Beside;
use crate::drawing::canvas::Frame;
use crate::drawing::element::Element;
use crate::drawing::pen::Pen;
use crate::drawing::plot::Plot;
use crate::drawing::rows::Names;
use crate::drawing::scale::Scale;
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::{plain, width};
use crate::drawing::theme;
use crate::reading::{Reading, Unavailable};
use crate::record::{Against, Shared};
use crate::units::{Count, Nanos, Ratio, Unit};
use plotters_backend::text_anchor::HPos;

/// As many rows as are drawn: of more, those of evenly spaced ranks. All of them are in the data table.
const MOST: usize = 32;

/// Starts a chart of what the same acts take on one machine, as multiples of what they take on another.
///
/// ```
/// use helpers::{Record, Timing, chart, nanos};
/// // How many times as long does a call take there?
/// let record = |time: f64| Record::of("mine", &[Timing::of("a call", &[nanos(time)])], &[]);
/// let figure = chart::ratios(&Ok(record(100.0).against(&record(200.0)))).figure();
/// assert_eq!(figure.title, "What both have timed takes 2.00 times as long on the second machine");
/// ```
pub fn ratios(against: &Reading<Against>) -> Ratios {
    match against {
        Ok(Against { one, other, shared, differing }) => {
            let methods = || Unavailable::because("their figures were taken by different methods");
            let missing = differing.iter().any(|fact| fact.label == "method").then(methods);
            chart(Shift { machines: [plain(one), plain(other)], shared: shared.clone(), missing })
                .machine(format!("{} against {}", plain(other), plain(one)))
        }
        Err(reason) => {
            let machines = ["one machine".to_owned(), "another machine".to_owned()];
            chart(Shift { machines, shared: Vec::new(), missing: Some(*reason) })
        }
    }
}

/// Starts a card of what is not the same on two machines: to be read before any ratio.
///
/// ```
/// use helpers::{Record, chart};
/// // What may make the difference?
/// let record = Record::of("mine", &[], &[]);
/// println!("{}", chart::context(&Ok(record.against(&record))).figure().title); // Nothing that the card knows differs
/// ```
pub fn context(against: &Reading<Against>) -> Card {
    let Against { one, other, differing, .. } = match against {
        Ok(against) => against,
        Err(reason) => {
            let missing: Reading<&str> = Err(*reason);
            let card = facts().title(format!("Not measured here: {reason}"));
            return card.fact("two machines", "what differs", &missing);
        }
    };
    let title = match differing.len() {
        0 => "Nothing that the card knows differs".to_owned(),
        1 => "One fact of the card differs".to_owned(),
        count => format!("{} facts of the card differ", Count(count as u64)),
    };
    let mut card = facts()
        .title(title)
        .subtitle(format!("What is not the same on {one} and on {other}"))
        .machine(format!("{other} against {one}"));
    if differing.is_empty() {
        let same: Reading<&str> = Ok("the same");
        card = card.fact("both machines", "all that the card tells", &same);
    }
    for fact in differing {
        let both: Reading<String> = Ok(format!("{}; there {}", fact.one, fact.other));
        card = card.fact(fact.about, fact.label, &both);
    }
    card
}

/// A chart of one machine against another; see [`ratios`].
pub type Ratios = Chart<Shift>;

/// What takes how many times as long.
#[derive(Clone)]
pub struct Shift {
    machines: [String; 2],
    shared: Vec<Shared>,
    /// Why there is nothing to compare.
    missing: Option<Unavailable>,
}

impl Shift {
    /// The rows that are drawn.
    fn rows(&self) -> Vec<&Shared> {
        let all = self.shared.len();
        if all <= MOST {
            return self.shared.iter().collect();
        }
        (0..MOST).map(|place| &self.shared[place * (all - 1) / (MOST - 1)]).collect()
    }

    fn words(shared: &Shared) -> String {
        format!("{}, {} against {}", shared.ratio.middle_words(Unit::Ratio), shared.other, shared.one)
    }
}

impl Kind for Shift {
    fn as_kind(&self) -> &dyn Kind {
        self
    }

    fn what(&self) -> String {
        format!("{} as multiples of {}", self.machines[1], self.machines[0])
    }

    fn how(&self) -> String {
        ": ratio of the medians (dot), its interval (line); left of 1 it takes less".to_owned()
    }

    fn found(&self) -> Result<String, String> {
        let middle =
            self.shared.get(self.shared.len().saturating_sub(1) / 2).map(|shared| Ratio(shared.ratio.middle));
        let ends = self.shared.first().zip(self.shared.last());
        match (middle, ends) {
            (Some(middle), Some((first, last))) if self.shared.len() > 1 => Ok(format!(
                "Half of {} acts take up to {middle} times as long there, the extremes are {} and {}",
                Count(self.shared.len() as u64),
                Ratio(first.ratio.middle),
                Ratio(last.ratio.middle)
            )),
            (Some(middle), _) => {
                Ok(format!("What both have timed takes {middle} times as long on the second machine"))
            }
            _ => Err(self.missing.map_or_else(
                || "the two have timed nothing under the same name".to_owned(),
                |reason| plain(&reason.to_string()),
            )),
        }
    }

    fn values(&self) -> Vec<String> {
        self.rows()
            .into_iter()
            .map(|shared| format!("{}: {}", plain(&shared.name), Self::words(shared)))
            .collect()
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["what", "here", "there", "ratio", "interval"]);
        let row = |shared: &Shared| {
            let Shared { name, one, other, ratio } = shared;
            let middle = ratio.middle_words(Unit::Ratio);
            vec![plain(name), Nanos::to_string(one), other.to_string(), middle, ratio.ends(Unit::Ratio)]
        };
        table.rows = self.shared.iter().map(row).collect();
        table
    }

    fn column(&self) -> usize {
        3
    }

    fn notes(&self) -> Vec<String> {
        match self.shared.len() {
            all if all > MOST => vec![format!("{MOST} of {all} acts, evenly spaced; the data table has all")],
            _ => Vec::new(),
        }
    }

    fn draw(&self, sheet: &Sheet, _: &[Beside]) -> f64 {
        const PITCH: f64 = 24.0;
        let rows = self.rows();
        let names: Vec<String> = rows.iter().map(|shared| plain(&shared.name)).collect();
        let names = Names::of(sheet, names.iter().map(String::as_str), theme::LABEL, 2);
        let room = rows.iter().map(|shared| width(&Self::said(shared), theme::VALUE)).fold(0.0, f64::max);
        let ends = rows.iter().flat_map(|shared| [shared.ratio.low, shared.ratio.middle, shared.ratio.high]);
        let ends: Vec<f64> = ends.filter(|end| end.is_finite() && *end > 0.0).chain([1.0]).collect();
        let mut places = Vec::new();
        let mut y = sheet.top + 4.0;
        for number in 0..rows.len() {
            let half = f64::max(PITCH, names.beside(number) + 6.0) / 2.0;
            let middle = y + names.head(number) + half;
            places.push((y, middle));
            y = middle + half;
        }
        let frame = Frame { x0: names.left, y0: sheet.top, x1: sheet.right() - room - 14.0, y1: y };
        let plot = sheet.rows(frame, Scale::fitting(&ends, Unit::Ratio));
        let last = plot.x_axis("times as long");
        plot.draw(&Element::line([(1.0, frame.y0), (1.0, frame.y1)], Pen::line(theme::INK, 1.0)));
        for (number, (shared, (top, middle))) in rows.into_iter().zip(places).enumerate() {
            names.write(sheet, number, theme::LABEL, (top, middle));
            mark(sheet, &plot, shared, middle);
        }
        last
    }
}

impl Shift {
    fn said(shared: &Shared) -> String {
        shared.ratio.middle_words(Unit::Ratio)
    }
}

/// One act: the ratio and its interval.
fn mark(sheet: &Sheet, plot: &Plot, shared: &Shared, middle: f64) {
    let (low, high) = plot.x_ends();
    let within = |value: f64| value.clamp(low, high);
    let ratio = shared.ratio;
    sheet.group(&format!("{}: {}", plain(&shared.name), Shift::words(shared)), || {
        let line = [(within(ratio.low), middle), (within(ratio.high), middle)];
        plot.draw(&Element::line(line, Pen::line(theme::PLAIN.mark, 2.0)));
        plot.draw(&Element::disc((within(ratio.middle), middle), 4.5, Pen::fill(theme::PLAIN.mark).solid()));
        let at = plot.x(within(ratio.high)).max(plot.x(within(ratio.middle)) + 5.0) + 8.0;
        sheet.label(&Shift::said(shared), theme::VALUE, (at, middle + 4.5), HPos::Left);
    });
}
