//! `/proc/cpuinfo`: which CPUs these are, and what they can do.

use super::{fields, word};
use crate::reading::{Reading, Unavailable};

/// The names of the CPUs in `/proc/cpuinfo`: their own words on x86-64, made from implementer and part on aarch64. Where there
/// are several kinds, all are named: a program may run on any of them.
///
/// A CPU without a name of its own is called "unknown" there, by Linux and by gVisor.
///
/// # Errors
/// When the file names none.
pub(crate) fn cpu_model(cpuinfo: &[u8]) -> Reading<String> {
    let told = fields(cpuinfo, "model name").filter_map(|name| word(name).ok());
    let mut names: Vec<String> = told.filter(|name| !name.eq_ignore_ascii_case("unknown")).collect();
    if names.is_empty() {
        names = arm_cores(cpuinfo);
    }
    let mut kinds: Vec<(String, usize)> = Vec::new();
    for name in names {
        if let Some((_, count)) = kinds.iter_mut().find(|(other, _)| *other == name) {
            *count += 1;
        } else if kinds.len() < KINDS {
            kinds.push((name, 1));
        }
    }
    match &kinds[..] {
        [] => Err(Unavailable::because("/proc/cpuinfo names no CPU")),
        [(name, _)] => Ok(name.clone()),
        several => {
            let several: Vec<String> =
                several.iter().map(|(name, count)| format!("{count} × {name}")).collect();
            Ok(several.join(" + "))
        }
    }
}

/// No machine mixes more kinds of CPUs.
const KINDS: usize = 8;

/// The cores of an aarch64 machine, in the order of their numbers.
fn arm_cores(cpuinfo: &[u8]) -> Vec<String> {
    let numbers = |key| {
        fields(cpuinfo, key).map_while(|value| {
            let text = std::str::from_utf8(value).ok()?;
            u32::from_str_radix(text.strip_prefix("0x")?, 16).ok()
        })
    };
    let cores = numbers("CPU implementer").zip(numbers("CPU part"));
    cores.map(|(implementer, part)| arm_core(implementer, part)).collect()
}

/// Arm's register of implementers and parts (`MIDR_EL1`), the cores that run Linux servers, boards and laptops.
fn arm_core(implementer: u32, part: u32) -> String {
    let core = match (implementer, part) {
        (0x41, 0xD03) => "Arm Cortex-A53",
        (0x41, 0xD05) => "Arm Cortex-A55",
        (0x41, 0xD07) => "Arm Cortex-A57",
        (0x41, 0xD08) => "Arm Cortex-A72",
        (0x41, 0xD0B) => "Arm Cortex-A76",
        (0x41, 0xD0C) => "Arm Neoverse N1",
        (0x41, 0xD40) => "Arm Neoverse V1",
        (0x41, 0xD49) => "Arm Neoverse N2",
        (0x41, 0xD4F) => "Arm Neoverse V2",
        (0x41, 0xD84) => "Arm Neoverse V3",
        (0x61, _) => return format!("Apple silicon, part {part:#x}"),
        (0xC0, 0xAC3) => "AmpereOne",
        (0xC0, _) => return format!("Ampere, part {part:#x}"),
        _ => return format!("CPU of implementer {implementer:#x}, part {part:#x}"),
    };
    core.to_owned()
}

/// Whether `/proc/cpuinfo` lists a feature, among the `flags` (x86-64) or `Features` (aarch64) of its first CPU.
///
/// # Errors
/// When it lists no features at all.
#[cfg(any(target_arch = "x86_64", test))]
pub(crate) fn has_feature(cpuinfo: &[u8], feature: &str) -> Reading<bool> {
    let field = |key| fields(cpuinfo, key).next();
    let listed = field("flags").or_else(|| field("Features"));
    let listed = listed.ok_or_else(|| Unavailable::because("/proc/cpuinfo lists no features"))?;
    Ok(listed.split(u8::is_ascii_whitespace).any(|one| one == feature.as_bytes()))
}
