//! A socket that is its own peer: what is sent from it arrives at it.

use crate::reading::{Reading, Unavailable};
use std::io;
use std::net::UdpSocket;
use std::ops::Deref;
use std::time::Duration;

/// A [`UdpSocket`] on the loopback device, connected to itself. What does not arrive within a second is an error.
#[derive(Debug)]
pub struct Home(UdpSocket);

impl Deref for Home {
    type Target = UdpSocket;

    fn deref(&self) -> &UdpSocket {
        &self.0
    }
}

impl Home {
    /// An address of its own.
    ///
    /// # Errors
    /// Where there is no loopback device.
    ///
    /// ```
    /// use helpers::io::Home;
    /// // Where does a letter to oneself arrive?
    /// if let Ok(home) = Home::new() {
    ///     home.send(b"dear me").unwrap();
    ///     assert_eq!(home.take().unwrap(), 7);
    /// }
    /// ```
    pub fn new() -> Reading<Self> {
        let made = || {
            let socket = UdpSocket::bind("127.0.0.1:0")?;
            socket.connect(socket.local_addr()?)?;
            socket.set_read_timeout(Some(Duration::from_secs(1)))?;
            Ok(Self(socket))
        };
        made().map_err(|error: io::Error| Unavailable::refused("a socket on the loopback device", &error))
    }

    /// Takes the next datagram: how long it is.
    ///
    /// # Errors
    /// When none has come within a second.
    pub fn take(&self) -> io::Result<usize> {
        self.recv(&mut [0; 2048])
    }

    /// Takes so many datagrams.
    ///
    /// # Errors
    /// When one of them has not come within a second.
    pub fn take_all(&self, datagrams: usize) -> io::Result<()> {
        (0..datagrams).try_for_each(|_| self.take().map(drop))
    }

    /// Hands the kernel many datagrams in one call: all these bytes, to be cut into pieces of this length (`UDP_SEGMENT`).
    ///
    /// # Errors
    /// Where the kernel does not cut, or refuses.
    #[cfg(target_os = "linux")]
    pub fn send_in_pieces(&self, bytes: &[u8], length: u16) -> io::Result<usize> {
        use std::mem::{size_of, zeroed};
        use std::os::fd::AsRawFd;

        /// Aligned as the head of what goes beside a datagram wants it.
        #[repr(C, align(8))]
        struct Beside([u8; 64]);
        let mut beside = Beside([0; 64]);
        let mut part = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
        let size = size_of::<u16>() as libc::c_uint;
        // SAFETY: every field of msghdr is a number or a pointer, for which zero is a value.
        let mut head: libc::msghdr = unsafe { zeroed() };
        (head.msg_iov, head.msg_iovlen) = (&raw mut part, 1);
        head.msg_control = (&raw mut beside.0).cast();
        // SAFETY: it only reckons.
        head.msg_controllen = unsafe { libc::CMSG_SPACE(size) } as _;
        // SAFETY: there is room for a head and two bytes beside, aligned; the parts it names outlive the call.
        let sent = unsafe {
            let beside = libc::CMSG_FIRSTHDR(&raw const head);
            (*beside).cmsg_level = libc::SOL_UDP;
            (*beside).cmsg_type = libc::UDP_SEGMENT;
            (*beside).cmsg_len = libc::CMSG_LEN(size) as _;
            libc::CMSG_DATA(beside).cast::<u16>().write_unaligned(length);
            libc::sendmsg(self.as_raw_fd(), &raw const head, 0)
        };
        usize::try_from(sent).map_err(|_| io::Error::last_os_error())
    }

    /// Only Linux cuts.
    ///
    /// # Errors
    /// Always.
    #[cfg(not(target_os = "linux"))]
    pub fn send_in_pieces(&self, _: &[u8], _: u16) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn one_call_makes_many_datagrams() {
        let Ok(home) = Home::new() else { return };
        if home.send_in_pieces(&[7; 500], 100).is_ok() {
            assert!((0..5).all(|_| home.take().unwrap() == 100));
        }
    }
}
