//! The entrance: who may come in, and how many connections are here by each access key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shepot_protocol::id::AccessKeyId;
use tokio::sync::Notify;

use super::{Access, Closed};

#[derive(Debug)]
pub(crate) struct Entrance {
    access: Mutex<Access>,
    /// Locked after `access`, if both are locked.
    present: Mutex<HashMap<AccessKeyId, usize>>,
    /// Notified when uses of access keys were counted, so that they can be stored.
    pub changed: Notify,
}

impl Entrance {
    pub(crate) fn new(access: Access) -> Arc<Self> {
        Arc::new(Self { access: Mutex::new(access), present: Mutex::default(), changed: Notify::new() })
    }

    pub(crate) fn access(&self) -> MutexGuard<'_, Access> {
        self.access.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn present(&self) -> MutexGuard<'_, HashMap<AccessKeyId, usize>> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many connections are here by each key.
    pub(crate) fn census(&self) -> HashMap<AccessKeyId, usize> {
        self.present().clone()
    }

    /// Lets a client in by this key. `returns`: it has a valid ticket for it.
    pub(crate) fn pass(self: &Arc<Self>, id: AccessKeyId, returns: bool) -> Result<Passage, Closed> {
        let mut access = self.access();
        let mut present = self.present();
        let here = present.get(&id).copied().unwrap_or_default();
        let takes_a_use = access.spend(id, returns, here)?;
        *present.entry(id).or_default() += 1;
        Ok(Passage { entrance: Arc::clone(self), id, unconfirmed_use: takes_a_use })
    }
}

/// A connection's admission by an access key. The connection counts as here while this exists.
///
/// A use of the key is given back if nothing arrives after `Welcome`. A client that never got it, and the ticket with
/// it, has to be able to try again.
#[derive(Debug)]
pub(crate) struct Passage {
    entrance: Arc<Entrance>,
    pub id: AccessKeyId,
    unconfirmed_use: bool,
}

impl Passage {
    /// Something arrived, so the client has its ticket.
    pub(crate) fn confirm(&mut self) {
        if std::mem::take(&mut self.unconfirmed_use) {
            self.entrance.changed.notify_one();
        }
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        if self.unconfirmed_use {
            self.entrance.access().give_back(self.id);
            // Meanwhile somebody else's change may have been stored with it.
            self.entrance.changed.notify_one();
        }
        let mut present = self.entrance.present();
        if let Some(count) = present.get_mut(&self.id) {
            *count -= 1;
            if *count == 0 {
                present.remove(&self.id);
            }
        }
    }
}
