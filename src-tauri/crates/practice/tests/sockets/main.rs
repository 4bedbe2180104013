//! The providers as a client meets them: real sockets, both dialects, every fault.

#[cfg(test)]
mod anthropic;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod openai;
#[cfg(test)]
mod port;
#[cfg(test)]
mod support;
