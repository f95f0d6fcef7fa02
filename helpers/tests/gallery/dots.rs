//! What things cost, on one axis.

use super::{
    HERE, HOSTILE, LONG, Piece, clean, elsewhere, missing, piece, said, samples, times, timing, verdict,
};
use helpers::chart;
use helpers::{Guess, Ruling, Status, Timing, nanos};

fn ladder() -> Vec<Timing> {
    vec![
        clean("function call", 1.46, 0.05),
        clean("clock, by vDSO", 23.0, 0.04),
        clean("getppid, raw asm", 118.0, 0.05),
        clean("getppid, libc", 164.0, 0.05),
        clean("clock, by system call", 251.0, 0.06),
        clean("pipe write + read", 690.0, 0.08),
        clean("thread spawn + join", 30_300.0, 0.2),
        clean("fork + wait", 301_000.0, 0.2),
    ]
}

pub(crate) fn dots() -> Vec<Piece> {
    [ordinary(), extreme()].into_iter().flatten().collect()
}

fn ordinary() -> Vec<Piece> {
    let guessed: fn(f64) -> Guess = |ns| said("getppid, libc", nanos(ns));
    vec![
        piece("dots-ordinary", move |wide| {
            let ladder = ladder();
            let ratio = times(&ladder[3], &ladder[0]);
            let ruling = verdict(
                Ruling::Shown,
                format!("A system call takes {ratio} times as long as a function call"),
            );
            chart::dots(&ladder)
                .subject(&ladder[3])
                .guess(&guessed(50.0))
                .ruled(&ruling)
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("dots-unruled", |wide| chart::dots(&ladder()).machine(HERE).figure_at(wide)),
        piece("dots-guess-close", move |wide| {
            let ladder = ladder();
            chart::dots(&ladder[2..6])
                .subject(&ladder[3])
                .guess(&guessed(170.0))
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("dots-guess-far", move |wide| {
            let ladder = ladder();
            let median = ladder[3].median().unwrap();
            let ruling = verdict(Ruling::NotShown, format!("getppid, libc takes {median}, not microseconds"));
            let chart = chart::dots(&ladder[..4]).subject(&ladder[3]).guess(&guessed(5_000_000.0));
            chart.ruled(&ruling).machine(HERE).figure_at(wide)
        }),
        piece("dots-guess-behind", move |wide| {
            let ladder = ladder();
            chart::dots(&ladder).subject(&ladder[3]).guess(&guessed(260.0)).machine(HERE).figure_at(wide)
        }),
        piece("dots-reference", move |wide| {
            let ladder = ladder();
            let slower: Vec<Timing> = [5, 0, 3, 2, 6]
                .map(|place: usize| {
                    clean(&ladder[place].name, ladder[place].samples[0] * (0.4 + place as f64 / 2.0), 0.1)
                })
                .into();
            let chart = chart::dots(&ladder[..7]).subject(&ladder[3]).guess(&guessed(50.0));
            let missing =
                Err(helpers::Unavailable::because("reading records/pi.json: No such file or directory"));
            let chart = chart.model("getppid, libc", nanos(130.0)).reference(&Ok(elsewhere(&slower)));
            chart.reference(&missing).machine(HERE).figure_at(wide)
        }),
        piece("dots-remarks", |wide| {
            let mut ladder = ladder();
            ladder[0].status = Status::BelowResolution("an empty harness alone takes 1.21 ns".into());
            ladder[3].status = Status::Disturbed(
                vec![
                    "the thread waited for a CPU for 48 % of the time".to_owned(),
                    "neighbouring batches resemble each other (lag-1 autocorrelation 0.83)".to_owned(),
                ]
                .into(),
            );
            ladder[4] = missing(
                "int 0x80",
                "the child died of SIGSEGV: this kernel was built without 32-bit emulation",
            );
            let ratio = times(&ladder[3], &ladder[0]);
            let found = format!(
                "getppid, libc takes {ratio} times as long as function call, but much less or more fits this run"
            );
            let ruling = verdict(Ruling::Undecided, found);
            chart::dots(&ladder).subject(&ladder[3]).ruled(&ruling).machine(HERE).figure_at(wide)
        }),
        piece("dots-means", |wide| {
            let quiet = clean("quiet", 164.0, 0.03);
            let mut loud = samples(165.0, 0.05, 200);
            loud.iter_mut().step_by(9).for_each(|x| *x += 4_000.0);
            let loud = timing(
                "with two CPU hogs",
                loud,
                Status::Disturbed(vec!["the thread waited for a CPU for 48 % of the time".to_owned()].into()),
            );
            chart::dots([&quiet, &loud]).means().subject(&loud).machine(HERE).figure_at(wide)
        }),
    ]
}

fn extreme() -> Vec<Piece> {
    vec![
        piece("dots-linear", |wide| {
            let pair = [clean("getppid, raw asm", 118.0, 0.02), clean("getppid, libc", 164.0, 0.02)];
            chart::dots(&pair).subtitle("Time per system call").machine(HERE).figure_at(wide)
        }),
        piece("dots-one-point", |wide| {
            let one = timing("fork + wait", vec![301_000.0], Status::Clean);
            chart::dots([&one]).machine(HERE).figure_at(wide)
        }),
        piece("dots-all-equal", |wide| {
            let rows = ["first", "second", "third"].map(|name| timing(name, vec![100.0; 50], Status::Clean));
            chart::dots(&rows).machine(HERE).figure_at(wide)
        }),
        piece("dots-nine-decades", |wide| {
            let rows: Vec<Timing> =
                (0..10).map(|i| clean(&format!("10 to the {i}"), 1.3 * 10_f64.powi(i), 0.1)).collect();
            let far = said("10 to the 9", nanos(0.5));
            chart::dots(&rows).guess(&far).machine(HERE).figure_at(wide)
        }),
        piece("dots-long-names", |wide| {
            let rows = [
                clean(LONG, 820.0, 0.2),
                clean(&format!("{LONG}, and again"), 1900.0, 0.2),
                missing(LONG, LONG),
            ];
            let guess = said(LONG, nanos(900.0));
            chart::dots(&rows).subject(&rows[0]).guess(&guess).machine(HERE).figure_at(wide)
        }),
        piece("dots-hostile", |wide| {
            let rows =
                [clean(HOSTILE, 5.0, 0.1), clean("函数调用 \u{202e}rtl", 50.0, 0.1), missing("x", HOSTILE)];
            let ruling = verdict(Ruling::Shown, HOSTILE);
            chart::dots(&rows).subtitle(HOSTILE).ruled(&ruling).machine(HOSTILE).figure_at(wide)
        }),
        piece("dots-many", |wide| {
            let rows: Vec<Timing> =
                (0..64).map(|i| clean(&format!("CPU {i}"), 40.0 + f64::from(i * i), 0.3)).collect();
            chart::dots(&rows).machine(HERE).figure_at(wide)
        }),
        piece("dots-million", |wide| {
            let rows = [
                timing("a million calls", samples(164.0, 0.4, 1_000_000), Status::Clean),
                timing("zero and below", vec![0.0, 0.0, -1.0, 20.0, 30.0, 40_000.0], Status::Clean),
            ];
            chart::dots(&rows).machine(HERE).figure_at(wide)
        }),
        piece("dots-unavailable", |wide| {
            let row = missing(
                "io_uring read",
                "io_uring_setup: Operation not permitted; a policy of this machine forbids it",
            );
            chart::dots([&row]).machine(HERE).figure_at(wide)
        }),
        piece("dots-empty", |wide| chart::dots([]).machine(HERE).figure_at(wide)),
    ]
}
