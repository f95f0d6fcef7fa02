//! Two sockets of this machine, and the kernel's stamps on what goes from one to the other.

use super::{HANDED, QUEUED, RECEIVED, Stamp, note, stamped};
use crate::io::Epoll;
use crate::reading::{Reading, Unavailable};
use crate::units::millis;
use std::cell::{Cell, RefCell};
use std::io;
use std::net::UdpSocket;
use std::ops::Deref;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

/// Where datagrams are sent from: a connected [`UdpSocket`].
#[derive(Debug)]
pub struct Outbox(UdpSocket);

/// Where they arrive: a socket that never waits. It notes when the kernel received what is taken out of it.
#[derive(Debug)]
pub struct Inbox {
    socket: UdpSocket,
    /// To be waited for without a reactor.
    epoll: Epoll,
    /// Stamps by letter, and whether one has been taken whose stamps may still come.
    letters: RefCell<Vec<Vec<Stamp>>>,
    has_letter: Cell<bool>,
    /// When the last one was taken.
    last: Cell<Instant>,
    told: Arc<Told>,
}

/// What the two sides tell each other.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// How many letters somebody waits for, those that have come included.
    pub(super) expected: AtomicU64,
    pub(super) receiver_left: AtomicBool,
    pub(super) sender_left: AtomicBool,
}

/// Both ends, with the kernel's stamps switched on.
pub(super) fn pair() -> Reading<(Outbox, Inbox)> {
    let refused = |error: io::Error| Unavailable::refused("a socket on the loopback device", &error);
    let [out, inn] = [UdpSocket::bind("127.0.0.1:0"), UdpSocket::bind("127.0.0.1:0")];
    let (out, inn) = (out.map_err(refused)?, inn.map_err(refused)?);
    let connected = inn.local_addr().and_then(|address| out.connect(address));
    connected.and_then(|()| inn.set_nonblocking(true)).map_err(refused)?;
    stamps::switch_on(&out, stamps::OUT)?;
    stamps::switch_on(&inn, stamps::IN)?;
    let epoll = Epoll::new()?;
    epoll.watch(&inn, 0).map_err(|error| Unavailable::refused("epoll", &error))?;
    let (letters, has_letter) = (RefCell::default(), Cell::new(false));
    let inbox = Inbox {
        socket: inn,
        epoll,
        letters,
        has_letter,
        last: Cell::new(Instant::now()),
        told: Arc::default(),
    };
    Ok((Outbox(out), inbox))
}

impl Deref for Outbox {
    type Target = UdpSocket;

    fn deref(&self) -> &UdpSocket {
        &self.0
    }
}

impl AsRawFd for Inbox {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl Outbox {
    /// Takes the kernel's stamps of what was sent out of the socket's queue of errors, where it puts them.
    pub(super) fn note_kernels_stamps(&self) {
        for _ in 0..2 {
            if let Some((kind, at)) = stamps::of_the_sent(&self.0) {
                note((if kind == stamps::KIND_QUEUED { QUEUED } else { HANDED }, at));
            }
        }
    }
}

impl Inbox {
    /// Takes a datagram out: how long it is.
    ///
    /// # Errors
    /// When there is none ([`WouldBlock`](io::ErrorKind::WouldBlock)), or the kernel refuses.
    pub fn recv(&self, buffer: &mut [u8]) -> io::Result<usize> {
        // Whoever asks for the next one has done with the last.
        self.close_letter();
        // What was noted on the way to finding nothing belongs to no letter.
        let (length, received) = stamps::received(&self.socket, buffer).inspect_err(|_| {
            stamped();
            self.expect_letter();
        })?;
        self.has_letter.set(true);
        self.last.set(Instant::now());
        if let Some(at) = received {
            note((RECEIVED, at));
        }
        Ok(length)
    }

    /// Sleeps until there is a datagram, but no longer than a second, and not at all where nobody is left to send one: whether
    /// there is one.
    pub fn wait(&self) -> bool {
        self.close_letter();
        // Before the letter is asked for: a sender who's there now sends it before leaving.
        let has_left = self.told.sender_left.load(SeqCst);
        self.expect_letter();
        self.epoll.wait(millis(if has_left { 0.0 } else { 1000.0 })).count() > 0
    }

    /// Whether a letter can still be expected: nobody waits for longer than a second.
    pub fn is_open(&self) -> bool {
        self.last.get().elapsed() < Duration::from_secs(1)
    }

    pub(super) fn told(&self) -> Arc<Told> {
        self.told.clone()
    }

    fn close_letter(&self) {
        if self.has_letter.replace(false) {
            self.letters.borrow_mut().push(stamped());
        }
    }

    /// Tells the sender that there is somebody who waits for the next one.
    fn expect_letter(&self) {
        self.told.expected.store(self.letters.borrow().len() as u64 + 1, SeqCst);
    }

    /// The stamps of each letter.
    pub(super) fn letters(&self) -> Vec<Vec<Stamp>> {
        self.close_letter();
        self.letters.take()
    }
}

#[cfg(target_os = "linux")]
mod stamps {
    use super::{Reading, UdpSocket, Unavailable, io};
    use std::mem::{size_of, zeroed};
    use std::os::fd::AsRawFd;
    use std::ptr;

    // Of <linux/net_tstamp.h>: software stamps are reported; of what is sent, when it is queued and when it is handed over, with
    // a number instead of the contents; of what arrives, when.
    const REPORTED: u32 = 1 << 4;
    pub(super) const OUT: u32 = 1 << 8 | 1 << 1 | 1 << 7 | 1 << 11 | REPORTED;
    pub(super) const IN: u32 = 1 << 3 | REPORTED;
    /// `SCM_TSTAMP_SCHED`, in `ee_info`.
    pub(super) const KIND_QUEUED: u32 = 1;

    pub(super) fn switch_on(socket: &UdpSocket, which: u32) -> Reading<()> {
        // SAFETY: the kernel reads four bytes from a live number.
        let done = unsafe {
            libc::setsockopt(
                socket.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_TIMESTAMPING,
                (&raw const which).cast(),
                size_of::<u32>() as libc::socklen_t,
            )
        };
        if done == 0 {
            Ok(())
        } else {
            Err(Unavailable::refused("SO_TIMESTAMPING", &io::Error::last_os_error()))
        }
    }

    /// Room for what comes beside a datagram; aligned as its heads want it.
    #[repr(C, align(8))]
    struct Beside([u8; 512]);

    /// What came, its stamp, and what kind of stamp it is.
    fn message(
        socket: &UdpSocket,
        buffer: &mut [u8],
        flags: libc::c_int,
    ) -> io::Result<(usize, Option<u64>, Option<u32>)> {
        let mut beside = Beside([0; 512]);
        let mut part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
        // SAFETY: every field of msghdr is a number or a pointer, for which zero is a value.
        let mut head: libc::msghdr = unsafe { zeroed() };
        (head.msg_iov, head.msg_iovlen) = (&raw mut part, 1);
        head.msg_control = (&raw mut beside.0).cast();
        head.msg_controllen = beside.0.len() as _;
        // SAFETY: the head names two pieces of memory that outlive the call, with their lengths.
        let length = unsafe { libc::recvmsg(socket.as_raw_fd(), &raw mut head, flags) };
        let length = usize::try_from(length).map_err(|_| io::Error::last_os_error())?;
        let (mut at, mut kind) = (None, None);
        // SAFETY: the head is the one that the kernel has just filled in.
        let mut next = unsafe { libc::CMSG_FIRSTHDR(&raw const head) };
        // SAFETY: it is null or points into the memory beside, as does what it is followed by.
        while let Some(one) = unsafe { next.as_ref() } {
            // SAFETY: as above.
            let data = unsafe { libc::CMSG_DATA(next) };
            match (one.cmsg_level, one.cmsg_type) {
                (libc::SOL_SOCKET, libc::SCM_TIMESTAMPING) => {
                    // SAFETY: so long is what the kernel puts there: three times, of which the first is the software's.
                    let time: libc::timespec = unsafe { ptr::read_unaligned(data.cast()) };
                    at = Some(time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64);
                }
                (libc::SOL_IP, libc::IP_RECVERR) => {
                    // SAFETY: so long is what the kernel puts there.
                    let told: libc::sock_extended_err = unsafe { ptr::read_unaligned(data.cast()) };
                    kind = Some(told.ee_info);
                }
                _ => (),
            }
            // SAFETY: both are the ones from above.
            next = unsafe { libc::CMSG_NXTHDR(&raw const head, next) };
        }
        Ok((length, at, kind))
    }

    pub(super) fn received(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<(usize, Option<u64>)> {
        message(socket, buffer, 0).map(|(length, at, _)| (length, at))
    }

    pub(super) fn of_the_sent(socket: &UdpSocket) -> Option<(u32, u64)> {
        let told = message(socket, &mut [0; 1], libc::MSG_ERRQUEUE | libc::MSG_DONTWAIT).ok()?;
        Some((told.2?, told.1?))
    }
}

#[cfg(not(target_os = "linux"))]
mod stamps {
    use super::{Reading, UdpSocket, Unavailable, io};

    pub(super) const OUT: u32 = 0;
    pub(super) const IN: u32 = 0;
    pub(super) const KIND_QUEUED: u32 = 1;

    pub(super) fn switch_on(_: &UdpSocket, _: u32) -> Reading<()> {
        Err(Unavailable::because("only Linux stamps datagrams this way"))
    }

    pub(super) fn received(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<(usize, Option<u64>)> {
        socket.recv(buffer).map(|length| (length, None))
    }

    pub(super) fn of_the_sent(_: &UdpSocket) -> Option<(u32, u64)> {
        None
    }
}
