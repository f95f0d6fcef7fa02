//! The atlas of traps: acts that a program must not do, one child for each.
//!
//! Each act is deliberate undefined behaviour: Rust promises nothing about a program that does it. So the acts are written in
//! assembly, which the compiler passes on as it is, and what happens is up to the CPU and the kernel. One of them, the load
//! from an address that leads nowhere, is written out in notebook 03; the others differ from it by one instruction.
//!
//! Sources: *Intel 64 and IA-32 Architectures Software Developer's Manual*, volume 2, exceptions of each instruction; *Arm
//! Architecture Reference Manual for A-profile*, accessibility of system registers from EL0.

use super::{Ending, attempt};
use std::arch::asm;
use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};

/// Read-only data: no page of it may be written to.
static CONSTANT: u64 = 4711;

/// The machine code of a return, as data that may be written to: a program that runs it has mistaken data for code. It is no
/// constant, since some linkers put those beside the code, on pages that may be executed.
static DATA: AtomicU32 = AtomicU32::new(if cfg!(target_arch = "x86_64") { 0xC3C3_C3C3 } else { 0xD65F_03C0 });

/// An address that no page table can have an entry for. On x86-64 its upper bits must repeat one another; on aarch64 the top
/// byte may be a tag and is ignored, so that the bits below it must be the odd ones.
const IMPOSSIBLE: u64 = if cfg!(target_arch = "x86_64") { 1 << 63 } else { 1 << 52 };

/// Does each act of the atlas in a child of its own: wrong uses of memory, instructions that only the kernel may execute, and one
/// that doesn't exist. What each is called depends on the architecture.
///
/// ```
/// use helpers::{Compare, Count, forbidden_acts, kinds};
/// // In how many ways does the CPU say no?
/// let acts = forbidden_acts();
/// let ways = kinds(&acts);
/// assert!(ways.is_err() || ways.within(Count(1), Count(acts.len() as u64)) == Ok(true));
/// ```
pub fn forbidden_acts() -> Vec<Ending> {
    [of_memory(), of_the_kernel()].concat()
}

/// Wrong uses of memory. Memory that exists is read first: a child starts without the entries for pages of files, and the
/// refusal would say "not present" where "not allowed" is meant.
fn of_memory() -> Vec<Ending> {
    vec![
        attempt("read an impossible address", || load(IMPOSSIBLE)),
        attempt("write to a constant", || {
            let constant = &raw const CONSTANT as u64;
            black_box(load(constant));
            store(constant);
        }),
        attempt("run data as code", || {
            black_box(DATA.swap(DATA.load(Ordering::SeqCst), Ordering::SeqCst));
            run(DATA.as_ptr() as u64);
        }),
    ]
}

/// An attempt at one instruction.
macro_rules! instruction {
    ($act:literal, $($assembly:tt)*) => {
        attempt($act, || {
            // SAFETY: not sound, and meant not to be: the child dies of it, alone.
            unsafe { asm!($($assembly)*) }
        })
    };
}

/// What only the kernel may do, and an instruction that doesn't exist.
#[cfg(target_arch = "x86_64")]
fn of_the_kernel() -> Vec<Ending> {
    vec![
        instruction!("stop the CPU (hlt)", "hlt"),
        instruction!("switch interrupts off (cli)", "cli"),
        instruction!("ask a device (in)", "in al, dx", out("al") _, in("dx") 0x60_u16),
        instruction!("read the page-table register (cr3)", "mov {}, cr3", out(reg) _),
        instruction!("load an interrupt table (lidt)", "lidt [{}]", in(reg) &raw const CONSTANT),
        instruction!("no instruction at all (ud2)", "ud2"),
    ]
}

/// What only the kernel may do, and an instruction that doesn't exist.
#[cfg(target_arch = "aarch64")]
fn of_the_kernel() -> Vec<Ending> {
    vec![
        instruction!("stop for a debugger (hlt)", "hlt #0"),
        instruction!("switch interrupts off (daifset)", "msr daifset, #2"),
        instruction!("empty the TLB (tlbi)", "tlbi vmalle1"),
        instruction!("read the page-table register (ttbr0)", "mrs {}, ttbr0_el1", out(reg) _),
        instruction!("load an interrupt table (vbar)", "msr vbar_el1, xzr"),
        instruction!("no instruction at all (udf)", "udf #0"),
    ]
}

/// Loads the byte at an address.
fn load(address: u64) -> u8 {
    let byte: u64;
    // SAFETY: not sound where the address leads nowhere, and meant not to be.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        asm!("movzx {:e}, byte ptr [{}]", out(reg) byte, in(reg) address);
        #[cfg(target_arch = "aarch64")]
        asm!("ldrb {:w}, [{}]", out(reg) byte, in(reg) address);
    }
    byte as u8
}

/// Stores a byte at an address.
fn store(address: u64) {
    // SAFETY: not sound, and meant not to be.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        asm!("mov byte ptr [{}], 0", in(reg) address);
        #[cfg(target_arch = "aarch64")]
        asm!("strb wzr, [{}]", in(reg) address);
    }
}

/// Calls what lies at an address.
fn run(address: u64) {
    // SAFETY: not sound, and meant not to be.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        asm!("call {}", in(reg) address, clobber_abi("C"));
        #[cfg(target_arch = "aarch64")]
        asm!("blr {}", in(reg) address, clobber_abi("C"));
    }
}
