//! The crate from outside, in one program: each would be linked with all of the crate anew, which takes longer than its tests.
//!
//! They are run one after the other (`--test-threads=1`): each is a stranger to the next one's measurement, and some count what
//! this process has open or has started.

#[cfg(target_os = "linux")]
mod atlas;
mod chart;
#[cfg(target_os = "linux")]
mod endless;
mod gallery;
#[cfg(target_os = "linux")]
mod group;
mod hostile;
mod interrupts;
mod kept;
mod ledger;
mod machine;
mod measure;
#[cfg(target_os = "linux")]
mod native;
mod plotters;
mod record;
#[cfg(target_os = "linux")]
mod sandbox;
mod timeline;
#[cfg(target_os = "linux")]
mod together;
mod trace;
mod verdict;

use helpers::Reading;
use std::process::Command;

/// The value, where this machine has one. A missing one says why, so a test passes over it aloud.
fn here<T>(reading: Reading<T>) -> Option<T> {
    reading.map_err(|reason| println!("passed over: {reason}")).ok()
}

/// Held by tests that make children and by those that count them or open files: all of these are the process's. And a child
/// has none of the threads beside which it was made, and would wait for what they had locked.
#[cfg(target_os = "linux")]
fn undisturbed() -> std::sync::MutexGuard<'static, ()> {
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What makes this program run one test and no other, be it ignored.
fn only(test: &str) -> [&str; 4] {
    ["--exact", test, "--include-ignored", "--nocapture"]
}

/// Runs one test in a process of its own, prepared as told; what it prints comes back.
fn alone(test: &str, prepare: impl FnOnce(&mut Command)) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(only(test));
    prepare(&mut child);
    let output = child.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}{complaint}");
    printed
}
