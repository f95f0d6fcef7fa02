//! The words for the numbers of traps and signals.

/// `si_code` of signals that the kernel sends for reasons without a code of their own.
pub(super) const SI_KERNEL: i32 = 0x80;

/// Intel SDM 3A, table 6-1.
pub(super) fn x86_64(vector: u64, error: u64) -> (&'static str, String) {
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
pub(super) fn has_error_code(vector: u64) -> bool {
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
pub(super) const ISS: u64 = 0x1FF_FFFF;

/// Arm ARM, `ESR_EL1`: exception class, its name, and the syndrome in words.
pub(super) fn aarch64(syndrome: u64) -> (u32, &'static str, String) {
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
pub(super) fn signal(number: i32) -> String {
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
pub(super) fn code(signal: i32, code: i32) -> String {
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
}
