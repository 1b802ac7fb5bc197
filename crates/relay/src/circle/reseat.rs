//! The claims on a circle that this relay does not know: it was restarted, and members come back with their state.

use std::time::Instant;

use shepot_protocol::VerificationKey;

use crate::id::ConnectionId;

/// The state of a member, as it claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Claim {
    pub epoch: u64,
    pub key: VerificationKey,
}

/// The claims that arrive until the window closes.
#[derive(Debug)]
pub(super) struct Claims {
    pub until: Instant,
    claims: Vec<(ConnectionId, Claim)>,
}

impl Claims {
    pub(super) const fn new(until: Instant) -> Self {
        Self { until, claims: Vec::new() }
    }

    pub(super) fn add(&mut self, connection: ConnectionId, claim: Claim) {
        self.claims.push((connection, claim));
    }

    pub(super) fn withdraw(&mut self, connection: ConnectionId) {
        self.claims.retain(|(claimant, _)| *claimant != connection);
    }

    /// The claim that most connections share, because somebody who invents an epoch is alone with it. Of equals the one
    /// with the highest epoch, then the one with the smallest key.
    pub(super) fn winner(&self) -> Option<Claim> {
        let shared = |claim: &Claim| self.claims.iter().filter(|(_, other)| other == claim).count();
        self.claims
            .iter()
            .map(|(_, claim)| *claim)
            .max_by_key(|claim| (shared(claim), claim.epoch, std::cmp::Reverse(claim.key)))
    }

    /// The connections that share a claim, in the order of arrival.
    pub(super) fn sharing(&self, claim: Claim) -> Vec<ConnectionId> {
        self.claims.iter().filter(|(_, other)| *other == claim).map(|(connection, _)| *connection).collect()
    }
}
