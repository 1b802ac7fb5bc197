//! What is said, and what each connection reads of it.

use super::*;

impl Model {
    pub(super) fn log_presence(&mut self, now: Instant, seat: Seat, change: PresenceChange) {
        let log = self.rules.log;
        self.group().append(now, &log, Entry::Presence { seat, change }, None, Own::Nothing);
    }

    pub(in crate::circle::tests) fn publish(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        publish: Publish,
    ) -> Outcome {
        if !self.is_seated(connection) {
            return Err(RefusalCause::NotSeated);
        }
        if publish.epoch > self.epoch() {
            return Err(RefusalCause::NotSeated);
        }
        if publish.blob.len() > self.rules.blob_bytes {
            return Err(RefusalCause::TooLarge);
        }
        let Person { seat, cursor, .. } = self.people[&connection];
        let Publish { publish_id, epoch, blob, .. } = publish;
        if let Some(sequence) = self.group().published(&publish_id) {
            if sequence < cursor {
                let published = Published { circle: CIRCLE, publish_id, sequence };
                self.tell(connection, 0, RelayToClient::Published(published));
            }
            return Ok(());
        }
        let log = self.rules.log;
        let entry = Entry::Message { epoch, blob };
        self.group().append(now, &log, entry, Some(seat), Own::Published(publish_id));
        Ok(())
    }

    pub(in crate::circle::tests) fn signal(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        signal: Signal,
    ) -> Outcome {
        if !self.is_seated(connection) {
            return Err(RefusalCause::NotSeated);
        }
        if signal.blob.len() > self.rules.blob_bytes {
            return Err(RefusalCause::TooLarge);
        }
        let group = self.group();
        while group.signals.get(group.signals_gone).is_some_and(|(at, _, _)| now - *at >= SIGNAL_AGE) {
            group.signals_gone += 1;
        }
        group.signals.push((now, connection, signal));
        group.signals_gone = group.signals_gone.max(group.signals.len().saturating_sub(SIGNALS_KEPT));
        Ok(())
    }

    /// Everything that a look yields, in order, and whether there may be more.
    pub(in crate::circle::tests) fn look(
        &mut self,
        connection: ConnectionId,
        bytes: usize,
    ) -> (Vec<RelayToClient>, bool) {
        let (mut read, mut taken) = (Vec::new(), 0);
        while taken < bytes {
            let Some(message) = self.read_next(connection) else { return (read, false) };
            taken += length(&message);
            read.push(message);
        }
        (read, self.people.contains_key(&connection))
    }

    /// Whether a look would yield something.
    pub(in crate::circle::tests) fn has_something_for(&self, connection: ConnectionId) -> bool {
        let Some(person) = self.people.get(&connection) else { return false };
        if person.said.front().is_some_and(|said| said.behind <= person.cursor) {
            return true;
        }
        let Some(group) = self.grouped().filter(|_| person.standing == Standing::Seated) else {
            return false;
        };
        let unread = &group.signals[person.signal_cursor.max(group.signals_gone)..];
        person.cursor < group.next() || unread.iter().any(|(_, author, _)| *author != connection)
    }

    pub(super) fn read_next(&mut self, connection: ConnectionId) -> Option<RelayToClient> {
        let person = self.people.get_mut(&connection)?;
        if person.said.front().is_some_and(|said| said.behind <= person.cursor) {
            return person.said.pop_front().map(|said| said.message);
        }
        let group = match &self.stage {
            Stage::Grouped(group) if person.standing == Standing::Seated => group,
            Stage::Empty | Stage::Founding { .. } | Stage::Reseating { .. } | Stage::Grouped(_) => {
                return None;
            }
        };
        let at = person.cursor;
        if at < group.first() {
            person.cursor = group.first();
            return Some(RelayToClient::Gap(Gap { circle: CIRCLE, from: at, to: group.first() - 1 }));
        }
        if at < group.next() {
            person.cursor += 1;
            return Some(Self::entry_for(group, person.seat, at));
        }
        person.signal_cursor = person.signal_cursor.max(group.signals_gone);
        while let Some((_, author, signal)) = group.signals.get(person.signal_cursor) {
            person.signal_cursor += 1;
            if *author != connection {
                return Some(RelayToClient::Signal(signal.clone()));
            }
        }
        None
    }

    pub(super) fn entry_for(group: &Grouped, reader: Seat, sequence: u64) -> RelayToClient {
        let logged = group.logged(sequence);
        match logged.own.clone() {
            Own::Published(publish_id) if logged.author == Some(reader) => {
                RelayToClient::Published(Published { circle: CIRCLE, publish_id, sequence })
            }
            Own::Final { commit, epoch } if logged.author == Some(reader) => {
                let mut present = group.present_at(sequence);
                present.insert(reader);
                let (log_id, present) = (group.log_id, present.into_iter().collect());
                RelayToClient::Final(Final { circle: CIRCLE, commit, sequence, epoch, log_id, present })
            }
            Own::Published(_) | Own::Final { .. } | Own::Nothing => group.delivery(sequence),
        }
    }
}
