//! How much room words take, without asking a font: widths of the widest common sans-serif face, so that any other fits.

use super::theme::Font;
use crate::units::phrases;

/// Thousandths of the font size that the printable ASCII characters take in `DejaVu Sans`, about the widest face that a
/// reader's `sans-serif` resolves to.
const REGULAR: [u16; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636,
    636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295,
    295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838,
    500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521,
    392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];

/// The same in its bold cut.
const STRONG: [u16; 95] = [
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696, 696, 696,
    696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 372,
    372, 775, 637, 995, 837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838,
    500, 500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595,
    478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
];
/// How wide a text comes out, in pixels.
pub(crate) fn width(text: &str, font: Font) -> f64 {
    text.chars().map(|c| f64::from(advance(c, font))).sum::<f64>() * font.size / 1000.0
}

fn advance(c: char, font: Font) -> u16 {
    let printable = (c as usize).checked_sub(32).filter(|place| *place < 95);
    let table = if font.strong { &STRONG } else { &REGULAR };
    match (printable, c) {
        _ if is_wide(c) => 1000,
        (_, '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}') => 0,
        _ if font.mono => 602,
        (Some(place), _) => table[place],
        (None, '·' | '’' | '‘') => 380,
        (None, '–' | '†' | '‡' | '°') => 500,
        (None, '“' | '”') => 657,
        (None, '\u{2190}'..='\u{22ff}' | '×' | '÷') => 838,
        (None, '\u{2300}'..='\u{2bff}') => 900,
        (None, '—' | '…' | '½' | '¼' | '¾') => 1040,
        // Letters of other alphabets: about the width of a Latin one, and rather more than less.
        _ => 780,
    }
}

/// Whether a character takes a whole square: CJK, Hangul, emoji.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ffef}' | '\u{1f000}'..='\u{3ffff}')
}

/// One line without control characters and without marks that turn the direction of writing, whatever was typed.
pub(crate) fn plain(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let spaced: String = text.chars().map(|c| if c.is_control() || turns(c) { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How wide the widest line of all these comes out.
pub(crate) fn widest(texts: &[Vec<String>], font: Font) -> f64 {
    let mut widest = 0.0;
    for text in texts {
        widest = text.iter().map(|line| width(line, font)).fold(widest, f64::max);
    }
    widest
}

/// Where words of this width start that stand over a place, moved inwards where they would leave the room between two sides.
pub(crate) fn centred(wide: f64, middle: f64, (left, right): (f64, f64)) -> f64 {
    (middle - wide / 2.0).min(right - wide).max(left)
}

/// Breaks a text into at most `lines` lines of `room` pixels; what does not fit ends in an ellipsis.
pub(crate) fn wrap(text: &str, font: Font, room: f64, lines: usize) -> Vec<String> {
    let mut words: Vec<String> =
        phrases(&plain(text)).into_iter().flat_map(|word| pieces(&word, font, room)).collect();
    words.reverse();
    let mut broken = Vec::new();
    while let Some(mut line) = words.pop() {
        while let Some(word) = words.last() {
            let longer = format!("{line} {word}");
            if width(&longer, font) > room {
                break;
            }
            line = longer;
            words.pop();
        }
        if broken.len() + 1 == lines && !words.is_empty() {
            let rest: Vec<&str> = words.iter().rev().map(String::as_str).collect();
            broken.push(shorten(&format!("{line} {}", rest.join(" ")), font, room));
            return broken;
        }
        broken.push(line);
    }
    broken
}

/// Breaks a text into as few lines as [`wrap`] does, but of about the same length: no single word on the last one.
pub(crate) fn balance(text: &str, font: Font, room: f64, lines: usize) -> Vec<String> {
    let widest = wrap(text, font, room, lines);
    if widest.len() < 2 || widest.last().is_some_and(|line| line.ends_with('…')) {
        return widest;
    }
    let (mut low, mut high) = (room / 2.0, room);
    while high - low > 2.0 {
        let middle = f64::midpoint(low, high);
        let narrower = wrap(text, font, middle, lines + 1);
        if narrower.len() > widest.len() { low = middle } else { high = middle }
    }
    wrap(text, font, high, lines)
}

/// The text, or as much of its beginning as fits with an ellipsis.
pub(crate) fn shorten(text: &str, font: Font, room: f64) -> String {
    let text = plain(text);
    if width(&text, font) <= room {
        return text;
    }
    let mut taken = width("…", font);
    let kept: String = text
        .chars()
        .take_while(|c| {
            taken += f64::from(advance(*c, font)) * font.size / 1000.0;
            taken <= room
        })
        .collect();
    format!("{}…", kept.trim_end())
}

/// A word that alone is too long for the line, cut where it must be.
fn pieces(word: &str, font: Font, room: f64) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut taken = 0.0;
    for c in word.chars() {
        let one = f64::from(advance(c, font)) * font.size / 1000.0;
        if taken + one > room && taken > 0.0 {
            pieces.push(String::new());
            taken = 0.0;
        }
        taken += one;
        pieces.last_mut().expect("never empty").push(c);
    }
    pieces
}

/// A quantity without zeros after the decimal point, as a person says it: `50 ns`, where a measured one is `50.0 ns`.
pub(crate) fn spoken(quantity: &str) -> String {
    match quantity.split_once(' ') {
        Some((number, unit)) if number.contains('.') => {
            format!("{} {unit}", number.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => quantity.to_owned(),
    }
}

/// The text with its first letter large.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// As XML and HTML want it, attributes included; characters that XML forbids become a replacement sign.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::super::theme::{LABEL, TITLE};
    use super::*;

    #[test]
    fn a_micro_sign_is_one_letter_wide() {
        assert!((width("1 µs", LABEL) - width("1 ms", LABEL)).abs() < 4.0);
        assert!(width("函数", LABEL) > width("fn", LABEL) * 2.0);
    }

    #[test]
    fn lines_fit_and_lose_nothing_until_there_are_too_many() {
        let text = "the quick brown fox jumps over the lazy dog and then sleeps for a long while";
        for room in [60.0, 120.0, 400.0] {
            let lines = wrap(text, LABEL, room, 99);
            assert!(lines.iter().all(|line| width(line, LABEL) <= room), "{lines:?}");
            assert_eq!(lines.join(" "), text);
        }
        let two = wrap(text, TITLE, 200.0, 2);
        assert_eq!(two.len(), 2);
        assert!(two[1].ends_with('…') && width(&two[1], TITLE) <= 200.0, "{two:?}");
    }

    #[test]
    fn a_number_keeps_its_unit() {
        let lines = wrap("a call takes 163 ns, on 2 CPUs · KVM", LABEL, 105.0, 9);
        assert_eq!(lines, ["a call takes", "163 ns, on", "2 CPUs · KVM"]);
    }

    #[test]
    fn a_title_leaves_no_word_alone() {
        let lines = balance("From 118 ns to 164 ns: libc takes 1.39 times raw asm", TITLE, 500.0, 3);
        assert_eq!(lines, ["From 118 ns to 164 ns: libc", "takes 1.39 times raw asm"]);
    }

    #[test]
    fn a_word_without_end_is_cut() {
        let lines = wrap(&"x".repeat(100), LABEL, 100.0, 3);
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| width(line, LABEL) <= 100.0));
    }

    #[test]
    fn nothing_typed_becomes_markup() {
        assert_eq!(escape("<b a='1'>\"&\u{0}"), "&lt;b a=&#39;1&#39;&gt;&quot;&amp;\u{fffd}");
        assert_eq!(plain("two\nlines\t and\u{7} a bell"), "two lines and a bell");
    }
}
