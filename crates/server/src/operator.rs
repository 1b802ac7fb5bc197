//! What an operator can ask of the running server, and how that is carried out.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use data_encoding::HEXLOWER;
use shepot_l10n::clock::seconds;
use shepot_l10n::{L10n, Language};
use shepot_relay::operator::{Sample, Visitors};
use shepot_relay::{
    Access, AccessKeys, ConnectionId, ConnectionStatistics, RelayHandle, StateError, StateFolder, Statistics,
};
use tokio::sync::Notify;

use crate::control::{
    Answer, Ban, Connection, Key, Pause, Refusal, Reloaded, Request, Revoked, Row, ServerInvitation, Status,
    Watched, Wish,
};
use crate::invitations::{self, Chosen};
use crate::limits::wide;
use crate::lockdown::Confinement;
use crate::problem::is_full;
use crate::settings::{Settings, Sources};

/// The running server as its operator sees it.
pub(crate) struct Operator {
    relay: Arc<RelayHandle>,
    state: StateFolder,
    sources: Sources,
    settings: Mutex<Settings>,
    /// Held while access keys or settings change, until the change is on the disk. What was read earlier must not be
    /// written over a later change.
    changing: Mutex<()>,
    confinement: Confinement,
    metrics: Option<SocketAddr>,
    stop: Notify,
}

impl Operator {
    pub(crate) fn new(
        relay: Arc<RelayHandle>,
        state: StateFolder,
        (sources, settings): (Sources, Settings),
        confinement: Confinement,
        metrics: Option<SocketAddr>,
    ) -> Self {
        let settings = Mutex::new(settings);
        Self {
            relay,
            state,
            sources,
            settings,
            changing: Mutex::default(),
            confinement,
            metrics,
            stop: Notify::new(),
        }
    }

    pub(crate) fn relay(&self) -> &RelayHandle {
        &self.relay
    }

    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the server end, once the operator who asked for that has the answer.
    pub(crate) fn stop(&self) {
        self.stop.notify_one();
    }

    /// Waits until an operator asks the server to end.
    pub(crate) async fn stopped(&self) {
        self.stop.notified().await;
    }

    /// Carries out a request. May wait for the disk. `now`: seconds since 1970.
    pub(crate) fn answer(&self, request: Request, now: u64) -> Answer {
        let done = match request {
            Request::Status => Ok(Answer::Status(Box::new(self.status(&self.relay.statistics())))),
            Request::Connections => Ok(Answer::Connections(self.connections())),
            Request::Kick { who } => self.kick(&who).map(Answer::Kicked),
            Request::Ban { address, seconds } => self.ban(&address, seconds).map(Answer::Banned),
            Request::Unban { address } => self.unban(&address).map(|address| Answer::Unbanned { address }),
            Request::Bans => Ok(self.bans()),
            Request::Invite(wish) => self.invite(&wish, now).map(Answer::Invited),
            Request::Invites if self.relay.is_open() => Err(Refusal::Open),
            Request::Invites => Ok(Answer::Invites(self.invites(now))),
            Request::Revoke { invitation } => self.revoke(&invitation).map(Answer::Revoked),
            Request::Reload => self.reload(now).map(Answer::Reloaded),
            // `stop` does it, once the answer was sent.
            Request::Stop => Ok(Answer::Stopping),
            Request::Watch { after } => Ok(Answer::Watched(Box::new(self.watch(after)))),
        };
        done.unwrap_or_else(Answer::Refused)
    }

    fn status(&self, statistics: &Statistics) -> Status {
        let limits = self.relay.limits();
        let pin = HEXLOWER.encode(&self.relay.pin().0);
        let (address, _) = invitations::public_address(&self.settings(), self.relay.local_addresses());
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            process: std::process::id(),
            started: seconds(statistics.started),
            uptime_s: statistics.uptime.as_secs(),
            listening: self.relay.local_addresses().to_vec(),
            public_address: address.to_string(),
            pin,
            open: self.relay.is_open(),
            connections: wide(statistics.connections.len()),
            connections_limit: wide(limits.connections),
            unauthenticated: wide(statistics.unauthenticated),
            circles: wide(statistics.circles),
            log_entries: wide(statistics.log_entries),
            circle_bytes: wide(statistics.circle_bytes),
            circle_bytes_limit: wide(limits.circle_bytes_in_total),
            held_bytes: wide(statistics.held_bytes),
            accepted: statistics.accepted,
            admitted: statistics.admitted,
            published: statistics.published,
            bytes_in: statistics.bytes_in,
            bytes_out: statistics.bytes_out,
            refused: statistics.refused,
            memory_bytes: crate::system::resident_bytes(),
            bans: wide(self.relay.bans().len()),
            pauses: wide(self.relay.refusals().iter().filter(|one| one.paused_until.is_some()).count()),
            invitations: wide(self.relay.access_keys().map_or(0, |keys| keys.len())),
            confinement: self.confinement,
            metrics: self.metrics,
        }
    }

    /// A row for everybody who is connected, was turned away or is banned.
    fn rows(&self, visitors: &Visitors) -> Vec<Row> {
        let keys = self.relay.access_keys().unwrap_or_default();
        let rows = visitors.list.iter().map(|visitor| {
            let label = visitor.connection().map(|one| label_of(&keys, one)).unwrap_or_default();
            Row::of(visitor, &visitors.statistics, label)
        });
        rows.collect()
    }

    fn connections(&self) -> Vec<Connection> {
        let (statistics, keys) = (self.relay.statistics(), self.relay.access_keys().unwrap_or_default());
        let connections = statistics.connections.iter();
        connections.map(|one| Connection::of(one, &statistics, label_of(&keys, one))).collect()
    }

    fn kick(&self, who: &str) -> Result<Vec<u64>, Refusal> {
        let nobody = || Refusal::NoSuchConnection { who: who.trim().to_owned() };
        if let Ok(number) = who.trim().parse() {
            return if self.relay.disconnect(ConnectionId(number)) {
                Ok(vec![number])
            } else {
                Err(nobody())
            };
        }
        let gone = self.relay.disconnect_all_from(address(who)?);
        if gone.is_empty() { Err(nobody()) } else { Ok(gone.into_iter().map(|id| id.0).collect()) }
    }

    fn ban(&self, typed: &str, seconds: Option<u64>) -> Result<Ban, Refusal> {
        let address = address(typed)?;
        if self.relay.is_shared(address) {
            return Err(Refusal::SharedAddress { address });
        }
        Ok((&self.relay.ban(address, seconds.map(Duration::from_secs))).into())
    }

    fn unban(&self, typed: &str) -> Result<IpAddr, Refusal> {
        let address = address(typed)?;
        if self.relay.lift_ban(address) { Ok(address) } else { Err(Refusal::NotBanned { address }) }
    }

    fn bans(&self) -> Answer {
        let refusals = self.relay.refusals();
        let pauses = refusals.iter().filter(|one| one.paused_until.is_some()).map(Pause::from).collect();
        Answer::Bans { bans: self.relay.bans().iter().map(Ban::from).collect(), pauses }
    }

    fn invite(&self, wish: &Wish, now: u64) -> Result<ServerInvitation, Refusal> {
        let _alone = self.change();
        let address = invitations::public_address(&self.settings(), self.relay.local_addresses());
        let chosen = invitations::choose(self.relay.access_keys().as_ref(), wish, now)?;
        if let Some(Chosen { issued, is_new: true }) = &chosen {
            if !self.relay.issue(issued.clone()) {
                return Err(Refusal::TooManyInvitations);
            }
            if let Err(refusal) = self.write() {
                self.relay.revoke(issued.id());
                return Err(refusal);
            }
        }
        let issued = chosen.map(|chosen| chosen.issued);
        Ok(invitations::to_server(address, self.relay.pin(), issued, now))
    }

    fn invites(&self, now: u64) -> Vec<Key> {
        self.relay.key_statistics().iter().map(|key| Key::of(key, now)).collect()
    }

    fn revoke(&self, typed: &str) -> Result<Revoked, Refusal> {
        let _alone = self.change();
        let keys = self.relay.access_keys().ok_or(Refusal::Open)?;
        let id = invitations::find(&keys.list(), typed)?;
        let (issued, connections) =
            self.relay.revoke(id).ok_or(Refusal::NoSuchInvitation { invitation: typed.to_owned() })?;
        self.write()?;
        Ok(Revoked { id: invitations::written(id), label: issued.label, connections: wide(connections) })
    }

    /// Stores the access keys, so that they outlive the server.
    pub(crate) fn store(&self) -> Result<(), Refusal> {
        let _alone = self.change();
        self.write()
    }

    fn write(&self) -> Result<(), Refusal> {
        let Some(keys) = self.relay.access_keys() else { return Ok(()) };
        self.state.store_access_keys(&keys).map_err(|error| {
            tracing::error!("invitations not stored");
            if matches!(&error, StateError::Io { error, .. } if is_full(error)) {
                Refusal::DiskFull
            } else {
                Refusal::NotStored { reason: error.to_string() }
            }
        })
    }

    /// Reads the settings again, as at the start. Settings with a mistake change nothing.
    pub(crate) fn reload(&self, now: u64) -> Result<Reloaded, Refusal> {
        let _alone = self.change();
        let said = |sentence| Refusal::Settings { sentence };
        let before = self.settings().clone();
        let l10n = L10n::new(before.language);
        let read = self.sources.read(before.language).map_err(|error| said(error.tr(&l10n)))?;
        if before.open != read.open {
            let access = if read.open {
                // The keys are forgotten until it is closed again: with the uses that were counted.
                self.write()?;
                Access::Open
            } else {
                Access::Keys(self.state.access_keys(now).map_err(|error| said(error.to_string()))?)
            };
            self.relay.set_access(access);
        }
        if before.limits != read.limits {
            self.relay.set_limits(read.limits).map_err(|error| said(error.to_string()))?;
        }
        self.relay.set_shared_addresses(&read.shared_addresses);
        let reloaded = before.compare(&read);
        // What needs a restart stays as it was, so that it is named again the next time.
        *self.settings() = Settings {
            limits: read.limits,
            open: read.open,
            public_address: read.public_address,
            shared_addresses: read.shared_addresses,
            ..before
        };
        tracing::info!("settings read again");
        Ok(reloaded)
    }

    fn watch(&self, after: u64) -> Watched {
        let visitors = self.relay.visitors(None, usize::MAX);
        let mut history = self.relay.history();
        history.push(Sample::from(&visitors.statistics));
        Watched {
            status: self.status(&visitors.statistics),
            rows: self.rows(&visitors),
            history,
            entries: self.relay.journal_after(after),
        }
    }

    /// The language of the server's own sentences.
    pub(crate) fn language(&self) -> Language {
        self.settings().language
    }
}

/// The operator's name for the invitation by which a connection came. Empty: it has none.
fn label_of(keys: &AccessKeys, connection: &ConnectionStatistics) -> String {
    let key = connection.access_key.and_then(|id| keys.get(id));
    key.map(|issued| issued.label.clone()).unwrap_or_default()
}

fn address(typed: &str) -> Result<IpAddr, Refusal> {
    let bare = typed.trim().trim_start_matches('[').trim_end_matches(']');
    let address: Result<IpAddr, _> = bare.parse();
    address
        .map(|address| address.to_canonical())
        .map_err(|_| Refusal::NotAnAddress { typed: typed.to_owned() })
}
