//! What the local log has of a session: that it began, was lost, ended; that the program was locked.
//!
//! Must never: log anything but fixed texts, the number of a server in this process and the name of an error.
//! `shepot_logs` writes nothing else anyway.

use shepot_client::Event;
use shepot_client::model::ConnectionState;

/// Logs an event of the engine, if it is one that the log has.
pub(crate) fn note(event: &Event) {
    if let Event::State { server, state } = event {
        note_state(u64::from(server.0), state);
    }
    if let Event::ConnectionError { server, error } = event {
        // Its name in JSON, `unreachable`: never what it holds.
        let name = serde_json::to_value(error).ok();
        let cause = name.as_ref().and_then(|name| name["error"].as_str()).unwrap_or_default();
        tracing::warn!(server = u64::from(server.0), cause, "problem");
    }
}

fn note_state(server: u64, state: &ConnectionState) {
    match state {
        ConnectionState::Connected => tracing::info!(server, "connected"),
        ConnectionState::Reconnecting { .. } => tracing::info!(server, "connection lost"),
        ConnectionState::Disconnected => tracing::info!(server, "disconnected"),
        ConnectionState::Ended => tracing::info!(server, "ended"),
        ConnectionState::Connecting | ConnectionState::Waiting => {}
    }
}

/// Logs that nothing is shown any more.
pub(crate) fn note_locked() {
    tracing::info!("locked");
}

/// Logs that the passphrase opened it.
pub(crate) fn note_unlocked() {
    tracing::info!("unlocked");
}
