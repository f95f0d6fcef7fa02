//! The other computers in the computer: what the firmware says is there, and what the kernel has found.
//!
//! Read from `/sys/firmware`, `/sys/bus` and `/proc`, as far as any user may. Serial numbers are not among it.

use crate::lasting::Lasting;
use crate::machine::hypervisor::hypervisor;
use crate::proc;
use crate::reading::{Reading, Unavailable};
use crate::units::Count;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind::NotFound;

/// What the firmware says, and what is there.
#[derive(Clone, Copy)]
pub struct Firmware {
    /// The names of the tables that the firmware hands the kernel, and how many.
    pub tables: Reading<Lasting<str>>,
    /// Who wrote it, and when.
    pub maker: Reading<Lasting<str>>,
    /// The devices that it announces, by their registered names.
    pub announced: Reading<Lasting<str>>,
    /// Whether it announces a keyboard controller.
    pub keyboard: Reading<bool>,
    /// Whether that controller has an interrupt of its own.
    pub keyboard_interrupts: Reading<bool>,
    /// The devices on the PCI bus that have a driver, by driver.
    pub devices: Reading<Lasting<str>>,
    /// How many interrupts they were given.
    pub vectors: Reading<Count>,
    /// By which controllers interrupts come, and how many of each.
    pub controllers: Reading<Lasting<[(String, Count)]>>,
    /// The version of the program inside the CPU. Below a hypervisor nobody can tell: what stands there is the hypervisor's word.
    pub microcode: Reading<Lasting<str>>,
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
    let devices = devices("/sys/bus/pci/devices");
    let vectors = devices.as_ref().map_err(|reason| *reason);
    Firmware {
        tables: names("/sys/firmware/acpi/tables").map(|names| {
            let tables: Vec<String> =
                names.into_iter().filter(|name| name.len() >= 4 && name.is_ascii()).collect();
            let tables: Vec<String> = tables.into_iter().filter(|name| is_table(name)).collect();
            format!("{}: {}", tables.len(), tables.join(", ")).into()
        }),
        maker: maker().map(Lasting::from),
        keyboard: announced.as_ref().map(|hids| hids.iter().any(is_keyboard)).map_err(|reason| *reason),
        keyboard_interrupts: keyboard_interrupts("/sys/kernel/irq"),
        announced: announced.map(|hids| counted(hids.into_iter()).into()),
        vectors: vectors.and_then(|devices| devices.iter().map(|(_, vectors)| *vectors).sum()).map(Count),
        devices: devices.map(|devices| counted(devices.into_iter().map(|(driver, _)| driver)).into()),
        controllers: controllers("/sys/kernel/irq"),
        microcode: microcode().map(Lasting::from),
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
fn devices(folder: &str) -> Reading<Vec<(String, Reading<u64>)>> {
    let mut found = Vec::new();
    for name in names(folder)? {
        let link = format!("{folder}/{name}/driver");
        match fs::read_link(&link) {
            Ok(driver) => {
                let driver = driver.file_name().unwrap_or_default().to_string_lossy().into_owned();
                found.push((driver, vectors(&format!("{folder}/{name}/msi_irqs"))));
            }
            Err(error) if error.kind() == NotFound => {}
            Err(error) => return Err(Unavailable::refused(link, &error)),
        }
    }
    Ok(found)
}

/// How many messages a device was given. One that has a wire, or never interrupts, has no such folder.
fn vectors(folder: &str) -> Reading<u64> {
    match fs::read_dir(folder) {
        Ok(vectors) => Ok(vectors.count() as u64),
        Err(error) if error.kind() == NotFound => Ok(0),
        Err(error) => Err(Unavailable::refused(folder, &error)),
    }
}

/// The interrupts that the kernel has given out: controller and actions of each, empty where there are none.
fn given_out(folder: &str) -> Reading<Vec<[Vec<u8>; 2]>> {
    let file = |number: &str, name: &str| proc::read_if_there(format!("{folder}/{number}/{name}"));
    let both = |number: String| {
        Ok([file(&number, "chip_name")?.unwrap_or_default(), file(&number, "actions")?.unwrap_or_default()])
    };
    names(folder)?.into_iter().map(both).collect()
}

fn keyboard_interrupts(folder: &str) -> Reading<bool> {
    // Its driver is called after the chip of 1983.
    given_out(folder).map(|all| all.iter().any(|[_, actions]| actions.starts_with(b"i8042")))
}

fn controllers(folder: &str) -> Reading<Lasting<[(String, Count)]>> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for [chip, actions] in given_out(folder)? {
        // A number without an action belongs to nobody.
        if let (Ok(chip), Ok(_)) = (proc::word(&chip), proc::word(&actions)) {
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
    let version = proc::field(&cpuinfo, "microcode").ok_or_else(none).and_then(proc::word)?;
    own_version(version, &hypervisor())
}

/// The version, unless it may be one that a hypervisor made up (Hyper-V shows all ones, QEMU 0x1 or 0x1000065): which of them
/// pass on the CPU's own, nobody can tell from inside.
fn own_version(version: String, hypervisor: &Reading<Option<String>>) -> Reading<String> {
    let reads = format!("/proc/cpuinfo reads {version}");
    let why = match hypervisor {
        _ if version == "0xffffffff" => format!("{reads}, which is what stands there in place of a version"),
        Ok(None) => return Ok(version),
        Ok(Some(name)) => format!("{reads}, but the hypervisor fills this in, here {name}"),
        Err(reason) => format!("{reads}, but a hypervisor may have filled this in: {reason}"),
    };
    Err(Unavailable::because(why))
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
    fn a_version_that_a_hypervisor_fills_in_is_none() {
        let told = |version: &str, hypervisor| own_version(version.to_owned(), &hypervisor);
        assert_eq!(told("0xb000065", Ok(None)).unwrap(), "0xb000065");
        assert!(told("0xffffffff", Ok(None)).is_err());
        let made_up = told("0x1000065", Ok(Some("KVM".to_owned()))).unwrap_err().to_string();
        assert!(made_up.contains("the hypervisor fills this in, here KVM"), "{made_up}");
        assert!(told("0x1", Err(Unavailable::because("no way to ask"))).is_err());
    }

    #[test]
    fn what_could_not_be_read_is_not_counted_as_nothing() {
        let home = std::env::temp_dir().join(format!("firmware-{}", std::process::id()));
        let at = |place: &str| home.join(place).to_str().unwrap().to_owned();
        // A folder where a file belongs, and the other way round, cannot be read even by root.
        for folder in ["irq/1/actions", "wired/1", "pci/0000:00:01.0", "pci/0000:00:02.0"] {
            fs::create_dir_all(at(folder)).unwrap();
        }
        fs::write(at("wired/1/actions"), "i8042\n").unwrap();
        fs::write(at("pci/0000:00:01.0/msi_irqs"), "").unwrap();
        for device in ["pci/0000:00:01.0/driver", "pci/0000:00:02.0/driver"] {
            std::os::unix::fs::symlink("drivers/virtio-pci", at(device)).unwrap();
        }
        let (refused, wired) = (keyboard_interrupts(&at("irq")), keyboard_interrupts(&at("wired")));
        let (controllers, devices) = (controllers(&at("irq")), devices(&at("pci")).unwrap());
        fs::remove_dir_all(&home).unwrap();
        assert!(refused.is_err() && controllers.is_err() && wired == Ok(true), "{refused:?} {wired:?}");
        assert!(devices[0].1.is_err() && devices[1].1 == Ok(0), "{devices:?}");
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
