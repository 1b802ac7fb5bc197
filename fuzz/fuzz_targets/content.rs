//! Whatever a member says is a content or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| shepot_client::fuzzing::content(bytes));
