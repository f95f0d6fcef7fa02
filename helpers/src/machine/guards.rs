//! What guards the kernel and programs from one another, and what this process may do in spite of it.

use crate::machine::Context;
use crate::machine::host::Kernel;
use crate::proc;
use crate::reading::{Reading, Unavailable};
use std::collections::BTreeMap;

/// What the kernel does about one known weakness of CPUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weakness {
    Absent,
    Mitigated,
    Open,
    Unknown,
}

/// What the kernel says of a weakness, judged by its first words. Some files speak of the CPU, some of the virtual machines that
/// KVM would run on it (`Documentation/admin-guide/hw-vuln`, `drivers/base/cpu.c`, `arch/x86/kernel/cpu/bugs.c`).
pub(crate) fn weakness(state: &str) -> Weakness {
    let state = state.strip_prefix("KVM: ").unwrap_or(state);
    let says = |words: &str| state.starts_with(words);
    if says("Not affected") {
        Weakness::Absent
    } else if says("Mitigation") {
        Weakness::Mitigated
    } else if says("Vulnerable") || says("Processor vulnerable") {
        Weakness::Open
    } else {
        Weakness::Unknown
    }
}

/// All of them in a sentence; each file counts.
pub(crate) fn weaknesses<'a>(states: impl Iterator<Item = &'a str>) -> String {
    let found: Vec<Weakness> = states.map(weakness).collect();
    let count = |kind| found.iter().filter(|one| **one == kind).count();
    let [absent, mitigated, open, unknown] =
        [Weakness::Absent, Weakness::Mitigated, Weakness::Open, Weakness::Unknown].map(count);
    let unknown = if unknown == 0 { String::new() } else { format!(", {unknown} unknown") };
    let all = found.len();
    format!("of {all} known weaknesses {absent} absent, {mitigated} mitigated, {open} open{unknown}")
}

/// Every file of the directory: its name with spaces, and what it says; of one that cannot be read, why.
pub(crate) fn mitigations() -> Reading<BTreeMap<String, String>> {
    const PLACE: &str = "/sys/devices/system/cpu/vulnerabilities";
    let listed = std::fs::read_dir(PLACE).map_err(|error| Unavailable::refused(PLACE, &error))?;
    let state = |entry: std::fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().replace('_', " ");
        let state = proc::read(entry.path()).and_then(|bytes| proc::word(&bytes));
        (name, state.unwrap_or_else(|reason| format!("Unknown: {reason}")))
    };
    let states: BTreeMap<String, String> = listed.flatten().map(state).collect();
    // Every CPU has at least one that it is not affected by.
    let hidden = || Unavailable::because(format!("{PLACE} is empty: this kernel or its sandbox shows none"));
    if states.is_empty() { Err(hidden()) } else { Ok(states) }
}

/// Which of these the CPU and the kernel keep apart; see [`Context::guards`](super::Context::guards). A flag for `KPTI` is newer
/// than `KPTI` itself, and not every kernel that answers to these questions shows it: its absence tells nothing.
#[cfg(target_arch = "x86_64")]
pub(crate) fn guards(cpuinfo: &[u8]) -> Reading<BTreeMap<String, bool>> {
    let mut guards = BTreeMap::new();
    for name in ["NX", "SMEP", "SMAP", "UMIP"] {
        guards.insert(name.to_owned(), proc::cpuinfo::has_feature(cpuinfo, &name.to_lowercase())?);
    }
    if proc::cpuinfo::has_feature(cpuinfo, "pti")? {
        guards.insert(KPTI.to_owned(), true);
    }
    Ok(guards)
}

#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn guards(_: &[u8]) -> Reading<BTreeMap<String, bool>> {
    Err(Unavailable::because("this architecture does not list them; the mitigations tell some"))
}

const KPTI: &str = "KPTI";

/// The same with what the mitigations tell of `KPTI`, if the flags have not told it.
pub(crate) fn with_isolation(
    mut guards: BTreeMap<String, bool>,
    mitigations: &Reading<BTreeMap<String, String>>,
) -> BTreeMap<String, bool> {
    let told = mitigations.as_ref().ok().and_then(|all| all.get("meltdown"));
    if let Some(state) = told.filter(|state| weakness(state) != Weakness::Unknown) {
        guards.entry(KPTI.to_owned()).or_insert(state.contains("PTI"));
    }
    guards
}

impl Context {
    /// The guards by name, and whether each is up; `None` for one that is not told.
    ///
    /// # Errors
    /// Where none is told.
    pub(crate) fn each_guard(&self) -> Reading<Vec<(&str, Option<bool>)>> {
        let guards = self.guards.as_ref().map_err(|reason| *reason)?;
        let told = guards.iter().map(|(name, on)| (name.as_str(), Some(*on)));
        let untold = (!guards.contains_key(KPTI)).then_some((KPTI, None));
        Ok(untold.into_iter().chain(told).collect())
    }
}

/// `seccomp(2)`, as `/proc/self/status` numbers its modes.
pub(crate) fn seccomp(mode: u64) -> Reading<String> {
    let words = match mode {
        0 => "off",
        1 => "strict: only read, write and leaving",
        2 => "a filter decides on every system call",
        _ => {
            return Err(Unavailable::because(format!(
                "/proc/self/status: nobody knows the seccomp mode {mode}"
            )));
        }
    };
    Ok(words.to_owned())
}

/// What a level leaves to ordinary users (`Documentation/admin-guide/sysctl/kernel.rst`; from 3 on, Debian's kernels and those
/// made from them).
pub(crate) fn paranoia(level: i64) -> String {
    let open = match level {
        ..=-1 => "everything open to all",
        0 => "own programs, the kernel and whole CPUs, but no raw tracepoints",
        1 => "own programs and the kernel's work for them, but no whole CPUs",
        2 => "own programs only, without the kernel",
        _ => "administrators only",
    };
    format!("{open} (level {level})").replace('-', "−")
}

/// The number that the user has outside of the user namespace around this process; `None` where there is no such namespace but
/// the first, in which root is root of the machine (`user_namespaces(7)`).
pub(crate) fn user_outside(kernel: &Reading<Kernel>, user: u32) -> Reading<Option<u32>> {
    if cfg!(not(target_os = "linux")) {
        return Ok(None);
    }
    let map = proc::read_if_there("/proc/self/uid_map")?;
    let link = std::fs::read_link("/proc/self/ns/user").map(|link| link.to_string_lossy().into_owned());
    // gVisor numbers its namespaces in its own way.
    let link = if kernel.as_ref().is_ok_and(Kernel::is_gvisor) { None } else { link.ok() };
    match map {
        Some(map) => outside(&map, link.as_deref(), user),
        // Built without user namespaces, if the rest of /proc is there.
        None => proc::read("/proc/self/status").map(|_| None),
    }
}

fn outside(map: &[u8], link: Option<&str>, user: u32) -> Reading<Option<u32>> {
    /// The kernel gives this number to the first namespace (`PROC_USER_INIT_INO`).
    const FIRST: &str = "user:[4026531837]";
    let ranges = || {
        map.split(|byte| *byte == b'\n').filter_map(|line| {
            let mut fields = line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
            let mut next = || fields.next().and_then(proc::integer);
            Some([next()?, next()?, next()?])
        })
    };
    let maps_all = ranges().eq([[0, 0, u64::from(u32::MAX)]]);
    if maps_all && link.is_none_or(|link| link == FIRST) {
        return Ok(None);
    }
    let user = u64::from(user);
    let mapped = ranges().find_map(|[inside, outside, count]| {
        let place = user.checked_sub(inside).filter(|place| *place < count)?;
        u32::try_from(outside.checked_add(place)?).ok()
    });
    let none = || Unavailable::because("the user namespace around this process has no number for its user");
    mapped.map(Some).ok_or_else(none)
}

/// The effective user. Root of a user namespace is root of what belongs to the namespace, and of nothing else.
pub(crate) fn user(number: u32, outside: &Reading<Option<u32>>) -> String {
    let user = if number == 0 { "root".to_owned() } else { format!("number {number}") };
    match outside {
        Ok(None) => user,
        Ok(Some(outside)) => format!("{user} inside a user namespace only; number {outside} outside"),
        Err(reason) => format!("{user}; unknown whether inside a user namespace only: {reason}"),
    }
}

/// How many of root's powers this process holds, and over what.
pub(crate) fn powers(held: u64, outside: &Reading<Option<u32>>) -> String {
    let powers = match held.count_ones() {
        0 => return "no capabilities".to_owned(),
        1 => "1 capability".to_owned(),
        some => format!("{some} capabilities"),
    };
    match outside {
        Ok(None) => powers,
        Ok(Some(_)) => format!(
            "{powers}, inside the user namespace only: none over the machine's clock, devices, kernel settings and \
             modules, nor over other users' files and processes"
        ),
        Err(reason) => format!("{powers}; unknown whether inside a user namespace only: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_weakness_is_counted() {
        let states = [
            "Not affected",
            "Mitigation: Retpolines; STIBP: disabled",
            "KVM: Mitigation: VMX disabled",
            "Vulnerable: Clear CPU buffers attempted, no microcode",
            "KVM: Vulnerable",
            "Processor vulnerable",
            "Unknown: No mitigations",
            "Unknown (XEN PV detected, hypervisor mitigation required)",
        ];
        assert_eq!(
            weaknesses(states.into_iter()),
            "of 8 known weaknesses 1 absent, 2 mitigated, 3 open, 2 unknown"
        );
        assert_eq!(
            weaknesses(["Not affected"].into_iter()),
            "of 1 known weaknesses 1 absent, 0 mitigated, 0 open"
        );
        assert_eq!(weakness("Unknown: /sys/…: Permission denied"), Weakness::Unknown);
    }

    #[test]
    fn a_guard_that_is_not_told_is_neither_on_nor_off() {
        let isolated = |flagged: bool, meltdown: Option<&str>| {
            let flags = flagged.then(|| (KPTI.to_owned(), true)).into_iter().collect();
            let all = meltdown.map(|state| ("meltdown".to_owned(), state.to_owned())).into_iter().collect();
            with_isolation(flags, &Ok(all)).get(KPTI).copied()
        };
        assert_eq!(isolated(false, Some("Mitigation: PTI")), Some(true));
        assert_eq!(isolated(false, Some("Not affected")), Some(false));
        assert_eq!(isolated(true, Some("Not affected")), Some(true));
        assert_eq!((isolated(true, None), isolated(false, None)), (Some(true), None));
        assert_eq!(isolated(false, Some("Unknown: permission denied")), None);
        let guards = Ok([("NX".to_owned(), true)].into());
        let context = Context { guards, ..(*crate::Machine::here()).clone() };
        assert_eq!(context.each_guard().unwrap(), [(KPTI, None), ("NX", Some(true))]);
        let row = context.rows().into_iter().find(|row| row.label == "separation").unwrap();
        assert_eq!(row.value, "KPTI unknown, NX on");
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn no_flag_is_no_answer() {
        let told =
            |flags: &str| guards(format!("flags\t: nx {flags}\n").as_bytes()).unwrap().get(KPTI).copied();
        assert_eq!((told("pti"), told("smep")), (Some(true), None));
    }

    #[test]
    fn each_level_of_paranoia_says_what_it_allows() {
        let said = [-1, 0, 1, 2, 3].map(paranoia);
        assert_eq!(said.iter().collect::<std::collections::BTreeSet<_>>().len(), 5);
        assert!(said[0].contains("(level −1)") && said[1].contains("whole CPUs, but no raw"), "{said:?}");
    }

    #[test]
    fn a_mode_that_nobody_knows_is_unknown() {
        assert!(seccomp(2).is_ok() && seccomp(3).is_err());
    }

    #[test]
    fn root_of_a_namespace_has_another_number_outside() {
        const ALL: &[u8] = b"         0          0 4294967295\n";
        const OTHER: Option<&str> = Some("user:[4026532208]");
        assert_eq!(outside(ALL, Some("user:[4026531837]"), 0), Ok(None));
        assert_eq!(outside(ALL, None, 1000), Ok(None));
        assert_eq!(outside(ALL, OTHER, 0), Ok(Some(0)));
        let rootless = b"         0       1000          1\n         1     100000      65536\n";
        assert_eq!(outside(rootless, OTHER, 0), Ok(Some(1000)));
        assert_eq!(outside(rootless, None, 33), Ok(Some(100_032)));
        assert!(outside(rootless, OTHER, 70_000).is_err() && outside(b"", OTHER, 65_534).is_err());
        for odd in [&b"0 1"[..], b"x y z\n", b"0 18446744073709551615 4\n", &[0xFF; 40]] {
            assert!(outside(odd, OTHER, 1).is_err());
        }
    }

    #[test]
    fn root_of_a_namespace_is_not_root_of_the_machine() {
        let all = (1 << 41) - 1;
        assert_eq!((user(0, &Ok(None)), powers(all, &Ok(None))), ("root".into(), "41 capabilities".into()));
        let inside = Ok(Some(1000));
        assert!(user(0, &inside).contains("inside a user namespace only; number 1000 outside"));
        assert!(powers(all, &inside).contains("inside the user namespace only: none over"));
        assert_eq!(powers(0, &inside), "no capabilities");
        let refused = Err(Unavailable::because("refused"));
        assert!(
            user(0, &refused).contains("unknown whether") && powers(1, &refused).contains("unknown whether")
        );
    }
}
