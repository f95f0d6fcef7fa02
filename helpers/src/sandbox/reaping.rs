//! Children that end leave a status behind only if their parent wants one.
//!
//! A program may be started by one that ignores `SIGCHLD` (some window managers do) and inherits that: then the kernel throws
//! the status of each child away, and nobody can tell how it ended (`sigaction(2)`, `SA_NOCLDWAIT`).

use std::mem::zeroed;
use std::ptr::null_mut;
use std::sync::{Mutex, PoisonError};

/// How many attempts are under way, and what `SIGCHLD` did before them where it was in their way.
static UNDER_WAY: Mutex<(usize, Option<libc::sigaction>)> = Mutex::new((0, None));

/// While one of these lives, children leave their status behind.
pub(super) struct Reaping(());

impl Reaping {
    pub(super) fn begin() -> Self {
        let mut under_way = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
        if under_way.0 == 0 {
            under_way.1 = replace_where_ignored();
        }
        under_way.0 += 1;
        Self(())
    }
}

impl Drop for Reaping {
    fn drop(&mut self) {
        let mut under_way = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.0 -= 1;
        if let (0, Some(before)) = *under_way {
            // SAFETY: puts back what the kernel handed out.
            unsafe { libc::sigaction(libc::SIGCHLD, &raw const before, null_mut()) };
            under_way.1 = None;
        }
    }
}

/// Lets `SIGCHLD` do what it does by default, if it is ignored: what it did before.
fn replace_where_ignored() -> Option<libc::sigaction> {
    // SAFETY: every field is a number, a set of bits or a nullable pointer, for which zero is a value.
    let mut before: libc::sigaction = unsafe { zeroed() };
    // SAFETY: the kernel fills in the one structure it is given.
    let told = unsafe { libc::sigaction(libc::SIGCHLD, null_mut(), &raw mut before) } == 0;
    let (handler, discards) = (before.sa_sigaction, before.sa_flags & libc::SA_NOCLDWAIT != 0);
    if !told || !(handler == libc::SIG_IGN || (handler == libc::SIG_DFL && discards)) {
        return None;
    }
    let default = libc::sigaction { sa_sigaction: libc::SIG_DFL, sa_flags: 0, ..before };
    // SAFETY: the default action of SIGCHLD does nothing.
    (unsafe { libc::sigaction(libc::SIGCHLD, &raw const default, null_mut()) } == 0).then_some(before)
}
