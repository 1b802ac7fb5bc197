//! The least that a client needs in order to put a relay under load. It accepts any identity, because it talks to the
//! server that it has just started on this machine.

use std::io;
use std::net::SocketAddr;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use bytes::Bytes;
use shepot_protocol::address::Host;
use shepot_protocol::message::{CreateGroup, Enter, Entered, Publish, Resume, Standing};
use shepot_protocol::{
    Address, CircleId, CircleName, ClientToRelay, PublishId, RelayToClient, SeatSecret, Signature,
    VerificationKey, transcript,
};
use shepot_relay::signature::seat_of;
use shepot_transport::{Credentials, Stream};

/// The seat secret of this client.
fn secret_of(who: u64) -> SeatSecret {
    SeatSecret(u128::from(who).to_be_bytes())
}

/// The circle under load, and the key that all its clients share.
pub(super) struct Circle {
    id: CircleId,
    signer: Ed25519KeyPair,
}

impl Circle {
    pub(super) fn new() -> io::Result<Self> {
        let mut bytes = [0; 48];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| io::ErrorKind::Other)?;
        let (id, seed) = bytes.split_at(16);
        let id = CircleId::from_slice(id).ok_or(io::ErrorKind::Other)?;
        let signer = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| io::ErrorKind::Other)?;
        Ok(Self { id, signer })
    }

    /// The circle's name in its only generation.
    const fn name(&self) -> CircleName {
        CircleName(self.id.0)
    }

    fn key(&self) -> io::Result<VerificationKey> {
        VerificationKey::from_slice(self.signer.public_key().as_ref())
            .ok_or_else(|| io::ErrorKind::Other.into())
    }
}

/// An admitted connection.
pub(super) struct Client(Stream);

fn unexpected() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

impl Client {
    pub(super) async fn connect(address: SocketAddr) -> io::Result<Self> {
        let address = Address { host: Host::Ip(address.ip()), port: address.port() };
        let connected = shepot_transport::connect(&address, None, &Credentials::new(None)).await;
        let mut client = Self(connected.map_err(io::Error::other)?);
        let RelayToClient::Welcome(_) = client.next().await? else { return Err(unexpected()) };
        Ok(client)
    }

    /// Waits for the next message.
    pub(super) async fn next(&mut self) -> io::Result<RelayToClient> {
        let message = self.0.receive().await.map_err(io::Error::other)?;
        message.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    async fn enter(&mut self, circle: &Circle, who: u64, resume: Option<Resume>) -> io::Result<Entered> {
        let seat_secret = secret_of(who);
        let (name, seat) = (circle.name(), seat_of(seat_secret));
        self.0
            .send(&ClientToRelay::Enter(Enter {
                name,
                seat,
                seat_secret,
                resume,
                succession: None,
                owner: None,
            }))
            .await?;
        self.entered().await
    }

    async fn entered(&mut self) -> io::Result<Entered> {
        loop {
            if let RelayToClient::Entered(entered) = self.next().await? {
                return Ok(entered);
            }
        }
    }

    /// Enters as the first client and creates the group.
    pub(super) async fn found(&mut self, circle: &Circle) -> io::Result<Entered> {
        self.enter(circle, 1, None).await?;
        let found = CreateGroup { circle: circle.id, epoch: 0, verification_key: circle.key()? };
        self.0.send(&ClientToRelay::CreateGroup(found)).await?;
        self.entered().await
    }

    /// Enters as another member, by a seat proof with the epoch's key, like a member that comes back.
    pub(super) async fn join(&mut self, circle: &Circle, who: u64, first: &Entered) -> io::Result<()> {
        let binding = self.0.seat_binding().map_err(io::Error::other)?;
        let said = transcript::seat(&binding, &circle.name(), seat_of(secret_of(who)), 0);
        let proof = Signature::from_slice(circle.signer.sign(&said).as_ref()).ok_or_else(unexpected)?;
        let verification_key = circle.key()?;
        let cursor = first.next_sequence;
        let resume = Resume { log_id: first.log_id, cursor, epoch: 0, verification_key, proof };
        match self.enter(circle, who, Some(resume)).await?.standing {
            Standing::Seated => Ok(()),
            Standing::CreateGroup | Standing::Wait | Standing::Join => Err(unexpected()),
        }
    }

    /// Publishes a blob. The number becomes its publish id.
    pub(super) async fn publish(&mut self, circle: &Circle, number: u64, blob: Bytes) -> io::Result<()> {
        let mut publish_id = [0; 16];
        for (to, from) in publish_id.iter_mut().zip(number.to_be_bytes()) {
            *to = from;
        }
        let publish = Publish { circle: circle.id, publish_id: PublishId(publish_id), epoch: 0, blob };
        self.0.send(&ClientToRelay::Publish(publish)).await
    }
}
