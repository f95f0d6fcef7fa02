//! One machine against another.

use super::{HERE, HOSTILE, LONG, Piece, clean, elsewhere, missing, noise, piece};
use helpers::{Machine, Record, Timing, Unavailable, chart};

/// What the first machine has kept: always the same, wherever the tests run.
fn here(timings: &[Timing]) -> Record {
    let mut record = elsewhere(timings);
    let mut context = (*record.machine).clone();
    context.cpu = Ok("AMD EPYC".to_owned());
    context.online = Ok(vec![0, 1]);
    context.allowed = Ok(vec![0, 1]);
    record.machine = Machine::from(context);
    record.label = Some("cloud VM".to_owned());
    record
}

fn named(mut record: Record, label: &str) -> Record {
    record.label = Some(label.to_owned());
    record
}

fn many(seed: u64, count: usize) -> Vec<Timing> {
    let sizes = noise(seed, count);
    (0..count)
        .map(|number| clean(&format!("act {number}"), 100.0 * (1.0 + 30.0 * sizes[number]), 0.05))
        .collect()
}

pub(super) fn machines() -> Vec<Piece> {
    let calls = |factor: f64| {
        vec![
            clean("function call", 1.44 * factor, 0.02),
            clean("getppid, libc", 164.0, 0.05),
            clean("fork + wait", 293_000.0 / factor, 0.3),
            missing("int 0x80", "this kernel was built without 32-bit emulation"),
        ]
    };
    let hostile = |time: f64| vec![clean(LONG, time, 0.05), clean(HOSTILE, 5.0, 0.2)];
    let pairs: [(&'static str, &'static str, Record, Record); 5] = [
        (
            "ratios-ordinary",
            "context-ordinary",
            here(&calls(1.0)),
            named(elsewhere(&calls(1.6)), "Raspberry Pi 5"),
        ),
        ("ratios-empty", "context-same", here(&[]), here(&[])),
        (
            "ratios-one",
            "context-one",
            here(&[clean("getppid", 164.0, 0.05)]),
            named(elsewhere(&[clean("getppid", 81.0, 0.05)]), "laptop"),
        ),
        (
            "ratios-hostile",
            "context-hostile",
            named(here(&hostile(813.0)), HOSTILE),
            named(elsewhere(&hostile(2e9)), LONG),
        ),
        ("ratios-many", "context-many", here(&many(1, 200)), named(elsewhere(&many(2, 200)), "laptop")),
    ];
    let both = |(ratios, context, one, other): (&'static str, &'static str, Record, Record)| {
        let (first, second) = (Ok(one.against(&other)), Ok(one.against(&other)));
        [
            piece(ratios, move |width| chart::ratios(&first).figure_at(width)),
            piece(context, move |width| chart::context(&second).figure_at(width)),
        ]
    };
    let gone = || Err(Unavailable::because("reading theirs.json: No such file or directory"));
    let missing = [
        piece("ratios-unavailable", move |width| chart::ratios(&gone()).machine(HERE).figure_at(width)),
        piece("context-unavailable", move |width| chart::context(&gone()).machine(HERE).figure_at(width)),
    ];
    pairs.into_iter().flat_map(both).chain(missing).collect()
}
