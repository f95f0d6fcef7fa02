//! Something to be heard: clicks at the times at which something happened, slowed down.
//!
//! A cell's output can hold a sound like a picture: as `audio/wav` in the page itself. Samples have eight bits and one channel,
//! as in a telephone; a second of them is 8 kB.

use crate::units::Nanos;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::{self, Display, Formatter};

const RATE: u32 = 8_000;
/// Longer than this nobody listens.
const LONGEST: f64 = 12.0;
/// The pitch of the first voice, the second, and so on: told apart by anyone who hears at all.
const PITCHES: [f64; 4] = [1_320.0, 330.0, 660.0, 180.0];
/// A click fades to a third in this many seconds.
const FADES: f64 = 0.006;
/// How many samples a click takes. One that begins within another of the same voice can't be told from it.
const CLICK: usize = 240;
/// Clicks begin at a multiple of this many samples, 3 ms. Nobody hears that, and what repeats takes little of a page.
const GRID: usize = 24;

/// Clicks to be heard; see [`sound`].
#[derive(Clone)]
pub struct Sound {
    words: String,
    slower: f64,
    length: Nanos,
    voices: Vec<(String, Vec<Nanos>)>,
}

/// Starts a sound of things that happened within this time, played so many times slower. `words` say what is to be heard, for
/// those who cannot hear it.
///
/// ```
/// use helpers::{millis, sound::sound};
/// let clicks = sound("A click for each", millis(40.0), 10.0).voice("tick", &[millis(4.0), millis(8.0)]);
/// assert!(clicks.html().contains("audio/wav"));
/// ```
pub fn sound(words: &str, length: Nanos, slower: f64) -> Sound {
    Sound { words: words.to_owned(), slower, length, voices: Vec::new() }
}

impl Sound {
    /// Adds a voice: a click at each of these times. The first is the highest.
    pub fn voice(mut self, name: &str, times: &[Nanos]) -> Self {
        self.voices.push((name.to_owned(), times.to_vec()));
        self
    }

    /// How long it would play, in seconds, if somebody listened so long. Nothing where that's no time.
    fn seconds(&self) -> Option<f64> {
        let seconds = self.length.0 / 1e9 * self.slower;
        (self.length.0 > 0.0 && self.slower > 0.0 && seconds.is_finite()).then_some(seconds)
    }

    /// How many samples are played.
    fn samples(&self) -> usize {
        (self.seconds().unwrap_or(0.0).min(LONGEST) * f64::from(RATE)) as usize
    }

    /// The sample at which something is heard that happened then, if it falls into what is played.
    fn place(&self, time: Nanos) -> Option<usize> {
        let place = time.0 / 1e9 * self.slower * f64::from(RATE);
        (place >= 0.0).then_some(place as usize).filter(|place| *place < self.samples())
    }

    /// The file: a head of 44 bytes and the samples.
    pub fn wav(&self) -> Vec<u8> {
        let mut heights = vec![0.0_f64; self.samples()];
        for ((_, times), pitch) in self.voices.iter().zip(PITCHES.iter().cycle()) {
            let mut places: Vec<usize> = times.iter().filter_map(|time| self.place(*time)).collect();
            places.sort_unstable();
            let mut free = 0;
            for place in places.into_iter().map(|place| place / GRID * GRID) {
                if place >= free {
                    click(&mut heights[place..], *pitch);
                    free = place + CLICK;
                }
            }
        }
        let samples = heights.iter().map(|height| (128.0 + 100.0 * height.clamp(-1.0, 1.0)) as u8);
        let mut file = head(heights.len() as u32);
        file.extend(samples);
        file
    }

    /// The player, and the words.
    pub fn html(&self) -> String {
        let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let (words, data) = (escaped(&self.to_string()), STANDARD.encode(self.wav()));
        format!(
            "<div class=\"sound\"><audio controls preload=\"none\" aria-label=\"{}\" \
             src=\"data:audio/wav;base64,{data}\"></audio><p>{words}</p></div>",
            escaped(&self.words)
        )
    }

    /// Shows the player as the output of a cell.
    pub fn evcxr_display(&self) {
        evcxr_runtime::mime_type("text/html").text(self.html());
        evcxr_runtime::mime_type("text/plain").text(self.to_string());
    }
}

impl Display for Sound {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        const HEIGHTS: [&str; 4] = ["high", "low", "middle", "deep"];
        let Self { words, slower, length, .. } = self;
        let Some(seconds) = self.seconds() else {
            return write!(out, "{words} (nothing is played: there's no time that could be heard).");
        };
        let voice = |((name, times), height): (&(String, Vec<Nanos>), &&str)| {
            let heard = times.iter().filter(|time| self.place(**time).is_some()).count();
            format!("{name}: {heard} {height} clicks")
        };
        let voices: Vec<String> = self.voices.iter().zip(HEIGHTS.iter().cycle()).map(voice).collect();
        write!(out, "{words} ({}; {length} played {slower} times slower", voices.join(", "))?;
        if seconds > LONGEST {
            let (first, longest) = (Nanos(LONGEST / slower * 1e9), Nanos(LONGEST * 1e9));
            write!(out, ", but cut after {longest}, and so only its first {first}")?;
        }
        out.write_str(").")
    }
}

/// A tone that fades at once.
fn click(heights: &mut [f64], pitch: f64) {
    for (number, height) in heights.iter_mut().take(CLICK).enumerate() {
        let time = number as f64 / f64::from(RATE);
        *height += 0.8 * (std::f64::consts::TAU * pitch * time).sin() * (-time / FADES).exp();
    }
}

/// RIFF, with one channel of eight bits.
fn head(samples: u32) -> Vec<u8> {
    let mut head = Vec::with_capacity(44 + samples as usize);
    head.extend(b"RIFF");
    head.extend((36 + samples).to_le_bytes());
    head.extend(b"WAVEfmt ");
    head.extend(16_u32.to_le_bytes());
    head.extend([1_u16, 1].iter().flat_map(|number| number.to_le_bytes()));
    head.extend([RATE, RATE].iter().flat_map(|number| number.to_le_bytes()));
    head.extend([1_u16, 8].iter().flat_map(|number| number.to_le_bytes()));
    head.extend(b"data");
    head.extend(samples.to_le_bytes());
    head
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::millis;

    #[test]
    fn a_click_is_heard_where_it_happened_and_nowhere_else() {
        let file = sound("One", millis(100.0), 10.0).voice("tick", &[millis(50.0)]).wav();
        assert_eq!((file.len(), &file[..4], &file[8..12]), (44 + 8_000, &b"RIFF"[..], &b"WAVE"[..]));
        let loud =
            |from: usize, to: usize| file[44 + from..44 + to].iter().any(|sample| sample.abs_diff(128) > 40);
        assert!(!loud(0, 3_970) && loud(3_970, 4_100) && !loud(4_400, 8_000));
    }

    /// A page has to carry it, however often something happened.
    #[test]
    fn what_no_ear_can_tell_apart_is_one_click() {
        let crowd: Vec<Nanos> = (0..20_000).rev().map(|number| Nanos(f64::from(number) * 50_000.0)).collect();
        let file = sound("A crowd", millis(1_000.0), 8.0).voice("each", &crowd).wav();
        let (first, rest) = file[44..].split_at(CLICK);
        assert!(rest.chunks_exact(CLICK).all(|click| click == first), "one click after the other");
        let two = sound("Two", millis(100.0), 10.0).voice("x", &[millis(50.1), millis(50.0)]).wav();
        assert_eq!(two, sound("One", millis(100.0), 10.0).voice("x", &[millis(50.0)]).wav());
    }

    #[test]
    fn whatever_is_given_it_stays_short_and_says_what_it_is() {
        for (length, slower) in [(1e12, 50.0), (f64::NAN, 1.0), (-5.0, 2.0), (1e9, f64::INFINITY)] {
            let odd = sound("<Odd>", Nanos(length), slower)
                .voice("x", &[Nanos(f64::NAN), Nanos(-1.0), Nanos(1e30)]);
            assert!(odd.wav().len() <= 44 + 96_000);
            assert!(odd.html().contains("&lt;Odd>"));
        }
        let words =
            sound("Two voices", millis(1.0), 1.0).voice("a", &[]).voice("b", &[millis(0.5)]).to_string();
        assert!(words.contains("a: 0 high clicks, b: 1 low clicks"), "{words}");
    }

    #[test]
    fn the_words_are_those_of_what_is_played() {
        let clicks: Vec<Nanos> = (0..10).map(|number| millis(f64::from(number) * 100.0)).collect();
        let whole = sound("Ten", millis(1_000.0), 12.0).voice("x", &clicks).to_string();
        assert!(whole.contains("x: 10 high clicks") && !whole.contains("cut"), "{whole}");
        let cut = sound("Ten", millis(1_000.0), 100.0).voice("x", &clicks);
        let words = cut.to_string();
        assert!(
            words.contains("x: 2 high clicks; 1.00 s played 100 times slower, but cut after 12.0 s"),
            "{words}"
        );
        assert!(words.contains("only its first 120 ms"), "{words}");
        assert_eq!(cut.wav().len(), 44 + 96_000);
    }

    #[test]
    fn no_time_is_not_played_and_not_told_as_a_number() {
        for (length, slower) in
            [(1e9, f64::NAN), (f64::NAN, 2.0), (1e9, f64::INFINITY), (-1e9, -2.0), (0.0, 8.0)]
        {
            let odd = sound("Odd", Nanos(length), slower).voice("x", &[millis(1.0)]);
            assert_eq!((odd.wav().len(), odd.html().contains("nothing is played")), (44, true));
            assert!(!odd.to_string().contains("NaN") && !odd.to_string().contains("times slower"), "{odd}");
        }
    }
}
