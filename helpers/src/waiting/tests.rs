use super::*;
use crate::units::{micros, millis};

#[test]
fn the_one_that_is_ready_is_found_among_many_and_nothing_stays_open() {
    let before = crate::ledger::open_files();
    for size in [1, 10, 300] {
        type Find = fn(&Crowd) -> Option<usize>;
        let ways: [(&str, Find); 3] = [
            ("ask each", |crowd| crowd.events.iter().position(Event::try_take)),
            ("poll", Crowd::poll),
            ("epoll", |crowd| crowd.epoll.wait(millis(1000.0)).next().map(|name| name as usize)),
        ];
        for (name, find) in ways {
            let timing = find_one(name, size, find);
            assert_eq!(timing.name, format!("{name}, among {size}"), "one name for each");
            timing.median().unwrap();
        }
    }
    assert!(find_one("nobody", 3, |_| None::<usize>).median().is_err());
    let reason = find_one("poll", usize::MAX, Crowd::poll).median().unwrap_err();
    assert!(reason.to_string().contains("at most 100,000"), "{reason}");
    assert_eq!(crate::ledger::open_files(), before);
}

#[test]
fn one_who_fails_to_wait_ends_with_its_reason() {
    let cpus = crate::machine::Machine::here().all_cpus().same(2);
    let failed = waited("fails", cpus, |_| Ok(()), |_, ()| Err::<(), _>(Unavailable::because("no wish to")));
    assert_eq!(failed.latency.median().unwrap_err().to_string(), "no wish to");
    let no_tool = waited("no tool", cpus, |_| Err::<(), _>(Unavailable::because("none")), |_, ()| ());
    assert!(no_tool.busy.is_err());
    assert!(waited("alone", [0], |_| Ok(()), |_, ()| ()).latency.median().is_err());
    let blocked = waited("block", cpus, |_| Ok(()), |event, ()| event.take());
    assert!(blocked.latency.median().is_ok_and(|time| time < millis(500.0)), "{}", blocked.latency);
}

#[test]
fn where_lost_cpus_are_not_counted_that_is_a_sign() {
    let side = || Side { times: vec![micros(5.0); 9], undisturbed: vec![true; 9], busy: Ok(Share(0.5)) };
    assert!(!told("block", Ok(side()), Ok(())).latency.is_disturbed());
    let uncounted = Unavailable::because("switches read zero");
    let waited = told("block", Ok(side()), Err(uncounted));
    assert!(waited.to_string().contains("lost its CPU isn't known: switches read zero"), "{waited}");
    assert_eq!((waited.latency.median(), waited.busy), (Ok(micros(5.0)), Ok(Share(0.5))));
    let reason = Unavailable::because("no wish to");
    assert_eq!(told("block", Err(reason), Err(uncounted)).latency.median(), Err(reason));
}

#[test]
fn slack_is_a_threads_own() {
    // SAFETY: the call takes no memory.
    let slack = || unsafe { libc::prctl(libc::PR_GET_TIMERSLACK) };
    let before = slack();
    assert_eq!(with_timer_slack(micros(7.0), slack), Ok(7_000));
    assert_eq!(slack(), before);
    assert!(
        with_timer_slack(micros(7.0), || panic!("on purpose"))
            .is_err_and(|reason: Unavailable| { reason.to_string().contains("panicked") })
    );
    for odd in [f64::NAN, -1.0, 0.0, 0.5, 1.1e9, f64::INFINITY].map(Nanos) {
        let reason = with_timer_slack(odd, slack).unwrap_err().to_string();
        assert!(reason.contains("1 ns at least, 1 s at most"), "{reason}");
        assert!(measure_with_slack("nap", odd, || ()).median().is_err());
    }
    assert_eq!(
        [Nanos(1.0), Nanos(1e9)].map(|ends| with_timer_slack(ends, slack)),
        [Ok(1), Ok(1_000_000_000)]
    );
}
