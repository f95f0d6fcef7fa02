//! What a kernel says of a panic in a cell: the message, and what is lost. Left to itself, evcxr has the standard library
//! print a backtrace of some seventy lines of its own insides, and nobody says that the variables are gone.

use std::io::{self, Write as _};
use std::panic::{PanicHookInfo, set_hook};
use std::thread::sleep;
use std::time::Duration;

/// Runs when a kernel loads this crate. A function that cells call would come too late for those that call none.
#[used]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
static AT_LOAD: extern "C" fn() = at_load;

extern "C" fn at_load() {
    // The process in which evcxr runs cells, and no other program that uses this crate.
    if std::env::var_os("EVCXR_IS_RUNTIME").is_some() {
        set_hook(Box::new(tell));
    }
}

fn tell(panic: &PanicHookInfo) {
    let words = panic.payload().downcast_ref::<&str>().copied();
    let words = words.or(panic.payload().downcast_ref::<String>().map(String::as_str));
    let words = words.unwrap_or("without a message");
    // The second panic of every cell that panics: it can't be unwound into evcxr.
    if words == "panic in a function that cannot unwind" {
        return;
    }
    let place = panic.location().map_or(String::new(), |place| format!(" at {place}"));
    if is_in_a_cell() {
        say(&format!(
            "This cell panicked{place}:\n{words}\n\
             The notebook's variables went with it; functions and imports are still there. Mend the cell, then run those \
             that define its variables again, or choose Restart and Run All.\n"
        ));
        // This process ends with its cell, and evcxr no longer passes on what it then has still to read.
        sleep(Duration::from_millis(100));
    } else {
        say(&format!("A thread panicked{place}:\n{words}\n"));
    }
}

/// At one go, so that nothing comes between. Nobody is left to hear that it failed.
fn say(words: &str) {
    let _ = io::stderr().write_all(words.as_bytes());
}

/// Whether this is the thread that runs cells, and not one that a cell has started.
fn is_in_a_cell() -> bool {
    #[cfg(target_vendor = "apple")]
    // SAFETY: asks who is calling.
    return unsafe { libc::pthread_main_np() } == 1;
    #[cfg(not(target_vendor = "apple"))]
    // SAFETY: these ask who is calling.
    return unsafe { libc::gettid() == libc::getpid() };
}
