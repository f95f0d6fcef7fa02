//! The context card, and the parsers of what kernels write: real samples, and whatever else may stand in those files.

use helpers::machine::Machine;
use helpers::machine::cpus::{allowed, list, on_cpu, pin, ranges};
use helpers::machine::host::vendor;
use helpers::machine::pages::{page, page_of};
use helpers::proc;
use helpers::proc::cgroup::{membership, mount, quota_v1, quota_v2};
use helpers::sandbox::in_child;
use helpers::{Bytes, Count, Reading, micros, millis};
use std::hint::black_box;

const CPUINFO_X86: &[u8] = b"processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\n\
model name\t: AMD EPYC\nstepping\t: 1\nsiblings\t: 2\nflags\t\t: fpu vme nx rdtscp hypervisor smep smap umip\n\
bugs\t\t: spectre_v1\n\nprocessor\t: 1\nmodel name\t: AMD EPYC\n";
const CPUINFO_ARM: &[u8] = b"processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd evtstrm aes atomics\n\
CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\nCPU revision\t: 1\n";
const STATUS: &[u8] = b"Name:\tcat\nUmask:\t0022\nCapEff:\t000001ffffffffff\nNoNewPrivs:\t0\nSeccomp:\t2\n\
Seccomp_filters:\t1\nCpus_allowed_list:\t0-1\n";
const STAT: &[u8] = b"cpu  97373 0 11327 82368 417 0 166 337 0 0\ncpu0 48000 0 5600 41000 200 0 80 160 0 0\n";
const CPU_STAT_V2: &[u8] =
    b"usage_usec 1234\nuser_usec 1000\nsystem_usec 234\nnr_periods 10\nnr_throttled 3\n\
throttled_usec 150000\n";
const CPU_STAT_V1: &[u8] = b"nr_periods 10\nnr_throttled 3\nthrottled_time 150000000\n";
const CGROUP_V1: &[u8] = b"5:memory:/user\n4:cpu,cpuacct:/docker/a1b2\n1:name=systemd:/\n0::/\n";
const CGROUP_V2: &[u8] = b"0::/user.slice/user-1000.slice\n";
const MOUNTS: &[u8] = b"22 27 0:21 / /proc rw,relatime - proc proc rw\n\
30 25 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755\n\
31 30 0:27 /docker/a1b2 /sys/fs/cgroup/cpu,cpuacct ro shared:9 - cgroup cgroup rw,cpu,cpuacct\n\
40 30 0:40 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
const MEMINFO: &[u8] =
    b"MemTotal:       24669108 kB\nMemFree:        20000000 kB\nMemAvailable:   23000000 kB\n";
const PRESSURE: &[u8] = b"some avg10=7.18 avg60=5.75 avg300=4.13 total=80393390\nfull avg10=0.00 total=0\n";
const VULNERABLE: &[u8] = b"Mitigation: Retpolines; STIBP: disabled; RSB filling\n";

/// Does this input parse? What it parses to is of no interest to those who only must not panic.
type Parser = fn(&[u8]) -> bool;

/// Every parser with an input that it accepts.
const PARSERS: [(&str, &[u8], Parser); 21] = [
    ("cpu model", CPUINFO_X86, |bytes| proc::cpu_model(bytes).is_ok()),
    ("cpu model, aarch64", CPUINFO_ARM, |bytes| proc::cpu_model(bytes).is_ok()),
    ("feature", CPUINFO_X86, |bytes| proc::has_feature(bytes, "nx") == Ok(true)),
    ("status number", STATUS, |bytes| proc::status_number(bytes, "Seccomp").is_ok()),
    ("status set", STATUS, |bytes| proc::status_set(bytes, "CapEff").is_ok()),
    ("stat", STAT, |bytes| proc::stat(bytes).is_ok()),
    ("schedstat", b"3512956 1500 7\n", |bytes| proc::schedstat(bytes).is_ok()),
    ("throttled", CPU_STAT_V2, |bytes| proc::throttled(bytes).is_ok()),
    ("throttled, version 1", CPU_STAT_V1, |bytes| proc::throttled(bytes).is_ok()),
    ("load", b"0.80 0.84 0.77 2/119 17582\n", |bytes| proc::load(bytes).is_ok()),
    ("pressure", PRESSURE, |bytes| proc::pressure(bytes).is_ok()),
    ("memory", MEMINFO, |bytes| proc::memory(bytes, "MemAvailable").is_ok()),
    ("choice", b"always [madvise] never\n", |bytes| proc::choice(bytes).is_ok()),
    ("vulnerability", VULNERABLE, |bytes| proc::word(bytes).is_ok()),
    ("membership", CGROUP_V1, |bytes| membership(bytes).is_ok()),
    ("mount", MOUNTS, |bytes| mount(bytes, 1).is_ok() && mount(bytes, 2).is_ok()),
    ("quota", b"50000 100000\n", |bytes| quota_v2(bytes).is_ok()),
    ("quota, version 1", b"50000\n", |bytes| {
        quota_v1(bytes, b"100000\n").is_ok() && quota_v1(b"-1", bytes).is_ok()
    }),
    ("list of CPUs", b"0-3,7\n", |bytes| list(bytes).is_ok()),
    ("vendor", b"KVMKVMKVM\0\0\0", |bytes| !vendor(bytes).is_empty()),
    ("page", &[0, 0, 0, 0, 0, 0, 0, 0x81], |bytes| page(bytes).is_ok()),
];

#[test]
fn every_parser_accepts_its_sample() {
    for (name, sample, parser) in PARSERS {
        assert!(parser(sample), "{name}");
    }
}

#[test]
fn no_parser_accepts_nothing_or_panics_on_parts() {
    for (name, sample, parser) in PARSERS {
        assert!(!parser(b"") || name == "vendor", "{name}");
        for cut in 0..=sample.len() {
            black_box((parser(&sample[..cut]), parser(&sample[cut..])));
        }
    }
}

#[test]
fn no_parser_panics_on_damage() {
    let mut noise = Noise(0x9E37_79B9_7F4A_7C15);
    for (_, sample, parser) in PARSERS {
        for _ in 0..2000 {
            let mut damaged = sample.to_vec();
            for _ in 0..=noise.below(4) {
                let place = noise.below(damaged.len());
                match noise.below(5) {
                    0 => damaged[place] = noise.byte(),
                    1 => damaged.insert(place, noise.byte()),
                    2 => drop(damaged.splice(place..place, *b"99999999999999999999")),
                    3 => drop(damaged.splice(place..place, [0xFF, 0xFE, 0xC0, 0x80])),
                    _ => damaged.truncate(place.max(1)),
                }
            }
            black_box(parser(&damaged));
        }
    }
}

#[test]
fn no_parser_panics_on_noise_or_on_much_too_much() {
    let mut noise = Noise(0xD1B5_4A32_D192_ED03);
    for (_, sample, parser) in PARSERS {
        for length in 0..300 {
            black_box(parser(&noise.bytes(length)));
        }
        black_box(parser(&noise.bytes(1 << 20)));
        black_box(parser(&vec![b'9'; 1 << 20]));
        black_box(parser(&vec![b'\n'; 1 << 20]));
        black_box(parser(&sample.repeat((1 << 20) / sample.len())));
    }
}

/// A fixed sequence that looks random (xorshift, Marsaglia 2003): tests repeat exactly.
struct Noise(u64);

impl Noise {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound.max(1)
    }

    fn byte(&mut self) -> u8 {
        self.below(256) as u8
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.byte()).collect()
    }
}

#[test]
fn the_samples_say_what_they_say() {
    assert_eq!(proc::cpu_model(CPUINFO_X86).unwrap(), "AMD EPYC");
    assert_eq!(proc::cpu_model(CPUINFO_ARM).unwrap(), "Arm Neoverse N1");
    assert_eq!(proc::has_feature(CPUINFO_X86, "n"), Ok(false));
    assert_eq!(proc::has_feature(CPUINFO_ARM, "atomics"), Ok(true));
    assert_eq!(proc::status_number(STATUS, "Seccomp"), Ok(2));
    assert_eq!(proc::status_set(STATUS, "CapEff"), Ok(0x1FF_FFFF_FFFF));
    let ticks = proc::stat(STAT).unwrap();
    assert_eq!((ticks.total, ticks.stolen), (191_988, 337));
    assert_eq!(
        (proc::throttled(CPU_STAT_V1), proc::throttled(CPU_STAT_V2)),
        (Ok(millis(150.0)), Ok(millis(150.0)))
    );
    assert_eq!(proc::schedstat(b"1000 2000 3").unwrap().waited, micros(2.0));
    assert_eq!(proc::load(b"0.80 0.84 0.77 2/119 17582"), Ok([0.80, 0.84, 0.77]));
    assert_eq!(proc::pressure(PRESSURE), Ok(7.18));
    assert_eq!(proc::memory(MEMINFO, "MemTotal"), Ok(Bytes(24_669_108 << 10)));
    assert_eq!(proc::choice(b"always madvise [never]").unwrap(), "never");
    assert_eq!(proc::word(VULNERABLE).unwrap(), VULNERABLE.trim_ascii().escape_ascii().to_string());
}

#[test]
fn a_group_is_found_in_either_version() {
    let found = |bytes| membership(bytes).map(|found| (found.version, found.path)).unwrap();
    assert_eq!(found(CGROUP_V1), (1, "/docker/a1b2".to_owned()));
    assert_eq!(found(CGROUP_V2), (2, "/user.slice/user-1000.slice".to_owned()));
    assert!(membership(b"5:memory:/user\n").is_err());
    let place = |version| mount(MOUNTS, version).unwrap();
    assert_eq!(place(1), ("/sys/fs/cgroup/cpu,cpuacct".into(), "/docker/a1b2".to_owned()));
    assert_eq!(place(2), ("/sys/fs/cgroup/unified".into(), "/".to_owned()));
    assert!(mount(b"", 2).is_err());
}

#[test]
fn a_quota_is_a_share_of_a_period() {
    assert_eq!(
        [quota_v2(b"max 100000"), quota_v2(b"25000 100000"), quota_v2(b"max")],
        [Ok(None), Ok(Some(0.25)), Ok(None)]
    );
    assert_eq!((quota_v1(b"-1\n", b"100000"), quota_v1(b"300000", b"100000")), (Ok(None), Ok(Some(3.0))));
    for odd in [&b"50000"[..], b"50000 0", b"-1 100000", b"x y", b"50000 100000000000000000000000"] {
        assert!(quota_v2(odd).is_err(), "{odd:?}");
    }
    assert!(quota_v1(b"50000", b"0").is_err() && quota_v1(b"-2", b"100000").is_err());
}

#[test]
fn a_list_of_cpus_is_ascending_and_bounded() {
    assert_eq!(list(b"0").unwrap(), [0]);
    assert_eq!(list(b"0-1,4,6-7\n").unwrap(), [0, 1, 4, 6, 7]);
    for odd in ["", "3-1", "0,0", "1,0", "0-", "-1", "a", "0-8192", "0-99999999999999999999", "0,,1", "0-1-2"]
    {
        assert!(list(odd.as_bytes()).is_err(), "{odd}");
    }
    for cpus in [vec![], vec![5], vec![0, 1], vec![0, 2, 3, 4, 9]] {
        let text = ranges(&cpus).replace('–', "-").replace(' ', "");
        assert_eq!(list(text.as_bytes()).unwrap_or_default(), cpus);
    }
}

/// The value, where this machine has one. A missing one says why, so a test passes over it aloud.
fn here<T: Clone>(reading: &Reading<T>) -> Option<T> {
    reading.clone().map_err(|reason| println!("passed over: {reason}")).ok()
}

#[test]
fn this_machine_is_consistent() {
    let machine = Machine::here();
    println!("{machine}\n\n{}", machine.short());
    if let (Some(online), Some(allowed)) = (here(&machine.online), here(&machine.allowed)) {
        assert!(!allowed.is_empty() && allowed.iter().all(|cpu| online.contains(cpu)));
    }
    if let Some(tick) = here(&machine.tick) {
        assert!((Count(24)..=Count(2000)).contains(&tick));
    }
    if let (Some(total), Some(available)) = (here(&machine.memory), here(&machine.now.available)) {
        assert!(available < total);
    }
    if let Some(checks) = here(&machine.overflow_checks) {
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
}

#[test]
fn pinning_keeps_a_thread_and_lets_it_go() {
    let Some(before) = here(&allowed()) else { return };
    for cpu in &before {
        let pinned = pin(*cpu).unwrap();
        assert_eq!((pinned.cpu, allowed().unwrap()), (*cpu, vec![*cpu]));
        drop(pinned);
        assert_eq!(allowed().unwrap(), before);
    }
    assert_eq!(on_cpu(before[0], || allowed().unwrap().len()), Ok(1));
    assert_eq!(Machine::here().allowed.unwrap().len(), before.len(), "the card remembers the time before");
}

#[test]
fn a_cpu_that_is_not_there_is_refused_with_a_reason() {
    let Some(before) = here(&allowed()) else { return };
    for cpu in [8191, 8192, usize::MAX] {
        assert!(pin(cpu).unwrap_err().to_string().contains(&cpu.to_string()));
    }
    assert_eq!(allowed().unwrap(), before);
}

#[test]
fn a_child_that_writes_gets_a_copy() {
    let mut memory = vec![1_u8; 64 << 10];
    let middle = memory.as_mut_ptr().wrapping_add(32 << 10);
    if here(&page_of(middle)).is_none_or(|page| !page.present) {
        return;
    }
    let seen = in_child(|| {
        let before = page_of(middle);
        // SAFETY: the middle of a buffer that lives.
        unsafe { middle.write_volatile(2) };
        (before, page_of(middle))
    });
    let Some((Ok(before), Ok(after))) = here(&seen) else { return };
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
    let mut memory: Vec<u8> = Vec::with_capacity(1 << 24);
    let far = memory.as_mut_ptr().wrapping_add(1 << 23);
    let Some(before) = here(&page_of(far)) else { return };
    // SAFETY: within the capacity.
    unsafe { far.write_volatile(1) };
    let after = page_of(far).unwrap();
    if cfg!(target_arch = "x86_64") {
        assert!(!before.present && after.present && after.exclusive && !after.of_file);
    }
}
