//! Starts the practice providers on their own, prints their addresses and serves until Ctrl-C.
//!
//! Handy for trying a client against a provider without a router between them. A fault for both may be named:
//! `cargo run -p evenkeel-practice --example practice -- slow 3s`
#![expect(clippy::print_stdout, reason = "the addresses are what a person wants to see")]

use std::error::Error;

use evenkeel_practice::{Fault, Options, Practice};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let fault = match arguments.next() {
        Some(name) => Fault::parse(&name, arguments.next().as_deref())?,
        None => Fault::None,
    };
    let practice = Practice::start(Options::default()).await?;
    for provider in practice.status() {
        practice.set_fault(&provider.name, fault).await?;
        println!("{}  http://{}  {fault}", provider.name, provider.listen);
    }
    tokio::signal::ctrl_c().await?;
    practice.stop().await;
    Ok(())
}
