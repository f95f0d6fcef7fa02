use super::*;
use crate::units::millis;

#[test]
fn signals_land_in_the_loop_and_the_old_handler_is_put_back() {
    let three: Loop = listing! {
        x86_64: "mov rax, 7", "add rax, rax", "xor rdx, rdx";
        aarch64: "mov x0, #7", "add x0, x0, x0", "mov x1, #0";
    };
    let Ok(listing) = three(1) else { return };
    // SAFETY: every field of sigaction may be zero; the kernel fills in the structure, which outlives the call.
    #[cfg(target_os = "linux")]
    let handler = || unsafe {
        let mut now: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGRTMIN() + 7, std::ptr::null(), &raw mut now);
        now.sa_sigaction
    };
    #[cfg(target_os = "linux")]
    let before = handler();
    let alarms = alarms(Pace::Time, millis(1.0), millis(60.0), || three(10_000));
    let Ok(count) = alarms.count() else { return };
    assert!((5..=61).contains(&count.0), "{count}");
    let landed = alarms.landed(&Ok(listing));
    assert_eq!((landed.lines().unwrap().len(), landed.lines().unwrap()[3].0), (4, "back to the first"));
    assert!(landed.all().unwrap().0 * 2 > count.0, "{:?}", landed.lines());
    #[cfg(target_os = "linux")]
    assert_eq!(handler(), before);
}

#[test]
fn padding_belongs_to_the_instruction_that_follows() {
    let listing = Listing { lines: &["a", "b", "back to the first"], start: 0x1000 };
    let places = vec![0x1000, 0x1003, 0x1010, 0x1011, 0x1020, 0x1025, 0x0fff, 0x2000];
    let alarms = Alarms(Ok(Rung { count: 8, ran: Ok(Nanos(2e9)), places }));
    let landed = alarms.landed(&Ok(listing));
    assert_eq!(landed.lines().unwrap().iter().map(|(_, count)| count.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(alarms.ticks(Ok(Count(250))), Ok(Count(500)));
    assert!(landed.behind("a").unwrap_err().to_string().contains("only 6"));
    assert!(alarms.landed(&Err(Unavailable::because("no loop"))).all().is_err());
    let landed = Landings(Ok(vec![("a", Count(2)), ("b", Count(80)), ("back to the first", Count(18))]));
    assert_eq!((landed.behind("a"), landed.behind("back")), (Ok(Share(0.8)), Ok(Share(0.02))));
    assert!(landed.behind("nowhere").is_err() && landed.elsewhere("nowhere").is_err());
    assert_eq!(landed.elsewhere("a"), Ok(("back to the first", Share(0.18))));
    for (every, during) in [(0.0, 1e6), (f64::NAN, 1e6), (1e6, 0.0), (1e6, f64::INFINITY)] {
        assert!(super::alarms(Pace::Time, Nanos(every), Nanos(during), || ()).count().is_err());
    }
}
