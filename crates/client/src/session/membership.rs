//! A member's state of one circle, and what of it outlives a connection. Plain data: the session's other files work on it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use bytes::Bytes;
use shepot_group::{Group, JoinNonce, LogTranscript, MemberKey, Profile};
use shepot_protocol::message::Commit;
use shepot_protocol::{CommitId, LogId};

use super::leafless_seats::LeaflessSeats;
use crate::content::Content;

/// A member's state; outlives connections.
pub(super) struct Membership {
    pub(super) group: Group,
    pub(super) log: LogTranscript,
    pub(super) log_id: LogId,
    /// Who is here as of the log's position.
    pub(super) present: BTreeSet<u64>,
    /// Who is not here any more: since when, and whether it said so.
    pub(super) absent: BTreeMap<MemberKey, (Duration, bool)>,
    pub(super) last_heard: HashMap<MemberKey, Duration>,
    /// Who is here but was not heard for long.
    pub(super) silent: BTreeSet<MemberKey>,
    pub(super) last_said: Duration,
    pub(super) own_commit: Option<OwnCommitOnItsWay>,
    /// A newcomer counts as in when this was echoed.
    pub(super) awaited: Option<Awaited>,
    pub(super) acknowledgements: Vec<AcknowledgementDue>,
    pub(super) endorsed: HashSet<CommitId>,
    /// What was encrypted before was not for us.
    pub(super) joined_epoch: u64,
    /// Seats that somebody holds and no leaf has.
    pub(super) leafless_seats: LeaflessSeats,
    /// After a return: up to where everything is read before anything is sent.
    pub(super) catching_up_to: Option<CatchingUp>,
    pub(super) renew_keys_at: Option<Duration>,
    pub(super) new_profile: Option<Profile>,
    pub(super) rank_jitter: Duration,
}

/// The log's head and the relay's epoch when we returned.
pub(super) struct CatchingUp {
    pub(super) head: u64,
    pub(super) epoch: u64,
    /// In the log that we read before: what is not in it never arrived.
    pub(super) same_log: bool,
}

pub(super) struct OwnCommitOnItsWay {
    pub(super) id: CommitId,
    pub(super) base_epoch: u64,
    pub(super) blob: Bytes,
    /// As it was given to the relay.
    pub(super) frame: Commit,
}

pub(super) struct Awaited {
    pub(super) nonce: JoinNonce,
    pub(super) until: Duration,
    /// What happened to the rooms since the join: done again on top of what the acknowledgement tells.
    pub(super) later: Vec<(u64, Content)>,
}

pub(super) struct AcknowledgementDue {
    pub(super) nonce: JoinNonce,
    pub(super) at: Duration,
}
