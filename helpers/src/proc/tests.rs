//! Real samples, and whatever else may stand in those files.

use super::cgroup::{membership, quota_v1, quota_v2};
use super::counts::{schedstat, stat, throttled};
use super::cpuinfo::{cpu_model, has_feature};
use super::mounts::mounts;
use super::*;
use crate::units::{micros, millis};
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
const CGROUP: &[u8] = b"5:memory:/user\n4:cpu,cpuacct:/docker/a1b2\n1:name=systemd:/\n0::/\n";
const MOUNTS: &[u8] = b"22 27 0:21 / /proc rw,relatime - proc proc rw\n\
31 30 0:27 /docker/a1b2 /sys/fs/cgroup/cpu,cpuacct ro shared:9 - cgroup cgroup rw,cpu,cpuacct\n";
const MEMINFO: &[u8] = b"MemTotal:       24669108 kB\nMemAvailable:   23000000 kB\n";
const PRESSURE: &[u8] = b"some avg10=7.18 avg60=5.75 avg300=4.13 total=80393390\nfull avg10=0.00 total=0\n";
const VULNERABLE: &[u8] = b"Mitigation: Retpolines; STIBP: disabled; RSB filling\n";

/// Does this input parse? What it parses to is of no interest to those who only must not panic.
type Parser = fn(&[u8]) -> bool;

/// Every parser with an input that it accepts.
const PARSERS: [(&[u8], Parser); 17] = [
    (CPUINFO_X86, |bytes| cpu_model(bytes).is_ok()),
    (CPUINFO_ARM, |bytes| cpu_model(bytes).is_ok()),
    (CPUINFO_X86, |bytes| has_feature(bytes, "nx") == Ok(true)),
    (STATUS, |bytes| status_number(bytes, "Seccomp").is_ok()),
    (STATUS, |bytes| status_set(bytes, "CapEff").is_ok()),
    (STAT, |bytes| stat(bytes).is_ok()),
    (b"3512956 1500 7\n", |bytes| schedstat(bytes).is_ok()),
    (CPU_STAT_V2, |bytes| throttled(bytes).is_ok()),
    (CPU_STAT_V1, |bytes| throttled(bytes).is_ok()),
    (b"0.80 0.84 0.77 2/119 17582\n", |bytes| load(bytes).is_ok()),
    (PRESSURE, |bytes| pressure(bytes).is_ok()),
    (MEMINFO, |bytes| memory(bytes, "MemAvailable").is_ok()),
    (b"always [madvise] never\n", |bytes| choice(bytes).is_ok()),
    (VULNERABLE, |bytes| word(bytes).is_ok()),
    (CGROUP, |bytes| membership(bytes).is_ok()),
    (MOUNTS, |bytes| mounts(bytes).next().is_some()),
    (b"50000 100000\n", |bytes| quota_v2(bytes).is_ok() || quota_v1(bytes, b"100000").is_ok()),
];

#[test]
fn every_parser_withstands_damage() {
    for (sample, parser) in PARSERS {
        withstands(sample, parser);
    }
}

/// Holds a parser against its sample, parts of it, damage to it, noise, and much too much.
pub(crate) fn withstands(sample: &[u8], parser: Parser) {
    let mut noise = Noise(0x9E37_79B9_7F4A_7C15);
    assert!(parser(sample) && !parser(b""), "{}", sample.escape_ascii());
    for cut in 0..=sample.len() {
        black_box((parser(&sample[..cut]), parser(&sample[cut..])));
    }
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
    for length in (0..300).chain([1 << 20]) {
        black_box(parser(&(0..length).map(|_| noise.byte()).collect::<Vec<_>>()));
    }
    for many in [vec![b'9'; 1 << 20], vec![b'\n'; 1 << 20], sample.repeat((1 << 20) / sample.len())] {
        black_box(parser(&many));
    }
}

/// A fixed sequence that looks random (xorshift, Marsaglia 2003): tests repeat exactly.
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound.max(1)
    }

    fn byte(&mut self) -> u8 {
        self.below(256) as u8
    }
}

#[test]
fn the_samples_say_what_they_say() {
    assert_eq!(has_feature(CPUINFO_X86, "n"), Ok(false));
    assert_eq!(has_feature(CPUINFO_ARM, "atomics"), Ok(true));
    assert_eq!(status_number(STATUS, "Seccomp"), Ok(2));
    assert_eq!(status_set(STATUS, "CapEff"), Ok(0x1FF_FFFF_FFFF));
    let ticks = stat(STAT).unwrap();
    assert_eq!((ticks.total, ticks.stolen), (191_988, 337));
    assert_eq!((throttled(CPU_STAT_V1), throttled(CPU_STAT_V2)), (Ok(millis(150.0)), Ok(millis(150.0))));
    assert_eq!(schedstat(b"1000 2000 3").unwrap().waited, micros(2.0));
    assert_eq!(load(b"0.80 0.84 0.77 2/119 17582"), Ok([0.80, 0.84, 0.77]));
    assert_eq!(pressure(PRESSURE), Ok(7.18));
    assert_eq!(memory(MEMINFO, "MemTotal"), Ok(Bytes(24_669_108 << 10)));
    assert_eq!(choice(b"always madvise [never]").unwrap(), "never");
    assert_eq!(word(VULNERABLE).unwrap(), VULNERABLE.trim_ascii().escape_ascii().to_string());
}

#[test]
fn every_kind_of_cpu_is_named() {
    let arm = |cores: &[(u32, u32)]| {
        let core = |(implementer, part): &(u32, u32)| {
            format!("CPU implementer\t: {implementer:#x}\nCPU architecture: 8\nCPU part\t: {part:#x}\n\n")
        };
        cpu_model(cores.iter().map(core).collect::<String>().as_bytes()).unwrap()
    };
    assert_eq!(cpu_model(CPUINFO_X86).unwrap(), "AMD EPYC");
    assert_eq!(cpu_model(CPUINFO_ARM).unwrap(), "Arm Neoverse N1");
    assert_eq!(
        arm(&[[(0x41, 0xD05); 4], [(0x41, 0xD0B); 4]].concat()),
        "4 × Arm Cortex-A55 + 4 × Arm Cortex-A76"
    );
    assert_eq!(
        arm(&[(0x61, 0x22), (0x61, 0x23)]),
        "1 × Apple silicon, part 0x22 + 1 × Apple silicon, part 0x23"
    );
    assert_eq!(arm(&[(0x70, 0x662); 2]), "CPU of implementer 0x70, part 0x662");
    assert_eq!(
        cpu_model(b"model name\t: One\nmodel name\t: Other\nmodel name\t: One\n").unwrap(),
        "2 × One + 1 × Other"
    );
    for nothing in ["unknown", "Unknown", ""] {
        let told = cpu_model(format!("processor\t: 0\nmodel name\t: {nothing}\n").as_bytes());
        assert!(told.unwrap_err().to_string().contains("names no CPU"), "{nothing}");
    }
}

#[test]
fn a_count_below_zero_is_no_count() {
    let stolen = |steal: u64| stat(format!("cpu  50 0 20 920 0 0 0 {steal} 0 0\n").as_bytes());
    assert_eq!(stolen(10).unwrap(), counts::CpuTicks { total: 1000, stolen: 10 });
    for below in [u64::MAX, u64::MAX - 12_345, 1 << 63] {
        assert!(stolen(below).unwrap_err().to_string().contains("less than nothing"), "{below}");
    }
    assert!(stat(b"cpu  1 2 3 4 5 6 7\n").unwrap_err().to_string().contains("no steal field"));
}

/// What is told of a failure, where only these places are there.
fn told(path: (&str, &str), errno: i32, there: &[&str]) -> String {
    let error = io::Error::from_raw_os_error(errno);
    let is_there = |path: &str| there.contains(&path);
    explained(&format!("{}/{}", path.0, path.1), path.0, "CAUSE", &error, &is_there).to_string()
}

#[test]
fn an_absence_has_the_cause_that_was_seen_and_a_refusal_none() {
    let huge = ("/sys/kernel/mm", "transparent_hugepage/enabled");
    assert!(told(huge, libc::ENOENT, &["/sys/kernel/mm"]).ends_with("; CAUSE"));
    assert!(told(huge, libc::ENOENT, &[]).ends_with("; there is no /sys/kernel/mm here"));
    for refusal in [libc::EACCES, libc::EPERM, libc::EMFILE, libc::EIO] {
        assert!(!told(huge, refusal, &["/sys/kernel/mm"]).contains("CAUSE"), "{refusal}");
    }
    let load = ("/proc", "loadavg");
    assert!(told(load, libc::ENOENT, &["/proc", "/proc/self", "/proc/version"]).ends_with("; CAUSE"));
    assert!(told(load, libc::ENOENT, &["/proc", "/proc/self"]).contains("subset=pid"));
    assert!(told(load, libc::ENOENT, &["/proc"]).ends_with("there is no /proc here"));
    let own = ("/proc/self", "pagemap");
    assert!(told(own, libc::ENOENT, &["/proc", "/proc/self"]).ends_with("; CAUSE"));
}

#[test]
fn what_a_kernel_does_not_support_has_a_remedy() {
    let words = told(("/proc", "pressure/cpu"), libc::EOPNOTSUPP, &[]);
    assert!(words.contains("not supported") && words.ends_with("; CAUSE"), "{words}");
}

#[cfg(target_os = "linux")]
#[test]
fn only_what_is_not_there_is_absent() {
    assert_eq!(read_if_there("/proc/self/there-is-no-such-file"), Ok(None));
    assert!(read_if_there("/proc/self/cmdline").is_ok_and(|bytes| bytes.is_some()));
    // A directory is there, but nothing that can be read.
    assert!(read_if_there("/proc/self").is_err());
}
