//! The life of a child: it is made harmless, does its act, and writes down how it ends.

use super::Body;
use super::report::{FINISHED, PANICKED, Report, monotonic};
use std::ffi::{c_int, c_void};
use std::io::Error;
use std::mem::zeroed;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::ptr::null_mut;
use std::sync::Once;
use std::sync::atomic::{AtomicPtr, Ordering::SeqCst};

/// The signals that a trap or a policy may raise.
const CAUGHT: [c_int; 6] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGTRAP, libc::SIGSYS];

/// Enough for the registers of any CPU, AVX-512 and SVE included.
const ALTERNATE_STACK: usize = 64 << 10;

/// What a child prints goes nowhere, but no more of it than this.
const PRINTED: libc::rlim_t = 16 << 20;

/// Where the handler writes. Set in the child alone, so attempts of several threads never meet.
static REPORT: AtomicPtr<Report> = AtomicPtr::new(null_mut());

/// Before the first fork: what a child has to say of a panic stands in its report, and its hook says nothing. The child itself
/// could not see to that. If another thread was panicking when it was forked, it would wait for that thread's lock for ever.
pub(super) fn hush() {
    static ONCE: Once = Once::new();
    // A thread that is panicking may not touch the hook; its child is louder, and as safe.
    if !std::thread::panicking() {
        ONCE.call_once(|| {
            let others = take_hook();
            set_hook(Box::new(move |panic| {
                if REPORT.load(SeqCst).is_null() {
                    others(panic);
                }
            }));
        });
    }
}

/// The whole life of the child.
pub(super) fn live(report: *mut Report, forbidden: bool, body: Body) -> ! {
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

/// Makes the child harmless and its end readable. Each step may fail without harm: the child is then less well prepared, and
/// its end is reported with less detail.
fn prepare(report: *mut Report, forbidden: bool) {
    REPORT.store(report, SeqCst);
    leave_nothing_behind(forbidden);
    print_into_the_void();
    set_aside_a_stack();
    for signal in CAUGHT {
        catch(signal);
    }
    unblock_signals();
}

/// The child dies with its parent, and dumps no core.
fn leave_nothing_behind(forbidden: bool) {
    // SAFETY: sets a number of this process.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    limit(libc::RLIMIT_CORE, 0);
    if forbidden {
        // Also stops dumps that are piped into a program, which do not ask for a limit. But such a child cannot read its own
        // /proc files, so one that is only asked something stays as it is.
        // SAFETY: as above.
        unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0) };
    }
}

#[cfg(target_env = "gnu")]
type Resource = libc::__rlimit_resource_t;
#[cfg(not(target_env = "gnu"))]
type Resource = c_int;

fn limit(resource: Resource, most: libc::rlim_t) {
    let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
    // SAFETY: the kernel reads one structure, which outlives the call.
    unsafe { libc::setrlimit(resource, &raw const limit) };
}

/// What is read and printed goes to a file in memory rather than /dev/null, which accepts even what cannot be read.
fn print_into_the_void() {
    // SAFETY: the name is a live string.
    let void = unsafe { libc::memfd_create(c"void".as_ptr(), 0) };
    let void = if void >= 0 {
        void
    } else {
        // SAFETY: likewise.
        unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_WRONLY) }
    };
    for stream in 0..=2 {
        // SAFETY: a descriptor is a number; the streams of the parent's copy may go.
        unsafe { libc::dup2(void, stream) };
    }
    limit(libc::RLIMIT_FSIZE, PRINTED);
}

/// For the handler: the ordinary stack may be what the act exhausts.
fn set_aside_a_stack() {
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new private mapping, at an address the kernel chooses, overlaps nothing.
    let stack = unsafe { libc::mmap(null_mut(), ALTERNATE_STACK, access, kind, -1, 0) };
    if stack != libc::MAP_FAILED {
        let stack = libc::stack_t { ss_sp: stack, ss_flags: 0, ss_size: ALTERNATE_STACK };
        // SAFETY: just mapped with this size, and never unmapped.
        unsafe { libc::sigaltstack(&raw const stack, null_mut()) };
    }
}

fn catch(signal: c_int) {
    // SAFETY: every field of it is a number or a set of bits, for which zero is a value.
    let mut action: libc::sigaction = unsafe { zeroed() };
    action.sa_sigaction = on_signal as *const () as usize;
    // The default comes back as soon as the handler is entered: what follows is the real death.
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESETHAND;
    // SAFETY: the handler has the signature that these flags ask for, and only stores numbers and makes system calls.
    unsafe { libc::sigaction(signal, &raw const action, null_mut()) };
}

fn unblock_signals() {
    // SAFETY: a set of bits; all of them are zero, which is the empty set on Linux.
    let none: libc::sigset_t = unsafe { zeroed() };
    // SAFETY: the kernel reads one structure, which outlives the call.
    unsafe { libc::sigprocmask(libc::SIG_SETMASK, &raw const none, null_mut()) };
}

/// Writes down what the kernel says about the signal. Only stores and system calls: it may interrupt anything.
extern "C" fn on_signal(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    let now = monotonic();
    // SAFETY: the page was set before the handler, and is never unmapped in the child.
    let report = unsafe { &*REPORT.load(SeqCst) };
    // SAFETY: the kernel hands over both structures for the time of the call.
    let (info, context) = unsafe { (&*info, &*context.cast::<libc::ucontext_t>()) };
    report.arrived.store(now, SeqCst);
    report.signal.store(signal, SeqCst);
    report.code.store(info.si_code, SeqCst);
    // SAFETY: every signal that is caught here comes with an address, or with zeros in its place.
    report.address.store(unsafe { info.si_addr() } as u64, SeqCst);
    registers(context, report);
    // A fault happens again when its instruction runs again. What else was caught is sent once more, to arrive when this
    // handler returns.
    if info.si_code <= 0 || signal == libc::SIGTRAP || signal == libc::SIGSYS {
        // SAFETY: sends a signal to this very thread.
        unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), libc::gettid(), signal) };
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
    let machine = &context.uc_mcontext;
    report.instruction.store(machine.pc, SeqCst);
    let records = records(machine);
    let mut place = 0;
    while let Some([head, first]) = records.get(place..place + 2) {
        // Each has a magic number and its size in front; a zero ends them.
        let (magic, size) = (*head as u32, (*head >> 32) as usize);
        if magic == ESR_MAGIC {
            report.trap.store(*first, SeqCst);
            report.has_trap.store(1, SeqCst);
        }
        if magic == 0 || size == 0 || !size.is_multiple_of(16) {
            break;
        }
        place += size / 8;
    }
}

/// The room for records behind the registers: 4,096 bytes, aligned to 16.
#[cfg(target_arch = "aarch64")]
fn records(machine: &libc::mcontext_t) -> &[u64] {
    let behind = (&raw const machine.pstate).wrapping_add(1) as usize;
    // SAFETY: the kernel has built this frame for the handler, with that much room for records in it, in words of 8 bytes.
    unsafe { std::slice::from_raw_parts(behind.next_multiple_of(16) as *const u64, 4096 / 8) }
}

/// What the kernel saved of the trap is known to this program for x86-64 and aarch64 only.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn registers(_: &libc::ucontext_t, _: &Report) {}

fn set_errno(value: c_int) {
    // SAFETY: errno of the own thread is always there to be written.
    unsafe { *libc::__errno_location() = value };
}
