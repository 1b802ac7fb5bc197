//! A relay with a clock that its test turns.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use shepot_protocol::{AccessKey, ClientToRelay, Pin, RelayToClient};
use shepot_relay::{Access, Identity, Limits, Listeners, Relay, RelayHandle};

use crate::clock::ManualClock;
use crate::member::Door;
use crate::support::{Client, eventually};

/// The least time that counts.
pub(crate) const MILLISECOND: Duration = Duration::from_millis(1);

pub(crate) struct House {
    pub relay: RelayHandle,
    pub address: SocketAddr,
    pub pin: Pin,
    pub clock: ManualClock,
}

impl House {
    pub(crate) fn open(limits: Limits, access: Access) -> Self {
        Self::open_as(&Identity::generate().unwrap(), limits, access, ManualClock::new())
    }

    pub(crate) fn open_as(identity: &Identity, limits: Limits, access: Access, clock: ManualClock) -> Self {
        let listeners = Listeners::bind(&["127.0.0.1:0".parse().unwrap()]).unwrap();
        let relay = Relay::start_on(listeners, limits, identity, access, Arc::new(clock.clone())).unwrap();
        Self { address: relay.local_addresses()[0], pin: relay.pin(), relay, clock }
    }

    pub(crate) fn door(&self, key: &AccessKey) -> Door {
        Door { address: self.address, pin: self.pin, key: Some(key.clone()) }
    }

    pub(crate) async fn until(&self, what: &str, is_so: impl Fn(&RelayHandle) -> bool) {
        eventually(what, || is_so(&self.relay)).await;
    }

    /// How many connections the relay answers with silence, or has answered so.
    pub(crate) fn silenced(&self) -> u64 {
        let refused = self.relay.statistics().refused;
        refused.not_our_protocol + refused.wrong_proof
    }

    /// Does something that the relay may answer with silence. Once the relay has judged it, turns the clock past the silence.
    pub(crate) async fn through_silence<T>(&self, doing: impl Future<Output = T>) -> T {
        let before = self.silenced();
        tokio::pin!(doing);
        loop {
            tokio::select! {
                biased;
                done = &mut doing => return done,
                () = tokio::time::sleep(Duration::from_millis(5)) => {}
            }
            if self.silenced() > before {
                self.clock.pass(self.relay.limits().admission_deadline);
                return doing.await;
            }
        }
    }

    /// Does something that the relay has to answer with silence: to the last millisecond of the deadline, and no longer.
    pub(crate) async fn kept_in_silence<T>(&self, member: &mut Client, doing: impl Future<Output = T>) -> T {
        const TOO_SOON: &str = "the relay closed, or answered, before the deadline";
        let before = self.silenced();
        tokio::pin!(doing);
        while self.silenced() == before {
            tokio::select! {
                biased;
                _ = &mut doing => panic!("{TOO_SOON}"),
                () = tokio::time::sleep(Duration::from_millis(5)) => {}
            }
        }
        self.clock.pass(self.relay.limits().admission_deadline - MILLISECOND);
        is_answered(member).await;
        tokio::select! {
            biased;
            _ = &mut doing => panic!("{TOO_SOON}"),
            () = std::future::ready(()) => {}
        }
        self.clock.pass(MILLISECOND);
        doing.await
    }
}

/// A member of the same relay is answered: whatever was due before is done.
pub(crate) async fn is_answered(member: &mut Client) {
    member.send(&ClientToRelay::Ping { nonce: 1 }).await;
    assert_eq!(member.next().await, Some(RelayToClient::Pong { nonce: 1 }));
}
