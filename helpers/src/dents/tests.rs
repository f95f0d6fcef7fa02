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
fn what_cannot_be_heard_says_why() {
    let reason = |cpus: Placement, slots| overhear(cpus, Nanos(5e5), slots, |_| ()).unwrap_err().to_string();
    assert!(reason([0].into(), 8).contains("CPU each"));
    assert!(reason([0, 1].into(), 1_000_000).contains("second"));
    assert_eq!(reason(Err(Unavailable::because("no mask")).into(), 8), "no mask");
}
