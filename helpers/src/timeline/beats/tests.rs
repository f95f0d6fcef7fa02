use super::*;
use crate::units::millis;

fn gap(from: f64) -> Gap {
    Gap {
        from: Nanos(from),
        to: Nanos(from + 14_000.0),
        cause: Cause::Interrupted,
        voluntary: Count(0),
        involuntary: Count(0),
    }
}

/// A tick of 4 ms, a host's beat of 10 ms, and some of no rhythm.
fn noisy() -> Vec<Gap> {
    let ticks = (1..250).map(|n| f64::from(n) * 4e6 + 3_990_000.0 + f64::from(n * 7 % 13) * 1_000.0);
    let host = (0..100).map(|n| f64::from(n) * 1e7 + 1_234_567.0);
    let stray = (0..30).map(|n| (f64::from(n) * 31_415_926.0 + 777.0) % 1e9);
    ticks.chain(host).chain(stray).map(gap).collect()
}

fn face(gaps: &[Gap], period: Nanos) -> Beats {
    Beats(Face::of(gaps, period, 1e9).map(Lasting::new))
}

#[test]
fn the_tick_is_parted_and_the_hosts_beat_is_left() {
    let tick = face(&noisy(), millis(4.0));
    let (count, due, cost) = (tick.count().unwrap(), tick.due().unwrap(), tick.cost().unwrap());
    assert!((248..=251).contains(&count.0) && due == Count(250) && (0.003..0.004).contains(&cost.0));
    let host = tick.rest(Count(100));
    let (count, heard) = (host.count().unwrap(), host.heard().unwrap());
    assert!((98..=101).contains(&count.0) && heard.0 > 0.95 && host.elsewhere().unwrap().0 < 10);
    assert_eq!(host.times().len() + host.other_times().len(), tick.other_times().len());
    assert_eq!(host.spans("host").len() + host.other_spans("other").len(), tick.other_times().len());
}

#[test]
fn a_gap_that_the_kernel_explains_is_no_beat() {
    assert!(noisy().iter().all(is_unexplained));
    for cause in [Cause::SwitchedOut, Cause::Throttled, Cause::Unknown] {
        assert!(!is_unexplained(&Gap { cause, ..gap(1e6) }));
    }
    assert!(!is_unexplained(&Gap { to: Nanos(1e6 + 500.0), ..gap(1e6) }));
}

#[test]
fn ticks_that_were_not_taken_away_are_no_beat_of_ten() {
    let ticks: Vec<Gap> = (1..250).map(|n| gap(f64::from(n) * 4e6)).collect();
    let beats = face(&ticks, millis(10.0));
    assert!(beats.heard().unwrap().0 < 0.6 && beats.elsewhere().unwrap().0 >= 49);
    // A beat of 5 ms is there whenever one of ten is due, and again between.
    let halves: Vec<Gap> = (1..200).map(|n| gap(f64::from(n) * 5e6)).collect();
    let beats = face(&halves, millis(10.0));
    assert!(beats.heard().unwrap().0 > 0.95 && beats.elsewhere().unwrap().0 >= 99);
}

#[test]
fn nothing_and_nonsense_are_no_beats() {
    let none = face(&[], millis(4.0));
    assert_eq!((none.count(), none.heard(), none.cost()), (Ok(Count(0)), Ok(Share(0.0)), Ok(Share(0.0))));
    assert_eq!(none.elsewhere(), Ok(Count(0)));
    // No beat of 4 ms was due in so short a time, and none at all where nobody was there.
    let brief = Beats(Face::of(&[], millis(4.0), 1e6).map(Lasting::new));
    let away = Beats(Face::of(&[], millis(4.0), 0.0).map(Lasting::new));
    assert!(brief.heard().is_err() && brief.cost() == Ok(Share(0.0)));
    assert!(away.heard().is_err() && away.cost().is_err());
    for period in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let nonsense = face(&noisy(), Nanos(period));
        assert!(nonsense.count().is_err() && nonsense.rest(Count(100)).length().median().is_err());
    }
}
