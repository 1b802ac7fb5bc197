//! Whatever is inside the encryption is an envelope or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    shepot_group::fuzzing::envelope(bytes);
});
