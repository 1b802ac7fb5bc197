//! Members of a circle as the relay sees them: seats, keys of epochs, blobs that mean nothing.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
#![allow(clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

use std::net::SocketAddr;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use bytes::Bytes;
use shepot_protocol::message::{
    Commit, CreateGroup, Delivery, Endorse, Endorsement, Enter, Entered, Entry, Eviction, GroupInfoResponse,
    Publish, RefusalCause, Resume, Standing,
};
use shepot_protocol::transcript::{self, ChannelBinding};
use shepot_protocol::{
    AccessKey, CircleId, CircleName, ClientToRelay, CommitId, LogId, OwnerId, Pin, PublishId, RelayToClient,
    Seat, SeatSecret, Signature, Succession, VerificationKey,
};

use super::support::Client;

/// Where and how to reach a relay.
#[derive(Clone)]
pub struct Door {
    pub address: SocketAddr,
    pub pin: Pin,
    pub key: Option<AccessKey>,
}

impl Door {
    pub async fn connect(&self) -> Client {
        Client::connect(self.address, self.pin, self.key.as_ref()).await.0
    }
}

/// What the members of an epoch share.
fn signer(circle: &CircleId, epoch: u64) -> Ed25519KeyPair {
    let seed = digest::digest(&digest::SHA256, &[circle.as_bytes(), &epoch.to_be_bytes()[..]].concat());
    Ed25519KeyPair::from_seed_unchecked(seed.as_ref()).unwrap()
}

/// Whoever owns the circles of these tests.
fn owner_key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[0x0e; 32]).unwrap()
}

pub fn owner() -> OwnerId {
    let digest = digest::digest(&digest::SHA256, owner_key().public_key().as_ref());
    OwnerId::from_slice(&digest.as_ref()[..16]).unwrap()
}

/// The owner's word that a generation has begun.
pub fn word_for(circle: CircleId, generation: u32) -> Succession {
    let key = owner_key();
    let signature = key.sign(&transcript::succession(&circle, generation));
    let proof = [key.public_key().as_ref(), signature.as_ref()].concat().try_into().unwrap();
    Succession { circle, generation, proof }
}

fn key(circle: &CircleId, epoch: u64) -> VerificationKey {
    VerificationKey::from_slice(signer(circle, epoch).public_key().as_ref()).unwrap()
}

fn sign(circle: &CircleId, epoch: u64, message: &[u8]) -> Signature {
    Signature::from_slice(signer(circle, epoch).sign(message).as_ref()).unwrap()
}

/// What this one shows for its seat.
pub fn secret_of(who: u64) -> SeatSecret {
    SeatSecret(u128::from(who).to_be_bytes())
}

/// The seat that this one's secret gives.
pub fn seat_of(who: u64) -> Seat {
    shepot_relay::signature::seat_of(secret_of(who))
}

/// What a circle is called in its first generation.
pub const fn first_name(circle: CircleId) -> CircleName {
    CircleName(circle.0)
}

/// What this one says when it comes by this name, of this generation.
pub fn enter(name: CircleName, who: u64, succession: Option<Succession>) -> ClientToRelay {
    enter_for(seat_of(who), name, who, None, succession)
}

fn enter_for(
    seat: Seat,
    name: CircleName,
    who: u64,
    resume: Option<Resume>,
    succession: Option<Succession>,
) -> ClientToRelay {
    let (seat_secret, owner) = (secret_of(who), Some(owner()));
    ClientToRelay::Enter(Enter { name, seat, seat_secret, resume, succession, owner })
}

pub fn commit_id(blob: &[u8]) -> CommitId {
    CommitId(digest::digest(&digest::SHA256, blob).as_ref()[..16].try_into().unwrap())
}

fn endorsement(circle: &CircleId, base_epoch: u64, commit: &CommitId) -> Endorsement {
    let next = key(circle, base_epoch + 1);
    let message = transcript::endorsement(circle, base_epoch, commit, &next);
    Endorsement { next_verification_key: next, signature: sign(circle, base_epoch, &message) }
}

/// A message of an epoch that every circle begins with.
pub fn publish(circle: CircleId) -> ClientToRelay {
    let (publish_id, blob) = (PublishId([5; 16]), Bytes::from_static(b"blob"));
    ClientToRelay::Publish(Publish { circle, publish_id, epoch: 0, blob })
}

/// What a member remembers when its connection is gone.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    circle: CircleId,
    who: u64,
    seat: Seat,
    epoch: u64,
    log_id: LogId,
    cursor: u64,
    published: u64,
}

impl Memory {
    /// Of whoever was given the member's keys, for another seat.
    pub fn of(self, who: u64) -> Self {
        Self { who, seat: seat_of(who), ..self }
    }

    /// The same seat, but who comes does not know its secret.
    pub fn stolen_by(self, who: u64) -> Self {
        Self { who, ..self }
    }
}

/// A member's connection, its seat, and how far it has read.
pub struct Member {
    pub client: Client,
    pub circle: CircleId,
    pub who: u64,
    pub seat: Seat,
    pub epoch: u64,
    pub log_id: LogId,
    pub cursor: u64,
    /// Messages of others, with their numbers.
    pub heard: Vec<(u64, Bytes)>,
    published: u64,
}

impl Member {
    /// Sends an `Enter`; gives what the relay says to it.
    async fn try_enter(mut client: Client, enter: &ClientToRelay) -> (Client, Result<Entered, RefusalCause>) {
        client.send(enter).await;
        let entered = entered_or_refused(&mut client).await;
        (client, entered)
    }

    fn new(client: Client, circle: CircleId, who: u64, entered: &Entered) -> Self {
        Self {
            client,
            circle,
            who,
            seat: seat_of(who),
            epoch: entered.epoch,
            log_id: entered.log_id,
            cursor: entered.next_sequence,
            heard: Vec::new(),
            published: 0,
        }
    }

    /// The first of a circle.
    pub async fn found(client: Client, circle: CircleId, who: u64) -> Self {
        Self::try_found(client, circle, who).await.map_err(|_| "refused").unwrap()
    }

    /// The same, where the relay may have no room for it: then the connection comes back.
    pub async fn try_found(client: Client, circle: CircleId, who: u64) -> Result<Self, Client> {
        let (mut client, entered) = Self::try_enter(client, &enter(first_name(circle), who, None)).await;
        let Ok(entered) = entered else { return Err(client) };
        assert_eq!(entered.standing, Standing::CreateGroup);
        client
            .send(&ClientToRelay::CreateGroup(CreateGroup {
                circle,
                epoch: 0,
                verification_key: key(&circle, 0),
            }))
            .await;
        let Ok(entered) = entered_or_refused(&mut client).await else { return Err(client) };
        assert_eq!(entered.standing, Standing::Seated);
        Ok(Self::new(client, circle, who, &entered))
    }

    /// A newcomer, let in by members that are served meanwhile (see [`Member::serve`]).
    pub async fn join(client: Client, circle: CircleId, who: u64) -> Self {
        let (mut client, entered) = Self::try_enter(client, &enter(first_name(circle), who, None)).await;
        let entered = entered.unwrap();
        assert_eq!(entered.standing, Standing::Join);
        loop {
            client.send(&ClientToRelay::JoinLease { circle }).await;
            let leased = client
                .until(|message| match message {
                    RelayToClient::Leased(leased) => Some(leased),
                    _ => None,
                })
                .await;
            let blob = Bytes::from(format!("{who} joins at {}", leased.epoch));
            let commit = Commit {
                circle,
                base_epoch: leased.epoch,
                blob,
                endorsement: None,
                seen: u64::MAX,
                eviction: None,
            };
            client.send(&ClientToRelay::Commit(commit)).await;
            let last = client
                .until(|message| match message {
                    RelayToClient::Final(last) => Some(Some(last)),
                    RelayToClient::Conflict(_) => Some(None),
                    _ => None,
                })
                .await;
            if let Some(last) = last {
                let mut member = Self::new(client, circle, who, &entered);
                (member.epoch, member.log_id, member.cursor) = (last.epoch, last.log_id, last.sequence + 1);
                return member;
            }
        }
    }

    /// What a member needs to come back.
    pub fn memory(&self) -> Memory {
        Memory {
            circle: self.circle,
            who: self.who,
            seat: self.seat,
            epoch: self.epoch,
            log_id: self.log_id,
            cursor: self.cursor,
            published: self.published,
        }
    }

    /// Comes back by another connection with what it remembers.
    pub async fn resume(memory: &Memory, client: Client) -> (Self, Entered) {
        Self::try_resume(memory, client).await.unwrap()
    }

    /// The same, where the relay may refuse it.
    pub async fn try_resume(memory: &Memory, client: Client) -> Result<(Self, Entered), RefusalCause> {
        let binding = client.seat_binding();
        Self::resume_bound_to(&binding, memory, client).await
    }

    /// The same with a proof that may be of another connection.
    pub async fn resume_bound_to(
        binding: &ChannelBinding,
        memory: &Memory,
        client: Client,
    ) -> Result<(Self, Entered), RefusalCause> {
        let Memory { circle, who, seat, epoch, log_id, cursor, published } = *memory;
        let name = first_name(circle);
        let message = transcript::seat(binding, &name, seat, epoch);
        let proof = sign(&circle, epoch, &message);
        let resume = Resume { log_id, cursor, epoch, verification_key: key(&circle, epoch), proof };
        let (client, entered) =
            Self::try_enter(client, &enter_for(seat, name, who, Some(resume), None)).await;
        let entered = entered?;
        let mut member = Self::new(client, circle, who, &entered);
        member.epoch = epoch;
        member.published = published;
        Ok((member, entered))
    }

    pub async fn publish(&mut self, blob: impl Into<Bytes>) {
        self.published += 1;
        let mut id = [0; 16];
        id[..8].copy_from_slice(&self.seat.0.to_be_bytes());
        id[8..].copy_from_slice(&self.published.to_be_bytes());
        let publish =
            Publish { circle: self.circle, publish_id: PublishId(id), epoch: self.epoch, blob: blob.into() };
        self.client.send(&ClientToRelay::Publish(publish)).await;
    }

    pub async fn commit(&mut self, blob: impl Into<Bytes>) {
        self.commit_with(blob, None).await;
    }

    /// As the owner who removes somebody.
    pub async fn evict(&mut self, blob: impl Into<Bytes>, eviction: Eviction) {
        self.commit_with(blob, Some(eviction)).await;
    }

    async fn commit_with(&mut self, blob: impl Into<Bytes>, eviction: Option<Eviction>) {
        let blob = blob.into();
        let endorsement = Some(endorsement(&self.circle, self.epoch, &commit_id(&blob)));
        let commit = Commit {
            circle: self.circle,
            base_epoch: self.epoch,
            blob,
            endorsement,
            seen: u64::MAX,
            eviction,
        };
        self.client.send(&ClientToRelay::Commit(commit)).await;
    }

    /// Reads one message and does what a member does with it. None: the relay has closed.
    pub async fn serve(&mut self) -> Option<RelayToClient> {
        let message = self.client.next().await?;
        let circle = self.circle;
        match &message {
            RelayToClient::GroupInfoRequest(asked) => {
                let answer = GroupInfoResponse {
                    circle,
                    ask_id: asked.ask_id,
                    epoch: asked.epoch,
                    group_information: Bytes::from_static(b"group information"),
                };
                self.client.send(&ClientToRelay::GroupInfoResponse(answer)).await;
            }
            RelayToClient::Tentative(tentative) => {
                let endorsement = Some(endorsement(&circle, tentative.base_epoch, &tentative.commit));
                let endorse = Endorse { circle, commit: tentative.commit, endorsement };
                self.client.send(&ClientToRelay::Endorse(endorse)).await;
            }
            RelayToClient::Delivery(Delivery { sequence, entry, .. }) => {
                assert_eq!(*sequence, self.cursor, "nothing is left out and nothing comes twice");
                self.cursor += 1;
                match entry {
                    Entry::Message { blob, .. } => self.heard.push((*sequence, blob.clone())),
                    Entry::Commit { base_epoch, .. } => self.epoch = base_epoch + 1,
                    Entry::Presence { .. } => {}
                }
            }
            RelayToClient::Published(published) => self.cursor = published.sequence + 1,
            RelayToClient::Final(last) => {
                self.cursor = last.sequence + 1;
                self.epoch = last.epoch;
            }
            RelayToClient::Gap(gap) => {
                assert_eq!(gap.from, self.cursor);
                self.cursor = gap.to + 1;
            }
            _ => {}
        }
        Some(message)
    }

    /// Serves until something was said that `wanted` has an answer for.
    pub async fn serve_until<T>(&mut self, mut wanted: impl FnMut(&Self, &RelayToClient) -> Option<T>) -> T {
        loop {
            let message = self.serve().await.expect("the relay has closed");
            if let Some(found) = wanted(self, &message) {
                return found;
            }
        }
    }

    /// Serves until so many messages of others were heard.
    pub async fn hear(&mut self, messages: usize) {
        while self.heard.len() < messages {
            self.serve().await.expect("the relay has closed");
        }
    }
}

/// Lets somebody in: serves the member until the newcomer has joined.
pub async fn let_in(member: &mut Member, client: Client, who: u64) -> Member {
    let join = Member::join(client, member.circle, who);
    tokio::pin!(join);
    loop {
        tokio::select! {
            newcomer = &mut join => return newcomer,
            _ = member.serve() => {}
        }
    }
}

async fn entered_or_refused(client: &mut Client) -> Result<Entered, RefusalCause> {
    client
        .until(|message| match message {
            RelayToClient::Entered(entered) => Some(Ok(entered)),
            RelayToClient::Refused(refusal) => Some(Err(refusal.cause)),
            _ => None,
        })
        .await
}

pub async fn next_entered(client: &mut Client) -> Entered {
    client
        .until(|message| match message {
            RelayToClient::Entered(entered) => Some(entered),
            _ => None,
        })
        .await
}
