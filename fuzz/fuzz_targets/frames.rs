//! A stream of bytes is frames, then perhaps an error, and never more memory than arrived.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shepot_protocol::FrameReader;

fuzz_target!(|bytes: &[u8]| {
    let mut reader = FrameReader::new();
    let mut arrived = 0;
    let mut given = 0;
    for chunk in bytes.chunks(7) {
        reader.extend(chunk);
        arrived += chunk.len();
        while let Ok(Some(frame)) = reader.next_frame(4096) {
            given += frame.len() + 4;
        }
        assert!(reader.pending_bytes() + given <= arrived);
    }
});
