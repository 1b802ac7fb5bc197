//! Whatever a client sends is a message or an error; a message survives the way back.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use shepot_protocol::ClientToRelay;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = ClientToRelay::decode(Bytes::copy_from_slice(bytes)) {
        let frame = message.to_frame().expect("what fitted a frame fits one again");
        assert_eq!(ClientToRelay::decode(frame.slice(4..)).as_ref(), Ok(&message));
    }
});
