//! Messages from a client to a relay.

use bytes::Bytes;
use prost::Message as _;

use super::field::{DecodeError, blob, circle, exact, numbers_of, optional, out, seats};
use super::succession;
use crate::frame::{FrameError, encode_frame};
use crate::id::{
    AccessKeyId, AccessProof, CircleId, CircleName, CommitId, LogId, OwnerId, PublishId, ReturnTicket, Seat,
    SeatSecret, Signature, VerificationKey,
};
use crate::succession::Succession;
use crate::version::{Version, VersionRange};
use crate::wire;
use crate::wire::client_to_relay::Message as Wire;

/// A message from a client to a relay.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is explained at its own type or in proto/shepot.proto")]
pub enum ClientToRelay {
    Hello(Hello),
    Enter(Enter),
    CreateGroup(CreateGroup),
    JoinLease { circle: CircleId },
    GroupInfoResponse(GroupInfoResponse),
    Commit(Commit),
    Endorse(Endorse),
    Publish(Publish),
    Signal(Signal),
    Leave { circle: CircleId },
    Ping { nonce: u64 },
    ShowRecord,
}

/// The first message of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The protocol versions that the client supports.
    pub versions: VersionRange,
    /// The id of the access key and the proof of holding it, bound to this connection. `None` for an open relay.
    pub access: Option<(AccessKeyId, AccessProof)>,
    /// The last ticket that the relay gave. `None`: the client has none.
    pub return_ticket: Option<ReturnTicket>,
}

/// Asks for a place in a circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enter {
    /// Name of the circle in its current generation.
    pub name: CircleName,
    /// The seat that the member's leaf names.
    pub seat: Seat,
    /// The secret that the seat is derived from. It is shown again at every return.
    pub seat_secret: SeatSecret,
    /// The state from an earlier connection. `None`: the client is a newcomer.
    pub resume: Option<Resume>,
    /// The owner's word that began the generation of the circle. `None` in generation 0.
    pub succession: Option<Succession>,
    /// The owner of the circle. The same name with another owner leads to another circle.
    pub owner: Option<OwnerId>,
}

impl Enter {
    /// The id by which all other frames name the circle.
    #[must_use]
    pub fn circle(&self) -> CircleId {
        self.succession.map_or(CircleId(self.name.0), |succession| succession.circle)
    }
}

/// State that a returning member shows to get its seat back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The id of the log that the cursor belongs to.
    pub log_id: LogId,
    /// The first sequence number not yet read.
    pub cursor: u64,
    /// The epoch of the member's state.
    pub epoch: u64,
    /// The verification key of that epoch.
    pub verification_key: VerificationKey,
    /// Signature over [`crate::transcript::seat`].
    pub proof: Signature,
}

/// Reports that the founder has created the group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateGroup {
    /// The circle that the message concerns.
    pub circle: CircleId,
    /// The group's first epoch.
    pub epoch: u64,
    /// The verification key of that epoch.
    pub verification_key: VerificationKey,
}

/// Answers `GroupInfoRequest` with sealed group information for a newcomer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupInfoResponse {
    /// The circle that the message concerns.
    pub circle: CircleId,
    /// The number of the request that this answers.
    pub ask_id: u64,
    /// Epoch of the group information.
    pub epoch: u64,
    /// The sealed blob, opaque to the relay.
    pub group_information: Bytes,
}

/// A commit, for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The circle that the message concerns.
    pub circle: CircleId,
    /// The epoch that the commit ends.
    pub base_epoch: u64,
    /// The sealed blob, opaque to the relay.
    pub blob: Bytes,
    /// The author's own endorsement. `None`: the author is a newcomer.
    pub endorsement: Option<Endorsement>,
    /// In a removal of the departed, the last entry of the log that the author had read. Otherwise `u64::MAX`.
    pub seen: u64,
    /// What the relay needs to know about an owner's action. `None` for other commits.
    pub eviction: Option<Eviction>,
}

/// What an owner's action does to a circle (docs/PROTOCOL.md, section 15.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eviction {
    /// The seats of all remaining leaves, at most [`crate::limits::CIRCLE_MEMBERS`].
    pub staying: Vec<Seat>,
    /// The name of the circle from then on.
    pub next_name: CircleName,
    /// The owner's word for the generation that begins.
    pub succession: Succession,
}

/// A member's signature that a commit is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endorsement {
    /// The verification key of the epoch that the commit begins.
    pub next_verification_key: VerificationKey,
    /// Signature over [`crate::transcript::endorsement`].
    pub signature: Signature,
}

/// A member's answer to a tentative commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endorse {
    /// The circle that the message concerns.
    pub circle: CircleId,
    /// Id of the tentative commit.
    pub commit: CommitId,
    /// The endorsement. `None` speaks against the commit.
    pub endorsement: Option<Endorsement>,
}

/// A message, for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publish {
    /// The circle that the message concerns.
    pub circle: CircleId,
    /// The id of the message, which is the same on every retry.
    pub publish_id: PublishId,
    /// The epoch whose keys encrypt it.
    pub epoch: u64,
    /// The sealed blob, opaque to the relay.
    pub blob: Bytes,
}

/// A sealed blob for members who are connected now. It is sent in both directions and not logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// The circle that the message concerns.
    pub circle: CircleId,
    /// The epoch whose keys encrypt it.
    pub epoch: u64,
    /// The sealed blob, opaque to the relay.
    pub blob: Bytes,
}

impl ClientToRelay {
    /// Decodes the message of one frame.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the peer does not follow the grammar.
    pub fn decode(frame: Bytes) -> Result<Self, DecodeError> {
        let message = wire::ClientToRelay::decode(frame)?.message.ok_or(DecodeError::Unknown("message"))?;
        Ok(match message {
            Wire::Hello(hello) => Self::Hello(Hello::from_wire(&hello)?),
            Wire::Enter(enter) => Self::Enter(Enter {
                name: CircleName(exact(&enter.name, "name")?),
                seat: Seat(enter.seat),
                seat_secret: SeatSecret(exact(&enter.seat_secret, "seat_secret")?),
                resume: enter.resume.map(|resume| Resume::from_wire(&resume)).transpose()?,
                succession: enter
                    .succession
                    .map(|succession| succession::from_wire(&succession))
                    .transpose()?,
                owner: optional(&enter.owner, "owner")?.map(OwnerId),
            }),
            Wire::CreateGroup(created) => Self::CreateGroup(CreateGroup {
                circle: circle(&created.circle)?,
                epoch: created.epoch,
                verification_key: VerificationKey(exact(&created.verification_key, "verification_key")?),
            }),
            Wire::JoinLease(lease) => Self::JoinLease { circle: circle(&lease.circle)? },
            Wire::GroupInfoResponse(answer) => Self::GroupInfoResponse(GroupInfoResponse {
                circle: circle(&answer.circle)?,
                ask_id: answer.ask_id,
                epoch: answer.epoch,
                group_information: blob(answer.group_information)?,
            }),
            Wire::Commit(commit) => Self::Commit(Commit {
                circle: circle(&commit.circle)?,
                base_epoch: commit.base_epoch,
                blob: blob(commit.blob)?,
                endorsement: commit
                    .endorsement
                    .map(|endorsement| Endorsement::from_wire(&endorsement))
                    .transpose()?,
                seen: commit.seen,
                eviction: commit.eviction.map(Eviction::from_wire).transpose()?,
            }),
            Wire::Endorse(endorse) => Self::Endorse(Endorse {
                circle: circle(&endorse.circle)?,
                commit: CommitId(exact(&endorse.commit_id, "commit_id")?),
                endorsement: endorse
                    .endorsement
                    .map(|endorsement| Endorsement::from_wire(&endorsement))
                    .transpose()?,
            }),
            Wire::Publish(publish) => Self::Publish(Publish {
                circle: circle(&publish.circle)?,
                publish_id: PublishId(exact(&publish.publish_id, "publish_id")?),
                epoch: publish.epoch,
                blob: blob(publish.blob)?,
            }),
            Wire::Signal(signal) => Self::Signal(Signal::from_wire(signal)?),
            Wire::Leave(leave) => Self::Leave { circle: circle(&leave.circle)? },
            Wire::Ping(ping) => Self::Ping { nonce: ping.nonce },
            Wire::ShowRecord(_) => Self::ShowRecord,
        })
    }

    /// Encodes this message as one frame.
    ///
    /// # Errors
    ///
    /// [`FrameError`] if a blob is larger than a frame.
    pub fn to_frame(&self) -> Result<Bytes, FrameError> {
        encode_frame(&wire::ClientToRelay { message: Some(self.to_wire()) }.encode_to_vec())
    }

    fn to_wire(&self) -> Wire {
        match self {
            Self::Hello(hello) => Wire::Hello(hello.to_wire()),
            Self::Enter(enter) => Wire::Enter(wire::Enter {
                name: out(&enter.name.0),
                seat: enter.seat.0,
                seat_secret: out(&enter.seat_secret.0),
                resume: enter.resume.as_ref().map(Resume::to_wire),
                succession: enter.succession.as_ref().map(succession::to_wire),
                owner: enter.owner.map_or_else(Bytes::new, |owner| out(&owner.0)),
            }),
            Self::CreateGroup(created) => Wire::CreateGroup(wire::CreateGroup {
                circle: out(&created.circle.0),
                epoch: created.epoch,
                verification_key: out(&created.verification_key.0),
            }),
            Self::JoinLease { circle } => Wire::JoinLease(wire::JoinLease { circle: out(&circle.0) }),
            Self::GroupInfoResponse(answer) => Wire::GroupInfoResponse(wire::GroupInfoResponse {
                circle: out(&answer.circle.0),
                ask_id: answer.ask_id,
                epoch: answer.epoch,
                group_information: answer.group_information.clone(),
            }),
            Self::Commit(commit) => Wire::Commit(wire::Commit {
                circle: out(&commit.circle.0),
                base_epoch: commit.base_epoch,
                blob: commit.blob.clone(),
                endorsement: commit.endorsement.as_ref().map(Endorsement::to_wire),
                seen: commit.seen,
                eviction: commit.eviction.as_ref().map(Eviction::to_wire),
            }),
            Self::Endorse(endorse) => Wire::Endorse(wire::Endorse {
                circle: out(&endorse.circle.0),
                commit_id: out(&endorse.commit.0),
                endorsement: endorse.endorsement.as_ref().map(Endorsement::to_wire),
            }),
            Self::Publish(publish) => Wire::Publish(wire::Publish {
                circle: out(&publish.circle.0),
                publish_id: out(&publish.publish_id.0),
                epoch: publish.epoch,
                blob: publish.blob.clone(),
            }),
            Self::Signal(signal) => Wire::Signal(signal.to_wire()),
            Self::Leave { circle } => Wire::Leave(wire::Leave { circle: out(&circle.0) }),
            Self::Ping { nonce } => Wire::Ping(wire::Ping { nonce: *nonce }),
            Self::ShowRecord => Wire::ShowRecord(wire::ShowRecord {}),
        }
    }
}

impl Hello {
    fn from_wire(hello: &wire::Hello) -> Result<Self, DecodeError> {
        let versions =
            VersionRange { lowest: Version(hello.lowest_version), highest: Version(hello.highest_version) };
        if versions.lowest > versions.highest {
            return Err(DecodeError::Field("highest_version"));
        }
        let access = if hello.access_proof.is_empty() && hello.access_key_id.is_empty() {
            None
        } else {
            let id = AccessKeyId(exact(&hello.access_key_id, "access_key_id")?);
            Some((id, AccessProof(exact(&hello.access_proof, "access_proof")?)))
        };
        let return_ticket = optional(&hello.return_ticket, "return_ticket")?.map(ReturnTicket);
        Ok(Self { versions, access, return_ticket })
    }

    fn to_wire(&self) -> wire::Hello {
        let (access_key_id, access_proof) = match &self.access {
            Some((id, proof)) => (out(&id.0), out(&proof.0)),
            None => (Bytes::new(), Bytes::new()),
        };
        wire::Hello {
            lowest_version: self.versions.lowest.0,
            highest_version: self.versions.highest.0,
            access_proof,
            access_key_id,
            return_ticket: self.return_ticket.map_or_else(Bytes::new, |ticket| out(&ticket.0)),
        }
    }
}

impl Resume {
    fn from_wire(resume: &wire::Resume) -> Result<Self, DecodeError> {
        Ok(Self {
            log_id: LogId(exact(&resume.log_id, "log_id")?),
            cursor: resume.cursor,
            epoch: resume.epoch,
            verification_key: VerificationKey(exact(&resume.verification_key, "verification_key")?),
            proof: Signature(exact(&resume.proof, "proof")?),
        })
    }

    fn to_wire(&self) -> wire::Resume {
        wire::Resume {
            log_id: out(&self.log_id.0),
            cursor: self.cursor,
            epoch: self.epoch,
            verification_key: out(&self.verification_key.0),
            proof: out(&self.proof.0),
        }
    }
}

impl Eviction {
    fn from_wire(eviction: wire::Eviction) -> Result<Self, DecodeError> {
        let succession = eviction.succession.ok_or(DecodeError::Field("succession"))?;
        Ok(Self {
            staying: seats(eviction.staying, "staying")?,
            next_name: CircleName(exact(&eviction.next_name, "next_name")?),
            succession: succession::from_wire(&succession)?,
        })
    }

    fn to_wire(&self) -> wire::Eviction {
        wire::Eviction {
            staying: numbers_of(&self.staying),
            next_name: out(&self.next_name.0),
            succession: Some(succession::to_wire(&self.succession)),
        }
    }
}

impl Endorsement {
    fn from_wire(endorsement: &wire::Endorsement) -> Result<Self, DecodeError> {
        Ok(Self {
            next_verification_key: VerificationKey(exact(
                &endorsement.next_verification_key,
                "next_verification_key",
            )?),
            signature: Signature(exact(&endorsement.signature, "signature")?),
        })
    }

    fn to_wire(&self) -> wire::Endorsement {
        wire::Endorsement {
            next_verification_key: out(&self.next_verification_key.0),
            signature: out(&self.signature.0),
        }
    }
}

impl Signal {
    pub(super) fn from_wire(signal: wire::Signal) -> Result<Self, DecodeError> {
        let circle = circle(&signal.circle)?;
        Ok(Self { circle, epoch: signal.epoch, blob: blob(signal.blob)? })
    }

    pub(super) fn to_wire(&self) -> wire::Signal {
        wire::Signal { circle: out(&self.circle.0), epoch: self.epoch, blob: self.blob.clone() }
    }
}
