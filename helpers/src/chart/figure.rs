//! A finished chart: the picture, the same in words, and the data.

use crate::drawing::sheet::{Drawing, Foot, Sheet};
use crate::drawing::text::{escape, plain};
use crate::drawing::theme;
use crate::measure::{Status, Timing};
use crate::verdict::{Ruling, Verdict};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;

/// A chart with everything that is known of it. Shown by a notebook as a picture with alt text, caption and data table;
/// where only text can be shown, as that.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The finding.
    pub title: String,
    /// What is plotted, and how to read it.
    pub subtitle: String,
    /// The finding and the values behind it, for those who cannot see the picture.
    pub alt: String,
    /// The picture.
    pub svg: String,
    /// The same laid out for a telephone; none where a width was asked for.
    pub phone: Option<String>,
    /// The data behind the picture.
    pub table: Table,
    /// Claim and ruling; what is shown, where nothing was claimed.
    pub caption: String,
    /// The whole chart as text.
    pub text: String,
    faults: Vec<String>,
}

/// Rows under headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// One for each column.
    pub headers: Vec<String>,
    /// Cells in the order of the headers.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with these columns.
    pub(crate) fn new(headers: &[&str]) -> Self {
        Self { headers: headers.iter().map(|h| (*h).to_owned()).collect(), rows: Vec::new() }
    }

    fn html(&self) -> String {
        let mut html = String::from("<table><thead><tr>");
        for header in &self.headers {
            let _ = write!(html, "<th scope=\"col\">{}</th>", escape(header));
        }
        html.push_str("</tr></thead><tbody>");
        for row in &self.rows {
            html.push_str("<tr>");
            for cell in row {
                let _ = write!(html, "<td>{}</td>", escape(cell));
            }
            html.push_str("</tr>");
        }
        html.push_str("</tbody></table>");
        html
    }

    fn text(&self) -> String {
        let cells: Vec<Vec<String>> = std::iter::once(&self.headers)
            .chain(&self.rows)
            .map(|row| row.iter().map(|cell| plain(cell)).collect())
            .collect();
        let columns = self.headers.len();
        let wide: Vec<usize> = (0..columns)
            .map(|i| {
                cells.iter().filter_map(|row| row.get(i)).map(|cell| cell.chars().count()).max().unwrap_or(0)
            })
            .collect();
        let line = |row: &Vec<String>| {
            let padded: Vec<String> =
                row.iter().zip(&wide).map(|(cell, wide)| format!("{cell:<wide$}")).collect();
            padded.join("  ").trim_end().to_owned()
        };
        cells.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

impl Figure {
    /// Shows the figure in a notebook.
    pub fn evcxr_display(&self) {
        evcxr_runtime::mime_type("text/html").text(self.html());
        evcxr_runtime::mime_type("text/plain").text(&self.text);
    }

    /// The figure as HTML that needs nothing else: no script, no style sheet, no request.
    pub fn html(&self) -> String {
        let image = format!(
            "<img alt=\"{}\" style=\"width:100%;max-width:{}px;height:auto\" src=\"{}\">",
            escape(&self.alt),
            theme::WIDTH,
            source(&self.svg)
        );
        // Where a page is cleaned of what it might run, as JupyterLab does until a notebook is trusted, the image stays.
        let image = match &self.phone {
            Some(phone) => format!(
                "<picture><source media=\"(max-width: 40em)\" srcset=\"{}\">{image}</picture>",
                source(phone)
            ),
            None => image,
        };
        self.around(&image)
    }

    /// The figure as HTML with its picture among the elements of the page, so that a browser tells of each mark when the
    /// pointer rests on it. A notebook that is not trusted shows no such picture.
    pub fn inline(&self) -> String {
        self.around(&self.svg.replacen("<svg ", "<svg style=\"max-width:100%;height:auto\" ", 1))
    }

    fn around(&self, picture: &str) -> String {
        format!(
            "<figure style=\"margin:0\">{picture}<figcaption>{}</figcaption></figure>\
             <details><summary>Data</summary>{}</details>",
            escape(&self.caption),
            self.table.html()
        )
    }

    /// Shows the figure with its details under the pointer; see [`inline`](Self::inline).
    pub fn hover(self) -> Hover {
        Hover(self)
    }

    /// What in this picture cannot be read: texts over one another or over marks, beyond the frame, or smaller than 11
    /// pixels. Empty for every chart of this crate, whatever the data: its tests see to that.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }
}

/// A figure that tells of each mark when the pointer rests on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Hover(Figure);

impl Hover {
    /// Shows the figure in a notebook.
    pub fn evcxr_display(&self) {
        evcxr_runtime::mime_type("text/html").text(self.0.inline());
        evcxr_runtime::mime_type("text/plain").text(&self.0.text);
    }
}

fn source(svg: &str) -> String {
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg))
}

/// The words that every kind of chart carries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    pub(crate) title: Option<String>,
    pub(crate) subtitle: Option<String>,
    pub(crate) machine: Option<String>,
    pub(crate) verdict: Option<Verdict>,
    /// Conditions beyond those that the kind of chart knows by itself.
    pub(crate) conditions: Vec<String>,
}

impl Words {
    /// The sentence over the chart: as given, as ruled, or as found by the chart itself. What could not be decided is
    /// never covered up by a given title.
    pub(crate) fn headline(&self, found: impl FnOnce() -> String) -> String {
        let open = |v: &&Verdict| matches!(v.ruling, Ruling::Undecided | Ruling::Unavailable);
        if let Some(verdict) = self.verdict.as_ref().filter(open) {
            return plain(&verdict.headline());
        }
        let ruled = self.verdict.as_ref().map(Verdict::headline);
        plain(&self.title.clone().or(ruled).unwrap_or_else(found))
    }

    /// Machine and conditions.
    pub(crate) fn conditions(&self, more: &[String]) -> String {
        let machine = self.machine.clone().unwrap_or_else(|| crate::machine::Machine::here().short());
        let parts =
            std::iter::once(machine).chain(more.iter().cloned()).chain(self.conditions.iter().cloned());
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
pub(crate) fn measured(timing: &Timing) -> Result<&[f64], String> {
    match &timing.status {
        Status::Unavailable(reason) => Err(plain(&reason.to_string())),
        _ if timing.samples.is_empty() => Err(no_sample()),
        _ => Ok(&timing.samples),
    }
}

/// Why there is nothing, where nothing says so itself.
pub(crate) fn no_sample() -> String {
    "no sample was taken".to_owned()
}

/// What a kind of chart hands in when its content is drawn.
pub(crate) struct Parts<'a> {
    pub(crate) words: &'a Words,
    pub(crate) title: String,
    pub(crate) subtitle: String,
    /// The values behind the finding, as sentences.
    pub(crate) values: String,
    pub(crate) notes: Vec<String>,
    /// Sample sizes and settings, for the footer.
    pub(crate) conditions: Vec<String>,
    pub(crate) table: Table,
}

impl Parts<'_> {
    /// Opens a card with title and subtitle.
    pub(crate) fn sheet(&self, wide: f64) -> Sheet {
        Sheet::new(wide, &self.title, &self.subtitle)
    }

    /// Closes the card below its content and puts everything together.
    pub(crate) fn finish(self, sheet: Sheet, bottom: f64) -> Figure {
        let Self { words, title, subtitle, values, notes, conditions, table } = self;
        let alt = plain(&format!("{}. {values}", title.trim_end_matches('.')));
        let foot = Foot { conditions: words.conditions(&conditions), ruling: words.ruling(), notes };
        let Drawing { svg, faults } = sheet.finish(bottom, &title, &alt, &foot);
        let subtitle = plain(&subtitle);
        let caption = words.caption(&subtitle);
        let blocks = [
            format!("{title}\n{subtitle}"),
            table.text(),
            foot.notes.iter().map(|note| plain(note)).collect::<Vec<_>>().join("\n"),
            plain(&foot.conditions),
            words.verdict.as_ref().map_or_else(String::new, |_| plain(&caption)),
        ];
        let blocks = blocks.iter().map(|block| block.trim()).filter(|block| !block.is_empty());
        let text = blocks.collect::<Vec<_>>().join("\n\n");
        Figure { title, subtitle, alt, svg, phone: None, table, caption, text, faults }
    }
}

/// A figure for a screen and for a telephone.
pub(crate) fn laid_out(drawn: &dyn Fn(f64) -> Figure) -> Figure {
    Figure { phone: Some(drawn(theme::PHONE).svg), ..drawn(theme::WIDTH) }
}

/// Gives a kind of chart the words that all kinds share. The kind has a field `words` and a method `drawn(&self, width)`.
macro_rules! wordy {
    ($kind:ty) => {
        impl $kind {
            /// The sentence over the chart, in place of the one that the chart finds by itself.
            pub fn title(mut self, finding: impl Into<String>) -> Self {
                self.words.title = Some(finding.into());
                self
            }

            /// What is plotted. How to read the marks is said after it.
            pub fn subtitle(mut self, what: impl Into<String>) -> Self {
                self.words.subtitle = Some(what.into());
                self
            }

            /// Puts the finding of a verdict over the chart and its ruling below.
            pub fn ruled(mut self, verdict: &crate::verdict::Verdict) -> Self {
                self.words.verdict = Some(verdict.clone());
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
            pub fn figure(&self) -> $crate::chart::Figure {
                $crate::chart::figure::laid_out(&|width| self.drawn(width))
            }

            /// The chart laid out for another width in pixels, such as that of a telephone.
            pub fn figure_at(&self, width: f64) -> $crate::chart::Figure {
                self.drawn(width)
            }

            /// Shows the chart in a notebook.
            pub fn evcxr_display(&self) {
                self.figure().evcxr_display();
            }
        }
    };
}
pub(crate) use wordy;
