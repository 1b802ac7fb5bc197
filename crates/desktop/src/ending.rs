//! The system's wish that the program ends: everybody is told that the person leaves, as by closing the window.

use shepot_app::OutsideMsg;

use crate::program::on_window;

/// Waits for it, and tells the program of this number.
#[cfg(unix)]
pub(crate) async fn watch(number: u32) {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()].map(signal);
    let [Ok(mut terminate), Ok(mut interrupt), Ok(mut hangup)] = signals else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        _ = hangup.recv() => {}
    }
    on_window(number, |program| program.send(OutsideMsg::Ending));
}

/// There it is said to the window.
#[cfg(not(unix))]
pub(crate) async fn watch(number: u32) {
    if tokio::signal::ctrl_c().await.is_ok() {
        on_window(number, |program| program.send(OutsideMsg::Ending));
    }
}
