//! Starts the practice providers on their own, prints their addresses and serves until Ctrl-C.
//!
//! Handy for trying a client against a provider without a router between them. A fault for both may be named, and
//! `both` (dialects), `responses` and `lax` change what they are:
//! `cargo run -p evenkeel-practice --example practice -- both responses slow 3s`
#![expect(clippy::print_stdout, reason = "the addresses are what a person wants to see")]

use std::error::Error;

use evenkeel_practice::{Fault, Options, Practice, ProviderOptions};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let mut options = Options::default();
    let mut change = |to: fn(ProviderOptions) -> ProviderOptions| {
        for provider in &mut options.providers {
            *provider = to(provider.clone());
        }
    };
    while let Some(word) = arguments.next_if(|word| ["both", "responses", "lax"].contains(&word.as_str())) {
        match word.as_str() {
            "both" => change(|provider| ProviderOptions::both(&provider.name)),
            "responses" => change(ProviderOptions::with_responses),
            _ => change(ProviderOptions::lax),
        }
    }
    let fault = match arguments.next() {
        Some(name) => Fault::parse(&name, arguments.next().as_deref())?,
        None => Fault::None,
    };
    let practice = Practice::start(options).await?;
    for provider in practice.status() {
        practice.set_fault(&provider.name, fault).await?;
        println!("{}  http://{}  {:?}  {fault}", provider.name, provider.listen, provider.dialects);
    }
    tokio::signal::ctrl_c().await?;
    practice.stop().await;
    Ok(())
}
