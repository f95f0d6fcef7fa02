//! Observations held against the kernel's own record and counters.

use crate::{here, trace};
use helpers::machine::cpus::{allowed, pin};
use helpers::statistics::{quantile, sorted};
use helpers::timeline::{Cause, Gap};
use helpers::{Count, Nanos, Observation, Share, chart, micros, millis, nanos, observe};
use std::time::Duration;

/// Whether gaps have causes here; a kernel that counts no switches says so.
fn has_causes(seen: &Observation) -> bool {
    here(seen.causes).is_some()
}

/// Threads that want four times the CPUs that there are.
fn crowd() -> usize {
    4 * allowed().map_or(1, |cpus| cpus.len()).min(16)
}

#[test]
fn the_kernel_agrees_on_who_ran_where_and_when() {
    // As long as it takes for the kernel to switch often enough.
    let Some(length) = (1..=4)
        .map(|times| trace::compare(|| observe(crowd()).during(millis(1500.0 * f64::from(times)))))
        .find(|compared| compared.as_ref().map_or(true, |(_, found)| found.intervals >= 500))
    else {
        panic!("fewer than 500 switches in 6 s of {} busy threads", crowd());
    };
    let Some((seen, found)) = here(length) else { return };
    println!("{seen}\n{} intervals off the CPU, {} times untold", found.intervals, found.silences);
    for (what, bias) in [("begins too early", &found.early), ("ends too late", &found.late)] {
        let bias = sorted(bias);
        let [half, most] = [0.5, 0.99].map(|p| Nanos(quantile(&bias, p)));
        println!("a gap {what} by {half} (median), {most} (99 %)");
    }
    assert!(found.missed.is_empty(), "{:?}", found.missed);
    assert!(found.invented.is_empty(), "{:?}", found.invented);
    assert!(found.misplaced.is_empty(), "{:?}", found.misplaced);
    let (ours, theirs) = found.off;
    assert!((ours / theirs - 1.0).abs() < 0.02, "{} against {}", Nanos(ours), Nanos(theirs));
}

#[test]
fn turns_and_gaps_lie_in_order_and_within_the_time() {
    let seen = observe(crowd()).during(millis(100.0));
    for thread in seen.threads.as_ref().unwrap() {
        let mut last = Nanos(0.0);
        for turn in &thread.turns {
            assert!(last <= turn.from && turn.from < turn.to && turn.to <= seen.elapsed, "{thread:?}");
            last = turn.to;
        }
        assert!(thread.gaps.windows(2).all(|pair| pair[0].to <= pair[1].from), "{thread:?}");
        // The first look may come late, but what lies between is then a gap.
        let away = |gap: &&Gap| gap.cause != Cause::Interrupted || !has_causes(&seen);
        let off: f64 = thread.gaps.iter().filter(away).map(|gap| gap.length().0).sum();
        let all = thread.ran().0 + off;
        assert!((all / thread.until.0 - 1.0).abs() < 0.01, "{} of {}", Nanos(all), thread.until);
    }
}

#[test]
fn threads_on_one_cpu_never_run_at_the_same_time() {
    let seen = observe(3).on_one_cpu().during(millis(100.0));
    let Some(threads) = here(seen.threads) else { return };
    let mut turns: Vec<_> = threads.iter().flat_map(|thread| &thread.turns).collect();
    turns.sort_by(|a, b| a.from.0.total_cmp(&b.from.0));
    let overlap: f64 = turns.windows(2).map(|pair| (pair[0].to.0 - pair[1].from.0).max(0.0)).sum();
    // A turn ends with the last look before the switch, and begins with the first after it.
    assert!(overlap < 0.001 * seen.elapsed.0, "{seen}");
    let cpus = allowed().unwrap();
    assert!(turns.iter().all(|turn| turn.cpu.is_none_or(|cpu| Some(&cpu) == cpus.last())), "{seen}");
    assert!(threads.iter().all(|thread| thread.migrations().map_or(true, |moved| moved == Count(0))));
}

#[test]
fn who_sleeps_gives_up_the_cpu_by_itself() {
    const NAP: Duration = Duration::from_millis(2);
    let seen = observe(1).doing(|_| std::thread::sleep(NAP)).during(millis(100.0));
    if !has_causes(&seen) {
        return;
    }
    let thread = seen.thread("thread 1").unwrap();
    let (voluntary, involuntary) = (thread.voluntary.unwrap(), thread.involuntary.unwrap());
    assert!(voluntary > Count(10) && voluntary > involuntary, "{seen}");
    assert!(seen.share("thread 1").unwrap().0 < 0.5, "{seen}");
    assert!(thread.gaps.iter().filter(|gap| gap.length() > micros(1500.0)).count() > 10, "{seen}");
}

#[test]
fn work_between_two_looks_is_no_absence() {
    let work = |_| {
        let start = std::time::Instant::now();
        while start.elapsed() < Duration::from_micros(500) {}
    };
    // Beside others it is away now and then, and a hypervisor may stop it, even for a third of the time; yet what it does
    // itself is no gap, so there are times with hardly any.
    let unknown = |seen: &Observation| {
        let gaps = &seen.thread("thread 1").unwrap().gaps;
        gaps.iter().filter(|gap| gap.cause == Cause::Interrupted).map(|gap| gap.length().0).sum::<f64>()
    };
    let watched = || observe(1).doing(work).during(millis(50.0));
    let mut seen = watched();
    if !has_causes(&seen) {
        return;
    }
    for _ in 0..9 {
        if unknown(&seen) < 0.1 * seen.elapsed.0 {
            break;
        }
        seen = watched();
    }
    assert!(unknown(&seen) < 0.1 * seen.elapsed.0, "{seen}");
    let thread = seen.thread("thread 1").unwrap();
    let ran = thread.cpu_time.unwrap().0;
    assert!((thread.ran().0 / ran - 1.0).abs() < 0.2, "{seen}");
}

#[test]
fn what_cannot_be_watched_says_why_and_nothing_hangs() {
    let reason = |seen: Observation| {
        let reason = seen.threads.as_ref().unwrap_err().to_string();
        // The reason reaches whoever asks, and the chart.
        assert_eq!(seen.share("thread 1").unwrap_err().to_string(), reason);
        assert!(seen.to_string().contains(&reason) && seen.turns().median().is_err());
        assert!(chart::turns(&seen).figure().text.contains("Not measured here"));
        reason
    };
    let day = millis(86_400_000.0);
    for time in [millis(0.0), millis(-1.0), millis(f64::NAN), millis(f64::INFINITY), day] {
        assert!(reason(observe(1).during(time)).contains("cannot be watched"));
    }
    assert!(reason(observe(0).during(millis(1.0))).contains("1 to"));
    assert!(reason(observe(usize::MAX).during(millis(1.0))).contains("1 to"));
    assert!(reason(observe(2).on_cpus([]).during(millis(1.0))).contains("no CPU"));
    if allowed().is_ok() {
        assert!(reason(observe(2).on_cpus([0, 8191]).during(millis(1.0))).contains("CPU 8191"));
    }
    assert!(reason(observe(2).first(|_| panic!("on purpose")).during(millis(1.0))).contains("panicked"));
    assert!(reason(observe(2).doing(|n| assert!(n != 1)).during(millis(200.0))).contains("panicked"));
    assert!(observe(1).during(millis(5.0)).thread("nobody").unwrap_err().to_string().contains("nobody"));
}

#[test]
fn names_places_and_preparations_reach_their_threads() {
    let Some(cpus) = here(allowed()) else { return };
    let seen = observe(2)
        .named(["first", "second"])
        .on_cpus(&cpus)
        // A preparation may undo the placing: it comes after it.
        .first(|number| {
            if number == 1 {
                std::mem::forget(pin(cpus[0]));
            }
        })
        .during(millis(20.0));
    for name in ["first", "second"] {
        let turns = &seen.thread(name).unwrap().turns;
        assert!(turns.iter().all(|turn| turn.cpu.is_none_or(|cpu| cpu == cpus[0])), "{seen}");
    }
}

/// What takes the kernel itself: an emulator has switches of its own, and cannot start this program anew.
mod native {
    use super::*;
    use crate::alone;
    #[cfg(target_os = "linux")]
    use crate::group::Group;

    #[test]
    fn every_switch_that_the_kernel_counts_lies_in_a_gap() {
        let seen = observe(crowd()).during(millis(200.0));
        if !has_causes(&seen) {
            return;
        }
        for thread in seen.threads.as_ref().unwrap() {
            let sum = |of: fn(&Gap) -> Count| -> u64 { thread.gaps.iter().map(|gap| of(gap).0).sum() };
            assert_eq!(Ok(Count(sum(|gap| gap.voluntary))), thread.voluntary, "{seen}");
            // One may come between the last look and the last count.
            let (in_gaps, counted) = (sum(|gap| gap.involuntary), thread.involuntary.as_ref().unwrap().0);
            assert!((in_gaps..=in_gaps + 1).contains(&counted), "{in_gaps} in gaps of {counted}: {seen}");
        }
    }

    #[test]
    fn sixty_four_threads_for_two_seconds_fit_into_64_mib() {
        if cfg!(target_os = "linux") {
            drop(alone("timeline::native::in_bounded_memory", |_| ()));
        }
    }

    #[test]
    #[ignore = "measures the memory of its process, so it wants one of its own: the test above gives it that"]
    fn in_bounded_memory() {
        let peak = || {
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
            line.trim_end_matches("kB").trim().parse::<u64>().unwrap()
        };
        let before = peak();
        let seen = observe(64).during(millis(2000.0));
        let grown = peak() - before;
        println!("{grown} KiB for {} threads", seen.threads.unwrap().len());
        assert!(grown < 64 << 10, "{grown} KiB");
    }

    /// Runs a test in a cgroup that may use so many CPUs.
    #[cfg(target_os = "linux")]
    fn in_a_group(test: &str, cpus: f64) {
        use std::os::unix::process::CommandExt as _;
        let Some(group) = here(Group::with_quota(format!("quota-{cpus}"), cpus)) else { return };
        alone(&format!("timeline::native::{test}"), |child| {
            let joining = group.path().join("cgroup.procs");
            // SAFETY: only writes to a file; nothing here allocates that another thread might have locked.
            unsafe { child.pre_exec(move || std::fs::write(&joining, "0")) };
        });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_quota_is_told_from_rivals() {
        in_a_group("in_a_quota", 0.5);
        in_a_group("among_rivals_only", 64.0);
    }

    #[test]
    #[ignore = "is true in a cgroup with a quota only: the test above puts it there"]
    fn in_a_quota() {
        let seen = observe(4).during(millis(1000.0));
        println!("{seen}");
        // Four threads use up what half a CPU may do in 100 ms, whatever else runs here, and stand still for the rest.
        for thread in seen.threads.as_ref().unwrap() {
            let throttled = || thread.gaps.iter().filter(|gap| gap.cause == Cause::Throttled);
            let time: f64 = throttled().map(|gap| gap.length().0).sum();
            assert!(throttled().count() >= 6 && time > 0.3 * seen.elapsed.0, "{seen}");
        }
        let drawn = chart::turns(&seen).figure();
        assert!(drawn.text.contains("throttled"), "{}", drawn.text);
    }

    #[test]
    #[ignore = "is true in a cgroup with a wide quota only: a test above puts it there"]
    fn among_rivals_only() {
        let seen = observe(4).on_one_cpu().during(millis(500.0));
        for thread in seen.threads.as_ref().unwrap() {
            assert!(thread.gaps.iter().all(|gap| gap.cause != Cause::Throttled), "{seen}");
            assert!(thread.gaps.iter().any(|gap| gap.cause == Cause::SwitchedOut), "{seen}");
        }
    }
}

#[test]
fn what_cannot_be_watched_says_why() {
    let odd = [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e30].map(nanos);
    let all = odd.into_iter().map(|time| observe(2).during(time));
    let more = [observe(0), observe(5_000), observe(usize::MAX), observe(2).on_cpus([])]
        .map(|watch| watch.during(millis(5.0)));
    for seen in all.chain(more) {
        assert!(seen.share("thread 1").is_err() && seen.least_share().is_err(), "{seen}");
        assert!(seen.turns().median().is_err() && seen.share_of("thread 1", ["thread 2"]).is_err());
        assert!(seen.to_string().starts_with("not watched: "), "{seen}");
    }
    let seen = observe(1).named(["a", "b", "a"]).during(millis(50.0));
    assert!(seen.share_of("a", ["nobody"]).is_err());
    assert_eq!(seen.share_of("a", ["a"]), Ok(Share(1.0)), "{seen}");
}
