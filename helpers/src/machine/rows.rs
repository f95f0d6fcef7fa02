//! The context card in words.

use super::{Machine, cpus};
use crate::reading::Reading;
use std::fmt::{self, Display, Formatter};

/// One line of the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is about: "CPU", "kernel" …
    pub group: &'static str,
    /// What it tells.
    pub label: &'static str,
    /// The value with its unit, or why there is none.
    pub value: String,
    /// Whether it could be read.
    pub known: bool,
}

impl Machine {
    /// The machine in a footer: "AMD EPYC · 2 CPUs · KVM · Linux 6.18". Limits are said, what is unknown is left out.
    pub fn short(&self) -> String {
        let cpu = self.cpu.as_ref().map_or_else(|_| self.architecture.clone(), |name| bare(name));
        let kernel =
            self.kernel.as_ref().map_or_else(|_| std::env::consts::OS.to_owned(), super::Kernel::short);
        let container =
            self.container.as_ref().ok().and_then(Option::as_ref).filter(|found| found.name == "gVisor");
        let parts = [
            Some(cpu),
            self.cpus_short(),
            self.hypervisor.clone().ok().flatten(),
            container.map(|found| found.name.clone()),
            Some(kernel),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// "2 CPUs", "1 of 2 CPUs", "2 CPUs, quota 0.50".
    fn cpus_short(&self) -> Option<String> {
        let allowed = self.allowed.as_ref().ok()?.len();
        let online = self.online.as_ref().map_or(allowed, Vec::len);
        let noun = if online == 1 { "CPU" } else { "CPUs" };
        let cpus = if allowed < online {
            format!("{allowed} of {online} {noun}")
        } else {
            format!("{allowed} {noun}")
        };
        match self.quota {
            Ok(Some(quota)) => Some(format!("{cpus}, quota {}", cpus_in_words(quota))),
            _ => Some(cpus),
        }
    }

    /// The whole card, line by line.
    ///
    /// ```
    /// // What does this machine hide from us?
    /// let machine = helpers::Machine::here();
    /// for row in machine.rows().iter().filter(|row| !row.known) {
    ///     println!("{}: {}", row.label, row.value);
    /// }
    /// ```
    pub fn rows(&self) -> Vec<Row> {
        [
            self.cpu_rows(),
            self.place_rows(),
            self.kernel_rows(),
            self.guard_rows(),
            self.build_rows(),
            self.now_rows(),
        ]
        .concat()
    }

    fn cpu_rows(&self) -> Vec<Row> {
        let in_ranges = |cpus: &Vec<usize>| format!("{} ({})", cpus.len(), cpus::ranges(cpus));
        vec![
            row("CPU", "model", &self.cpu, Clone::clone),
            sure("CPU", "architecture", self.architecture.clone()),
            row("CPU", "CPUs online", &self.online, in_ranges),
            row("CPU", "CPUs allowed", &self.allowed, in_ranges),
            row("CPU", "quota", &self.quota, |quota| {
                quota.map_or("none".to_owned(), |cpus| format!("{cpus:.2} CPUs"))
            }),
            row("CPU", "effective CPUs", &self.effective_cpus(), |cpus| cpus_in_words(*cpus)),
            row("CPU", "hyper-threading", &self.siblings, ToString::to_string),
        ]
    }

    fn place_rows(&self) -> Vec<Row> {
        vec![
            row("place", "machine", &self.product, Clone::clone),
            row("place", "hypervisor", &self.hypervisor, |name| {
                name.clone().unwrap_or("none: real hardware".to_owned())
            }),
            row("place", "container", &self.container, |found| {
                found.as_ref().map_or("no sign of one".to_owned(), ToString::to_string)
            }),
            row("place", "memory", &self.memory, ToString::to_string),
        ]
    }

    fn kernel_rows(&self) -> Vec<Row> {
        vec![
            row("kernel", "kernel", &self.kernel, ToString::to_string),
            row("kernel", "scheduler", &self.scheduler, Clone::clone),
            row("kernel", "timer ticks", &self.tick, |tick| {
                format!("{tick} per second, judged by the coarse clock")
            }),
            row("kernel", "clock source", &self.clock_source, Clone::clone),
            sure("kernel", "page size", self.page.to_string()),
            row("kernel", "huge pages", &self.huge_pages, Clone::clone),
        ]
    }

    fn guard_rows(&self) -> Vec<Row> {
        let capabilities = |held: &u64| match held.count_ones() {
            0 => "no capabilities".to_owned(),
            some => format!("{some} capabilities"),
        };
        let user = if self.user == 0 { "root".to_owned() } else { format!("number {}", self.user) };
        vec![
            row("guards", "separation", &self.guards, |all| {
                let say = |(name, on): (&String, &bool)| format!("{name} {}", yes(*on));
                all.iter().map(say).collect::<Vec<_>>().join(", ")
            }),
            row("guards", "mitigations", &self.mitigations, |all| {
                let count = |sign: &str| all.values().filter(|state| state.starts_with(sign)).count();
                let (none, mended, open) = (count("Not affected"), count("Mitigation"), count("Vulnerable"));
                format!("of {} known weaknesses {none} absent, {mended} mitigated, {open} open", all.len())
            }),
            row("guards", "system call policy", &self.seccomp, Clone::clone),
            row("guards", "gaining privileges", &self.no_new_privileges, |never| {
                if *never { "forbidden".to_owned() } else { "possible".to_owned() }
            }),
            sure("guards", "user", user),
            row("guards", "powers of root", &self.capabilities, capabilities),
            row("guards", "performance counters", &self.perf_event_paranoid, |level| match level {
                ..=-1 => format!("open to all (level {level})").replace('-', "−"),
                0..=2 => format!("own programs only (level {level})"),
                _ => format!("administrators only (level {level})"),
            }),
        ]
    }

    fn build_rows(&self) -> Vec<Row> {
        vec![
            row("build", "overflow checks", &self.overflow_checks, |on| yes(*on).to_owned()),
            sure("build", "debug assertions", yes(self.debug_assertions).to_owned()),
        ]
    }

    fn now_rows(&self) -> Vec<Row> {
        let now = &self.now;
        vec![
            row("now", "load", &now.load, |[one, five, fifteen]| {
                format!("{one:.2} ready threads in the last minute ({five:.2} in 5, {fifteen:.2} in 15)")
            }),
            row("now", "CPU pressure", &now.pressure, |share| {
                format!("{share:.1} % of the last 10 s some thread waited")
            }),
            row("now", "stolen time", &now.stolen, |share| {
                let silent =
                    if *share == 0.0 && self.is_virtual() { ", or the hypervisor keeps silent" } else { "" };
                format!("{share:.2} % since boot{silent}")
            }),
            row("now", "memory available", &now.available, ToString::to_string),
        ]
    }
}

impl Display for Machine {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let rows = self.rows();
        let width = rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0);
        let lines: Vec<String> =
            rows.iter().map(|row| format!("{:width$}  {}", row.label, row.value)).collect();
        out.write_str(&lines.join("\n"))
    }
}

fn row<T>(
    group: &'static str,
    label: &'static str,
    reading: &Reading<T>,
    say: impl FnOnce(&T) -> String,
) -> Row {
    let known = reading.is_ok();
    let value = reading.as_ref().map_or_else(|reason| format!("unknown: {reason}"), say);
    Row { group, label, value, known }
}

fn sure(group: &'static str, label: &'static str, value: String) -> Row {
    Row { group, label, value, known: true }
}

/// Whole CPUs without decimals: 2, but 0.50.
fn cpus_in_words(cpus: f64) -> String {
    if cpus.fract() == 0.0 { format!("{cpus:.0}") } else { format!("{cpus:.2}") }
}

fn yes(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// The name of a CPU without trade marks, clock rate and the word "Processor".
fn bare(name: &str) -> String {
    let name = name.split(" @ ").next().unwrap_or(name);
    let words =
        name.split_whitespace().map(|word| word.replace("(R)", "").replace("(TM)", "").replace("(tm)", ""));
    words.filter(|word| !matches!(word.as_str(), "" | "CPU" | "Processor")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_footer_has_room_for_the_name_alone() {
        assert_eq!(bare("Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz"), "Intel Xeon E5-2680 v4");
        assert_eq!(bare("AMD Ryzen 7 5800X 8-Core Processor"), "AMD Ryzen 7 5800X 8-Core");
    }

    #[test]
    fn limits_are_said_in_the_footer() {
        let machine = |online: usize, allowed: usize, quota| Machine {
            online: Ok((0..online).collect()),
            allowed: Ok((0..allowed).collect()),
            quota: Ok(quota),
            ..Machine::here()
        };
        assert_eq!(machine(1, 1, None).cpus_short().as_deref(), Some("1 CPU"));
        assert_eq!(machine(8, 2, None).cpus_short().as_deref(), Some("2 of 8 CPUs"));
        assert_eq!(machine(2, 2, Some(0.5)).cpus_short().as_deref(), Some("2 CPUs, quota 0.50"));
        assert_eq!(machine(8, 2, Some(4.0)).effective_cpus(), Ok(2.0));
        assert_eq!(machine(8, 4, Some(1.5)).effective_cpus(), Ok(1.5));
    }
}
