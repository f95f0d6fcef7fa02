//! What stands beside the measured values on the same axes: the reader's guess, a model, another machine.

mod marks;

pub(crate) use marks::{RAISED, arranged, on_axis, stack};

use super::figure::Table;
use crate::drawing::text::plain;
use crate::guess::Guess;
use crate::measure::Timing;
use crate::reading::Reading;
use crate::record::Record;
use crate::units::{Quantity, Unit, told};

/// What a value on an axis can belong to: a timing; a series, a part or a state by its name.
pub trait Thing {
    /// Its name in the chart.
    fn name(&self) -> &str;
}

impl Thing for Timing {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Thing for str {
    fn name(&self) -> &str {
        self
    }
}

impl Thing for String {
    fn name(&self) -> &str {
        self
    }
}

/// The axis of what was measured.
pub(crate) struct Axis {
    /// What it counts.
    pub(crate) unit: Unit,
    /// The names of what its values belong to.
    pub(crate) things: Vec<String>,
    /// The one of them that the finding is about.
    pub(crate) subject: Option<usize>,
}

/// Where a value comes from that was not measured in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The reader's guess: a diamond.
    Guess,
    /// A model or closed form: a bar across.
    Model,
    /// Another machine: a hollow square.
    Reference,
}

/// Whom a value belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// What the finding is about.
    Subject,
    /// The thing of this name.
    Thing(String),
}

impl Owner {
    pub(crate) fn of(name: &str) -> Self {
        Self::Thing(plain(name))
    }
}

/// One such value.
#[derive(Clone, Debug)]
pub(crate) struct Overlay {
    source: Source,
    owner: Owner,
    /// What it is called.
    name: String,
    value: f64,
    unit: Unit,
}

/// One such value at its place.
#[derive(Clone, Debug)]
pub(crate) struct Beside {
    pub(crate) source: Source,
    /// The thing it belongs to, by its number and by its name.
    pub(crate) thing: usize,
    pub(crate) of: String,
    /// What it is called.
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) unit: Unit,
}

/// All of them that were handed to a chart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overlays {
    all: Vec<Overlay>,
    machines: Vec<Result<String, String>>,
}

impl Overlays {
    pub(crate) fn guess(&mut self, owner: Owner, guess: &Guess) {
        if let Some(said) = guess.said() {
            self.push(Source::Guess, owner, &guess.name, said);
        }
    }

    pub(crate) fn model<Q: Quantity>(&mut self, owner: Owner, name: &str, value: Q) {
        self.push(Source::Model, owner, name, (value.size(), Q::UNIT));
    }

    pub(crate) fn reference(&mut self, record: &Reading<Record>) {
        match record {
            Err(reason) => self.machines.push(Err(plain(&reason.to_string()))),
            Ok(record) => {
                self.machines.push(Ok(plain(&record.machine.short())));
                for timing in &record.timings {
                    if let Ok(median) = timing.median() {
                        let owner = Owner::of(&timing.name);
                        self.push(Source::Reference, owner, &timing.name, (median.0, Unit::Time));
                    }
                }
            }
        }
    }

    fn push(&mut self, source: Source, owner: Owner, name: &str, (value, unit): (f64, Unit)) {
        if let Some(value) = told(value) {
            self.all.push(Overlay { source, owner, name: plain(name), value, unit });
        }
    }

    /// Finds the place of each in a chart. What another machine has kept besides is left out; anything else that belongs to
    /// nothing here is a fault of the chart.
    pub(crate) fn placed(&self, axis: Option<Axis>) -> Placement {
        let mut placement =
            Placement { beside: Vec::new(), lost: Vec::new(), machines: self.machines.clone() };
        let Some(axis) = axis.filter(|axis| !axis.things.is_empty()) else { return placement };
        for overlay in &self.all {
            match overlay.place(&axis) {
                Ok(thing) => placement.beside.push(Beside {
                    source: overlay.source,
                    thing,
                    of: axis.things[thing].clone(),
                    name: overlay.name.clone(),
                    value: overlay.value,
                    unit: overlay.unit,
                }),
                Err(_) if overlay.source == Source::Reference => {}
                Err(why) => placement.lost.push(format!("{} has no place here: {why}", overlay.title())),
            }
        }
        placement
    }
}

impl Overlay {
    /// The number of the thing it belongs to. What belongs to the subject of a chart without one belongs to the only thing in
    /// it, or to the one of its own name.
    fn place(&self, axis: &Axis) -> Result<usize, String> {
        if self.unit != axis.unit {
            return Err(format!("it is {}, the axis shows {}", self.unit.noun(), axis.unit.noun()));
        }
        let named = |name: &String| axis.things.iter().position(|thing| thing == name);
        match (&self.owner, axis.subject, axis.things.len()) {
            (Owner::Thing(name), ..) => named(name).ok_or_else(|| format!("nothing is called {name}")),
            (Owner::Subject, Some(subject), _) => Ok(subject),
            (Owner::Subject, None, 1) => Ok(0),
            (Owner::Subject, None, _) => named(&self.name)
                .ok_or_else(|| "the chart has no subject; name the thing it is of".to_owned()),
        }
    }

    fn title(&self) -> String {
        let value = self.unit.words(self.value);
        match self.source {
            Source::Guess => format!("Your guess “{}”, {value},", self.name),
            Source::Model => format!("The model “{}”, {value},", self.name),
            Source::Reference => format!("Another machine's “{}”, {value},", self.name),
        }
    }
}

/// What stands beside the values of one chart, and what could not be placed.
pub(crate) struct Placement {
    pub(crate) beside: Vec<Beside>,
    /// Why something has no place.
    pub(crate) lost: Vec<String>,
    machines: Vec<Result<String, String>>,
}

impl Placement {
    fn any(&self, source: Source) -> bool {
        self.beside.iter().any(|one| one.source == source)
    }

    /// How to read the marks, to be said after what is plotted.
    pub(crate) fn key(&self) -> String {
        let guess = if self.any(Source::Guess) { "; your guess (diamond)" } else { "" };
        let model = if self.any(Source::Model) { "; the model (bar across)" } else { "" };
        let reference = if self.any(Source::Reference) { "; another machine (hollow square)" } else { "" };
        format!("{guess}{model}{reference}")
    }

    /// Which machine the hollow squares come from, or why there are none; and what has no place.
    pub(crate) fn notes(&self) -> Vec<String> {
        let any = self.any(Source::Reference);
        let note = |machine: &Result<String, String>| match machine {
            Ok(name) if any => format!("□ {name}"),
            Ok(name) => format!("□ {name} has kept none of these"),
            Err(reason) => format!("□ no other machine to compare with: {reason}"),
        };
        self.machines.iter().map(note).chain(self.lost.iter().cloned()).collect()
    }

    /// The values as sentences.
    pub(crate) fn sentences(&self) -> impl Iterator<Item = String> {
        self.beside.iter().map(|one| {
            let value = one.unit.words(one.value);
            match one.source {
                Source::Guess => format!("your guess for {}: {value}", one.of),
                Source::Model if one.name == one.of => format!("the model for {}: {value}", one.of),
                Source::Model => format!("{} for {}: {value}", one.name, one.of),
                Source::Reference => format!("another machine for {}: {value}", one.of),
            }
        })
    }

    /// Adds a row for each to the data.
    pub(crate) fn fill(&self, table: &mut Table, column: usize) {
        for one in &self.beside {
            let whose = match one.source {
                Source::Guess => "your guess",
                Source::Model => "model",
                Source::Reference => "another machine",
            };
            let mut row = vec!["–".to_owned(); table.headers.len().max(column + 1)];
            row[0] = format!("{whose}: {}", one.of);
            row[column] = one.unit.words(one.value);
            table.headers.resize(row.len(), String::new());
            table.rows.push(row);
        }
    }
}
