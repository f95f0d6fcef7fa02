//! What is known of a place: labels and values in groups, and what is hidden there, with the reason.

use super::figure::Table;
use super::kind::{Chart, Kind, chart};
use super::overlay::Beside;
use crate::drawing::element::Place;
use crate::drawing::pen::Pen;
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::{plain, shorten, wrap};
use crate::drawing::theme::{self, Font};
use crate::machine::Machine;
use crate::reading::{Reading, Unavailable};
use crate::units::NO_NUMBER;
use plotters_backend::text_anchor::HPos;
use std::borrow::Borrow;
use std::fmt::Display;

const LEADING: f64 = 16.0;
/// Between two facts.
const ROW: f64 = 5.0;
/// Between two groups, and between the columns.
const APART: f64 = 34.0;

/// Starts the context card of a machine: everything that later results depend on.
///
/// ```
/// use helpers::{Machine, chart};
/// // What do the results of this notebook depend on?
/// let figure = chart::card(&Machine::here()).figure();
/// assert!(figure.text.contains("architecture"));
/// ```
pub fn card(machine: &Machine) -> Card {
    let mut card = facts().machine("").title(machine.short()).subtitle("What every result below depends on");
    for row in machine.rows() {
        card.kind.push(row.group, row.label, &row.value, row.known);
    }
    card
}

/// Starts a card of what guards the kernel and the programs of a machine from one another: features of the CPU that are
/// switched on, and what the kernel does about each known weakness of such CPUs.
///
/// ```
/// use helpers::{Machine, chart};
/// // Does the hardware keep data from being run as code?
/// let figure = chart::guards(&Machine::here()).title("Guards").figure();
/// assert!(!figure.table.rows.is_empty());
/// ```
pub fn guards(machine: &Machine) -> Card {
    let mut card = facts();
    match machine.each_guard() {
        Ok(guards) => {
            for (name, on) in guards {
                let state = match on {
                    Some(true) => "on",
                    Some(false) => "off",
                    None => "not told: the kernel lists no flag for it, and not what it does about Meltdown",
                };
                card.kind.push("guards", name, state, on.is_some());
            }
        }
        Err(reason) => card.kind.push("guards", "of the CPU", &reason.to_string(), false),
    }
    match &machine.mitigations {
        Ok(states) => {
            let is_spared = |state: &str| state.trim() == "Not affected";
            for (name, state) in states.iter().filter(|(_, state)| !is_spared(state)) {
                card.kind.push("known weaknesses", &name.replace('_', " "), state, true);
            }
            let spared = states.iter().filter(|(_, state)| is_spared(state));
            let spared: Vec<String> = spared.map(|(name, _)| name.replace('_', " ")).collect();
            if !spared.is_empty() {
                card.kind.push("known weaknesses", "not affected by", &spared.join(", "), true);
            }
        }
        Err(reason) => card.kind.push("known weaknesses", "of the CPU", &reason.to_string(), false),
    }
    card
}

/// Starts a card of single facts.
///
/// ```
/// use helpers::{Reading, chart};
/// // In which ring does this code run?
/// let ring: Reading<u16> = Ok(3);
/// let figure = chart::facts().fact("ring", "CS & 3", &ring).title("This code runs in ring 3").figure();
/// assert_eq!(figure.table.rows[0], ["ring", "CS & 3", "3"]);
/// ```
pub fn facts() -> Card {
    chart(Facts { groups: Vec::new() })
}

/// A card of what is known of a place; see [`card`] and [`facts`].
pub type Card = Chart<Facts>;

/// What is known of a place.
#[derive(Clone)]
pub struct Facts {
    groups: Vec<Group>,
}

#[derive(Clone)]
struct Group {
    name: String,
    facts: Vec<Fact>,
}

#[derive(Clone)]
struct Fact {
    label: String,
    value: String,
    known: bool,
}

impl Card {
    /// Adds what is known under a label, or why it is not.
    pub fn fact<T: Display>(self, group: &str, label: &str, value: &Reading<T>) -> Self {
        self.known(group, label, value.as_ref().map(|value| value as &dyn Display))
    }

    fn known(mut self, group: &str, label: &str, value: Result<&dyn Display, &Unavailable>) -> Self {
        // A value may be of any type; one that is no number says so in its words.
        let is_none = |words: &str| words.split(' ').any(|word| ["NaN", "inf", "-inf"].contains(&word));
        match value.map(ToString::to_string) {
            Ok(words) if is_none(&words) => self.kind.push(group, label, NO_NUMBER, false),
            Ok(words) => self.kind.push(group, label, &words, true),
            Err(reason) => self.kind.push(group, label, &reason.to_string(), false),
        }
        self
    }

    /// Adds several, each with its label.
    pub fn facts<L: AsRef<str>, T: Display, R: Borrow<Reading<T>>>(
        mut self,
        group: &str,
        facts: impl IntoIterator<Item = (L, R)>,
    ) -> Self {
        for (label, value) in facts {
            self = self.fact(group, label.as_ref(), value.borrow());
        }
        self
    }
}

impl Facts {
    fn push(&mut self, group: &str, label: &str, value: &str, known: bool) {
        let fact = Fact { label: plain(label), value: plain(value), known };
        match self.groups.iter_mut().find(|other| other.name == plain(group)) {
            Some(group) => group.facts.push(fact),
            None => self.groups.push(Group { name: plain(group), facts: vec![fact] }),
        }
    }

    fn all(&self) -> impl Iterator<Item = (&Group, &Fact)> {
        self.groups.iter().flat_map(|group| group.facts.iter().map(move |fact| (group, fact)))
    }

    /// How many facts there are, and how many of them are known.
    fn count(&self) -> (usize, usize) {
        (self.all().count(), self.all().filter(|(_, fact)| fact.known).count())
    }
}

impl Fact {
    fn words(&self) -> String {
        match &self.value {
            value if self.known || value.starts_with("unknown") => value.clone(),
            reason => format!("unknown: {reason}"),
        }
    }
}

impl Kind for Facts {
    fn as_kind(&self) -> &dyn Kind {
        self
    }

    fn what(&self) -> String {
        "What is known of this place".to_owned()
    }

    fn how(&self) -> String {
        let (all, known) = self.count();
        if known < all {
            "; in grey what is hidden or refused here, and why".to_owned()
        } else {
            String::new()
        }
    }

    fn found(&self) -> Result<String, String> {
        match self.count() {
            (0, _) => Err("no fact was given".to_owned()),
            (all, known) => Ok(format!("{known} of {all} facts could be read here")),
        }
    }

    fn values(&self) -> Vec<String> {
        self.all().map(|(_, fact)| format!("{}: {}", fact.label, fact.words())).collect()
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["about", "what", "value"]);
        let rows = self.all().map(|(group, fact)| vec![group.name.clone(), fact.label.clone(), fact.words()]);
        table.rows.extend(rows);
        table
    }

    fn conditions(&self) -> Vec<String> {
        let (all, known) = self.count();
        vec![format!("{known} of {all} facts could be read")]
    }

    /// Groups one below the other, in two columns of about the same height where the screen is wide enough.
    fn draw(&self, sheet: &Sheet, _: &[Beside]) -> f64 {
        let columns = if sheet.is_narrow() || self.groups.len() < 2 { 1.0 } else { 2.0 };
        let wide = (sheet.inner() - APART * (columns - 1.0)) / columns;
        let heights: Vec<f64> = self.groups.iter().map(|group| group.draw(None, (0.0, 0.0), wide)).collect();
        let whole: f64 = heights.iter().sum();
        // The break that leaves the taller column least tall.
        let taller = |cut: usize| {
            let left: f64 = heights[..cut].iter().sum();
            left.max(whole - left)
        };
        let cuts = 1..=self.groups.len();
        let cut = if columns > 1.0 { cuts.min_by(|a, b| taller(*a).total_cmp(&taller(*b))) } else { None };
        let (mut x, mut y) = (sheet.margin, sheet.top);
        let mut bottom = y;
        for (number, group) in self.groups.iter().enumerate() {
            if Some(number) == cut {
                x += wide + APART;
                y = sheet.top;
            }
            y += group.draw(Some(sheet), (x, y), wide);
            bottom = bottom.max(y);
        }
        bottom - 14.0
    }
}

impl Group {
    /// Draws the group, or only measures it; returns its height.
    fn draw(&self, sheet: Option<&Sheet>, (x, top): Place, wide: f64) -> f64 {
        const HEAD: Font = theme::TICK.strong();
        let column = (wide * 0.4).min(146.0);
        let write = |text: &str, font: Font, at: Place| {
            if let Some(sheet) = sheet {
                sheet.text(text, font, at, HPos::Left);
            }
        };
        let mut y = top + 12.0;
        write(&shorten(&self.name, HEAD, wide), HEAD, (x, y));
        y += 7.0;
        if let Some(sheet) = sheet {
            sheet.line(&[(x, y), (x + wide, y)], Pen::line(theme::GRID, 1.0));
        }
        y += 2.0;
        for fact in &self.facts {
            let font = theme::VALUE.colored(if fact.known { theme::INK } else { theme::FAINT });
            let labels = wrap(&fact.label, theme::VALUE, column - 12.0, 3);
            let values = wrap(&fact.value, font, wide - column, 9);
            for (number, line) in labels.iter().enumerate() {
                write(line, theme::VALUE, (x, y + LEADING * (number + 1) as f64));
            }
            for (number, line) in values.iter().enumerate() {
                write(line, font, (x + column, y + LEADING * (number + 1) as f64));
            }
            y += LEADING * labels.len().max(values.len()) as f64 + ROW;
        }
        y + 18.0 - top
    }
}
