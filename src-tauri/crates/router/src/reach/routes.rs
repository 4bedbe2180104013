//! The system's word on whether there is a way to anywhere.
//!
//! A UDP socket that is "connected" sends nothing: the system only looks up the route and chooses the address that
//! it would send from. That is the same on Linux, macOS and Windows, knows about policy routes, blackholes and VPNs,
//! and takes a few microseconds; reading the tables would be a parser for each system and know less. The address
//! chosen is also a good sign of change: another network gives another one.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Nobody's (RFC 5737), and out there for every routing table.
const SOMEWHERE_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1));
/// The beginning of what is global (RFC 4291), given to nobody.
const SOMEWHERE_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 1));

/// Whether and from where the system would send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Routes {
    v4: Route,
    v6: Route,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    From(IpAddr),
    Gone,
    /// The system would not say; that is no evidence of anything.
    Unknown,
}

impl Routes {
    /// As they are now. Does not block.
    pub(super) fn now() -> Self {
        Self {
            v4: route(Ipv4Addr::UNSPECIFIED.into(), SOMEWHERE_V4),
            v6: route(Ipv6Addr::UNSPECIFIED.into(), SOMEWHERE_V6),
        }
    }

    /// The system knows no way beyond its own networks.
    pub(super) fn are_gone(self) -> bool {
        self.v4 == Route::Gone && self.v6 == Route::Gone
    }
}

fn route(own: IpAddr, to: IpAddr) -> Route {
    let chosen = UdpSocket::bind(SocketAddr::new(own, 0)).and_then(|socket| {
        socket.connect(SocketAddr::new(to, 443))?;
        Ok(socket.local_addr()?.ip())
    });
    match chosen {
        Ok(from) if leads_nowhere(from) => Route::Gone,
        Ok(from) => Route::From(from),
        Err(error) => match error.kind() {
            ErrorKind::NetworkUnreachable
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::AddrNotAvailable
            | ErrorKind::Unsupported => Route::Gone,
            // Linux has no kind for a family that is switched off (EAFNOSUPPORT).
            _ if error.raw_os_error() == Some(NO_SUCH_FAMILY) => Route::Gone,
            _ => Route::Unknown,
        },
    }
}

#[cfg(target_os = "linux")]
const NO_SUCH_FAMILY: i32 = 97;
#[cfg(all(unix, not(target_os = "linux")))]
const NO_SUCH_FAMILY: i32 = 47;
#[cfg(windows)]
const NO_SUCH_FAMILY: i32 = 10_047;

/// Addresses that a machine gives itself when nobody else does.
fn leads_nowhere(from: IpAddr) -> bool {
    match from {
        IpAddr::V4(from) => from.is_link_local() || from.is_loopback() || from.is_unspecified(),
        IpAddr::V6(from) => from.is_unicast_link_local() || from.is_loopback() || from.is_unspecified(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_a_machine_gave_itself_is_no_way_out() {
        for (from, nowhere) in [
            ("169.254.7.7", true),
            ("127.0.0.1", true),
            ("fe80::1", true),
            ("192.168.1.20", false),
            ("2001:db8::20", false),
        ] {
            assert_eq!(leads_nowhere(from.parse().expect("an address")), nowhere, "{from}");
        }
    }

    #[test]
    fn only_a_clear_no_from_both_families_says_that_there_is_no_way() {
        let here = Route::From(IpAddr::V4(Ipv4Addr::new(192, 168, 1, 20)));
        for (v4, v6, gone) in [
            (Route::Gone, Route::Gone, true),
            (here, Route::Gone, false),
            (Route::Gone, here, false),
            (Route::Gone, Route::Unknown, false),
            (Route::Unknown, Route::Unknown, false),
        ] {
            assert_eq!(Routes { v4, v6 }.are_gone(), gone, "{v4:?} {v6:?}");
        }
    }
}
