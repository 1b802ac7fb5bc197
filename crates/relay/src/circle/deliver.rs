//! From the log to the readers: publications, signals, and what a connection reads when it looks.
//!
//! Must never: keep anything per reader except numbers and the few answers that wait for it.

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;
use shepot_protocol::message::{Entry, Final, Gap, Publish, Published, RefusalCause, Signal, Standing};
use shepot_protocol::{RelayToClient, Seat};

use super::group::Group;
use super::room::{Participant, Room, Waiting};
use super::rules::ANSWER_OVERHEAD_BYTES;
use crate::id::ConnectionId;
use crate::log::{Authorship, LogEntry, Read};

/// What a connection got when it read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulled {
    /// There is more to read at once.
    pub more: bool,
    /// When the oldest of the entries that were read was appended.
    pub oldest: Option<Instant>,
    /// The connection is not in the circle: it never was, or is not any more.
    pub is_over: bool,
}

/// The next frame for a reader.
enum Next {
    /// A frame that is kept and paid for anyway.
    Kept(Bytes),
    /// A frame that was made for this reader.
    Made(Bytes),
}

impl<H: Clone> Group<H> {
    /// Handles a member's publication.
    pub(super) fn publish(
        &mut self,
        room: &mut Room<H>,
        now: Instant,
        connection: ConnectionId,
        publish: Publish,
    ) -> Result<(), RefusalCause> {
        let (author, cursor) = room
            .participants
            .get(&connection)
            .filter(|participant| participant.standing == Standing::Seated)
            .map(|participant| (participant.seat, participant.cursor))
            .ok_or(RefusalCause::NotSeated)?;
        let Publish { publish_id, epoch, blob, .. } = publish;
        if epoch > self.epoch {
            // Nobody has keys of an epoch that has not begun.
            return Err(RefusalCause::Unexpected);
        }
        if blob.len() > room.rules.blob_bytes {
            return Err(RefusalCause::TooLarge);
        }
        if let Some(sequence) = self.log.published(&publish_id) {
            if sequence >= cursor {
                // The author is told in the entry's place, when it has read what stands before.
                return Ok(());
            }
            let published = Published { circle: room.circle, publish_id, sequence };
            room.tell(connection, 0, &RelayToClient::Published(published));
            return Ok(());
        }
        let account = room.memory_of(connection).ok_or(RefusalCause::NotSeated)?;
        let frame = self.frame_of(room, Entry::Message { epoch, blob }).ok_or(RefusalCause::TooLarge)?;
        let frame = self.log.pay(now, &account, frame).ok_or(RefusalCause::MemoryFull)?;
        self.append(room, now, frame, Authorship::Message { author, publish_id }, account);
        Ok(())
    }

    /// Handles a member's signal.
    pub(super) fn signal(
        &mut self,
        room: &mut Room<H>,
        now: Instant,
        connection: ConnectionId,
        signal: Signal,
    ) -> Result<(), RefusalCause> {
        if !room.is_seated(connection) {
            return Err(RefusalCause::NotSeated);
        }
        if signal.blob.len() > room.rules.blob_bytes {
            return Err(RefusalCause::TooLarge);
        }
        let account = room.memory_of(connection).ok_or(RefusalCause::NotSeated)?;
        let frame = RelayToClient::Signal(signal).to_frame().map_err(|_| RefusalCause::TooLarge)?;
        // It is worth nothing later: where there is no memory for it now, there is none.
        if let Some(frame) = account.frame(frame, ANSWER_OVERHEAD_BYTES) {
            self.signals.push(now, connection, frame);
            self.wake_readers(room);
        }
        Ok(())
    }

    /// The next frame for a seated connection. `None`: there is none yet, and the connection sleeps until it is woken.
    fn next_frame(&self, room: &mut Room<H>, connection: ConnectionId) -> Option<Next> {
        let participant = room.participants.get_mut(&connection)?;
        if let Some(frame) = due_answer(participant) {
            return Some(Next::Kept(frame));
        }
        let cursor = participant.cursor;
        match self.log.read(cursor) {
            Read::Entry(entry) => {
                let seat = participant.seat;
                participant.cursor += 1;
                Some(self.frame_for(room, seat, cursor, entry))
            }
            Read::Gone { first } => {
                participant.cursor = first;
                let gap = Gap { circle: room.circle, from: cursor, to: first - 1 };
                RelayToClient::Gap(gap).to_frame().ok().map(Next::Made)
            }
            Read::End => {
                self.signals.read(&mut participant.signal_cursor, connection).cloned().map(Next::Kept)
            }
        }
    }

    /// An entry in the form in which this reader gets it: its own are answered by `Published` or `Final`.
    fn frame_for(&self, room: &Room<H>, reader: Seat, sequence: u64, entry: &LogEntry) -> Next {
        let own = match entry.authorship {
            Authorship::Message { author, publish_id } if author == reader => {
                RelayToClient::Published(Published { circle: room.circle, publish_id, sequence })
            }
            Authorship::Commit { author, commit, epoch } if author == reader => {
                let mut present = self.present_at(room, sequence);
                present.insert(reader);
                RelayToClient::Final(Final {
                    circle: room.circle,
                    commit,
                    sequence,
                    epoch,
                    log_id: self.log_id,
                    present: present.into_iter().collect(),
                })
            }
            Authorship::Message { .. } | Authorship::Commit { .. } | Authorship::Presence => {
                return Next::Kept(entry.frame.clone());
            }
        };
        own.to_frame().map_or_else(|_| Next::Kept(entry.frame.clone()), Next::Made)
    }

    /// Frames for a seated connection, until there are `bytes` of them (the last may exceed that) or nothing is left.
    pub(super) fn pull(
        &mut self,
        room: &mut Room<H>,
        connection: ConnectionId,
        bytes: usize,
        frames: &mut Vec<Bytes>,
    ) -> Pulled {
        let (mut pulled, mut taken) = (Pulled::default(), 0);
        while taken < bytes {
            taken += self.pull_entries(room, connection, bytes - taken, frames, &mut pulled.oldest);
            if taken >= bytes {
                break;
            }
            let Some(Next::Kept(frame) | Next::Made(frame)) = self.next_frame(room, connection) else {
                self.sleep(room, connection);
                return pulled;
            };
            taken += frame.len();
            frames.push(frame);
        }
        pulled.more = true;
        pulled
    }

    /// Takes the next entries of others as they are in the log, which is nearly everything that is ever read. Returns
    /// the number of bytes.
    fn pull_entries(
        &self,
        room: &mut Room<H>,
        connection: ConnectionId,
        bytes: usize,
        frames: &mut Vec<Bytes>,
        oldest: &mut Option<Instant>,
    ) -> usize {
        let Some(participant) = room.participants.get_mut(&connection) else { return 0 };
        let next_answer = participant.waiting.front().map_or(u64::MAX, |waiting| waiting.at);
        let mut taken = 0;
        while taken < bytes && participant.cursor < next_answer {
            match self.log.read(participant.cursor) {
                Read::Entry(entry) if entry.author() != Some(participant.seat) => {
                    participant.cursor += 1;
                    oldest.get_or_insert(entry.at());
                    taken += entry.frame.len();
                    frames.push(entry.frame.clone());
                }
                Read::Entry(_) | Read::Gone { .. } | Read::End => return taken,
            }
        }
        taken
    }

    /// Turns everything that a reader has not read into answers, which it can read even without the log. False: there
    /// would be too many answers, or there is no memory for them.
    pub(super) fn hand_over_the_rest(&self, room: &mut Room<H>, connection: ConnectionId) -> bool {
        let Some(participant) = room.participants.get(&connection) else { return false };
        let behind = usize::try_from(self.log.next().saturating_sub(participant.cursor));
        if behind.is_ok_and(|behind| participant.waiting.len() + behind < room.rules.waiting_answers) {
            let mut frames = Vec::new();
            while room.participants.get(&connection).is_some_and(|reader| reader.cursor < self.log.next()) {
                let Some(next) = self.next_frame(room, connection) else { break };
                let memory = room.memory_of(connection);
                let frame = match next {
                    Next::Kept(frame) => Some(frame),
                    Next::Made(frame) => memory.and_then(|memory| memory.frame(frame, ANSWER_OVERHEAD_BYTES)),
                };
                let Some(frame) = frame else { return false };
                frames.push(frame);
            }
            let Some(participant) = room.participants.get_mut(&connection) else { return false };
            let told_last = std::mem::take(&mut participant.waiting);
            let read = frames.into_iter().map(|frame| Waiting { at: 0, frame, about: None });
            participant.waiting = read.chain(told_last).collect();
            return true;
        }
        false
    }

    fn sleep(&mut self, room: &mut Room<H>, connection: ConnectionId) {
        if self.sleepers.len() > 2 * self.seated {
            // Half of them at least are gone already: connections that were replaced before anything was said.
            self.wake_readers(room);
        }
        let generation = self.generation;
        if let Some(participant) = room.participants.get_mut(&connection)
            && participant.slept != generation
        {
            participant.slept = generation;
            self.sleepers.push(participant.handle.clone());
        }
    }
}

/// The first waiting answer, if everything before it was read.
pub(super) fn due_answer<H>(participant: &mut Participant<H>) -> Option<Bytes> {
    let cursor = participant.cursor;
    let waiting = participant.waiting.pop_front_if(|waiting| waiting.at <= cursor)?;
    if participant.waiting.is_empty() {
        // An idle connection keeps no memory.
        participant.waiting = VecDeque::new();
    }
    Some(waiting.frame)
}
