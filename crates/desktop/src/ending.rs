//! The system asks the program to end: the person leaves the circles as if they had closed the window.

use shepot_app::OutsideMsg;

use crate::program::on_window;

/// Waits for the system's signal, and tells the program with this number.
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

/// Elsewhere the system tells the window.
#[cfg(not(unix))]
pub(crate) async fn watch(number: u32) {
    if tokio::signal::ctrl_c().await.is_ok() {
        on_window(number, |program| program.send(OutsideMsg::Ending));
    }
}
