//! The control groups of this process, and the share of the CPUs that they leave to it.
//!
//! A process may be moved from group to group, and a group may be given another quota, at any time: so nothing is kept here.

use super::counts::throttled;
use super::mounts::{Mount, mounts};
use super::{integer, read, read_head, read_if_there};
use crate::reading::{Reading, Unavailable};
use crate::units::{Cpus, Nanos};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// Where a line of `/proc/self/cgroup` leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Membership {
    /// 1 or 2.
    pub(crate) version: u8,
    /// The group's path inside its hierarchy.
    pub(crate) path: PathBuf,
}

/// The groups of a process: number of the hierarchy, its controllers and the path in it.
pub(crate) fn groups(cgroup: &[u8]) -> impl Iterator<Item = (&[u8], &[u8], &[u8])> {
    cgroup.split(|byte| *byte == b'\n').filter_map(|line| {
        let mut parts = line.splitn(3, |byte| *byte == b':');
        Some((parts.next()?, parts.next()?, parts.next()?))
    })
}

/// The group that holds the CPU controller: the version 1 hierarchy named `cpu` where there is one, else version 2.
///
/// # Errors
/// When no hierarchy can hold the CPU controller.
pub(crate) fn membership(cgroup: &[u8]) -> Reading<Membership> {
    let names_cpu = |controllers: &[u8]| controllers.split(|byte| *byte == b',').any(|one| one == b"cpu");
    let first = groups(cgroup).find(|(_, controllers, _)| names_cpu(controllers));
    let second = || groups(cgroup).find(|(id, controllers, _)| *id == b"0" && controllers.is_empty());
    let found = |version, path| Membership { version, path: PathBuf::from(OsStr::from_bytes(path)) };
    first
        .map(|(.., path)| found(1, path))
        .or_else(|| second().map(|(.., path)| found(2, path)))
        .ok_or_else(|| Unavailable::because("/proc/self/cgroup names no hierarchy with a CPU controller"))
}

/// The directories of this process's CPU group and of the groups around it, innermost first.
#[derive(Clone, Debug)]
struct CpuGroups {
    version: u8,
    levels: Vec<PathBuf>,
}

/// The groups of this process, as far out as they are shown here. A hierarchy may be mounted several times, each showing
/// another part of it, and any of those mounts may be covered by a later one.
fn cpu_groups() -> Reading<CpuGroups> {
    let Membership { version, path } = membership(&read("/proc/self/cgroup")?)?;
    let mountinfo = read("/proc/self/mountinfo")?;
    let mounted: Vec<Mount> = mounts(&mountinfo)
        .filter(|mount| match version {
            1 => mount.kind == b"cgroup" && mount.has("cpu"),
            _ => mount.kind == b"cgroup2",
        })
        .collect();
    if mounted.is_empty() {
        return Err(Unavailable::because("the hierarchy of this process's CPU group is not mounted here"));
    }
    let shown = mounted.iter().filter_map(|mount| {
        let levels = levels(mount, &path)?;
        (mount.is_on_top() && levels[0].is_dir()).then_some(levels)
    });
    shown.max_by_key(Vec::len).map(|levels| CpuGroups { version, levels }).ok_or_else(|| {
        Unavailable::because(format!(
            "this process's CPU group, {}, lies in no part of its hierarchy that can be seen here",
            path.display()
        ))
    })
}

/// From the group's own directory up to the mount point; `None` where the group lies outside of what is mounted.
fn levels(mount: &Mount, path: &Path) -> Option<Vec<PathBuf>> {
    let inner = path.strip_prefix(&mount.root).ok()?;
    if inner.components().any(|part| part == Component::ParentDir) {
        return None;
    }
    let own = if inner.as_os_str().is_empty() { mount.point.clone() } else { mount.point.join(inner) };
    let levels = own.ancestors().take_while(|level| level.starts_with(&mount.point));
    Some(levels.map(Path::to_path_buf).collect())
}

/// The quota in CPUs from `cpu.max` (version 2): `None` without a limit.
///
/// # Errors
/// When the file holds anything else.
pub(crate) fn quota_v2(max: &[u8]) -> Reading<Option<Cpus>> {
    let mut fields = max.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
    let odd = || Unavailable::because("cpu.max: a quota and a period were expected");
    match (fields.next(), fields.next().and_then(integer)) {
        (Some(b"max"), _) => Ok(None),
        (Some(quota), Some(period)) if period > 0 => {
            integer(quota).map(|quota| Some(Cpus(quota as f64 / period as f64))).ok_or_else(odd)
        }
        _ => Err(odd()),
    }
}

/// The quota in CPUs from `cpu.cfs_quota_us` and `cpu.cfs_period_us` (version 1): `None` without a limit, written −1.
///
/// # Errors
/// When the files hold anything else.
pub(crate) fn quota_v1(quota: &[u8], period: &[u8]) -> Reading<Option<Cpus>> {
    if quota.trim_ascii() == b"-1" {
        return Ok(None);
    }
    match (integer(quota), integer(period)) {
        (Some(quota), Some(period)) if period > 0 => Ok(Some(Cpus(quota as f64 / period as f64))),
        _ => Err(Unavailable::because("cpu.cfs_quota_us: a quota and a period were expected")),
    }
}

/// The quota of one level; one that has no such file limits nothing. A file that may not be read can hold any quota.
fn quota_at(version: u8, level: &Path) -> Reading<Option<Cpus>> {
    if version == 1 {
        let Some(quota) = read_if_there(level.join("cpu.cfs_quota_us"))? else { return Ok(None) };
        quota_v1(&quota, &read(level.join("cpu.cfs_period_us"))?)
    } else {
        read_if_there(level.join("cpu.max"))?.map_or(Ok(None), |max| quota_v2(&max))
    }
}

/// The tightest quota of this process's group and all groups around it that are shown here: `None` where none limits it.
pub(crate) fn quota() -> Reading<Option<Cpus>> {
    let CpuGroups { version, levels } = cpu_groups()?;
    let mut tightest: Option<Cpus> = None;
    for level in &levels {
        let quota = quota_at(version, level)?;
        tightest = match (tightest, quota) {
            (Some(one), Some(other)) => Some(if other < one { other } else { one }),
            (one, other) => one.or(other),
        };
    }
    Ok(tightest)
}

/// What counts how long quotas stop this process: the `cpu.stat` of its group, and of each group around it, since the quota
/// of any of them stops all that it holds.
#[derive(Clone, Debug)]
pub(crate) struct Throttling(Vec<PathBuf>);

/// What the levels have counted, in nanoseconds each.
#[derive(Clone, Debug)]
pub(crate) struct Throttled(Vec<f64>);

impl Throttling {
    /// The levels that count, found anew.
    pub(crate) fn here() -> Reading<Self> {
        Self::of(&cpu_groups()?.levels)
    }

    /// Only those that have a quota now.
    ///
    /// # Errors
    /// When nothing limits this process, or nothing counts.
    pub(crate) fn by_quota() -> Reading<Self> {
        let CpuGroups { version, mut levels } = cpu_groups()?;
        levels.retain(|level| !matches!(quota_at(version, level), Ok(None)));
        if levels.is_empty() {
            return Err(Unavailable::because("no quota is set here, as far as this program may look"));
        }
        Self::of(&levels)
    }

    pub(crate) fn of(levels: &[PathBuf]) -> Reading<Self> {
        let mut counting = Vec::new();
        for level in levels {
            let file = level.join("cpu.stat");
            // A level without the controller counts nothing, and stops nothing.
            if read_if_there(&file)?.is_some_and(|bytes| throttled(&bytes).is_ok()) {
                counting.push(file);
            }
        }
        let none = || Unavailable::because("no cgroup of this process counts throttling");
        (!counting.is_empty()).then_some(Self(counting)).ok_or_else(none)
    }

    /// What they have counted by now.
    pub(crate) fn counted(&self) -> Reading<Throttled> {
        let count = |file: &PathBuf| Ok(throttled(&read_head(file, 1024)?)?.0);
        self.0.iter().map(count).collect::<Reading<_>>().map(Throttled)
    }
}

impl Throttled {
    /// For how long at least a quota stopped the process since `earlier`: two levels may stop it at the same time, so it is
    /// the level that stopped it for longest.
    ///
    /// # Errors
    /// When a level has counted backwards.
    pub(crate) fn since(&self, earlier: &Self) -> Reading<Nanos> {
        let grown: Vec<f64> = self.0.iter().zip(&earlier.0).map(|(now, then)| now - then).collect();
        let backwards = || Unavailable::because("a cgroup's count of throttled time ran backwards");
        let longest = Nanos(grown.iter().copied().fold(0.0, f64::max));
        grown.iter().all(|grown| *grown >= 0.0).then_some(longest).ok_or_else(backwards)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mounted(root: &str, point: &str) -> Mount {
        let (kind, options) = (b"cgroup".to_vec(), b"rw,cpu".to_vec());
        Mount { id: 1, device: (0, 27), root: root.into(), point: point.into(), kind, options }
    }

    #[test]
    fn a_group_is_found_below_the_part_of_its_hierarchy_that_is_mounted() {
        let found = |root: &str, path: &str| {
            levels(&mounted(root, "/cg"), Path::new(path)).map(|levels| {
                levels.iter().map(|level| level.to_string_lossy().into_owned()).collect::<Vec<_>>()
            })
        };
        assert_eq!(found("/", "/a/b").unwrap(), ["/cg/a/b", "/cg/a", "/cg"]);
        assert_eq!(found("/", "/").unwrap(), ["/cg"]);
        assert_eq!(found("/docker/a", "/docker/a/b").unwrap(), ["/cg/b", "/cg"]);
        assert_eq!(found("/..", "/../sister").unwrap(), ["/cg/sister", "/cg"]);
        // Another group's part, a group whose name only begins alike, and one outside of the namespace.
        for (root, path) in [("/docker/z", "/docker/a"), ("/doc", "/docker"), ("/", "/../out"), ("/..", "/")]
        {
            assert_eq!(found(root, path), None, "{path} in {root}");
        }
    }

    #[test]
    fn a_group_is_found_in_either_version() {
        let found = |bytes: &[u8]| membership(bytes).map(|found| (found.version, found.path));
        let docker = b"5:memory:/user\n4:cpu,cpuacct:/docker/a1b2\n1:name=systemd:/\n0::/\n";
        assert_eq!(found(docker), Ok((1, "/docker/a1b2".into())));
        assert_eq!(found(b"0::/user.slice/user-1000.slice\n"), Ok((2, "/user.slice/user-1000.slice".into())));
        assert_eq!(found(b"4:cpu:/a:b c\n"), Ok((1, "/a:b c".into())));
        assert_eq!(found(b"0::/\xFF\n").unwrap().1.as_os_str().as_bytes(), b"/\xFF");
        assert!(membership(b"5:memory:/user\n4:cpuset:/\n").is_err());
    }

    #[test]
    fn a_quota_is_a_share_of_a_period() {
        assert_eq!(
            [quota_v2(b"max 100000"), quota_v2(b"25000 100000"), quota_v2(b"max")],
            [Ok(None), Ok(Some(Cpus(0.25))), Ok(None)]
        );
        assert_eq!(quota_v1(b"-1\n", b"100000"), Ok(None));
        assert_eq!(quota_v1(b"300000", b"100000"), Ok(Some(Cpus(3.0))));
        for odd in [&b"50000"[..], b"50000 0", b"-1 100000", b"x y", b"50000 100000000000000000000000"] {
            assert!(quota_v2(odd).is_err(), "{odd:?}");
        }
        assert!(quota_v1(b"50000", b"0").is_err() && quota_v1(b"-2", b"100000").is_err());
    }

    #[test]
    fn the_level_that_stopped_it_for_longest_counts() {
        let (before, after) = (Throttled(vec![10.0, 0.0]), Throttled(vec![10.0, 70.0]));
        assert_eq!(after.since(&before), Ok(Nanos(70.0)));
        assert!(before.since(&after).unwrap_err().to_string().contains("backwards"));
    }
}
