//! How many of each: bars from zero, one below the other, for what is counted exactly.

use super::figure::Table;
use super::kind::{Axis, Chart, Comparable, Kind, chart};
use super::overlay::{Beside, RAISED, stack};
use crate::drawing::canvas::Frame;
use crate::drawing::element::Element;
use crate::drawing::pen::Pen;
use crate::drawing::plot::Plot;
use crate::drawing::rows::Names;
use crate::drawing::scale::Scale;
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::{plain, width};
use crate::drawing::theme::{self, Font};
use crate::units::{NO_NUMBER, Quantity, Share, Unit, told};
use plotters_backend::text_anchor::HPos;

/// Starts a chart of bars: what they count, and the bars in their order.
///
/// ```
/// use helpers::{Count, chart};
/// // Is it one softirq for each datagram?
/// let ledger = [("datagrams sent", Count(1000)), ("NET_RX", Count(1000))];
/// let figure = chart::bars("on this CPU", &ledger).title("One softirq for each datagram").figure();
/// assert_eq!(figure.table.rows[1], ["NET_RX", "1,000"]);
/// ```
pub fn bars<N: AsRef<str>, Q: Quantity>(what: &str, bars: &[(N, Q)]) -> Bars {
    let bars: Vec<(String, f64)> = bars
        .iter()
        .map(|(name, size)| (plain(name.as_ref()), told(size.size()).unwrap_or(f64::NAN)))
        .collect();
    chart(Counts { what: plain(what), bars, unit: Q::UNIT, subject: None, is_listing: false })
}

/// Starts a chart of bars beside the lines of a program: how many of something fell on each.
///
/// ```
/// use helpers::{Count, chart};
/// // On which instruction do the signals land?
/// let landed = [("mov rax, rdi", Count(12)), ("div rcx", Count(9)), ("add rbx, rax", Count(179))];
/// let figure = chart::listing("signals", &landed).figure();
/// assert_eq!(figure.title, "add rbx, rax: 179 of 200 signals");
/// ```
pub fn listing<N: AsRef<str>, Q: Quantity>(what: &str, lines: &[(N, Q)]) -> Bars {
    let mut chart = bars(what, lines);
    chart.kind.is_listing = true;
    chart
}

/// A chart of bars; see [`bars()`] and [`listing`].
pub type Bars = Chart<Counts>;

/// How many of each.
#[derive(Clone)]
pub struct Counts {
    what: String,
    bars: Vec<(String, f64)>,
    unit: Unit,
    subject: Option<String>,
    is_listing: bool,
}

impl Bars {
    /// The bar that the finding is about.
    pub fn subject(mut self, name: &str) -> Self {
        self.kind.subject = Some(plain(name));
        self
    }
}

impl Counts {
    fn total(&self) -> f64 {
        self.bars.iter().map(|(_, size)| size).filter(|size| !size.is_nan()).sum()
    }

    /// The bar that the finding is about: of the lines of a program, the one that has most.
    fn subject(&self) -> Option<usize> {
        let named = |name: &String| self.bars.iter().position(|(other, _)| other == name);
        let known = || (0..self.bars.len()).rev().filter(|number| !self.bars[*number].1.is_nan());
        let most = || known().max_by(|a, b| self.bars[*a].1.total_cmp(&self.bars[*b].1));
        self.subject.as_ref().and_then(named).or_else(|| most().filter(|_| self.is_listing))
    }

    /// How much a bar is.
    fn size_words(&self, size: f64) -> String {
        if size.is_nan() { format!("unavailable: {NO_NUMBER}") } else { self.unit.words(size) }
    }

    /// What stands behind a bar.
    fn words(&self, size: f64) -> String {
        let words = self.size_words(size);
        let total = self.total();
        if self.is_listing && total > 0.0 && !size.is_nan() {
            format!("{words}, {}", Share(size / total))
        } else {
            words
        }
    }
}

impl Comparable for Counts {}

impl Kind for Counts {
    fn as_kind(&self) -> &dyn Kind {
        self
    }

    fn what(&self) -> String {
        self.what.clone()
    }

    fn how(&self) -> String {
        if self.is_listing { ", by the line that they fell on" } else { "" }.to_owned()
    }

    fn found(&self) -> Result<String, String> {
        match self.subject() {
            _ if self.bars.is_empty() => Err("there is nothing to count".to_owned()),
            _ if self.bars.iter().all(|(_, size)| size.is_nan()) => Err(NO_NUMBER.to_owned()),
            Some(subject) if self.is_listing => {
                let (name, size) = &self.bars[subject];
                let [size, total] = [*size, self.total()].map(|size| self.unit.words(size));
                Ok(format!("{name}: {size} of {total} {}", self.what))
            }
            _ => {
                let known = self.bars.iter().filter(|(_, size)| !size.is_nan());
                let each = known.take(3).map(|(name, size)| format!("{name} {}", self.unit.words(*size)));
                Ok(each.collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn values(&self) -> Vec<String> {
        self.bars.iter().map(|(name, size)| format!("{name}: {}", self.words(*size))).collect()
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["name", if self.what.is_empty() { "size" } else { &self.what }]);
        table.rows =
            self.bars.iter().map(|(name, size)| vec![name.clone(), self.size_words(*size)]).collect();
        table
    }

    fn conditions(&self) -> Vec<String> {
        if self.is_listing { vec![format!("{} in all", self.unit.words(self.total()))] } else { Vec::new() }
    }

    fn astray(&self) -> Option<&str> {
        self.subject.as_deref().filter(|name| self.bars.iter().all(|(other, _)| other != name))
    }

    fn axis(&self) -> Option<Axis> {
        let things = self.bars.iter().map(|(name, _)| name.clone()).collect();
        Some(Axis { unit: self.unit, things, subject: self.subject() })
    }

    fn draw(&self, sheet: &Sheet, beside: &[Beside]) -> f64 {
        let names = Names::of(
            sheet,
            self.bars.iter().map(|(name, _)| name.as_str()),
            self.font().strong(),
            self.lines(),
        );
        let value = theme::VALUE.strong();
        let room = self.bars.iter().map(|(_, size)| width(&self.words(*size), value)).fold(0.0, f64::max);
        let sizes = self.bars.iter().map(|(_, size)| *size).chain(beside.iter().map(|one| one.value));
        let most = sizes.filter(|size| size.is_finite()).fold(0.0, f64::max);
        let mut y = sheet.top + 4.0;
        let mut rows = Vec::new();
        for number in 0..self.bars.len() {
            let own: Vec<&Beside> = beside.iter().filter(|one| one.thing == number).collect();
            let half = f64::max(self.high() * 1.7, names.beside(number) + 6.0) / 2.0;
            let middle = y + names.head(number) + RAISED * own.len() as f64 + half;
            rows.push((y, middle, own));
            y = middle + half;
        }
        let frame = Frame { x0: names.left, y0: sheet.top, x1: sheet.right() - room - 12.0, y1: y };
        let plot = sheet.rows(frame, Scale::linear(0.0, if most > 0.0 { most } else { 1.0 }, self.unit));
        let last = plot.x_axis(&self.what);
        for (number, (top, middle, own)) in rows.into_iter().enumerate() {
            let font = if self.subject() == Some(number) { self.font().strong() } else { self.font() };
            names.write(sheet, number, font, (top, middle));
            self.bar(sheet, &plot, number, middle);
            let own: Vec<_> = own.into_iter().map(|one| (plot.x(one.value), one, one.words())).collect();
            let half = self.high() / 2.0;
            stack(sheet, &own, &|level| middle - half - RAISED * level as f64 - 6.0, middle + half);
        }
        last
    }
}

impl Counts {
    /// One bar with what stands behind it.
    fn bar(&self, sheet: &Sheet, plot: &Plot, number: usize, middle: f64) {
        let (name, size) = &self.bars[number];
        let is_subject = self.subject() == Some(number);
        let hue = if is_subject { theme::ACCENT } else { theme::PLAIN };
        let (words, half) = (self.words(*size), self.high() / 2.0);
        sheet.group(&format!("{name}: {words}"), || {
            if *size > 0.0 {
                plot.draw(&Element::block((0.0, middle - half), (*size, middle + half), Pen::fill(hue.mark)));
            }
            let font = theme::VALUE.colored(hue.text);
            let font = if is_subject { font.strong() } else { font };
            sheet.label(&words, font, (plot.x(size.max(0.0)) + 8.0, middle + 4.5), HPos::Left);
        });
    }

    /// How high a bar is.
    fn high(&self) -> f64 {
        if self.is_listing { 13.0 } else { 20.0 }
    }

    /// How many lines a name may take.
    fn lines(&self) -> usize {
        if self.is_listing { 1 } else { 2 }
    }

    fn font(&self) -> Font {
        if self.is_listing { theme::VALUE.colored(theme::INK).mono() } else { theme::LABEL }
    }
}
