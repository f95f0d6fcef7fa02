//! The child process: forked, supervised, reaped.

use super::Answer;
use super::decode::{Caught, Progress, Raw};
use crate::reading::{Reading, Unavailable};
use crate::units::Nanos;
use std::cell::UnsafeCell;
use std::ffi::{c_int, c_void};
use std::io::Error;
use std::mem::{size_of, zeroed};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::ptr::null_mut;
use std::sync::atomic::{
    AtomicI32, AtomicI64, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering::SeqCst,
};
use std::time::{Duration, Instant};

/// The signals that a trap or a policy may raise.
const CAUGHT: [c_int; 6] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGTRAP, libc::SIGSYS];

/// Enough for the registers of any CPU, AVX-512 and SVE included.
const ALTERNATE_STACK: usize = 64 << 10;

/// What a child prints goes nowhere, but no more of it than this.
const PRINTED: libc::rlim_t = 16 << 20;

const TEXT: usize = 60 << 10;

const FINISHED: u32 = 1;
const PANICKED: u32 = 2;

/// The page that parent and child share: the child writes, the parent reads when the child is gone. All zeros is empty.
#[repr(C)]
struct Report {
    progress: AtomicU32,
    /// When the act began and when its signal arrived, by the monotonic clock in nanoseconds.
    began: AtomicU64,
    arrived: AtomicU64,
    signal: AtomicI32,
    code: AtomicI32,
    address: AtomicU64,
    has_trap: AtomicU32,
    trap: AtomicU64,
    error: AtomicU64,
    instruction: AtomicU64,
    has_value: AtomicU32,
    value: AtomicI64,
    errno: AtomicI32,
    length: AtomicUsize,
    text: UnsafeCell<[u8; TEXT]>,
}

/// Where the handler writes. Set in the child alone, so attempts of several threads never meet.
static REPORT: AtomicPtr<Report> = AtomicPtr::new(null_mut());

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
        0 => live(shared.0, forbidden, body),
        child => {
            let status = wait(child, limit)?;
            Ok(shared.read(status, monotonic()))
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

/// The whole life of the child.
fn live(report: *mut Report, forbidden: bool, body: impl FnOnce() -> Answer) -> ! {
    prepare(report, forbidden);
    // SAFETY: the page was mapped before the fork and is never unmapped in the child.
    let page = unsafe { &*report };
    set_errno(0);
    page.began.store(monotonic(), SeqCst);
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(answer) => {
            page.errno.store(Error::last_os_error().raw_os_error().unwrap_or(0), SeqCst);
            if let Some(value) = answer.value {
                page.value.store(value, SeqCst);
                page.has_value.store(1, SeqCst);
            }
            page.write(&answer.text);
            page.progress.store(FINISHED, SeqCst);
        }
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().copied();
            page.write(
                text.or(panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message"),
            );
            page.progress.store(PANICKED, SeqCst);
        }
    }
    // SAFETY: ends the process at once; destructors and buffers of the parent's copy are meant to be skipped.
    unsafe { libc::_exit(0) }
}

/// Makes the child harmless: it dies with its parent, dumps no core, reads from and prints into the void, and writes down
/// its end.
fn prepare(report: *mut Report, forbidden: bool) {
    REPORT.store(report, SeqCst);
    // SAFETY: plain system calls on values that live on this stack or were just mapped. Each may fail without harm: the
    // child is then less well prepared, and its end is told with less detail.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        if forbidden {
            // Also stops dumps that are piped into a program, which do not ask for a limit. But such a child cannot read
            // its own /proc files, so one that is only asked something stays as it is.
            libc::prctl(libc::PR_SET_DUMPABLE, 0);
        }
        let limit = |what, most: libc::rlim_t| {
            libc::setrlimit(what, &libc::rlimit { rlim_cur: most, rlim_max: most });
        };
        limit(libc::RLIMIT_CORE, 0);
        // A file in memory rather than /dev/null, which accepts even what cannot be read.
        let void = libc::memfd_create(c"void".as_ptr(), 0);
        let void = if void < 0 { libc::open(c"/dev/null".as_ptr(), libc::O_WRONLY) } else { void };
        for stream in 0..=2 {
            libc::dup2(void, stream);
        }
        limit(libc::RLIMIT_FSIZE, PRINTED);

        // The ordinary stack may be what the act exhausts.
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let stack = libc::mmap(null_mut(), ALTERNATE_STACK, access, kind, -1, 0);
        if stack != libc::MAP_FAILED {
            libc::sigaltstack(
                &libc::stack_t { ss_sp: stack, ss_flags: 0, ss_size: ALTERNATE_STACK },
                null_mut(),
            );
        }
        let mut action: libc::sigaction = zeroed();
        action.sa_sigaction = on_signal as *const () as usize;
        // The default comes back as soon as the handler is entered: what follows is the real death.
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESETHAND;
        for signal in CAUGHT {
            libc::sigaction(signal, &raw const action, null_mut());
        }
        let mut none: libc::sigset_t = zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, null_mut());
    }
    set_hook(Box::new(|_| {}));
}

/// Writes down what the kernel tells about the signal. Only stores and system calls: it may interrupt anything.
extern "C" fn on_signal(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    let now = monotonic();
    // SAFETY: the kernel hands over both structures for the time of the call; the page was set before the handler.
    unsafe {
        let report = &*REPORT.load(SeqCst);
        let code = (*info).si_code;
        report.arrived.store(now, SeqCst);
        report.signal.store(signal, SeqCst);
        report.code.store(code, SeqCst);
        report.address.store((*info).si_addr() as u64, SeqCst);
        registers(&*context.cast::<libc::ucontext_t>(), report);
        // A fault happens again when its instruction runs again. What else was caught is sent once more, to arrive when
        // this handler returns.
        if code <= 0 || signal == libc::SIGTRAP || signal == libc::SIGSYS {
            libc::syscall(libc::SYS_tgkill, libc::getpid(), libc::syscall(libc::SYS_gettid), signal);
        }
    }
}

/// What the kernel saved of the trap.
#[cfg(target_arch = "x86_64")]
fn registers(context: &libc::ucontext_t, report: &Report) {
    let register = |place: c_int| context.uc_mcontext.gregs[place as usize] as u64;
    report.instruction.store(register(libc::REG_RIP), SeqCst);
    report.error.store(register(libc::REG_ERR), SeqCst);
    report.trap.store(register(libc::REG_TRAPNO), SeqCst);
    report.has_trap.store(1, SeqCst);
    if register(libc::REG_TRAPNO) == 14 {
        report.address.store(register(libc::REG_CR2), SeqCst);
    }
}

/// What the kernel saved of the trap. The syndrome is one of a list of records behind the registers; Linux leaves it out
/// where it has nothing to say, emulators always.
#[cfg(target_arch = "aarch64")]
fn registers(context: &libc::ucontext_t, report: &Report) {
    const ESR_MAGIC: u32 = 0x4553_5201;
    /// In words of eight bytes.
    const RECORDS: usize = 4096 / 8;
    let machine = &raw const context.uc_mcontext;
    // SAFETY: `machine` points into the frame that the kernel built: the registers, then, aligned to 16 bytes, the records,
    // each with a magic number and its size in front, ended by a zero.
    unsafe {
        report.instruction.store((*machine).pc, SeqCst);
        let start = (&raw const (*machine).pstate).add(1) as usize;
        let records = start.next_multiple_of(16) as *const u64;
        let mut place = 0;
        while place + 2 <= RECORDS {
            let head = records.add(place).read();
            let (magic, size) = (head as u32, (head >> 32) as usize);
            if magic == ESR_MAGIC {
                report.trap.store(records.add(place + 1).read(), SeqCst);
                report.has_trap.store(1, SeqCst);
            }
            if magic == 0 || size == 0 || !size.is_multiple_of(16) {
                break;
            }
            place += size / 8;
        }
    }
}

/// What the kernel saved of the trap is known to this program for x86-64 and aarch64 only.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn registers(_: &libc::ucontext_t, _: &Report) {}

/// The monotonic clock in nanoseconds, the same for parent and child, and safe to read in a signal handler.
fn monotonic() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes into a live variable.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

fn set_errno(value: c_int) {
    // SAFETY: errno of the own thread is always there to be written.
    unsafe { *libc::__errno_location() = value };
}

impl Report {
    fn write(&self, text: &str) {
        let length = text.len().min(TEXT);
        // SAFETY: only the child writes, once; the parent reads when the child is gone. The buffer has that length.
        unsafe { self.text.get().cast::<u8>().copy_from_nonoverlapping(text.as_ptr(), length) };
        self.length.store(length, SeqCst);
    }
}

/// The shared page; unmapped when dropped.
struct Shared(*mut Report);

impl Shared {
    fn map() -> Reading<Self> {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let kind = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
        // SAFETY: a new mapping, at an address the kernel chooses, overlaps nothing.
        let page = unsafe { libc::mmap(null_mut(), size_of::<Report>(), access, kind, -1, 0) };
        if page == libc::MAP_FAILED {
            return Err(Unavailable::refused("mmap of a shared page", &Error::last_os_error()));
        }
        Ok(Self(page.cast()))
    }

    fn read(&self, status: Option<c_int>, known: u64) -> Raw {
        // SAFETY: mapped, zeroed by the kernel, and since then written through atomics only.
        let page = unsafe { &*self.0 };
        let signal = page.signal.load(SeqCst);
        let caught = (signal != 0).then(|| Caught {
            signal,
            code: page.code.load(SeqCst),
            address: page.address.load(SeqCst),
            trap: (page.has_trap.load(SeqCst) != 0).then(|| page.trap.load(SeqCst)),
            error: page.error.load(SeqCst),
            instruction: page.instruction.load(SeqCst),
        });
        let progress = match page.progress.load(SeqCst) {
            FINISHED => Progress::Finished,
            PANICKED => Progress::Panicked,
            _ => Progress::Unfinished,
        };
        let began = page.began.load(SeqCst);
        let since = |moment: u64| (began > 0 && moment >= began).then(|| Nanos((moment - began) as f64));
        let length = page.length.load(SeqCst).min(TEXT);
        // SAFETY: the child is gone, so nobody writes; the length is within the buffer.
        let text = unsafe { std::slice::from_raw_parts(page.text.get().cast::<u8>(), length) };
        Raw {
            status,
            caught,
            progress,
            value: (page.has_value.load(SeqCst) != 0).then(|| page.value.load(SeqCst)),
            errno: page.errno.load(SeqCst),
            text: String::from_utf8_lossy(text).into_owned(),
            until_signal: since(page.arrived.load(SeqCst)),
            until_known: since(known),
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: mapped by `map` with this size, and no reference into it outlives this value.
        unsafe { libc::munmap(self.0.cast(), size_of::<Report>()) };
    }
}
