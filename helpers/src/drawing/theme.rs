//! One look for every chart: sizes in pixels, colours that colour-blind readers can tell apart, and what letters take up.

use plotters::style::RGBColor;

/// How wide a chart is drawn unless asked otherwise.
pub(crate) const WIDTH: f64 = 760.0;
/// How wide the column of a page is on a small telephone: a chart that is laid out for it is never shown smaller.
pub(crate) const PHONE: f64 = 320.0;
/// Below this width, row names move above their rows and footers break earlier.
pub(crate) const NARROW: f64 = 520.0;
/// From the frame to the content.
pub(crate) const MARGIN: f64 = 24.0;
/// No text is shown smaller than this ...
pub(crate) const SMALLEST: f64 = 11.0;
/// ... even where a column is narrower than the picture by a tenth.
const SMALL: f64 = 12.0;

/// What was found and what it was found on.
pub(crate) const INK: RGBColor = RGBColor(0x1b, 0x1f, 0x24);
/// Words beside the finding: subtitles, ticks, values.
pub(crate) const QUIET: RGBColor = RGBColor(0x57, 0x60, 0x6a);
/// The footer, and what is missing.
pub(crate) const FAINT: RGBColor = RGBColor(0x67, 0x70, 0x7b);
/// Marks that are not the subject.
pub(crate) const MARK: RGBColor = RGBColor(0x7d, 0x86, 0x91);
/// Grid lines and rules between rows.
pub(crate) const GRID: RGBColor = RGBColor(0xe6, 0xe9, 0xed);
/// The frame, and rules that matter.
pub(crate) const RULE: RGBColor = RGBColor(0xd0, 0xd7, 0xde);
/// The ground behind every chart: opaque, so that it reads on dark pages too.
pub(crate) const GROUND: RGBColor = RGBColor(0xff, 0xff, 0xff);
/// The subject of the title.
pub(crate) const ACCENT: Hue = Hue { mark: RGBColor(0xd5, 0x5e, 0x00), text: RGBColor(0xb3, 0x50, 0x00) };
/// Everything that is neither the subject nor a category.
pub(crate) const PLAIN: Hue = Hue { mark: MARK, text: QUIET };

/// What was expected: the reader's guess and models.
pub(crate) const EXPECTED: Hue = Hue { mark: INK, text: INK };

/// A colour in two strengths: for a mark at least 3:1 on white, for text 4.5:1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hue {
    /// For marks.
    pub(crate) mark: RGBColor,
    /// For words about the mark.
    pub(crate) text: RGBColor,
}

/// Categories in the order they are handed out. The hues are those of Okabe and Ito, *Color Universal Design* (2008), dark and
/// light in turn, so that neighbours differ without colour too; each is also told by a dash, a marker, its height or its place.
/// Vermilion is missing: it is the subject of the title.
pub(crate) const CATEGORIES: [Hue; 6] = [
    Hue { mark: RGBColor(0x00, 0x61, 0x9c), text: RGBColor(0x00, 0x61, 0x9c) },
    Hue { mark: RGBColor(0xb9, 0x83, 0x00), text: RGBColor(0x8a, 0x5f, 0x00) },
    Hue { mark: RGBColor(0x00, 0x57, 0x3f), text: RGBColor(0x00, 0x57, 0x3f) },
    Hue { mark: RGBColor(0xcc, 0x6f, 0x9b), text: RGBColor(0xa0, 0x45, 0x78) },
    Hue { mark: RGBColor(0x5b, 0x2a, 0x6e), text: RGBColor(0x5b, 0x2a, 0x6e) },
    Hue { mark: RGBColor(0x3b, 0x99, 0xd0), text: RGBColor(0x1b, 0x6f, 0xa3) },
];

/// The category of this number; after six they repeat.
pub(crate) fn category(number: usize) -> Hue {
    CATEGORIES[number % CATEGORIES.len()]
}

/// The least contrast between a mark and its ground: Web Content Accessibility Guidelines 2.2, 1.4.11.
pub(crate) const VISIBLE: f64 = 3.0;
/// The least contrast between text and ground: Web Content Accessibility Guidelines 2.2, 1.4.3.
pub(crate) const LEGIBLE: f64 = 4.5;

/// How many times as bright the brighter of two colours is, as those guidelines compute it.
pub(crate) fn contrast(one: RGBColor, other: RGBColor) -> f64 {
    let bright = |RGBColor(r, g, b): RGBColor| {
        let [r, g, b] = [r, g, b].map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
    };
    let (one, other) = (bright(one), bright(other));
    one.max(other) / one.min(other)
}

/// The colour for words on an area of this colour: black or white, whichever reads better.
pub(crate) fn on(ground: RGBColor) -> RGBColor {
    let (dark, light) = (RGBColor(0, 0, 0), GROUND);
    if contrast(dark, ground) >= contrast(light, ground) { dark } else { light }
}

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Font {
    /// Pixels.
    pub(crate) size: f64,
    /// Heavier than the rest.
    pub(crate) strong: bool,
    /// Every letter as wide as the next.
    pub(crate) mono: bool,
    /// Its colour.
    pub(crate) color: RGBColor,
}

impl Font {
    const fn of(size: f64, color: RGBColor) -> Self {
        Self { size, strong: false, mono: false, color }
    }

    /// The same, heavier.
    pub(crate) const fn strong(self) -> Self {
        Self { strong: true, ..self }
    }

    /// The same with fixed widths.
    pub(crate) const fn mono(self) -> Self {
        Self { mono: true, size: self.size - 0.5, ..self }
    }

    /// The same in another colour.
    pub(crate) const fn colored(self, color: RGBColor) -> Self {
        Self { color, ..self }
    }
}

/// The finding.
pub(crate) const TITLE: Font = Font::of(18.0, INK).strong();
/// What is plotted.
pub(crate) const SUBTITLE: Font = Font::of(12.5, QUIET);
/// Names of rows.
pub(crate) const LABEL: Font = Font::of(13.0, INK);
/// Values beside marks.
pub(crate) const VALUE: Font = Font::of(12.5, QUIET);
/// Ticks, column heads, axis names.
pub(crate) const TICK: Font = Font::of(SMALL, QUIET);
/// Footer and notes.
pub(crate) const NOTE: Font = Font::of(SMALL, FAINT);

/// The families to draw text with. The first is used where a reader has it; all others are about as wide or narrower than
/// the widths that [`text_width`](super::text::width) counts with.
pub(crate) const SANS: &str = "Inter, system-ui, -apple-system, Segoe UI, Roboto, sans-serif";
/// The families for addresses and bits.
pub(crate) const MONO: &str = "ui-monospace, Menlo, Consolas, monospace";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_can_be_read_on_its_ground() {
        let hues = CATEGORIES.iter().chain([&ACCENT, &PLAIN]);
        for color in hues.clone().map(|hue| hue.text).chain([INK, QUIET, FAINT]) {
            assert!(contrast(color, GROUND) >= LEGIBLE, "{color:?} on white");
        }
        for hue in hues {
            assert!(contrast(on(hue.mark), hue.mark) >= LEGIBLE, "{hue:?}");
            assert!(contrast(hue.mark, GROUND) >= VISIBLE, "{hue:?}");
        }
        assert!((contrast(RGBColor(0, 0, 0), GROUND) - 21.0).abs() < 1e-9);
    }

    #[test]
    fn neighbouring_categories_differ_without_colour() {
        const APART: f64 = 1.5;
        for number in 0..CATEGORIES.len() {
            let (one, next) = (category(number).mark, category(number + 1).mark);
            assert!(contrast(one, next) >= APART, "{number}: {:.2}", contrast(one, next));
        }
    }
}
