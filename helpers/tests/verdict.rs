//! Rulings on timings whose samples are known.

use helpers::{
    Compare, Count, Finding, Nanos, Pair, Question, Ratio, Reading, Ruling, Share, Status, Timing,
    Unavailable, Verdict, check, claim, clock, finding, millis, nanos, question, rulings,
};
use helpers::{statistics::Interval, units::Unit};

fn timing(name: &str, samples: impl IntoIterator<Item = f64>) -> Timing {
    Timing {
        name: name.into(),
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
    assert_eq!(ruled(10.0).finding, "call: 109 times as long as function");
    assert_eq!(ruled(1000.0).ruling, Ruling::NotShown);
    assert_eq!(ruled(109.33).ruling, Ruling::Undecided);
    assert!(ruled(109.33).headline().starts_with("Undecided: "), "{}", ruled(109.33).headline());
    let at_most = |bound: f64| claim("call is cheap").ratio(&call, &function).at_most(bound).ruling;
    assert_eq!((at_most(1000.0), at_most(10.0)), (Ruling::Shown, Ruling::NotShown));
}

#[test]
fn what_is_missing_makes_every_ruling_unavailable_with_its_reason() {
    let (call, gone) = (around("call", 164.0), missing("other core"));
    let pair = Pair { first: call, second: gone, differences: vec![].into() };
    let nothing: Reading<Count> = Err(Unavailable::because("only one CPU"));
    let sentence = finding("{n}", &[("n", &nothing)]);
    for verdict in [
        claim("c").ratio(&call, &gone).at_least(1.0),
        claim("c").ratio(&gone, &call).at_most(1.0),
        claim("c").difference(&pair).at_least(0.0),
        claim("c").ascending([&call, &gone]),
        claim("c").tail(&gone, 0.99).at_least(1.0),
        claim("c").ratio(&call, &call).at_least(gone.repeated(2.0)),
        claim("c").ratio(&call, &call).worded("{ratio} and {n}").with("n", &nothing).at_least(0.1),
        claim("c").holds(nothing.is(Count(0)), format!("{} faults", 0)),
        claim("c").holds(nothing.at_most(Count(9)), ("few", "many")),
        claim("c").holds([Ok(false), nothing.at_least(Count(9))], ("few", "many")),
        claim("c").holds(true, &sentence),
        claim("c").holds(false, ("it holds", sentence)),
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
    let pair = Pair { first, second, differences: vec![5.0; 101].into() };
    assert_eq!(pair.part(Share(0.5)), Ok(Nanos(2.5)));
    assert_eq!(pair.difference(), Ok(Nanos(5.0)));
    let verdict = claim("the second is longer").difference(&pair).at_least(4.0);
    assert_eq!(verdict.ruling, Ruling::Shown);
    assert_eq!(verdict.finding, "second: 5.00 ns longer than first");
    assert_eq!(claim("by six").difference(&pair).at_least(6.0).ruling, Ruling::NotShown);
}

#[test]
fn a_rare_call_is_told_by_its_rank() {
    let mut samples = vec![100.0; 9_980];
    samples.extend([900.0; 20]);
    let verdict = claim("one in a thousand is slow").tail(&timing("call", samples), 0.999).at_least(2.0);
    assert_eq!(verdict.ruling, Ruling::Shown);
    assert_eq!(verdict.finding, "call: 1 in 1,000 takes at least 9.00 times the median");
}

/// Every ruling that readers could type with these timings.
fn every_ruling(one: &Timing, other: &Timing, number: f64) -> Vec<Verdict> {
    let pair = |first: &Timing, second: &Timing| Pair {
        first: *first,
        second: *second,
        differences: first.samples.iter().zip(&second.samples).map(|(a, b)| b - a).collect(),
    };
    let pair = pair(one, other);
    let sentences = [one.to_string(), pair.to_string(), format!("{:?}", claim("x").tail(one, number))];
    assert!(sentences.iter().all(|words| !words.is_empty()));
    vec![
        claim("ratio").ratio(one, other).at_least(number),
        claim("ratio").ratio(one, other).at_most(Ratio(number)),
        claim("ratio").ratio(one, other).within(number, 2.0 * number),
        claim("difference").difference(&pair).at_least(nanos(number)),
        claim("difference").difference(&pair).otherwise("{difference}").within(-number, number),
        claim("tail").tail(one, number).at_least(1.0),
        claim("ascending").ascending([one, other]),
        claim("repeated").ratio(one, other).at_most(other.repeated(number)),
        claim("reading").reading(&one.median()).within(number, 9.0),
        claim("per").ratio(&(*one).per(number), other).at_least(0.0),
        claim("quantile").holds(one.quantile(number).at_least(nanos(number)), ("more", "less")),
        claim("times").holds(one.times(other).within(Ratio(0.0), Ratio(number)), ("more", "less")),
        claim("control").ratio(one, other).control(one, nanos(number)).at_least(number),
    ]
}

#[test]
fn nothing_is_refuted_where_strangers_made_the_control_late() {
    let (task, thread) = (timing("task", [32e6; 40]), timing("thread", [31e6; 40]));
    let against = |control: &Timing, times: f64| {
        claim("tasks wait longer").ratio(&task, &thread).control(control, millis(4.0)).at_least(times)
    };
    let (calm, once_late) = (timing("calm", [8e4; 40]), [vec![8e4; 39], vec![24e6]].concat());
    let crowded = timing("a thread alone", once_late);
    assert_eq!(against(&calm, 4.0).ruling, Ruling::NotShown);
    for (control, reason) in
        [(&crowded, "a thread alone came to 24.0 ms too"), (&missing("nobody"), "only one CPU")]
    {
        assert_eq!(against(control, 4.0).ruling, Ruling::Undecided);
        assert!(against(control, 4.0).finding.contains(reason), "{}", against(control, 4.0));
        // Strangers make nothing look better than it is.
        assert_eq!(against(control, 0.5).ruling, Ruling::Shown);
    }
}

/// What readers come upon by mistake, or type by curiosity.
const ODD: [f64; 14] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    -1.0,
    0.5,
    0.999,
    1.0,
    2.0,
    99.9,
    f64::MIN_POSITIVE,
    5e-324,
    f64::MAX,
];

fn odd_timing(random: &mut fastrand::Rng) -> Timing {
    let count = [0, 1, 2, 3, 7, 101, 1_500][random.usize(..7)];
    let is_odd = random.u32(..4) == 0;
    let samples: Vec<Nanos> = (0..count)
        .map(|_| {
            if is_odd && random.u32(..9) == 0 { ODD[random.usize(..ODD.len())] } else { random.f64() * 100.0 }
        })
        .map(nanos)
        .collect();
    match random.u32(..4) {
        0 => missing("missing"),
        1 => Timing::weighed("10 entries", &samples),
        2 => timing("", samples.iter().map(|sample| sample.0)),
        _ => Timing::of("{a}", &samples),
    }
}

#[test]
fn nothing_that_a_reader_can_type_panics_or_is_shown_without_evidence() {
    let mut random = fastrand::Rng::with_seed(9);
    for _ in 0..4_000 {
        let (one, other) = (odd_timing(&mut random), odd_timing(&mut random));
        let number = if random.bool() { ODD[random.usize(..ODD.len())] } else { random.f64() * 3.0 };
        for verdict in every_ruling(&one, &other, number) {
            let all = || format!("{verdict}\nwith {number}\n{one}\n{other}");
            let is_number = !verdict.finding.contains("NaN") && !verdict.finding.contains("inf");
            assert!(is_number || verdict.ruling == Ruling::Unavailable, "{}", all());
            assert!(!verdict.finding.contains("18,446,744,073,709,551,615"), "{}", all());
            let lacks = |timing: &Timing| timing.median().is_err();
            let one_alone = matches!(verdict.claim.held(), "tail" | "quantile" | "reading");
            if lacks(&one) || (lacks(&other) && !one_alone) {
                assert_eq!(verdict.ruling, Ruling::Unavailable, "{}", all());
            }
            if number.is_nan() && verdict.claim != "ascending" {
                assert_eq!(verdict.ruling, Ruling::Unavailable, "{}", all());
            }
        }
    }
}

#[test]
fn an_order_of_fewer_than_two_is_no_order() {
    let alone = around("a", 1.0);
    for verdict in [claim("c").ascending([]), claim("c").ascending([&alone])] {
        assert_eq!(
            (verdict.ruling, &*verdict.finding),
            (Ruling::Unavailable, "an order takes two timings at least")
        );
    }
}

#[test]
fn bounds_that_leave_nothing_between_them_rule_nothing() {
    let one = around("one", 100.0);
    for (low, high) in [(2.0, 1.0), (f64::NAN, 1.0)] {
        let verdict = claim("x").ratio(&one, &one).within(low, high);
        assert_eq!(verdict.ruling, Ruling::Unavailable, "{verdict}");
        assert!(Ok(Count(1)).within(Count(2), Count(1)).unwrap_err().to_string().contains("above the upper"));
    }
    assert_eq!(Ok(Count(1)).within(Count(1), Count(1)), Ok(true));
}

#[test]
fn the_best_of_nothing_is_no_time_to_compare() {
    let (some, none) = (around("some", 100.0), timing("none", [0.0, 0.0, 0.0]));
    for (one, other) in [(&none, &some), (&some, &none)] {
        let verdict = claim("x").best(one, other).at_most(1.0);
        assert_eq!(verdict.ruling, Ruling::Undecided, "{verdict}");
        assert!(verdict.finding.contains("none takes less than the clock can tell"), "{verdict}");
    }
}

#[test]
fn a_median_of_nothing_decides_nothing() {
    let (a, nothing) = (around("a", 5.0), timing("nothing", [0.0; 20]));
    let verdicts = [
        claim("c").ratio(&a, &nothing).at_least(2.0),
        claim("c").ratio(&nothing, &a).at_most(2.0),
        claim("c").ascending([&nothing, &a]),
        claim("c").tail(&nothing, 0.9).at_most(2.0),
    ];
    for verdict in verdicts {
        assert_eq!(verdict.ruling, Ruling::Undecided);
        assert_eq!(verdict.finding, "nothing takes less than the clock can tell");
    }
    assert!(a.times(&nothing).unwrap_err().to_string().contains("no ratio that could be told"));
}

#[test]
fn a_tail_begins_between_0_and_1_and_takes_samples_to_be_seen() {
    let call = around("call", 5.0);
    for p in [1.0, 0.0, 99.9, -1.0, f64::NAN] {
        let verdict = claim("c").tail(&call, p).at_least(2.0);
        assert_eq!(verdict.ruling, Ruling::Unavailable, "{p}");
        assert!(verdict.finding.contains("between 0 and 1"), "{verdict}");
    }
    let verdict = claim("c").tail(&call, 0.999).at_least(2.0);
    assert_eq!(verdict.finding, "so rare a call takes 1,000 samples to be seen, and there are 101");
    // Of 1,000 samples the rarest may be anything: one may be longer than all that were seen.
    let few = timing("call", (0..1_000).map(|n| 100.0 + f64::from(n)));
    assert_eq!(claim("c").tail(&few, 0.999).at_most(1e6).ruling, Ruling::Undecided);
    assert!(call.quantile(99.9).is_err() && call.quantile(1.0).is_ok());
}

#[test]
fn both_outcomes_have_a_sentence() {
    let (slow, fast) = (around("slow", 10.0), around("fast", 1.0));
    let ruled = |bound: f64| {
        claim("c")
            .ratio(&slow, &fast)
            .worded("Waiting costs {ratio} times as much")
            .otherwise("Waiting costs no more than {ratio} times as much")
            .at_least(bound)
            .finding
    };
    assert_eq!(ruled(2.0), "Waiting costs 10.0 times as much");
    assert_eq!(ruled(20.0), "Waiting costs no more than 10.0 times as much");
    let found = |holds: bool| {
        claim("c").holds(holds, ("B begins before A has ended", format!("{} waits", "B"))).finding
    };
    assert_eq!((found(true), found(false)), ("B begins before A has ended".into(), "B waits".into()));
}

#[test]
fn a_figure_has_no_more_digits_than_its_interval() {
    // Anything from 2.8 to 10.9 ms fits.
    let wide = timing("turn", [2.8, 2.9, 5.1, 10.8, 10.9].map(|ms| ms * 1e6));
    let tick = timing("tick", [0.1e6; 5]);
    assert_eq!(
        claim("c").ratio(&wide, &tick).at_least(2.0).finding,
        "turn: about 50 (28 to 110) times as long as tick"
    );
    let undecided = claim("c").ratio(&wide, &tick).at_least(50.0);
    assert_eq!(undecided.ruling, Ruling::Undecided);
    assert_eq!(
        undecided.finding,
        "turn: 50 times as long as tick, but anything from 28 to 110 times fits this run"
    );
    assert!(wide.to_string().starts_with("turn: 5 ms\n"), "{wide}");
}

#[test]
fn no_figure_is_rounded_past_an_end_of_its_interval() {
    let words = |low, middle, high| Interval { low, middle, high }.words(Unit::Ratio);
    assert_eq!(words(33.0, 85.6, 85.6), "about 86 (33 to 86)");
    assert_eq!(words(30.0, 78.0, 78.0), "about 78 (30 to 78)");
    assert_eq!(words(24.4, 24.4, 95.0), "about 24 (24 to 95)");
    assert_eq!(words(0.0, 5.1, 9.0), "about 5 (0 to 9.0)");
    assert_eq!(words(-0.7, 2.1, 3.4), "about 2 (−0.70 to 3.4)");
    assert_eq!(words(1.0, 1.6, f64::INFINITY), "about 2 (1.0 or more)");
}

#[test]
fn a_difference_below_the_clocks_step_is_none() {
    let pair = |difference: f64| {
        let mut first = timing("first", [100.0; 20]);
        first.clock.resolution = nanos(10.0);
        let second = timing("second", [100.0 + difference; 20]);
        Pair { first, second, differences: vec![difference; 20].into() }
    };
    // Steps of 10 ns, batches of 100 calls: a tenth of a nanosecond can be told.
    let verdict = claim("longer").difference(&pair(-0.000_022_3)).at_least(1.0);
    assert_eq!(verdict.finding, "first and second differ by less than the clock can tell");
    assert_eq!(verdict.ruling, Ruling::NotShown);
    assert_eq!(claim("longer").difference(&pair(0.01)).at_least(0.0).ruling, Ruling::Undecided);
    assert_eq!(
        claim("longer").difference(&pair(0.3)).at_least(0.0).finding,
        "second: 0.300 ns longer than first"
    );
    assert!(pair(0.01).to_string().contains("less than the clock can tell"));
}

#[test]
fn an_estimate_without_its_bound_says_which_is_missing() {
    let (slow, fast) = (around("slow", 10.0), around("fast", 1.0));
    let words = claim("slow is slow").ratio(&slow, &fast).to_string();
    assert!(
        words.starts_with("not ruled on: slow is slow. slow: 10.0 times as long as fast; anything from "),
        "{words}"
    );
    assert!(words.ends_with("The bound that decides is missing: add one, such as .at_least(2.0), .at_most(1.1) or .within(0.9, 1.1)."));
    let pair = Pair { first: fast, second: slow, differences: vec![9.0; 20].into() };
    assert!(claim("c").difference(&pair).to_string().contains(".at_least(nanos(5.0))"));
    let missing = claim("c").ratio(&missing("gone"), &fast).to_string();
    assert!(
        missing.contains("could not be measured here: only one CPU") && missing.contains("bound"),
        "{missing}"
    );
}

#[test]
fn findings_read_well_for_any_name() {
    let (ten, one) = (around("10 entries", 30.0), around("one entry", 10.0));
    let finding = claim("c").ratio(&ten, &one).at_least(2.0).finding;
    assert_eq!(finding, "10 entries: 3.00 times as long as one entry");
    assert!(!claim("c").tail(&ten, 0.9).at_least(1.0).finding.contains("One 10"));
}

#[test]
fn a_missing_number_leaves_no_hole_in_a_sentence() {
    let words = |value: f64| finding("It takes {t}", &[("t", &nanos(value))]);
    assert_eq!(words(1.0).sentence().as_deref(), Ok("It takes 1.00 ns"));
    assert!(words(f64::NAN).sentence().is_err() && words(f64::INFINITY).sentence().is_err());
    let _: Finding = words(1.0);
}

#[test]
fn each_question_has_its_rulings_and_what_has_none_is_seen() {
    const COST: Question = question("What does it cost to <ask>?", "What does it cost to ask?");
    const WAIT: Question = question("What does a thread do while it waits?", "Waiting");
    const NONE: Question = question("Does anybody know?", "Nobody");
    let few = |n: u64| format!("{n} & fewer");
    claim("asking is cheap").answers(COST).holds(true, few(9));
    claim("asking is free").answers(COST).holds(false, few(0));
    claim("waiting is noisy").answers(WAIT).undecided("anything fits");
    claim("waiting is counted").answers(WAIT).unavailable("no counter");
    // Run again, a claim is ruled on anew, in its place.
    claim("asking is cheap").answers(COST).holds(false, few(8));

    let table = rulings([COST, WAIT, NONE]);
    assert_eq!(table.unanswered().collect::<Vec<_>>(), [NONE]);
    let text = table.to_string();
    let expected = "What does it cost to <ask>?
  ○ not shown: asking is cheap. 8 & fewer.
  ○ not shown: asking is free. 0 & fewer.

What does a thread do while it waits?
  ◐ undecided: waiting is noisy. anything fits.
  – unavailable: waiting is counted (no counter).

Does anybody know?
  no ruling: no claim of this run answers it";
    assert!(text.starts_with(expected), "{text}");
    let html = table.html();
    assert!(
        html.contains("<a href=\"#What-does-it-cost-to-ask?\">What does it cost to &lt;ask&gt;?</a>"),
        "{html}"
    );
    assert!(
        html.contains("rowspan=\"2\"") && html.contains("○ not shown") && html.contains("8\u{a0}&amp; fewer")
    );
    assert_eq!(html.matches("<tr>").count(), html.matches("</tr>").count());
    assert_eq!(html.matches("<tbody>").count(), html.matches("</tbody>").count());
}

/// What a kernel prints where it falls back to `{:?}`.
#[test]
fn what_is_meant_to_be_read_has_no_other_form() {
    let call = around("call", 5.0);
    let verdict = claim("c").ratio(&call, &call).at_most(2.0);
    assert_eq!(format!("{verdict:?}"), verdict.to_string());
    assert_eq!(format!("{call:?}"), call.to_string());
    let (first, second) = (call, call);
    let pair = Pair { first, second, differences: vec![1.0].into() };
    let forms =
        [format!("{pair:?}"), format!("{:?}", claim("c").difference(&pair)), format!("{:?}", claim("c"))];
    assert!(forms.iter().all(|form| !form.contains(" {") && !form.contains("Some(")), "{forms:#?}");
    assert_eq!(millis(4.0).to_string(), "4.00 ms");
}

#[test]
fn a_reading_is_ruled_as_it_was_read() {
    let share: Reading<Share> = Ok(Share(0.097));
    let ruled =
        |low: f64| claim("c").reading(&share).worded("{value} is left").within(Share(low), Share(0.14));
    assert_eq!(ruled(0.06).to_string(), "shown: c. 9.70 % is left.");
    assert_eq!(ruled(0.12).ruling, Ruling::NotShown);
    assert!(
        claim("c").reading(&share).to_string().contains("It is 9.70 %. The bound that decides is missing")
    );
    let bound: Reading<Share> = Err(Unavailable::because("no rule"));
    assert_eq!(claim("c").reading(&share).at_most(bound).finding, "no rule");
}

#[test]
fn a_check_is_no_ruling() {
    let odd = check("twice as fast", Reading::Err(Unavailable::because("one CPU")), "Look again.");
    assert_eq!(odd.to_string(), "It cannot be told here: twice as fast. one CPU.");
    assert!(helpers::verdict::all().iter().all(|verdict| verdict.claim != "twice as fast"));
}
