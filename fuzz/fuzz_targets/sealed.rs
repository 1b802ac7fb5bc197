//! Whatever somebody with the circle secret seals is refused or understood by a member, and never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| shepot_group::fuzzing::sealed(bytes));
