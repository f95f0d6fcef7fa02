//! The context card, on this machine, and in places made to look like others.

use crate::here;
use helpers::machine::cpus::{allowed, on_cpu, pin};
use helpers::machine::{Context, Machine};
use helpers::sandbox::in_child;
use helpers::{Bytes, Count, Memory, page_of};

#[test]
fn no_memory_is_refused_with_that_reason() {
    for promised in [Memory::in_small_pages(Bytes(0)), Memory::in_huge_pages(Bytes(0))] {
        assert!(promised.is_err_and(|error| error.to_string().contains("no memory was asked for")));
    }
}

#[test]
fn this_machine_is_consistent() {
    let machine = Machine::here();
    println!("{machine}\n\n{}", machine.short());
    if let (Some(online), Some(allowed)) = (here(machine.online.clone()), here(machine.allowed.clone())) {
        // A container may be shown a list that is made up; then the card says so.
        let agree = allowed.iter().all(|cpu| online.contains(cpu));
        assert!(!allowed.is_empty() && agree != machine.to_string().contains("the lists disagree"));
    }
    if let Some(tick) = here(machine.tick) {
        assert!((Count(24)..=Count(2000)).contains(&tick));
    }
    if let (Some(total), Some(available)) = (here(machine.memory), here(machine.now.available)) {
        assert!(available < total);
    }
    if let Some(checks) = here(machine.overflow_checks) {
        // Both are on in the profile that tests are built with.
        assert!(checks == machine.debug_assertions || !cfg!(debug_assertions));
    }
    assert!(machine.page >= Bytes(4096));
    assert!(machine.short().chars().count() < 100 && machine.short().contains(" · "));
}

#[test]
fn every_row_has_a_value_or_a_reason() {
    for row in Machine::here().rows() {
        assert!(!row.group.is_empty() && !row.label.is_empty());
        assert!(row.value.len() > usize::from(!row.known) * 20, "{row:?}");
        assert!(row.value.lines().count() == 1, "{row:?}");
    }
}

#[test]
fn a_card_survives_being_written_down() {
    let machine = Machine::here();
    let text = serde_json::to_string(&machine).unwrap();
    assert_eq!(serde_json::from_str::<Machine>(&text).unwrap(), machine);
    // A record kept before there were these lines is still read, and does not answer for them.
    let mut older: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    for line in ["tickless", "user_outside"] {
        older.remove(line).unwrap();
    }
    let older: Machine = serde_json::from_value(older.into()).unwrap();
    assert!(older.tickless.is_err() && older.user_outside.is_err() && older.kernel == machine.kernel);
}

#[test]
fn a_machine_is_light_to_keep() {
    assert!(size_of::<Machine>() <= 4 * size_of::<usize>());
    assert_eq!(format!("{:?}", Machine::here().clone()).lines().count(), Machine::here().rows().len());
}

#[test]
fn a_card_of_another_machine_is_not_asked_anew() {
    let other = Context { allowed: Ok(vec![5, 6, 7]), quota: Ok(None), ..(*Machine::here()).clone() };
    let other = Machine::from(other);
    assert_eq!((other.some_cpus(2).cpus(), other.all_cpus().cpus()), (&[6, 7][..], &[5, 6, 7][..]));
    assert_eq!(other.effective_cpus(), Ok(helpers::Cpus(3.0)));
}

#[test]
fn pinning_keeps_a_thread_and_lets_it_go() {
    let Some(before) = here(allowed()) else { return };
    for cpu in &before {
        let pinned = pin(*cpu).unwrap();
        assert_eq!((pinned.cpu, allowed().unwrap()), (*cpu, vec![*cpu]));
        drop(pinned);
        assert_eq!(allowed().unwrap(), before);
    }
    assert_eq!(on_cpu(before[0], || allowed().unwrap().len()), Ok(1));
    let pinned = pin(before[0]).unwrap();
    assert_eq!(
        Machine::here().allowed,
        Ok(before),
        "what a thread is kept on for a while says nothing of the program"
    );
    drop(pinned);
}

#[test]
fn pins_may_be_dropped_in_any_order() {
    let Some(before) = here(allowed()) else { return };
    let (one, other) = (before[0], before[before.len() - 1]);
    let mut pinned = pin(one).unwrap();
    assert_eq!((pinned.cpu, allowed().unwrap()), (one, vec![one]));
    pinned = pin(other).unwrap();
    assert_eq!((pinned.cpu, allowed().unwrap()), (other, vec![other]));
    drop(pinned);
    assert_eq!(allowed().unwrap(), before);
    let [first, second, third] = [one, other, one].map(|cpu| pin(cpu).unwrap());
    drop(first);
    assert_eq!(allowed().unwrap(), [one]);
    drop(third);
    assert_eq!(allowed().unwrap(), [other]);
    assert_eq!(Machine::here().allowed, Ok(before.clone()));
    drop(second);
    assert_eq!(allowed().unwrap(), before);
}

#[test]
fn a_cpu_that_is_not_there_is_refused_with_a_reason() {
    let Some(before) = here(allowed()) else { return };
    for cpu in [8191, 8192, usize::MAX] {
        assert!(pin(cpu).unwrap_err().to_string().contains(&cpu.to_string()));
    }
    assert_eq!(allowed().unwrap(), before);
}

#[test]
fn a_child_that_writes_gets_a_copy() {
    let mut memory = vec![1_u8; 64 << 10];
    let middle = memory.as_mut_ptr().wrapping_add(32 << 10);
    if here(page_of(middle)).is_none_or(|page| !page.present) {
        return;
    }
    let seen = in_child(|| {
        let before = page_of(middle);
        // SAFETY: the middle of a buffer that lives.
        unsafe { middle.write_volatile(2) };
        (before, page_of(middle))
    });
    let Some((Ok(before), Ok(after))) = here(seen) else { return };
    println!("before the write: {before}; after: {after}");
    assert!(!before.exclusive && after.exclusive);
    if let (Ok(before), Ok(after), Ok(parents)) = (before.frame, after.frame, page_of(middle).unwrap().frame)
    {
        assert!(before == parents && after != parents);
    }
    assert_eq!(memory[32 << 10], 1);
}

#[test]
fn a_page_is_there_only_once_it_was_touched() {
    // So much never comes from what others have given back, however glibc has moved its bounds since.
    let mut memory: Vec<u8> = Vec::with_capacity(1 << 26);
    let far = memory.as_mut_ptr().wrapping_add(1 << 25);
    let Some(before) = here(page_of(far)) else { return };
    // SAFETY: within the capacity.
    unsafe { far.write_volatile(1) };
    let after = page_of(far).unwrap();
    if cfg!(target_arch = "x86_64") {
        assert!(!before.present && after.present && after.exclusive && !after.of_file);
    }
}
