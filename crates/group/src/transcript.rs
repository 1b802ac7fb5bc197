//! A running hash over the log as this member received it. Every message carries its sender's hash. If two differ at
//! the same position, the relay showed the two members different logs (docs/PROTOCOL.md, section 9.6).

use std::collections::VecDeque;

use sha2::{Digest as _, Sha256};

/// How many positions are remembered for comparison: as many entries as a relay keeps by default.
pub const REMEMBERED_POSITIONS: usize = 4096;

/// A hash of the log up to a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The id of the log.
    pub(crate) log: [u8; 16],
    /// The last entry that the hash includes. 0: none.
    pub(crate) position: u64,
    /// The hash. Zeros if the sender has none.
    pub(crate) hash: [u8; 16],
}

impl View {
    /// The last entry that the member had read.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position
    }

    pub(crate) const BYTES: usize = 40;

    pub(crate) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let parts = self.log.into_iter().chain(self.position.to_be_bytes()).chain(self.hash);
        bytes.iter_mut().zip(parts).for_each(|(out, byte)| *out = byte);
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let mut view = Self { log: [0; 16], position: 0, hash: [0; 16] };
        let mut position = [0; 8];
        let out = view.log.iter_mut().chain(&mut position).chain(&mut view.hash);
        out.zip(bytes).for_each(|(out, byte)| *out = *byte);
        view.position = u64::from_be_bytes(position);
        view
    }

    fn is_known(&self) -> bool {
        self.hash != [0; 16]
    }
}

/// The result of a comparison with another member's view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Both saw the same log up to that position.
    Same,
    /// They cannot be compared: one began later, missed entries, or wrote in the log before a restart of the relay.
    Unknown,
    /// The relay showed them different logs.
    Different,
}

/// The kind of a log entry, for the hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum EntryKind {
    /// A message.
    Message = 1,
    /// A commit.
    Commit = 2,
    /// A presence change.
    Presence = 3,
}

/// The log as this member received it.
#[derive(Clone, Debug)]
pub struct LogTranscript {
    log: [u8; 16],
    position: u64,
    /// The hash. `None` until a member's view is adopted, if the beginning of the log is unknown.
    hash: Option<[u8; 16]>,
    /// The hashes at the last positions, up to `position`.
    known: VecDeque<(u64, [u8; 16])>,
    /// The digests of entries that were received while there was no hash to extend.
    unanchored: VecDeque<(u64, [u8; 32])>,
}

impl LogTranscript {
    /// A log that is read from its beginning.
    #[must_use]
    pub fn from_start(log_id: &[u8; 16]) -> Self {
        let mut transcript = Self::from_middle(log_id, 0);
        let first = truncated(Sha256::new().chain_update(b"shepot log v1").chain_update(log_id));
        transcript.anchor_at(0, first);
        transcript
    }

    /// A log that is read from behind `position` on.
    #[must_use]
    pub fn from_middle(log_id: &[u8; 16], position: u64) -> Self {
        Self { log: *log_id, position, hash: None, known: VecDeque::new(), unanchored: VecDeque::new() }
    }

    /// The id of the log.
    #[must_use]
    pub const fn id(&self) -> &[u8; 16] {
        &self.log
    }

    /// The number of the last recorded entry.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Adds an entry. If its number is not the next, there is no hash until a member's view is adopted.
    pub fn record(&mut self, sequence: u64, kind: EntryKind, epoch_or_seat: u64, payload: &[u8]) {
        if sequence != self.position.wrapping_add(1) {
            // Entries are missing: what comes from here on stands on its own until a member's view is adopted.
            self.hash = None;
            self.unanchored.clear();
        }
        self.position = sequence;
        let digest: [u8; 32] = Sha256::new()
            .chain_update(sequence.to_be_bytes())
            .chain_update([kind as u8])
            .chain_update(epoch_or_seat.to_be_bytes())
            .chain_update(payload)
            .finalize()
            .into();
        match self.hash {
            Some(hash) => self.anchor_at(sequence, extended(&hash, &digest)),
            None => {
                self.unanchored.push_back((sequence, digest));
                if self.unanchored.len() > REMEMBERED_POSITIONS {
                    self.unanchored.pop_front();
                }
            }
        }
    }

    /// This member's view, for its next message.
    #[must_use]
    pub fn view(&self) -> View {
        View { log: self.log, position: self.position, hash: self.hash.unwrap_or_default() }
    }

    /// Compares with the view in a member's message, which must be the next entry. Adopts it if there is no hash yet.
    pub fn compare(&mut self, theirs: &View) -> Agreement {
        if theirs.log != self.log {
            return Agreement::Unknown;
        }
        if theirs.position > self.position {
            // It had read more entries before it spoke than there are before its message here.
            return Agreement::Different;
        }
        if !theirs.is_known() {
            return Agreement::Unknown;
        }
        if self.hash.is_none() {
            self.adopt(theirs);
            return Agreement::Unknown;
        }
        match self.known.iter().rev().find(|(position, _)| *position == theirs.position) {
            Some((_, hash)) if *hash == theirs.hash => Agreement::Same,
            Some(_) => Agreement::Different,
            None => Agreement::Unknown,
        }
    }

    fn adopt(&mut self, theirs: &View) {
        let oldest = self.unanchored.front().map_or(self.position, |(sequence, _)| sequence - 1);
        if theirs.position < oldest || theirs.position > self.position {
            return;
        }
        let later = std::mem::take(&mut self.unanchored);
        self.known.clear();
        self.anchor_at(theirs.position, theirs.hash);
        for (sequence, digest) in later.into_iter().filter(|(sequence, _)| *sequence > theirs.position) {
            let hash = extended(&self.hash.unwrap_or_default(), &digest);
            self.anchor_at(sequence, hash);
        }
    }

    fn anchor_at(&mut self, position: u64, hash: [u8; 16]) {
        self.hash = Some(hash);
        self.known.push_back((position, hash));
        if self.known.len() > REMEMBERED_POSITIONS {
            self.known.pop_front();
        }
    }
}

fn extended(hash: &[u8; 16], digest: &[u8; 32]) -> [u8; 16] {
    truncated(Sha256::new().chain_update(hash).chain_update(digest))
}

fn truncated(hasher: Sha256) -> [u8; 16] {
    let digest: [u8; 32] = hasher.finalize().into();
    let mut hash = [0; 16];
    hash.iter_mut().zip(digest).for_each(|(out, byte)| *out = byte);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: [u8; 16] = [9; 16];

    fn record(transcript: &mut LogTranscript, range: std::ops::RangeInclusive<u64>) {
        for sequence in range {
            transcript.record(sequence, EntryKind::Message, 0, &sequence.to_be_bytes());
        }
    }

    #[test]
    fn same_logs_agree_at_every_position() {
        let (mut a, mut b) = (LogTranscript::from_start(&LOG), LogTranscript::from_start(&LOG));
        record(&mut a, 1..=5);
        let early = a.view();
        record(&mut a, 6..=9);
        record(&mut b, 1..=9);
        assert_eq!(b.compare(&early), Agreement::Same);
        assert_eq!(b.compare(&a.view()), Agreement::Same);
    }

    #[test]
    fn an_entry_altered_reordered_or_of_another_kind_shows() {
        let mut honest = LogTranscript::from_start(&LOG);
        record(&mut honest, 1..=3);
        let mut altered = LogTranscript::from_start(&LOG);
        record(&mut altered, 1..=2);
        altered.record(3, EntryKind::Message, 0, b"other");
        assert_eq!(honest.compare(&altered.view()), Agreement::Different);
        let mut relabelled = LogTranscript::from_start(&LOG);
        record(&mut relabelled, 1..=2);
        relabelled.record(3, EntryKind::Commit, 0, &3_u64.to_be_bytes());
        assert_eq!(honest.compare(&relabelled.view()), Agreement::Different);
        let mut of_another_epoch = LogTranscript::from_start(&LOG);
        record(&mut of_another_epoch, 1..=2);
        of_another_epoch.record(3, EntryKind::Message, 1, &3_u64.to_be_bytes());
        assert_eq!(honest.compare(&of_another_epoch.view()), Agreement::Different);
    }

    #[test]
    fn so_many_positions_are_remembered_and_no_more() {
        let end = REMEMBERED_POSITIONS as u64 + 9;
        let mut member = LogTranscript::from_start(&LOG);
        record(&mut member, 1..=end);
        assert_eq!(member.known.len(), REMEMBERED_POSITIONS);
        let mut newcomer = LogTranscript::from_middle(&LOG, 4);
        record(&mut newcomer, 5..=end + 4);
        assert_eq!(newcomer.unanchored.len(), REMEMBERED_POSITIONS);
    }

    #[test]
    fn a_newcomer_adopts_a_view_and_then_notices_differences() {
        let mut member = LogTranscript::from_start(&LOG);
        record(&mut member, 1..=6);
        let mut newcomer = LogTranscript::from_middle(&LOG, 4);
        record(&mut newcomer, 5..=8);
        assert_eq!(newcomer.compare(&member.view()), Agreement::Unknown, "nothing to compare with yet");
        record(&mut member, 7..=8);
        assert_eq!(newcomer.view(), member.view());
        record(&mut member, 9..=9);
        newcomer.record(9, EntryKind::Message, 0, b"other");
        assert_eq!(newcomer.compare(&member.view()), Agreement::Different);
    }

    #[test]
    fn missing_entries_unanchor() {
        let mut member = LogTranscript::from_start(&LOG);
        record(&mut member, 1..=9);
        let mut late = LogTranscript::from_start(&LOG);
        record(&mut late, 1..=2);
        record(&mut late, 8..=9);
        assert_eq!(late.compare(&member.view()), Agreement::Unknown);
        assert_eq!(late.view(), member.view(), "adopted at the same position");
    }

    #[test]
    fn views_survive() {
        let mut transcript = LogTranscript::from_start(&LOG);
        record(&mut transcript, 1..=3);
        assert_eq!(View::from_bytes(&transcript.view().to_bytes()), transcript.view());
    }
}
