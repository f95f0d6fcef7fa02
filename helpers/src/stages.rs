//! The way of a datagram in stages, each with the time at which it was reached: by the kernel's stamps and by the program's own,
//! on one clock.
//!
//! The kernel can note, for each datagram, when it was put into the queue of its device, when it was handed to the device's
//! driver, and when it was received (`SO_TIMESTAMPING`, in its *networking/timestamping*). Those are times of the wall clock,
//! `CLOCK_REALTIME`, so the program's own are too. Nobody but the sender and the receiver needs to agree, and nothing needs
//! privilege. One datagram is on its way at a time: so each stage is reached once for each.

mod journeys;
mod post;

pub use journeys::{Journeys, Stretch};
pub use post::{Inbox, Outbox};

use crate::machine::barrier::{Leaves, on_cpus};
use crate::machine::placement::Placement;
use crate::reading::{Reading, Unavailable};
use crate::units::Nanos;
use post::Told;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

/// The kernel's stages, and the sender's first.
pub const SENT: &str = "send is called";
/// The datagram stands in the queue of its device.
pub const QUEUED: &str = "queued";
/// It is handed to the device's driver.
pub const HANDED: &str = "handed to the device";
/// It is received: before the softirq works it off.
pub const RECEIVED: &str = "received";
/// The sender's call comes back.
pub const RETURNED: &str = "send returns";

/// A stage that was reached, and when: nanoseconds of the wall clock.
pub(crate) type Stamp = (&'static str, u64);

thread_local! {
    static NOTED: RefCell<Vec<Stamp>> = const { RefCell::new(Vec::new()) };
}

/// Notes that this thread has reached a stage. It costs one look at the clock.
///
/// ```
/// use helpers::stages::{stamp, stamped};
/// stamp("the waker is called");
/// assert_eq!(stamped().len(), 1);
/// ```
#[inline]
pub fn stamp(stage: &'static str) {
    note((stage, wall()));
}

/// Notes a stage that was reached at a time which somebody else has told.
pub(crate) fn note(stamp: Stamp) {
    NOTED.with_borrow_mut(|noted| noted.push(stamp));
}

/// Hands out this thread's notes and begins anew.
pub fn stamped() -> Vec<(&'static str, u64)> {
    NOTED.take()
}

/// Nanoseconds of the wall clock.
#[inline]
pub(crate) fn wall() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel fills in the one structure it is given, which outlives the call.
    unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &raw mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Between two datagrams the receiver falls asleep, so that each has to wake it.
const PAUSE: Duration = Duration::from_micros(300);
/// A datagram that nobody asks for within this time is not sent.
const PATIENCE: Duration = Duration::from_secs(1);

/// Sends so many datagrams, one at a time, and follows each of them. The sender keeps to the first of these CPUs and calls
/// `send` for each; the receiver keeps to the second, and `receive` takes them all out of its inbox. `way` names the stages in
/// the order in which they should be reached, each with the name of the stretch that begins there.
///
/// # Errors
/// The journeys say why, where there are none: no second CPU, no loopback, no stamps, a receiver that takes nothing.
///
/// ```
/// use helpers::{Machine, stages::{self, journeys, stamp}};
/// // How long does a byte take from one thread to another?
/// const WAY: [(&str, &str); 3] =
///     [(stages::SENT, "the kernel's stack"), (stages::RECEIVED, "wake-up"), ("recv returns", "")];
/// let letters = journeys(&Machine::here().some_cpus(2), 50, &WAY, |out| out.send(b"x"), |inbox| {
///     for _ in 0..50 {
///         inbox.wait();
///         let _ = inbox.recv(&mut [0; 8]);
///         stamp("recv returns");
///     }
/// });
/// println!("{letters}");
/// ```
pub fn journeys<T>(
    cpus: impl Into<Placement>,
    letters: usize,
    way: &[(&'static str, &'static str)],
    send: impl FnMut(&Outbox) -> std::io::Result<T> + Send,
    receive: impl Fn(Rc<Inbox>) + Sync,
) -> Journeys {
    let followed = || -> Reading<journeys::Sides> {
        let (outbox, inbox) = post::pair()?;
        // The kernel switches its stamps on in the background.
        std::thread::sleep(Duration::from_millis(30));
        let told = inbox.told();
        let (send, outbox, inbox) = (Mutex::new(send), Mutex::new(outbox), Mutex::new(Some(inbox)));
        let sides = on_cpus(two(&cpus.into())?, |side| {
            if side == 0 {
                let _leaves = Leaves(&told.sender_left);
                let (Ok(mut send), Ok(outbox)) = (send.lock(), outbox.lock()) else { return Vec::new() };
                return sender(&mut *send, &outbox, letters, &told);
            }
            let inbox = inbox.lock().ok().and_then(|mut inbox| inbox.take());
            let Some(inbox) = inbox.map(Rc::new) else { return Vec::new() };
            let _leaves = Leaves(&told.receiver_left);
            stamped();
            receive(inbox.clone());
            inbox.letters()
        })?;
        let [theirs, ours] =
            <[_; 2]>::try_from(sides).map_err(|_| Unavailable::because("a side is missing"))?;
        Ok((theirs, ours))
    };
    Journeys::of(letters, way, followed())
}

fn two(cpus: &Placement) -> Reading<[usize; 2]> {
    match cpus.reading()?[..] {
        [one, other, ..] => Ok([one, other]),
        [one] => Ok([one, one]),
        [] => Err(Unavailable::because("no CPU to send from")),
    }
}

/// One datagram after the other, each when somebody waits for it: so every one of them has to wake somebody.
fn sender<T>(
    send: &mut impl FnMut(&Outbox) -> std::io::Result<T>,
    outbox: &Outbox,
    letters: usize,
    told: &Told,
) -> Vec<Vec<Stamp>> {
    // However many are wished for: more than this nobody waits for.
    let mut all = Vec::with_capacity(letters.min(1 << 16));
    for letter in 0..letters {
        let since = Instant::now();
        while told.expected.load(SeqCst) <= letter as u64 {
            if told.receiver_left.load(SeqCst) || since.elapsed() > PATIENCE {
                return all;
            }
            std::thread::sleep(Duration::from_micros(20));
        }
        std::thread::sleep(PAUSE);
        stamped();
        stamp(SENT);
        let result = send(outbox);
        stamp(RETURNED);
        if result.is_err() {
            break;
        }
        outbox.note_kernels_stamps();
        all.push(stamped());
    }
    all
}

/// How long it is from one moment of the wall clock to a later one.
fn between(from: u64, to: u64) -> Nanos {
    Nanos(to.saturating_sub(from) as f64)
}
