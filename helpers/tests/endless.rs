//! What could wait for ever, tried in children: they are killed where it does.

use crate::undisturbed;
use helpers::io::Event;
use helpers::signals::{Loop, Pace, alarms};
use helpers::waiting::waited;
use helpers::{Machine, Reading, in_child, listing, millis};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

#[test]
fn no_rounds_of_a_listing_are_one() {
    let _alone = undisturbed();
    let two: Loop = listing! {
        x86_64: "mov rax, 7", "add rax, rax";
        aarch64: "mov x0, #7", "add x0, x0, x0";
    };
    assert!(in_child(|| two(0).is_ok()).is_ok());
}

#[test]
fn a_timer_within_a_timer_is_refused_with_a_reason() {
    let _alone = undisturbed();
    let short = |work: &mut dyn FnMut()| alarms(Pace::Time, millis(1.0), millis(5.0), work);
    let nested: Reading<Reading<String>> = in_child(|| {
        let mut inner = String::new();
        let outer = short(&mut || inner = short(&mut || ()).to_string());
        outer.count().map(|_| inner)
    });
    // Where there are no such timers, there is none within.
    if let Ok(inner) = nested.unwrap() {
        assert!(inner.contains("one timer's signals at a time"), "{inner}");
    }
}

#[test]
fn however_many_rings_one_wait_takes_it_ends() {
    type Wait = fn(&Event) -> std::io::Result<()>;
    let _alone = undisturbed();
    let three: Wait = |event| (0..3).try_for_each(|_| event.take());
    let all: Wait = |event| {
        event.take()?;
        while event.try_take() {}
        Ok(())
    };
    let cpus = Machine::here().all_cpus().same(2);
    for wait in [three, all] {
        let ended =
            in_child(|| waited("greedy", cpus, |_| Ok(()), |event, ()| wait(event)).latency.name.to_string());
        assert_eq!(ended, Ok("greedy".to_owned()));
    }
}

#[test]
fn a_child_begins_whoever_panics_meanwhile() {
    let (_alone, over) = (undisturbed(), AtomicBool::new(false));
    std::panic::set_hook(Box::new(|_| std::thread::sleep(Duration::from_millis(1))));
    let ended: Vec<Reading<u8>> = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(SeqCst) {
                let _ = std::panic::catch_unwind(|| panic!("again"));
            }
        });
        let ended = (0..50).map(|_| in_child(|| 7)).collect();
        over.store(true, SeqCst);
        ended
    });
    let _ = std::panic::take_hook();
    assert_eq!(ended, [Ok(7); 50]);
}
