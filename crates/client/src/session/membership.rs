//! A member's state of one circle, and what of it outlives a connection. Plain data: the session's other files work on it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use bytes::Bytes;
use shepot_group::{Group, JoinNonce, LogTranscript, MemberKey, Profile};
use shepot_protocol::message::Commit;
use shepot_protocol::{CommitId, LogId};

use super::leafless_seats::LeaflessSeats;
use crate::content::Content;
use crate::model::PersonKey;

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
    pub(super) stage: Stage,
    pub(super) acknowledgements: Vec<AcknowledgementDue>,
    pub(super) endorsed: HashSet<CommitId>,
    /// What was encrypted before was not for us.
    pub(super) joined_epoch: u64,
    /// Seats that somebody holds and no leaf has.
    pub(super) leafless_seats: LeaflessSeats,
    pub(super) renew_keys_at: Option<Duration>,
    pub(super) new_profile: Option<Profile>,
    pub(super) rank_jitter: Duration,
}

/// How far a member has come on its way into the circle, or back into it.
#[derive(Default)]
pub(super) enum Stage {
    /// Joined; nobody has acknowledged it. It may have lost its connection meanwhile, and read what it missed.
    AwaitingAcknowledgement(Awaited, Option<CatchingUp>),
    /// Came back: everything up to there is read before anything is sent.
    CatchingUp(CatchingUp),
    #[default]
    Active,
}

impl Membership {
    /// What a newcomer waits for; none: it is in.
    pub(super) const fn awaited(&self) -> Option<&Awaited> {
        match &self.stage {
            Stage::AwaitingAcknowledgement(awaited, _) => Some(awaited),
            Stage::CatchingUp(_) | Stage::Active => None,
        }
    }

    pub(super) const fn awaited_mut(&mut self) -> Option<&mut Awaited> {
        match &mut self.stage {
            Stage::AwaitingAcknowledgement(awaited, _) => Some(awaited),
            Stage::CatchingUp(_) | Stage::Active => None,
        }
    }

    pub(super) const fn is_acknowledged(&self) -> bool {
        self.awaited().is_none()
    }

    /// Everything that was missed is read.
    pub(super) const fn is_caught_up(&self) -> bool {
        matches!(self.stage, Stage::AwaitingAcknowledgement(_, None) | Stage::Active)
    }

    /// Somebody echoed this nonce; gives what was awaited, if it is ours.
    pub(super) fn acknowledged(&mut self, nonce: &JoinNonce) -> Option<Awaited> {
        if self.awaited()?.nonce != *nonce {
            return None;
        }
        let Stage::AwaitingAcknowledgement(awaited, missed) = std::mem::take(&mut self.stage) else {
            return None;
        };
        self.stage = missed.map_or(Stage::Active, Stage::CatchingUp);
        Some(awaited)
    }

    /// It came back, and reads what it missed.
    pub(super) fn catch_up(&mut self, missed: CatchingUp) {
        self.stage = match std::mem::take(&mut self.stage) {
            Stage::AwaitingAcknowledgement(awaited, _) => {
                Stage::AwaitingAcknowledgement(awaited, Some(missed))
            }
            Stage::CatchingUp(_) | Stage::Active => Stage::CatchingUp(missed),
        };
    }

    /// What it came back for, once everything up to there is read; given once.
    pub(super) fn caught_up(&mut self) -> Option<CatchingUp> {
        let position = self.log.position();
        let is_read = |missed: &CatchingUp| missed.head <= position;
        match std::mem::take(&mut self.stage) {
            Stage::AwaitingAcknowledgement(awaited, mut missed) => {
                let read = missed.take_if(|missed| is_read(missed));
                self.stage = Stage::AwaitingAcknowledgement(awaited, missed);
                read
            }
            Stage::CatchingUp(missed) if is_read(&missed) => Some(missed),
            stage @ (Stage::CatchingUp(_) | Stage::Active) => {
                self.stage = stage;
                None
            }
        }
    }
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
    pub(super) later: Vec<(u64, PersonKey, Content)>,
}

pub(super) struct AcknowledgementDue {
    pub(super) nonce: JoinNonce,
    pub(super) at: Duration,
}
