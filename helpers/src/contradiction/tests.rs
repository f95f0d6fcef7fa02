use super::*;
use crate::measure::Timing;
use crate::reading::{Reading, Unavailable};
use crate::units::{Nanos, nanos};

fn settled(first: Reading<bool>, second: Reading<bool>) -> Contradiction {
    contradiction("it's dear", "it's cheap").first("So it is").holds(first).second("So it is").holds(second)
}

#[test]
fn two_rulings_come_to_one_settlement() {
    use Settlement::{Both, First, Neither, Second};
    let all = [(true, true), (true, false), (false, true), (false, false)];
    let come_to = all.map(|(first, second)| settled(Ok(first), Ok(second)).settled());
    assert_eq!(come_to, [Both, First, Second, Neither]);
}

#[test]
fn nothing_is_settled_without_evidence_for_both() {
    let missing = || Err(Unavailable::because("only one CPU"));
    for holds in [true, false] {
        for pair in
            [settled(missing(), Ok(holds)), settled(Ok(holds), missing()), settled(missing(), missing())]
        {
            assert_eq!(pair.settled(), Settlement::Unavailable);
            assert_eq!(pair.verdict().ruling, Ruling::Unavailable);
            assert_eq!(pair.verdict().finding, "only one CPU");
        }
    }
    let half = contradiction("it's dear", "it's cheap").first("So it is").holds(true);
    assert_eq!(half.settled(), Settlement::Unavailable);
    assert!(half.to_string().contains("no evidence yet"), "{half}");
    assert_eq!(contradiction("a", "b").settled(), Settlement::Unavailable);
}

#[test]
fn what_overlaps_is_undecided_and_surprises_nobody() {
    let near = Timing::of("near", &[50.0, 90.0, 100.0, 110.0, 300.0].map(nanos));
    let pair = contradiction("it takes 100 ns at most", "it takes more")
        .first("It takes {value}")
        .time(&near)
        .at_most(nanos(100.0))
        .second("It takes {value}")
        .reading(&Ok(nanos(400.0)))
        .at_least(nanos(100.0));
    assert_eq!(pair.settled(), Settlement::Undecided);
    for vote in [Choice::First, Choice::Second, Choice::Both, Choice::Neither] {
        assert!(!pair.voted(vote).is_surprise());
        assert!(!Settlement::Unavailable.surprises(vote));
    }
    assert!(settled(Ok(true), Ok(false)).voted(Choice::Second).is_surprise());
    assert!(!settled(Ok(true), Ok(false)).voted(Choice::First).is_surprise());
}

#[test]
fn a_number_that_is_none_settles_nothing() {
    for number in [f64::NAN, f64::INFINITY] {
        let reading: Reading<Nanos> = Ok(nanos(number));
        let pair = contradiction("a", "b")
            .first("It takes {value}")
            .reading(&reading)
            .at_most(nanos(1.0))
            .second("It takes {value}")
            .reading(&reading)
            .at_least(nanos(1.0));
        assert!(!pair.settled().is_settled(), "{pair}");
    }
}

#[test]
fn strangers_may_make_a_time_longer_and_never_shorter() {
    let mut timing =
        Timing::of("nap", &[nanos(60.0), nanos(900.0), nanos(910.0), nanos(950.0), nanos(990.0)]);
    timing.status = crate::measure::Status::Disturbed(vec!["the thread waited".to_owned()].into());
    let rule = |pair: Side, bound: f64| pair.time(&timing).at_most(nanos(bound)).rulings()[0];
    let at_most = |bound| rule(contradiction("a", "b").first("{value}"), bound);
    assert_eq!(
        [at_most(2_000.0), at_most(100.0), at_most(50.0)],
        [Ruling::Shown, Ruling::Undecided, Ruling::NotShown]
    );
}

#[test]
fn a_record_tells_what_it_was_ruled_elsewhere() {
    let pair = settled(Ok(true), Ok(false));
    let timings: [&Timing; 0] = [];
    let record = Record::of("05", timings, pair.verdicts());
    assert_eq!(pair.rulings_of(&record), [Ruling::Shown, Ruling::NotShown]);
    assert_eq!(contradiction("x", "y").rulings_of(&record), [Ruling::Unavailable; 2]);
}
