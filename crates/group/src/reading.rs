//! A copy of the MLS state that reads messages first.
//!
//! Anybody in a group can forge sender data that names another member, because all share the sender data key. MLS then
//! uses up that member's next message key before it finds that the ciphertext or the signature is wrong, so the
//! member's genuine message cannot be read any more. Therefore the state of the group never sees a message that this
//! copy has not read.
//!
//! Must never take the place of the state.

use mls_rs::group::{ApplicationMessageDescription, ReceivedMessage};
use mls_rs::{Group as MlsGroup, MlsMessage};

use crate::config::Config;
use crate::error::{GroupError, Violation};
use crate::ratchet::MessageKeyId;

/// The copy. It is made when it is first needed, in every epoch and after every message that it refused.
#[derive(Default)]
pub(crate) struct ReadingCopy {
    mls: Option<MlsGroup<Config>>,
    /// How many messages of our own were encrypted since the last use. The copy still has their keys, which must go.
    own_keys_behind: u32,
}

impl ReadingCopy {
    /// The state encrypted a message of ours.
    pub(crate) fn own_key_used(&mut self) {
        self.own_keys_behind = self.own_keys_behind.saturating_add(1);
    }

    /// Drops the copy, because the state is another one from now on.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Reads a message as `state` would.
    ///
    /// # Errors
    ///
    /// [`GroupError`], which means that the state must not see the message.
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

/// Makes MLS forget the key of a skipped message by taking it out. Does nothing if MLS has no such key.
pub(crate) fn forget_key(mls: &mut MlsGroup<Config>, id: MessageKeyId) {
    // The library wants the number of the node here, which is twice that of the leaf (RFC 9420, appendix C).
    drop(mls.derive_decryption_key(2 * id.leaf, id.generation));
}
