//! What a whole is made of: one bar for each whole, one part for each share.

mod layout;

use super::figure::Table;
use super::kind::{Axis, Chart, Comparable, Kind, chart};
use super::overlay::Beside;
use crate::drawing::sheet::Sheet;
use crate::drawing::text::plain;
use crate::reading::{Reading, Unavailable};
use crate::statistics::order;
use crate::units::{NO_NUMBER, Quantity, Share, Unit, told};

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
/// assert_eq!(figure.title, "both spin: nice 0 90.0 %, nice 10 10.0 %");
/// ```
pub fn shares(what: &str) -> Shares {
    chart(Breakdown { what: plain(what), parts: Vec::new(), wholes: Vec::new(), subject: None })
}

/// A chart of what wholes are made of; see [`shares`].
pub type Shares = Chart<Breakdown>;

/// What wholes are made of.
#[derive(Clone)]
pub struct Breakdown {
    what: String,
    parts: Vec<String>,
    wholes: Vec<Whole>,
    subject: Option<String>,
}

#[derive(Clone)]
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
    pub fn whole<'a, Q: Quantity>(self, name: &str, parts: impl IntoIterator<Item = (&'a str, Q)>) -> Self {
        self.sized(name, Q::UNIT, parts.into_iter().map(|(part, size)| (part, size.size())).collect())
    }

    /// What a whole comes to, compiled once: all that is generic is compiled in each cell that calls it.
    fn sized(mut self, name: &str, unit: Unit, parts: Vec<(&str, f64)>) -> Self {
        let odd = parts.iter().find_map(|&(part, size)| match told(size) {
            None => Some(format!("{part} is {NO_NUMBER}")),
            Some(size) => (size < 0.0).then(|| format!("{part} is less than nothing")),
        });
        if let Some(reason) = odd {
            return self.unavailable(name, &Unavailable::because(reason));
        }
        let kind = &mut self.kind;
        let mut sizes = vec![0.0; kind.parts.len()];
        for (part, size) in parts {
            let part = plain(part);
            let place = kind.parts.iter().position(|other| *other == part).unwrap_or_else(|| {
                kind.parts.push(part);
                kind.parts.len() - 1
            });
            sizes.resize(kind.parts.len(), 0.0);
            sizes[place] += told(size).unwrap_or(0.0);
        }
        kind.wholes.push(Whole { name: plain(name), sizes, unit, missing: None });
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
        self.kind.wholes.push(Whole { name: plain(name), sizes: Vec::new(), unit: Unit::Count, missing });
        self
    }

    /// The part that the finding is about: what was expected stands at its end.
    pub fn subject(mut self, part: &str) -> Self {
        self.kind.subject = Some(plain(part));
        self
    }
}

impl Comparable for Breakdown {}

impl Kind for Breakdown {
    fn as_kind(&self) -> &dyn Kind {
        self
    }

    fn what(&self) -> String {
        self.what.clone()
    }

    fn how(&self) -> String {
        ": each bar is a whole, each part its share".to_owned()
    }

    /// What the first whole that was measured is made of.
    fn found(&self) -> Result<String, String> {
        let Some(whole) = self.wholes.iter().find(|whole| whole.total() > 0.0) else {
            let reason = self.wholes.iter().find_map(|whole| whole.missing.as_deref());
            return Err(reason.unwrap_or("there is no part").to_owned());
        };
        let parts: Vec<usize> = (0..whole.sizes.len()).filter(|part| whole.sizes[*part] > 0.0).collect();
        let order = order(parts.len(), &|number| -whole.sizes[parts[number]]);
        let size = |number: &usize| {
            let part = parts[*number];
            format!("{} {}", self.parts[part], whole.words(part))
        };
        let largest: Vec<String> = order.iter().take(2).map(size).collect();
        Ok(format!("{}: {}", whole.name, largest.join(", ")))
    }

    fn values(&self) -> Vec<String> {
        let value = |whole: &Whole| {
            if let Some(reason) = &whole.missing {
                return format!("{}: unavailable, {reason}", whole.name);
            }
            let parts = self.of(whole).into_iter().map(|(name, share)| format!("{name} {share}"));
            format!("{}: {}", whole.name, parts.collect::<Vec<_>>().join(", "))
        };
        self.wholes.iter().map(value).collect()
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
        table
    }

    /// The share.
    fn column(&self) -> usize {
        3
    }

    fn is_empty(&self) -> bool {
        self.wholes.is_empty()
    }

    fn astray(&self) -> Option<&str> {
        self.subject.as_deref().filter(|name| self.parts.iter().all(|part| part != name))
    }

    fn axis(&self) -> Option<Axis> {
        let subject = self.subject.as_ref().and_then(|name| self.parts.iter().position(|part| part == name));
        Some(Axis { unit: Unit::Share, things: self.parts.clone(), subject })
    }

    fn draw(&self, sheet: &Sheet, beside: &[Beside]) -> f64 {
        layout::draw(self, beside, sheet)
    }
}

impl Breakdown {
    /// The parts that a whole has, with their shares.
    fn of<'a>(&'a self, whole: &Whole) -> Vec<(&'a str, Share)> {
        let shares = self.parts.iter().enumerate().map(|(number, name)| {
            let (from, to) = whole.span(number);
            (name.as_str(), Share(to - from))
        });
        shares.filter(|(_, share)| share.0 > 0.0).collect()
    }
}
