//! The handle that watches, controls and stops a running relay.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use shepot_protocol::Pin;
use shepot_protocol::id::AccessKeyId;

use crate::access::{Access, AccessKeys, IssuedKey};
use crate::admission::{Ban, RefusedAddress};
use crate::clock::within;
use crate::configuration::{ConfigurationError, Limits};
use crate::connection::record::CloseReason;
use crate::id::ConnectionId;
use crate::operator::{Incident, JournalEntry, Sample};
use crate::origin::Origin;
use crate::shared::{Shared, seconds};
use crate::statistics::{KeyStatistics, Statistics};
use crate::tasks::Tasks;

/// How much longer than the farewell deadline tasks may take to end.
const SHUTDOWN_SLACK: Duration = Duration::from_millis(500);

/// A running relay. If it is dropped without [`Self::shutdown`], it ends at once and tells nobody.
pub struct RelayHandle {
    shared: Arc<Shared>,
    local_addresses: Vec<SocketAddr>,
    pin: Pin,
    tasks: Tasks,
}

impl RelayHandle {
    pub(crate) const fn new(
        shared: Arc<Shared>,
        local_addresses: Vec<SocketAddr>,
        pin: Pin,
        tasks: Tasks,
    ) -> Self {
        Self { shared, local_addresses, pin, tasks }
    }

    /// The addresses it listens on, with the ports that the system chose.
    #[must_use]
    pub fn local_addresses(&self) -> &[SocketAddr] {
        &self.local_addresses
    }

    /// The pin of the relay's identity.
    #[must_use]
    pub const fn pin(&self) -> Pin {
        self.pin
    }

    /// A snapshot for the operator.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.shared.statistics()
    }

    /// The totals of the last hour, the oldest first, at equal intervals ([`crate::operator::HISTORY_INTERVAL`]).
    #[must_use]
    pub fn history(&self) -> Vec<Sample> {
        self.shared.history.samples()
    }

    /// The journal after the entry with this number, the oldest entry first, as far as it is remembered.
    #[must_use]
    pub fn journal_after(&self, number: u64) -> Vec<JournalEntry> {
        self.shared.note_circles(self.shared.clock.now());
        self.shared.journal.after(number)
    }

    /// Ends a connection, which is told `DISCONNECTED_BY_OPERATOR`. False: there is no such connection, or it is ending
    /// already.
    pub fn disconnect(&self, id: ConnectionId) -> bool {
        let record = self.shared.register().records.get(&id).cloned();
        record.is_some_and(|record| record.close(CloseReason::Disconnect))
    }

    /// Bans an address (IPv6: its /64) for this time, or until the ban is lifted, and ends its connections, which are
    /// told `BANNED`. An existing ban gets the new end.
    pub fn ban(&self, address: IpAddr, lasting: Option<Duration>) -> Ban {
        let ban = self.shared.ban_list.ban(address, lasting, self.shared.clock.moment());
        for record in self.shared.register().records.values() {
            if self.shared.shared_addresses.origin_of(record.address.ip()) == Origin::of(address) {
                record.close(CloseReason::Ban);
            }
        }
        tracing::info!(%address, "banned");
        self.shared.note(Incident::Banned { address, until: ban.until.map(seconds) });
        ban
    }

    /// Declares addresses (IPv6: their /64) as shared by many people. From now on connections from there are counted by
    /// access key, and refusals are not held against the addresses.
    pub fn set_shared_addresses(&self, addresses: &[IpAddr]) {
        self.shared.shared_addresses.set(addresses);
    }

    /// Whether many people share an address, so that it cannot be banned meaningfully.
    #[must_use]
    pub fn is_shared(&self, address: IpAddr) -> bool {
        self.shared.shared_addresses.origin_of(address).is_shared()
    }

    /// Lifts the ban and the pause of an address. False: it had neither.
    pub fn lift_ban(&self, address: IpAddr) -> bool {
        let was_closed = self.shared.ban_list.lift(address, self.shared.clock.now());
        if was_closed {
            tracing::info!(%address, "ban lifted");
            self.shared.note(Incident::BanLifted { address });
        }
        was_closed
    }

    /// All bans, the oldest first.
    #[must_use]
    pub fn bans(&self) -> Vec<Ban> {
        self.shared.ban_list.bans(self.shared.clock.now())
    }

    /// The addresses whose attempts were refused lately, the oldest first.
    #[must_use]
    pub fn refusals(&self) -> Vec<RefusedAddress> {
        self.shared.ban_list.refusals(self.shared.clock.now())
    }

    /// The current limits.
    #[must_use]
    pub fn limits(&self) -> Limits {
        **self.shared.limits()
    }

    /// Sets other limits. Existing connections stay, even above a lower bound. `ping_interval` and `dead_after` apply
    /// to new connections only, because the others were told the old values.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError`] for the first limit that is out of its range. Nothing changes then.
    pub fn set_limits(&self, limits: Limits) -> Result<(), ConfigurationError> {
        limits.validate()?;
        self.shared.set_limits(limits);
        self.shared.note(Incident::Reconfigured);
        Ok(())
    }

    /// Whether the relay is open, so that anybody who knows the address may connect.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(*self.shared.access(), Access::Open)
    }

    /// Changes who may connect from now on. Existing connections stay.
    pub fn set_access(&self, access: Access) {
        *self.shared.access() = access;
        self.shared.note(Incident::Reconfigured);
    }

    /// The access keys, for storing them. `None`: the relay is open.
    #[must_use]
    pub fn access_keys(&self) -> Option<AccessKeys> {
        match &*self.shared.access() {
            Access::Open => None,
            Access::Keys(keys) => Some(keys.clone()),
        }
    }

    /// The access keys with their numbers of connections, the oldest first. Empty if the relay is open.
    #[must_use]
    pub fn key_statistics(&self) -> Vec<KeyStatistics> {
        let keys = self.access_keys().unwrap_or_default();
        let here = self.shared.entrance.census();
        let count = |issued: &IssuedKey| here.get(&issued.id()).copied().unwrap_or_default();
        keys.list()
            .into_iter()
            .map(|issued| KeyStatistics { connections: count(issued), issued: issued.clone() })
            .collect()
    }

    /// Adds an access key. False: the relay is open, or has as many keys as it can have.
    pub fn issue(&self, issued: IssuedKey) -> bool {
        let label = issued.label.clone();
        let is_taken = match &mut *self.shared.access() {
            Access::Open => false,
            Access::Keys(keys) => keys.insert(issued),
        };
        if is_taken {
            self.shared.note(Incident::Issued { label });
        }
        is_taken
    }

    /// Revokes an access key and ends the connections that came by it, which are told `INVITATION_REVOKED`. Returns the
    /// key and how many connections ended. `None`: there is no key with this id.
    pub fn revoke(&self, id: AccessKeyId) -> Option<(IssuedKey, usize)> {
        let revoked = match &mut *self.shared.access() {
            Access::Open => None,
            Access::Keys(keys) => keys.revoke(id),
        }?;
        let records: Vec<_> = self
            .shared
            .register()
            .records
            .values()
            .filter(|record| record.access_key == Some(id))
            .cloned()
            .collect();
        let connections = records.iter().filter(|record| record.close(CloseReason::Revoke)).count();
        tracing::info!(count = connections, "invitation revoked");
        let label = revoked.label.clone();
        self.shared.note(Incident::Revoked { label, connections });
        Some((revoked, connections))
    }

    /// Makes this the access key for everybody. Only holders of a seat may use the earlier keys, so that members return
    /// who were away during a removal. False: the relay is open, or has or had this key already.
    pub fn replace_key(&self, next: IssuedKey) -> bool {
        match &mut *self.shared.access() {
            Access::Open => false,
            Access::Keys(keys) => keys.replace(next),
        }
    }

    /// Waits until uses of access keys were counted, so that they can be stored.
    pub async fn access_changed(&self) {
        self.shared.entrance.changed.notified().await;
    }

    /// Tells everybody `SHUTTING_DOWN`, and waits until nothing listens and all connections are closed, so the port is
    /// free. Connections have the farewell deadline for that, and half a second more.
    pub async fn shutdown(&self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        self.shared.slots.close();
        self.tasks.abort();
        for record in self.shared.register().records.values() {
            record.close(CloseReason::ShutDown);
        }
        let ended = async {
            self.tasks.ended().await;
            Arc::clone(&self.shared.slots).emptied().await;
        };
        let bound = self.shared.limits().farewell_deadline + SHUTDOWN_SLACK;
        let _ = within(ended, self.shared.clock.after(bound)).await;
    }
}

impl Drop for RelayHandle {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        self.tasks.abort();
        self.shared.slots.turn_out_all();
    }
}

impl std::fmt::Debug for RelayHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelayHandle").field("local_addresses", &self.local_addresses).finish_non_exhaustive()
    }
}
