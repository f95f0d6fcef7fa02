//! The names by which machines that a program makes up are known in the firmware's tables (SMBIOS, which Linux calls DMI).

use crate::reading::{Reading, Unavailable};

/// The program that makes up a machine with this vendor and this name, or `None` for hardware that the vendor lends as it is. Vendors of hypervisors sell other things as well, so mostly both must fit.
///
/// The pairs are those that the hypervisors write and that `systemd-detect-virt(1)` looks for. Instances of EC2 are named after
/// their kind and their size (`c7g.large`), and "metal" is a size (`c7g.metal`, `c8g.metal-24xl`).
///
/// # Errors
/// When the pair is none of these.
pub(super) fn made_by(vendor: &str, name: &str) -> Reading<Option<&'static str>> {
    let made = match (vendor, name) {
        ("Amazon EC2", name) if name.contains(".metal") => return Ok(None),
        ("Amazon EC2", name) if name.contains('.') => "Nitro",
        ("Apple Inc.", "Apple Virtualization Generic Platform") => "Apple Virtualization",
        ("Google", "Google Compute Engine") | ("Red Hat", "KVM") => "KVM",
        ("Microsoft Corporation", "Virtual Machine") => "Hyper-V",
        ("QEMU", _) => "QEMU",
        ("VMware, Inc.", name) if name.starts_with("VMware") => "VMware",
        ("innotek GmbH" | "Oracle Corporation", "VirtualBox") => "VirtualBox",
        (vendor, "Parallels ARM Virtual Machine" | "Parallels Virtual Platform")
            if vendor.starts_with("Parallels") =>
        {
            "Parallels"
        }
        _ => return Err(Unavailable::because("the firmware's tables name none")),
    };
    Ok(Some(made))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_known_by_its_whole_name() {
        for (vendor, name, made) in [
            ("Microsoft Corporation", "Virtual Machine", "Hyper-V"),
            ("Google", "Google Compute Engine", "KVM"),
            ("Amazon EC2", "c7g.large", "Nitro"),
            ("Apple Inc.", "Apple Virtualization Generic Platform", "Apple Virtualization"),
            ("innotek GmbH", "VirtualBox", "VirtualBox"),
            ("Parallels International GmbH.", "Parallels ARM Virtual Machine", "Parallels"),
            ("VMware, Inc.", "VMware20,1", "VMware"),
            ("QEMU", "QEMU Virtual Machine", "QEMU"),
        ] {
            assert_eq!(made_by(vendor, name), Ok(Some(made)), "{vendor} {name}");
        }
    }

    #[test]
    fn hardware_of_the_same_vendors_is_none() {
        assert_eq!(made_by("Amazon EC2", "c7g.metal"), Ok(None));
        assert_eq!(made_by("Amazon EC2", "c8g.metal-24xl"), Ok(None));
        for (vendor, name) in [
            ("Google", "Kevin"),
            ("Microsoft Corporation", "Surface Pro X"),
            ("Apple Inc.", "Mac14,7"),
            ("Oracle Corporation", "ORACLE SERVER A1-2c"),
            ("Amazon EC2", ""),
            ("", "Virtual Machine"),
            ("", ""),
        ] {
            assert!(made_by(vendor, name).is_err(), "{vendor} {name}");
        }
    }
}
