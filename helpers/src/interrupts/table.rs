//! The kernel's tables of interrupts, taken apart: one row for each source, one column for each CPU.

use crate::proc;
use crate::reading::{Reading, Unavailable};
use crate::units::Count;

/// A row of `/proc/interrupts` or `/proc/softirqs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What stands before the colon: a number for a device, letters for the rest.
    pub name: String,
    /// What stands after the counts: the interrupt controller and the drivers, or words.
    pub label: String,
    /// How often, by CPU. A row that is not counted by CPU (`ERR`) has its one number under the first.
    pub counts: Vec<(usize, u64)>,
}

impl Row {
    /// How often on all CPUs.
    pub fn sum(&self) -> u64 {
        self.counts.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// How often on one CPU.
    pub fn on(&self, cpu: usize) -> u64 {
        let own = self.counts.iter().filter(|(at, _)| *at == cpu);
        own.fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// What has been added since an earlier table.
    fn since(&self, earlier: &Self) -> Reading<Self> {
        let cpus = |row: &Self| row.counts.iter().map(|(cpu, _)| *cpu).collect::<Vec<_>>();
        if cpus(self) != cpus(earlier) {
            return Err(Unavailable::because("a CPU was switched on or off while interrupts were counted"));
        }
        let one = |((cpu, now), (_, then)): (&(usize, u64), &(usize, u64))| {
            let backwards = || {
                let (name, now, then) = (&self.name, Count(*now), Count(*then));
                Unavailable::because(format!(
                    "row {name} ran backwards on CPU {cpu}, from {then} to {now}: its interrupt was given back and taken anew"
                ))
            };
            more(*now, *then).map(|more| (*cpu, more)).ok_or_else(backwards)
        };
        let counts = self.counts.iter().zip(&earlier.counts).map(one).collect::<Reading<_>>()?;
        Ok(Self { counts, ..self.clone() })
    }
}

/// What has been added to a counter. The kernel's are 32 bits wide and may have turned over: then it was close to the end
/// before, and is close to the beginning now. One that has begun anew has mostly fallen by less.
fn more(now: u64, then: u64) -> Option<u64> {
    const HALF: u64 = 1 << 31;
    let turned = || (then <= u32::MAX.into() && then - now > HALF).then(|| now + (1 << 32) - then);
    now.checked_sub(then).or_else(turned)
}

/// A table of the kernel that has a column for each CPU: its rows, in their order. CPUs that are switched off have no column,
/// so the numbers are taken from the head; a row may have fewer counts than there are columns.
///
/// ```
/// use helpers::interrupts::table;
/// let text = b"     CPU0  CPU2\n 36:    1   200  PCI-MSIX 1-edge  virtio1-req.0\nERR:    0\n";
/// let rows = table(text).unwrap();
/// // How often did CPU 2 serve the disk?
/// assert_eq!((rows[0].on(2), rows[0].label.as_str()), (200, "PCI-MSIX 1-edge virtio1-req.0"));
/// ```
///
/// # Errors
/// When there is no head that names CPUs: containers hand out an empty file.
pub fn table(bytes: &[u8]) -> Reading<Vec<Row>> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let heads = lines.next().unwrap_or_default().split_ascii_whitespace();
    let cpus: Vec<usize> =
        heads.map_while(|head| head.strip_prefix("CPU").and_then(|number| number.parse().ok())).collect();
    if cpus.is_empty() {
        let why = if bytes.is_empty() { "it is empty" } else { "its head names no CPU" };
        return Err(Unavailable::because(why));
    }
    Ok(lines.filter_map(|line| row(line, &cpus)).collect())
}

fn row(line: &str, cpus: &[usize]) -> Option<Row> {
    let (name, rest) = line.split_once(':')?;
    let mut words = rest.split_ascii_whitespace().peekable();
    let mut counts = Vec::new();
    for cpu in cpus {
        // A label may begin with digits ("0-edge"), so a count is digits and nothing else.
        let Some(count) = words.peek().and_then(|word| word.parse().ok()) else { break };
        counts.push((*cpu, count));
        words.next();
    }
    let label = words.collect::<Vec<_>>().join(" ");
    Some(Row { name: name.trim().to_owned(), label, counts })
}

/// What has been added between two tables, by row. A row that was not there before begins at zero.
///
/// # Errors
/// When a count ran backwards, or other CPUs are counted now: what has been added then is anybody's guess.
pub(super) fn added(before: &[Row], after: &[Row]) -> Reading<Vec<Row>> {
    let earlier = |row: &Row| before.iter().find(|other| other.name == row.name);
    after
        .iter()
        .map(|row| earlier(row).map_or_else(|| Ok(row.clone()), |earlier| row.since(earlier)))
        .collect()
}

/// The kernel's count of all interrupts since boot, from the line `intr` of `/proc/stat`.
///
/// ```
/// use helpers::interrupts::total;
/// assert_eq!(total(b"cpu  1 2 3\nintr 391087 0 0 5\nctxt 4\n"), Ok(391_087));
/// ```
///
/// # Errors
/// When the file has no such line.
pub fn total(stat: &[u8]) -> Reading<u64> {
    let first = proc::field(stat, "intr").and_then(|line| line.split(u8::is_ascii_whitespace).next());
    let missing = || Unavailable::because("/proc/stat does not count interrupts");
    first.and_then(proc::integer).ok_or_else(missing)
}

/// One device of `/sys/kernel/irq`: its number, its drivers and controller, and its counts, `0,200`, by CPU from 0 on.
pub(super) fn device(number: &str, actions: &[u8], chip: &[u8], counts: &[u8]) -> Option<Row> {
    let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let counts = std::str::from_utf8(counts).ok()?.trim().split(',');
    let counts: Option<Vec<u64>> = counts.map(|count| count.trim().parse().ok()).collect();
    let label = [words(chip), words(actions)].join(" ").trim().to_owned();
    Some(Row { name: number.to_owned(), label, counts: counts?.into_iter().enumerate().collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARM: &str = "           CPU0       CPU1       CPU3       
 11:     254032     233014     198761     GICv3  27 Level     arch_timer
 13:          0          0          0     GICv3  23 Level     arm-pmu
 38:         12       9931          0  ITS-PCI-MSI-0000:00:05.0   1 Edge      ens5-Tx-Rx-0
IPI0:      1321       2250       1777       Rescheduling interrupts
IPI1:     40510      41029      38211       Function call interrupts
IPI5:         0          0          0       Timer broadcast interrupts
Err:          0
";

    fn row(counts: &[(usize, u64)]) -> Row {
        Row { name: "LOC".into(), label: String::new(), counts: counts.to_vec() }
    }

    #[test]
    fn rows_of_arm_keep_their_labels_and_the_gap_in_the_numbering() {
        let rows = table(ARM.as_bytes()).unwrap();
        assert_eq!(rows.len(), 7);
        assert_eq!((rows[0].on(3), rows[0].on(2)), (198_761, 0));
        assert_eq!(rows[0].label, "GICv3 27 Level arch_timer");
        assert_eq!((rows[4].name.as_str(), rows[4].label.as_str()), ("IPI1", "Function call interrupts"));
        assert_eq!(rows[6].counts, [(0, 0)]);
    }

    #[test]
    fn hundreds_of_cpus_some_switched_off() {
        let cpus: Vec<usize> = (0..384).filter(|cpu| cpu % 7 != 3).collect();
        let head: String =
            cpus.iter().fold(String::new(), |head, cpu| head + &format!("{:>10} ", format!("CPU{cpu}")));
        let counts: String = cpus.iter().fold(String::new(), |row, cpu| row + &format!("{:>10} ", cpu * 2));
        let text = format!("      {head}\nLOC:  {counts}  Local timer interrupts\nMIS:          5\n");
        let rows = table(text.as_bytes()).unwrap();
        assert_eq!((rows[0].counts.len(), rows[0].on(383), rows[0].on(3)), (cpus.len(), 766, 0));
        assert_eq!((rows[1].sum(), rows[1].label.as_str()), (5, ""));
    }

    #[test]
    fn what_is_cut_short_empty_or_hostile_never_panics() {
        assert!(table(b"").unwrap_err().to_string().contains("empty"));
        assert!(table(b"garbage\n1: 2\n").is_err());
        for end in 0..ARM.len() {
            let _ = table(&ARM.as_bytes()[..end]);
        }
        let hostile: [&[u8]; 6] = [
            b"CPU0 CPU99999999999999999999\n1: 2 3\n",
            b"CPU0\n: : :\n",
            b"CPU0\n5: 99999999999999999999999 x\n",
            b"CPU0\n5: -3 x\n",
            b"CPU0 CPU0\n5: 18446744073709551615 18446744073709551615 x\n",
            &[0xff, 0xfe, 0, b'\n', b':'],
        ];
        for bytes in hostile {
            if let Ok(rows) = table(bytes) {
                assert!(added(&rows, &rows).unwrap().iter().all(|row| row.sum() == 0));
                assert_eq!(added(&[], &rows).unwrap(), rows);
            }
        }
    }

    #[test]
    fn a_counter_of_32_bits_may_turn_over() {
        let turned = added(&[row(&[(0, u64::from(u32::MAX) - 9)])], &[row(&[(0, 10)])]).unwrap();
        assert_eq!(turned[0].sum(), 20);
    }

    #[test]
    fn a_counter_that_began_anew_has_not_turned_over() {
        for (then, now) in [(1_000, 5), (1 << 31, 0), (1 << 32, 0), (u64::MAX, 0)] {
            let told =
                added(&[row(&[(0, 1), (1, then)])], &[row(&[(0, 2), (1, now)])]).unwrap_err().to_string();
            assert!(told.contains("row LOC ran backwards on CPU 1"), "{told}");
        }
    }

    #[test]
    fn a_cpu_that_came_online_meanwhile_has_not_been_interrupted_since_boot() {
        let (one, two) = (row(&[(0, 5)]), row(&[(0, 5), (1, 90_000)]));
        for (before, after) in [(&one, &two), (&two, &one)] {
            let told = added(std::slice::from_ref(before), std::slice::from_ref(after)).unwrap_err();
            assert!(told.to_string().contains("switched on or off"), "{told}");
        }
        assert_eq!(added(&[], std::slice::from_ref(&two)), Ok(vec![two]));
    }

    #[test]
    fn a_device_of_sys_is_a_row_too() {
        let row = device("36", b"virtio1-req.0\n", b"PCI-MSIX-0000:00:02.0\n", b"0,43988\n").unwrap();
        assert_eq!((row.on(1), row.label.as_str()), (43_988, "PCI-MSIX-0000:00:02.0 virtio1-req.0"));
        assert_eq!(device("36", b"", b"", b"0,x"), None);
        assert_eq!(device("36", b"", b"", b""), None);
    }

    #[test]
    fn the_total_is_the_first_number() {
        assert!(total(b"intr\n").is_err() && total(b"").is_err() && total(b"intr x\n").is_err());
    }
}
