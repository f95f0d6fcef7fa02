//! The questions of a notebook, and the table that answers them.

use super::{Verdict, all};
use crate::units::unparted;
use std::fmt::{self, Display, Formatter, Write as _};

/// A question that a notebook promises to answer, and the heading of the section that does. It costs nothing to keep, and a
/// cell that declares one can be run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    pub(super) asks: &'static str,
    pub(super) section: &'static str,
}

/// A question as it stands at the top of the notebook, and the heading of the section that answers it.
///
/// ```
/// use helpers::{Question, claim, question, rulings};
/// const COST: Question = question("What does one request cost?", "What does it cost to ask?");
/// let (dear, cheap) = (164, 2);
/// claim("a request is dear").answers(COST).holds(dear > 10 * cheap, format!("{dear} ns against {cheap} ns"));
/// // What did we find out?
/// let table = rulings([COST]).to_string();
/// assert_eq!(table, "What does one request cost?\n  ● shown: a request is dear. 164 ns against 2 ns.");
/// ```
pub const fn question(asks: &'static str, section: &'static str) -> Question {
    Question { asks, section }
}

impl Question {
    /// What is asked.
    pub fn text(self) -> &'static str {
        self.asks
    }

    /// The heading of the section that answers it.
    pub fn section(self) -> &'static str {
        self.section
    }

    /// The address of its section within the page: as `JupyterLab` and nbconvert make it, the heading with dashes for spaces.
    pub fn anchor(self) -> String {
        let mut anchor = String::from("#");
        for letter in self.section.chars() {
            match letter {
                ' ' => anchor.push('-'),
                '"' | '%' | '<' | '>' | '`' | '#' => {
                    let _ = write!(anchor, "%{:02X}", letter as u32);
                }
                _ => anchor.push(letter),
            }
        }
        anchor
    }
}

/// The questions of a notebook, each with the rulings that answer it: one table, and the same as text.
#[derive(Clone, PartialEq)]
pub struct Rulings {
    answers: Vec<(Question, Vec<Verdict>)>,
    /// What was ruled without answering any of them.
    besides: Vec<Verdict>,
}

/// What stands in the end: each of these questions with the rulings on the claims that answer it.
pub fn rulings(questions: impl IntoIterator<Item = Question>) -> Rulings {
    answered(questions.into_iter().collect())
}

fn answered(questions: Vec<Question>) -> Rulings {
    let mut besides = all();
    let answers = questions
        .into_iter()
        .map(|question| {
            let (own, others) =
                besides.drain(..).partition(|verdict| verdict.question == Some(question.asks.into()));
            besides = others;
            (question, own)
        })
        .collect();
    Rulings { answers, besides }
}

const UNANSWERED: &str = "no ruling: no claim of this run answers it";
const LEGEND: &str = "● shown · ○ not shown · ◐ undecided · – unavailable";

impl Rulings {
    /// The questions that nothing answers.
    pub fn unanswered(&self) -> impl Iterator<Item = Question> {
        self.answers.iter().filter(|(_, verdicts)| verdicts.is_empty()).map(|(question, _)| *question)
    }

    /// The table.
    pub fn html(&self) -> String {
        const LEFT: &str = "style=\"text-align:left;vertical-align:top\"";
        let mut html = format!(
            "<table class=\"rulings\"><caption {LEFT}>{LEGEND}</caption><thead><tr><th scope=\"col\" {LEFT}>question</th>\
             <th scope=\"col\" {LEFT}>here</th><th scope=\"col\" {LEFT}>claim</th><th scope=\"col\" {LEFT}>finding</th></tr></thead>"
        );
        let row = |verdict: &Verdict| {
            let (mark, ruling) = (verdict.ruling.mark(), verdict.ruling);
            format!(
                "<td {LEFT}><span style=\"white-space:nowrap\">{mark} {ruling}</span></td><td {LEFT}>{}</td><td {LEFT}>{}</td>",
                escape(&verdict.claim),
                escape(&verdict.finding)
            )
        };
        let mut group = |head: &str, verdicts: &[Verdict]| {
            let rows: Vec<String> = match verdicts {
                [] => vec![format!("<td {LEFT} colspan=\"3\"><strong>{UNANSWERED}</strong></td>")],
                verdicts => verdicts.iter().map(row).collect(),
            };
            let span = rows.len();
            let _ = write!(html, "<tbody><tr><th scope=\"rowgroup\" rowspan=\"{span}\" {LEFT}>{head}</th>");
            html.push_str(&rows.join("</tr><tr>"));
            html.push_str("</tr></tbody>");
        };
        for (question, verdicts) in &self.answers {
            let head = format!("<a href=\"{}\">{}</a>", escape(&question.anchor()), escape(question.asks));
            group(&head, verdicts);
        }
        if !self.besides.is_empty() {
            group("besides", &self.besides);
        }
        html + "</table>"
    }

    /// Shows the table as the output of a cell.
    pub fn evcxr_display(&self) {
        evcxr_runtime::mime_type("text/html").text(self.html());
        evcxr_runtime::mime_type("text/plain").text(self.to_string());
    }
}

impl Display for Rulings {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let mut groups: Vec<(&str, &[Verdict])> =
            self.answers.iter().map(|(question, verdicts)| (question.asks, verdicts.as_slice())).collect();
        if !self.besides.is_empty() {
            groups.push(("Besides", &self.besides));
        }
        let group = |(head, verdicts): &(&str, &[Verdict])| {
            let mut lines = vec![(*head).to_owned()];
            lines.extend(verdicts.iter().map(|verdict| format!("  {} {verdict}", verdict.ruling.mark())));
            if verdicts.is_empty() {
                lines.push(format!("  {UNANSWERED}"));
            }
            lines.join("\n")
        };
        out.write_str(&groups.iter().map(group).collect::<Vec<_>>().join("\n\n"))
    }
}

fn escape(text: &str) -> String {
    unparted(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::Ruling;
    use super::*;

    #[test]
    fn a_link_leads_where_lab_and_pages_put_their_headings() {
        let anchor = |heading| question("?", heading).anchor();
        assert_eq!(anchor("What does it cost to ask?"), "#What-does-it-cost-to-ask?");
        assert_eq!(anchor("Is \"100 %\" <much>"), "#Is-%22100-%25%22-%3Cmuch%3E");
    }

    #[test]
    fn every_ruling_has_its_mark() {
        let marks =
            [Ruling::Shown, Ruling::NotShown, Ruling::Undecided, Ruling::Unavailable].map(Ruling::mark);
        assert_eq!(marks, ['●', '○', '◐', '–']);
    }
}
