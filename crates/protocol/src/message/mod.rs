//! Messages, named by direction, with every field checked. What [`ClientToRelay::decode`] and [`RelayToClient::decode`]
//! return has the sizes given in docs/PROTOCOL.md. Nothing else about it is verified.

mod client_to_relay;
mod field;
mod refusal;
mod relay_to_client;
mod succession;

pub use client_to_relay::{
    ClientToRelay, Commit, CreateGroup, Endorse, Endorsement, Enter, Eviction, GroupInfoResponse, Hello,
    Publish, Resume, Signal,
};
pub use field::DecodeError;
pub use refusal::{Refusal, RefusalCause, RequestKind};
pub use relay_to_client::{
    Conflict, ConflictCause, Delivery, Entered, Entry, Final, Gap, GroupInfoRequest, Leased, Limits,
    NoticeKind, PresenceChange, Published, Record, RelayToClient, Standing, Tentative, Welcome,
};

#[cfg(test)]
mod refused;
#[cfg(test)]
mod tests;
