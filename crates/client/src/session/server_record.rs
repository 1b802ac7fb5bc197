//! What the relay's operator can see of us: asked of the relay itself, shown to the person as it says.

use shepot_protocol::ClientToRelay;
use shepot_protocol::message::Record;
use shepot_sanitise as sanitise;

use super::{Session, SessionEvent};
use crate::limits::RECORD_CHARACTERS;
use crate::model::{CommandError, ServerRecord};

impl Session {
    pub(crate) fn ask_for_record(&mut self) -> Result<(), CommandError> {
        if self.limits.is_none() {
            return Err(CommandError::NotConnected);
        }
        self.record_asked_for = true;
        self.send(ClientToRelay::ShowRecord);
        Ok(())
    }

    pub(super) fn told_record(&mut self, record: &Record) {
        // A relay that tells it unasked would open dialogs as it likes.
        if !std::mem::take(&mut self.record_asked_for) {
            return;
        }
        // What a relay writes is as little trusted as what people write.
        let clean = |text: &str| sanitise::line(text, RECORD_CHARACTERS).unwrap_or_default();
        self.tell(SessionEvent::Record(ServerRecord {
            connection: record.connection,
            address: clean(&record.address),
            connected: record.connected,
            silent: record.silent,
            circles: record.circles,
            seats: record.seats,
            bytes_in: record.bytes_in,
            bytes_out: record.bytes_out,
            access_label: clean(&record.access_label),
            refused_attempts: record.refused_attempts,
        }));
    }
}
