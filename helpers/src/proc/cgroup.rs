//! The control groups of this process, and the share of the CPUs that they leave to it.

use crate::proc;
use crate::reading::{Reading, Unavailable};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Where a line of `/proc/self/cgroup` leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// 1 or 2.
    pub version: u8,
    /// The group's path inside its hierarchy.
    pub path: String,
}

/// The group that holds the CPU controller: the version 1 hierarchy named `cpu` where there is one, else version 2.
///
/// ```
/// use helpers::proc::cgroup::membership;
/// // Both hierarchies are mounted. Which one limits the CPU time?
/// let found = membership(b"4:cpu,cpuacct:/docker/a1\n0::/init.scope\n").unwrap();
/// assert_eq!((found.version, found.path.as_str()), (1, "/docker/a1"));
/// ```
///
/// # Errors
/// When no hierarchy can hold the CPU controller.
pub fn membership(bytes: &[u8]) -> Reading<Membership> {
    let text = String::from_utf8_lossy(bytes);
    let lines = || {
        text.lines().filter_map(|line| {
            let mut parts = line.splitn(3, ':');
            Some((parts.next()?, parts.next()?, parts.next()?))
        })
    };
    let first = lines().find(|(_, controllers, _)| controllers.split(',').any(|one| one == "cpu"));
    let second = || lines().find(|(id, controllers, _)| *id == "0" && controllers.is_empty());
    first
        .map(|(.., path)| Membership { version: 1, path: path.to_owned() })
        .or_else(|| second().map(|(.., path)| Membership { version: 2, path: path.to_owned() }))
        .ok_or_else(|| Unavailable::because("/proc/self/cgroup names no hierarchy with a CPU controller"))
}

/// Where a hierarchy is mounted: the directory, and which of its groups appears there.
///
/// # Errors
/// When `/proc/self/mountinfo` names no such mount.
pub fn mount(mountinfo: &[u8], version: u8) -> Reading<(PathBuf, String)> {
    let text = String::from_utf8_lossy(mountinfo);
    text.lines()
        .find_map(|line| {
            let (place, kind) = line.split_once(" - ")?;
            let mut place = place.split(' ').skip(3);
            let (root, point) = (place.next()?, place.next()?);
            let mut kind = kind.split(' ');
            let fits = match (kind.next()?, version) {
                ("cgroup2", 2) => true,
                ("cgroup", 1) => kind.nth(1)?.split(',').any(|option| option == "cpu"),
                _ => false,
            };
            fits.then(|| (PathBuf::from(point), root.to_owned()))
        })
        .ok_or_else(|| {
            Unavailable::because(format!("no cgroup version {version} with a CPU controller is mounted"))
        })
}

/// The directories of this process's CPU group and of the groups around it, innermost first.
#[derive(Clone, Debug)]
pub(crate) struct CpuGroups {
    pub(crate) version: u8,
    pub(crate) levels: Vec<PathBuf>,
}

/// The groups of this process, found once.
pub(crate) fn cpu_groups() -> Reading<CpuGroups> {
    static FOUND: OnceLock<Reading<CpuGroups>> = OnceLock::new();
    let find = || {
        let Membership { version, path } = membership(&proc::read("/proc/self/cgroup")?)?;
        let (point, root) = mount(&proc::read("/proc/self/mountinfo")?, version)?;
        Ok(CpuGroups { version, levels: levels(&point, &root, &path) })
    };
    FOUND.get_or_init(find).clone()
}

/// From the group's own directory up to the mount point. A group outside what is mounted (`/../…`, another root) is
/// looked for at the mount point itself: that is where a container sees its own.
fn levels(point: &Path, root: &str, path: &str) -> Vec<PathBuf> {
    let inner = if root == "/" { path } else { path.strip_prefix(root).unwrap_or("/") };
    let inner = if inner.split('/').any(|part| part == "..") { "" } else { inner.trim_matches('/') };
    let own = if inner.is_empty() { point.to_path_buf() } else { point.join(inner) };
    own.ancestors().take_while(|directory| directory.starts_with(point)).map(Path::to_path_buf).collect()
}

/// The quota in CPUs from `cpu.max` (version 2): `None` without a limit.
///
/// ```
/// use helpers::proc::cgroup::quota_v2;
/// // How many CPUs may this group use?
/// assert_eq!(quota_v2(b"50000 100000\n"), Ok(Some(0.5)));
/// assert_eq!(quota_v2(b"max 100000\n"), Ok(None));
/// ```
///
/// # Errors
/// When the file holds anything else.
pub fn quota_v2(max: &[u8]) -> Reading<Option<f64>> {
    let mut fields = max.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
    let odd = || Unavailable::because("cpu.max: a quota and a period were expected");
    match (fields.next(), fields.next().and_then(proc::integer)) {
        (Some(b"max"), _) => Ok(None),
        (Some(quota), Some(period)) if period > 0 => {
            proc::integer(quota).map(|quota| Some(quota as f64 / period as f64)).ok_or_else(odd)
        }
        _ => Err(odd()),
    }
}

/// The quota in CPUs from `cpu.cfs_quota_us` and `cpu.cfs_period_us` (version 1): `None` without a limit, written −1.
///
/// ```
/// use helpers::proc::cgroup::quota_v1;
/// assert_eq!(quota_v1(b"150000\n", b"100000\n"), Ok(Some(1.5)));
/// assert_eq!(quota_v1(b"-1\n", b"100000\n"), Ok(None));
/// ```
///
/// # Errors
/// When the files hold anything else.
pub fn quota_v1(quota: &[u8], period: &[u8]) -> Reading<Option<f64>> {
    if quota.trim_ascii() == b"-1" {
        return Ok(None);
    }
    match (proc::integer(quota), proc::integer(period)) {
        (Some(quota), Some(period)) if period > 0 => Ok(Some(quota as f64 / period as f64)),
        _ => Err(Unavailable::because("cpu.cfs_quota_us: a quota and a period were expected")),
    }
}

/// The quota of one level; a level without the controller limits nothing.
fn quota_at(version: u8, level: &Path) -> Reading<Option<f64>> {
    let file = |name: &str| level.join(name).to_string_lossy().into_owned();
    if version == 1 {
        quota_v1(&proc::read(&file("cpu.cfs_quota_us"))?, &proc::read(&file("cpu.cfs_period_us"))?)
    } else {
        quota_v2(&proc::read(&file("cpu.max"))?)
    }
}

/// The tightest quota of this process's group and all groups around it, in CPUs: `None` where none limits it.
pub(crate) fn quota() -> Reading<Option<f64>> {
    let CpuGroups { version, levels } = cpu_groups()?;
    let found = levels.iter().filter_map(|level| quota_at(version, level).ok().flatten());
    Ok(found.min_by(f64::total_cmp))
}

/// The `cpu.stat` that counts the throttling of this process: of the nearest group with a quota, or else of the nearest
/// that counts at all. Found once.
pub(crate) fn throttle_file() -> Reading<&'static str> {
    static FOUND: OnceLock<Reading<String>> = OnceLock::new();
    let find = || {
        let CpuGroups { version, levels } = cpu_groups()?;
        let file = |level: &PathBuf| level.join("cpu.stat").to_string_lossy().into_owned();
        let counts =
            |level: &&PathBuf| proc::read(&file(level)).and_then(|bytes| proc::throttled(&bytes)).is_ok();
        let limits = |level: &&PathBuf| matches!(quota_at(version, level), Ok(Some(_))) && counts(level);
        let level = levels.iter().find(limits).or_else(|| levels.iter().find(counts));
        level.map(file).ok_or_else(|| Unavailable::because("no cgroup of this process counts throttling"))
    };
    FOUND.get_or_init(find).as_deref().map_err(Clone::clone)
}
