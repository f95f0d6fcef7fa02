//! What all charts share: the words around a picture, what may stand beside its values, and how it becomes a figure. A kind of
//! chart says what is its own, by one trait.
//!
//! Longer than most modules here because it holds what would otherwise stand in every kind: one contract, one finish.

use super::figure::{Figure, Table};
use super::overlay::{Beside, Overlays, Owner, Placement};
use crate::drawing::sheet::{Drawing, Foot, Sheet};
use crate::drawing::text::{capital, plain};
use crate::drawing::theme;
use crate::guess::Guess;
use crate::measure::{Status, Timing};
use crate::reading::Reading;
use crate::record::Record;
use crate::units::Quantity;
use crate::verdict::{Ruling, Verdict};

pub(crate) use super::overlay::Axis;
pub use super::overlay::Thing;

/// A chart of some kind: the last expression of a cell, which shows it. It has no debugging form, so that a cell which fails to
/// show it cannot pass for one that does.
#[derive(Clone)]
pub struct Chart<K> {
    pub(super) kind: K,
    pub(super) words: Words,
    overlays: Overlays,
}

/// The words that every kind of chart carries.
#[derive(Clone, Default)]
pub(super) struct Words {
    title: Option<String>,
    subtitle: Option<String>,
    machine: Option<String>,
    verdict: Option<Verdict>,
    /// Conditions beyond those that the kind of chart knows by itself.
    conditions: Vec<String>,
}

/// What is a kind's own.
pub(crate) trait Kind {
    /// Itself. Each kind says so in a line: what a trait gives every kind would be compiled again in the cell that shows one.
    fn as_kind(&self) -> &dyn Kind;

    /// What is plotted, unless the chart's subtitle says so.
    fn what(&self) -> String;

    /// How to read the marks, said after what is plotted.
    fn how(&self) -> String {
        String::new()
    }

    /// The finding, unless the chart has a title or a ruling; where nothing was measured, the reason.
    fn found(&self) -> Result<String, String>;

    /// The values behind the finding, as sentences for those who cannot see the picture.
    fn values(&self) -> Vec<String>;

    /// The data.
    fn table(&self) -> Table;

    /// The column of the table that holds the values which the axis shows.
    fn column(&self) -> usize {
        1
    }

    /// Remarks for the foot.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Sample sizes and settings, for the foot.
    fn conditions(&self) -> Vec<String> {
        Vec::new()
    }

    /// What the finding is said to be about, where nothing in the chart has that name.
    fn astray(&self) -> Option<&str> {
        None
    }

    /// Whether there is nothing to draw, not even that something is missing.
    fn is_empty(&self) -> bool {
        self.found().is_err()
    }

    /// The axis on which something may stand beside the measured values.
    fn axis(&self) -> Option<Axis> {
        None
    }

    /// What stands beside the values, as this axis shows it.
    fn settled(&self, beside: Vec<Beside>) -> Vec<Beside> {
        beside
    }

    /// How what stands beside the values is marked.
    fn marked(&self, placement: &Placement) -> String {
        placement.key()
    }

    /// Draws everything between subtitle and foot; returns where it ends.
    fn draw(&self, sheet: &Sheet, beside: &[Beside]) -> f64;
}

/// A kind with an axis on which something may stand beside the measured values.
pub(crate) trait Comparable: Kind {}

/// A chart of this kind.
pub(super) fn chart<K>(kind: K) -> Chart<K> {
    Chart { kind, words: Words::default(), overlays: Overlays::default() }
}

#[allow(private_bounds, reason = "kinds are made in this module alone")]
impl<K: Kind> Chart<K> {
    /// The sentence over the chart, in place of the one that the chart finds by itself.
    pub fn title(mut self, finding: impl Into<String>) -> Self {
        self.words.entitle(finding.into());
        self
    }

    /// What is plotted. How to read the marks is said after it.
    pub fn subtitle(mut self, what: impl Into<String>) -> Self {
        self.words.subtitle = Some(what.into());
        self
    }

    /// Puts the finding of a verdict over the chart and its ruling below.
    pub fn ruled(mut self, verdict: &Verdict) -> Self {
        self.words.rule(verdict);
        self
    }

    /// Names the machine that the data came from, where it was not this one.
    pub fn machine(mut self, short: impl Into<String>) -> Self {
        self.words.machine = Some(short.into());
        self
    }

    /// One more condition under which the data were taken, for the footer: `recording costs 21.0 ns a loop`.
    pub fn condition(mut self, words: impl Into<String>) -> Self {
        self.words.conditions.push(words.into());
        self
    }

    /// The finished chart, laid out for a screen and for a telephone.
    pub fn figure(&self) -> Figure {
        laid_out(self.kind.as_kind(), &self.words, &self.overlays)
    }

    /// The chart laid out for another width in pixels, such as that of a telephone.
    pub fn figure_at(&self, width: f64) -> Figure {
        drawn(self.kind.as_kind(), &self.words, &self.overlays, width)
    }

    /// Shows the chart in a notebook.
    pub fn evcxr_display(&self) {
        shown(self.kind.as_kind(), &self.words, &self.overlays);
    }
}

#[allow(private_bounds, reason = "kinds are made in this module alone")]
impl<K: Comparable> Chart<K> {
    /// What the reader guessed of the chart's subject; an unset guess draws nothing.
    pub fn guess(mut self, guess: &Guess) -> Self {
        self.overlays.guess(Owner::Subject, guess);
        self
    }

    /// What the reader guessed of one thing in the chart.
    pub fn guess_of(mut self, thing: &(impl Thing + ?Sized), guess: &Guess) -> Self {
        self.overlays.guess(Owner::of(thing.name()), guess);
        self
    }

    /// What a model or a closed form says of the chart's subject: its name, and the value.
    pub fn model<Q: Quantity>(mut self, name: &str, value: Q) -> Self {
        self.overlays.model(Owner::Subject, name, value);
        self
    }

    /// What a model or a closed form says of one thing in the chart.
    pub fn model_of<Q: Quantity>(mut self, thing: &(impl Thing + ?Sized), name: &str, value: Q) -> Self {
        self.overlays.model(Owner::of(thing.name()), name, value);
        self
    }

    /// What another machine has kept of the same things; where its record cannot be read the chart says why.
    pub fn reference(mut self, record: &Reading<Record>) -> Self {
        self.overlays.reference(record);
        self
    }

    /// What several other machines have kept of the same things.
    pub fn references(self, records: &[Reading<Record>]) -> Self {
        records.iter().fold(self, Self::reference)
    }
}

/// The chart as a figure for a screen and for a telephone.
fn laid_out(kind: &dyn Kind, words: &Words, overlays: &Overlays) -> Figure {
    let phone = Some(drawn(kind, words, overlays, theme::PHONE).svg);
    Figure { phone, ..drawn(kind, words, overlays, theme::WIDTH) }
}

/// Shows the chart in a notebook.
fn shown(kind: &dyn Kind, words: &Words, overlays: &Overlays) {
    laid_out(kind, words, overlays).evcxr_display();
}

/// The chart as a figure of this width.
fn drawn(kind: &dyn Kind, words: &Words, overlays: &Overlays, width: f64) -> Figure {
    let found = kind.found();
    let mut placement = overlays.placed(kind.axis());
    placement.beside = kind.settled(placement.beside);
    if let Some(name) = kind.astray() {
        placement.lost.push(format!("The subject “{name}” is nothing in this chart"));
    }
    let what = capital(words.subtitle.as_ref().unwrap_or(&kind.what()));
    let subtitle = match &found {
        Ok(_) => format!("{what}{}{}", kind.how(), kind.marked(&placement)),
        Err(_) => what,
    };
    let title = words.headline(found);
    let values: Vec<String> = placement.sentences().chain(kind.values()).collect();
    let alt = spoken(&title, &values);
    let mut table = kind.table();
    placement.fill(&mut table, kind.column());
    let mut notes = kind.notes();
    notes.extend(placement.notes());
    let foot = Foot { conditions: words.footer(kind.conditions()), ruling: words.ruling(), notes };

    let sheet = Sheet::new(width, &title, &subtitle);
    let bottom = if kind.is_empty() { sheet.top - 20.0 } else { kind.draw(&sheet, &placement.beside) };
    let Drawing { svg, mut faults } = sheet.finish(bottom, &title, &alt, &foot);
    faults.extend(placement.lost);
    let subtitle = plain(&subtitle);
    let caption = words.caption(&subtitle);
    let text = text(&[
        &format!("{title}\n{subtitle}"),
        &table.text(),
        &foot.notes.iter().map(|note| plain(note)).collect::<Vec<_>>().join("\n"),
        &plain(&foot.conditions),
        &words.verdict.as_ref().map_or_else(String::new, |_| plain(&caption)),
    ]);
    Figure { title, subtitle, alt, svg, phone: None, table, caption, text, faults }
}

/// The finding with as many of the values as one listens to; the rest is in the data table.
fn spoken(title: &str, values: &[String]) -> String {
    const MOST: usize = 380;
    let mut alt = plain(&shortened(title.trim_end_matches('.'), MOST / 2));
    for (number, value) in values.iter().enumerate() {
        let value = plain(value);
        let rest = format!(". The data table has {} more", values.len() - number);
        if alt.chars().count() + value.chars().count() + rest.len() > MOST {
            alt.push_str(&rest);
            break;
        }
        alt.push_str(if number == 0 { ". " } else { "; " });
        alt.push_str(&value);
    }
    alt + "."
}

/// At most so many letters.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// Blocks with an empty line between them.
fn text(blocks: &[&str]) -> String {
    let blocks = blocks.iter().map(|block| block.trim()).filter(|block| !block.is_empty());
    blocks.collect::<Vec<_>>().join("\n\n")
}

impl Words {
    fn rule(&mut self, verdict: &Verdict) {
        self.verdict = Some(*verdict);
    }

    fn entitle(&mut self, finding: String) {
        self.title = Some(finding);
    }

    /// The sentence over the chart: as given, as ruled, or as found by the chart itself. What could not be decided is
    /// never covered up by a given title.
    fn headline(&self, found: Result<String, String>) -> String {
        let open = |v: &&Verdict| matches!(v.ruling, Ruling::Undecided | Ruling::Unavailable);
        if let Some(verdict) = self.verdict.as_ref().filter(open) {
            return plain(&verdict.headline());
        }
        let ruled = || self.verdict.as_ref().map(Verdict::headline);
        let found = || found.unwrap_or_else(|reason| format!("Not measured here: {reason}"));
        plain(&self.title.clone().or_else(ruled).unwrap_or_else(found))
    }

    /// Machine and conditions.
    fn footer(&self, conditions: Vec<String>) -> String {
        let machine = self.machine.clone().unwrap_or_else(|| crate::machine::Context::read().short());
        let parts = std::iter::once(machine).chain(conditions).chain(self.conditions.iter().cloned());
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }

    fn ruling(&self) -> Option<Ruling> {
        self.verdict.as_ref().map(|verdict| verdict.ruling)
    }

    /// The claim with its ruling; what a chart shows, where nothing is claimed.
    fn caption(&self, subtitle: &str) -> String {
        match &self.verdict {
            Some(verdict) => format!("Claim: {}. Here: {}.", verdict.claim, verdict.ruling),
            None => format!("{subtitle}."),
        }
    }
}

/// The samples of a timing, or why there are none.
pub(super) fn measured(timing: &Timing) -> Result<&[f64], String> {
    match &timing.status {
        Status::Unavailable(reason) => Err(plain(&reason.to_string())),
        _ if timing.samples.is_empty() => Err(no_sample()),
        _ => Ok(&timing.samples),
    }
}

/// Why there is nothing, where nothing says so itself.
pub(super) fn no_sample() -> String {
    "no sample was taken".to_owned()
}

/// What a sample is that something else took: a turn, a delay.
pub(super) const DURATION: [&str; 2] = ["duration", "durations"];

/// What one sample of a timing is, and what several are.
pub(super) fn sample(timing: &Timing) -> [&'static str; 2] {
    match (timing.calls, &timing.ledger) {
        (1, None) => DURATION,
        (1, Some(_)) => ["call", "calls"],
        _ => ["batch", "batches"],
    }
}
