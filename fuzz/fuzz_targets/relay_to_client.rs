//! Whatever a relay sends is a message or an error; a message survives the way back.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use shepot_protocol::RelayToClient;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = RelayToClient::decode(Bytes::copy_from_slice(bytes)) {
        let frame = message.to_frame().expect("what fitted a frame fits one again");
        assert_eq!(RelayToClient::decode(frame.slice(4..)).as_ref(), Ok(&message));
    }
});
