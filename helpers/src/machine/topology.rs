//! Which CPUs there are, and which of them share a core.

use super::cpus::{list, ranges};
use crate::proc;
use crate::reading::{Reading, Unavailable};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};

/// Where the kernel tells of them.
const CPUS: &str = "/sys/devices/system/cpu";

/// The CPUs that are switched on.
pub(crate) fn online() -> Reading<Vec<usize>> {
    list(&proc::read_in(CPUS, "online", "this kernel does not list its CPUs")?)
}

/// Hardware threads that share one core ("hyper-threading").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Siblings {
    /// These groups of CPUs share a core each.
    Visible(Vec<Vec<usize>>),
    /// Each core runs one thread: the hardware cannot do otherwise, or it was switched off.
    Off,
}

impl Display for Siblings {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        match self {
            Self::Off => out.write_str("off: one hardware thread per core"),
            Self::Visible(groups) => {
                let groups: Vec<String> = groups.iter().map(|cpus| ranges(cpus)).collect();
                write!(out, "visible: {} share a core", groups.join(" | "))
            }
        }
    }
}

/// Which CPUs share a core, of those that are online or allowed: where a container makes up the list of the one, the program
/// still runs on the other. A hypervisor may hide who shares: then nothing is to be seen, and that is the reading.
pub(crate) fn siblings(
    online: &Reading<Vec<usize>>,
    allowed: &Reading<Vec<usize>>,
    hypervisor: &Reading<Option<String>>,
) -> Reading<Siblings> {
    let core_of = |cpu: usize| {
        let file = format!("cpu{cpu}/topology/thread_siblings_list");
        list(&proc::read_in(CPUS, &file, "this kernel does not show which CPUs share a core")?)
    };
    siblings_by(online, allowed, hypervisor, &core_of)
}

fn siblings_by(
    online: &Reading<Vec<usize>>,
    allowed: &Reading<Vec<usize>>,
    hypervisor: &Reading<Option<String>>,
    core_of: &dyn Fn(usize) -> Reading<Vec<usize>>,
) -> Reading<Siblings> {
    let mut cpus = [online.as_deref().unwrap_or_default(), allowed.as_deref().unwrap_or_default()].concat();
    cpus.sort_unstable();
    cpus.dedup();
    if cpus.is_empty() {
        return online.clone().and(Err(Unavailable::because("no CPU is listed")));
    }
    let mut groups = Vec::new();
    for cpu in cpus {
        match core_of(cpu) {
            Ok(group) if group.len() > 1 && !groups.contains(&group) => groups.push(group),
            Ok(_) => {}
            // One that this program cannot run on may be hidden from it.
            Err(_) if allowed.as_ref().is_ok_and(|allowed| !allowed.contains(&cpu)) => {}
            Err(reason) => return Err(reason),
        }
    }
    let hidden = |by: &str| Unavailable::because(format!("every CPU is shown as a core of its own, {by}"));
    match (groups.is_empty(), hypervisor) {
        (false, _) => Ok(Siblings::Visible(groups)),
        (true, Ok(None)) => Ok(Siblings::Off),
        (true, Ok(Some(name))) => Err(hidden(&format!("but {name} may run several of them on one"))),
        (true, Err(_)) => Err(hidden("but a hypervisor may hide the truth")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siblings_are_looked_for_where_the_program_runs() {
        let refused = || Unavailable::because("no such file");
        let hardware = Ok(None);
        let core_of = |cpu: usize| match cpu {
            0 | 1 => Ok(vec![0, 1]),
            2 => Ok(vec![2]),
            _ => Err(refused()),
        };
        let seen = |online: &[usize], allowed: &[usize]| {
            siblings_by(&Ok(online.to_vec()), &Ok(allowed.to_vec()), &hardware, &core_of)
        };
        let one_core = Ok(Siblings::Visible(vec![vec![0, 1]]));
        assert_eq!(seen(&[2, 3], &[0, 1]), one_core);
        assert_eq!(seen(&[0, 1], &[0, 1]), one_core);
        assert_eq!(seen(&[2], &[2]), Ok(Siblings::Off));
        assert!(seen(&[2], &[3]).is_err());
        let unknown = siblings_by(&Ok(vec![2]), &Err(refused()), &Ok(Some("KVM".to_owned())), &core_of);
        assert!(unknown.unwrap_err().to_string().contains("KVM may run several"));
        assert!(siblings_by(&Err(refused()), &Err(refused()), &hardware, &core_of).is_err());
    }
}
