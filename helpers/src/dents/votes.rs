//! A message out of what was heard of it again and again.

use super::{Heard, MOST_SLOTS};
use crate::reading::{Reading, Unavailable};
use crate::units::Nanos;
use crate::verdict::{Claim, Verdict};
use std::fmt::{self, Display, Formatter};

/// What was heard of a message that is sent again and again: each bit is a pair of slots, dents and then silence for a one,
/// silence and then dents for a zero ("Manchester coding"). Silence in both, noise in both, and a listener who was away are no
/// vote.
#[derive(Clone)]
pub struct Votes {
    /// For a one, less those for a zero.
    leads: Vec<i32>,
    rounds: u32,
    /// What was heard last.
    last: Reading<Heard>,
}

/// A bit is known when one side leads by so many votes.
const LEAD: i32 = 3;
/// Fewer dents than this in a slot may be anybody's.
const FEWEST: u32 = 4;

impl Votes {
    /// None yet, on a message of so many slots: 100,000 at most, since no more are [overheard](super::overhear).
    pub fn on(slots: usize) -> Self {
        Self {
            leads: vec![0; slots.min(MOST_SLOTS) / 2],
            rounds: 0,
            last: Err(Unavailable::because("nothing was heard yet")),
        }
    }

    /// Adds what was heard of one repetition.
    pub fn add(&mut self, heard: Reading<Heard>) {
        self.rounds += 1;
        if let Ok(heard) = &heard {
            for (lead, pair) in self.leads.iter_mut().zip(heard.dents.chunks_exact(2)) {
                if let [Some(first), Some(second)] = *pair {
                    let (more, fewer) = (first.max(second), first.min(second));
                    if more >= FEWEST && fewer * 2 <= more {
                        *lead += if first > second { 1 } else { -1 };
                    }
                }
            }
        }
        self.last = heard;
    }

    /// How often the message was repeated.
    pub fn rounds(&self) -> u32 {
        self.rounds
    }

    /// Whether another repetition could help.
    pub fn are_open(&self) -> bool {
        self.rounds == 0 || (self.last.is_ok() && self.unknown() > 0)
    }

    /// How many bits are unknown.
    pub fn unknown(&self) -> usize {
        self.leads.iter().filter(|lead| lead.abs() < LEAD).count()
    }

    /// The letters, as UTF-8 spells them; a question mark for each byte of which a bit is unknown.
    ///
    /// # Errors
    /// When nobody could listen: the reason.
    pub fn word(&self) -> Reading<String> {
        self.last.as_ref().map_err(|reason| *reason)?;
        // What isn't a letter could move the cursor of whoever prints it.
        Ok(String::from_utf8_lossy(&self.bytes()).replace(char::is_control, "\u{fffd}"))
    }

    /// What was heard, a question mark for each byte of which a bit is unknown.
    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[i32]| {
            if bits.iter().any(|lead| lead.abs() < LEAD) {
                return b'?';
            }
            bits.iter().fold(0, |byte, lead| byte << 1 | u8::from(*lead > 0))
        };
        self.leads.chunks(8).map(byte).collect()
    }

    /// The last repetition, for a picture: who did something, from when to when. `slots` are those that were sent.
    pub fn diary(&self, slots: &[bool], slot: Nanos) -> Vec<(&'static str, Nanos, Nanos)> {
        let heard = self.last.as_ref().map(|heard| heard.dents.clone()).unwrap_or_default();
        let heard = heard.iter().map(|dents| dents.is_some_and(|dents| dents >= FEWEST));
        let times = |who: &'static str, number: usize| {
            (who, Nanos(number as f64 * slot.0), Nanos((number + 1) as f64 * slot.0))
        };
        let sent =
            slots.iter().copied().enumerate().filter(|(_, is)| *is).map(|(n, _)| times("sender knocks", n));
        let felt = heard.enumerate().filter(|(_, is)| *is).map(|(n, _)| times("listener feels dents", n));
        sent.chain(felt).collect()
    }
}

impl Display for Votes {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        match self.word() {
            Ok(word) => write!(out, "After {} repetitions: {word}", self.rounds),
            Err(reason) => write!(out, "Nothing heard: {reason}"),
        }
    }
}

impl Claim {
    /// Looks whether a word has arrived: shown when every letter of it has, undecided when a bit is unknown, and not shown when
    /// another word has. Without a letter nothing could arrive.
    pub fn spelt(self, votes: &Votes, word: &str) -> Verdict {
        if votes.leads.is_empty() || word.is_empty() {
            return self.unavailable("no letter was sent");
        }
        let heard = match votes.word() {
            Ok(heard) => heard,
            Err(reason) => return self.unavailable(reason),
        };
        let times = if votes.rounds == 1 { "once".to_owned() } else { format!("{} times", votes.rounds) };
        let found = format!("“{word}” was sent {times}, and “{heard}” was heard");
        match votes.unknown() {
            0 => self.holds(votes.bytes() == word.as_bytes(), found),
            unknown => {
                self.undecided(format!("{found}: {unknown} of {} bits are unknown", votes.leads.len()))
            }
        }
    }
}
