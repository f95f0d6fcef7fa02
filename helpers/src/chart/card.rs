//! What is known of a place: labels and values in groups, and what is hidden there, with the reason.

use super::figure::{Figure, Parts, Table, Words, wordy};
use crate::drawing::pen::Pen;
use crate::drawing::sheet::{Point, Sheet};
use crate::drawing::text::{plain, shorten, wrap};
use crate::drawing::theme::{self, Font};
use crate::machine::Machine;
use crate::reading::Reading;
use plotters_backend::text_anchor::HPos;
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
    let mut card = facts().machine("").title(machine.short());
    card.words.subtitle = Some(
        "What every result below depends on; in grey what is hidden or refused here, and why".to_owned(),
    );
    for row in machine.rows() {
        card.push(row.group, row.label, &row.value, row.known);
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
    match &machine.guards {
        Ok(guards) => {
            for (name, on) in guards {
                card.push("guards", name, if *on { "on" } else { "off" }, true);
            }
        }
        Err(reason) => card.push("guards", "of the CPU", &reason.to_string(), false),
    }
    match &machine.mitigations {
        Ok(states) => {
            let is_spared = |state: &str| state.trim() == "Not affected";
            for (name, state) in states.iter().filter(|(_, state)| !is_spared(state)) {
                card.push("known weaknesses", &name.replace('_', " "), state, true);
            }
            let spared = states.iter().filter(|(_, state)| is_spared(state));
            let spared: Vec<String> = spared.map(|(name, _)| name.replace('_', " ")).collect();
            if !spared.is_empty() {
                card.push("known weaknesses", "not affected by", &spared.join(", "), true);
            }
        }
        Err(reason) => card.push("known weaknesses", "of the CPU", &reason.to_string(), false),
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
    Card { words: Words::default(), groups: Vec::new() }
}

/// What is known of a place; see [`card`] and [`facts`].
#[derive(Clone, Debug)]
pub struct Card {
    words: Words,
    groups: Vec<Group>,
}

wordy!(Card);

#[derive(Clone, Debug)]
struct Group {
    name: String,
    facts: Vec<Fact>,
}

#[derive(Clone, Debug)]
struct Fact {
    label: String,
    value: String,
    known: bool,
}

impl Card {
    /// Adds what is known under a label, or why it is not.
    pub fn fact<T: Display>(mut self, group: &str, label: &str, value: &Reading<T>) -> Self {
        match value {
            Ok(value) => self.push(group, label, &value.to_string(), true),
            Err(reason) => self.push(group, label, &reason.to_string(), false),
        }
        self
    }

    fn push(&mut self, group: &str, label: &str, value: &str, known: bool) {
        let fact = Fact { label: plain(label), value: plain(value), known };
        match self.groups.iter_mut().find(|other| other.name == plain(group)) {
            Some(group) => group.facts.push(fact),
            None => self.groups.push(Group { name: plain(group), facts: vec![fact] }),
        }
    }

    fn drawn(&self, wide: f64) -> Figure {
        let mut table = Table::new(&["about", "what", "value"]);
        let facts = self.groups.iter().flat_map(|group| group.facts.iter().map(move |fact| (group, fact)));
        let (all, known) = (facts.clone().count(), facts.clone().filter(|(_, fact)| fact.known).count());
        for (group, fact) in facts.clone() {
            let value = match &fact.value {
                value if fact.known || value.starts_with("unknown") => value.clone(),
                reason => format!("unknown: {reason}"),
            };
            table.rows.push(vec![group.name.clone(), fact.label.clone(), value]);
        }
        let told: Vec<String> = table.rows.iter().map(|row| format!("{}: {}", row[1], row[2])).collect();
        let parts = Parts {
            words: &self.words,
            title: self.words.headline(|| match (all, known) {
                (0, _) => "Not measured here: no fact was given".to_owned(),
                _ => format!("{known} of {all} facts could be read here"),
            }),
            subtitle: self
                .words
                .subtitle
                .clone()
                .unwrap_or_else(|| "In grey: what is hidden here, and why".to_owned()),
            values: format!("{}.", told.join("; ")),
            notes: Vec::new(),
            conditions: vec![format!("{known} of {all} facts could be read")],
            table,
        };
        let sheet = parts.sheet(wide);
        let bottom = self.draw(&sheet);
        parts.finish(sheet, bottom)
    }

    /// Groups one below the other, in two columns of about the same height where the screen is wide enough.
    fn draw(&self, sheet: &Sheet) -> f64 {
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
    fn draw(&self, sheet: Option<&Sheet>, (x, top): Point, wide: f64) -> f64 {
        const HEAD: Font = theme::TICK.strong();
        let column = (wide * 0.4).min(146.0);
        let write = |text: &str, font: Font, at: Point| {
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
