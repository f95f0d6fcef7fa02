//! From the numbers that a child left behind to words.

use super::{Nanos, Outcome, Returned, Signal, Trap};

/// What a child left behind: its wait status, and what it wrote down before it ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Raw {
    /// From `waitpid(2)`; `None` for a child that had to be killed.
    pub(super) status: Option<i32>,
    /// The signal that the child caught, if any.
    pub(super) caught: Option<Caught>,
    /// How far it came by itself.
    pub(super) came: Came,
    pub(super) value: Option<i64>,
    pub(super) errno: i32,
    /// The child's answer, or the message of its panic.
    pub(super) text: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "there are no children that come anywhere"))]
pub(super) enum Came {
    #[default]
    Nowhere,
    ToItsEnd,
    ToAPanic,
}

/// What a signal handler is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Caught {
    pub(super) signal: i32,
    pub(super) code: i32,
    /// `si_addr`.
    pub(super) address: u64,
    /// The x86-64 vector, or the whole aarch64 syndrome; `None` where the kernel hands over none.
    pub(super) trap: Option<u64>,
    pub(super) error: u64,
    pub(super) instruction: u64,
}

/// `si_code` of signals that the kernel sends for reasons without a code of their own.
const SI_KERNEL: i32 = 0x80;

pub(super) fn outcome(raw: &Raw, limit: Nanos) -> Outcome {
    let Some(status) = raw.status else { return Outcome::TimedOut(limit) };
    if libc::WIFSIGNALED(status) {
        let number = libc::WTERMSIG(status);
        let code =
            raw.caught.filter(|caught| caught.signal == number).map(|caught| code(number, caught.code));
        return Outcome::Killed(Signal { number, name: signal(number), code });
    }
    match raw.came {
        Came::ToItsEnd => Outcome::Survived(raw.value.map(|value| {
            let failed = value == -1 && raw.errno != 0;
            let error = failed.then(|| std::io::Error::from_raw_os_error(raw.errno).to_string());
            Returned { value, error }
        })),
        Came::ToAPanic => Outcome::Panicked(raw.text.clone()),
        Came::Nowhere => Outcome::Exited(libc::WEXITSTATUS(status)),
    }
}

/// The trap behind the signal, if it was the CPU that gave cause for it.
pub(super) fn trap(raw: &Raw) -> Option<Trap> {
    let caught = raw.caught?;
    let by_cpu =
        matches!(caught.signal, libc::SIGSEGV | libc::SIGBUS | libc::SIGILL | libc::SIGFPE | libc::SIGTRAP)
            && caught.code > 0;
    if !by_cpu {
        return None;
    }
    let of_memory = matches!(caught.signal, libc::SIGSEGV | libc::SIGBUS) && caught.code < SI_KERNEL;
    let address = of_memory.then_some(caught.address);
    let instruction = caught.instruction;
    let by_signal = || Trap {
        number: None,
        name: judged(&caught).to_owned(),
        error: None,
        bits: match (of_memory, caught.code) {
            (true, 1) => "not present, by the signal".to_owned(),
            (true, 2) => "present, by the signal".to_owned(),
            _ => "no details from this kernel".to_owned(),
        },
        address,
        instruction,
    };
    Some(match caught.trap {
        None => by_signal(),
        // Vector 0 is the divide error: with another signal it means that this kernel leaves the field empty.
        Some(0) if cfg!(target_arch = "x86_64") && caught.signal != libc::SIGFPE => by_signal(),
        Some(vector) if cfg!(target_arch = "x86_64") => {
            let (name, bits) = x86_64(vector, caught.error);
            let error = has_error_code(vector).then_some(caught.error);
            let (number, name) = (u32::try_from(vector).ok(), name.to_owned());
            Trap { number, name, error, bits, address: address.filter(|_| vector == 14), instruction }
        }
        Some(syndrome) => {
            let (class, name, bits) = aarch64(syndrome);
            let error = Some(syndrome & ISS);
            Trap { number: Some(class), name: name.to_owned(), error, bits, address, instruction }
        }
    })
}

/// What the trap must have been, where only the signal is known.
fn judged(caught: &Caught) -> &'static str {
    let x86_64 = cfg!(target_arch = "x86_64");
    match (caught.signal, caught.code) {
        (libc::SIGSEGV, SI_KERNEL) if x86_64 => "general protection",
        (libc::SIGSEGV, _) if x86_64 => "page fault",
        (libc::SIGSEGV, _) if caught.address == caught.instruction => "instruction abort",
        (libc::SIGSEGV, _) => "data abort",
        (libc::SIGBUS, 1) => "alignment fault",
        (libc::SIGBUS, _) => "memory error",
        (libc::SIGILL, _) if x86_64 => "invalid opcode",
        (libc::SIGILL, _) => "undefined instruction",
        (libc::SIGFPE, _) => "arithmetic error",
        _ => "breakpoint",
    }
}

/// Intel SDM 3A, table 6-1.
fn x86_64(vector: u64, error: u64) -> (&'static str, String) {
    let name = match vector {
        0 => "divide error",
        1 => "debug",
        3 => "breakpoint",
        4 => "overflow",
        5 => "bound range exceeded",
        6 => "invalid opcode",
        7 => "device not available",
        8 => "double fault",
        10 => "invalid task state",
        11 => "segment not present",
        12 => "stack segment",
        13 => "general protection",
        14 => "page fault",
        16 => "x87 floating point",
        17 => "alignment check",
        18 => "machine check",
        19 => "SIMD floating point",
        20 => "virtualization",
        21 => "control protection",
        29 => "hypervisor communication",
        _ => "trap without a name",
    };
    let bits = match vector {
        14 => page_fault(error),
        8 | 10..=13 if error == 0 => "no selector".to_owned(),
        8 | 10..=13 => selector(error),
        _ if has_error_code(vector) => format!("error code {error:#x}"),
        _ => "no error code".to_owned(),
    };
    (name, bits)
}

/// Intel SDM 3A, table 6-1, column "error code".
fn has_error_code(vector: u64) -> bool {
    matches!(vector, 8 | 10..=14 | 17 | 21 | 29 | 30)
}

/// Intel SDM 3A, figure 4-12. For addresses of the kernel's half Linux always says "present", so as not to tell what is
/// mapped there.
fn page_fault(error: u64) -> String {
    let bit = |place: u32| error >> place & 1 == 1;
    let act = match (bit(4), bit(1)) {
        (true, _) => "fetch",
        (_, true) => "write",
        _ => "read",
    };
    let mut words =
        vec![if bit(2) { "user" } else { "supervisor" }, act, if bit(0) { "present" } else { "not present" }];
    for (place, word) in [(3, "reserved bit set"), (5, "protection key"), (6, "shadow stack"), (15, "SGX")] {
        words.extend(bit(place).then_some(word));
    }
    words.join(" · ")
}

/// Intel SDM 3A, figure 6-7: the segment or gate that was refused.
fn selector(error: u64) -> String {
    let index = error >> 3;
    let table = match error >> 1 & 3 {
        1 | 3 => return format!("interrupt gate {index:#x}"),
        2 => "local",
        _ => "global",
    };
    format!("{table} segment {index}")
}

/// The lower 25 bits of an aarch64 syndrome: what the class says in detail.
const ISS: u64 = 0x1FF_FFFF;

/// Arm ARM, `ESR_EL1`: exception class, its name, and the syndrome in words.
fn aarch64(syndrome: u64) -> (u32, &'static str, String) {
    let class = (syndrome >> 26 & 0x3F) as u32;
    let name = match class {
        0x00 => "undefined instruction",
        0x01 => "trapped wait",
        0x07 => "trapped SIMD or floating point",
        0x0A => "trapped instruction",
        0x0D => "branch target",
        0x0E => "illegal execution state",
        0x15 => "system call",
        0x18 => "trapped system instruction",
        0x19 => "trapped SVE",
        0x1C => "pointer authentication",
        0x20 => "instruction abort",
        0x22 => "program counter alignment",
        0x24 => "data abort",
        0x26 => "stack pointer alignment",
        0x2C => "floating point",
        0x2F => "system error",
        0x30 => "hardware breakpoint",
        0x32 => "single step",
        0x34 => "watchpoint",
        0x3C => "breakpoint",
        _ => "exception without a name",
    };
    let bits = match class {
        0x20 => format!("user · fetch · {}", fault_status(syndrome)),
        0x24 if syndrome >> 6 & 1 == 1 => format!("user · write · {}", fault_status(syndrome)),
        0x24 => format!("user · read · {}", fault_status(syndrome)),
        _ => format!("syndrome {:#x}", syndrome & ISS),
    };
    (class, name, bits)
}

/// The fault status code, and in the words of x86 whether the page was there.
fn fault_status(syndrome: u64) -> String {
    let code = syndrome & 0x3F;
    let level = code & 3;
    match code {
        0x00..=0x03 => format!("address size, level {level}"),
        0x04..=0x07 => format!("not present (translation, level {level})"),
        0x08..=0x0B => format!("present (access flag, level {level})"),
        0x0C..=0x0F => format!("present (permission, level {level})"),
        0x10 => "external".to_owned(),
        0x11 => "tag check".to_owned(),
        0x21 => "alignment".to_owned(),
        _ => format!("fault status {code:#x}"),
    }
}

/// `signal(7)`.
fn signal(number: i32) -> String {
    let name = match number {
        libc::SIGHUP => "SIGHUP",
        libc::SIGINT => "SIGINT",
        libc::SIGQUIT => "SIGQUIT",
        libc::SIGILL => "SIGILL",
        libc::SIGTRAP => "SIGTRAP",
        libc::SIGABRT => "SIGABRT",
        libc::SIGBUS => "SIGBUS",
        libc::SIGFPE => "SIGFPE",
        libc::SIGKILL => "SIGKILL",
        libc::SIGUSR1 => "SIGUSR1",
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGUSR2 => "SIGUSR2",
        libc::SIGPIPE => "SIGPIPE",
        libc::SIGALRM => "SIGALRM",
        libc::SIGTERM => "SIGTERM",
        libc::SIGXCPU => "SIGXCPU",
        libc::SIGXFSZ => "SIGXFSZ",
        libc::SIGVTALRM => "SIGVTALRM",
        libc::SIGPROF => "SIGPROF",
        libc::SIGSYS => "SIGSYS",
        _ => return format!("signal {number}"),
    };
    name.to_owned()
}

/// `sigaction(2)`, "The `si_code` field".
fn code(signal: i32, code: i32) -> String {
    const SEGV: [&str; 4] = ["SEGV_MAPERR", "SEGV_ACCERR", "SEGV_BNDERR", "SEGV_PKUERR"];
    const BUS: [&str; 4] = ["BUS_ADRALN", "BUS_ADRERR", "BUS_OBJERR", "BUS_MCEERR_AR"];
    const ILL: [&str; 8] = [
        "ILL_ILLOPC",
        "ILL_ILLOPN",
        "ILL_ILLADR",
        "ILL_ILLTRP",
        "ILL_PRVOPC",
        "ILL_PRVREG",
        "ILL_COPROC",
        "ILL_BADSTK",
    ];
    const FPE: [&str; 8] = [
        "FPE_INTDIV",
        "FPE_INTOVF",
        "FPE_FLTDIV",
        "FPE_FLTOVF",
        "FPE_FLTUND",
        "FPE_FLTRES",
        "FPE_FLTINV",
        "FPE_FLTSUB",
    ];
    const TRAP: [&str; 4] = ["TRAP_BRKPT", "TRAP_TRACE", "TRAP_BRANCH", "TRAP_HWBKPT"];
    const SYS: [&str; 2] = ["SYS_SECCOMP", "SYS_USER_DISPATCH"];
    let own: &[&str] = match signal {
        libc::SIGSEGV => &SEGV,
        libc::SIGBUS => &BUS,
        libc::SIGILL => &ILL,
        libc::SIGFPE => &FPE,
        libc::SIGTRAP => &TRAP,
        libc::SIGSYS => &SYS,
        _ => &[],
    };
    let name = match code {
        SI_KERNEL => Some("SI_KERNEL"),
        0 => Some("SI_USER"),
        -1 => Some("SI_QUEUE"),
        -6 => Some("SI_TKILL"),
        _ => usize::try_from(code - 1).ok().and_then(|place| own.get(place).copied()),
    };
    name.map_or_else(|| format!("si_code {code}"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_fault_says_who_did_what_to_which_page() {
        let said = [0x4, 0x6, 0x7, 0x15, 0x14, 0x0].map(page_fault);
        let expected = [
            "user · read · not present",
            "user · write · not present",
            "user · write · present",
            "user · fetch · present",
            "user · fetch · not present",
            "supervisor · read · not present",
        ];
        assert_eq!(said, expected);
        assert_eq!(page_fault(0x25), "user · read · present · protection key");
    }

    #[test]
    fn a_general_protection_names_the_selector_if_there_is_one() {
        assert_eq!(x86_64(13, 0), ("general protection", "no selector".to_owned()));
        assert_eq!(x86_64(13, 0x172).1, "interrupt gate 0x2e");
        assert_eq!(x86_64(13, 0x14).1, "local segment 2");
        assert_eq!(x86_64(6, 0), ("invalid opcode", "no error code".to_owned()));
    }

    #[test]
    fn an_aarch64_syndrome_is_told_in_the_same_words() {
        // Syndromes as Linux reports them for a read of nothing, a write to a read-only page, a jump into data.
        let read = aarch64(0x9200_0004);
        assert_eq!(read, (0x24, "data abort", "user · read · not present (translation, level 0)".to_owned()));
        assert_eq!(aarch64(0x9200_004F).2, "user · write · present (permission, level 3)");
        let fetch = aarch64(0x8200_000F);
        assert_eq!(fetch.1, "instruction abort");
        assert_eq!(fetch.2, "user · fetch · present (permission, level 3)");
        assert_eq!(aarch64(0xF200_0001).1, "breakpoint");
    }

    #[test]
    fn every_number_has_a_word() {
        for number in -300..300 {
            assert!(!signal(number).is_empty());
            for one in
                [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGTRAP, libc::SIGSYS, 99]
            {
                assert!(!code(one, number).is_empty());
            }
        }
        for wide in (0..64).map(|place| 1_u64 << place).chain([u64::MAX]) {
            assert!(
                !x86_64(wide, wide).1.is_empty() && !aarch64(wide).2.is_empty() && !selector(wide).is_empty()
            );
        }
        assert_eq!(
            (signal(11), code(11, 1), code(11, 0x80)),
            ("SIGSEGV".into(), "SEGV_MAPERR".into(), "SI_KERNEL".into())
        );
    }

    #[test]
    fn a_signal_that_somebody_sent_is_no_trap() {
        let sent = Caught { signal: libc::SIGSEGV, code: 0, trap: Some(14), ..Caught::default() };
        assert_eq!(trap(&Raw { caught: Some(sent), ..Raw::default() }), None);
    }

    #[test]
    fn a_kernel_that_hands_over_no_trap_number_is_not_taken_for_a_division() {
        let silent = Caught { signal: libc::SIGSEGV, code: 1, address: 8, trap: None, ..Caught::default() };
        let told = trap(&Raw { caught: Some(silent), ..Raw::default() }).unwrap();
        assert_eq!((told.number, told.address), (None, Some(8)));
        assert_eq!(told.bits, "not present, by the signal");
    }
}
