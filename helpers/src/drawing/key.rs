//! What colours stand for, said above a plot where it cannot be said beside the marks.

use super::canvas::Frame;
use super::sheet::{Draw, Sheet};
use super::text::{shorten, width};
use super::theme::{self, Hue};
use plotters_backend::text_anchor::HPos;

/// One colour of a key.
pub(crate) struct Entry<'a> {
    pub(crate) words: &'a str,
    pub(crate) hue: Hue,
    /// How high its areas are, as a share of a full one: so that colour is not the only sign.
    pub(crate) high: f64,
}

/// Writes the key; returns its last baseline, and the top of the content where there is nothing to say.
pub(crate) fn key<'a>(sheet: &Sheet, entries: impl Iterator<Item = Entry<'a>>) -> f64 {
    const SIDE: f64 = 11.0;
    const LINE: f64 = 19.0;
    let (mut x, mut y) = (sheet.margin, sheet.top - 12.0);
    for (number, Entry { words, hue, high }) in entries.enumerate() {
        let font = theme::VALUE.colored(hue.text);
        let words = shorten(words, font, sheet.inner() - 20.0);
        let wide = SIDE + 6.0 + width(&words, font);
        if number == 0 {
            y = sheet.top + 6.0;
        } else if x + wide > sheet.right() {
            x = sheet.margin;
            y += LINE;
        }
        let middle = y - 4.0;
        let half = SIDE / 2.0 * high;
        sheet.bars(&[Frame { x0: x, y0: middle - half, x1: x + SIDE, y1: middle + half }], hue.mark);
        sheet.text(&words, font, (x + SIDE + 6.0, y), HPos::Left);
        x += wide + 20.0;
    }
    y
}
