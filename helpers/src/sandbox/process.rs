//! The child process: forked, supervised, reaped.

use super::Answer;
use super::child::live;
use super::decode::Raw;
use super::report::Shared;
use crate::reading::{Reading, Unavailable};
use std::ffi::c_int;
use std::io::Error;
use std::time::{Duration, Instant};

/// Runs `body` in a child and waits until the child is gone.
pub(super) fn run(limit: Duration, forbidden: bool, body: impl FnOnce() -> Answer) -> Reading<Raw> {
    let shared = Shared::map()?;
    // SAFETY: the child runs on a copy of this thread's memory, in which no other thread moves; it leaves by `_exit`
    // and so never returns into code that belongs to the parent.
    match unsafe { libc::fork() } {
        -1 => {
            let reason = Unavailable::refused("fork", &Error::last_os_error());
            Err(Unavailable::because(format!(
                "{reason}; see the limits on processes (ulimit -u, cgroup pids.max)"
            )))
        }
        0 => live(shared.page(), forbidden, body),
        child => {
            let status = wait(child, limit)?;
            Ok(shared.read(status))
        }
    }
}

/// Waits for the child, but not for ever: its wait status, or `None` if it had to be killed.
fn wait(child: libc::pid_t, limit: Duration) -> Reading<Option<c_int>> {
    const LONGEST: Duration = Duration::from_millis(2);
    let start = Instant::now();
    let mut pause = Duration::from_micros(50);
    let mut killed = false;
    loop {
        let mut status = 0;
        // SAFETY: the kernel writes the status into a live variable.
        match unsafe { libc::waitpid(child, &raw mut status, if killed { 0 } else { libc::WNOHANG }) } {
            0 if start.elapsed() > limit => {
                // SAFETY: the child is not reaped yet, so its number cannot belong to anybody else.
                unsafe { libc::kill(child, libc::SIGKILL) };
                killed = true;
            }
            0 => {
                std::thread::sleep(pause);
                pause = (pause * 3 / 2).min(LONGEST);
            }
            -1 => {
                let error = Error::last_os_error();
                if error.kind() != std::io::ErrorKind::Interrupted {
                    return Err(Unavailable::refused(
                        "waitpid: another part of this process took the child",
                        &error,
                    ));
                }
            }
            // It may have ended by itself just before it was to be killed.
            _ if killed && libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGKILL => {
                return Ok(None);
            }
            _ => return Ok(Some(status)),
        }
    }
}
