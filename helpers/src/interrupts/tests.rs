use super::*;

fn row(name: &str, label: &str, counts: &[(usize, u64)]) -> Row {
    Row { name: name.to_owned(), label: label.to_owned(), counts: counts.to_vec() }
}

fn seen(table: Reading<Vec<Row>>) -> Interrupts {
    let devices = Ok(vec![row("36", "PCI-MSIX 1-edge virtio1-req.0", &[(0, 0), (1, 200)])]);
    let softirqs = Ok(vec![row("NET_RX", "", &[(0, 1000), (1, 3)])]);
    let books = Books { table, softirqs, devices, total: Ok(777) };
    Interrupts {
        times: 500,
        elapsed: nanos(1e6),
        cpu: Ok(0),
        books: Lasting::new(books),
        ledger: Err(Unavailable::because("a test")),
    }
}

fn x86() -> Vec<Row> {
    vec![
        row("36", "PCI-MSIX 1-edge virtio1-req.0", &[(0, 0), (1, 200)]),
        row("LOC", "Local timer interrupts", &[(0, 5), (1, 7)]),
        row("RES", "Rescheduling interrupts", &[(0, 0), (1, 3)]),
        row("CAL", "Function call interrupts", &[(0, 1), (1, 500)]),
        row("TLB", "TLB shootdowns", &[(0, 0), (1, 400)]),
        row("ERR", "", &[(0, 0)]),
    ]
}

#[test]
fn kinds_are_found_by_their_words_and_places_by_the_act() {
    let seen = seen(Ok(x86()));
    let count = |counted: Counted| counted.count.unwrap().0;
    assert_eq!(count(seen.elsewhere(Kind::Call)), 500, "shootdowns are among the calls, and not added");
    assert_eq!(count(seen.here(Kind::Call)), 1);
    assert_eq!(count(seen.elsewhere(Kind::Ipi)), 503);
    assert_eq!(count(seen.everywhere(Kind::Timer)), 12);
    assert_eq!(count(seen.here(Kind::NetReceive)), 1000);
    assert_eq!((count(seen.device()), seen.device_name()), (200, Ok("virtio1-req.0".to_owned())));
}

#[test]
fn rows_of_arm_are_found_by_the_same_words() {
    let timer = row("11", "GICv3 27 Level arch_timer", &[(0, 9)]);
    assert!(Kind::Timer.counts(&timer) && !Kind::Device.counts(&timer));
    assert!(!Kind::Timer.counts(&row("IPI5", "Timer broadcast interrupts", &[])));
    assert!(Kind::Reschedule.counts(&row("IPI0", "Rescheduling interrupts", &[])));
}

#[test]
fn where_the_table_is_masked_devices_softirqs_and_the_total_remain() {
    let seen = seen(Err(Unavailable::because("masked")));
    let calls = seen.elsewhere(Kind::Call);
    assert_eq!((calls.count, calls.total), (Err(Unavailable::because("masked")), Ok(Count(777))));
    assert_eq!(seen.device().count, Ok(Count(200)));
    assert_eq!(seen.here(Kind::NetReceive).count, Ok(Count(1000)));
    assert!(seen.here(Kind::NetReceive).total.is_err());
    let words = seen.to_string();
    assert!(words.contains("virtio1-req.0") && words.contains("masked"), "{words}");
}

#[test]
fn where_nobody_counts_there_is_no_zero() {
    let one_cpu = vec![row("LOC", "Local timer interrupts", &[(0, 5)])];
    let seen = seen(Ok(one_cpu));
    let why = |count: Reading<Count>| count.unwrap_err().to_string();
    for call in [seen.here(Kind::Call), seen.elsewhere(Kind::Call), seen.everywhere(Kind::Call)] {
        assert!(why(call.count).contains("call by another CPU: no row"), "{call:?}");
    }
    assert!(why(seen.on(0, Kind::Block)).contains("no row"));
    assert!(why(seen.on(9_999, Kind::Timer)).contains("CPU 9999 isn't counted here"));
    // There is no other CPU that a timer could go off on.
    assert_eq!((seen.on(0, Kind::Timer), seen.elsewhere(Kind::Timer).count), (Ok(Count(5)), Ok(Count(0))));
    let elsewhere = Interrupts { cpu: Ok(7), ..seen };
    assert!(why(elsewhere.here(Kind::Timer).count).contains("CPU 7") && elsewhere.each().is_ok());
}

#[test]
fn what_is_done_zero_times_is_not_counted() {
    let one = crate::machine::Machine::here().some_cpus(1);
    let nothing = interrupts(one).times(0, |()| ());
    assert!(nothing.each().unwrap_err().to_string().contains("zero times"));
    assert!(nothing.total().is_err() && nothing.due(Ok(Count(250))).is_err());
}

#[test]
fn what_moved_is_listed_on_the_busiest_cpus() {
    let wide: Vec<(usize, u64)> = (0..300).map(|cpu| (cpu, u64::from(cpu % 50 == 7))).collect();
    let words = seen(Ok(vec![row("LOC", "Local timer interrupts", &wide)])).to_string();
    assert!(words.contains("and, not listed, 294 more") && words.contains("CPU 57"), "{words}");
    assert!(words.lines().all(|line| line.len() < 120), "{words}");
}

#[test]
fn what_cannot_be_done_is_not_counted() {
    let one = crate::machine::Machine::here().some_cpus(1);
    let failing = interrupts(one).times(5, |()| Err::<(), _>(std::io::Error::from_raw_os_error(libc::EPERM)));
    assert!(failing.everywhere(Kind::Timer).count.unwrap_err().to_string().contains("policy"));
    let nothing: Reading<()> = Err(Unavailable::because("no disk"));
    let reason = interrupts(one).with(&nothing).times(5, |()| ()).total().unwrap_err();
    assert_eq!(reason.to_string(), "no disk");
    for cpus in [Ok(vec![]), Ok(vec![8191]), Err(Unavailable::because("one CPU"))] {
        assert!(interrupts(cpus).times(1, |()| ()).to_string().contains("not counted"));
    }
}

#[test]
fn a_total_that_runs_backwards_is_unknown() {
    let ahead = Books { total: Ok(u64::MAX), ..Books::open() };
    assert!(ahead.since().total.is_err());
}
