//! Threads that work together, where others let them.

use helpers::machine::{Context, cpus};
use helpers::stages::{self, Inbox, Outbox, journeys};
use helpers::waiting::measure_with_slack;
use helpers::{
    Machine, Nanos, Placement, Reading, Ruling, Status, Timing, Unavailable, claim, libc, measure_hand_over,
    measure_runs, measure_together, micros, millis, work,
};
use std::hint::{black_box, spin_loop};
use std::io::{Read, Write};
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

fn cpus(count: usize) -> Placement {
    Machine::here().some_cpus(count)
}

fn same(count: usize) -> Placement {
    cpus(1).same(count)
}

fn sum(_: usize) -> u64 {
    (0..black_box(300)).map(black_box).sum()
}

/// The same on one CPU and on two, each timed twice in turn: where the machine changes its speed by half meanwhile, the
/// intervals tell so.
fn alone_and_in_pairs<T>(call: impl Fn(usize) -> T + Sync) -> [Timing; 2] {
    let [one, two, one_again, two_again] =
        [1, 2, 1, 2].map(|count| measure_together(format!("on {count}"), cpus(count), &call));
    [one.and(&one_again), two.and(&two_again)]
}

#[test]
fn two_cpus_do_twice_the_work_or_say_that_they_could_not_tell() {
    let [one, two] = alone_and_in_pairs(sum);
    let gain = || claim("twice").ratio(&one, &two);
    match (&one.status, &two.status) {
        // Two CPUs may be one core: then they do less than twice as much. They do more where the one CPU was slower meanwhile
        // without a sign of it, as beside other tests (2.5 times, seen).
        (Status::Clean, Status::Clean) => {
            assert_ne!(gain().within(0.8, 4.0).ruling, Ruling::NotShown, "{one}\n{two}");
        }
        (Status::Unavailable(_), _) | (_, Status::Unavailable(_)) => {
            assert!(cpus(2).reading().is_err(), "{two}");
        }
        _ => assert_eq!(gain().at_least(1.5).ruling, Ruling::Undecided),
    }
}

#[test]
fn one_lock_lets_nobody_do_twice_as_much() {
    let lock = Mutex::new(0_u64);
    let [one, two] = alone_and_in_pairs(|who| {
        // Before the sum begins: the right side of `+=` is computed first.
        let mut total = lock.lock().unwrap();
        *total += sum(who);
    });
    assert_ne!(claim("twice").ratio(&one, &two).at_least(1.7).ruling, Ruling::Shown, "{one}\n{two}");
}

#[test]
fn beside_a_crowd_on_their_cpus_it_still_ends() {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for cpu in cpus::allowed().unwrap().into_iter().flat_map(|cpu| [cpu; 3]) {
            let stop = &stop;
            scope.spawn(move || {
                let _pinned = cpus::pin(cpu);
                while !stop.load(SeqCst) {
                    spin_loop();
                }
            });
        }
        let begun = Instant::now();
        let crowded = measure_together("in a crowd", cpus(1), sum);
        stop.store(true, SeqCst);
        assert!(crowded.median().is_ok() && begun.elapsed() < Duration::from_secs(5), "{crowded}");
    });
}

#[test]
fn one_that_panics_ends_it_for_all() {
    let calls = AtomicUsize::new(0);
    let act = |who: usize| assert!(who == 0 || calls.fetch_add(1, SeqCst) < 1_000, "tired");
    let timing = measure_together("tired", cpus(2), act);
    assert!(timing.median().is_err(), "{timing}");
}

#[test]
fn an_operation_longer_than_a_window_is_timed_as_well() {
    let nap = measure_together("nap", cpus(1), |_| thread::sleep(Duration::from_millis(3)));
    let median = nap.median().unwrap();
    assert!(median >= millis(3.0) && median < millis(300.0), "{nap}");
}

#[test]
fn work_is_not_done_while_somebody_else_has_the_cpu() {
    // Four on one CPU: by the clock on the wall each would be done when it has had a quarter of its work.
    let took = measure_runs("four at work", 4, cpus(1), || (), |(), _| work(millis(4.0)));
    let best = took.best().unwrap();
    assert!(best >= millis(15.9), "{took}");
    assert_eq!(took.samples.len(), 10);
}

#[test]
fn runs_share_what_is_fresh_and_deal_the_threads_out() {
    let places = Mutex::new(Vec::new());
    let act = |seats: &AtomicUsize, who: usize| {
        places.lock().unwrap().push((who, seats.fetch_add(1, SeqCst), cpus::allowed().unwrap()));
    };
    let all = cpus::allowed().unwrap();
    let runs = measure_runs("seats", 5, Ok(all.clone()), AtomicUsize::default, act);
    assert!(runs.median().is_ok());
    let places = places.into_inner().unwrap();
    assert_eq!(places.len(), 50);
    for (who, seat, on) in places {
        assert!(seat < 5 && on == [all[who % all.len()]], "{who} {seat} {on:?}");
    }
}

#[test]
fn the_best_run_is_the_shortest() {
    let runs = Timing::of("runs", &[millis(3.0), millis(1.0), millis(2.0)]);
    assert_eq!((runs.best(), runs.median()), (Ok(millis(1.0)), Ok(millis(2.0))));
    let reason = Unavailable::because("only one CPU");
    assert_eq!(Timing::unavailable("runs", reason).best(), Err(reason));
}

#[test]
fn a_pipe_on_one_cpu_costs_a_switch_each_way() {
    let ((mut zero_reads, one_writes), (mut one_reads, zero_writes)) =
        (std::io::pipe().unwrap(), std::io::pipe().unwrap());
    let ends = [
        Mutex::new((zero_reads.by_ref().try_clone().unwrap(), zero_writes)),
        Mutex::new((one_reads.by_ref().try_clone().unwrap(), one_writes)),
    ];
    let turn = |side: usize| {
        let (from, to) = &mut *ends[side].lock().unwrap();
        if side == 0 {
            to.write_all(&[1]).unwrap();
        }
        from.read_exact(&mut [0]).unwrap();
        if side == 1 {
            to.write_all(&[1]).unwrap();
        }
    };
    let way = measure_hand_over("pipe", same(2), turn);
    assert!(way.median().unwrap() > Nanos(0.0) && way.samples.len() >= 20, "{way}");
    if let Ok(switches) = way.switches() {
        assert!((0.9..1.5).contains(&switches.0), "{switches} per hand-over, {way}");
    }
}

#[test]
fn a_hand_over_is_between_two() {
    let refused: Reading<Vec<usize>> = Err(Unavailable::because("no affinity masks here"));
    for cpus in [Placement::from([]), cpus(1), same(3), Placement::from(&refused)] {
        assert!(measure_hand_over("alone", cpus, |_| ()).median().is_err());
    }
}

#[test]
fn nobody_waits_for_letters_of_a_sender_that_is_gone() {
    let received = |inbox: Rc<Inbox>| (0..8).for_each(|_| drop((inbox.wait(), inbox.recv(&mut [0; 8]))));
    let way = [(stages::SENT, "all of it"), (stages::RECEIVED, "")];
    let send: fn(&Outbox) -> std::io::Result<()> = |_| Err(std::io::Error::other("on purpose"));
    let panics: fn(&Outbox) -> std::io::Result<()> = |_| panic!("on purpose");
    for send in [send, panics] {
        let begun = Instant::now();
        let none = journeys(same(2), 8, &way, send, received);
        // A second for the first, which may still have come, and none for the others.
        assert!(none.whole.median().is_err() && begun.elapsed() < Duration::from_secs(4), "{none}");
    }
}

#[test]
fn where_threads_are_refused_each_says_so() {
    // In a child, whose limit nobody else has to live with; root may start as many as it likes, and so is left.
    let refused: Reading<Vec<String>> = helpers::in_child(|| {
        let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: plain system calls of a process that is about to end.
        unsafe {
            libc::setgid(65_534);
            libc::setuid(65_534);
            libc::setrlimit(libc::RLIMIT_NPROC, &raw const none);
        }
        let pair = same(2);
        [
            measure_together("together", pair, sum),
            measure_runs("runs", 2, pair, || (), |(), _| ()),
            measure_hand_over("hand-over", pair, |_| ()),
            measure_with_slack("slack", micros(50.0), || ()),
        ]
        .map(|timing| timing.median().map_or_else(|reason| reason.to_string(), |time| time.to_string()))
        .to_vec()
    });
    for reason in refused.unwrap() {
        assert!(reason.contains("starting") && reason.contains("thread"), "{reason}");
    }
}

#[test]
fn one_cpu_has_no_second() {
    let machine = Machine::from(Context { allowed: Ok(vec![0]), ..(*Machine::here()).clone() });
    let timing = measure_together("two", machine.some_cpus(2), sum);
    assert!(timing.median().unwrap_err().to_string().contains("may use 1 CPU"), "{timing}");
    let spun = measure_runs("two on one", 2, cpus(1), || (), |(), _| work(micros(50.0)));
    assert!(spun.best().unwrap() >= micros(99.0), "{spun}");
}
