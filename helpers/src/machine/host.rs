//! What the machine runs on and in: hypervisor, container, kernel.

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
    fn is_gvisor(&self) -> bool {
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
    let loaded = proc::read("/sys/kernel/sched_ext/root/ops").and_then(|name| proc::word(&name));
    if let Ok(name) = loaded {
        return Ok(format!("{name}, a loaded program (sched_ext)"));
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

/// The program that pretends to be the hardware: its name, or `None` on hardware.
#[cfg(target_arch = "x86_64")]
#[allow(clippy::unnecessary_wraps, reason = "other architectures have no instruction to ask")]
pub(crate) fn hypervisor() -> Reading<Option<String>> {
    use std::arch::x86_64::{__cpuid, CpuidResult};
    const BASE: u32 = 0x4000_0000;
    // Where a sandbox refuses this instruction, no Rust program starts: std itself looks for features with it.
    #[allow(unused_unsafe, reason = "newer compilers call it safe")]
    // SAFETY: every CPU that runs 64-bit code has the instruction.
    let ask = |leaf| unsafe { __cpuid(leaf) };
    if ask(1).ecx >> 31 == 0 {
        return Ok(None);
    }
    let CpuidResult { ebx, ecx, edx, .. } = ask(BASE);
    let letters: Vec<u8> = [ebx, ecx, edx].into_iter().flat_map(u32::to_le_bytes).collect();
    Ok(Some(vendor(&letters)))
}

/// The program that pretends to be the hardware: its name. There is no instruction to ask, only files that may tell.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn hypervisor() -> Reading<Option<String>> {
    let word = |path: &str| proc::read(path).and_then(|bytes| proc::word(&bytes));
    if word("/proc/device-tree/hypervisor/compatible").is_ok_and(|name| name.contains("kvm")) {
        return Ok(Some("KVM".to_owned()));
    }
    if let Ok(name) = word("/sys/hypervisor/type") {
        return Ok(Some(name));
    }
    let product = product().unwrap_or_default();
    let known = [("QEMU", "KVM or QEMU"), ("Amazon EC2", "Nitro"), ("Google", "KVM"), ("Virtual", "Hyper-V")];
    match known.iter().find(|(sign, _)| product.contains(sign)) {
        Some((_, name)) => Ok(Some((*name).to_owned())),
        None => {
            Err(Unavailable::because("this CPU has no way to ask for a hypervisor, and no file names one"))
        }
    }
}

/// The name behind the letters of `cpuid` leaf 0x40000000. Each hypervisor documents its own.
///
/// ```
/// use helpers::machine::host::vendor;
/// assert_eq!(vendor(b"KVMKVMKVM\0\0\0"), "KVM");
/// ```
pub fn vendor(letters: &[u8]) -> String {
    let text = String::from_utf8_lossy(letters);
    let text = text.trim_matches(|letter: char| letter == '\0' || letter.is_whitespace());
    let name = match text {
        "KVMKVMKVM" | "Linux KVM Hv" => "KVM",
        "Microsoft Hv" => "Hyper-V",
        "VMwareVMware" => "VMware",
        "XenVMMXenVMM" => "Xen",
        "VBoxVBoxVBox" => "VirtualBox",
        "TCGTCGTCGTCG" => "QEMU",
        "bhyve bhyve" => "bhyve",
        "lrpepyh vr" | "prl hyperv" => "Parallels",
        "ACRNACRNACRN" => "ACRN",
        "VirtualApple" => "Rosetta",
        "" => "a hypervisor without a name",
        _ => return format!("a hypervisor that calls itself {text:?}"),
    };
    name.to_owned()
}

/// What the firmware calls the machine: vendor and product.
pub(crate) fn product() -> Reading<String> {
    let word = |name| {
        let path = format!("/sys/class/dmi/id/{name}");
        proc::word(&proc::read_unless(&path, "the firmware hands over no DMI tables")?)
    };
    let tree = || proc::word(&proc::read("/proc/device-tree/model")?);
    match (word("sys_vendor"), word("product_name")) {
        (Ok(vendor), Ok(product)) => Ok(format!("{vendor} {product}")),
        (Ok(one), _) | (_, Ok(one)) => Ok(one),
        (Err(reason), _) => tree().map(|model| model.trim_matches('\0').to_owned()).map_err(|_| reason),
    }
}

/// A container around this process, and what gave it away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// "Docker", "Kubernetes", "gVisor" …
    pub name: String,
    /// The sign by which it was known.
    pub known_by: String,
}

impl Display for Container {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        write!(out, "{}, known by {}", self.name, self.known_by)
    }
}

/// The container around this process, if one is to be seen. There is no sure way to tell that there is none.
pub(crate) fn container(kernel: &Reading<Kernel>) -> Reading<Option<Container>> {
    if cfg!(not(target_os = "linux")) {
        return Err(Unavailable::because("looked for on Linux only"));
    }
    if kernel.as_ref().is_ok_and(Kernel::is_gvisor) {
        return Ok(Some(Container {
            name: "gVisor".to_owned(),
            known_by: "the build date of its kernel".to_owned(),
        }));
    }
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let exists = |path: &str| std::path::Path::new(path).exists();
    let text = |path: &str| {
        proc::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    };
    Ok(container_by(&variable, &exists, &text))
}

/// The most telling sign first: Kubernetes runs its containers by another runtime, which leaves signs too.
fn container_by(
    variable: &dyn Fn(&str) -> Option<String>,
    exists: &dyn Fn(&str) -> bool,
    text: &dyn Fn(&str) -> String,
) -> Option<Container> {
    let found =
        |name: &str, known_by: &str| Some(Container { name: name.to_owned(), known_by: known_by.to_owned() });
    if variable("KUBERNETES_SERVICE_HOST").is_some() {
        return found("Kubernetes", "the variable KUBERNETES_SERVICE_HOST");
    }
    for (path, name) in [("/.dockerenv", "Docker"), ("/run/.containerenv", "Podman")] {
        if exists(path) {
            return found(name, path);
        }
    }
    let named = proc::word(text("/run/systemd/container").as_bytes())
        .ok()
        .map(|name| (name, "/run/systemd/container"));
    if let Some((name, known_by)) =
        named.or_else(|| variable("container").map(|name| (name, "the variable container")))
    {
        return found(&name, known_by);
    }
    let groups = text("/proc/self/cgroup");
    let signs = [("kubepods", "Kubernetes"), ("docker", "Docker"), ("libpod", "Podman"), ("lxc", "LXC")];
    let (_, name) = signs.iter().find(|(sign, _)| groups.contains(sign))?;
    found(name, "/proc/self/cgroup")
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
        let gvisor = Kernel { build: "#1 SMP Sun Jan 10 15:06:54 PST 2016".into(), ..named("4.4.0") };
        assert!(scheduler(&gvisor).is_err());
    }

    #[test]
    fn a_container_is_known_by_its_signs() {
        let by = |set: &str, file: &str, contents: &str| {
            let variable = |name: &str| (name == set).then(|| "oci".to_owned());
            let exists = |path: &str| path == file;
            let text = |path: &str| if path == file { contents.to_owned() } else { String::new() };
            container_by(&variable, &exists, &text).map(|found| found.name)
        };
        assert_eq!(by("", "", ""), None);
        assert_eq!(by("", "/.dockerenv", "").as_deref(), Some("Docker"));
        assert_eq!(by("KUBERNETES_SERVICE_HOST", "/.dockerenv", "").as_deref(), Some("Kubernetes"));
        assert_eq!(by("container", "", "").as_deref(), Some("oci"));
        assert_eq!(by("", "/run/systemd/container", "lxc\n").as_deref(), Some("lxc"));
        assert_eq!(by("", "/proc/self/cgroup", "0::/lxc/box\n").as_deref(), Some("LXC"));
        assert_eq!(by("", "/proc/self/cgroup", "0::/user.slice\n"), None);
    }

    #[test]
    fn letters_that_nobody_knows_are_shown() {
        assert!(vendor(b"\xFF\xFEodd").contains("calls itself"));
        assert_eq!(vendor(b"\0\0\0\0\0\0\0\0\0\0\0\0"), "a hypervisor without a name");
    }
}
