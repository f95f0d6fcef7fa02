//! Who acts: a lane for each actor, a box for each step, from the first to the last.

mod spans;

pub use spans::{Spans, spans};

use super::figure::Table;
use super::kind::{Chart, Kind, chart};
use super::overlay::Beside;
use crate::drawing::element::Place;
use crate::drawing::pen::Pen;
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::{plain, shorten, wrap};
use crate::drawing::theme::{self, Font};
use crate::reading::Reading;
use crate::units::{NO_NUMBER, Nanos, told};
use plotters_backend::text_anchor::HPos;

/// Starts a chart of steps in the lanes of those who take them; time runs downwards.
///
/// ```
/// use helpers::chart;
/// // Who ends a program that follows a bad pointer?
/// let figure = chart::lanes(["program", "CPU", "kernel"])
///     .step("program", "loads from the address")
///     .step("CPU", "finds no page, raises a fault")
///     .step("kernel", "finds no mapping, sends SIGSEGV")
///     .title("The CPU raises, the kernel decides")
///     .figure();
/// assert_eq!(figure.table.rows.len(), 3);
/// ```
pub fn lanes<'a>(actors: impl IntoIterator<Item = &'a str>) -> Lanes {
    chart(Steps { actors: actors.into_iter().map(plain).collect(), steps: Vec::new() })
}

/// A chart of steps in the lanes of those who take them; see [`lanes`].
pub type Lanes = Chart<Steps>;

/// Steps and who takes them.
#[derive(Clone)]
pub struct Steps {
    actors: Vec<String>,
    steps: Vec<Step>,
}

#[derive(Clone)]
struct Step {
    lane: usize,
    act: String,
    took: Option<Result<f64, String>>,
}

const LEADING: f64 = 15.5;
/// Between one box and the next below it.
const APART: f64 = 20.0;
const PAD: f64 = 9.0;
const TEXT: Font = Font { size: 12.0, ..theme::VALUE.colored(theme::INK) };

impl Lanes {
    /// The next step and who takes it; an actor not named before gets a lane.
    pub fn step(mut self, actor: &str, act: impl Into<String>) -> Self {
        self.kind.push(actor, &act.into(), None);
        self
    }

    /// The next step with the time that it took, or why that could not be measured.
    pub fn measured(mut self, actor: &str, act: impl Into<String>, took: &Reading<Nanos>) -> Self {
        let took = match took.as_ref().map(|took| told(took.0)) {
            Ok(Some(took)) if took >= 0.0 => Ok(took),
            Ok(Some(_)) => Err("less than nothing".to_owned()),
            Ok(None) => Err(NO_NUMBER.to_owned()),
            Err(reason) => Err(plain(&reason.to_string())),
        };
        self.kind.push(actor, &act.into(), Some(took));
        self
    }
}

impl Kind for Steps {
    fn as_kind(&self) -> &dyn Kind {
        self
    }

    fn what(&self) -> String {
        "Step by step, downwards".to_owned()
    }

    fn how(&self) -> String {
        let timed = self.steps.iter().any(|step| matches!(step.took, Some(Ok(_))));
        if timed { "; with the measured time where there is one".to_owned() } else { String::new() }
    }

    fn found(&self) -> Result<String, String> {
        let measured = self.timed();
        let whole = Nanos(measured.iter().sum());
        let acts = |lane: usize| self.steps.iter().any(|step| step.lane == lane);
        let lanes = (0..self.actors.len()).filter(|lane| acts(*lane));
        let actors: Vec<&str> = lanes.map(|lane| self.actors[lane].as_str()).collect();
        let steps = match self.steps.len() {
            0 => return Err("there is no step".to_owned()),
            1 => format!("One step by {}", listed(&actors)),
            steps => format!("{steps} steps by {}", listed(&actors)),
        };
        Ok(match measured.len() {
            0 => steps,
            all if all == self.steps.len() => format!("{steps}, {whole} in all"),
            1 => format!("{steps}; the one that could be timed took {whole}"),
            some => format!("{steps}; the {some} that could be timed took {whole}"),
        })
    }

    fn values(&self) -> Vec<String> {
        let value = |(number, step): (usize, &Step)| {
            let took = step.took().map_or(String::new(), |took| format!(", {took}"));
            format!("{}. {} {}{took}", number + 1, self.actors[step.lane], step.act)
        };
        self.steps.iter().enumerate().map(value).collect()
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["step", "who", "does what", "time"]);
        for (number, step) in self.steps.iter().enumerate() {
            let (who, took) = (self.actors[step.lane].clone(), step.took().unwrap_or_default());
            table.rows.push(vec![(number + 1).to_string(), who, step.act.clone(), took]);
        }
        table
    }

    fn conditions(&self) -> Vec<String> {
        let timed = self.timed();
        if timed.len() > 1 { vec![format!("{} in all", Nanos(timed.iter().sum()))] } else { Vec::new() }
    }

    fn draw(&self, sheet: &Sheet, _: &[Beside]) -> f64 {
        if sheet.is_narrow() { self.stairs(sheet) } else { self.columns(sheet) }
    }
}

impl Steps {
    /// What was timed.
    fn timed(&self) -> Vec<f64> {
        self.steps.iter().filter_map(|step| step.took.as_ref()?.as_ref().ok().copied()).collect()
    }

    fn push(&mut self, actor: &str, act: &str, took: Option<Result<f64, String>>) {
        let actor = plain(actor);
        let lane = self.actors.iter().position(|other| *other == actor).unwrap_or_else(|| {
            self.actors.push(actor);
            self.actors.len() - 1
        });
        self.steps.push(Step { lane, act: plain(act), took });
    }

    /// One column for each actor.
    fn columns(&self, sheet: &Sheet) -> f64 {
        let room = sheet.inner() / self.actors.len() as f64;
        let left = |lane: usize| sheet.margin + room * lane as f64;
        let mut y = sheet.top + 10.0;
        let head = theme::LABEL.strong();
        for (lane, actor) in self.actors.iter().enumerate() {
            let at = (left(lane) + room / 2.0, y);
            sheet.text(&shorten(actor, head, room - 10.0), head, at, HPos::Center);
        }
        y += 18.0;
        let boxes = self.boxes(y, |lane| (left(lane) + 5.0, left(lane) + room - 5.0));
        let bottom = boxes.last().map_or(y, |last| last.bottom);
        for lane in 0..self.actors.len() {
            let x = left(lane) + room / 2.0;
            sheet.line(&[(x, y - 8.0), (x, bottom + 8.0)], Pen::line(theme::GRID, 1.5));
        }
        self.draw_boxes(sheet, &boxes, false);
        bottom
    }

    /// On a small screen each lane is a little further to the right, and each box names its actor.
    fn stairs(&self, sheet: &Sheet) -> f64 {
        let indent = (sheet.inner() * 0.3 / self.actors.len().max(2) as f64).min(24.0);
        let wide = sheet.inner() - indent * (self.actors.len() - 1) as f64;
        let left = |lane: usize| sheet.margin + indent * lane as f64;
        let mut boxes = self.boxes(sheet.top, |lane| (left(lane), left(lane) + wide));
        // Each actor's name takes a line of its own.
        for (number, place) in boxes.iter_mut().enumerate() {
            let down = LEADING * number as f64;
            place.top += down;
            place.bottom += down + LEADING;
        }
        self.draw_boxes(sheet, &boxes, true);
        boxes.last().map_or(sheet.top, |last| last.bottom)
    }

    fn boxes(&self, top: f64, sides: impl Fn(usize) -> (f64, f64)) -> Vec<Placed> {
        let mut y = top;
        let mut boxes = Vec::new();
        for step in &self.steps {
            let (left, right) = sides(step.lane);
            let act = wrap(&step.act, TEXT, right - left - 2.0 * PAD, 6);
            let took = step
                .took()
                .map_or(Vec::new(), |took| wrap(&took, step.took_font(), right - left - 2.0 * PAD, 4));
            let bottom = y + LEADING * (act.len() + took.len()) as f64 + 2.0 * PAD - 2.0;
            boxes.push(Placed { left, right, top: y, bottom, act, took });
            y = bottom + APART;
        }
        boxes
    }

    fn draw_boxes(&self, sheet: &Sheet, boxes: &[Placed], named: bool) {
        for pair in boxes.windows(2) {
            arrow(sheet, &pair[0], &pair[1]);
        }
        for (step, place) in self.steps.iter().zip(boxes) {
            let hue = theme::category(step.lane);
            let detail = format!("{}: {}", self.actors[step.lane], step.act);
            sheet.group(&detail, || {
                let (from, to) = ((place.left, place.top), (place.right, place.bottom));
                sheet.rect(from, to, Pen::fill(theme::GROUND).round(5.0));
                sheet.rect(from, to, Pen::fill(hue.mark).faint(0.08).round(5.0));
                sheet.rect(from, to, Pen::line(hue.mark, 1.2).round(5.0));
                let mut y = place.top + PAD + 10.0;
                let mut write = |line: &str, font: Font| {
                    sheet.text(line, font, (place.left + PAD, y), HPos::Left);
                    y += LEADING;
                };
                if named {
                    write(
                        &shorten(
                            &self.actors[step.lane],
                            theme::TICK.strong(),
                            place.right - place.left - 2.0 * PAD,
                        ),
                        theme::TICK.strong().colored(hue.text),
                    );
                }
                place.act.iter().for_each(|line| write(line, TEXT));
                place.took.iter().for_each(|line| write(line, step.took_font()));
            });
        }
    }
}

/// Where a box lies, and its lines.
struct Placed {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    act: Vec<String>,
    took: Vec<String>,
}

impl Step {
    fn took(&self) -> Option<String> {
        self.took.as_ref().map(|took| match took {
            Ok(took) => Nanos(*took).to_string(),
            Err(reason) => format!("time unavailable: {reason}"),
        })
    }

    fn took_font(&self) -> Font {
        match &self.took {
            Some(Err(_)) => Font { size: theme::SMALLEST, ..TEXT.colored(theme::FAINT) },
            _ => TEXT.colored(theme::ACCENT.text).strong(),
        }
    }
}

/// From the bottom of one box to the next: straight down in the same lane, else down and over to its side.
fn arrow(sheet: &Sheet, from: &Placed, to: &Placed) {
    const HEAD: f64 = 5.0;
    let pen = Pen::line(theme::MARK, 1.5).round(0.0);
    let solid = Pen::fill(theme::MARK);
    let centre = f64::midpoint(from.left, from.right);
    if centre > to.left + 8.0 && centre < to.right - 8.0 {
        let (start, end): (Place, Place) = ((centre, from.bottom), (centre, to.top - 1.0));
        sheet.line(&[start, (end.0, end.1 - HEAD)], pen);
        sheet.polygon(&[end, (end.0 - HEAD, end.1 - HEAD * 1.5), (end.0 + HEAD, end.1 - HEAD * 1.5)], solid);
    } else {
        let y = f64::midpoint(to.top, to.bottom);
        let (x, back) = if to.left > centre { (to.left - 1.0, -1.0) } else { (to.right + 1.0, 1.0) };
        sheet.line(&[(centre, from.bottom), (centre, y), (x + back * HEAD, y)], pen);
        let wing = x + back * HEAD * 1.5;
        sheet.polygon(&[(x, y), (wing, y - HEAD), (wing, y + HEAD)], solid);
    }
}

fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
