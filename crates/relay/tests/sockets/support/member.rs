//! Members of a circle as the relay sees them: seats, keys of epochs, blobs that mean nothing.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
#![allow(clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

use std::net::SocketAddr;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use bytes::Bytes;
use shepot_protocol::message::{
    Answer, Commit, Delivery, Enter, Entered, Entry, Eviction, Found, Publish, RefusalCause, Resume,
    Standing, Verdict, Vouch,
};
use shepot_protocol::transcript::{self, SEAT_EXPORTER_LABEL};
use shepot_protocol::{
    AccessKey, CircleId, ClientToRelay, CommitId, LogId, OwnerId, Pin, PublishId, RelayToClient, Seat,
    SeatSecret, Signature, Succession, VerificationKey,
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
pub fn word_for(root: CircleId, generation: u32) -> Succession {
    let key = owner_key();
    let signature = key.sign(&transcript::succession(&root, generation));
    let proof = [key.public_key().as_ref(), signature.as_ref()].concat().try_into().unwrap();
    Succession { root, generation, proof }
}

fn key(circle: &CircleId, epoch: u64) -> VerificationKey {
    VerificationKey::from_slice(signer(circle, epoch).public_key().as_ref()).unwrap()
}

fn sign(circle: &CircleId, epoch: u64, message: &[u8]) -> Signature {
    Signature::from_slice(signer(circle, epoch).sign(message).as_ref()).unwrap()
}

/// Comes by this name, of this generation, without a seat.
pub fn enter(circle: CircleId, seat: u64, succession: Option<Succession>) -> ClientToRelay {
    let seat_secret = SeatSecret([3; 16]);
    let owner = Some(owner());
    ClientToRelay::Enter(Enter { circle, seat: Seat(seat), seat_secret, resume: None, succession, owner })
}

pub fn commit_id(blob: &[u8]) -> CommitId {
    CommitId(digest::digest(&digest::SHA256, blob).as_ref()[..16].try_into().unwrap())
}

fn vouch(circle: &CircleId, base_epoch: u64, commit: &CommitId) -> Vouch {
    let next = key(circle, base_epoch + 1);
    let message = transcript::verdict(circle, base_epoch, commit, &next);
    Vouch { next_verification_key: next, signature: sign(circle, base_epoch, &message) }
}

/// What a member remembers when its connection is gone.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    circle: CircleId,
    seat: Seat,
    epoch: u64,
    log_id: LogId,
    cursor: u64,
    published: u64,
}

impl Memory {
    /// Of whoever was given the member's keys, for another seat.
    pub fn for_seat(self, seat: u64) -> Self {
        Self { seat: Seat(seat), ..self }
    }
}

/// A member's connection, its seat, and how far it has read.
pub struct Member {
    pub client: Client,
    pub circle: CircleId,
    pub seat: Seat,
    pub epoch: u64,
    pub log_id: LogId,
    pub cursor: u64,
    /// Messages of others, with their numbers.
    pub heard: Vec<(u64, Bytes)>,
    published: u64,
}

impl Member {
    async fn enter(client: Client, circle: CircleId, seat: u64, resume: Option<Resume>) -> (Client, Entered) {
        let (client, entered) = Self::try_enter(client, circle, seat, resume).await;
        (client, entered.unwrap())
    }

    async fn try_enter(
        mut client: Client,
        circle: CircleId,
        seat: u64,
        resume: Option<Resume>,
    ) -> (Client, Result<Entered, RefusalCause>) {
        let seat_secret = SeatSecret([u8::try_from(seat % 251).unwrap(); 16]);
        let enter =
            Enter { circle, seat: Seat(seat), seat_secret, resume, succession: None, owner: Some(owner()) };
        client.send(&ClientToRelay::Enter(enter)).await;
        let entered = entered_or_refused(&mut client).await;
        (client, entered)
    }

    fn new(client: Client, circle: CircleId, seat: u64, entered: &Entered) -> Self {
        Self {
            client,
            circle,
            seat: Seat(seat),
            epoch: entered.epoch,
            log_id: entered.log_id,
            cursor: entered.next_sequence,
            heard: Vec::new(),
            published: 0,
        }
    }

    /// The first of a circle.
    pub async fn found(client: Client, circle: CircleId, seat: u64) -> Self {
        Self::try_found(client, circle, seat).await.map_err(|_| "refused").unwrap()
    }

    /// The same, where the relay may have no room for it: then the connection comes back.
    pub async fn try_found(client: Client, circle: CircleId, seat: u64) -> Result<Self, Client> {
        let (mut client, entered) = Self::try_enter(client, circle, seat, None).await;
        let Ok(entered) = entered else { return Err(client) };
        assert_eq!(entered.standing, Standing::Found);
        client
            .send(&ClientToRelay::Found(Found { circle, epoch: 0, verification_key: key(&circle, 0) }))
            .await;
        let Ok(entered) = entered_or_refused(&mut client).await else { return Err(client) };
        assert_eq!(entered.standing, Standing::Seated);
        Ok(Self::new(client, circle, seat, &entered))
    }

    /// A newcomer, let in by members that are served meanwhile (see [`Member::serve`]).
    pub async fn join(client: Client, circle: CircleId, seat: u64) -> Self {
        let (mut client, entered) = Self::enter(client, circle, seat, None).await;
        assert_eq!(entered.standing, Standing::Join);
        loop {
            client.send(&ClientToRelay::JoinLease { circle }).await;
            let leased = client
                .until(|message| match message {
                    RelayToClient::Leased(leased) => Some(leased),
                    _ => None,
                })
                .await;
            let blob = Bytes::from(format!("seat {seat} joins at {}", leased.epoch));
            let commit = Commit {
                circle,
                base_epoch: leased.epoch,
                blob,
                vouch: None,
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
                let mut member = Self::new(client, circle, seat, &entered);
                (member.epoch, member.log_id, member.cursor) = (last.epoch, last.log_id, last.sequence + 1);
                return member;
            }
        }
    }

    /// What a member needs to come back.
    pub fn memory(&self) -> Memory {
        Memory {
            circle: self.circle,
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
        let Memory { circle, seat, epoch, log_id, cursor, published } = *memory;
        let exporter = client.exporter(SEAT_EXPORTER_LABEL);
        let message = transcript::seat(&exporter, &circle, seat, epoch);
        let proof = sign(&circle, epoch, &message);
        let resume = Resume { log_id, cursor, epoch, verification_key: key(&circle, epoch), proof };
        let (client, entered) = Self::try_enter(client, circle, seat.0, Some(resume)).await;
        let entered = entered?;
        let mut member = Self::new(client, circle, seat.0, &entered);
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
        let vouch = Some(vouch(&self.circle, self.epoch, &commit_id(&blob)));
        let commit =
            Commit { circle: self.circle, base_epoch: self.epoch, blob, vouch, seen: u64::MAX, eviction };
        self.client.send(&ClientToRelay::Commit(commit)).await;
    }

    /// Reads one message and does what a member does with it. None: the relay has closed.
    pub async fn serve(&mut self) -> Option<RelayToClient> {
        let message = self.client.next().await?;
        let circle = self.circle;
        match &message {
            RelayToClient::Asked(asked) => {
                let answer = Answer {
                    circle,
                    ask_id: asked.ask_id,
                    epoch: asked.epoch,
                    group_information: Bytes::from_static(b"group information"),
                };
                self.client.send(&ClientToRelay::Answer(answer)).await;
            }
            RelayToClient::Tentative(tentative) => {
                let vouch = Some(vouch(&circle, tentative.base_epoch, &tentative.commit));
                let verdict = Verdict { circle, commit: tentative.commit, vouch };
                self.client.send(&ClientToRelay::Verdict(verdict)).await;
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
pub async fn let_in(member: &mut Member, client: Client, seat: u64) -> Member {
    let join = Member::join(client, member.circle, seat);
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
