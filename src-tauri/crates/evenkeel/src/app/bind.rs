//! The address: taken once, early, and never silently another one.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
};

use evenkeel_config::edit::{self, Change};

use super::{holder, settings};
use crate::{
    failure::{Code, Failure},
    files,
};

/// How far to look for a free port to offer.
const OFFERED: u16 = 100;

/// Binds `address`, or says who has it and what is free.
pub fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => taken(address),
        io::ErrorKind::AddrNotAvailable => {
            Failure::new(Code::PortInUse, format!("This machine has no address {}.", address.ip()))
                .hint("Listen on 127.0.0.1, or on an address that this machine has.")
        }
        io::ErrorKind::PermissionDenied => {
            Failure::new(Code::PortInUse, format!("The system doesn't let this account listen on {address}."))
                .hint("Ports below 1024 are reserved; choose a higher one with --listen.")
        }
        _ => Failure::new(
            Code::PortInUse,
            format!("Evenkeel can't listen on {address}: {}.", files::reason(&error)),
        )
        .hint("Choose another address with --listen."),
    })
}

fn taken(address: SocketAddr) -> Failure {
    let by = match holder::of(address) {
        Some(holder) => format!("by {holder}"),
        None => "by another program".to_owned(),
    };
    let failure = Failure::new(Code::PortInUse, format!("{address} is already in use {by}."));
    match next_free(address) {
        Some(free) => failure.hint(format!("Stop that program, or listen on a free port: --listen {free}")),
        None => failure.hint("Stop that program, or listen on another port with --listen."),
    }
}

/// An address that another program has, and one that is free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The configured one.
    pub taken: SocketAddr,
    /// The process that has it, where the system tells.
    pub holder: Option<String>,
    /// The next port that nobody has.
    pub free: SocketAddr,
}

/// What could be done about an address that can't be bound because another program has it; `None` where that isn't so,
/// or no port near it is free. Nothing is moved by this.
pub fn offer(address: SocketAddr) -> Option<Offer> {
    match TcpListener::bind(address) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Some(Offer {
            taken: address,
            holder: holder::of(address).map(|holder| holder.to_string()),
            free: next_free(address)?,
        }),
        _ => None,
    }
}

/// Writes another `listen` into the configuration, because a person chose it. It holds from the next start on.
pub fn move_to(config: &Path, free: SocketAddr) -> Result<(), Failure> {
    let text = settings::read_text(config)?.unwrap_or_default();
    let failed = |what: String| {
        Failure::new(Code::ConfigUnwritable, format!("{} {what}.", config.display()))
            .hint(format!("Write listen = \"{free}\" under [server] in it yourself."))
    };
    let change = Change::Set { path: "server.listen".to_owned(), value: free.to_string().into() };
    let text = edit::apply(&text, &[change])
        .map_err(|problem| failed(format!("can't be changed ({})", problem.message)))?;
    files::rewrite(config, &text)
        .map_err(|error| failed(format!("can't be written ({})", files::reason(&error))))
}

fn next_free(address: SocketAddr) -> Option<SocketAddr> {
    (1..=OFFERED)
        .filter_map(|step| address.port().checked_add(step))
        .map(|port| SocketAddr::new(address.ip(), port))
        .find(|candidate| TcpListener::bind(candidate).is_ok())
}

/// The address that a client on this machine uses for a listener: one that listens everywhere is
/// reached over loopback.
pub fn reachable(listen: SocketAddr) -> SocketAddr {
    if listen.ip().is_unspecified() {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), listen.port())
    } else {
        listen
    }
}

/// Reads an address as people type it: with or without `localhost`, or the port alone.
pub fn parse_listen(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let port = text.strip_prefix("localhost:").or_else(|| text.strip_prefix(':')).unwrap_or(text);
    match port.parse() {
        Ok(port) => Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)),
        Err(_) => Err("write it as 127.0.0.1:9950".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_names_its_holder_and_offers_a_free_one() {
        let held = TcpListener::bind("127.0.0.1:0").expect("bound");
        let address = held.local_addr().expect("an address");
        let failure = bind(address).expect_err("it is taken");
        assert!(failure.message.contains(&address.to_string()), "{}", failure.message);
        if cfg!(target_os = "linux") {
            let me = format!("(process {})", std::process::id());
            assert!(failure.message.contains(&me), "{}", failure.message);
        }
        let hint = failure.hint.expect("a free port");
        let free: SocketAddr = hint.rsplit(' ').next().expect("a word").parse().expect("an address");
        assert!(bind(free).is_ok());
    }

    #[test]
    fn a_person_may_move_to_the_port_that_is_offered() {
        let held = TcpListener::bind("127.0.0.1:0").expect("bound");
        let address = held.local_addr().expect("an address");
        let Offer { taken, free, .. } = offer(address).expect("an offer");
        assert!(taken == address && free.ip() == address.ip() && free.port() > address.port());
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("evenkeel.toml");
        let before = format!("# Mine.\n[server]\nlisten = \"{address}\" # usual\n");
        std::fs::write(&file, &before).expect("written");
        move_to(&file, free).expect("moved");
        let after = std::fs::read_to_string(&file).expect("read");
        assert_eq!(after, before.replace(&address.to_string(), &free.to_string()));
        drop(held);
        assert_eq!(offer(address), None);
    }

    #[test]
    fn everywhere_is_reached_over_loopback() {
        let everywhere = "0.0.0.0:9950".parse().expect("an address");
        assert_eq!(reachable(everywhere).to_string(), "127.0.0.1:9950");
    }

    #[test]
    fn addresses_are_read_as_typed() {
        for text in ["127.0.0.1:80", "localhost:80", ":80", "80"] {
            assert_eq!(parse_listen(text).map(|address| address.to_string()), Ok("127.0.0.1:80".to_owned()));
        }
        assert!(parse_listen("example.com:80").is_err());
    }
}
