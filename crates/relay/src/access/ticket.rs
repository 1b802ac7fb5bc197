//! Return tickets. By one a client comes back after a lost connection without using its invitation up again, even if
//! the invitation has expired in the meantime.
//!
//! A ticket is the time of issue and an authentication code over that and the id of the access key. The code's key is
//! derived from the relay's identity, so tickets stay valid after a restart. They identify nobody.

use aws_lc_rs::hmac;
use shepot_protocol::ReturnTicket;
use shepot_protocol::id::AccessKeyId;

use crate::identity::Identity;

/// How long a ticket is valid, in seconds. Every admission gives a new one.
const GOOD_FOR: u64 = 24 * 60 * 60;

/// Separates the key of tickets from everything else that is derived from the identity.
const KEY_LABEL: &[u8] = b"shepot return ticket v1";

const TIME_BYTES: usize = 8;

#[derive(Debug)]
pub(crate) struct Tickets {
    key: hmac::Key,
}

impl Tickets {
    pub(crate) fn new(identity: &Identity) -> Self {
        let key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, identity.key()), KEY_LABEL);
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()) }
    }

    /// A ticket for a client that came by this key. `now`: seconds since 1970.
    pub(crate) fn give(&self, id: AccessKeyId, now: u64) -> ReturnTicket {
        let time = now.to_be_bytes();
        let mut ticket = [0; ReturnTicket::BYTES];
        let code = hmac::sign(&self.key, &said(id, time));
        for (to, from) in ticket.iter_mut().zip(time.iter().chain(code.as_ref())) {
            *to = *from;
        }
        ReturnTicket(ticket)
    }

    /// Whether this relay gave the ticket for this key, at most [`GOOD_FOR`] ago.
    pub(crate) fn is_good(&self, ticket: &ReturnTicket, id: AccessKeyId, now: u64) -> bool {
        let Some((time, code)) = ticket.0.split_first_chunk::<TIME_BYTES>() else { return false };
        let given_at = u64::from_be_bytes(*time);
        now.saturating_sub(given_at) <= GOOD_FOR && hmac::verify(&self.key, &said(id, *time), code).is_ok()
    }
}

fn said(id: AccessKeyId, time: [u8; TIME_BYTES]) -> [u8; AccessKeyId::BYTES + TIME_BYTES] {
    let mut said = [0; AccessKeyId::BYTES + TIME_BYTES];
    for (to, from) in said.iter_mut().zip(id.0.iter().chain(&time)) {
        *to = *from;
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_good_for_its_key_its_relay_and_a_day() {
        let identity = Identity::generate().unwrap();
        let tickets = Tickets::new(&identity);
        let (mine, other) = (AccessKeyId([1; 8]), AccessKeyId([2; 8]));
        let ticket = tickets.give(mine, 1_000);
        assert!(tickets.is_good(&ticket, mine, 1_000));
        assert!(tickets.is_good(&ticket, mine, 1_000 + GOOD_FOR));
        assert!(!tickets.is_good(&ticket, mine, 1_001 + GOOD_FOR));
        assert!(!tickets.is_good(&ticket, other, 1_000));
        let restarted = Tickets::new(&Identity::from_pkcs8(identity.key().to_vec().into()).unwrap());
        assert!(restarted.is_good(&ticket, mine, 1_000));
        let elsewhere = Tickets::new(&Identity::generate().unwrap());
        assert!(!elsewhere.is_good(&ticket, mine, 1_000));
        for at in 0..ReturnTicket::BYTES {
            let mut changed = ticket;
            changed.0[at] ^= 1;
            assert!(!tickets.is_good(&changed, mine, 1_000), "byte {at}");
        }
    }
}
