//! Rulings on timings whose samples are known.

use helpers::{Nanos, Pair, Reading, Ruling, Status, Timing, Unavailable, claim, clock, nanos};

fn timing(name: &str, samples: impl IntoIterator<Item = f64>) -> Timing {
    Timing {
        name: name.to_owned(),
        samples: samples.into_iter().collect(),
        calls: 100,
        empty: nanos(0.3),
        clock: clock(),
        ledger: None,
        status: Status::Clean,
    }
}

/// 101 samples around `middle`, one per mille apart.
fn around(name: &str, middle: f64) -> Timing {
    timing(name, (0..101).map(|i| middle * (0.95 + f64::from(i) * 0.001)))
}

fn missing(name: &str) -> Timing {
    Timing::unavailable(name, Unavailable::because("only one CPU"))
}

#[test]
fn a_ratio_is_shown_not_shown_or_undecided_by_its_whole_interval() {
    let (call, function) = (around("call", 164.0), around("function", 1.5));
    let ruled = |bound: f64| claim("call is dear").ratio(&call, &function).at_least(bound);
    assert_eq!(ruled(10.0).ruling, Ruling::Shown);
    assert_eq!(ruled(10.0).finding, "One call takes 109 times as long as one function");
    assert_eq!(ruled(1000.0).ruling, Ruling::NotShown);
    assert_eq!(ruled(109.33).ruling, Ruling::Undecided);
    assert!(ruled(109.33).headline().starts_with("Undecided: "), "{}", ruled(109.33).headline());
    let at_most = |bound: f64| claim("call is cheap").ratio(&call, &function).at_most(bound).ruling;
    assert_eq!((at_most(1000.0), at_most(10.0)), (Ruling::Shown, Ruling::NotShown));
}

#[test]
fn what_is_missing_makes_every_ruling_unavailable_with_its_reason() {
    let (call, gone) = (around("call", 164.0), missing("other core"));
    let pair = Pair { first: call.clone(), second: gone.clone(), differences: vec![] };
    let nothing: Reading<f64> = Err(Unavailable::because("only one CPU"));
    for verdict in [
        claim("c").ratio(&call, &gone).at_least(1.0),
        claim("c").ratio(&gone, &call).at_most(1.0),
        claim("c").difference(&pair).at_least(0.0),
        claim("c").ascending([&call, &gone]),
        claim("c").tail(&gone, 0.99).at_least(1.0),
        claim("c").judged(&nothing, |_| -> (bool, String) { unreachable!("there is nothing to judge") }),
    ] {
        assert_eq!(verdict.ruling, Ruling::Unavailable);
        assert_eq!(verdict.headline(), "Not measured here: only one CPU");
    }
}

#[test]
fn steps_are_ordered_only_if_their_intervals_lie_apart() {
    let [a, b, c] = [around("a", 1.0), around("b", 1.005), around("c", 50.0)];
    assert_eq!(claim("a < c").ascending([&a, &c]).ruling, Ruling::Shown);
    assert_eq!(claim("a < c").ascending([&a, &c]).finding, "a 1.00 ns < c 50.0 ns");
    assert_eq!(claim("c < a").ascending([&c, &a]).ruling, Ruling::NotShown);
    assert_eq!(claim("a < b").ascending([&a, &b]).ruling, Ruling::Undecided);
}

#[test]
fn a_paired_difference_sees_what_the_spread_of_each_would_hide() {
    // Both drift by a factor of three together; the second is always 5 ns longer.
    let drift = |i: i32| 100.0 + 2.0 * f64::from(i);
    let first = timing("first", (0..101).map(drift));
    let second = timing("second", (0..101).map(|i| drift(i) + 5.0));
    let pair = Pair { first, second, differences: vec![5.0; 101] };
    assert_eq!(pair.difference(), Ok(Nanos(5.0)));
    let verdict = claim("the second is longer").difference(&pair).at_least(4.0);
    assert_eq!(verdict.ruling, Ruling::Shown);
    assert_eq!(verdict.finding, "One second takes 5.00 ns longer than one first");
    assert_eq!(claim("by six").difference(&pair).at_least(6.0).ruling, Ruling::NotShown);
}

#[test]
fn a_rare_call_is_told_by_its_rank() {
    let mut samples = vec![100.0; 9_980];
    samples.extend([900.0; 20]);
    let verdict = claim("one in a thousand is slow").tail(&timing("call", samples), 0.999).at_least(2.0);
    assert_eq!(verdict.ruling, Ruling::Shown);
    assert_eq!(verdict.finding, "One call in 1,000 takes at least 9.00 times the usual time");
}
