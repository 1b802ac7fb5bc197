//! Messages: encrypting our own, decrypting the others'.

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

/// A message for the relay.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The epoch that it is encrypted in.
    pub epoch: u64,
    /// The sealed blob.
    pub blob: Vec<u8>,
    /// Its place in our own chain.
    numbering: Numbering,
    /// What is encrypted in it, with its padding.
    envelope: Zeroizing<Vec<u8>>,
}

impl Sealed {
    /// Bytes of it, with what is encrypted in it.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.blob.len() + self.envelope.len()
    }

    /// Its number among our messages.
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

/// A message of another member.
#[derive(PartialEq, Eq)]
pub struct Received {
    /// The author, by MLS and nothing else.
    pub sender: MemberKey,
    /// Its place among the author's messages; `Next` for signals.
    pub continuity: Continuity,
    /// The author's view of the log.
    pub view: View,
    /// The id of the log that it was encrypted for, by MLS's authenticated data.
    pub log: [u8; 16],
    /// What was said; empty for a heartbeat.
    pub body: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received").field("sender", &self.sender).finish_non_exhaustive()
    }
}

impl Group {
    /// Encrypts a message for the log. It must then be published: the next one refers to it.
    ///
    /// # Errors
    ///
    /// [`GroupError::Misuse`] when the body has more than [`crate::BODY_BYTES`].
    pub fn encrypt(&mut self, body: &[u8], log: &LogTranscript) -> Result<Sealed, GroupError> {
        let (sequence, previous) = self.chains.next_own();
        let envelope = Envelope { sequence, previous, view: log.view(), body: Zeroizing::new(body.to_vec()) };
        let padded = envelope.to_padded().ok_or(GroupError::Misuse("the body is too large"))?;
        let mut sealed = self.encrypt_padded(BlobKind::Message, padded, log)?;
        sealed.numbering = (sequence, previous);
        self.chains.record_own(sequence, &sealed.envelope);
        Ok(sealed)
    }

    /// Encrypts the same message in the current epoch, because it is not known whether it arrived in its own: it keeps
    /// its number, so whoever read it drops it. Only the log that it is for is told anew.
    ///
    /// # Errors
    ///
    /// [`GroupError`] when the random source fails.
    pub fn seal_again(&mut self, sealed: &Sealed, log: &LogTranscript) -> Result<Sealed, GroupError> {
        let again = self.encrypt_padded(BlobKind::Message, sealed.envelope.clone(), log)?;
        Ok(Sealed { numbering: sealed.numbering, ..again })
    }

    /// Takes back the numbers of the last `messages`, of which `first` is the first and none was ever published: they
    /// are to be encrypted again, in order, and get the same numbers. Nothing happens when there are others among them.
    pub fn take_back(&mut self, first: &Sealed, messages: u64) {
        let (sequence, previous) = first.numbering;
        if self.chains.next_own().0 == sequence + messages {
            self.chains.rewind_own(sequence, previous);
        }
    }

    /// Encrypts a signal: outside the log, unnumbered, may be lost.
    ///
    /// # Errors
    ///
    /// [`GroupError::Misuse`] when the body has more than [`crate::BODY_BYTES`].
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

    /// Decrypts a message of the log, said to be of `epoch`.
    ///
    /// # Errors
    ///
    /// [`GroupError::OwnMessage`] for our own; [`GroupError::Epoch`] for one too old or of the future; others for what
    /// is forged, altered, repeated, or by somebody who is no member any more.
    pub fn decrypt(&mut self, epoch: u64, blob: &[u8]) -> Result<Received, GroupError> {
        self.decrypt_kind(BlobKind::Message, epoch, blob)
    }

    /// Decrypts a signal.
    ///
    /// # Errors
    ///
    /// As [`Group::decrypt`].
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
