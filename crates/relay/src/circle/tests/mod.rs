//! Every rule of docs/PROTOCOL.md, sections 6, 9, 10 and 14, against the real state machine and real signatures.

use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use shepot_protocol::message::{
    Conflict, ConflictCause, Delivery, Endorsement, Entered, Entry, Eviction, Final, GroupInfoRequest,
    Leased, Resume, Tentative,
};
use shepot_protocol::{
    CommitId, OwnerId, PublishId, RelayToClient, Seat, SeatSecret, Signature, Succession, VerificationKey,
    transcript,
};

use super::*;
use crate::budget::Means;
use crate::log::LogLimits;
use crate::signature::{commit_id, ed25519, is_owners_word};

mod anything;
mod committing;
mod entering;
mod joining;
mod memory;
mod model;
mod reading;
mod renaming;
mod returning;

const CIRCLE: CircleId = CircleId([0xc1; 16]);
/// What it is called in its first generation.
const NAME: CircleName = CircleName(CIRCLE.0);
const BINDING: ChannelBinding = ChannelBinding([0xee; 32]);
const OTHER_BINDING: ChannelBinding = ChannelBinding([0xdd; 32]);
const A: ConnectionId = ConnectionId(1);
const B: ConnectionId = ConnectionId(2);
const C: ConnectionId = ConnectionId(3);
const D: ConnectionId = ConnectionId(4);

/// A circle, a clock, and the keys that members of an epoch share.
struct World {
    circle: Circle<ConnectionId>,
    means: Means,
    now: Instant,
    logs: u8,
}

/// The signing key that the members of an epoch share; `line` tells forks apart.
fn signer(line: u8, epoch: u64) -> Ed25519KeyPair {
    let mut seed = [line; 32];
    seed[..8].copy_from_slice(&epoch.to_be_bytes());
    Ed25519KeyPair::from_seed_unchecked(&seed).unwrap()
}

fn key(line: u8, epoch: u64) -> VerificationKey {
    VerificationKey::from_slice(signer(line, epoch).public_key().as_ref()).unwrap()
}

fn owner_signer() -> Ed25519KeyPair {
    signer(200, 0)
}

/// The owner of the circle of these tests.
fn owner_id() -> [u8; 16] {
    let key = owner_signer();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.public_key().as_ref());
    digest.as_ref()[..16].try_into().unwrap()
}

/// That a generation has begun, by this key.
fn word_by(key: &Ed25519KeyPair, generation: u32) -> Succession {
    let signature = key.sign(&transcript::succession(&CIRCLE, generation));
    let proof = [key.public_key().as_ref(), signature.as_ref()].concat().try_into().unwrap();
    Succession { circle: CIRCLE, generation, proof }
}

/// The owner's word that a generation has begun.
fn word_for(generation: u32) -> Succession {
    word_by(&owner_signer(), generation)
}

fn signed(pair: &Ed25519KeyPair, message: &[u8]) -> Signature {
    Signature::from_slice(pair.sign(message).as_ref()).unwrap()
}

/// An endorsement by a member of `base_epoch`.
fn endorsement(base_epoch: u64, blob: &[u8]) -> Endorsement {
    let next = key(0, base_epoch + 1);
    let message = transcript::endorsement(&CIRCLE, base_epoch, &commit_id(blob), &next);
    Endorsement { next_verification_key: next, signature: signed(&signer(0, base_epoch), &message) }
}

fn resume(line: u8, epoch: u64, seat: u64, log_id: LogId, cursor: u64) -> Resume {
    let message = transcript::seat(&BINDING, &NAME, Seat(seat), epoch);
    let proof = signed(&signer(line, epoch), &message);
    Resume { log_id, cursor, epoch, verification_key: key(line, epoch), proof }
}

impl World {
    fn new() -> Self {
        Self::with(Rules::default())
    }

    fn with(rules: Rules) -> Self {
        Self::paid_by(rules, Means::unbounded())
    }

    /// Everybody draws on this.
    fn paid_by(rules: Rules, means: Means) -> Self {
        let circle = Circle::new(NAME, CIRCLE, Some(OwnerId(owner_id())), rules, Arc::default(), ed25519);
        Self { circle, means, now: crate::clock::origin(), logs: 0 }
    }

    /// A world in which A has founded the group and read that it is seated.
    fn founded() -> Self {
        let mut world = Self::new();
        world.found(A);
        world
    }

    fn found(&mut self, connection: ConnectionId) {
        self.enter(connection);
        let fresh = self.fresh();
        let found = CreateGroup { circle: CIRCLE, epoch: 0, verification_key: key(0, 0) };
        self.circle.create_group(self.now, connection, &found, fresh).unwrap();
        self.said(connection);
    }

    /// A founded world that these have joined, one after the other.
    fn joined(newcomers: &[ConnectionId]) -> Self {
        let mut world = Self::founded();
        for newcomer in newcomers {
            world.join(*newcomer);
        }
        for connection in [A].iter().chain(newcomers) {
            world.said(*connection);
        }
        world
    }

    fn join(&mut self, newcomer: ConnectionId) {
        self.enter(newcomer);
        let leased = self.lease(newcomer);
        let blob = format!("join {newcomer} at {}", leased.epoch);
        self.commit(newcomer, leased.epoch, &blob, None).unwrap();
        self.endorse_all(&blob);
        assert!(self.said(newcomer).iter().any(|m| matches!(m, RelayToClient::Final(_))));
    }

    fn fresh(&mut self) -> LogId {
        self.logs += 1;
        LogId([self.logs; 16])
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        let fresh = self.fresh();
        self.circle.tick(self.now, fresh);
    }

    /// The seat of a connection in these tests has ten times its number.
    fn seat(connection: ConnectionId) -> u64 {
        connection.0 * 10
    }

    fn enter(&mut self, connection: ConnectionId) {
        self.enter_with(connection, Self::seat(connection), None).unwrap();
    }

    fn enter_with(&mut self, connection: ConnectionId, seat: u64, resume: Option<Resume>) -> Outcome {
        self.enter_by(NAME, connection, seat, resume)
    }

    /// By this name of the circle, as an invitation of its first generation gives it.
    fn enter_by(
        &mut self,
        name: CircleName,
        connection: ConnectionId,
        seat: u64,
        resume: Option<Resume>,
    ) -> Outcome {
        self.enter_of(None, name, connection, seat, resume)
    }

    /// By an invitation of this generation.
    fn enter_of(
        &mut self,
        succession: Option<Succession>,
        name: CircleName,
        connection: ConnectionId,
        seat: u64,
        resume: Option<Resume>,
    ) -> Outcome {
        let owner = Some(OwnerId(owner_id()));
        let enter = Enter { name, seat: Seat(seat), seat_secret: SECRET, resume, succession, owner };
        let newcomer = self.newcomer(connection);
        self.circle.enter(self.now, newcomer, &enter, &BINDING)
    }

    fn newcomer(&self, connection: ConnectionId) -> Newcomer<ConnectionId> {
        Newcomer { connection, handle: connection, means: self.means.clone(), only_returns: false }
    }

    /// Everything that waits for a connection.
    fn said(&mut self, connection: ConnectionId) -> Vec<RelayToClient> {
        let mut frames = Vec::new();
        self.circle.pull(connection, usize::MAX, &mut frames);
        frames.into_iter().map(|frame| RelayToClient::decode(frame.slice(4..)).unwrap()).collect()
    }

    fn entered(&mut self, connection: ConnectionId) -> Entered {
        match self.said(connection).pop() {
            Some(RelayToClient::Entered(entered)) => entered,
            other => panic!("not entered: {other:?}"),
        }
    }

    fn standing(&mut self, connection: ConnectionId) -> Standing {
        self.entered(connection).standing
    }

    /// Goes through the question for group information, whoever is asked.
    fn lease(&mut self, newcomer: ConnectionId) -> Leased {
        self.circle.join_lease(self.now, newcomer).unwrap();
        self.answer_all();
        self.leased(newcomer)
    }

    fn leased(&mut self, newcomer: ConnectionId) -> Leased {
        match self.said(newcomer).pop() {
            Some(RelayToClient::Leased(leased)) => leased,
            other => panic!("not leased: {other:?}"),
        }
    }

    fn members(&self) -> Vec<ConnectionId> {
        [A, B, C, D].into_iter().filter(|connection| self.circle.is_seated(*connection)).collect()
    }

    fn answer_all(&mut self) {
        for member in self.members() {
            for message in self.said(member) {
                if let RelayToClient::GroupInfoRequest(asked) = message {
                    self.answer(member, &asked, "information").unwrap();
                }
            }
        }
    }

    fn answer(&mut self, member: ConnectionId, asked: &GroupInfoRequest, information: &str) -> Outcome {
        let answer = GroupInfoResponse {
            circle: CIRCLE,
            ask_id: asked.ask_id,
            epoch: asked.epoch,
            group_information: information.to_owned().into(),
        };
        self.circle.answer(self.now, member, answer)
    }

    fn endorse_all(&mut self, blob: &str) {
        for member in self.members() {
            for message in self.said(member) {
                if let RelayToClient::Tentative(tentative) = message {
                    self.endorse(member, blob, Some(endorsement(tentative.base_epoch, blob.as_bytes())))
                        .unwrap();
                }
            }
        }
    }

    fn commit(
        &mut self,
        from: ConnectionId,
        base_epoch: u64,
        blob: &str,
        endorsement: Option<Endorsement>,
    ) -> Outcome {
        let commit = Commit {
            circle: CIRCLE,
            base_epoch,
            blob: blob.to_owned().into(),
            endorsement,
            seen: u64::MAX,
            eviction: None,
        };
        self.circle.commit(self.now, from, commit)
    }

    /// A member's own commit.
    fn own_commit(&mut self, from: ConnectionId, base_epoch: u64, blob: &str) {
        let endorsement = endorsement(base_epoch, blob.as_bytes());
        self.commit(from, base_epoch, blob, Some(endorsement)).unwrap();
    }

    /// The owner's commit. The circle's name stays.
    fn evict_all_but(&mut self, from: ConnectionId, base_epoch: u64, blob: &str, staying: Vec<Seat>) {
        self.evict_into(NAME, from, base_epoch, blob, staying);
    }

    /// The owner's commit, after which the circle is called so.
    fn evict_into(
        &mut self,
        next_name: CircleName,
        from: ConnectionId,
        base_epoch: u64,
        blob: &str,
        staying: Vec<Seat>,
    ) {
        let endorsement = Some(endorsement(base_epoch, blob.as_bytes()));
        let blob = blob.to_owned().into();
        let generation = self.circle.succession().map_or(0, |latest| latest.generation) + 1;
        let eviction = Some(Eviction { staying, next_name, succession: word_for(generation) });
        let commit = Commit { circle: CIRCLE, base_epoch, blob, endorsement, seen: u64::MAX, eviction };
        self.circle.commit(self.now, from, commit).unwrap();
    }

    fn endorse(&mut self, member: ConnectionId, blob: &str, endorsement: Option<Endorsement>) -> Outcome {
        let endorse = Endorse { circle: CIRCLE, commit: commit_id(blob.as_bytes()), endorsement };
        self.circle.endorse(self.now, member, &endorse)
    }

    fn publish(&mut self, from: ConnectionId, id: u8, blob: &str) -> Outcome {
        let publish = Publish {
            circle: CIRCLE,
            publish_id: PublishId([id; 16]),
            epoch: 0,
            blob: blob.to_owned().into(),
        };
        self.circle.publish(self.now, from, publish)
    }

    /// The member that was asked for its endorsement last, among these.
    fn asked_for_endorsement(&mut self, members: &[ConnectionId]) -> Option<ConnectionId> {
        members.iter().copied().find(|member| {
            self.said(*member).iter().any(|message| matches!(message, RelayToClient::Tentative(_)))
        })
    }
}

/// The circle goes by the number of a seat: whether the secret gives it was asked at the door.
const SECRET: SeatSecret = SeatSecret([7; 16]);

fn conflict(messages: &[RelayToClient]) -> Option<ConflictCause> {
    messages.iter().find_map(|message| match message {
        RelayToClient::Conflict(Conflict { cause, .. }) => Some(*cause),
        _ => None,
    })
}

fn presence(messages: &[RelayToClient]) -> Vec<(u64, PresenceChange)> {
    messages
        .iter()
        .filter_map(|message| match message {
            RelayToClient::Delivery(Delivery { entry: Entry::Presence { seat, change }, .. }) => {
                Some((seat.0, *change))
            }
            _ => None,
        })
        .collect()
}

fn blobs(messages: &[RelayToClient]) -> Vec<String> {
    messages
        .iter()
        .filter_map(|message| match message {
            RelayToClient::Delivery(Delivery { entry: Entry::Message { blob, .. }, .. }) => {
                Some(String::from_utf8(blob.to_vec()).unwrap())
            }
            _ => None,
        })
        .collect()
}

fn the_final(messages: &[RelayToClient]) -> Option<Final> {
    messages.iter().find_map(|message| match message {
        RelayToClient::Final(last) => Some(last.clone()),
        _ => None,
    })
}
