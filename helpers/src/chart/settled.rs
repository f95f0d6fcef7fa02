//! Pairs of statements in rows, whom they are true for in columns: the reader's vote, this machine, other machines.

use super::figure::Table;
use super::kind::{Chart, Kind, chart};
use super::overlay::Beside;
use crate::contradiction::{Contradiction, Settlement};
use crate::drawing::element::Place;
use crate::drawing::pen::Pen;
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::{plain, shorten, wrap};
use crate::drawing::theme;
use crate::guess::Choice;
use crate::reading::Reading;
use crate::record::Record;
use crate::verdict::Ruling;
use plotters::style::RGBColor;
use plotters_backend::text_anchor::HPos;

const LEADING: f64 = 17.0;
const COLUMN: f64 = 50.0;
/// More machines than this leave no room for words.
const MACHINES: usize = 4;

/// Starts a table of settled contradictions: a row for each statement, marked where it is true.
///
/// ```
/// use helpers::{chart, contradiction, nanos};
/// // Which of the two is it?
/// let pair = contradiction("a call is cheap", "a call is dear")
///     .first("It takes {value}").reading(&Ok(nanos(80.0))).at_most(nanos(100.0))
///     .second("It takes {value}").reading(&Ok(nanos(80.0))).at_least(nanos(1_000.0));
/// let figure = chart::settled(&[pair]).figure();
/// assert_eq!(figure.title, "Of one pair, the first is true here");
/// ```
pub fn settled(pairs: &[Contradiction]) -> Settled {
    chart(Pairs { rows: pairs.iter().map(Row::of).collect(), others: Vec::new(), missing: Vec::new() })
}

/// A table of settled contradictions; see [`settled`].
pub type Settled = Chart<Pairs>;

/// Pairs of statements, and whom they are true for.
#[derive(Clone)]
pub struct Pairs {
    rows: Vec<Row>,
    /// Other machines.
    others: Vec<String>,
    /// Machines that have no column, and why.
    missing: Vec<String>,
}

#[derive(Clone)]
struct Row {
    pair: Contradiction,
    group: String,
    statements: [String; 2],
    vote: Option<Choice>,
    others: Vec<[Ruling; 2]>,
}

impl Row {
    fn of(pair: &Contradiction) -> Self {
        Self {
            group: pair.question().map_or(String::new(), |question| plain(question.section())),
            statements: pair.statements().map(plain),
            vote: pair.vote(),
            others: Vec::new(),
            pair: *pair,
        }
    }

    fn surprises(&self) -> bool {
        self.vote.is_some_and(|vote| self.pair.settled().surprises(vote))
    }
}

/// A vote in the marks of rulings.
fn marks(vote: Choice) -> [Ruling; 2] {
    match vote {
        Choice::First => [Ruling::Shown, Ruling::NotShown],
        Choice::Second => [Ruling::NotShown, Ruling::Shown],
        Choice::Both => [Ruling::Shown; 2],
        Choice::Neither => [Ruling::NotShown; 2],
    }
}

impl Settled {
    /// A column for another machine, by what it has kept of the same pairs; where its record can't be read, the reason.
    pub fn reference(mut self, record: &Reading<Record>) -> Self {
        match record {
            Err(reason) => self.kind.missing.push(format!("no other machine: {reason}")),
            Ok(record) if self.kind.others.len() < MACHINES && self.kind.keeps_any(record) => {
                self.kind.others.push(plain(&record.title()));
                for row in &mut self.kind.rows {
                    row.others.push(row.pair.rulings_of(record));
                }
            }
            Ok(record) => self.kind.missing.push(format!("without a column: {}", plain(&record.title()))),
        }
        self
    }

    /// Columns for several machines.
    pub fn references(self, records: &[Reading<Record>]) -> Self {
        records.iter().fold(self, Self::reference)
    }
}

impl Pairs {
    /// Whether a record has a ruling on any of these.
    fn keeps_any(&self, record: &Record) -> bool {
        let is_ruled = |row: &Row| row.pair.rulings_of(record) != [Ruling::Unavailable; 2];
        self.rows.iter().any(is_ruled)
    }

    /// The heads of the columns.
    fn heads(&self) -> Vec<String> {
        let letters = ('A'..).take(self.others.len()).map(String::from);
        ["you", "here"].map(str::to_owned).into_iter().chain(letters).collect()
    }

    fn settled(&self, as_this: Settlement) -> usize {
        self.rows.iter().filter(|row| row.pair.settled() == as_this).count()
    }

    fn votes(&self) -> [usize; 2] {
        let voted = self.rows.iter().filter(|row| row.vote.is_some() && row.pair.settled().is_settled());
        [voted.count(), self.rows.iter().filter(|row| row.surprises()).count()]
    }
}

impl Kind for Pairs {
    fn as_kind(&self) -> &dyn Kind {
        self
    }

    fn what(&self) -> String {
        "Two statements to a row, and where each is true".to_owned()
    }

    fn how(&self) -> String {
        let boxed = if self.votes()[1] > 0 { "; framed: not as you voted" } else { "" };
        format!(": filled circle, true; hollow, not true; half, undecided; dash, not measured{boxed}")
    }

    fn found(&self) -> Result<String, String> {
        const WORDS: [(Settlement, &str, &str); 6] = [
            (Settlement::Both, "both are true", "both are true"),
            (Settlement::First, "the first is true", "the first is"),
            (Settlement::Second, "the second is true", "the second is"),
            (Settlement::Neither, "neither is true", "neither is"),
            (Settlement::Undecided, "it's undecided", "undecided"),
            (Settlement::Unavailable, "it can't be measured", "not measured"),
        ];
        match self.rows.as_slice() {
            [] => Err("there is no pair of statements".to_owned()),
            [only] => {
                let words = WORDS.iter().find(|word| word.0 == only.pair.settled()).map_or("", |word| word.1);
                Ok(format!("Of one pair, {words} here"))
            }
            rows => {
                let told = WORDS.iter().map(|(kind, _, words)| (self.settled(*kind), words));
                let told: Vec<String> =
                    told.filter(|(n, _)| *n > 0).map(|(n, words)| format!("{words} in {n}")).collect();
                let [voted, surprises] = self.votes();
                let remark = match voted {
                    0 => String::new(),
                    voted => format!("; of your {voted} votes {surprises} came out otherwise"),
                };
                Ok(format!("Of {} pairs here, {}{remark}", rows.len(), told.join(", ")))
            }
        }
    }

    fn values(&self) -> Vec<String> {
        let words = |row: &Row| {
            let [first, second] = &row.statements;
            format!("{first}, or {second}: {}", row.pair.settled())
        };
        self.rows.iter().map(words).collect()
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["first", "second", "your vote", "here", "it depends on"]);
        table.headers.extend(self.others.iter().cloned());
        for row in &self.rows {
            let [first, second] = row.statements.clone();
            let vote = row.vote.map_or("–".to_owned(), |vote| {
                let [one, other] = marks(vote);
                Settlement::of(one, other).to_string()
            });
            let mut cells = vec![first, second, vote, row.pair.settled().to_string()];
            cells.push(plain(row.pair.context()));
            cells.extend(row.others.iter().map(|[one, other]| Settlement::of(*one, *other).to_string()));
            table.rows.push(cells);
        }
        table
    }

    fn notes(&self) -> Vec<String> {
        let columns = ('A'..).zip(&self.others).map(|(letter, name)| format!("{letter}: {name}"));
        columns.chain(self.missing.iter().take(3).cloned()).collect()
    }

    fn conditions(&self) -> Vec<String> {
        match self.rows.len() {
            0 => Vec::new(),
            1 => vec!["1 pair".to_owned()],
            count => vec![format!("{count} pairs")],
        }
    }

    fn draw(&self, sheet: &Sheet, _: &[Beside]) -> f64 {
        let heads = self.heads();
        let column = if sheet.is_narrow() && heads.len() > 3 { 34.0 } else { COLUMN };
        let start = sheet.right() - column * heads.len() as f64;
        let centre = |number: usize| start + column * (number as f64 + 0.5);
        let mut y = sheet.top + 4.0;
        for (number, head) in heads.iter().enumerate() {
            sheet.text(head, theme::TICK, (centre(number), y), HPos::Center);
        }
        y += 8.0;
        let mut group = "";
        for row in &self.rows {
            if row.group != group {
                group = &row.group;
                let font = theme::TICK.strong();
                y += 22.0;
                sheet.text(&shorten(group, font, sheet.inner()), font, (sheet.margin, y), HPos::Left);
                y += 7.0;
            }
            sheet.line(&[(sheet.margin, y), (sheet.right(), y)], Pen::line(theme::GRID, 1.0));
            let [first, second] = &row.statements;
            let words = format!("{first} · {second} · {}", row.pair.settled());
            y = sheet.group(&words, || row.draw(sheet, y, start, &centre));
        }
        y
    }
}

impl Row {
    /// Draws both statements with their marks; returns where they end.
    fn draw(&self, sheet: &Sheet, top: f64, start: f64, centre: &dyn Fn(usize) -> f64) -> f64 {
        let mut y = top + 3.0;
        let mut lines = [0.0; 2];
        let room = start - sheet.margin - 10.0;
        for (statement, line) in self.statements.iter().zip(&mut lines) {
            y += LEADING;
            *line = y;
            for (number, words) in wrap(statement, theme::LABEL, room, 4).iter().enumerate() {
                y = *line + LEADING * number as f64;
                sheet.text(words, theme::LABEL, (sheet.margin, y), HPos::Left);
            }
        }
        let here = self.pair.rulings();
        let columns =
            [self.vote.map(marks), Some(here)].into_iter().chain(self.others.iter().copied().map(Some));
        for (number, rulings) in columns.enumerate() {
            for (ruling, line) in rulings.into_iter().flatten().zip(lines) {
                let color = if number == 1 { theme::INK } else { theme::MARK };
                mark(sheet, (centre(number), line - 4.5), ruling, color);
            }
        }
        if self.surprises() {
            let (x, pen) = (centre(1), Pen::line(theme::ACCENT.mark, 1.8).round(4.0));
            sheet.rect((x - 12.0, lines[0] - 15.0), (x + 12.0, lines[1] + 6.0), pen);
        }
        y + 9.0
    }
}

/// ● ○ ◐ –, in shapes: letters of these would differ from font to font.
fn mark(sheet: &Sheet, (x, y): Place, ruling: Ruling, color: RGBColor) {
    const RADIUS: f64 = 5.0;
    match ruling {
        Ruling::Shown => sheet.circle((x, y), RADIUS + 0.5, Pen::fill(color).solid()),
        Ruling::NotShown => sheet.circle((x, y), RADIUS - 0.2, Pen::line(color, 1.6).solid()),
        Ruling::Undecided => {
            let at = |step: u32| {
                let turn = std::f64::consts::PI * (0.5 + f64::from(step) / 12.0);
                (x + RADIUS * turn.cos(), y + RADIUS * turn.sin())
            };
            sheet.polygon(&(0..=12).map(at).collect::<Vec<Place>>(), Pen::fill(color));
            sheet.circle((x, y), RADIUS - 0.2, Pen::line(color, 1.6).solid());
        }
        Ruling::Unavailable => sheet.line(&[(x - 4.0, y), (x + 4.0, y)], Pen::line(color, 1.6).solid()),
    }
}
