//! The other computers in the computer: what the firmware says is there, and what the kernel has found.
//!
//! Read from `/sys/firmware`, `/sys/bus` and `/proc`, as far as any user may. Serial numbers are not among it.

use crate::proc;
use crate::reading::{Reading, Unavailable};
use crate::units::Count;
use std::collections::BTreeMap;
use std::fs;

/// What the firmware says, and what is there.
#[derive(Clone)]
pub struct Firmware {
    /// The names of the tables that the firmware hands the kernel, and how many.
    pub tables: Reading<String>,
    /// Who wrote it, and when.
    pub maker: Reading<String>,
    /// The devices that it announces, by their registered names.
    pub announced: Reading<String>,
    /// Whether it announces a keyboard controller.
    pub keyboard: Reading<bool>,
    /// Whether that controller has an interrupt of its own.
    pub keyboard_interrupts: Reading<bool>,
    /// The devices on the PCI bus that have a driver, by driver.
    pub devices: Reading<String>,
    /// How many interrupts they were given.
    pub vectors: Reading<Count>,
    /// By which controllers interrupts come, and how many of each.
    pub controllers: Reading<Vec<(String, Count)>>,
    /// The version of the program inside the CPU.
    pub microcode: Reading<String>,
    /// How often the firmware has taken a CPU away from the kernel since it was switched on.
    pub management_interrupts: Reading<Count>,
}

/// Looks around.
///
/// ```
/// // Are interrupts wires here, or writes to memory?
/// println!("{:?}", helpers::firmware::firmware().controllers);
/// ```
pub fn firmware() -> Firmware {
    let announced = names("/sys/bus/acpi/devices").map(|names| {
        names
            .iter()
            .filter_map(|name| name.split_once(':').map(|(hid, _)| hid.to_owned()))
            .collect::<Vec<_>>()
    });
    let is_keyboard = |hid: &String| hid.starts_with("PNP03");
    Firmware {
        tables: names("/sys/firmware/acpi/tables").map(|names| {
            let tables: Vec<String> =
                names.into_iter().filter(|name| name.len() >= 4 && name.is_ascii()).collect();
            let tables: Vec<String> = tables.into_iter().filter(|name| is_table(name)).collect();
            format!("{}: {}", tables.len(), tables.join(", "))
        }),
        maker: maker(),
        keyboard: announced.as_ref().map(|hids| hids.iter().any(is_keyboard)).map_err(|reason| *reason),
        keyboard_interrupts: keyboard_interrupts(),
        announced: announced.map(|hids| counted(hids.into_iter())),
        devices: devices().map(|devices| counted(devices.into_iter().map(|(driver, _)| driver))),
        vectors: devices().map(|devices| Count(devices.iter().map(|(_, vectors)| vectors).sum())),
        controllers: controllers(),
        microcode: microcode(),
        management_interrupts: Err(Unavailable::because(
            "its counter is a register of the CPU that only the kernel may read (MSR 0x34, on Intel's)",
        )),
    }
}

impl Firmware {
    /// How many interrupts are messages, that is writes to memory, and how many are wires.
    ///
    /// # Errors
    /// Where the kernel does not list its interrupts.
    pub fn messages_and_wires(&self) -> Reading<[Count; 2]> {
        let controllers = self.controllers.as_ref().map_err(|reason| *reason)?;
        let sum = |wanted: bool| {
            let sizes =
                controllers.iter().filter(|(name, _)| is_message(name) == wanted).map(|(_, count)| count.0);
            Count(sizes.sum())
        };
        Ok([sum(true), sum(false)])
    }

    /// How many interrupts are writes to memory.
    ///
    /// # Errors
    /// As [`messages_and_wires`](Self::messages_and_wires).
    pub fn messages(&self) -> Reading<Count> {
        self.messages_and_wires().map(|[messages, _]| messages)
    }

    /// How many interrupts are wires.
    ///
    /// # Errors
    /// As [`messages_and_wires`](Self::messages_and_wires).
    pub fn wires(&self) -> Reading<Count> {
        self.messages_and_wires().map(|[_, wires]| wires)
    }

    /// Whether more of them are writes than wires.
    ///
    /// # Errors
    /// As [`messages_and_wires`](Self::messages_and_wires).
    pub fn mostly_messages(&self) -> Reading<bool> {
        self.messages_and_wires().map(|[messages, wires]| messages > wires)
    }

    /// Whether it announces a keyboard controller that never interrupts anybody.
    ///
    /// # Errors
    /// Where either is unknown.
    pub fn is_keyboard_a_phantom(&self) -> Reading<bool> {
        Ok(self.keyboard? && !self.keyboard_interrupts?)
    }
}

fn is_table(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A controller whose interrupts are writes to memory says so in its name: MSI, "message-signalled interrupts".
fn is_message(controller: &str) -> bool {
    controller.contains("MSI") || controller.contains("ITS")
}

fn names(folder: &str) -> Reading<Vec<String>> {
    let entries = fs::read_dir(folder).map_err(|error| Unavailable::refused(folder, &error))?;
    let mut names: Vec<String> =
        entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    if names.is_empty() { Err(Unavailable::because(format!("{folder} is empty"))) } else { Ok(names) }
}

/// Names with how often each occurs: `PNP0501, 3 × LNRO0005`.
fn counted(names: impl Iterator<Item = String>) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let words = |(name, count): (&String, &usize)| {
        if *count == 1 { name.clone() } else { format!("{count} × {name}") }
    };
    counts.iter().map(words).collect::<Vec<_>>().join(", ")
}

fn maker() -> Reading<String> {
    let file = |name: &str| {
        let none = "the firmware hands over no table of the machine's parts";
        proc::read_in("/sys/class", &format!("dmi/id/{name}"), none).and_then(|text| proc::word(&text))
    };
    Ok(format!("{}, {}", file("bios_vendor")?, file("bios_date")?))
}

/// Each device that has a driver: the driver's name, and how many interrupts it was given.
fn devices() -> Reading<Vec<(String, u64)>> {
    const FOLDER: &str = "/sys/bus/pci/devices";
    let device = |name: String| {
        let driver = fs::read_link(format!("{FOLDER}/{name}/driver")).ok()?;
        let vectors = names(&format!("{FOLDER}/{name}/msi_irqs")).map_or(0, |vectors| vectors.len() as u64);
        Some((driver.file_name()?.to_str()?.to_owned(), vectors))
    };
    Ok(names(FOLDER)?.into_iter().filter_map(device).collect())
}

fn keyboard_interrupts() -> Reading<bool> {
    const FOLDER: &str = "/sys/kernel/irq";
    // Its driver is called after the chip of 1983.
    let has_row = |folder: &str, number: &String| {
        proc::read(format!("{folder}/{number}/actions")).is_ok_and(|actions| actions.starts_with(b"i8042"))
    };
    names(FOLDER).map(|numbers| numbers.iter().any(|number| has_row(FOLDER, number)))
}

fn controllers() -> Reading<Vec<(String, Count)>> {
    const FOLDER: &str = "/sys/kernel/irq";
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for number in names(FOLDER)? {
        let word =
            |file: &str| proc::read(format!("{FOLDER}/{number}/{file}")).and_then(|text| proc::word(&text));
        // A number without an action belongs to nobody.
        if let (Ok(chip), Ok(_)) = (word("chip_name"), word("actions")) {
            *counts.entry(kind(&chip)).or_default() += 1;
        }
    }
    let none = || Unavailable::because("no interrupt names its controller");
    if counts.is_empty() {
        Err(none())
    } else {
        Ok(counts.into_iter().map(|(name, n)| (name, Count(n))).collect())
    }
}

/// A controller without the place of the device that it serves: `PCI-MSIX-0000:00:05.0` is a `PCI-MSIX`.
fn kind(chip: &str) -> String {
    let end = chip.find("-0000:").or_else(|| chip.find([':', '@']));
    chip[..end.unwrap_or(chip.len())].trim_end_matches('-').to_owned()
}

fn microcode() -> Reading<String> {
    let cpuinfo = proc::read("/proc/cpuinfo")?;
    let none = || Unavailable::because("/proc/cpuinfo names no microcode");
    proc::field(&cpuinfo, "microcode").ok_or_else(none).and_then(proc::word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controllers_are_named_without_their_devices() {
        let kinds = ["PCI-MSIX-0000:00:05.0", "IO-APIC", "ITS-PCI-MSI-0000:00:01.0", "GICv3"].map(kind);
        assert_eq!(kinds, ["PCI-MSIX", "IO-APIC", "ITS-PCI-MSI", "GICv3"]);
        assert_eq!(kinds.map(|kind| is_message(&kind)), [true, false, true, false]);
    }

    #[test]
    fn what_occurs_more_than_once_is_counted() {
        assert_eq!(counted(["b", "a", "b"].map(str::to_owned).into_iter()), "a, 2 × b");
        assert!(is_table("SSDT1") && !is_table("data") && !is_table("dynamic"));
    }

    #[test]
    fn looking_around_never_panics() {
        let seen = firmware();
        if let Ok([messages, wires]) = seen.messages_and_wires() {
            assert!(messages.0 + wires.0 > 0);
        }
        assert!(seen.management_interrupts.is_err());
    }
}
