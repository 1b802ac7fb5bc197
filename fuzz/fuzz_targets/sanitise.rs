//! Text is harmless after cleaning, and cleaning it again changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| shepot_client::fuzzing::sanitise(text));
