//! A copy of the MLS state on which messages are read first.
//!
//! Whoever is in a group can make the front of a message that names any other member as its sender: the key of the
//! sender data is everybody's. MLS then takes that member's next message key, and only then finds that nothing opens
//! with it, or that the signature is another's; the key is used up, and the member's own message cannot be read any
//! more. So the group's own state never meets a message before the copy has read it: ciphertext and signature hold.
//!
//! Must never be put in the state's place.

use mls_rs::group::{ApplicationMessageDescription, ReceivedMessage};
use mls_rs::{Group as MlsGroup, MlsMessage};

use crate::config::Config;
use crate::error::{GroupError, Violation};
use crate::ratchet::MessageKeyId;

/// The copy. It is made when it is first needed, in every epoch and after every message that it refused.
#[derive(Default)]
pub(crate) struct ReadingCopy {
    mls: Option<MlsGroup<Config>>,
    /// Messages of our own since it was last used: it has keys for them that are to be gone.
    own_keys_behind: u32,
}

impl ReadingCopy {
    /// The state encrypted a message of ours.
    pub(crate) fn own_key_used(&mut self) {
        self.own_keys_behind = self.own_keys_behind.saturating_add(1);
    }

    /// The state is another one from here on.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Reads a message as `state` would.
    ///
    /// # Errors
    ///
    /// [`GroupError`]: the state must not meet it.
    pub(crate) fn read(
        &mut self,
        state: &MlsGroup<Config>,
        message: MlsMessage,
    ) -> Result<ApplicationMessageDescription, GroupError> {
        let read = self.caught_up(state)?.process_incoming_message(message);
        match read {
            Ok(ReceivedMessage::ApplicationMessage(read)) => Ok(read),
            Ok(_) => {
                self.forget();
                Err(Violation::Label.into())
            }
            Err(error) => {
                self.forget();
                Err(error.into())
            }
        }
    }

    /// Forgets the key of a skipped message.
    pub(crate) fn forget_key(&mut self, id: MessageKeyId) {
        if let Some(copy) = &mut self.mls {
            forget_key(copy, id);
        }
    }

    #[cfg(test)]
    pub(crate) fn next_own_generation(&mut self) -> Option<u32> {
        self.mls.as_mut().and_then(|copy| copy.peek_next_key_generation().ok())
    }

    fn caught_up(&mut self, state: &MlsGroup<Config>) -> Result<&mut MlsGroup<Config>, GroupError> {
        let behind = std::mem::take(&mut self.own_keys_behind);
        match &mut self.mls {
            Some(copy) => {
                for _ in 0..behind {
                    copy.next_encryption_key()?;
                }
                Ok(copy)
            }
            none @ None => Ok(none.insert(state.clone())),
        }
    }
}

/// Makes MLS forget the key of a skipped message: it is taken out and dropped. There is nothing to do when MLS has none.
pub(crate) fn forget_key(mls: &mut MlsGroup<Config>, id: MessageKeyId) {
    // The library wants the number of the node here, which is twice that of the leaf (RFC 9420, appendix C).
    drop(mls.derive_decryption_key(2 * id.leaf, id.generation));
}
