//! The names of the sentences (in l10n) for what the relay and the system report, for commands and the dashboard.

use shepot_relay::Attempt;
use shepot_relay::operator::EndCause;

use crate::lockdown::Confinement;

/// The sentence for why an attempt was refused.
pub(crate) const fn attempt(attempt: Attempt) -> &'static str {
    match attempt {
        Attempt::NotOurProtocol => "top-cause-not_our_protocol",
        Attempt::WrongProof => "top-cause-wrong_proof",
        Attempt::TooLate => "top-cause-too_late",
        Attempt::Gone => "top-cause-gone",
        Attempt::Version => "top-cause-version",
        Attempt::NoRoom => "top-cause-no_room",
        Attempt::CrowdedOut => "top-cause-crowded_out",
        Attempt::Banned => "top-cause-banned",
        Attempt::Expired => "top-cause-expired",
        Attempt::UsedUp => "top-cause-used_up",
        Attempt::Paused => "top-cause-paused",
    }
}

/// The sentence for why a connection ended. `None`: it simply went away, which needs no word.
pub(crate) const fn end(cause: EndCause) -> Option<&'static str> {
    Some(match cause {
        EndCause::Gone => return None,
        EndCause::Broken => "top-end-broken",
        EndCause::TooLarge => "top-end-too_large",
        EndCause::TooFast => "top-end-too_fast",
        EndCause::TooSlow => "top-end-too_slow",
        EndCause::MemoryFull => "top-end-memory_full",
        EndCause::Malformed => "top-end-malformed",
        EndCause::Crowded => "top-end-crowded",
        EndCause::ShuttingDown => "top-end-shutting_down",
        EndCause::DisconnectedByOperator => "top-end-disconnected_by_operator",
        EndCause::Banned => "top-end-banned",
        EndCause::Replaced => "top-end-replaced",
        EndCause::Silent => "top-end-silent",
        EndCause::Revoked => "top-end-revoked",
    })
}

/// The sentence for how far the process is confined.
pub(crate) const fn confinement(confinement: Confinement) -> &'static str {
    match confinement {
        Confinement::Full => "operator-confined-full",
        Confinement::Partial => "operator-confined-partial",
        Confinement::None => "operator-confined-none",
        Confinement::Failed => "operator-confined-failed",
    }
}
