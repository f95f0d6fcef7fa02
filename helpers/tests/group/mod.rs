//! Cgroups of one's own, in whichever version of them rules the CPUs; removed again when they are dropped.

use helpers::{Reading, Unavailable};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// A group, if this user may make one.
pub(crate) struct Group {
    path: PathBuf,
    is_first_version: bool,
}

impl Group {
    /// At the top: version 2 lets no group hold both processes and groups with limits.
    pub(crate) fn with_quota(name: impl AsRef<OsStr>, cpus: f64) -> Reading<Self> {
        let is_there = |file: &str| Path::new(file).exists();
        let first = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"]
            .into_iter()
            .find(|point| is_there(&format!("{point}/cpu.shares")));
        let top = first.unwrap_or("/sys/fs/cgroup");
        let mut own = OsStr::new("concurrency-measured-").to_owned();
        own.push(std::process::id().to_string());
        own.push("-");
        own.push(name);
        Self::new(Path::new(top).join(own), first.is_some(), Some(cpus))
    }

    /// A group inside of this one, with a quota of its own or none.
    #[allow(dead_code, reason = "not every test that makes groups nests them")]
    pub(crate) fn within(&self, name: &str, cpus: Option<f64>) -> Reading<Self> {
        if !self.is_first_version {
            std::fs::write(self.path.join("cgroup.subtree_control"), "+cpu")
                .map_err(|error| refused(&error))?;
        }
        Self::new(self.path.join(name), self.is_first_version, cpus)
    }

    fn new(path: PathBuf, is_first_version: bool, cpus: Option<f64>) -> Reading<Self> {
        std::fs::create_dir(&path).map_err(|error| refused(&error))?;
        let group = Self { path, is_first_version };
        // Great weight, so that it is the quota that holds the group back and not the rest of the machine.
        let weight = if is_first_version { ("cpu.shares", "262144") } else { ("cpu.weight", "10000") };
        std::fs::write(group.path.join(weight.0), weight.1).map_err(|error| refused(&error))?;
        if let Some(cpus) = cpus {
            group.limit(cpus)?;
        }
        Ok(group)
    }

    fn limit(&self, cpus: f64) -> Reading<()> {
        let quota = (cpus * 100_000.0).round();
        let text = if self.is_first_version { quota.to_string() } else { format!("{quota} 100000") };
        std::fs::write(quota_file(&self.path), text).map_err(|error| refused(&error))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // A process that has just ended may be in it for a moment more.
        for _ in 0..100 {
            if std::fs::remove_dir(&self.path).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

/// Where the quota of a group stands.
pub(crate) fn quota_file(group: &Path) -> PathBuf {
    let first = group.join("cpu.cfs_quota_us");
    if first.exists() { first } else { group.join("cpu.max") }
}

fn refused(error: &std::io::Error) -> Unavailable {
    Unavailable::refused("a cgroup of one's own", error)
}
