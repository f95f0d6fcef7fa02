use super::*;
use crate::timeline::recorder::RawGap;
use crate::units::millis;

/// On a clock of one count a nanosecond, from 1,000.
fn seen_in(elapsed: Nanos, causes: Reading<()>) -> Observation {
    let (cost, shortest) = (Nanos(20.0), Nanos(2_000.0));
    let (threads, throttling) = (Ok(Lasting::default()), Ok(()));
    Observation { elapsed, threads, cost, shortest, causes, throttling, begun: 1_000, step: 1.0 }
}

/// Of notes as a thread would bring them home.
fn seen_of(raw_gaps: &[RawGap], causes: Reading<()>) -> Thread {
    let notes = Notes {
        tid: 7,
        raw_gaps: raw_gaps.to_vec(),
        until: 1_001_000,
        voluntary: Count(0),
        involuntary: Count(0),
        cpu_time: Ok(Nanos(0.0)),
        throttling: Ok(()),
    };
    seen_in(millis(1.0), causes).thread_of("thread", &notes)
}

fn raw_gap(from: u64, to: u64, involuntary: u32) -> RawGap {
    let (from, to) = (from + 1_000, to + 1_000);
    RawGap { from, to, off: f64::INFINITY, throttled: 0.0, voluntary: 0, involuntary, cpu: 1 }
}

fn ends(thread: &Thread) -> Vec<(f64, f64)> {
    thread.turns.iter().map(|turn| (turn.from.0, turn.to.0)).collect()
}

#[test]
fn switches_end_turns_and_interruptions_do_not() {
    let notes = [raw_gap(0, 0, 0), raw_gap(100_000, 105_000, 0), raw_gap(400_000, 700_000, 2)];
    let thread = seen_of(&notes, Ok(()));
    assert_eq!(ends(&thread), [(0.0, 400_000.0), (700_000.0, 1_000_000.0)]);
    assert_eq!(
        thread.gaps.iter().map(|gap| gap.cause).collect::<Vec<_>>(),
        [Cause::Interrupted, Cause::SwitchedOut]
    );
    assert_eq!((thread.gaps[1].involuntary, thread.migrations()), (Count(2), Ok(Count(0))));
}

#[test]
fn half_a_gap_throttled_is_a_throttled_gap() {
    let throttled = |throttled| RawGap { throttled, ..raw_gap(100_000, 200_000, 1) };
    let cause = |note| seen_of(&[note], Ok(())).gaps[0].cause;
    assert_eq!(cause(throttled(60_000.0)), Cause::Throttled);
    assert_eq!(cause(throttled(40_000.0)), Cause::SwitchedOut);
    assert_eq!(cause(RawGap { involuntary: 0, ..throttled(60_000.0) }), Cause::Interrupted);
}

#[test]
fn throttling_is_counted_where_it_can_be_told_and_else_says_why() {
    let gap = RawGap { throttled: 60_000.0, ..raw_gap(100_000, 200_000, 1) };
    let seen = |throttling, causes| {
        let threads = Ok(vec![seen_of(&[gap], causes)].into());
        Observation { threads, throttling, ..seen_in(millis(1.0), causes) }.throttled()
    };
    let unread = Unavailable::because("cpu.stat: Permission denied");
    let uncounted = Unavailable::because("switches are not counted");
    assert_eq!(seen(Ok(()), Ok(())), Ok(Count(1)));
    assert_eq!(seen(Err(unread), Ok(())), Err(unread));
    assert_eq!(seen(Ok(()), Err(uncounted)), Err(uncounted));
}

#[test]
fn time_at_work_before_a_gap_belongs_to_the_turn() {
    let thread = seen_of(&[RawGap { off: 30_000.0, ..raw_gap(100_000, 200_000, 1) }], Ok(()));
    assert_eq!(ends(&thread), [(0.0, 170_000.0), (200_000.0, 1_000_000.0)]);
}

#[test]
fn what_reaches_beyond_the_end_is_cut_off() {
    let thread = seen_of(&[raw_gap(900_000, 1_500_000, 1)], Ok(()));
    assert_eq!((ends(&thread), thread.gaps[0].to), (vec![(0.0, 900_000.0)], millis(1.0)));
    let thread = seen_of(&[RawGap { off: 550_000.0, ..raw_gap(900_000, 1_500_000, 1) }], Ok(()));
    assert_eq!(ends(&thread), [(0.0, 950_000.0)]);
}

#[test]
fn another_cpu_begins_another_turn() {
    let notes = [raw_gap(0, 0, 0), RawGap { cpu: 3, ..raw_gap(500_000, 500_100, 0) }];
    let thread = seen_of(&notes, Ok(()));
    assert_eq!(thread.turns.iter().map(|turn| turn.cpu).collect::<Vec<_>>(), [Some(1), Some(3)]);
    assert_eq!((thread.gaps.len(), thread.migrations()), (0, Ok(Count(1))));
}

#[test]
fn switches_that_are_not_counted_are_found_out() {
    let gaps = [raw_gap(0, 0, 0), raw_gap(100_000_000, 150_000_000, 0)];
    let judged = |cpu_time: f64, involuntary: u64| {
        let thread = Thread { until: millis(200.0), ..seen_of(&gaps, Ok(())) };
        let turns = vec![Turn { cpu: Some(1), from: Nanos(0.0), to: millis(200.0) }];
        let (cpu_time, involuntary) = (Ok(Nanos(cpu_time)), Ok(Count(involuntary)));
        let threads = Ok(vec![Thread { turns, involuntary, cpu_time, ..thread }]);
        Observation { threads: threads.map(Lasting::from), ..seen_in(millis(200.0), Ok(())) }
            .counts_switches()
    };
    assert!(judged(150e6, 0).unwrap_err().to_string().contains("50.0 ms"));
    assert_eq!([judged(150e6, 1), judged(199e6, 0)], [Ok(()), Ok(())]);
}

#[test]
fn without_causes_every_gap_ends_a_turn_and_none_is_explained() {
    let reason = Unavailable::because("switches are not counted");
    let thread = seen_of(&[RawGap { cpu: NOWHERE, ..raw_gap(100_000, 200_000, 0) }], Err(reason));
    assert_eq!(ends(&thread), [(0.0, 100_000.0), (200_000.0, 1_000_000.0)]);
    assert_eq!((thread.gaps[0].cause, thread.voluntary), (Cause::Unknown, Err(reason)));
    assert_eq!(thread.turns[0].cpu, None);
}
