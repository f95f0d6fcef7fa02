//! The same lanes over true time: what each actor did from when to when.

use crate::chart::figure::Table;
use crate::chart::kind::{Axis, Chart, Comparable, Kind, chart};
use crate::chart::overlay::{Beside, Placement};
use crate::chart::stretch::{DASHED, STRETCH, expected};
use crate::drawing::canvas::Frame;
use crate::drawing::element::Element;
use crate::drawing::key::{Entry, key};
use crate::drawing::pen::Pen;
use crate::drawing::plot::Plot;
use crate::drawing::rows::Names;
use crate::drawing::scale::{Scale, Unit};
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::{plain, width};
use crate::drawing::theme::{self, Hue};
use crate::units::{Count, NO_NUMBER, Nanos, Share, told};
use plotters_backend::text_anchor::HPos;

/// Starts a chart of what each actor did from when to when, on a time axis. A guess, a model or what another machine has kept
/// is a duration: of a state, or of an actor in a state (`reader sleeps`); it is drawn from where the longest such span began.
///
/// ```
/// use helpers::{chart, micros};
/// // Does a thread run while it waits in the kernel?
/// let figure = chart::spans()
///     .span("reader", "runs", micros(0.0), micros(12.0))
///     .span("reader", "sleeps", micros(12.0), micros(5012.0))
///     .span("reader", "runs", micros(5012.0), micros(5030.0))
///     .figure();
/// assert_eq!(figure.title, "reader sleeps for 5.00 ms of 5.03 ms");
/// ```
pub fn spans() -> Spans {
    chart(Activity { lanes: Vec::new(), states: Vec::new(), seen: Vec::new(), lost: 0, reversed: 0 })
}

/// A chart of what each actor did from when to when; see [`spans`].
pub type Spans = Chart<Activity>;

/// What each actor did from when to when.
#[derive(Clone)]
pub struct Activity {
    lanes: Vec<String>,
    states: Vec<String>,
    seen: Vec<Span>,
    /// How many had no beginning or no end.
    lost: usize,
    /// How many ended before they began.
    reversed: usize,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    lane: usize,
    state: usize,
    from: f64,
    to: f64,
}

fn place(names: &mut Vec<String>, name: &str) -> usize {
    let name = plain(name);
    names.iter().position(|other| *other == name).unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    })
}

impl Spans {
    /// An actor was in this state from then to then. Each state has its colour; lanes stand in the order of their first span.
    pub fn span(mut self, actor: &str, state: &str, from: Nanos, to: Nanos) -> Self {
        let lane = place(&mut self.kind.lanes, actor);
        let state = place(&mut self.kind.states, state);
        match (told(from.0), told(to.0)) {
            (Some(from), Some(to)) if from <= to => self.kind.seen.push(Span { lane, state, from, to }),
            (Some(_), Some(_)) => self.kind.reversed += 1,
            _ => self.kind.lost += 1,
        }
        self
    }
}

impl Activity {
    /// What was handed in and cannot be shown.
    fn missing(&self) -> Vec<String> {
        let [lost, reversed] = [self.lost, self.reversed].map(|number| Count(number as u64));
        let lost = match self.lost {
            0 => None,
            1 => Some(format!("unavailable: the beginning or the end of a span is {NO_NUMBER}")),
            _ => Some(format!("unavailable: the beginning or the end of {lost} spans is {NO_NUMBER}")),
        };
        let reversed = match self.reversed {
            0 => None,
            1 => Some("unavailable: a span ends before it begins".to_owned()),
            _ => Some(format!("unavailable: {reversed} spans end before they begin")),
        };
        lost.into_iter().chain(reversed).collect()
    }

    /// What a duration may be of: a state, or an actor in a state; each with its longest span.
    fn longest(&self) -> Vec<(String, &Span)> {
        let mut longest: Vec<(String, &Span)> = Vec::new();
        for span in &self.seen {
            let (actor, state) = (&self.lanes[span.lane], &self.states[span.state]);
            for name in [format!("{actor} {state}"), state.clone()] {
                match longest.iter_mut().find(|(other, _)| *other == name) {
                    Some((_, other)) if span.to - span.from > other.to - other.from => *other = span,
                    Some(_) => {}
                    None => longest.push((name, span)),
                }
            }
        }
        longest
    }

    /// When the first span begins and the last one ends.
    fn ends(&self) -> (f64, f64) {
        let from = self.seen.iter().map(|span| span.from).fold(f64::INFINITY, f64::min);
        (from, self.seen.iter().map(|span| span.to).fold(f64::NEG_INFINITY, f64::max))
    }

    /// How long an actor was in each state.
    fn totals(&self, lane: usize) -> Vec<(usize, f64)> {
        let of = |state| {
            let spans = self.seen.iter().filter(move |span| span.lane == lane && span.state == state);
            spans.map(|span| span.to - span.from).sum()
        };
        (0..self.states.len()).map(|state| (state, of(state))).filter(|(_, time)| *time > 0.0).collect()
    }
}

impl Comparable for Activity {}

impl Kind for Activity {
    fn as_kind(&self) -> &dyn Kind {
        self
    }

    fn what(&self) -> String {
        "Who did what from when to when".to_owned()
    }

    /// The longest state of the first actor.
    fn found(&self) -> Result<String, String> {
        let (from, to) = self.ends();
        let longest = self.totals(0).into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
        match (self.lanes.first(), longest) {
            (Some(actor), Some((state, time))) => {
                Ok(format!("{actor} {} for {} of {}", self.states[state], Nanos(time), Nanos(to - from)))
            }
            _ if self.lost + self.reversed > 0 => Err(self.missing().join("; ")),
            _ => Err("nothing was seen".to_owned()),
        }
    }

    fn values(&self) -> Vec<String> {
        let of = |(lane, actor): (usize, &String)| {
            let value =
                |(state, time): (usize, f64)| format!("{actor} {} for {}", self.states[state], Nanos(time));
            self.totals(lane).into_iter().map(value).collect::<Vec<_>>()
        };
        self.lanes.iter().enumerate().flat_map(of).collect()
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["who", "state", "spans", "time", "share"]);
        let (from, to) = self.ends();
        for (lane, actor) in self.lanes.iter().enumerate() {
            for (state, time) in self.totals(lane) {
                let count = self.seen.iter().filter(|s| s.lane == lane && s.state == state).count();
                let share = if to > from { Share(time / (to - from)).to_string() } else { "–".to_owned() };
                let (name, count) = (self.states[state].clone(), Count(count as u64).to_string());
                table.rows.push(vec![actor.clone(), name, count, Nanos(time).to_string(), share]);
            }
        }
        table
    }

    /// What no single span tells.
    fn notes(&self) -> Vec<String> {
        const MOST: usize = 8;
        let states = |lane: usize| self.totals(lane).len();
        let spans = self.seen.len();
        let kinds: usize = (0..self.lanes.len()).map(states).sum();
        let in_all = self.values();
        let mut notes = self.missing();
        if spans != kinds && in_all.len() <= MOST {
            notes.push(format!("In all: {}", in_all.join("; ")));
        }
        notes
    }

    fn conditions(&self) -> Vec<String> {
        let (from, to) = self.ends();
        if to >= from { vec![format!("{} from first to last", Nanos(to - from))] } else { Vec::new() }
    }

    /// The time.
    fn column(&self) -> usize {
        3
    }

    /// Of no thing in particular: of the longest span of the first actor.
    fn axis(&self) -> Option<Axis> {
        let longest = self.longest();
        let first = longest.iter().enumerate().filter(|(_, (_, span))| span.lane == 0);
        let subject = first.max_by(|(_, a), (_, b)| a.1.length().total_cmp(&b.1.length()));
        let subject = subject.map(|(number, _)| number);
        Some(Axis { unit: Unit::Time, things: longest.into_iter().map(|(name, _)| name).collect(), subject })
    }

    fn marked(&self, placement: &Placement) -> String {
        if placement.beside.is_empty() { String::new() } else { DASHED.to_owned() }
    }

    fn draw(&self, sheet: &Sheet, beside: &[Beside]) -> f64 {
        const PITCH: f64 = 42.0;
        let names = Names::of(sheet, self.lanes.iter().map(String::as_str), theme::LABEL, 2);
        let head = self.legend(sheet) + 12.0;
        let (from, to) = self.ends();
        let longest = self.longest();
        let beside: Vec<(f64, &Beside)> =
            beside.iter().map(|one| (longest[one.thing].1.from - from, one)).collect();
        let top = head + STRETCH * beside.len() as f64;
        let mut y = top;
        let mut rows = Vec::new();
        for lane in 0..self.lanes.len() {
            let middle = y + names.head(lane) + PITCH / 2.0;
            rows.push((y, middle));
            y = middle + PITCH / 2.0;
        }
        let frame = Frame { x0: names.left, y0: top, x1: sheet.right() - 14.0, y1: y };
        // The axis counts from the first span.
        let whole = (to - from).max(1.0);
        let plot = sheet.rows(frame, Scale::linear(0.0, whole, Unit::Time));
        let last = plot.x_axis("time since the first span");
        expected(sheet, &plot, head, &beside);
        for (lane, (top, middle)) in rows.into_iter().enumerate() {
            names.write(sheet, lane, theme::LABEL, (top, middle));
            plot.line(&[(0.0, middle), (whole, middle)], Pen::line(theme::RULE, 2.0));
            for span in self.seen.iter().filter(|span| span.lane == lane) {
                self.bar(sheet, &plot, span, middle, from);
            }
        }
        last
    }
}

impl Activity {
    /// One span: never narrower than can be seen, and with its duration inside where there is room.
    fn bar(&self, sheet: &Sheet, plot: &Plot, span: &Span, middle: f64, origin: f64) {
        const SLIM: f64 = 5.0;
        const HIGH: f64 = 28.0;
        let (from, to) = (span.from - origin, span.to - origin);
        let wide = plot.x(to) - plot.x(from);
        let hue = hue(span.state);
        let block = |pen| {
            let block = Element::block((from, middle - HIGH / 2.0), (to, middle + HIGH / 2.0), pen);
            block.inset(0.0, HIGH / 2.0 * (1.0 - high(span.state)))
        };
        if wide < SLIM {
            plot.draw(&block(Pen::fill(hue.mark)));
            return;
        }
        let took = Nanos(span.length()).to_string();
        sheet.group(&format!("{} {} for {took}", self.lanes[span.lane], self.states[span.state]), || {
            plot.draw(&block(Pen::fill(hue.mark).round(3.0)));
            if width(&took, theme::TICK.strong()) + 10.0 < wide {
                let at = (plot.x(f64::midpoint(from, to)), middle + 4.0);
                sheet.text(&took, theme::TICK.strong().colored(theme::on(hue.mark)), at, HPos::Center);
            }
        });
    }

    /// The states with their colours, above the lanes; returns the last baseline.
    fn legend(&self, sheet: &Sheet) -> f64 {
        let entry = |(state, words)| Entry { words, hue: hue(state), high: high(state) };
        key(sheet, self.states.iter().map(String::as_str).enumerate().map(entry))
    }
}

impl Span {
    fn length(&self) -> f64 {
        self.to - self.from
    }
}

/// Every second state is lower, so that colour is not the only sign.
fn high(state: usize) -> f64 {
    if state % 2 == 1 { 0.5 } else { 1.0 }
}

fn hue(state: usize) -> Hue {
    theme::category(state)
}
