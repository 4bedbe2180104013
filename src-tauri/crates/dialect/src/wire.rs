//! What is written to providers, as types: their fields, names and order are the wire format.

pub(crate) mod chat;
pub(crate) mod messages;
