use super::*;

#[test]
fn a_knock_is_measured_among_other_noise() {
    let now = Instant::now();
    let gap = |ns: u64, switched| Gap { from: now, to: now + Duration::from_nanos(ns), switched };
    let mut gaps: Vec<Gap> = (0..24).map(|_| gap(2_000, false)).collect();
    gaps.extend((0..200).map(|_| gap(350, false)));
    gaps.extend([gap(14_000, false), gap(4_000_000, true), gap(9_000_000, true)]);
    assert_eq!(knock(&gaps), Nanos(1_000.0));
    assert_eq!(knock(&[]), SHORTEST);
}

fn heard(dents: &[Option<u32>]) -> Heard {
    Heard { dents: dents.to_vec(), shortest: SHORTEST }
}

#[test]
fn a_bit_is_what_leads_by_three_votes_and_silence_is_none() {
    use crate::verdict::{Ruling, claim};
    // "A" is 0100 0001.
    let clear: Vec<Option<u32>> =
        [0, 1, 0, 0, 0, 0, 0, 1].iter().flat_map(|bit| [Some(8 * bit), Some(8 - 8 * bit)]).collect();
    let mut votes = Votes::on(16);
    assert!(votes.are_open() && votes.word().is_err());
    votes.add(Ok(heard(&clear)));
    votes.add(Ok(heard(&clear)));
    assert_eq!((votes.unknown(), votes.word().unwrap().as_str()), (8, "?"));
    let rule = |votes: &Votes, word: &str| claim("a test word arrives").spelt(votes, word).ruling;
    assert_eq!(rule(&votes, "A"), Ruling::Undecided);
    // Silence, noise in both slots, too few dents, a listener away: no votes.
    let [mut silence, mut noise, mut few, mut away] =
        [Some(0), Some(8), Some(3), None].map(|dents| vec![dents; 16]);
    for dents in [&mut silence, &mut noise, &mut few, &mut away] {
        votes.add(Ok(heard(dents)));
    }
    assert_eq!(votes.unknown(), 8);
    votes.add(Ok(heard(&clear)));
    assert_eq!((votes.unknown(), votes.word().unwrap().as_str(), votes.rounds()), (0, "A", 7));
    assert_eq!((rule(&votes, "A"), rule(&votes, "B")), (Ruling::Shown, Ruling::NotShown));
    votes.add(Err(Unavailable::because("no child")));
    assert!(!votes.are_open() && rule(&votes, "A") == Ruling::Unavailable);
}

#[test]
fn letters_arrive_by_their_bytes_and_no_word_is_no_evidence() {
    use crate::verdict::{Ruling, claim};
    let sent = |word: &[u8]| {
        let bits = word.iter().flat_map(|byte| (0..8).rev().map(move |bit| u32::from(byte >> bit & 1)));
        let dents: Vec<Option<u32>> = bits.flat_map(|bit| [Some(8 * bit), Some(8 - 8 * bit)]).collect();
        let mut votes = Votes::on(dents.len());
        (0..3).for_each(|_| votes.add(Ok(heard(&dents))));
        votes
    };
    let rule = |votes: &Votes, word: &str| claim("a test word arrives").spelt(votes, word);
    for word in ["é", "naïve", "待つ"] {
        let votes = sent(word.as_bytes());
        assert_eq!((votes.word().unwrap().as_str(), rule(&votes, word).ruling), (word, Ruling::Shown));
        assert_eq!(rule(&votes, "è").ruling, Ruling::NotShown);
    }
    // What isn't a letter looks like the sign for that, and yet isn't the same.
    let odd = sent(b"\xff\x1b");
    assert_eq!(odd.word().unwrap(), "\u{fffd}\u{fffd}");
    assert_eq!(rule(&odd, "\u{fffd}\u{fffd}").ruling, Ruling::NotShown);
    for (votes, word) in [(sent(b""), ""), (sent(b""), "A"), (sent(b"A"), "")] {
        let none = rule(&votes, word);
        assert_eq!(none.ruling, Ruling::Unavailable);
        assert!(none.to_string().contains("no letter was sent"), "{none}");
    }
}

#[test]
fn what_cannot_be_heard_says_why() {
    let reason = |cpus: Placement, slots| overhear(cpus, Nanos(5e5), slots, |_| ()).unwrap_err().to_string();
    assert!(reason([0].into(), 8).contains("CPU each"));
    assert!(reason([0, 1].into(), 1_000_000).contains("second"));
    assert_eq!(reason(Err(Unavailable::because("no mask")).into(), 8), "no mask");
}

#[test]
fn slots_that_nobody_can_keep_to_are_refused() {
    let reason = |slot: f64, slots| overhear([0, 1], Nanos(slot), slots, |_| ()).unwrap_err().to_string();
    for slot in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -5e5, 0.0, 9_999.0] {
        assert!(reason(slot, 8).contains("10.0 µs at least"), "{}", reason(slot, 8));
    }
    // What is 0 as a number of 32 bits is none the less too many.
    for slots in [2_001, 1 << 32, (1 << 32) + 8, usize::MAX] {
        assert!(reason(5e5, slots).contains("a second at most"));
    }
    assert_eq!(length_of(Nanos(5e5), 2_000), Ok(Duration::from_micros(500)));
    assert_eq!(length_of(SHORTEST_SLOT, MOST_SLOTS), Ok(Duration::from_micros(10)));
    assert_eq!((Votes::on(usize::MAX).unknown(), Votes::on(16).unknown()), (MOST_SLOTS / 2, 8));
}
