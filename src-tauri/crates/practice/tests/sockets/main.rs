//! The providers as a client meets them: real sockets, every dialect, every fault.

#[cfg(test)]
mod alike;
#[cfg(test)]
mod anthropic;
#[cfg(test)]
mod caching;
#[cfg(test)]
mod dialects;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod files;
#[cfg(test)]
mod openai;
#[cfg(test)]
mod port;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod responses;
#[cfg(test)]
mod rules_anthropic;
#[cfg(test)]
mod rules_openai;
#[cfg(test)]
mod shapes;
#[cfg(test)]
mod support;
#[cfg(test)]
mod thinking;
#[cfg(test)]
mod tools;
