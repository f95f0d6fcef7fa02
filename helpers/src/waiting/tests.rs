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
    assert_eq!(crate::ledger::open_files(), before);
}

#[test]
fn one_who_fails_to_wait_ends_with_its_reason() {
    let cpus = crate::machine::Machine::here().all_cpus().same(2);
    let failed = waited("fails", &cpus, |_| Ok(()), |_, ()| Err::<(), _>(Unavailable::because("no wish to")));
    assert_eq!(failed.latency.median().unwrap_err().to_string(), "no wish to");
    let no_tool = waited("no tool", &cpus, |_| Err::<(), _>(Unavailable::because("none")), |_, ()| ());
    assert!(no_tool.busy.is_err());
    assert!(waited("alone", [0], |_| Ok(()), |_, ()| ()).latency.median().is_err());
    let blocked = waited("block", &cpus, |_| Ok(()), |event, ()| event.take());
    assert!(blocked.latency.median().is_ok_and(|time| time < millis(500.0)), "{}", blocked.latency);
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
}
