//! A relay with a clock that its test turns.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use shepot_protocol::{AccessKey, CircleId, CircleName, ClientToRelay, Pin, RelayToClient};
use shepot_relay::{Access, Identity, Limits, Listeners, Rate, RelayHandle, SystemClock};

use super::begin;
use super::clock::ManualClock;
use super::member::{Door, first_name};
use super::support::{Client, eventually};

pub(crate) const CIRCLE: CircleId = CircleId([7; 16]);
/// What it is called in its first generation.
pub(crate) const NAME: CircleName = first_name(CIRCLE);

pub(crate) fn limits() -> Limits {
    let fast = Rate { per_second: 1_000_000, burst: 1_000_000 };
    Limits {
        requests: fast,
        publishes: fast,
        bytes: Rate { burst: 1_000_000_000, ..fast },
        // Members here say nothing for as long as a slow machine takes.
        dead_after: Duration::from_secs(3_600),
        ..Limits::default()
    }
}

fn loopback() -> Listeners {
    Listeners::bind(&["127.0.0.1:0".parse().unwrap()]).unwrap()
}

/// A relay in the system's time.
pub(crate) fn start(limits: Limits) -> (RelayHandle, Door) {
    let key = AccessKey::new([9; 32]);
    let access = Access::Keys([key.clone()].into_iter().collect());
    let identity = Identity::generate().unwrap();
    let relay = begin(loopback(), limits, &identity, access, Arc::new(SystemClock)).unwrap();
    let door = Door { address: relay.local_addresses()[0], pin: relay.pin(), key: Some(key) };
    (relay, door)
}

/// A relay whose time passes when its test says so.
pub(crate) fn house(limits: Limits) -> (House, Door) {
    let key = AccessKey::new([9; 32]);
    let house = House::open(limits, Access::Keys([key.clone()].into_iter().collect()));
    let door = house.door(&key);
    (house, door)
}

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
        let relay = begin(loopback(), limits, identity, access, Arc::new(clock.clone())).unwrap();
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

    /// Does something that the relay may answer with silence. Once the relay has judged it, turns the clock past the
    /// silence.
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

    /// Does something that the relay has to answer with silence: to the last millisecond of the deadline, and no
    /// longer.
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
        assert_answered(member).await;
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
pub(crate) async fn assert_answered(member: &mut Client) {
    member.send(&ClientToRelay::Ping { nonce: 1 }).await;
    assert_eq!(member.next().await, Some(RelayToClient::Pong { nonce: 1 }));
}
