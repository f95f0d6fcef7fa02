//! The same lanes over true time: what each actor did from when to when.

use crate::chart::figure::{Figure, Parts, Table, Words, wordy};
use crate::chart::overlay::{Overlay, Overlays, overlaid};
use crate::chart::stretch::{STRETCH, expected};
use crate::drawing::canvas::Frame;
use crate::drawing::pen::Pen;
use crate::drawing::plot::Plot;
use crate::drawing::scale::{Scale, Unit};
use crate::drawing::sheet::Sheet;
use crate::drawing::text::{plain, shorten, widest, width, wrap};
use crate::drawing::theme::{self, Hue};
use crate::units::{Count, Nanos};
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
    Spans {
        words: Words::default(),
        overlays: Overlays::default(),
        lanes: Vec::new(),
        states: Vec::new(),
        seen: Vec::new(),
    }
}

/// What each actor did from when to when; see [`spans`].
#[derive(Clone, Debug)]
pub struct Spans {
    words: Words,
    overlays: Overlays,
    lanes: Vec<String>,
    states: Vec<String>,
    seen: Vec<Span>,
}

wordy!(Spans);
overlaid!(Spans, reference);

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
        let lane = place(&mut self.lanes, actor);
        let state = place(&mut self.states, state);
        if from.0.is_finite() && to.0.is_finite() {
            self.seen.push(Span { lane, state, from: from.0.min(to.0), to: from.0.max(to.0) });
        }
        self
    }

    fn has(&self, name: &str) -> bool {
        self.about(name).next().is_some()
    }

    /// The spans of a state, or of an actor in a state.
    fn about<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Span> {
        self.seen.iter().filter(move |span| {
            let (actor, state) = (&self.lanes[span.lane], &self.states[span.state]);
            state == name || name.strip_prefix(actor.as_str()).is_some_and(|rest| rest.trim_start() == state)
        })
    }

    /// When something began that was expected to take so long: what is named, else what the chart finds.
    fn begins(&self, name: &str) -> f64 {
        let longest = |a: &&Span, b: &&Span| (a.to - a.from).total_cmp(&(b.to - b.from));
        let first = self.seen.iter().filter(|span| span.lane == 0);
        let span = self.about(name).max_by(longest).or_else(|| first.max_by(longest));
        span.map_or(0.0, |span| span.from)
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

    fn drawn(&self, wide: f64) -> Figure {
        let mut table = Table::new(&["who", "state", "spans", "time", "share"]);
        let mut told = Vec::new();
        let (from, to) = self.ends();
        for (lane, actor) in self.lanes.iter().enumerate() {
            for (state, time) in self.totals(lane) {
                let count = self.seen.iter().filter(|s| s.lane == lane && s.state == state).count();
                let share =
                    if to > from { format!("{:.1} %", 100.0 * time / (to - from)) } else { "–".to_owned() };
                told.push(format!("{actor} {} for {}", self.states[state], Nanos(time)));
                let count = Count(count as u64).to_string();
                table.rows.push(vec![
                    actor.clone(),
                    self.states[state].clone(),
                    count,
                    Nanos(time).to_string(),
                    share,
                ]);
            }
        }
        let beside = self.overlaid();
        told.extend(beside.told());
        for [name, value] in beside.rows() {
            let dash = || "–".to_owned();
            table.rows.push(vec![name, dash(), dash(), value, dash()]);
        }
        let what = self.words.subtitle.as_deref().unwrap_or("Who did what from when to when");
        let dashed = if beside.all.is_empty() { "" } else { "; dashed: what was expected" };
        let parts = Parts {
            words: &self.words,
            title: self.words.headline(|| self.found()),
            subtitle: format!("{what}{dashed}"),
            values: format!("{}.", told.join("; ")),
            notes: beside.notes(),
            conditions: Vec::new(),
            table,
        };
        let sheet = parts.sheet(wide);
        let bottom = if self.seen.is_empty() { sheet.top - 20.0 } else { self.draw(&sheet, &beside) };
        parts.finish(sheet, bottom)
    }

    /// The longest state of the first actor.
    fn found(&self) -> String {
        let (from, to) = self.ends();
        let longest = self.totals(0).into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
        match (self.lanes.first(), longest) {
            (Some(actor), Some((state, time))) => {
                format!("{actor} {} for {} of {}", self.states[state], Nanos(time), Nanos(to - from))
            }
            _ => "Not measured here: nothing was seen".to_owned(),
        }
    }

    fn draw(&self, sheet: &Sheet, beside: &Overlays) -> f64 {
        const HIGH: f64 = 30.0;
        const PITCH: f64 = 46.0;
        let above = sheet.is_narrow();
        let room = if above { sheet.inner() } else { sheet.inner() * 0.28 };
        let names: Vec<Vec<String>> =
            self.lanes.iter().map(|lane| wrap(lane, theme::LABEL, room, 2)).collect();
        let widest = widest(&names, theme::LABEL);
        let left = sheet.margin + if above { 0.0 } else { widest + 18.0 };
        let pitch =
            PITCH + if above { 17.0 * names.iter().map(Vec::len).max().unwrap_or(0) as f64 } else { 0.0 };

        let head = self.legend(sheet);
        let (from, to) = self.ends();
        let beside: Vec<(f64, &Overlay)> =
            beside.all.iter().map(|one| (self.begins(&one.name) - from, one)).collect();
        let top = head + STRETCH * beside.len() as f64;
        let right = sheet.right() - 14.0;
        let frame = Frame { x0: left, y0: top, x1: right, y1: top + pitch * self.lanes.len() as f64 };
        // The axis counts from the first span.
        let plot = sheet.plot(
            frame,
            Scale::linear(0.0, (to - from).max(1.0), Unit::Time),
            Scale::linear(0.0, 1.0, Unit::Count),
        );
        let last = plot.x_axis("time since the first span");
        expected(sheet, &plot, head, &beside);
        for (lane, name) in names.iter().enumerate() {
            let end = top + pitch * (lane + 1) as f64;
            let (y0, y1) = (end - HIGH - 6.0, end - 6.0);
            let middle = f64::midpoint(y0, y1);
            for (number, line) in name.iter().enumerate() {
                let (at, anchor) = if above {
                    ((left, end - pitch + 16.0 + 17.0 * number as f64), HPos::Left)
                } else {
                    (
                        (left - 14.0, middle + 4.5 + 17.0 * number as f64 - 8.5 * (name.len() - 1) as f64),
                        HPos::Right,
                    )
                };
                sheet.text(line, theme::LABEL, at, anchor);
            }
            sheet.line(&[(left, middle), (right, middle)], Pen::line(theme::RULE, 2.0));
            for span in self.seen.iter().filter(|span| span.lane == lane) {
                self.bar(sheet, &plot, span, (y0, y1), from);
            }
        }
        last
    }

    /// One span: never narrower than can be seen, and with its duration inside where there is room.
    fn bar(&self, sheet: &Sheet, plot: &Plot, span: &Span, (y0, y1): (f64, f64), origin: f64) {
        const SLIM: f64 = 5.0;
        let (x0, x1) = (plot.at(span.from - origin, 0.0).0, plot.at(span.to - origin, 0.0).0);
        let x1 = x1.max(x0 + 1.0);
        let hue = hue(span.state);
        // Every second state is lower, so that colour is not the only sign.
        let inset = if span.state % 2 == 1 { 7.0 } else { 0.0 };
        let (from, to) = ((x0, y0 + inset), (x1, y1 - inset));
        if x1 - x0 < SLIM {
            sheet.rect(from, to, Pen::fill(hue.mark));
            return;
        }
        let took = Nanos(span.to - span.from).to_string();
        sheet.group(&format!("{} {} for {took}", self.lanes[span.lane], self.states[span.state]), || {
            sheet.rect(from, to, Pen::fill(hue.pale()).round(3.0));
            sheet.rect(from, to, Pen::line(hue.mark, 1.0).round(3.0));
            if width(&took, theme::TICK.strong()) + 10.0 < x1 - x0 {
                let at = (f64::midpoint(x0, x1), f64::midpoint(y0, y1) + 4.0);
                sheet.text(&took, theme::TICK.strong().colored(theme::INK), at, HPos::Center);
            }
        });
    }

    /// The states with their colours, above the lanes; returns where the lanes begin.
    fn legend(&self, sheet: &Sheet) -> f64 {
        let (mut x, mut y) = (sheet.margin, sheet.top + 6.0);
        for (number, state) in self.states.iter().enumerate() {
            let font = theme::VALUE.colored(hue(number).text);
            let words = shorten(state, font, sheet.inner() - 20.0);
            let wide = 17.0 + width(&words, font);
            if x > sheet.margin && x + wide > sheet.right() {
                x = sheet.margin;
                y += 19.0;
            }
            let inset = if number % 2 == 1 { 3.0 } else { 0.0 };
            let (from, to) = ((x, y - 9.5 + inset), (x + 11.0, y + 1.5 - inset));
            sheet.rect(from, to, Pen::fill(hue(number).pale()));
            sheet.rect(from, to, Pen::line(hue(number).mark, 1.0));
            sheet.text(&words, font, (x + 17.0, y), HPos::Left);
            x += wide + 20.0;
        }
        y + 12.0
    }
}

fn hue(state: usize) -> Hue {
    theme::category(state)
}
