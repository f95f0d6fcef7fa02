//! Fixed data for every kind of chart in every regime that it must survive.

use helpers::chart::{self, Figure, cell};
use helpers::sandbox::{Ending, Outcome, Returned, Signal, Trap};
use helpers::{
    Clock, Guess, Nanos, Pair, Reading, Ruling, Status, Timing, Unavailable, Verdict, nanos, predict,
};

/// One chart of the gallery, at any width.
pub struct Piece {
    /// The name of its picture.
    pub name: &'static str,
    /// Draws it that wide.
    pub draw: Box<dyn Fn(f64) -> Figure>,
}

fn piece(name: &'static str, draw: impl Fn(f64) -> Figure + 'static) -> Piece {
    Piece { name, draw: Box::new(draw) }
}

/// The whole gallery.
pub fn pieces() -> Vec<Piece> {
    [dots(), matrices(), cards(), distributions(), differences(), lines(), lanes(), spans()]
        .into_iter()
        .flatten()
        .collect()
}

const HERE: &str = "AMD EPYC · 2 CPUs · KVM · Linux 6.18";

/// Numbers between 0 and 1 that look random and never change (xorshift, Marsaglia 2003).
pub fn noise(seed: u64, n: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    std::iter::repeat_with(next).take(n).collect()
}

/// Samples around a middle with a long tail to the right, as operating systems give them.
pub fn samples(middle: f64, spread: f64, n: usize) -> Vec<f64> {
    let seed = middle.to_bits() ^ n as u64;
    noise(seed, n)
        .into_iter()
        .map(|u| middle * (1.0 + spread * ((1.0 / (1.0 - u)).powf(0.7) - 1.6)))
        .collect()
}

/// A timing with these samples.
pub fn timing(name: &str, samples: Vec<f64>, status: Status) -> Timing {
    Timing {
        name: name.to_owned(),
        samples,
        calls: 5000,
        empty: nanos(0.3),
        clock: Clock { cost: nanos(23.0), resolution: nanos(10.0) },
        ledger: None,
        status,
    }
}

pub fn clean(name: &str, middle: f64, spread: f64) -> Timing {
    timing(name, samples(middle, spread, 200), Status::Clean)
}

pub fn missing(name: &str, reason: &str) -> Timing {
    Timing {
        clock: Clock { cost: nanos(23.0), resolution: nanos(10.0) },
        ..Timing::unavailable(name, Unavailable::because(reason))
    }
}

pub fn verdict(ruling: Ruling, finding: &str) -> Verdict {
    Verdict {
        claim: "a system call costs more than 50 function calls".to_owned(),
        ruling,
        finding: finding.to_owned(),
    }
}

const LONG: &str = "read one byte from /dev/zero through a buffered reader of 8k";
const HOSTILE: &str = "<script>alert('x')</script> & \"quoted\"\n]]> EVCXR_END_CONTENT";

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

fn dots() -> Vec<Piece> {
    let said: fn(f64) -> Guess = |ns| predict("getppid, libc", nanos(ns));
    vec![
        piece("dots-ordinary", move |wide| {
            let ladder = ladder();
            let ruling = verdict(Ruling::Shown, "One system call costs 112 function calls");
            chart::dots(&ladder)
                .subject(&ladder[3])
                .guess(&said(50.0))
                .ruled(&ruling)
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("dots-unruled", |wide| chart::dots(&ladder()).machine(HERE).figure_at(wide)),
        piece("dots-guess-close", move |wide| {
            let ladder = ladder();
            chart::dots(&ladder[2..6]).subject(&ladder[3]).guess(&said(170.0)).machine(HERE).figure_at(wide)
        }),
        piece("dots-guess-far", move |wide| {
            let ladder = ladder();
            let ruling = verdict(Ruling::NotShown, "getppid, libc takes 164 ns, not microseconds");
            let chart = chart::dots(&ladder[..4]).subject(&ladder[3]).guess(&said(5_000_000.0));
            chart.ruled(&ruling).machine(HERE).figure_at(wide)
        }),
        piece("dots-guess-behind", move |wide| {
            let ladder = ladder();
            chart::dots(&ladder).subject(&ladder[3]).guess(&said(260.0)).machine(HERE).figure_at(wide)
        }),
        piece("dots-remarks", |wide| {
            let mut ladder = ladder();
            ladder[0].status = Status::BelowResolution("an empty harness alone takes 1.21 ns".to_owned());
            ladder[3].status = Status::Disturbed(vec![
                "the thread waited for a CPU for 48 % of the time".to_owned(),
                "neighbouring batches resemble each other (lag-1 autocorrelation 0.83)".to_owned(),
            ]);
            ladder[4] = missing(
                "int 0x80",
                "the child died of SIGSEGV: this kernel was built without 32-bit emulation",
            );
            let ruling = verdict(
                Ruling::Undecided,
                "getppid, libc takes 112 times as long as function call, but anything from 38.2 times to 187 times fits this run",
            );
            chart::dots(&ladder).subject(&ladder[3]).ruled(&ruling).machine(HERE).figure_at(wide)
        }),
        piece("dots-means", |wide| {
            let quiet = clean("quiet", 164.0, 0.03);
            let mut loud = samples(165.0, 0.05, 200);
            loud.iter_mut().step_by(9).for_each(|x| *x += 4_000.0);
            let loud = timing(
                "with two CPU hogs",
                loud,
                Status::Disturbed(vec!["the thread waited for a CPU for 48 % of the time".to_owned()]),
            );
            chart::dots([&quiet, &loud]).means().subject(&loud).machine(HERE).figure_at(wide)
        }),
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
            let far = predict("10 to the 9", nanos(0.5));
            chart::dots(&rows).guess(&far).machine(HERE).figure_at(wide)
        }),
        piece("dots-long-names", |wide| {
            let rows = [
                clean(LONG, 820.0, 0.2),
                clean(&format!("{LONG}, and again"), 1900.0, 0.2),
                missing(LONG, LONG),
            ];
            let guess = predict(LONG, nanos(900.0));
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

fn trap(number: u32, name: &str, error: u64, bits: &str, address: Option<u64>) -> Option<Trap> {
    Some(Trap {
        number: Some(number),
        name: name.to_owned(),
        error: Some(error),
        bits: bits.to_owned(),
        address,
        instruction: 0x5555_5555_4000,
    })
}

fn killed(name: &str) -> Outcome {
    Outcome::Killed(Signal { number: 11, name: name.to_owned(), code: None })
}

fn ending(act: &str, outcome: Outcome, trap: Option<Trap>) -> Ending {
    Ending { act: act.to_owned(), outcome, trap, until_signal: None, until_known: None }
}

fn atlas() -> Vec<Ending> {
    let segv = || killed("SIGSEGV");
    let protection = |bits: &str| trap(13, "general protection", 0, bits, None);
    let efault =
        Outcome::Survived(Some(Returned { value: -1, error: Some("EFAULT, bad address".to_owned()) }));
    vec![
        ending(
            "read 99999999999999",
            segv(),
            trap(14, "page fault", 4, "user · read · not present", Some(0x5af3_107a_3fff)),
        ),
        ending(
            "write to read-only",
            segv(),
            trap(14, "page fault", 7, "user · write · present", Some(0x7f2e_1c00_a010)),
        ),
        ending(
            "run data as code",
            segv(),
            trap(14, "page fault", 21, "user · fetch · present", Some(0x7f2e_1c00_c000)),
        ),
        ending("stop the CPU (hlt)", segv(), protection("")),
        ending("switch interrupts off (cli)", segv(), protection("")),
        ending("read the page-table register", segv(), protection("")),
        ending("load a table of one's own (lidt)", segv(), protection("selector 0")),
        ending("undefined instruction (ud2)", killed("SIGILL"), trap(6, "invalid opcode", 0, "", None)),
        ending("divide by zero", killed("SIGFPE"), trap(0, "divide error", 0, "", None)),
        ending("same pointer, given to write()", efault, None),
        ending("loop for ever", Outcome::TimedOut(nanos(2e9)), None),
    ]
}

fn matrices() -> Vec<Piece> {
    vec![
        piece("matrix-traps", |wide| {
            let mut ruling =
                verdict(Ruling::Shown, "The CPU refuses in four ways; the kernel decides what you hear");
            ruling.claim = "the pointer reappears as the address that the CPU refused".to_owned();
            chart::traps(&atlas()).subject("read 99999999999999").ruled(&ruling).machine(HERE).figure_at(wide)
        }),
        piece("matrix-unavailable", |wide| {
            let reason = "fork: Resource temporarily unavailable";
            let acts = ["read", "write"]
                .map(|act| ending(act, Outcome::Unavailable(Unavailable::because(reason)), None));
            chart::traps(&acts).machine(HERE).figure_at(wide)
        }),
        piece("matrix-empty", |wide| chart::traps([]).machine(HERE).figure_at(wide)),
        piece("matrix-long", |wide| {
            let chart = chart::matrix(["act", "what it does and why it matters here", "C", "outcome"]);
            let chart = chart.row([
                cell(LONG),
                cell(format!("{LONG}; {LONG}; {LONG}")),
                cell("0x1").mono(),
                cell(LONG).category(2),
            ]);
            let chart = chart.row([cell(HOSTILE), cell("x".repeat(90)), cell(""), cell("–").quiet()]);
            chart.title("Long words break").subject(LONG).machine(HERE).figure_at(wide)
        }),
        piece("matrix-one", |wide| {
            chart::matrix(["act", "outcome"])
                .row(["open a file", "yes"])
                .title("One act")
                .machine(HERE)
                .figure_at(wide)
        }),
    ]
}

fn cards() -> Vec<Piece> {
    let known = |text: &str| -> Reading<String> { Ok(text.to_owned()) };
    let hidden = |text: &str| -> Reading<String> { Err(Unavailable::because(text)) };
    vec![
        piece("card-machine", move |wide| {
            chart::facts()
                .fact("CPU", "model", &known("AMD EPYC 9R14"))
                .fact("CPU", "architecture", &known("x86_64"))
                .fact("CPU", "CPUs online", &known("2 (0–1)"))
                .fact("CPU", "CPUs allowed", &known("2 (0–1)"))
                .fact("CPU", "quota", &known("none"))
                .fact("CPU", "hyper-threading", &hidden("the hypervisor shows each CPU as a core of its own"))
                .fact("place", "hypervisor", &known("KVM"))
                .fact("place", "container", &known("Docker"))
                .fact("place", "memory", &known("7.76 GiB"))
                .fact("kernel", "kernel", &known("Linux 6.18.5"))
                .fact("kernel", "scheduler", &known("EEVDF"))
                .fact("kernel", "timer ticks", &known("250 a second, every 4.00 ms"))
                .fact("kernel", "clock source", &known("kvm-clock"))
                .fact("guards", "mitigations", &known("spectre_v1, spectre_v2, spec_store_bypass, srso: 4 of 22 known weaknesses are guarded against here, 18 do not concern this CPU"))
                .fact("guards", "performance counters", &hidden("/proc/sys/kernel/perf_event_paranoid: No such file or directory"))
                .fact("build", "overflow checks", &known("off"))
                .fact("now", "load", &known("0.42, 0.31, 0.25"))
                .title(HERE)
                .machine("")
                .subtitle("What every result below depends on; in grey what is hidden or refused here, and why")
                .figure_at(wide)
        }),
        piece("card-one", move |wide| {
            chart::facts()
                .fact("ring", "CS & 3", &known("3"))
                .title("This code runs in ring 3")
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("card-hostile", move |wide| {
            let card = chart::facts().fact(HOSTILE, HOSTILE, &hidden(HOSTILE)).fact(
                LONG,
                LONG,
                &known(&"x".repeat(200)),
            );
            card.machine(HERE).figure_at(wide)
        }),
        piece("card-empty", |wide| chart::facts().machine(HERE).figure_at(wide)),
    ]
}

fn distributions() -> Vec<Piece> {
    let pipes = || -> Timing {
        let samples = noise(7, 300).into_iter().enumerate();
        let samples =
            samples.map(|(i, x)| if i % 3 == 0 { 43_000.0 } else { 5_000.0 } * (1.0 + x / 6.0)).collect();
        Timing { calls: 1, ..timing("pipe round trip, unpinned", samples, Status::Clean) }
    };
    vec![
        piece("distribution-ordinary", |wide| {
            let call = timing("getppid, libc", samples(164.0, 0.03, 2000), Status::Clean);
            chart::distribution(&call).machine(HERE).figure_at(wide)
        }),
        piece("distribution-log", |wide| {
            let mut slow = samples(1600.0, 0.3, 5000);
            slow.iter_mut().step_by(50).for_each(|x| *x *= 80.0);
            let touch = Timing { calls: 1, ..timing("first touch", slow, Status::Clean) };
            chart::distribution(&touch).subtitle("Time per page").machine(HERE).figure_at(wide)
        }),
        piece("distribution-two-modes", move |wide| {
            chart::distribution(&pipes()).machine(HERE).figure_at(wide)
        }),
        piece("distribution-beside", |wide| {
            let one = timing("getppid, raw asm", samples(118.0, 0.03, 1000), Status::Clean);
            let other = timing("getppid, libc", samples(164.0, 0.03, 1000), Status::Clean);
            let ruling =
                verdict(Ruling::Shown, "The library call takes 1.39 times as long as the bare instruction");
            chart::distribution(&one).beside(&other).ruled(&ruling).machine(HERE).figure_at(wide)
        }),
        piece("distribution-beside-missing", |wide| {
            let one = timing(LONG, samples(118.0, 0.03, 1000), Status::Clean);
            chart::distribution(&one).beside(&missing(HOSTILE, LONG)).machine(HERE).figure_at(wide)
        }),
        piece("distribution-coarse-clock", |wide| {
            let ticks: Vec<f64> =
                noise(3, 3000).iter().map(|u| 1000.0 + 42.0 * (u * u * 9.0).floor()).collect();
            let coarse = Timing { calls: 1, ..timing("a clock of 42 ns steps", ticks, Status::Clean) };
            chart::distribution(&coarse).machine(HERE).figure_at(wide)
        }),
        piece("distribution-few", |wide| {
            let few =
                Timing { calls: 1, ..timing("fork + wait", samples(301_000.0, 0.1, 17), Status::Clean) };
            chart::distribution(&few).machine(HERE).figure_at(wide)
        }),
        piece("distribution-one-point", |wide| {
            let one = Timing { calls: 1, ..timing("fork + wait", vec![301_000.0], Status::Clean) };
            chart::distribution(&one).machine(HERE).figure_at(wide)
        }),
        piece("distribution-all-equal", |wide| {
            chart::distribution(&timing("equal", vec![100.0; 500], Status::Clean))
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("distribution-nine-decades", |wide| {
            let all = noise(9, 4000).iter().map(|u| 10_f64.powf(u * 9.0)).collect();
            chart::distribution(&timing("anything", all, Status::Clean)).machine(HERE).figure_at(wide)
        }),
        piece("distribution-million", |wide| {
            let call = Timing { calls: 1, ..timing(LONG, samples(164.0, 0.04, 1_000_000), Status::Clean) };
            chart::distribution(&call).machine(HERE).figure_at(wide)
        }),
        piece("distribution-unavailable", |wide| {
            chart::distribution(&missing("x", "only one CPU is allowed here")).machine(HERE).figure_at(wide)
        }),
    ]
}

fn pair(first: &str, second: &str, differences: Vec<f64>) -> Pair {
    let n = differences.len();
    let one = samples(118.0, 0.02, n);
    let other: Vec<f64> = one.iter().zip(&differences).map(|(one, more)| one + more).collect();
    Pair {
        first: timing(first, one, Status::Clean),
        second: timing(second, other, Status::Clean),
        differences,
    }
}

fn around(middle: f64, spread: f64, n: usize) -> Vec<f64> {
    let (one, other) = (noise(5, n), noise(6, n));
    one.iter().zip(&other).map(|(a, b)| middle + spread * (a + b - 1.0)).collect()
}

fn differences() -> Vec<Piece> {
    vec![
        piece("difference-ordinary", |wide| {
            let mut all = around(45.6, 8.0, 600);
            all.iter_mut().step_by(60).for_each(|x| *x += 900.0);
            chart::difference(&pair("getppid, raw asm", "getppid, libc", all)).machine(HERE).figure_at(wide)
        }),
        piece("difference-less", |wide| {
            let ruling =
                verdict(Ruling::NotShown, "The library call takes 3.2 ns less than the bare instruction");
            let all = around(-3.2, 5.0, 300);
            chart::difference(&pair("getppid, raw asm", "getppid, libc", all))
                .ruled(&ruling)
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("difference-none", |wide| {
            chart::difference(&pair("one", "the same", around(0.0, 4.0, 400))).machine(HERE).figure_at(wide)
        }),
        piece("difference-far", |wide| {
            chart::difference(&pair(LONG, HOSTILE, around(1e6, 5.0, 400))).machine(HERE).figure_at(wide)
        }),
        piece("difference-one-point", |wide| {
            chart::difference(&pair("a", "b", vec![12.0])).machine(HERE).figure_at(wide)
        }),
        piece("difference-all-equal", |wide| {
            chart::difference(&pair("a", "b", vec![0.0; 300])).machine(HERE).figure_at(wide)
        }),
        piece("difference-unavailable", |wide| {
            let absent = missing("int 0x80", "this kernel was built without 32-bit emulation");
            let pair = Pair { first: clean("syscall", 118.0, 0.02), second: absent, differences: Vec::new() };
            chart::difference(&pair).machine(HERE).figure_at(wide)
        }),
    ]
}

fn durations(values: impl IntoIterator<Item = f64>) -> Vec<Nanos> {
    values.into_iter().map(Nanos).collect()
}

/// What the pages of a fresh mapping cost: every sixteenth is dear, since the kernel maps its neighbours with it.
fn touches(pages: usize) -> (Vec<Nanos>, Vec<Nanos>) {
    let first = noise(11, pages).into_iter().enumerate();
    let first = first.map(|(i, u)| if i % 16 == 0 { 2400.0 + 900.0 * u } else { 120.0 + 60.0 * u });
    (durations(first), durations(samples(23.0, 0.1, pages)))
}

fn lines() -> Vec<Piece> {
    vec![
        piece("line-ordinary", |wide| {
            let (first, second) = touches(256);
            let chart = chart::line("page", "time per touch").series("first touch", &first);
            let ruling = verdict(Ruling::Shown, "The first touch of a page costs up to 140 times the second");
            chart.series("second touch", &second).ruled(&ruling).machine(HERE).figure_at(wide)
        }),
        piece("line-few", |wide| {
            let (first, second) = touches(40);
            let chart = chart::line("page", "time per touch").series("first touch", &first);
            chart.series("second touch", &second).machine(HERE).figure_at(wide)
        }),
        piece("line-close", |wide| {
            let chart = chart::line("page", "time per touch");
            let chart = chart.series("4 KiB", &durations(samples(100.0, 0.05, 300)));
            let chart = chart.series(LONG, &durations(samples(101.0, 0.05, 300)));
            chart.series("1 GiB", &durations(samples(99.0, 0.05, 300))).machine(HERE).figure_at(wide)
        }),
        piece("line-million", |wide| {
            let chart = chart::line("call", "time per call");
            chart
                .series("getppid, libc", &durations(samples(164.0, 0.2, 1_000_000)))
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("line-nine-decades", |wide| {
            let values = (0..200).map(|i| 10_f64.powf(f64::from(i) * 9.0 / 200.0));
            chart::line("step", "time per step")
                .series("growing", &durations(values))
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("line-one-point", |wide| {
            chart::line("page", "time per touch")
                .series("only", &[Nanos(1600.0)])
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("line-all-equal", |wide| {
            let chart = chart::line(HOSTILE, HOSTILE).series(HOSTILE, &[Nanos(1600.0); 100]);
            chart.machine(HERE).figure_at(wide)
        }),
        piece("line-half-missing", |wide| {
            let (first, _) = touches(100);
            let reason = Unavailable::because("madvise(MADV_HUGEPAGE): Invalid argument");
            let chart = chart::line("page", "time per touch").series("4 KiB", &first);
            chart.unavailable("2 MiB", &reason).machine(HERE).figure_at(wide)
        }),
        piece("line-empty", |wide| chart::line("page", "time per touch").machine(HERE).figure_at(wide)),
    ]
}

fn lanes() -> Vec<Piece> {
    let took = |ns: f64| -> Reading<Nanos> { Ok(Nanos(ns)) };
    let actors = ["program", "CPU", "kernel", "shell"];
    vec![
        piece("lanes-ordinary", move |wide| {
            chart::lanes(actors)
                .step("program", "loads from 99999999999999")
                .step("CPU", "finds no page for it, raises trap 14")
                .measured("kernel", "finds no mapping either, sends SIGSEGV", &took(1_430.0))
                .step("program", "has no handler and is ended")
                .measured("kernel", "tears the process down", &took(182_000.0))
                .step("shell", "prints “Segmentation fault”")
                .title("The CPU raises, the kernel decides, the shell prints")
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("lanes-same-lane", move |wide| {
            chart::lanes(["program", "kernel"])
                .measured("program", "write() with the same pointer", &took(120.0))
                .measured(
                    "kernel",
                    "copies from the address, faults",
                    &Err(Unavailable::because("no tracer is allowed here")),
                )
                .step("kernel", "finds its own list of places that may fault")
                .measured("program", "hears EFAULT", &took(90.0))
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("lanes-long", move |wide| {
            let reason = Err(Unavailable::because(LONG));
            let chart = chart::lanes(["a", LONG, HOSTILE, "b", "c"])
                .step("a", LONG)
                .measured(HOSTILE, HOSTILE, &reason);
            chart.measured("c", "x".repeat(80), &took(1.0)).step(LONG, "ends").machine(HERE).figure_at(wide)
        }),
        piece("lanes-one", move |wide| {
            chart::lanes(["CPU"]).step("CPU", "waits").machine(HERE).figure_at(wide)
        }),
        piece("lanes-empty", move |wide| chart::lanes(actors).machine(HERE).figure_at(wide)),
    ]
}

fn spans() -> Vec<Piece> {
    let us = |us: f64| Nanos(us * 1e3);
    vec![
        piece("spans-blocking-read", move |wide| {
            let ruling = verdict(Ruling::Shown, "The reader sleeps for 5.00 ms of 5.04 ms and takes no CPU");
            chart::spans()
                .span("reader", "runs", us(0.0), us(212.0))
                .span("reader", "sleeps", us(212.0), us(4812.0))
                .span("reader", "runs", us(4812.0), us(5030.0))
                .span("writer", "sleeps", us(10.0), us(4700.0))
                .span("writer", "runs", us(4700.0), us(5030.0))
                .ruled(&ruling)
                .machine(HERE)
                .figure_at(wide)
        }),
        piece("spans-many", move |wide| {
            let turns = noise(21, 400);
            let mut now = 0.0;
            let chart = turns.iter().enumerate().fold(chart::spans(), |chart, (i, u)| {
                let from = now;
                now += 0.2 + 3.0 * u;
                chart.span(
                    &format!("thread {}", i % 4 + 1),
                    if i % 3 == 0 { "waits" } else { "runs" },
                    us(from),
                    us(now),
                )
            });
            chart.machine(HERE).figure_at(wide)
        }),
        piece("spans-long", move |wide| {
            let chart =
                chart::spans().span(LONG, HOSTILE, us(0.0), us(1.0)).span(HOSTILE, LONG, us(1.0), us(1.0));
            chart.machine(HERE).figure_at(wide)
        }),
        piece("spans-empty", move |wide| chart::spans().machine(HERE).figure_at(wide)),
    ]
}
