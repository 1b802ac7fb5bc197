//! Channel bindings: values that both ends of one TLS connection know and no other connection has (RFC 9266). Proofs are
//! made over them, so that none can be shown on another connection.

use rustls::{ConnectionCommon, Error};
use shepot_protocol::transcript::{
    ACCESS_EXPORTER_LABEL, BINDING_BYTES, ChannelBinding, SEAT_EXPORTER_LABEL,
};

/// What an access proof is made over.
///
/// # Errors
///
/// Those of [`ConnectionCommon::export_keying_material`]: before the handshake has ended.
pub fn for_access<Side>(tls: &ConnectionCommon<Side>) -> Result<ChannelBinding, Error> {
    export(tls, ACCESS_EXPORTER_LABEL)
}

/// What a seat proof is made over.
///
/// # Errors
///
/// Those of [`ConnectionCommon::export_keying_material`]: before the handshake has ended.
pub fn for_seat<Side>(tls: &ConnectionCommon<Side>) -> Result<ChannelBinding, Error> {
    export(tls, SEAT_EXPORTER_LABEL)
}

fn export<Side>(tls: &ConnectionCommon<Side>, label: &[u8]) -> Result<ChannelBinding, Error> {
    tls.export_keying_material([0; BINDING_BYTES], label, None).map(ChannelBinding)
}
