//! What a whole is made of: one bar for each whole, one part for each share.

mod layout;

use super::figure::{Figure, Parts, Table, Words, wordy};
use super::overlay::{Overlays, overlaid};
use crate::drawing::text::{capital, plain};
use crate::reading::{Reading, Unavailable};
use crate::statistics::order;
use crate::units::{Quantity, Share, Unit};

/// Starts a chart of wholes and their parts: `shares("CPU time")`. Parts of the same name have the same colour and stand in
/// the same order in every bar; a guess or a model of a part is a [`Share`] and marks where that part should end.
///
/// ```
/// use helpers::{Share, chart, millis, predict};
/// // How is one CPU shared out between a nice thread and one that is not?
/// let figure = chart::shares("CPU time")
///     .whole("both spin", [("nice 0", millis(180.0)), ("nice 10", millis(20.0))])
///     .guess(&predict("nice 0").at(Share(0.5)))
///     .figure();
/// assert_eq!(figure.title, "both spin: nice 0 takes 90.0 %, nice 10 10.0 %");
/// ```
pub fn shares(what: &str) -> Shares {
    Shares {
        words: Words::default(),
        overlays: Overlays::default(),
        what: plain(what),
        parts: Vec::new(),
        wholes: Vec::new(),
    }
}

/// What wholes are made of; see [`shares`].
#[derive(Clone, Debug)]
pub struct Shares {
    words: Words,
    overlays: Overlays,
    what: String,
    parts: Vec<String>,
    wholes: Vec<Whole>,
}

wordy!(Shares);
overlaid!(Shares);

#[derive(Clone, Debug)]
struct Whole {
    name: String,
    /// Sizes in the order of the parts' names.
    sizes: Vec<f64>,
    unit: Unit,
    missing: Option<String>,
}

impl Whole {
    fn total(&self) -> f64 {
        self.sizes.iter().sum()
    }

    /// Where a part begins and ends, as shares of the whole.
    fn span(&self, part: usize) -> (f64, f64) {
        let before: f64 = self.sizes.iter().take(part).sum();
        let own = self.sizes.get(part).copied().unwrap_or(0.0);
        let total = self.total();
        if total > 0.0 { (before / total, (before + own) / total) } else { (0.0, 0.0) }
    }
}

impl Shares {
    /// Adds a whole with the sizes of its parts.
    pub fn whole<'a, Q: Quantity>(
        mut self,
        name: &str,
        parts: impl IntoIterator<Item = (&'a str, Q)>,
    ) -> Self {
        let mut sizes = vec![0.0; self.parts.len()];
        for (part, size) in parts {
            let part = plain(part);
            let place = self.parts.iter().position(|other| *other == part).unwrap_or_else(|| {
                self.parts.push(part);
                self.parts.len() - 1
            });
            sizes.resize(self.parts.len(), 0.0);
            sizes[place] += if size.size().is_finite() { size.size().max(0.0) } else { 0.0 };
        }
        self.wholes.push(Whole { name: plain(name), sizes, unit: Q::UNIT, missing: None });
        self
    }

    /// Adds a whole whose parts may not have been measured; then its name stays, with the reason.
    pub fn reading<'a, Q: Quantity>(
        self,
        name: &str,
        parts: impl IntoIterator<Item = (&'a str, Reading<Q>)>,
    ) -> Self {
        let parts = parts.into_iter().map(|(part, size)| size.map(|size| (part, size)));
        match parts.collect::<Reading<Vec<_>>>() {
            Ok(parts) => self.whole(name, parts),
            Err(reason) => self.unavailable(name, &reason),
        }
    }

    /// Keeps a whole that could not be measured, with the reason.
    pub fn unavailable(mut self, name: &str, reason: &Unavailable) -> Self {
        let missing = Some(plain(&reason.to_string()));
        self.wholes.push(Whole { name: plain(name), sizes: Vec::new(), unit: Unit::Count, missing });
        self
    }

    fn drawn(&self, wide: f64) -> Figure {
        let what = capital(self.words.subtitle.as_ref().unwrap_or(&self.what));
        let any = self.wholes.iter().any(|whole| whole.missing.is_none());
        let parts = Parts {
            words: &self.words,
            title: self.words.headline(|| self.found()),
            subtitle: if any {
                format!("{what}: each bar is a whole, each part its share{}", self.overlays.legend())
            } else {
                what
            },
            values: self.told(),
            notes: self.overlays.notes(),
            conditions: Vec::new(),
            table: self.table(),
        };
        let sheet = parts.sheet(wide);
        let bottom = if self.wholes.is_empty() { sheet.top - 20.0 } else { self.draw(&sheet) };
        parts.finish(sheet, bottom)
    }

    /// What the first whole that was measured is made of.
    fn found(&self) -> String {
        match self.wholes.iter().find(|whole| whole.total() > 0.0) {
            None => {
                let reason = self.wholes.iter().find_map(|whole| whole.missing.as_deref());
                format!("Not measured here: {}", reason.unwrap_or("there is no part"))
            }
            Some(whole) => {
                let own = self.of(whole);
                let order = order(own.len(), &|number| -own[number].1.0);
                let (name, share) = own[order[0]];
                let first = format!("{}: {name} takes {share}", whole.name);
                match order.get(1).map(|number| own[*number]) {
                    Some((name, share)) => format!("{first}, {name} {share}"),
                    None => first,
                }
            }
        }
    }

    /// The parts that a whole has, with their shares.
    fn of<'a>(&'a self, whole: &Whole) -> Vec<(&'a str, Share)> {
        let shares = self.parts.iter().enumerate().map(|(number, name)| {
            let (from, to) = whole.span(number);
            (name.as_str(), Share(to - from))
        });
        shares.filter(|(_, share)| share.0 > 0.0).collect()
    }

    fn told(&self) -> String {
        let mut told: Vec<String> = self
            .wholes
            .iter()
            .map(|whole| {
                if let Some(reason) = &whole.missing {
                    return format!("{}: unavailable, {reason}", whole.name);
                }
                let parts = self.of(whole).into_iter().map(|(name, share)| format!("{name} {share}"));
                format!("{}: {}", whole.name, parts.collect::<Vec<_>>().join(", "))
            })
            .collect();
        told.extend(self.overlays.told());
        format!("{}.", told.join("; "))
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["whole", "part", "size", "share"]);
        for whole in &self.wholes {
            if let Some(reason) = &whole.missing {
                let dash = || "–".to_owned();
                table.rows.push(vec![whole.name.clone(), format!("unavailable: {reason}"), dash(), dash()]);
            }
            for (number, part) in self.parts.iter().enumerate().filter(|(n, _)| *n < whole.sizes.len()) {
                let (from, to) = whole.span(number);
                let size = whole.unit.words(whole.sizes[number]);
                table.rows.push(vec![whole.name.clone(), part.clone(), size, Share(to - from).to_string()]);
            }
        }
        for [name, value] in self.overlays.rows() {
            table.rows.push(vec![name, String::new(), String::new(), value]);
        }
        table
    }
}
