//! Matrices and cards.

use super::{HERE, HOSTILE, LONG, Piece, piece, verdict};
use helpers::chart::{self, cell};
use helpers::machine::Context;
use helpers::sandbox::{Ending, Outcome, Returned, Signal, Trap};
use helpers::{Machine, Reading, Ruling, Unavailable, nanos};

fn trap(number: u32, name: &str, error: u64, bits: &str, address: Option<u64>) -> Trap {
    Trap {
        number: Some(number),
        name: name.into(),
        error: Some(error),
        bits: bits.into(),
        address,
        instruction: 0x5555_5555_4000,
    }
}

fn killed(name: &str) -> Outcome {
    Outcome::Killed(Signal { number: 11, name: name.into(), code: None })
}

fn ending(act: &str, outcome: Outcome, trap: impl Into<Option<Trap>>) -> Ending {
    let untimed = || Err(Unavailable::because("not timed"));
    Ending { act: act.into(), outcome, trap: trap.into(), until_signal: untimed(), until_known: untimed() }
}

fn atlas() -> Vec<Ending> {
    let segv = || killed("SIGSEGV");
    let protection = |bits: &str| trap(13, "general protection", 0, bits, None);
    let efault = Outcome::Survived(Some(Returned { value: -1, error: Some("EFAULT, bad address".into()) }));
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

/// The ten acts of notebook 03, as they end on x86-64.
fn ten_acts() -> Vec<Ending> {
    let refused =
        |act: &str| ending(act, killed("SIGSEGV"), trap(13, "general protection", 0, "no selector", None));
    let faulted = |act: &str, bits: &str, address: u64| {
        ending(act, killed("SIGSEGV"), trap(14, "page fault", 4, bits, Some(address)))
    };
    vec![
        faulted("read 99999999999999", "user · read · not present", 0x5af3_107a_3fff),
        refused("read an impossible address"),
        faulted("write to a constant", "user · write · present", 0x7ff7_6526_45a0),
        faulted("run data as code", "user · fetch · present", 0x7ff7_6526_45a0),
        refused("stop the CPU (hlt)"),
        refused("switch interrupts off (cli)"),
        refused("ask a device (in)"),
        refused("read the page-table register"),
        refused("load an interrupt table (lidt)"),
        ending(
            "no instruction at all (ud2)",
            killed("SIGILL"),
            trap(6, "invalid opcode", 0, "no error code", None),
        ),
    ]
}

pub(crate) fn matrices() -> Vec<Piece> {
    vec![
        piece("matrix-atlas", |wide| {
            let ruling = verdict(Ruling::Shown, "10 forbidden acts, 3 kinds of trap");
            let chart = chart::traps(&ten_acts()).subject("read 99999999999999").ruled(&ruling);
            chart.machine(HERE).figure_at(wide)
        }),
        piece("matrix-traps", |wide| {
            let mut ruling =
                verdict(Ruling::Shown, "The CPU refuses in four ways; the kernel decides what you hear");
            ruling.claim = "the pointer reappears as the address that the CPU refused".into();
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

pub(crate) fn cards() -> Vec<Piece> {
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
                .subtitle("What every result below depends on")
                .figure_at(wide)
        }),
        piece("card-guards", |wide| {
            let spared = [
                "gather_data_sampling",
                "itlb_multihit",
                "l1tf",
                "mds",
                "meltdown",
                "mmio_stale_data",
                "retbleed",
                "srbds",
                "tsx_async_abort",
            ];
            let states = [
                ("spec_rstack_overflow", "Vulnerable: Safe RET, no microcode"),
                ("spec_store_bypass", "Vulnerable"),
                ("spectre_v1", "Mitigation: usercopy/swapgs barriers and __user pointer sanitization"),
                (
                    "spectre_v2",
                    "Mitigation: Retpolines; STIBP: disabled; RSB filling; PBRSB-eIBRS: Not affected",
                ),
            ];
            let all = spared.iter().map(|name| (*name, "Not affected")).chain(states);
            let guards = [("NX", true), ("SMEP", true), ("SMAP", true), ("UMIP", true), ("KPTI", false)];
            let machine: Machine = Context {
                guards: Ok(guards.into_iter().map(|(name, on)| (name.to_owned(), on)).collect()),
                mitigations: Ok(all.map(|(name, state)| (name.to_owned(), state.to_owned())).collect()),
                ..(*Machine::here()).clone()
            }
            .into();
            chart::guards(&machine).title("Five guards, four of them up").machine(HERE).figure_at(wide)
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
