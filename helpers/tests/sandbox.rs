//! Forbidden acts, tried for real.

use crate::undisturbed;
use helpers::interrupts::membarrier;
use helpers::ledger::{children, open_files};
use helpers::sandbox::{
    Ending, Outcome, attempt, attempt_within, attempt_without, in_child, kinds, same, survives,
};
use helpers::{Compare, Count, Ruling, Unavailable, Verdict, claim, finding, millis};
use std::arch::asm;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// The address of the book: far outside of anything mapped here, inside what a program may map.
const NOWHERE: usize = 99_999_999_999_999;

static READ_ONLY: u64 = 7;
/// The machine code of a return, as data.
static DATA: Mutex<[u32; 4]> = Mutex::new([0; 4]);

fn read_nowhere() -> u8 {
    // SAFETY: not sound, and meant not to be: the child dies of it. So for all acts below.
    unsafe { (NOWHERE as *const u8).read_volatile() }
}

fn write_read_only() {
    // Read first: a child starts without the entries for pages of files, so the page might not be present yet.
    // SAFETY: see above.
    unsafe {
        (&raw const READ_ONLY).read_volatile();
        (&raw const READ_ONLY).cast_mut().write_volatile(8);
    }
}

fn execute_data() {
    let data: *mut [u32; 4] = &raw mut *DATA.lock().unwrap();
    // SAFETY: see above.
    unsafe { std::mem::transmute::<*mut [u32; 4], extern "C" fn()>(data)() };
}

#[expect(unconditional_recursion, reason = "it is the act")]
fn overflow_stack(depth: u64) -> u64 {
    black_box([depth; 512])[7] + overflow_stack(depth + 1)
}

/// Act, and the signal it must end by.
type Act = (&'static str, fn(), i32);

macro_rules! instruction {
    ($($text:tt)*) => {
        || {
            // SAFETY: see above.
            unsafe { asm!($($text)*) }
        }
    };
}

const EVERYWHERE: [Act; 4] = [
    ("read from nowhere", || _ = black_box(read_nowhere()), libc::SIGSEGV),
    ("write to read-only memory", write_read_only, libc::SIGSEGV),
    ("execute data", execute_data, libc::SIGSEGV),
    ("overflow the stack", || _ = black_box(overflow_stack(0)), libc::SIGSEGV),
];

/// Act, signal, trap, error code.
#[cfg(target_arch = "x86_64")]
const HERE: [(Act, u32, Option<u64>); 10] = [
    (("hlt", instruction!("hlt"), libc::SIGSEGV), 13, Some(0)),
    (("cli", instruction!("cli"), libc::SIGSEGV), 13, Some(0)),
    (("mov rax, cr3", instruction!("mov rax, cr3", out("rax") _), libc::SIGSEGV), 13, Some(0)),
    (("lidt", instruction!("lidt [{}]", in(reg) &raw const READ_ONLY), libc::SIGSEGV), 13, Some(0)),
    (("in al, dx", instruction!("in al, dx", in("dx") 0x80_u16, out("al") _), libc::SIGSEGV), 13, Some(0)),
    (("ud2", instruction!("ud2"), libc::SIGILL), 6, None),
    (("int3", instruction!("int3"), libc::SIGTRAP), 3, None),
    (("int 0x2e", instruction!("int 0x2e"), libc::SIGSEGV), 13, Some(0x172)),
    (
        (
            "divide by zero",
            instruction!("div {}", in(reg) 0_u64, inout("rax") 1_u64 => _, inout("rdx") 0_u64 => _),
            libc::SIGFPE,
        ),
        0,
        None,
    ),
    (
        (
            "a non-canonical address",
            instruction!("mov rax, [{}]", in(reg) 1_u64 << 62, out("rax") _),
            libc::SIGSEGV,
        ),
        13,
        Some(0),
    ),
];

#[cfg(target_arch = "aarch64")]
const HERE: [(Act, u32, Option<u64>); 5] = [
    (("msr daifset, #2", instruction!("msr daifset, #2"), libc::SIGILL), 0, None),
    (("mrs x0, ttbr0_el1", instruction!("mrs x0, ttbr0_el1", out("x0") _), libc::SIGILL), 0, None),
    (("udf", instruction!("udf #0"), libc::SIGILL), 0, None),
    (("hlt", instruction!("hlt #1"), libc::SIGILL), 0, None),
    (("brk", instruction!("brk #1"), libc::SIGTRAP), 0, None),
];

fn signal_of(ending: &Ending) -> i32 {
    match &ending.outcome {
        Outcome::Killed(signal) => signal.number,
        _ => panic!("{ending}"),
    }
}

fn atlas() -> Vec<Ending> {
    let all = EVERYWHERE.into_iter().chain(HERE.map(|(act, ..)| act));
    all.map(|(name, act, _)| attempt(name, act)).collect()
}

#[test]
fn the_pointer_is_seen_again_as_the_fault_address() {
    let _alone = undisturbed();
    let ending = attempt("read", read_nowhere);
    let trap = ending.trap.unwrap();
    assert_eq!(trap.address, Some(NOWHERE as u64), "{ending}");
    if let Some(number) = trap.number {
        let expected = if cfg!(target_arch = "x86_64") { 14 } else { 0x24 };
        assert_eq!(number, expected, "{ending}");
        assert!(trap.bits.starts_with("user · read · not present"), "{ending}");
    }
    assert_eq!(ending.outcome.to_string(), "SIGSEGV (SEGV_MAPERR)");
}

#[test]
fn memory_is_guarded_against_writing_and_executing() {
    let _alone = undisturbed();
    let write = attempt("write", write_read_only);
    let execute = attempt("execute", execute_data);
    for (ending, address, act) in [
        (write, &raw const READ_ONLY as u64, "user · write · present"),
        (execute, &raw const *DATA.lock().unwrap() as u64, "user · fetch · present"),
    ] {
        let trap = ending.trap.unwrap();
        assert_eq!(trap.address, Some(address), "{ending}");
        assert!(trap.number.is_none() || trap.bits.starts_with(act), "{ending}");
        assert_eq!(ending.outcome.to_string(), "SIGSEGV (SEGV_ACCERR)");
    }
}

#[test]
fn every_act_ends_by_its_signal_and_its_trap() {
    let _alone = undisturbed();
    for (name, act, signal) in EVERYWHERE {
        let ending = attempt(name, act);
        assert_eq!(signal_of(&ending), signal, "{ending}");
    }
    for ((name, act, signal), number, error) in HERE {
        let ending = attempt(name, act);
        println!("{ending}");
        assert_eq!(signal_of(&ending), signal, "{ending}");
        let trap = ending.trap.unwrap();
        assert_eq!(trap.address, None, "{ending}");
        if cfg!(target_arch = "x86_64") && trap.number.is_some() {
            assert_eq!((trap.number, trap.error), (Some(number), error), "{ending}");
        }
    }
}

#[test]
fn the_same_acts_make_the_same_table_twice() {
    let _alone = undisturbed();
    let (first, second) = (atlas(), atlas());
    assert_eq!(same(&first, &second), Ok(true), "{first:#?} {second:#?}");
    assert_eq!(same(&first, &second[1..]), Ok(false));
    assert_eq!(same(&first[..1], &[attempt("read from nowhere", || 1)]), Ok(false));
    let text = serde_json::to_string(&first).unwrap();
    let read: Vec<Ending> = serde_json::from_str(&text).unwrap();
    assert_eq!(same(&read, &first), Ok(true));
    assert!(same(&[], &[]).is_err() && kinds(&[]).is_err());
}

/// The claims of a notebook that rest on children, ruled by what became of them.
fn claims(act: &dyn Fn(&str) -> Ending) -> Vec<Verdict> {
    let (pointer, atlas, again, coup) =
        (act("read"), [act("hlt"), act("cli")], [act("hlt"), act("cli")], act("mov cr3"));
    vec![
        claim("the very pointer comes back as the fault address")
            .holds(pointer.faulted_at(NOWHERE as u64), format!("{NOWHERE:#x}: {pointer}")),
        claim("the CPU refuses these acts in few ways").holds(
            kinds(&atlas).within(Count(1), Count(4)),
            finding("{n} kinds of trap", &[("n", &kinds(&atlas))]),
        ),
        claim("the same acts end the same way twice")
            .holds(same(&atlas, &again), ("one table", "two tables")),
        claim("a program cannot replace its page table")
            .holds(coup.trapped(), finding("It ends in {end}", &[("end", &coup.end())])),
        claim("the kernel answers a bad pointer with an error")
            .holds(pointer.gave(-1), ("an error", "no error")),
        claim("no signal comes").holds(pointer.signals().is(Count(0)), ("none", "one")),
    ]
}

fn all_unavailable(verdicts: &[Verdict], reason: &str) {
    for verdict in verdicts {
        assert_eq!(verdict.ruling, Ruling::Unavailable, "{verdict}");
        assert!(verdict.finding.contains(reason), "{verdict}");
    }
}

#[test]
fn claims_on_children_that_never_began_are_unavailable() {
    let _alone = undisturbed();
    let trying = || claims(&|act| attempt(act, read_nowhere));
    let shown: Vec<Ruling> = trying().iter().map(|verdict| verdict.ruling).collect();
    assert_eq!(shown[..4], [Ruling::Shown; 4], "where children can be made: {:#?}", trying());

    // As an ordinary user who may have no more processes.
    let verdicts = in_child(|| {
        let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: bind this child alone; whoever is an ordinary user already stays one.
        unsafe {
            libc::setrlimit(libc::RLIMIT_NPROC, &raw const none);
            libc::setgid(65_534);
            libc::setuid(65_534);
        }
        trying()
    });
    all_unavailable(&verdicts.unwrap(), "fork: Resource temporarily unavailable");

    // Where a policy forbids it, as in some containers.
    let verdicts = in_child(|| {
        refuse(libc::SYS_clone, libc::SECCOMP_RET_ERRNO | libc::EPERM as u32);
        trying()
    });
    all_unavailable(
        &verdicts.unwrap(),
        "fork: Operation not permitted (os error 1); a policy of this machine",
    );
}

#[test]
fn claims_on_children_that_were_killed_are_unavailable() {
    let _alone = undisturbed();
    let hang = |act: &str| {
        attempt_within::<()>(millis(20.0), act, || {
            loop {
                std::thread::park();
            }
        })
    };
    all_unavailable(&claims(&hang), "did not end within 20.0 ms");
    // SAFETY: kills the child, as the kernel does when memory runs out.
    let killed = |act: &str| attempt(act, || unsafe { libc::raise(libc::SIGKILL) });
    all_unavailable(&claims(&killed), "killed by SIGKILL, and who sent that isn't known");
}

#[test]
fn a_hundred_attempts_leave_nothing_behind() {
    let _alone = undisturbed();
    let mappings = || std::fs::read_to_string("/proc/self/maps").map_or(0, |maps| maps.lines().count());
    attempt("warm up", read_nowhere);
    let before = (open_files(), children(), mappings());
    for _ in 0..50 {
        attempt("die", read_nowhere);
        attempt("survive", || 1);
    }
    let after = (open_files(), children(), mappings());
    assert_eq!((&before.0, &before.1), (&after.0, &after.1));
    // Other tests start threads meanwhile, each with a stack; a leak would be a hundred.
    assert!(after.2 <= before.2 + 40, "{} mappings, then {}", before.2, after.2);
    // SAFETY: asks about any child of this process without waiting or reaping.
    let waiting = unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG | libc::__WALL) };
    assert_eq!(waiting, -1, "no child is left to wait for");
}

#[test]
fn a_child_that_hangs_is_killed() {
    let _alone = undisturbed();
    let ending = attempt_within::<()>(millis(30.0), "hang", || {
        loop {
            std::thread::park();
        }
    });
    assert_eq!(ending.outcome, Outcome::TimedOut(millis(30.0)));
    assert_eq!(children().unwrap_or(Count(0)), Count(0));
}

#[test]
fn a_limit_that_is_no_time_is_refused() {
    let _alone = undisturbed();
    for limit in [0.0, -1.0, f64::NAN, f64::INFINITY, 60_001.0].map(millis) {
        // An act that ends: where such a limit were taken, this test would end as well.
        let ending = attempt_within(limit, "nothing", || ());
        let Outcome::Unavailable(reason) = ending.outcome else { panic!("{ending}") };
        assert!(reason.to_string().contains("at most 60.0 s"), "{reason}");
    }
    assert_eq!(attempt_within(millis(60_000.0), "nothing", || ()).outcome, Outcome::Survived(None));
}

#[test]
fn a_signal_sent_by_hand_is_no_trap() {
    let _alone = undisturbed();
    // SAFETY: raises a signal in the child, which has a handler for it.
    let ending = attempt("raise", || unsafe { libc::raise(libc::SIGSEGV) });
    assert_eq!((signal_of(&ending), ending.trap), (libc::SIGSEGV, None), "{ending}");
    // SAFETY: kills the child, as the kernel does when memory runs out.
    let ending = attempt("kill", || unsafe { libc::raise(libc::SIGKILL) });
    assert_eq!(ending.outcome.to_string(), "SIGKILL");
}

#[test]
fn what_an_act_returns_comes_back() {
    let _alone = undisturbed();
    let outcome = |ending: Ending| ending.outcome.to_string();
    assert_eq!(outcome(attempt("nothing", || ())), "survived");
    assert_eq!(outcome(attempt("text", || "text")), "survived");
    assert_eq!(outcome(attempt("number", || 42_u16)), "survived, returned 42");
    // SAFETY: the kernel checks the pointer that it is given.
    let write = attempt("write(99999999999999)", || unsafe { libc::write(1, NOWHERE as *const _, 1) });
    assert_eq!(write.outcome.to_string(), "survived, returned −1: Bad address (os error 14)");
    assert_eq!(write.trap, None);
    assert_eq!(outcome(attempt("minus one", || -1)), "survived, returned −1");
}

#[test]
fn panics_and_exits_are_told() {
    let _alone = undisturbed();
    let ending = attempt("panic", || -> u8 { panic!("with {} words", 3) });
    assert_eq!(ending.outcome, Outcome::Panicked("with 3 words".into()));
    assert_eq!(attempt("exit", || std::process::exit(3)).outcome, Outcome::Exited(3));
    assert_eq!(attempt("abort", || std::process::abort()).outcome.to_string(), "SIGABRT");
}

#[test]
fn a_child_prints_into_the_void() {
    let _alone = undisturbed();
    let ending = attempt("print", || {
        println!("EVCXR_BEGIN_CONTENT never seen");
        eprintln!("nor this");
        // SAFETY: writes a live buffer.
        unsafe { libc::write(1, b"x".as_ptr().cast(), 1) }
    });
    assert_eq!(ending.outcome.to_string(), "survived, returned 1");
}

#[test]
fn the_parents_memory_stays_as_it_was() {
    let _alone = undisturbed();
    let mut value = 1;
    let seen = in_child(|| {
        value = 2;
        value
    });
    assert_eq!((seen, value), (Ok(2), 1));
    let long = in_child(|| vec![7_u8; 10_000]).unwrap();
    assert_eq!(long.len(), 10_000);
    let too_long: Result<Vec<u8>, Unavailable> = in_child(|| vec![7_u8; 100_000]);
    assert!(too_long.unwrap_err().to_string().contains("did not arrive whole"));
    let no_number = in_child(|| f64::NAN).unwrap_err().to_string();
    assert!(no_number.contains("a number that isn't finite"), "{no_number}");
    // It would be `null` in JSON, which is a value here.
    for odd in [f64::NAN, f64::INFINITY] {
        let lost = in_child(|| vec![Some(odd), None]).unwrap_err().to_string();
        assert!(lost.contains("a number that isn't finite"), "{lost}");
    }
    assert_eq!(in_child(|| vec![Some(1.5), None]), Ok(vec![Some(1.5), None]));
    let no_key = in_child(|| BTreeMap::from([((1, 2), 3)])).unwrap_err().to_string();
    assert!(no_key.contains("key must be a string"), "{no_key}");
    let dead: Result<u8, Unavailable> = in_child(read_nowhere);
    assert!(dead.unwrap_err().to_string().contains("SIGSEGV"));
}

#[test]
fn what_survives_may_be_done_and_what_does_not_is_explained() {
    let _alone = undisturbed();
    assert_eq!(survives(|| vec![1, 2, 3]), Ok(()));
    let reason = survives(read_nowhere).unwrap_err().to_string();
    assert!(reason.contains("SIGSEGV") && reason.contains("0x5af3107a3fff"), "{reason}");
}

/// Lets threads go when it is dropped, also by an assertion that fails: or they would spin for ever, and the test with them.
struct Busy(AtomicBool);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(false, Relaxed);
    }
}

#[test]
fn a_process_with_many_threads_can_try_too() {
    let _alone = undisturbed();
    let busy = std::sync::Arc::new(Busy(AtomicBool::new(true)));
    for _ in 0..4 {
        // Held weakly: the last strong one is this function's.
        let busy = std::sync::Arc::downgrade(&busy);
        std::thread::spawn(move || {
            while busy.upgrade().is_some_and(|busy| busy.0.load(Relaxed)) {
                drop(black_box(vec![0_u8; 1 << 12]));
            }
        });
    }
    for _ in 0..30 {
        let ending = attempt("read", read_nowhere);
        assert_eq!(signal_of(&ending), libc::SIGSEGV, "{ending}");
    }
    std::thread::scope(|scope| {
        let together: Vec<_> =
            (0..4).map(|value: i64| scope.spawn(move || attempt("tell", move || value))).collect();
        for (value, thread) in together.into_iter().enumerate() {
            assert_eq!(thread.join().unwrap().outcome.to_string(), format!("survived, returned {value}"));
        }
    });
}

/// Has a system call of this process refused from now on. Meant for a child.
fn refuse(call: libc::c_long, action: u32) {
    let step = |code: u32, jt, jf, k| libc::sock_filter { code: code as u16, jt, jf, k };
    let mut steps = [
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, call as u32),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, action),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let filter = libc::sock_fprog { len: 4, filter: steps.as_mut_ptr() };
    // SAFETY: the filter lives until the calls return, and binds this process alone.
    unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const filter);
    }
}

/// A policy like those of containers, but one that kills: whoever asks for the parent's number dies.
#[cfg(target_arch = "x86_64")]
#[test]
fn a_policy_that_kills_is_told_as_its_signal() {
    let _alone = undisturbed();
    for (action, told) in
        [(libc::SECCOMP_RET_KILL_PROCESS, "SIGSYS"), (libc::SECCOMP_RET_TRAP, "SIGSYS (SYS_SECCOMP)")]
    {
        let ending = attempt("getppid", || {
            refuse(libc::SYS_getppid, action);
            // SAFETY: getppid has no preconditions.
            unsafe { libc::getppid() }
        });
        assert_eq!(ending.outcome.to_string(), told);
        assert_eq!(ending.trap, None);
    }
}

#[test]
fn a_forbidden_call_ends_the_child_that_makes_it_and_no_other() {
    let _alone = undisturbed();
    let lock = Mutex::new(0_u64);
    let add = || *lock.lock().unwrap() += 1;
    let free = attempt_without("futex", "a million locks", || (0..1_000_000).for_each(|_| add()));
    let tried = attempt_without("futex", "try a held lock", || {
        let _held = lock.lock();
        lock.try_lock().is_err()
    });
    let waits = attempt_without("futex", "wait for oneself", || {
        let _held = lock.lock();
        lock.lock().is_err()
    });
    assert_eq!((free.survived(), tried.returned()), (Ok(true), Ok(1)), "{free}; {tried}");
    assert_eq!(waits.died_of("SIGSYS"), Ok(true), "{waits}");
    assert_eq!(waits.outcome.to_string(), "SIGSYS (SYS_SECCOMP)");
    // This process goes on as before, with all its calls.
    assert!(std::thread::spawn(|| ()).join().is_ok());
}

#[test]
fn only_the_named_call_is_forbidden() {
    let _alone = undisturbed();
    // SAFETY: neither call has preconditions.
    let parent = || i64::from(unsafe { libc::getppid() });
    // SAFETY: as above.
    let own = || i64::from(unsafe { libc::getpid() });
    assert_eq!(attempt_without("getppid", "getppid", parent).died_of("SIGSYS"), Ok(true));
    assert!(attempt_without("getppid", "getpid", own).returned().is_ok_and(|pid| pid > 1));
    assert_eq!(attempt_without("futex", "getppid", parent).returned(), Ok(i64::from(std::process::id())));
    let unknown = attempt_without("frobnicate", "nothing", || ());
    assert!(unknown.survived().unwrap_err().to_string().contains("frobnicate"), "{unknown}");
}

/// What a shortage has kept from being tried is tried again when it's over. A filter binds the thread that has set it, so one
/// thread here meets the shortage, and the others don't.
#[test]
fn a_refusal_that_passes_is_not_kept() {
    let _alone = undisturbed();
    let told: Vec<[String; 2]> = in_child(|| {
        type Try = fn() -> String;
        let barrier = || membarrier().map_or_else(|reason| reason.to_string(), |()| "done".to_owned());
        let without = || attempt_without("futex", "getpid", std::process::id).outcome.to_string();
        [(libc::SYS_membarrier, barrier as Try), (libc::SYS_clone, without as Try)]
            .map(|(call, act)| {
                let short = std::thread::spawn(move || {
                    refuse(call, libc::SECCOMP_RET_ERRNO | libc::EAGAIN as u32);
                    act()
                });
                [short.join().unwrap_or_default(), act()]
            })
            .to_vec()
    })
    .unwrap();
    for [first, second] in told {
        assert!(first.contains("temporarily unavailable"), "{first}");
        assert!(!second.contains("temporarily unavailable"), "{second}");
    }
}

/// Where a policy refuses the filter, it is the policy that is told; never that the act survived without the call.
#[test]
fn a_place_that_refuses_filters_is_no_proof() {
    use libc::{SECCOMP_MODE_FILTER, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, sock_filter, sock_fprog};
    let _alone = undisturbed();
    let told: Vec<String> = in_child(|| {
        let step = |code, k, jt, jf| sock_filter { code, jt, jf, k };
        // prctl(PR_SET_SECCOMP, …) is refused, as some sandboxes do.
        let number = libc::SYS_prctl as u32;
        let refused = SECCOMP_RET_ERRNO | libc::EPERM as u32;
        let mut filter = [
            step(0x20, 0, 0, 0),
            step(0x15, number, 0, 3),
            step(0x20, 16, 0, 0),
            step(0x15, libc::PR_SET_SECCOMP as u32, 0, 1),
            step(0x06, refused, 0, 0),
            step(0x06, SECCOMP_RET_ALLOW, 0, 0),
        ];
        let program = sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
        // SAFETY: the filter outlives the calls, and this child is about to end.
        unsafe {
            libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            libc::prctl(libc::PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &raw const program);
        }
        let ending = attempt_without("getppid", "getpid", std::process::id);
        let reason = ending.survived().map_or_else(|reason| reason.to_string(), |lives| lives.to_string());
        vec![reason, ending.to_string()]
    })
    .unwrap();
    assert!(told[0].contains("seccomp") && told[0].contains("policy"), "{told:?}");
    assert!(told[1].contains("unavailable"), "{told:?}");
}
