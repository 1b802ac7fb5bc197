//! What mls-rs wants to store: kept in memory, and as little of it as possible.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mls_rs::psk::{ExternalPskId, PreSharedKey};
use mls_rs::{GroupStateStorage, PreSharedKeyStorage};
use mls_rs_core::group::{EpochRecord, GroupState};
use zeroize::Zeroizing;

use crate::keys::CircleKeys;

/// How many past epochs stay readable: enough for a message that was under way during two commits.
pub const PAST_EPOCHS: usize = 2;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The PSK of the circle's current secret, and no other.
#[derive(Clone, Default)]
pub(crate) struct PskStore(Arc<Mutex<HashMap<Vec<u8>, PreSharedKey>>>);

impl PskStore {
    pub(crate) fn set(&self, keys: &CircleKeys) {
        let mut held = locked(&self.0);
        held.clear();
        let id = CircleKeys::psk_id(keys.circle(), keys.generation());
        held.insert(id, PreSharedKey::new(keys.psk().to_vec()));
    }
}

impl PreSharedKeyStorage for PskStore {
    type Error = Infallible;

    fn get(&self, id: &ExternalPskId) -> Result<Option<PreSharedKey>, Infallible> {
        Ok(locked(&self.0).get(id.as_ref()).cloned())
    }
}

/// The last [`PAST_EPOCHS`] epochs. The snapshot of the group itself is discarded. Unless it is written after every
/// epoch, earlier epochs pile up inside the group, which destroys forward secrecy.
#[derive(Clone, Default)]
pub(crate) struct EpochStore {
    past: Arc<Mutex<VecDeque<EpochRecord>>>,
    #[cfg(test)]
    last_state: Arc<Mutex<Vec<u8>>>,
}

impl EpochStore {
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        locked(&self.past).len()
    }

    /// The group's state as it was given last.
    #[cfg(test)]
    pub(crate) fn last_state(&self) -> Vec<u8> {
        locked(&self.last_state).clone()
    }
}

impl GroupStateStorage for EpochStore {
    type Error = Infallible;

    fn state(&self, _: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, Infallible> {
        Ok(None)
    }

    fn epoch(&self, _: &[u8], epoch: u64) -> Result<Option<Zeroizing<Vec<u8>>>, Infallible> {
        Ok(locked(&self.past).iter().find(|record| record.id == epoch).map(|record| record.data.clone()))
    }

    fn max_epoch_id(&self, _: &[u8]) -> Result<Option<u64>, Infallible> {
        Ok(locked(&self.past).back().map(|record| record.id))
    }

    fn write(
        &mut self,
        state: GroupState,
        inserts: Vec<EpochRecord>,
        updates: Vec<EpochRecord>,
    ) -> Result<(), Infallible> {
        #[cfg(test)]
        locked(&self.last_state).clone_from(&state.data);
        drop(state);
        let mut held = locked(&self.past);
        held.extend(inserts);
        for update in updates {
            if let Some(record) = held.iter_mut().find(|record| record.id == update.id) {
                *record = update;
            }
        }
        while held.len() > PAST_EPOCHS {
            held.pop_front();
        }
        Ok(())
    }
}
