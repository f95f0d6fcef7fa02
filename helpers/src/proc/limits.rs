//! What keeps a process or a thread from starting, and what to do about it (`fork(2)`, `pthread_create(3)`).

use crate::reading::Unavailable;
use std::fmt::Display;
use std::io;

/// The system refused `what`, which was to start something. Linux has these calls wherever it runs: where one is said not to exist or not to be
/// permitted, a filter answers in the kernel's place.
pub(crate) fn not_started(what: impl Display, error: &io::Error) -> Unavailable {
    let remedy = match error.raw_os_error() {
        Some(libc::EAGAIN) => {
            "; a limit on processes and threads is reached: end some, or raise it (ulimit -u, cgroup pids.max, \
             docker run --pids-limit)"
        }
        Some(libc::ENOMEM) => {
            "; memory is short, or the kernel will not promise more of it: close other notebooks, raise the container's limit, \
             or set vm.overcommit_memory to 1"
        }
        Some(libc::EPERM | libc::EACCES) => {
            "; a policy of this machine forbids it (a seccomp filter or a security module): run it without, or elsewhere"
        }
        Some(libc::ENOSYS) => {
            "; a seccomp filter of this sandbox, or an emulator, has no such call: run it without, or elsewhere"
        }
        _ => "",
    };
    Unavailable::because(format!("{what}: {error}{remedy}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_own_remedy() {
        let words = |errno: i32| not_started("fork", &io::Error::from_raw_os_error(errno)).to_string();
        for (errno, sign) in [
            (libc::EAGAIN, "pids.max"),
            (libc::ENOMEM, "overcommit"),
            (libc::EPERM, "policy"),
            (libc::ENOSYS, "emulator"),
        ] {
            let signs = ["pids.max", "overcommit", "policy", "emulator"];
            let said: Vec<&str> = signs.into_iter().filter(|sign| words(errno).contains(sign)).collect();
            assert_eq!(said, [sign], "{}", words(errno));
        }
        assert_eq!(words(libc::EINVAL), "fork: Invalid argument (os error 22)");
    }
}
