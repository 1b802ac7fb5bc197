//! The state of a member in one circle, and what of it outlives a connection. Plain data, which the other files change.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use bytes::Bytes;
use shepot_group::{Group, JoinNonce, LogTranscript, MemberKey, Profile};
use shepot_protocol::message::Commit;
use shepot_protocol::{CommitId, LogId};

use super::leafless_seats::LeaflessSeats;
use crate::content::Content;
use crate::model::PersonKey;

/// The state of a member. It outlives connections.
pub(super) struct Membership {
    pub(super) group: Group,
    pub(super) log: LogTranscript,
    pub(super) log_id: LogId,
    /// The seats that are present, as of the log's position.
    pub(super) present: BTreeSet<u64>,
    /// The members who are absent: since when, and whether they left (true) or were lost (false).
    pub(super) absent: BTreeMap<MemberKey, (Duration, bool)>,
    pub(super) last_heard: HashMap<MemberKey, Duration>,
    /// The members who are present but were not heard for long.
    pub(super) silent: BTreeSet<MemberKey>,
    pub(super) last_said: Duration,
    pub(super) own_commit: Option<OwnCommitOnItsWay>,
    pub(super) stage: Stage,
    pub(super) acknowledgements: Vec<AcknowledgementDue>,
    pub(super) endorsed: HashSet<CommitId>,
    /// The epoch that we joined in. We cannot read what was encrypted before it.
    pub(super) joined_epoch: u64,
    /// Seats that are held although no leaf names them.
    pub(super) leafless_seats: LeaflessSeats,
    pub(super) renew_keys_at: Option<Duration>,
    pub(super) new_profile: Option<Profile>,
    pub(super) rank_jitter: Duration,
}

/// The progress of a member on its way into the circle or back into it.
#[derive(Default)]
pub(super) enum Stage {
    /// Joined, and not acknowledged yet. Also if it lost the connection since then and reads what it missed.
    AwaitingAcknowledgement(Awaited, Option<CatchingUp>),
    /// Came back, and reads what it missed before it sends anything.
    CatchingUp(CatchingUp),
    #[default]
    Active,
}

impl Membership {
    /// What a newcomer waits for. `None`: it is in the circle.
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

    /// Whether it has read everything that it missed.
    pub(super) const fn is_caught_up(&self) -> bool {
        matches!(self.stage, Stage::AwaitingAcknowledgement(_, None) | Stage::Active)
    }

    /// Somebody echoed this nonce. Returns what was awaited, if the nonce is ours.
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

    /// It came back and reads what it missed.
    pub(super) fn catch_up(&mut self, missed: CatchingUp) {
        self.stage = match std::mem::take(&mut self.stage) {
            Stage::AwaitingAcknowledgement(awaited, _) => {
                Stage::AwaitingAcknowledgement(awaited, Some(missed))
            }
            Stage::CatchingUp(_) | Stage::Active => Stage::CatchingUp(missed),
        };
    }

    /// Returns once, when everything missed is read, what that was.
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

/// The head of the log and the epoch of the circle when we came back.
pub(super) struct CatchingUp {
    pub(super) head: u64,
    pub(super) epoch: u64,
    /// The log is the one that we read before. So what is not in it never arrived.
    pub(super) same_log: bool,
}

pub(super) struct OwnCommitOnItsWay {
    pub(super) id: CommitId,
    pub(super) base_epoch: u64,
    pub(super) blob: Bytes,
    /// The frame as it was given to the relay.
    pub(super) frame: Commit,
}

pub(super) struct Awaited {
    pub(super) nonce: JoinNonce,
    pub(super) until: Duration,
    /// What was said about the rooms since the join, applied again on top of what the acknowledgement tells.
    pub(super) later: Vec<(u64, PersonKey, Content)>,
}

pub(super) struct AcknowledgementDue {
    pub(super) nonce: JoinNonce,
    pub(super) at: Duration,
}
