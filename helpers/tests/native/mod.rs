//! Places made to look like machines that people have reported: other mounts, groups, users. This takes a kernel, and mostly
//! root; where either is missing, a test passes over it aloud.

use crate::group::{Group, quota_file};
use crate::{alone, here, only};
use helpers::machine::topology::Siblings;
use helpers::machine::{Context, Machine};
use helpers::timeline::Cause;
use helpers::{Cpus, Nanos, Outcome, Reading, Unavailable, attempt, count, libc, millis, observe, on_cpus};
use std::hint::black_box;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// A directory that everybody may read, removed again when it is dropped.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Relaxed);
        let name = format!("concurrency-measured-{}-{number}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs one of the tests below, which are ignored otherwise, in a place of its own: `script` prepares it, sees its own mounts only,
/// and is told the group (`$GROUP`), where the hierarchy is mounted (`$CPU`) and an empty directory (`$DIR`). What the test
/// printed comes back; or why there can be no such place here.
fn in_place(script: &str, test: &str, group: Option<&Group>) -> Reading<String> {
    let apart = ["--mount", "--propagation", "private"];
    let probe = Command::new("unshare").args(apart).arg("true").output();
    match probe {
        Ok(output) if output.status.success() => {}
        Ok(output) => return Err(Unavailable::because(String::from_utf8_lossy(&output.stderr))),
        Err(error) => return Err(Unavailable::refused("unshare", &error)),
    }
    let directory = Directory::new(test);
    // Copied, since an ordinary user may not be let in where it lies.
    let program = directory.0.join("test");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let mut child = Command::new("unshare");
    child.args(apart).args(["sh", "-euc", &format!("{script}\nexec \"$@\""), "sh"]);
    child.arg(program).args(only(&format!("native::{test}")));
    child.env("DIR", &directory.0).current_dir("/");
    if let Some(group) = group {
        let top = group.path().ancestors().find(|path| path.parent() == Some(Path::new("/sys/fs/cgroup")));
        child.env("GROUP", group.path()).env("CPU", top.unwrap_or(Path::new("/sys/fs/cgroup")));
    }
    let output = child.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(PASS) {
        return Err(Unavailable::because(complaint));
    }
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}{complaint}");
    Ok(printed)
}

/// With this a script says that there can be no such place here.
const PASS: i32 = 77;

const CARD: &str = "the card: ";

#[test]
#[ignore = "tells of the place it is in: the tests below put it there"]
fn the_card() {
    println!("\n{CARD}{}", serde_json::to_string(&Machine::here()).unwrap());
}

/// The card as it is read in such a place.
fn card_in(script: &str, group: Option<&Group>) -> Option<Machine> {
    let printed = here(in_place(script, "the_card", group))?;
    let card =
        printed.lines().find_map(|line| line.strip_prefix(CARD)).unwrap_or_else(|| panic!("{printed}"));
    Some(serde_json::from_str(card).unwrap())
}

/// The quota as it is read in a group with a quota, after a script that joins it.
fn quota_in(name: impl AsRef<std::ffi::OsStr>, cpus: f64, script: &str) -> Option<Reading<Option<Cpus>>> {
    let group = here(Group::with_quota(name, cpus))?;
    let script = format!("echo 0 >\"$GROUP/cgroup.procs\"\n{script}");
    Some(card_in(&script, Some(&group))?.quota)
}

/// Becomes an ordinary user for what follows.
const ORDINARY: &str = "set -- setpriv --reuid 65534 --regid 65534 --clear-groups \"$@\"";

#[test]
fn a_quota_is_found_through_any_mount_of_its_hierarchy() {
    let half = Some(Ok(Some(Cpus(0.5))));
    for (name, script) in [
        ("plain", ""),
        ("covered", "mkdir $DIR/again; mount --bind $CPU $DIR/again; mount -t tmpfs none $CPU"),
        (
            "another group first",
            "mkdir $DIR/again $CPU/other$$; mount --bind $CPU $DIR/again; mount --bind $CPU/other$$ $CPU
             rmdir $DIR/again/other$$",
        ),
        (
            "point with a space",
            "mkdir \"$DIR/a b\"; mount --bind $CPU \"$DIR/a b\"; mount -t tmpfs none $CPU",
        ),
        (
            "root with a space",
            "mkdir $DIR/again; mount --bind \"$GROUP\" $DIR/again; mount -t tmpfs none $CPU",
        ),
    ] {
        let Some(quota) = quota_in(name, 0.5, script) else { return };
        assert_eq!(Some(quota), half, "{name}");
    }
    let odd = std::ffi::OsStr::from_bytes(b"not \xFF UTF-8");
    assert_eq!(quota_in(odd, 0.3, ""), Some(Ok(Some(Cpus(0.3)))));
}

#[test]
fn a_group_that_no_mount_shows_has_an_unknown_quota() {
    let Some(quota) = quota_in("hidden", 0.5, "mount -t tmpfs none $CPU") else { return };
    assert!(quota.unwrap_err().to_string().contains("can be seen here"));
}

#[test]
fn a_quota_that_may_not_be_read_is_unknown() {
    let Some(group) = here(Group::with_quota("refused", 0.5)) else { return };
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o0);
    std::fs::set_permissions(quota_file(group.path()), mode).unwrap();
    let script = format!("echo 0 >\"$GROUP/cgroup.procs\"\n{ORDINARY}");
    let Some(card) = card_in(&script, Some(&group)) else { return };
    let reason = card.quota.as_ref().unwrap_err().to_string();
    assert!(reason.contains("ermission denied"), "{reason}");
    assert_eq!(card.effective_cpus(), Err(card.quota.unwrap_err()));
}

#[test]
fn a_directory_that_may_not_be_read_tells_no_cause() {
    let script = format!("mount -t tmpfs -o mode=0700 none /sys\n{ORDINARY}");
    let Some(card) = card_in(&script, None) else { return };
    for reading in
        [card.huge_pages.as_ref().err(), card.clock_source.as_ref().err(), card.online.as_ref().err()]
    {
        let reason = reading.unwrap().to_string();
        assert!(reason.contains("ermission denied") && !reason.contains("built"), "{reason}");
    }
    assert!(card.tickless.is_err() && card.mitigations.is_err() && card.quota.is_err());
}

#[test]
fn a_proc_without_the_system_is_still_a_proc() {
    let Some(card) = card_in("mount -t proc -o subset=pid proc /proc", None) else { return };
    for reason in
        [&card.now.load.as_ref().err(), &card.now.pressure.as_ref().err(), &card.memory.as_ref().err()]
    {
        let reason = reason.unwrap().to_string();
        assert!(
            reason.contains("subset=pid") && !reason.contains("psi") && !reason.contains("no /proc"),
            "{reason}"
        );
    }
    assert!(card.seccomp.is_ok() && card.capabilities.is_ok());
}

#[test]
fn a_list_of_cpus_may_be_made_up() {
    let place = "/sys/devices/system/cpu";
    let is_shown =
        (0..2).all(|cpu| Path::new(&format!("{place}/cpu{cpu}/topology/thread_siblings_list")).exists());
    if !is_shown || here(Machine::here().allowed.clone()).is_none_or(|allowed| !allowed.starts_with(&[0, 1]))
    {
        return println!("passed over: this takes CPUs 0 and 1, and their topology");
    }
    let script = format!(
        "echo 2-3 >$DIR/online; echo 0-1 >$DIR/core
         mount --bind $DIR/online {place}/online
         for cpu in 0 1; do mount --bind $DIR/core {place}/cpu$cpu/topology/thread_siblings_list; done
         set -- taskset -c 0,1 \"$@\""
    );
    let Some(card) = card_in(&script, None) else { return };
    assert_eq!((card.online.clone(), card.allowed.clone()), (Ok(vec![2, 3]), Ok(vec![0, 1])));
    assert_eq!(card.siblings, Ok(Siblings::Visible(vec![vec![0, 1]])));
    assert_eq!(card.one_core().cpus(), [0, 1]);
    assert!(card.two_cores().reading().is_err() && card.to_string().contains("the lists disagree"));
    assert!(card.short().contains("· 2 CPUs"), "{}", card.short());
}

#[test]
fn every_weakness_is_counted_wherever_it_is_listed() {
    let place = "/sys/devices/system/cpu/vulnerabilities";
    if !Path::new(place).exists() {
        return println!("passed over: this kernel lists no weaknesses");
    }
    let script = format!(
        "mount -t tmpfs none {place}; cd {place}
         echo Not affected >a; echo Mitigation: PTI >b; echo KVM: Mitigation: VMX disabled >c; echo Vulnerable >d
         echo KVM: Vulnerable >e; echo Processor vulnerable >f; echo Unknown: No mitigations >g; echo secret >h; chmod 0 h
         cd /; {ORDINARY}"
    );
    let Some(card) = card_in(&script, None) else { return };
    let words = "of 8 known weaknesses 1 absent, 2 mitigated, 3 open, 2 unknown";
    assert!(card.to_string().contains(words), "{card}");
    let Some(card) = card_in(&format!("mount -t tmpfs none {place}"), None) else { return };
    assert!(card.mitigations.is_err(), "an empty list is no machine without weaknesses");
}

#[test]
fn root_of_a_user_namespace_is_no_root_of_the_machine() {
    let own = "unshare --user --map-root-user";
    let script = format!(
        "set -- {own} \"$@\"\n{ORDINARY}\nsetpriv --reuid 65534 --clear-groups {own} true || exit {PASS}"
    );
    let Some(card) = card_in(&script, None) else { return };
    assert_eq!((card.user, card.user_outside), (0, Ok(Some(65_534))));
    let text = card.to_string();
    assert!(text.contains("root inside a user namespace only; number 65534 outside"), "{text}");
    assert!(text.contains("inside the user namespace only: none over the machine's clock"), "{text}");
}

/// What a test that runs in a place of its own was told.
fn told(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os(name).unwrap())
}

fn join(group: &Path) {
    std::fs::write(group.join("cgroup.procs"), "0").unwrap();
}

#[test]
fn what_can_change_is_read_when_it_is_used() {
    let Some(group) = here(Group::with_quota("changing", 0.5)) else { return };
    let Some(inner) = here(group.within("inner", Some(0.5))) else { return };
    let Some(_other) = here(group.within("other", Some(0.1))) else { return };
    let _ = here(in_place("", "a_quota_that_changes", Some(&inner)));
}

#[test]
#[ignore = "joins groups that the test above makes"]
fn a_quota_that_changes() {
    let group = told("GROUP");
    join(&group);
    let machine = Machine::here();
    assert_eq!((machine.quota, machine.effective_cpus()), (Ok(Some(Cpus(0.5))), Ok(Cpus(0.5))));
    std::fs::write(quota_file(&group), "20000").unwrap();
    assert_eq!((Machine::here().quota, machine.effective_cpus()), (Ok(Some(Cpus(0.2))), Ok(Cpus(0.2))));
    join(&group.with_file_name("other"));
    assert_eq!((Machine::here().quota, machine.effective_cpus()), (Ok(Some(Cpus(0.1))), Ok(Cpus(0.1))));
}

#[test]
fn the_quota_of_a_group_around_throttles_too() {
    let Some(outer) = here(Group::with_quota("outer", 0.2)) else { return };
    let (Some(own), Some(rivals)) =
        (here(outer.within("own", Some(0.2))), here(outer.within("rivals", None)))
    else {
        return;
    };
    let mut rival = Command::new("sh");
    rival.args(["-c", "echo 0 >\"$0/cgroup.procs\"; while :; do :; done"]).arg(rivals.path());
    let mut rival = rival.stdin(Stdio::null()).spawn().unwrap();
    let result = std::panic::catch_unwind(|| in_place("", "throttled_from_outside", Some(&own)));
    rival.kill().unwrap();
    rival.wait().unwrap();
    let _ = here(result.unwrap());
}

#[test]
#[ignore = "joins a group that the test above makes"]
fn throttled_from_outside() {
    join(&told("GROUP"));
    let ledger = count(|| spin(Duration::from_secs(1)));
    println!("{ledger}");
    assert!(ledger.throttled.unwrap() > millis(200.0));
    let seen = observe(1).during(millis(1500.0));
    let thread = seen.thread("thread 1").unwrap();
    let throttled = thread.gaps.iter().filter(|gap| gap.cause == Cause::Throttled);
    let time: f64 = throttled.map(|gap| gap.length().0).sum();
    assert!(Nanos(time) > millis(300.0), "{seen}");
}

fn spin(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        black_box(0);
    }
}

#[test]
fn a_passing_shortage_is_not_remembered() {
    alone("native::short_of_descriptors", |_| ());
}

#[test]
#[ignore = "takes the descriptors of its process: the test above gives it one"]
fn short_of_descriptors() {
    let limit = |most: libc::rlim_t| {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the kernel fills in and reads the one structure it is given.
        unsafe {
            assert_eq!(libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit), 0);
            limit.rlim_cur = most.min(limit.rlim_max);
            assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit), 0);
        }
    };
    limit(0);
    let (machine, ledger) = (Machine::here(), count(|| ()));
    for reason in [machine.cpu.as_ref().err(), machine.memory.as_ref().err(), ledger.waited.as_ref().err()] {
        assert!(reason.unwrap().to_string().contains("oo many open files"), "{machine}");
    }
    limit(64);
    let (now, ledger) = (Machine::here(), count(|| ()));
    assert!(now.cpu.is_ok() && now.memory.is_ok() && now.now.load.is_ok(), "{now}");
    assert!(ledger.waited.is_ok() && ledger.stolen.is_ok(), "{ledger}");
    let shortage = |context: &Context| context.rows().iter().any(|row| row.value.contains("open files"));
    assert!(shortage(&machine) && !shortage(&now), "{now}");
}

/// A kernel that never counts a switch that no thread asks for, as gVisor: seen through a C library that leaves them out.
#[test]
fn switches_that_are_not_counted_are_unavailable() {
    let directory = Directory::new("uncounted");
    let (source, library) = (directory.0.join("uncounted.c"), directory.0.join("uncounted.so"));
    std::fs::write(
        &source,
        "#define _GNU_SOURCE\n#include <sys/resource.h>\n#include <sys/syscall.h>\n#include <unistd.h>\n\
         int getrusage(__rusage_who_t who, struct rusage *usage) {\n\
         int done = syscall(SYS_getrusage, who, usage);\n  usage->ru_nivcsw = 0;\n  return done;\n}\n",
    )
    .unwrap();
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]).output();
    if !built.is_ok_and(|output| output.status.success()) {
        return println!("passed over: no C compiler to build the library with");
    }
    alone("native::without_involuntary_switches", |child| {
        child.env("LD_PRELOAD", library);
    });
}

#[test]
#[ignore = "takes a C library that leaves a count out: the test above gives it one"]
fn without_involuntary_switches() {
    let ledger = count(|| spin(Duration::from_millis(30)));
    assert!(ledger.involuntary.unwrap_err().to_string().contains("does not count them"));
    assert!(ledger.voluntary.is_ok() && ledger.minor_faults.is_ok() && ledger.process.is_err());
    let seen = observe(2).on_one_cpu().during(millis(100.0));
    assert!(seen.causes.is_err() && seen.involuntary("thread 1").is_err());
    let causes = seen.threads.as_ref().unwrap().iter().flat_map(|thread| &thread.gaps).map(|gap| gap.cause);
    assert!(causes.clone().count() > 0 && causes.clone().all(|cause| cause == Cause::Unknown), "{seen}");
    assert!(!seen.to_string().contains("interrupted or stolen"), "{seen}");
}

#[test]
fn a_child_tells_how_it_ended_also_where_its_parent_ignores_that() {
    alone("native::with_children_ignored", |_| ());
}

#[test]
#[ignore = "ignores the children of its process: the test above gives it one"]
fn with_children_ignored() {
    let disposition = || {
        // SAFETY: every field is a number, a set of bits or a nullable pointer, for which zero is a value.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        // SAFETY: the kernel fills in the one structure it is given.
        unsafe { libc::sigaction(libc::SIGCHLD, std::ptr::null(), &raw mut action) };
        action.sa_sigaction
    };
    // SAFETY: replaces no handler.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
    let ending = attempt("leave", || std::process::exit(3));
    assert_eq!(ending.outcome, Outcome::Exited(3), "{ending}");
    std::thread::scope(|scope| {
        for status in 0..4 {
            scope.spawn(move || {
                for _ in 0..5 {
                    let ending = attempt("leave", move || std::process::exit(status));
                    assert_eq!(ending.outcome, Outcome::Exited(status), "{ending}");
                }
            });
        }
    });
    assert_eq!(disposition(), libc::SIG_IGN, "what the process did before is done again");
}

#[test]
fn a_process_and_a_thread_that_are_refused_name_the_limit() {
    let script = format!("set -- prlimit --nproc=1 \"$@\" --test-threads=1\n{ORDINARY}");
    let _ = here(in_place(&script, "at_the_limit_on_processes", None));
}

#[test]
#[ignore = "may start nothing: the test above sees to that"]
fn at_the_limit_on_processes() {
    let refused = [
        attempt("nothing", || ()).to_string(),
        on_cpus([0, 0], |_| ()).unwrap_err().to_string(),
        on_cpus(Machine::here().some_cpus(1).same(4), |_| ()).unwrap_err().to_string(),
    ];
    assert!(refused.iter().all(|words| words.contains("pids.max")), "{refused:?}");
    let sure = count(|| ());
    assert!(sure.cpu.is_ok() && sure.involuntary.is_err(), "{sure}");
}
