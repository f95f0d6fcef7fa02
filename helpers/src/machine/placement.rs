//! Which CPU each of several threads is to run on.

use super::Machine;
use super::cpus;
use super::topology::Siblings;
use crate::lasting::Lasting;
use crate::reading::{Reading, Unavailable};
use crate::units::Count;
use std::fmt::{self, Display, Formatter};

/// More threads than this tell nobody anything.
pub(crate) const MOST: usize = 1024;

/// CPUs to place threads on: one for each thread, in their order, and the same one more than once if need be. Or the reason
/// why this machine has none such, which goes wherever the threads would have gone.
///
/// ```
/// use helpers::{Machine, Placement};
/// // Two threads: where can they compete, and where can they not?
/// let machine = Machine::here();
/// let apart: Placement = machine.two_cores();
/// let together: Placement = machine.some_cpus(1).same(2);
/// println!("{apart}; {together}");
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct Placement(Reading<Lasting<[usize]>>);

impl Placement {
    /// So many threads, 1,024 at most, all on the first of these CPUs.
    pub fn same(&self, threads: usize) -> Self {
        Self(self.reading().and_then(|cpus| {
            let first = cpus.first().ok_or_else(|| Unavailable::because("no CPU to run on was named"))?;
            if threads > MOST {
                let (threads, most) = (Count(threads as u64), Count(MOST as u64));
                return Err(Unavailable::because(format!(
                    "at most {most} threads can be placed, not {threads}"
                )));
            }
            Ok(vec![*first; threads].into())
        }))
    }

    /// Only the first ones, if there are more.
    pub fn at_most(&self, threads: usize) -> Self {
        Self(self.reading().map(|cpus| cpus.iter().copied().take(threads).collect()))
    }

    /// The CPUs, in the order of the threads; none at all where there is a reason instead.
    pub fn cpus(&self) -> &[usize] {
        self.0.as_deref().unwrap_or_default()
    }

    /// The CPUs, or why there are none.
    ///
    /// # Errors
    /// Where this machine has no such CPUs.
    pub fn reading(&self) -> Reading<&[usize]> {
        self.0.as_deref().map_err(Clone::clone)
    }
}

impl From<&Self> for Placement {
    fn from(cpus: &Self) -> Self {
        *cpus
    }
}

impl From<&[usize]> for Placement {
    fn from(cpus: &[usize]) -> Self {
        Self(Ok(cpus.to_vec().into()))
    }
}

impl<const THREADS: usize> From<[usize; THREADS]> for Placement {
    fn from(cpus: [usize; THREADS]) -> Self {
        Self(Ok(cpus.to_vec().into()))
    }
}

impl From<&Vec<usize>> for Placement {
    fn from(cpus: &Vec<usize>) -> Self {
        Self(Ok(cpus.clone().into()))
    }
}

impl From<&Reading<Vec<usize>>> for Placement {
    fn from(cpus: &Reading<Vec<usize>>) -> Self {
        Self(cpus.clone().map(Lasting::from))
    }
}

impl From<Reading<Vec<usize>>> for Placement {
    fn from(cpus: Reading<Vec<usize>>) -> Self {
        Self(cpus.map(Lasting::from))
    }
}

impl Display for Placement {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        match &self.0 {
            Err(reason) => write!(out, "unavailable: {reason}"),
            Ok(cpus) => {
                let names: Vec<String> = cpus.iter().map(|cpu| format!("CPU {cpu}")).collect();
                out.write_str(&names.join(", "))
            }
        }
    }
}

impl Machine {
    /// So many CPUs that this program may use: the last ones, since the first often serves the devices as well.
    ///
    /// Like all placements it holds for now: another program may change the CPUs that this one may use.
    pub fn some_cpus(&self, count: usize) -> Placement {
        self.allowed_now().and_then(|allowed| last_of(&allowed, count)).into()
    }

    /// All CPUs that this program may use.
    pub fn all_cpus(&self) -> Placement {
        self.allowed_now().into()
    }

    /// Two CPUs on different cores, as far as the machine shows its cores.
    pub fn two_cores(&self) -> Placement {
        self.allowed_now().and_then(|allowed| two_cores(&allowed, &self.siblings)).into()
    }

    /// Two CPUs that are one core ("hyper-threading"); none where the machine has none, does not show them, or this program
    /// may not use both.
    pub fn one_core(&self) -> Placement {
        self.allowed_now().and_then(|allowed| one_core(&allowed, &self.siblings)).into()
    }

    /// The CPUs that this program may use: as they are now on this machine, as they were kept of another.
    pub(super) fn allowed_now(&self) -> Reading<Vec<usize>> {
        if self.is_this { cpus::of_program() } else { self.allowed.clone() }
    }
}

fn last_of(allowed: &[usize], count: usize) -> Reading<Vec<usize>> {
    let noun = |count: usize| if count == 1 { "CPU" } else { "CPUs" };
    let first = allowed.len().checked_sub(count).ok_or_else(|| {
        let (wanted, here) = (noun(count), noun(allowed.len()));
        let all = allowed.len();
        Unavailable::because(format!("this takes {count} {wanted}, and this program may use {all} {here}"))
    })?;
    Ok(allowed[first..].to_vec())
}

fn two_cores(allowed: &[usize], siblings: &Reading<Siblings>) -> Reading<Vec<usize>> {
    let cpus = last_of(allowed, 2)?;
    let Ok(Siblings::Visible(groups)) = siblings else { return Ok(cpus) };
    let last = cpus[1];
    let is_sibling = |cpu: usize| groups.iter().any(|core| core.contains(&cpu) && core.contains(&last));
    let other = allowed.iter().rev().find(|cpu| **cpu != last && !is_sibling(**cpu));
    let all_one = || Unavailable::because("all CPUs that this program may use are one core");
    other.map(|other| vec![*other, last]).ok_or_else(all_one)
}

fn one_core(allowed: &[usize], siblings: &Reading<Siblings>) -> Reading<Vec<usize>> {
    let Siblings::Visible(groups) = siblings.as_ref().map_err(Clone::clone)? else {
        return Err(Unavailable::because("each core of this machine runs one hardware thread"));
    };
    let both = |core: &Vec<usize>| -> Vec<usize> {
        core.iter().copied().filter(|cpu| allowed.contains(cpu)).take(2).collect()
    };
    let pair = groups.iter().rev().map(both).find(|pair| pair.len() == 2);
    pair.ok_or_else(|| Unavailable::because("no two of the CPUs that this program may use share a core"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_that_the_machine_shows() {
        let visible = Ok(Siblings::Visible(vec![vec![0, 4], vec![1, 5], vec![2, 6]]));
        let all = [0, 1, 2, 5];
        assert_eq!((last_of(&all, 1), last_of(&all, 3)), (Ok(vec![5]), Ok(vec![1, 2, 5])));
        assert_eq!((two_cores(&all, &visible), one_core(&all, &visible)), (Ok(vec![2, 5]), Ok(vec![1, 5])));
        assert!(last_of(&all, 5).unwrap_err().to_string().contains("may use 4 CPUs"));
        assert!(two_cores(&[1, 5], &visible).is_err() && one_core(&[1, 5], &visible).is_ok());
        assert!(one_core(&[1, 2], &visible).unwrap_err().to_string().contains("share a core"));
        assert_eq!(two_cores(&[1, 2], &Ok(Siblings::Off)), Ok(vec![1, 2]));
        assert!(one_core(&[1, 2], &Ok(Siblings::Off)).is_err() && two_cores(&[1], &visible).is_err());
    }

    #[test]
    fn a_reason_goes_where_the_cpus_would_have_gone() {
        let none = Placement(Err(Unavailable::because("one CPU only")));
        for placement in [none, none.same(2), none.at_most(3), Placement::from(&none)] {
            assert!(placement == none && placement.cpus().is_empty());
            assert_eq!(placement.to_string(), "unavailable: one CPU only");
        }
        assert!(Placement::from([]).same(2).reading().is_err());
    }

    #[test]
    fn the_same_cpu_serves_several_threads() {
        let cpus = Placement::from([3, 4]);
        assert_eq!((cpus.same(3).cpus(), cpus.at_most(1).cpus()), (&[3, 3, 3][..], &[3][..]));
        assert_eq!(format!("{:?}", cpus.same(2)), "CPU 3, CPU 3");
        for many in [1 << 42, usize::MAX] {
            assert!(cpus.same(many).to_string().contains("at most 1,024 threads"), "{}", cpus.same(many));
        }
    }
}
