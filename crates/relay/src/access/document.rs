//! docs/PROTOCOL.md against the code: what a relay is known by, and what it gives a client to come back with.

#[path = "../../../protocol/tests/document/mod.rs"]
mod written;

use shepot_protocol::id::AccessKeyId;
use written::Vectors;
use zeroize::Zeroizing;

use super::Tickets;
use crate::identity::Identity;

/// An Ed25519 key in PKCS#8 (RFC 8410, section 7), without its seed.
const PKCS8: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

#[test]
fn pins_and_tickets() {
    let vectors = Vectors::read();
    let identity = Identity::from_pkcs8(Zeroizing::new([&PKCS8[..], &[6; 32]].concat())).unwrap();
    vectors.check("relay_pin", identity.pin().0);
    let id = AccessKeyId(vectors.array("access_key_id"));
    vectors.check("return_ticket", Tickets::new(&identity).give(id, 1_700_000_000).0);
}
