//! Who listens on a port. Only Linux tells without a program of its own to run: a table of sockets,
//! and for each process a folder of what it has open.

use std::{fmt, net::SocketAddr};

/// The process that has the port.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux can tell"))]
pub(super) struct Holder {
    name: String,
    pid: u32,
}

impl fmt::Display for Holder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} (process {})", self.name, self.pid)
    }
}

/// The holder of `address`, where the system lets us see it (another account's processes it doesn't).
#[cfg(target_os = "linux")]
pub(super) fn of(address: SocketAddr) -> Option<Holder> {
    let inodes = listening_sockets(address.port());
    let processes = std::fs::read_dir("/proc").ok()?;
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .find(|pid| has_open(*pid, &inodes))
        .map(|pid: u32| {
            let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            Holder { name: name.trim().to_owned(), pid }
        })
}

#[cfg(not(target_os = "linux"))]
pub(super) fn of(_: SocketAddr) -> Option<Holder> {
    None
}

/// The inodes of the sockets that listen on this port, of either family: whoever listens everywhere
/// holds the port of every address.
#[cfg(target_os = "linux")]
fn listening_sockets(port: u16) -> Vec<String> {
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .flat_map(|table| table.lines().skip(1).filter_map(|line| listener(line, port)).collect::<Vec<_>>())
        .collect()
}

/// The inode in a line of the table if it is a listener on that port. Columns (proc(5)): number, local
/// address as hex `IP:PORT`, remote address, state (0A is listening), queues, timers, retransmits, user,
/// time-out, inode.
#[cfg(target_os = "linux")]
fn listener(line: &str, port: u16) -> Option<String> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let (_, local_port) = columns.get(1)?.rsplit_once(':')?;
    let matches = u16::from_str_radix(local_port, 16) == Ok(port) && *columns.get(3)? == "0A";
    if matches { columns.get(9).map(|inode| (*inode).to_owned()) } else { None }
}

#[cfg(target_os = "linux")]
fn has_open(pid: u32, inodes: &[String]) -> bool {
    let Ok(open) = std::fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok()).any(|target| {
        let target = target.to_string_lossy();
        let inode = target.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']'));
        inode.is_some_and(|inode| inodes.iter().any(|known| known == inode))
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_a_listener_on_the_port_counts() {
        let listens = "   0: 0100007F:26DE 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 1 0 100 0 0 10 0";
        assert_eq!(listener(listens, 9950), Some("12345".to_owned()));
        assert_eq!(listener(listens, 9951), None);
        assert_eq!(listener(&listens.replace(" 0A ", " 01 "), 9950), None);
        assert_eq!(listener("", 9950), None);
    }
}
