//! Messages: encrypting our own, decrypting those of others.

use std::fmt;

use mls_rs::MlsMessage;
use mls_rs::group::ContentType;
use zeroize::Zeroizing;

use crate::chain::{Continuity, Numbering};
use crate::commit::check_label;
use crate::envelope::Envelope;
use crate::error::{GroupError, Violation};
use crate::group::Group;
use crate::keys::BlobKind;
use crate::member::MemberKey;
use crate::ratchet::MessageKeyId;
use crate::reading::forget_key;
use crate::transcript::{LogTranscript, View};

/// An encrypted message, to be sent to the relay.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The epoch that it is encrypted in.
    pub epoch: u64,
    /// The sealed blob.
    pub blob: Vec<u8>,
    /// Its place in the chain of our messages.
    numbering: Numbering,
    /// The plaintext with its padding, kept so that it can be encrypted again.
    envelope: Zeroizing<Vec<u8>>,
}

impl Sealed {
    /// Its size in memory with the plaintext, in bytes.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.blob.len() + self.envelope.len()
    }

    /// The number among our messages, from 1. 0 for a signal.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.numbering.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

/// A message from another member.
#[derive(PartialEq, Eq)]
pub struct Received {
    /// The author, according to MLS and nothing else.
    pub sender: MemberKey,
    /// How it continues the author's messages. `Next` for signals.
    pub continuity: Continuity,
    /// The author's view of the log.
    pub view: View,
    /// The id of the log that it was encrypted for, from MLS's authenticated data.
    pub log: [u8; 16],
    /// The body. Empty for a heartbeat.
    pub body: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received").field("sender", &self.sender).finish_non_exhaustive()
    }
}

impl Group {
    /// Encrypts a message for the log. The caller must publish it, because the next one refers to it.
    ///
    /// # Errors
    ///
    /// [`GroupError::Misuse`] if the body has more than [`crate::BODY_BYTES`].
    pub fn encrypt(&mut self, body: &[u8], log: &LogTranscript) -> Result<Sealed, GroupError> {
        let (sequence, previous) = self.chains.next_own();
        let envelope = Envelope { sequence, previous, view: log.view(), body: Zeroizing::new(body.to_vec()) };
        let padded = envelope.to_padded().ok_or(GroupError::Misuse("the body is too large"))?;
        let mut sealed = self.encrypt_padded(BlobKind::Message, padded, log)?;
        sealed.numbering = (sequence, previous);
        self.chains.record_own(sequence, &sealed.envelope);
        Ok(sealed)
    }

    /// Encrypts a message again in the current epoch, if it is unknown whether it arrived. The number stays, so a
    /// member who has read it drops it. Only the log id in the authenticated data is new.
    ///
    /// # Errors
    ///
    /// [`GroupError`] if the random source fails.
    pub fn seal_again(&mut self, sealed: &Sealed, log: &LogTranscript) -> Result<Sealed, GroupError> {
        let again = self.encrypt_padded(BlobKind::Message, sealed.envelope.clone(), log)?;
        Ok(Sealed { numbering: sealed.numbering, ..again })
    }

    /// Frees the numbers of our last `messages`, from `first` on, none of which was ever published. They have to be
    /// encrypted again in order. Does nothing if other messages were encrypted in the meantime.
    pub fn take_back(&mut self, first: &Sealed, messages: u64) {
        let (sequence, previous) = first.numbering;
        if self.chains.next_own().0 == sequence + messages {
            self.chains.rewind_own(sequence, previous);
        }
    }

    /// Encrypts a signal, which is outside the log, has no number and may be lost.
    ///
    /// # Errors
    ///
    /// [`GroupError::Misuse`] if the body has more than [`crate::BODY_BYTES`].
    pub fn encrypt_signal(&mut self, body: &[u8], log: &LogTranscript) -> Result<Sealed, GroupError> {
        let envelope = Envelope {
            sequence: 0,
            previous: Default::default(),
            view: log.view(),
            body: Zeroizing::new(body.to_vec()),
        };
        let padded = envelope.to_padded().ok_or(GroupError::Misuse("the body is too large"))?;
        self.encrypt_padded(BlobKind::Signal, padded, log)
    }

    /// Decrypts a message of the log that is claimed to be of `epoch`.
    ///
    /// # Errors
    ///
    /// [`GroupError::OwnMessage`] for our own, [`GroupError::Epoch`] for a forgotten or future epoch. Other errors for
    /// what is forged, altered, repeated, or sent by somebody who is no longer a member.
    pub fn decrypt(&mut self, epoch: u64, blob: &[u8]) -> Result<Received, GroupError> {
        self.decrypt_kind(BlobKind::Message, epoch, blob)
    }

    /// Decrypts a signal.
    ///
    /// # Errors
    ///
    /// Those of [`Group::decrypt`].
    pub fn decrypt_signal(&mut self, epoch: u64, blob: &[u8]) -> Result<Received, GroupError> {
        self.decrypt_kind(BlobKind::Signal, epoch, blob)
    }

    fn encrypt_padded(
        &mut self,
        kind: BlobKind,
        envelope: Zeroizing<Vec<u8>>,
        log: &LogTranscript,
    ) -> Result<Sealed, GroupError> {
        let message = self.mls.encrypt_application_message(&envelope, log.id().to_vec())?.to_bytes()?;
        self.reading.own_key_used();
        let epoch = self.epoch();
        let blob = self.keys.seal(kind, epoch, &message, &self.entropy)?;
        Ok(Sealed { epoch, blob, numbering: Numbering::default(), envelope })
    }

    fn decrypt_kind(&mut self, kind: BlobKind, epoch: u64, blob: &[u8]) -> Result<Received, GroupError> {
        // The epoch is what the relay says: only the seal shows that a member made it in that epoch.
        let opened = self.keys_of(epoch).open(kind, epoch, blob)?;
        let Some(seating) = self.seating.iter_mut().find(|seating| seating.epoch == epoch) else {
            return Err(GroupError::Epoch { theirs: epoch, ours: self.epoch() });
        };
        let message = MlsMessage::from_bytes(&opened)?;
        check_label(&message, self.mls.group_id(), epoch, ContentType::Application)?;
        let received = self.reading.read(&self.mls, message.clone())?;
        let id = MessageKeyId {
            leaf: received.sender_index,
            generation: received.unauthenticated_key_generation.ok_or(Violation::Label)?,
        };
        let sender = *seating.members.get(&id.leaf).ok_or(Violation::Credential)?;
        let is_late = epoch != self.mls.current_epoch();
        if is_late && !seating.ratchets.has_room_for(id) {
            // MLS forgets single keys of the current epoch alone.
            self.reading.forget();
            return Err(Violation::Skips.into());
        }
        self.mls.process_incoming_message(message)?;
        seating.ratchets.read(id);
        if !is_late {
            for key in seating.ratchets.forget_beyond_bounds(id.leaf) {
                self.reading.forget_key(key);
                forget_key(&mut self.mls, key);
            }
        }
        let is_member = |key| self.seating.back().is_some_and(|now| now.members.values().any(|m| m == key));
        if !is_member(&sender) {
            return Err(GroupError::Epoch { theirs: epoch, ours: self.epoch() });
        }
        let envelope = Envelope::from_padded(received.data())?;
        let log = received.authenticated_data.as_slice().try_into().map_err(|_| Violation::Envelope)?;
        let continuity = match kind {
            BlobKind::Signal => Continuity::Next,
            BlobKind::Message | BlobKind::Commit | BlobKind::GroupInformation => {
                self.chains.record(sender, envelope.sequence, envelope.previous, received.data())
            }
        };
        Ok(Received { sender, continuity, view: envelope.view, log, body: envelope.body })
    }
}
