//! `/proc/self/mountinfo`: which file systems are mounted where (`proc_pid_mountinfo(5)`).

use super::{field, integer};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    /// The kernel's number of it.
    pub(crate) id: u64,
    /// Major and minor number of the file system's device.
    pub(crate) device: (i64, i64),
    /// The directory of the file system that appears at the mount point.
    pub(crate) root: PathBuf,
    /// Where it appears.
    pub(crate) point: PathBuf,
    /// The kind of file system: `cgroup2`, `tmpfs`.
    pub(crate) kind: Vec<u8>,
    /// The options of the file system as a whole, between commas.
    pub(crate) options: Vec<u8>,
}

impl Mount {
    /// Whether an option is set.
    pub(crate) fn has(&self, option: &str) -> bool {
        self.options.split(|byte| *byte == b',').any(|one| one == option.as_bytes())
    }

    /// Whether it is what is seen at its mount point: a later mount may cover it.
    pub(crate) fn is_on_top(&self) -> bool {
        use std::os::fd::AsRawFd;
        let Ok(directory) = std::fs::File::open(&self.point) else { return false };
        let told = super::read(format!("/proc/self/fdinfo/{}", directory.as_raw_fd()));
        match told.ok().as_deref().and_then(|told| field(told, "mnt_id")).and_then(integer) {
            Some(id) => id == self.id,
            // Some sandboxes do not number their mounts. Then the device has to do.
            None => directory.metadata().is_ok_and(|seen| device(seen.dev()) == self.device),
        }
    }
}

/// Major and minor number, as the C library packs them.
fn device(packed: u64) -> (i64, i64) {
    let packed = packed as libc::dev_t;
    (i64::from(libc::major(packed)), i64::from(libc::minor(packed)))
}

/// The mounts, in the order in which the kernel lists them. Lines that make no sense are passed over.
pub(crate) fn mounts(mountinfo: &[u8]) -> impl Iterator<Item = Mount> + '_ {
    mountinfo.split(|byte| *byte == b'\n').filter_map(|line| {
        let mut fields = line.split(|byte| *byte == b' ');
        let mut next = || fields.next();
        let (id, _parent, device) = (integer(next()?)?, next()?, next()?);
        let (root, point, _own_options) = (path(next()?), path(next()?), next()?);
        // After these come a few optional fields, then a dash.
        fields.find(|field| field == b"-")?;
        let (kind, _source, options) = (fields.next()?.to_vec(), fields.next()?, fields.next()?.to_vec());
        let colon = device.iter().position(|byte| *byte == b':')?;
        let number = |digits: &[u8]| i64::try_from(integer(digits)?).ok();
        let device = (number(&device[..colon])?, number(&device[colon + 1..])?);
        Some(Mount { id, device, root, point, kind, options })
    })
}

/// A path, of any bytes; the kernel writes those that would break the line as a backslash and three octal digits.
fn path(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let [first, tail @ ..] = rest {
        let octal = match tail {
            [a, b, c, ..] if *first == b'\\' => {
                std::str::from_utf8(&[*a, *b, *c]).ok().and_then(|digits| u8::from_str_radix(digits, 8).ok())
            }
            _ => None,
        };
        bytes.push(octal.unwrap_or(*first));
        rest = if octal.is_some() { &tail[3..] } else { tail };
    }
    PathBuf::from(OsString::from_vec(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn a_path_may_hold_any_byte() {
        assert_eq!(path(b"/sys/fs/c\\040g\\134roup"), PathBuf::from("/sys/fs/c g\\roup"));
        assert_eq!(path(b"/odd\\xff\\0").as_os_str().as_bytes(), b"/odd\\xff\\0");
        assert_eq!(path(b"/\xFF\\011").as_os_str().as_bytes(), b"/\xFF\t");
    }

    #[test]
    fn optional_fields_are_passed_over() {
        let line = b"31 30 0:27 /docker/a\\040b /sys/fs/cpu\\040acct ro shared:9 master:2 - cgroup none rw,cpu,cpuacct\n\
32 30 0:28 / /mnt rw - cgroup2 cgroup2 rw\nnonsense\n";
        let [first, second] = &mounts(line).collect::<Vec<_>>()[..] else { panic!("two mounts") };
        assert_eq!((first.id, first.device), (31, (0, 27)));
        assert_eq!(first.root, PathBuf::from("/docker/a b"));
        assert_eq!(first.point, PathBuf::from("/sys/fs/cpu acct"));
        assert!(first.has("cpu") && first.has("cpuacct") && !first.has("acct"));
        assert_eq!((&second.kind[..], second.has("cpu")), (&b"cgroup2"[..], false));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_last_mount_at_the_root_is_on_top() {
        let Ok(mountinfo) = super::super::read("/proc/self/mountinfo") else { return };
        let roots: Vec<Mount> = mounts(&mountinfo).filter(|mount| mount.point == *"/").collect();
        assert!(roots.is_empty() || roots.iter().any(Mount::is_on_top), "{roots:?}");
    }
}
