//! One look for every chart: sizes in pixels, colours that colour-blind readers can tell apart, and what letters take up.

use plotters::style::RGBColor;

/// How wide a chart is drawn unless asked otherwise.
pub(crate) const WIDTH: f64 = 760.0;
/// How wide a telephone is.
pub(crate) const PHONE: f64 = 360.0;
/// Below this width, row names move above their rows and footers break earlier.
pub(crate) const NARROW: f64 = 520.0;
/// From the frame to the content.
pub(crate) const MARGIN: f64 = 24.0;
/// No text is smaller than this.
pub(crate) const SMALLEST: f64 = 11.0;

/// What was found and what it was found on.
pub(crate) const INK: RGBColor = RGBColor(0x1b, 0x1f, 0x24);
/// Words beside the finding: subtitles, ticks, values.
pub(crate) const QUIET: RGBColor = RGBColor(0x57, 0x60, 0x6a);
/// The footer, and what is missing.
pub(crate) const FAINT: RGBColor = RGBColor(0x67, 0x70, 0x7b);
/// Marks that are not the subject.
pub(crate) const MARK: RGBColor = RGBColor(0x8c, 0x95, 0x9f);
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

/// A colour in two strengths: bright enough for a mark, dark enough for text (4.5:1 on white).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hue {
    /// For marks.
    pub(crate) mark: RGBColor,
    /// For words about the mark.
    pub(crate) text: RGBColor,
}

impl Hue {
    /// So light that black text reads on it.
    pub(crate) fn pale(self) -> RGBColor {
        let light = |part: u8| (f64::from(part) * 0.32 + 255.0 * 0.68).round() as u8;
        let RGBColor(r, g, b) = self.mark;
        RGBColor(light(r), light(g), light(b))
    }
}

/// Categories in the order they are handed out: Okabe and Ito, *Color Universal Design* (2008). Each is also told by a
/// dash, a marker or its place.
pub(crate) const CATEGORIES: [Hue; 6] = [
    Hue { mark: RGBColor(0x00, 0x72, 0xb2), text: RGBColor(0x00, 0x66, 0xa0) },
    Hue { mark: RGBColor(0xe6, 0x9f, 0x00), text: RGBColor(0x8a, 0x5f, 0x00) },
    Hue { mark: RGBColor(0x00, 0x9e, 0x73), text: RGBColor(0x00, 0x75, 0x55) },
    Hue { mark: RGBColor(0xcc, 0x79, 0xa7), text: RGBColor(0xa0, 0x45, 0x78) },
    Hue { mark: RGBColor(0x56, 0xb4, 0xe9), text: RGBColor(0x1b, 0x6f, 0xa3) },
    Hue { mark: RGBColor(0xd5, 0x5e, 0x00), text: RGBColor(0xb3, 0x50, 0x00) },
];

/// The category of this number: after six they return paler, after twelve they repeat.
pub(crate) fn category(number: usize) -> Hue {
    let hue = CATEGORIES[number % CATEGORIES.len()];
    let is_pale = number / CATEGORIES.len() % 2 == 1;
    Hue { mark: if is_pale { hue.pale() } else { hue.mark }, text: hue.text }
}

/// The least contrast between text and ground: Web Content Accessibility Guidelines 2.2, 1.4.3.
pub(crate) const LEGIBLE: f64 = 4.5;

/// How many times as bright the brighter of two colours is, as those guidelines reckon it.
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
pub(crate) const TICK: Font = Font::of(11.5, QUIET);
/// Footer and notes.
pub(crate) const NOTE: Font = Font::of(SMALLEST, FAINT);

/// The families to draw text with. The first is used where a reader has it; all others are about as wide or narrower than
/// the widths that [`text_width`](super::text::width) reckons with.
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
            assert!(
                contrast(INK, hue.pale()) >= LEGIBLE && contrast(on(hue.mark), hue.mark) >= LEGIBLE,
                "{hue:?}"
            );
        }
        assert!((contrast(RGBColor(0, 0, 0), GROUND) - 21.0).abs() < 1e-9);
    }
}
