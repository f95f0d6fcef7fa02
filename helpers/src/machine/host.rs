//! The kernel, and the name of the machine below it.

use super::cpus;
use crate::proc;
use crate::reading::{Reading, Unavailable};
use crate::units::Count;
use serde::{Deserialize, Serialize};
use std::ffi::CStr;
use std::fmt::{self, Display, Formatter};

/// Name and version of the kernel, from `uname(2)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kernel {
    /// "Linux".
    pub name: String,
    /// "6.18.44-generic".
    pub release: String,
    /// The build: its number, options and date.
    pub build: String,
}

impl Kernel {
    /// Major and minor version.
    ///
    /// # Errors
    /// When the release does not begin with two numbers.
    pub fn version(&self) -> Reading<(u32, u32)> {
        let mut numbers =
            self.release.split(|digit: char| !digit.is_ascii_digit()).map_while(|one| one.parse().ok());
        numbers
            .next()
            .zip(numbers.next())
            .ok_or_else(|| Unavailable::because(format!("{} is no version", self.release)))
    }

    /// The name and the first two numbers of the version: "Linux 6.18".
    pub fn short(&self) -> String {
        match self.version() {
            Ok((major, minor)) => format!("{} {major}.{minor}", self.name),
            Err(_) => self.to_string(),
        }
    }

    /// gVisor answers in the kernel's place, and always with these words.
    pub(super) fn is_gvisor(&self) -> bool {
        self.build.contains("Sun Jan 10 15:06:54 PST 2016") || self.release.contains("gvisor")
    }
}

impl Display for Kernel {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        write!(out, "{} {}", self.name, self.release)
    }
}

/// Asks the kernel for its name.
pub(crate) fn kernel() -> Reading<Kernel> {
    // SAFETY: every field of utsname is an array of characters, for which zero is a value.
    let mut names: libc::utsname = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel fills in the one structure it is given, with texts that end in a zero.
    if unsafe { libc::uname(&raw mut names) } != 0 {
        return Err(Unavailable::refused("uname", &std::io::Error::last_os_error()));
    }
    // SAFETY: `uname` succeeded, so each field holds a text that ends in a zero.
    let text =
        |field: &[libc::c_char]| unsafe { CStr::from_ptr(field.as_ptr()) }.to_string_lossy().into_owned();
    Ok(Kernel { name: text(&names.sysname), release: text(&names.release), build: text(&names.version) })
}

/// Who shares out the CPUs: a loaded program if there is one, else judged by the version.
///
/// `EEVDF` has replaced `CFS` in Linux 6.6 (Corbet, *An EEVDF CPU scheduler for Linux*, LWN 2023).
pub(crate) fn scheduler(kernel: &Kernel) -> Reading<String> {
    if kernel.is_gvisor() {
        return Err(Unavailable::because("gVisor answers instead of the kernel that shares out the CPUs"));
    }
    if kernel.name != "Linux" {
        return Err(Unavailable::because(format!("{} does not tell", kernel.name)));
    }
    scheduler_by(kernel, proc::read_if_there("/sys/kernel/sched_ext/root/ops"))
}

/// A kernel without a loaded program has no such file.
fn scheduler_by(kernel: &Kernel, loaded: Reading<Option<Vec<u8>>>) -> Reading<String> {
    if let Some(name) = loaded? {
        return proc::word(&name).map(|name| format!("{name}, a loaded program (sched_ext)"));
    }
    let version = kernel.version()?;
    let name = if version >= (6, 6) { "EEVDF" } else { "CFS" };
    Ok(format!("{name}, judged by the version"))
}

/// How often per second the timer interrupts a busy CPU. Judged by the coarse clock, which moves with it.
#[cfg(target_os = "linux")]
pub(crate) fn tick() -> Reading<Count> {
    let mut step = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel fills in the one structure it is given.
    if unsafe { libc::clock_getres(libc::CLOCK_MONOTONIC_COARSE, &raw mut step) } != 0 {
        let error = std::io::Error::last_os_error();
        return Err(Unavailable::refused("clock_getres(CLOCK_MONOTONIC_COARSE)", &error));
    }
    let step = crate::units::nanos(step.tv_sec as f64 * 1e9 + step.tv_nsec as f64);
    let per_second = (1e9 / step.0.max(1.0)).round();
    if (24.0..=2000.0).contains(&per_second) {
        Ok(Count(per_second as u64))
    } else {
        Err(Unavailable::because(format!("the coarse clock moves every {step}: that is no timer tick")))
    }
}

/// How often per second the timer interrupts a busy CPU.
#[cfg(not(target_os = "linux"))]
pub(crate) fn tick() -> Reading<Count> {
    Err(Unavailable::because("only Linux has a coarse clock that moves with the timer tick"))
}

/// The CPUs whose tick the kernel stops while one thread has them to itself (the boot option `nohz_full`).
pub(crate) fn tickless() -> Reading<Vec<usize>> {
    const CPUS: &str = "/sys/devices/system/cpu";
    match proc::read_if_there(format!("{CPUS}/nohz_full"))? {
        Some(bytes) => tickless_in(&bytes),
        // A kernel built without it has no such file, but it lists its CPUs.
        None => proc::read(format!("{CPUS}/online")).map(|_| Vec::new()),
    }
}

fn tickless_in(bytes: &[u8]) -> Reading<Vec<usize>> {
    if matches!(bytes.trim_ascii(), b"" | b"(null)") { Ok(Vec::new()) } else { cpus::list(bytes) }
}

/// A word of the firmware's tables.
fn dmi(name: &str) -> Reading<String> {
    let read = proc::read_in("/sys/class/dmi/id", name, "the firmware does not tell");
    read.and_then(|bytes| proc::word(&bytes))
}

/// The machine's vendor and its name in the firmware's tables; empty where they are not told.
pub(super) fn system() -> [String; 2] {
    ["sys_vendor", "product_name"].map(|name| dmi(name).unwrap_or_default())
}

/// What the firmware calls the machine: vendor and product.
pub(crate) fn product() -> Reading<String> {
    let tree = || proc::word(&proc::read("/proc/device-tree/model")?);
    let model = || tree().map(|model| model.trim_matches('\0').to_owned());
    product_by(&dmi).or_else(|reason| model().map_err(|_| reason))
}

/// The system's name, or its board's where only that was filled in.
fn product_by(dmi: &dyn Fn(&str) -> Reading<String>) -> Reading<String> {
    let named = |name: &str| dmi(name).and_then(filled_in);
    let by = |vendor: &str, product: String| match named(vendor) {
        Ok(vendor) => format!("{vendor} {product}"),
        Err(_) => product,
    };
    let system = named("product_name").map(|product| by("sys_vendor", product));
    let board = || named("board_name").map(|product| by("board_vendor", product));
    system.or_else(|reason| board().or_else(|_| named("sys_vendor")).map_err(|_| reason))
}

/// The text, unless it is what stands there where a maker has filled in nothing.
fn filled_in(text: String) -> Reading<String> {
    const BLANK: [&str; 12] = [
        "to be filled by o.e.m.",
        "to be filled by oem",
        "system manufacturer",
        "system product name",
        "default string",
        "not specified",
        "not applicable",
        "undefined",
        "unknown",
        "none",
        "o.e.m.",
        "oem",
    ];
    if BLANK.contains(&text.to_lowercase().as_str()) {
        return Err(Unavailable::because(format!("the maker has not filled it in: it reads {text:?}")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(release: &str) -> Kernel {
        Kernel { name: "Linux".into(), release: release.into(), build: "#1 SMP".into() }
    }

    #[test]
    fn a_version_is_two_numbers_in_front() {
        assert_eq!(named("6.18.44-generic").version(), Ok((6, 18)));
        assert_eq!(named("5.10").short(), "Linux 5.10");
        for odd in ["", "six", "6", "-6.1", "99999999999.1"] {
            assert!(named(odd).version().is_err(), "{odd}");
        }
    }

    #[test]
    fn the_scheduler_changed_in_6_6() {
        assert!(
            scheduler(&named("6.5.0")).is_ok_and(|name| name.starts_with("CFS") || name.contains("loaded"))
        );
        assert!(
            scheduler(&named("6.6.1")).is_ok_and(|name| name.starts_with("EEVDF") || name.contains("loaded"))
        );
        let loaded = scheduler_by(&named("6.12.0"), Ok(Some(b"simple\n".to_vec())));
        assert_eq!(loaded.unwrap(), "simple, a loaded program (sched_ext)");
        let refused = Err(Unavailable::because("permission denied"));
        assert!(scheduler_by(&named("6.12.0"), refused).is_err());
        let gvisor = Kernel { build: "#1 SMP Sun Jan 10 15:06:54 PST 2016".into(), ..named("4.4.0") };
        assert!(scheduler(&gvisor).is_err());
    }

    #[test]
    fn what_no_maker_filled_in_is_no_name() {
        let named = |files: &[(&str, &str)]| {
            product_by(&|name| {
                let found = files.iter().find(|(file, _)| *file == name);
                found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| Unavailable::because("no such file"))
            })
        };
        let blank = [("sys_vendor", "To Be Filled By O.E.M."), ("product_name", "To Be Filled By O.E.M.")];
        assert!(named(&blank).unwrap_err().to_string().contains("not filled it in"));
        let board = [("board_vendor", "ASRock"), ("board_name", "B450M Pro4")];
        assert_eq!(named(&[&blank[..], &board].concat()).unwrap(), "ASRock B450M Pro4");
        assert_eq!(
            named(&[("sys_vendor", "QEMU"), ("product_name", "Standard PC")]).unwrap(),
            "QEMU Standard PC"
        );
        assert_eq!(named(&[("sys_vendor", "Default string"), ("product_name", "NUC")]).unwrap(), "NUC");
        assert_eq!(
            named(&[("sys_vendor", "ASUS"), ("product_name", "System Product Name")]).unwrap(),
            "ASUS"
        );
        assert!(named(&[]).is_err());
    }

    #[test]
    fn a_list_of_cpus_without_ticks_may_be_empty() {
        for empty in ["\n", "(null)\n", " (null)\n", ""] {
            assert_eq!(tickless_in(empty.as_bytes()), Ok(vec![]), "{empty:?}");
        }
        assert_eq!(tickless_in(b"2-3\n"), Ok(vec![2, 3]));
        assert!(tickless_in(b"?").is_err());
    }
}
