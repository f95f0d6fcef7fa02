//! The text of `/proc` and `/sys`, taken apart: pure functions from bytes to readings.
//!
//! A kernel writes these files, but not always the kernel whose manual we read: a container runtime may fake them, a
//! sandbox may cut them short. So no parser trusts its input; none panics, none allocates more than its input is long.
//!
//! A file that is not there is an absence; everything else that keeps one from reading it is a refusal, and tells nothing of
//! the machine. And an absence tells only what the place around it bears out: where a directory is hidden, what lies in it is
//! unknown.

pub(crate) mod cgroup;
pub(crate) mod counts;
pub(crate) mod cpuinfo;
pub(crate) mod limits;
pub(crate) mod mounts;
#[cfg(test)]
pub(crate) mod tests;

use crate::reading::{Reading, Unavailable};
use crate::units::Bytes;
use std::io::{self, Read};
use std::path::Path;

/// No file read here is longer where its contents make sense: `/proc/cpuinfo` of 512 CPUs is under a megabyte.
const CAP: u64 = 1 << 20;

/// No line shown here is longer.
const LINE: usize = 300;

/// The contents of a file of the kernel, up to a mebibyte of them.
pub(crate) fn read(path: impl AsRef<Path>) -> Reading<Vec<u8>> {
    read_head(path, CAP)
}

/// The first `cap` bytes of a file of the kernel.
pub(crate) fn read_head(path: impl AsRef<Path>, cap: u64) -> Reading<Vec<u8>> {
    let path = path.as_ref();
    contents(path, cap).map_err(|error| Unavailable::refused(path.display(), &error))
}

/// Like [`read`], but `None` where there is no such file.
pub(crate) fn read_if_there(path: impl AsRef<Path>) -> Reading<Option<Vec<u8>>> {
    let path = path.as_ref();
    match contents(path, CAP) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Unavailable::refused(path.display(), &error)),
    }
}

/// Whether there is such a file, link or directory, which need not be readable.
pub(crate) fn is_there(path: impl AsRef<Path>) -> Reading<bool> {
    let path = path.as_ref();
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Unavailable::refused(path.display(), &error)),
    }
}

/// Like [`read`], of the file `name` in the directory `home`. Where that directory is there and the file is not, or the
/// kernel says that it does not support it, `cause` says what that means.
pub(crate) fn read_in(home: &str, name: &str, cause: &str) -> Reading<Vec<u8>> {
    let path = format!("{home}/{name}");
    let is_there = |path: &str| Path::new(path).try_exists().unwrap_or(true);
    contents(Path::new(&path), CAP).map_err(|error| explained(&path, home, cause, &error, &is_there))
}

fn contents(path: &Path, cap: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(512);
    std::fs::File::open(path)?.take(cap).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Why a file could not be read, with no cause but one that can be seen.
fn explained(
    path: &str,
    home: &str,
    cause: &str,
    error: &io::Error,
    is_there: &dyn Fn(&str) -> bool,
) -> Unavailable {
    let hidden = format!("there is no {home} here");
    let cause = match error.raw_os_error() {
        Some(libc::ENOENT) if home.starts_with("/proc") && !is_there("/proc/self") => {
            "there is no /proc here"
        }
        // Every kernel has this file, unless it was asked for nothing but processes.
        Some(libc::ENOENT) if home == "/proc" && !is_there("/proc/version") => {
            "this /proc shows processes and nothing of the system, as with the mount option subset=pid"
        }
        Some(libc::ENOENT) if !is_there(home) => &hidden,
        Some(libc::ENOENT | libc::EOPNOTSUPP) => cause,
        _ => "",
    };
    let refusal = Unavailable::refused(path, error);
    if cause.is_empty() { refusal } else { Unavailable::because(format!("{refusal}; {cause}")) }
}

/// The first line of a small file, trimmed, and cut where it is longer than anyone would read.
///
/// # Errors
/// When it is empty.
pub(crate) fn word(bytes: &[u8]) -> Reading<String> {
    let text = String::from_utf8_lossy(bytes);
    let line: String = text.lines().next().unwrap_or_default().trim().chars().take(LINE).collect();
    if line.is_empty() { Err(Unavailable::because("the file is empty")) } else { Ok(line) }
}

/// A field that is a whole number and nothing else.
pub(crate) fn integer(field: &[u8]) -> Option<u64> {
    std::str::from_utf8(field).ok()?.trim().parse().ok()
}

/// The values of the lines `key value` (or `key: value`, or `key = value`) with this key.
pub(crate) fn fields<'a>(bytes: &'a [u8], key: &'a str) -> impl Iterator<Item = &'a [u8]> {
    bytes.split(|byte| *byte == b'\n').filter_map(move |line| {
        let rest = line.strip_prefix(key.as_bytes())?;
        let value = rest.trim_ascii_start();
        let value = value.strip_prefix(b":").or(value.strip_prefix(b"=")).unwrap_or(value);
        // "cpu" is not the key of "cpu0 1 2": something must end it.
        rest.first()
            .is_none_or(|next| !next.is_ascii_alphanumeric() && *next != b'_')
            .then(|| value.trim_ascii())
    })
}

/// The first of the [`fields`] with this key.
pub(crate) fn field<'a>(bytes: &'a [u8], key: &'a str) -> Option<&'a [u8]> {
    fields(bytes, key).next()
}

/// A whole number of `/proc/self/status`.
///
/// # Errors
/// When there is no such line, or no number on it.
pub(crate) fn status_number(status: &[u8], key: &str) -> Reading<u64> {
    let missing = || Unavailable::because(format!("/proc/self/status has no number {key}"));
    field(status, key).and_then(integer).ok_or_else(missing)
}

/// A set of capabilities in `/proc/self/status`, written as hexadecimal digits.
///
/// # Errors
/// When there is no such line, or it holds anything else.
pub(crate) fn status_set(status: &[u8], key: &str) -> Reading<u64> {
    let digits = field(status, key).and_then(|value| std::str::from_utf8(value).ok());
    let missing = || Unavailable::because(format!("/proc/self/status has no set {key}"));
    digits.and_then(|digits| u64::from_str_radix(digits, 16).ok()).ok_or_else(missing)
}

/// How many threads were running or ready to run, averaged over 1, 5 and 15 minutes.
///
/// # Errors
/// When the file does not begin with three numbers.
pub(crate) fn load(loadavg: &[u8]) -> Reading<[f64; 3]> {
    let mut fields = loadavg.split(u8::is_ascii_whitespace).map_while(decimal);
    match (fields.next(), fields.next(), fields.next()) {
        (Some(one), Some(five), Some(fifteen)) => Ok([one, five, fifteen]),
        _ => Err(Unavailable::because("/proc/loadavg: three numbers were expected")),
    }
}

/// The share of the last ten seconds in which some thread waited for a CPU, in per cent: "pressure stall information".
///
/// # Errors
/// When the file has no such line.
pub(crate) fn pressure(bytes: &[u8]) -> Reading<f64> {
    let value = field(bytes, "some").and_then(|line| {
        line.split(u8::is_ascii_whitespace).find_map(|one| one.strip_prefix(b"avg10=")).and_then(decimal)
    });
    value.ok_or_else(|| {
        Unavailable::because("pressure: a line \u{201c}some avg10=\u{2026}\u{201d} was expected")
    })
}

/// An amount in `/proc/meminfo`, which counts in kibibytes.
///
/// # Errors
/// When there is no such line.
pub(crate) fn memory(meminfo: &[u8], key: &str) -> Reading<Bytes> {
    let number =
        field(meminfo, key).and_then(|value| value.split(u8::is_ascii_whitespace).next()).and_then(integer);
    let missing = || Unavailable::because(format!("/proc/meminfo has no line {key}"));
    number.map(|kibibytes| Bytes(kibibytes.saturating_mul(1024))).ok_or_else(missing)
}

/// The choice in brackets.
///
/// # Errors
/// When nothing is in brackets.
pub(crate) fn choice(bytes: &[u8]) -> Reading<String> {
    let line = word(bytes)?;
    let chosen = line.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let chosen = chosen.map(|(chosen, _)| chosen.to_owned());
    chosen.ok_or_else(|| Unavailable::because(format!("no choice is marked in {line:?}")))
}

/// A field that is a number that can be counted with: finite and not negative.
fn decimal(field: &[u8]) -> Option<f64> {
    let number: f64 = std::str::from_utf8(field).ok()?.parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number)
}
