//! A machine with a cable, and the internet at its other end.
//!
//! A test runs itself again inside of a network namespace, where there is nothing but loopback. A second namespace is
//! the internet; a pair of virtual interfaces between the two is the cable.

use std::io::Write;
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};
use std::thread;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::harness::raw::{Raw, Seen, Step};

/// Two providers in the internet, at addresses that are nobody's (RFC 5737).
pub const FIRST: &str = "198.51.100.10";
pub const SECOND: &str = "198.51.100.20";

const INSIDE: &str = "EVENKEEL_TEST_IN_A_NAMESPACE";

/// Runs `body` in a network of its own, as the test of this name.
pub fn alone(name: &str, body: impl AsyncFnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        return runtime.expect("a runtime").block_on(body());
    }
    let Some(unshare) = permitted() else {
        return skipped(name);
    };
    let test = format!("offline::{name}");
    let program = std::env::current_exe().expect("a test has a program");
    let output = Command::new("unshare")
        .args(unshare)
        .arg("--")
        .arg(program)
        .args([test.as_str(), "--exact", "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .expect("unshare runs");
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    // A name that names no test would end well, too.
    let ran = said.contains("1 passed");
    assert!(output.status.success() && ran, "{test}: {}\n{said}", output.status);
    for line in said.lines().filter(|line| line.starts_with("measured: ")) {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

/// How a namespace is made here: as root, or with a user namespace around it; `None` where neither is allowed.
fn permitted() -> Option<&'static [&'static str]> {
    let ways: [&[&str]; 2] = [&["--net"], &["--user", "--map-root-user", "--net"]];
    ways.into_iter().find(|way| {
        let cable = "ip link add try0 type veth peer name try1";
        let tried = Command::new("unshare").args(*way).args(["sh", "-c", cable]).output();
        tried.is_ok_and(|output| output.status.success())
    })
}

fn skipped(name: &str) {
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED {name}: this needs `unshare --net` and `ip link add … type veth` (util-linux, iproute2, and root or \
         user namespaces), which this machine does not allow"
    );
}

/// The machine's cable, and what is behind it. It starts pulled out.
pub struct World {
    /// Holds the other namespace.
    internet: Child,
    /// This machine's end of it.
    cable: &'static str,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.internet.kill();
        let _ = self.internet.wait();
    }
}

impl World {
    pub fn new() -> Self {
        sh("ip link set lo up");
        sh("ip link add cable type veth peer name far");
        let mut internet = Command::new("unshare")
            .args(["--net", "--", "sh", "-c", "echo; exec sleep 600"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare runs");
        // It is in its own namespace once it says something.
        let mut said = [0];
        let out = internet.stdout.as_mut().expect("a pipe");
        std::io::Read::read_exact(out, &mut said).expect("the other namespace");
        let world = Self { internet, cable: "cable" };
        sh(&format!("ip link set far netns {}", world.internet.id()));
        world.there("ip link set lo up");
        world.there("ip addr add 192.0.2.1/24 dev far");
        world.there("ip link set far up");
        for address in [FIRST, SECOND] {
            world.there(&format!("ip addr add {address}/32 dev lo"));
        }
        world
    }

    /// An address, a gateway, and so the internet.
    pub fn plug_in(&self) {
        let cable = self.cable;
        sh(&format!("ip addr add 192.0.2.2/24 dev {cable}"));
        sh(&format!("ip link set {cable} up"));
        sh(&format!("ip route add default via 192.0.2.1 dev {cable}"));
    }

    pub fn pull_out(&self) {
        let cable = self.cable;
        sh(&format!("ip link set {cable} down"));
        sh(&format!("ip addr flush dev {cable}"));
    }

    /// Somebody who answers at this address of the internet.
    pub fn provider(
        &self,
        address: &str,
        port: u16,
        script: impl Fn(&Seen) -> Vec<Step> + Send + Sync + 'static,
    ) -> Raw {
        let namespace = std::fs::File::open(format!("/proc/{}/ns/net", self.internet.id()));
        let namespace = namespace.expect("the other namespace");
        let address = format!("{address}:{port}");
        // A socket stays where it was made, so only the thread that makes it goes there.
        let bind = move || {
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).expect("it opens");
            TcpListener::bind(address).expect("a free port")
        };
        let listener = thread::spawn(bind).join().expect("a listener");
        listener.set_nonblocking(true).expect("a socket");
        Raw::on(tokio::net::TcpListener::from_std(listener).expect("a listener"), script)
    }

    fn there(&self, line: &str) {
        sh(&format!("nsenter --net=/proc/{}/ns/net {line}", self.internet.id()));
    }
}

fn sh(line: &str) {
    let output = Command::new("sh").args(["-c", line]).output().expect("sh runs");
    assert!(output.status.success(), "{line}: {output:?}");
}
