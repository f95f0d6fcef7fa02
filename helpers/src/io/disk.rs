//! A file of random places to read, past the kernel's cache or from it.

use super::Pages;
use crate::reading::{Reading, Unavailable};
use crate::units::Bytes;
use std::cell::{Cell, RefCell};
use std::ffi::CString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::ops::Deref;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// What is read at once.
const PAGE: u64 = 4096;
/// The most that is read by one call.
const LARGEST: u64 = 1 << 20;
/// No experiment reads more places than fit into this, and to fill more takes longer than anybody waits.
const LONGEST: u64 = 1 << 30;

/// A file without a name, full of bytes: it is gone when the last handle is dropped, however this process ends. It is a
/// [`File`] too, and read with [`FileExt`](std::os::unix::fs::FileExt).
#[derive(Debug)]
pub struct Disk {
    file: File,
    size: u64,
    /// Where to read next: a fixed sequence that looks random, so that nothing is read ahead (Knuth's MMIX).
    next: Cell<u64>,
    /// Where reads go to.
    pages: RefCell<Pages>,
}

impl Deref for Disk {
    type Target = File;

    fn deref(&self) -> &File {
        &self.file
    }
}

impl AsRawFd for Disk {
    fn as_raw_fd(&self) -> RawFd {
        self.file.as_raw_fd()
    }
}

impl Disk {
    /// A file whose every read goes to the device: by `O_DIRECT`. It takes 1 GiB at most.
    ///
    /// # Errors
    /// Where no writable folder lies on a device, the file system serves such reads from memory, or the file would fill more
    /// than half of what is free.
    pub fn past_the_cache(size: Bytes) -> Reading<Self> {
        Self::made(size, true)
    }

    /// A file of the same kind that lies in the kernel's cache as a whole.
    ///
    /// # Errors
    /// Where no folder can be written to, or the file would fill more than half of what is free.
    pub fn in_the_cache(size: Bytes) -> Reading<Self> {
        Self::made(size, false)
    }

    fn made(size: Bytes, direct: bool) -> Reading<Self> {
        if !(1..=LONGEST).contains(&size.0) {
            let most = Bytes(LONGEST);
            return Err(Unavailable::because(format!("a file of {size}: it takes 1 B to {most}")));
        }
        let folders = [PathBuf::from("."), PathBuf::from("/var/tmp"), std::env::temp_dir()];
        let mut found = Err(Unavailable::because("no folder to write a file in"));
        for folder in &folders {
            found = Self::made_in(folder, size.0.next_multiple_of(PAGE), direct);
            if found.is_ok() {
                break;
            }
        }
        found
    }

    fn made_in(folder: &Path, size: u64, direct: bool) -> Reading<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Relaxed);
        let path = folder.join(format!(".concurrency-measured-{}-{number}", std::process::id()));
        let refused =
            |error: io::Error| Unavailable::refused(format!("a file in {}", folder.display()), &error);
        leaves_room(folder, size, free(folder).map_err(refused)?)?;
        let mut file =
            OpenOptions::new().write(true).read(true).create_new(true).open(&path).map_err(refused)?;
        let reader = if direct { open_direct(&path) } else { File::open(&path) };
        // From here on it has no name, and cannot be left behind.
        std::fs::remove_file(&path).map_err(refused)?;
        let reader = reader.map_err(|error| {
            Unavailable::refused(format!("reading past the cache in {}", folder.display()), &error)
        })?;
        if direct && lies_in_memory(&reader) {
            return Err(Unavailable::because(format!(
                "{} lies in memory, not on a device",
                folder.display()
            )));
        }
        let block = vec![7_u8; 1 << 20];
        let mut left = size;
        while left > 0 {
            let now = left.min(block.len() as u64);
            file.write_all(&block[..now as usize]).map_err(refused)?;
            left -= now;
        }
        file.sync_all().map_err(refused)?;
        let pages = RefCell::new(Pages::of(Bytes(LARGEST))?);
        Ok(Self { file: reader, size, next: Cell::new(99), pages })
    }

    /// Reads so many bytes from this place into memory that a device can write to, `pread(2)`: how many were read.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn read(&self, place: u64, bytes: usize) -> io::Result<usize> {
        let mut pages = self.pages.borrow_mut();
        let length = bytes.min(pages.len());
        self.file.read_at(&mut pages[..length], place)
    }

    /// How long it is.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Some page of it, another one each time.
    pub fn somewhere(&self) -> u64 {
        let next =
            self.next.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.next.set(next);
        (next >> 33) % (self.size / PAGE) * PAGE
    }
}

/// Whether others who write to the same file system hardly notice a file of this size.
fn leaves_room(folder: &Path, size: u64, free: u64) -> Reading<()> {
    let (size, folder) = (Bytes(size), folder.display());
    let none = || {
        let free = Bytes(free);
        Unavailable::because(format!(
            "a file of {size} in {folder}: that's more than half of the {free} that are free there"
        ))
    };
    (size.0 <= free / 2).then_some(()).ok_or_else(none)
}

/// How many bytes a program without privilege may still write there: `statvfs(3)`.
fn free(folder: &Path) -> io::Result<u64> {
    let folder = CString::new(folder.as_os_str().as_bytes())?;
    // SAFETY: every field of statvfs is a number, for which zero is a value.
    let mut told: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: the path ends with a zero, and the one structure that is filled in outlives the call.
    if unsafe { libc::statvfs(folder.as_ptr(), &raw mut told) } != 0 {
        return Err(io::Error::last_os_error());
    }
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast, reason = "their widths differ")]
    let (blocks, size) = (told.f_bavail as u64, told.f_frsize as u64);
    Ok(blocks.saturating_mul(size))
}

#[cfg(target_os = "linux")]
fn open_direct(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().read(true).custom_flags(libc::O_DIRECT).open(path)
}

#[cfg(not(target_os = "linux"))]
fn open_direct(_: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(target_os = "linux")]
fn lies_in_memory(file: &File) -> bool {
    // Of a file system in memory: `statfs(2)`.
    const IN_MEMORY: [i64; 2] = [libc::TMPFS_MAGIC, 0x8584_58f6];
    // SAFETY: every field of statfs is a number, for which zero is a value.
    let mut told: libc::statfs = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel fills in the one structure it is given, which outlives the call.
    let done = unsafe { libc::fstatfs(file.as_raw_fd(), &raw mut told) };
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast, reason = "its width differs")]
    let kind = told.f_type as i64;
    done == 0 && IN_MEMORY.contains(&kind)
}

#[cfg(not(target_os = "linux"))]
fn lies_in_memory(_: &File) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lie_within_the_file_on_pages_and_differ() {
        let disk = Disk::in_the_cache(Bytes(1 << 20)).unwrap();
        let places: Vec<u64> = (0..500).map(|_| disk.somewhere()).collect();
        assert!(places.iter().all(|place| place % PAGE == 0 && place + PAGE <= disk.size()));
        let mut different = places.clone();
        different.sort_unstable();
        different.dedup();
        assert!(different.len() > 150, "{}", different.len());
        assert!(places.iter().all(|place| disk.read(*place, 4096).unwrap() == 4096));
        assert_eq!((disk.pages.borrow()[4095], disk.pages.borrow()[4096]), (7, 0));
    }

    #[test]
    fn a_file_that_no_disk_should_hold_is_refused_before_any_folder_is_tried() {
        for size in [0, (1 << 30) + 1, 1 << 50, u64::MAX] {
            let made = [Disk::in_the_cache(Bytes(size)), Disk::past_the_cache(Bytes(size))];
            let reasons = made.map(|made| made.unwrap_err().to_string());
            assert!(reasons.iter().all(|reason| reason.contains("1 B to 1.00 GiB")), "{reasons:?}");
        }
    }

    #[test]
    fn half_of_what_is_free_is_left_to_others() {
        let here = Path::new(".");
        assert!(leaves_room(here, 500, 1_000).is_ok());
        assert!(leaves_room(here, 501, 1_000).unwrap_err().to_string().contains("1000 B that are free"));
        let all = free(here).unwrap();
        let reason = Disk::made_in(here, all, false).unwrap_err().to_string();
        assert!(all > 0 && reason.contains("more than half"), "{reason}");
        assert!(free(Path::new("/no/such/folder")).is_err());
    }

    #[test]
    fn what_lies_in_memory_is_not_past_the_cache() {
        if !Path::new("/dev/shm").exists() {
            return;
        }
        let reason = Disk::made_in(Path::new("/dev/shm"), PAGE, true).unwrap_err().to_string();
        assert!(reason.contains("memory") || reason.contains("past the cache"), "{reason}");
        assert!(Disk::made_in(Path::new("/no/such/folder"), PAGE, false).is_err());
        let left = std::fs::read_dir("/dev/shm").unwrap().flatten();
        let own = format!(".concurrency-measured-{}", std::process::id());
        assert!(left.into_iter().all(|entry| !entry.file_name().to_string_lossy().starts_with(&own)));
    }
}
