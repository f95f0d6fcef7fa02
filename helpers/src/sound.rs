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

    /// How long it plays, in seconds.
    fn seconds(&self) -> f64 {
        let seconds = self.length.0 / 1e9 * self.slower;
        if seconds.is_finite() { seconds.clamp(0.0, LONGEST) } else { 0.0 }
    }

    /// The file: a head of 44 bytes and the samples.
    pub fn wav(&self) -> Vec<u8> {
        let mut heights = vec![0.0_f64; (self.seconds() * f64::from(RATE)) as usize];
        for ((_, times), pitch) in self.voices.iter().zip(PITCHES.iter().cycle()) {
            for time in times {
                click(&mut heights, time.0 / 1e9 * self.slower, *pitch);
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
        let voice = |((name, times), height): (&(String, Vec<Nanos>), &&str)| {
            format!("{name}: {} {height} clicks", times.len())
        };
        let voices: Vec<String> = self.voices.iter().zip(HEIGHTS.iter().cycle()).map(voice).collect();
        write!(
            out,
            "{} ({}; {} played {} times slower).",
            self.words,
            voices.join(", "),
            self.length,
            self.slower
        )
    }
}

/// A tone that fades at once.
fn click(heights: &mut [f64], at: f64, pitch: f64) {
    if !(at.is_finite() && at >= 0.0) {
        return;
    }
    let first = (at * f64::from(RATE)) as usize;
    let length = (FADES * 5.0 * f64::from(RATE)) as usize;
    for (number, height) in heights.iter_mut().skip(first).take(length).enumerate() {
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
        assert!(!loud(0, 3_999) && loud(4_000, 4_100) && !loud(4_400, 8_000));
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
}
