//! The context card in words.

use super::{Context, Machine, cpus, effective, guards};
use crate::reading::Reading;
use crate::units::Cpus;
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

impl Context {
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

    /// "2 CPUs", "1 of 2 CPUs", "2 CPUs, quota 0.5".
    fn cpus_short(&self) -> Option<String> {
        let allowed = self.allowed.as_ref().ok()?;
        let count = allowed.len();
        let cpus = match &self.online {
            // Only where the lists agree is one a part of the other.
            Ok(online) if count < online.len() && self.lists_agree() => {
                format!("{count} of {}", Cpus(online.len() as f64))
            }
            _ => Cpus(count as f64).to_string(),
        };
        match self.quota {
            Ok(Some(Cpus(quota))) => Some(format!("{cpus}, quota {quota:.2}")),
            _ => Some(cpus),
        }
    }

    /// Whether all CPUs that are allowed are also online, or one of the two is unknown. A container may be shown a made-up list.
    fn lists_agree(&self) -> bool {
        match (&self.online, &self.allowed) {
            (Ok(online), Ok(allowed)) => allowed.iter().all(|cpu| online.contains(cpu)),
            _ => true,
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
            row("CPU", "CPUs allowed", &self.allowed, |cpus| {
                let odd = if self.lists_agree() {
                    ""
                } else {
                    ", not all of them listed as online: the lists disagree"
                };
                format!("{}{odd}", in_ranges(cpus))
            }),
            row("CPU", "quota", &self.quota, |quota| {
                quota.map_or("none".to_owned(), |cpus| cpus.to_string())
            }),
            row("CPU", "effective CPUs", &effective(&self.allowed, &self.quota), Cpus::to_string),
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
                let where_not = match &self.tickless {
                    Ok(cpus) if cpus.is_empty() => String::new(),
                    Ok(cpus) => {
                        format!("; none on CPU {} while one thread has it (nohz_full)", cpus::ranges(cpus))
                    }
                    Err(reason) => format!("; unknown whether on all CPUs: {reason}"),
                };
                format!("{tick} per second, judged by the coarse clock{where_not}")
            }),
            row("kernel", "clock source", &self.clock_source, Clone::clone),
            sure("kernel", "page size", self.page.to_string()),
            row("kernel", "huge pages", &self.huge_pages, Clone::clone),
        ]
    }

    fn guard_rows(&self) -> Vec<Row> {
        vec![
            row("guards", "separation", &self.each_guard(), |all| {
                let say = |(name, on): &(&str, Option<bool>)| format!("{name} {}", on.map_or("unknown", yes));
                all.iter().map(say).collect::<Vec<_>>().join(", ")
            }),
            row("guards", "mitigations", &self.mitigations, |all| {
                guards::weaknesses(all.values().map(String::as_str))
            }),
            row("guards", "system call policy", &self.seccomp, Clone::clone),
            row("guards", "gaining privileges", &self.no_new_privileges, |never| {
                if *never { "forbidden".to_owned() } else { "possible".to_owned() }
            }),
            sure("guards", "user", guards::user(self.user, &self.user_outside)),
            row("guards", "powers of root", &self.capabilities, |held| {
                guards::powers(*held, &self.user_outside)
            }),
            row("guards", "performance counters", &self.perf_event_paranoid, |level| {
                guards::paranoia(*level)
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

fn yes(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// The name of a CPU without trade marks, clock rate and the word "Processor".
fn bare(name: &str) -> String {
    let name = name.split(" @ ").next().unwrap_or(name);
    let words =
        name.split_whitespace().map(|word| word.replace("(R)", "").replace("(TM)", "").replace("(tm)", ""));
    let tells = |(place, word): &(usize, String)| match word.as_str() {
        // In front it is what all the rest belongs to: "CPU of implementer …".
        "CPU" => *place == 0,
        word => !matches!(word, "" | "Processor"),
    };
    words.enumerate().filter(tells).map(|(_, word)| word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Unavailable;

    #[test]
    fn a_footer_has_room_for_the_name_alone() {
        assert_eq!(bare("Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz"), "Intel Xeon E5-2680 v4");
        assert_eq!(bare("AMD Ryzen 7 5800X 8-Core Processor"), "AMD Ryzen 7 5800X 8-Core");
        assert_eq!(bare("CPU of implementer 0x70, part 0x662"), "CPU of implementer 0x70, part 0x662");
    }

    #[test]
    fn limits_are_said_in_the_footer() {
        let machine = |online: &[usize], allowed: &[usize], quota: Option<f64>| Context {
            online: Ok(online.to_vec()),
            allowed: Ok(allowed.to_vec()),
            quota: Ok(quota.map(Cpus)),
            ..(*Machine::here()).clone()
        };
        let (two, eight) = ([0, 1], [0, 1, 2, 3, 4, 5, 6, 7]);
        let short = |machine: Context| machine.cpus_short().unwrap();
        assert_eq!(short(machine(&[0], &[0], None)), "1 CPU");
        assert_eq!(short(machine(&eight, &two, None)), "2 of 8 CPUs");
        assert_eq!(short(machine(&two, &two, Some(0.5))), "2 CPUs, quota 0.50");
        // Two lists that disagree are no part and whole.
        let odd = machine(&[2, 3, 4], &two, None);
        assert_eq!(odd.cpus_short().unwrap(), "2 CPUs");
        let rows = odd.rows();
        let allowed = rows.iter().find(|row| row.label == "CPUs allowed").unwrap();
        assert!(allowed.value.contains("the lists disagree"), "{allowed:?}");
    }

    #[test]
    fn what_is_not_known_is_no_limit_and_none() {
        let effective = |machine: &Context| effective(&machine.allowed, &machine.quota);
        let with = |quota| Context { allowed: Ok(vec![0, 1]), quota, ..(*Machine::here()).clone() };
        assert_eq!(effective(&with(Ok(None))), Ok(Cpus(2.0)));
        assert_eq!(effective(&with(Ok(Some(Cpus(4.0))))), Ok(Cpus(2.0)));
        assert_eq!(effective(&with(Ok(Some(Cpus(0.5))))), Ok(Cpus(0.5)));
        let refused = Unavailable::because("permission denied");
        assert_eq!(effective(&with(Err(refused))), Err(refused));
    }

    #[test]
    fn a_tick_that_stops_is_said_to() {
        let ticks = |tickless| {
            let context =
                Context { tick: Ok(crate::units::Count(250)), tickless, ..(*Machine::here()).clone() };
            context.rows().into_iter().find(|row| row.label == "timer ticks").unwrap().value
        };
        assert!(ticks(Ok(vec![])).ends_with("by the coarse clock"));
        assert!(ticks(Ok(vec![2, 3])).contains("none on CPU 2–3 while one thread has it"));
        assert!(ticks(Err(Unavailable::because("refused"))).contains("unknown whether on all CPUs"));
    }
}
