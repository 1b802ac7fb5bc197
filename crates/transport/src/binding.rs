//! Channel bindings (RFC 9266): values that both ends of one TLS connection know and no other connection has. Proofs
//! cover them, so a proof cannot be replayed on another connection.

use rustls::{ConnectionCommon, Error};
use shepot_protocol::transcript::{
    ACCESS_EXPORTER_LABEL, BINDING_BYTES, ChannelBinding, SEAT_EXPORTER_LABEL,
};

/// The binding that an access proof covers.
///
/// # Errors
///
/// Those of [`ConnectionCommon::export_keying_material`], if the handshake is not complete.
pub fn for_access<Side>(tls: &ConnectionCommon<Side>) -> Result<ChannelBinding, Error> {
    export(tls, ACCESS_EXPORTER_LABEL)
}

/// The binding that a seat proof covers.
///
/// # Errors
///
/// Those of [`ConnectionCommon::export_keying_material`], if the handshake is not complete.
pub fn for_seat<Side>(tls: &ConnectionCommon<Side>) -> Result<ChannelBinding, Error> {
    export(tls, SEAT_EXPORTER_LABEL)
}

fn export<Side>(tls: &ConnectionCommon<Side>, label: &[u8]) -> Result<ChannelBinding, Error> {
    tls.export_keying_material([0; BINDING_BYTES], label, None).map(ChannelBinding)
}
