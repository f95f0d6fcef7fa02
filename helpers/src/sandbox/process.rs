//! The child process: forked, supervised, reaped.

use super::Body;
use super::child::{hush, live};
use super::decode::Raw;
use super::reaping::Reaping;
use super::report::Shared;
use crate::proc::limits::not_started;
use crate::reading::{Reading, Unavailable};
use std::ffi::c_int;
use std::io::Error;
use std::time::{Duration, Instant};

/// Runs `body` in a child and waits until the child is gone.
pub(super) fn run(limit: Duration, forbidden: bool, body: Body) -> Reading<Raw> {
    hush();
    let (shared, _reaping) = (Shared::map()?, Reaping::begin());
    // SAFETY: the child runs on a copy of this thread's memory, in which no other thread moves; it leaves by `_exit`
    // and so never returns into code that belongs to the parent.
    match unsafe { libc::fork() } {
        -1 => Err(not_started("fork", &Error::last_os_error())),
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
                match error.raw_os_error() {
                    Some(libc::EINTR) => {}
                    Some(libc::ECHILD) => {
                        return Err(Unavailable::because(
                            "how the child ended is lost: another part of this process has waited for it",
                        ));
                    }
                    _ => return Err(Unavailable::refused("waitpid", &error)),
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
