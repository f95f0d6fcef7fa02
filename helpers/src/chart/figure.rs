//! A finished chart: the picture, the same in words, and the data.

use crate::drawing::text::{escape, plain};
use crate::units::unparted;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;

/// A chart with everything that is known of it. Shown by a notebook as a picture with alt text, caption and data table;
/// where only text can be shown, as that.
#[derive(Clone, PartialEq)]
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
    pub(super) faults: Vec<String>,
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

    pub(super) fn text(&self) -> String {
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
            "<img alt=\"{}\" style=\"max-width:100%;height:auto\" src=\"{}\">",
            escape(&self.alt),
            source(&self.svg)
        );
        // Where a page is cleaned of what it might run, as JupyterLab does until a notebook is trusted, the image stays.
        let picture = match &self.phone {
            Some(phone) => format!(
                "<picture><source media=\"(max-width: 48em)\" srcset=\"{}\">{image}</picture>",
                source(phone)
            ),
            None => image,
        };
        format!(
            "<figure style=\"margin:0\">{picture}<figcaption>{}</figcaption></figure>\
             <details><summary>Data</summary>{}</details>",
            escape(&unparted(&self.caption)),
            self.table.html()
        )
    }

    /// What in this picture cannot be read (texts over one another or over marks, beyond the frame, or smaller than 11
    /// pixels; empty for every chart of this crate, whatever the data: its tests see to that), and what was to stand beside
    /// the measured values but belongs to nothing in the chart.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }
}

fn source(svg: &str) -> String {
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg))
}
