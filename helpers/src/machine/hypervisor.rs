//! The program below the kernel that pretends to be the hardware.

mod tables;

use crate::reading::Reading;
use tables::made_by;

/// The hypervisor's name, or `None` on hardware.
#[cfg(target_arch = "x86_64")]
#[allow(clippy::unnecessary_wraps, reason = "other architectures have no instruction to ask")]
pub(crate) fn hypervisor() -> Reading<Option<String>> {
    // Where a sandbox refuses this instruction, no Rust program starts: std itself looks for features with it.
    #[allow(unused_unsafe, reason = "newer compilers call it safe")]
    // SAFETY: every CPU that runs 64-bit code has the instruction.
    let ask = |leaf| unsafe { std::arch::x86_64::__cpuid(leaf) };
    let [vendor, name] = super::host::system();
    let letters = named_by(&|leaf| {
        let found = ask(leaf);
        [found.eax, found.ebx, found.ecx, found.edx]
    });
    Ok(corrected(letters, made_by(&vendor, &name).ok().flatten()))
}

/// The hypervisor's name. There is no instruction to ask, only files that may tell.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn hypervisor() -> Reading<Option<String>> {
    use crate::proc;
    use crate::reading::Unavailable;
    let word = |path: &str| proc::read(path).and_then(|bytes| proc::word(&bytes));
    if word("/proc/device-tree/hypervisor/compatible").is_ok_and(|name| name.contains("kvm")) {
        return Ok(Some("KVM".to_owned()));
    }
    if let Ok(name) = word("/sys/hypervisor/type") {
        return Ok(Some(name));
    }
    let [vendor, name] = super::host::system();
    let made = made_by(&vendor, &name).map(|made| made.map(str::to_owned));
    made.map_err(|reason| {
        Unavailable::because(format!("this CPU has no way to ask for a hypervisor, and {reason}"))
    })
}

/// The name by the letters, but for `VirtualBox` and Parallels, which can show KVM's: the machine that they make up tells.
#[cfg(any(target_arch = "x86_64", test))]
fn corrected(letters: Option<String>, made: Option<&str>) -> Option<String> {
    made.filter(|made| matches!(*made, "VirtualBox" | "Parallels")).map(str::to_owned).or(letters)
}

/// The name that the CPU gives by `cpuid`, asked by leaf: `eax`, `ebx`, `ecx`, `edx`.
///
/// KVM and Xen can pose as Hyper-V, whose guests run Windows better, or under letters that somebody made up. Then they give
/// their own in one of the next blocks of leaves (`Documentation/virt/kvm/x86/cpuid.rst`; Linux looks there as well,
/// `hypervisor_cpuid_base`).
#[cfg(any(target_arch = "x86_64", test))]
fn named_by(ask: &dyn Fn(u32) -> [u32; 4]) -> Option<String> {
    const BASE: u32 = 0x4000_0000;
    const BLOCK: u32 = 0x100;
    let [_, _, features, _] = ask(1);
    if features >> 31 == 0 {
        return None;
    }
    let letters = |block: u32| -> Vec<u8> {
        let [_, ebx, ecx, edx] = ask(BASE + block * BLOCK);
        [ebx, ecx, edx].into_iter().flat_map(u32::to_le_bytes).collect()
    };
    let first = letters(0);
    let poses = known(&first).is_none_or(|name| name == "Hyper-V");
    let behind = || (1..16).find_map(|block| known(&letters(block)).filter(|name| *name != "Hyper-V"));
    let behind = if poses { behind() } else { None };
    Some(behind.map_or_else(|| vendor(&first), str::to_owned))
}

/// The name behind the letters of `cpuid` leaf 0x40000000.
#[cfg(any(target_arch = "x86_64", test))]
fn vendor(letters: &[u8]) -> String {
    match (known(letters), text(letters).as_str()) {
        (Some(name), _) => name.to_owned(),
        (None, "") => "a hypervisor without a name".to_owned(),
        (None, text) => format!("a hypervisor that calls itself {text:?}"),
    }
}

/// Each hypervisor documents its own letters.
#[cfg(any(target_arch = "x86_64", test))]
fn known(letters: &[u8]) -> Option<&'static str> {
    Some(match text(letters).as_str() {
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
        _ => return None,
    })
}

#[cfg(any(target_arch = "x86_64", test))]
fn text(letters: &[u8]) -> String {
    let text = String::from_utf8_lossy(letters);
    text.trim_matches(|letter: char| letter == '\0' || letter.is_whitespace()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a machine with these letters in these blocks calls its hypervisor.
    fn named(is_virtual: bool, blocks: &[(u32, &[u8; 12])]) -> Option<String> {
        named_by(&|leaf| {
            let letters = blocks.iter().find(|(block, _)| leaf == 0x4000_0000 + block * 0x100);
            match (leaf, letters) {
                (1, _) => [0, 0, u32::from(is_virtual) << 31, 0],
                (_, Some((_, letters))) => {
                    let word = |place| u32::from_le_bytes(letters[place..place + 4].try_into().unwrap());
                    [leaf + 1, word(0), word(4), word(8)]
                }
                _ => [0; 4],
            }
        })
    }

    #[test]
    fn a_hypervisor_that_poses_as_another_is_named_itself() {
        let (hyper_v, kvm) = (b"Microsoft Hv", b"KVMKVMKVM\0\0\0");
        let said = |blocks: &[(u32, &[u8; 12])]| named(true, blocks).unwrap();
        assert_eq!(said(&[(0, kvm)]), "KVM");
        assert_eq!(said(&[(0, hyper_v), (1, kvm)]), "KVM");
        assert_eq!(said(&[(0, hyper_v), (1, b"XenVMMXenVMM")]), "Xen");
        assert_eq!(said(&[(0, hyper_v)]), "Hyper-V");
        assert_eq!(said(&[(0, hyper_v), (1, hyper_v), (2, b"odd letters!")]), "Hyper-V");
        assert_eq!(said(&[(0, b"made up here"), (1, kvm)]), "KVM");
        assert_eq!(said(&[(0, &[0; 12]), (1, kvm)]), "KVM");
        assert!(said(&[(0, b"made up here")]).contains("made up here"));
        assert_eq!(named(false, &[(0, kvm)]), None);
    }

    #[test]
    fn a_machine_that_poses_as_kvm_is_known_by_its_tables() {
        let kvm = || Some("KVM".to_owned());
        assert_eq!(corrected(kvm(), Some("VirtualBox")).as_deref(), Some("VirtualBox"));
        assert_eq!(corrected(kvm(), Some("Parallels")).as_deref(), Some("Parallels"));
        assert_eq!(corrected(kvm(), Some("QEMU")), kvm());
        assert_eq!((corrected(kvm(), None), corrected(None, None)), (kvm(), None));
    }

    #[test]
    fn letters_that_nobody_knows_are_shown() {
        assert!(vendor(b"\xFF\xFEodd").contains("calls itself"));
        assert_eq!(vendor(b"\0\0\0\0\0\0\0\0\0\0\0\0"), "a hypervisor without a name");
        crate::proc::tests::withstands(b"KVMKVMKVM\0\0\0", |letters| known(letters).is_some());
    }
}
